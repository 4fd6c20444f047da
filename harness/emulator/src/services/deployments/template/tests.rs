//! Templates as a whole: read, given their parameters, worked out and put in order.

use super::*;
use serde_json::{Value, json};

fn surroundings() -> Surroundings {
    Surroundings {
        subscription: json!({ "id": "/subscriptions/S", "subscriptionId": "S" }),
        group: json!({ "id": "/subscriptions/S/resourceGroups/rg", "name": "rg", "location": "eastus" }),
        tenant: json!({ "tenantId": "T" }),
        deployment: json!({ "name": "d" }),
        now: "20261121T191500Z".to_owned(),
    }
}

fn template(rest: &str) -> Node {
    let text = format!("{{\n\"$schema\": \"s\", \"contentVersion\": \"1.0.0.0\",\n{rest}\n}}");
    Node::read(&text).unwrap()
}

/// The ids in the order of their making, with their bodies.
fn made(rest: &str, given: &Value) -> Result<Vec<(String, Value)>, Failure> {
    let node = template(rest);
    let template = Template::read(&node)?;
    let surroundings = surroundings();
    let mut evaluator = Evaluator::new(&surroundings, template.variables());
    let given = Node::of(given);
    resolve_parameters(template.parameters(), Some(&given), &mut evaluator)?;
    let resources = template.resources(&evaluator, "/subscriptions/S/resourceGroups/rg")?;
    for one in &resources {
        evaluator.set_name(&one.name, &one.id);
    }
    let ordered = order(&resources)?.into_iter();
    ordered
        .map(|at| Ok((resources[at].id.clone(), resources[at].body(&evaluator)?)))
        .collect()
}

fn invalid(rest: &str, given: &Value) -> (String, (usize, usize)) {
    match made(rest, given).unwrap_err() {
        Failure::Invalid { message, place, .. } => (message, (place.line, place.column)),
        other => panic!("{other:?}"),
    }
}

/// A template with one resource whose property `x` is this.
fn with(x: &str) -> String {
    format!(
        "\"resources\": [\n{{\"type\": \"A.B/c\", \"name\": \"n\", \"apiVersion\": \"1\", \
         \"properties\": {{\n  \"x\": {x}}}}}]"
    )
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let parameters =
        "\"parameters\": {\n    \"extra\": {\n \"type\": \"string\"}},\n\"resources\": []";
    let (message, place) = invalid(parameters, &json!({}));
    assert!(message.starts_with("The value for the template parameter 'extra' at line '4' and column '14' is not provided."), "{message}");
    assert_eq!(place, (4, 14));
    let (message, _) = invalid(parameters, &json!({"extra": {"value": 1}}));
    assert!(
        message.contains("Expected 'String'. Actual 'Integer'"),
        "{message}"
    );
    let (message, _) = invalid("\"resources\": []", &json!({"a": {"value": 1}}));
    assert!(
        message.contains("'a' in the parameters file are not valid"),
        "{message}"
    );
    let allowed = "\"parameters\": {\"p\": {\"type\": \"string\", \"allowedValues\": [\"a\", \"b\"]}}, \"resources\": []";
    let (message, _) = invalid(allowed, &json!({"p": {"value": "c"}}));
    assert!(
        message.contains("not part of the allowed value(s): 'a,b'"),
        "{message}"
    );
    for (x, part) in [
        (
            "\"[nosuch('a')]\"",
            "The template function 'nosuch' is not valid.",
        ),
        (
            "\"[parameters('p')]\"",
            "The template parameter 'p' is not found.",
        ),
        (
            "\"[variables('v')]\"",
            "The template variable 'v' is not found.",
        ),
        (
            "\"[resourceGroup().color]\"",
            "property 'color' doesn't exist, available properties are 'id, name, location'",
        ),
        (
            "\"[createArray(1)[1]]\"",
            "array index '1' is out of bounds",
        ),
        ("\"[concat('a']\"", "expected `,` or `)` at position 10"),
        (
            "\"[resourceId('A.B/c')]\"",
            "as many segments as there are names",
        ),
        (
            "\"[reference('other')]\"",
            "could not find template resource",
        ),
        (
            "\"[copyIndex()]\"",
            "'copyIndex' is not expected at this location",
        ),
    ] {
        let (message, place) = invalid(&with(x), &json!({}));
        assert!(message.contains(part), "{x}: {message}");
        assert_eq!(place, (5, 8), "{x}");
    }
}

#[test]
fn what_azure_has_and_the_emulator_does_not_is_no_fault_of_the_template() {
    let failure = made(&with("\"[cidrSubnet('10.0.0.0/16', 24, 0)]\""), &json!({}));
    assert!(
        matches!(failure, Err(Failure::NotEmulated { function, .. }) if function == "cidrSubnet")
    );
}

#[test]
fn resources_that_wait_for_each_other_are_refused() {
    let one = |name: &str, waits: &str| {
        format!(
            "{{\"type\": \"A.B/c\", \"name\": \"{name}\", \"apiVersion\": \"1\", \"dependsOn\": [\"{waits}\"]}}"
        )
    };
    let both = format!("\"resources\": [{},\n{}]", one("a", "b"), one("b", "a"));
    assert!(
        invalid(&both, &json!({}))
            .0
            .starts_with("Circular dependency detected on resource")
    );
    let (message, _) = invalid(
        &format!("\"resources\": [{}]", one("a", "nobody")),
        &json!({}),
    );
    assert!(
        message.starts_with("The resource 'nobody' is not defined in the template."),
        "{message}"
    );
    let (message, _) = invalid(
        "\"resources\": [{\"type\": \"A.B/c\", \"name\": \"a/b\", \"apiVersion\": \"1\"}]",
        &json!({}),
    );
    assert!(
        message.contains("has incorrect segment lengths"),
        "{message}"
    );
}

#[test]
fn a_template_is_worked_out_and_put_in_order() {
    let rest = r#"
        "parameters": {
            "name": {"type": "string"},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"}
        },
        "variables": {"tag": "[concat(parameters('name'), '-', variables('end'))]", "end": "x"},
        "resources": [
            {"type": "A.B/c/d", "name": "[concat(parameters('name'), '/child')]", "apiVersion": "2",
             "dependsOn": ["[resourceId('A.B/c', parameters('name'))]"],
             "properties": {"copy": [{"name": "list", "count": 2, "input": {"i": "[copyIndex('list', 1)]"}}]}},
            {"type": "A.B/c", "name": "[parameters('name')]", "apiVersion": "1", "comments": "not sent",
             "location": "[parameters('location')]",
             "tags": {"t": "[variables('tag')]"},
             "identity": {"type": "UserAssigned", "userAssignedIdentities": {
                 "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'me')]": {}}},
             "properties": {"literal": "[[no expression]", "size": "[if(true(), 1, nosuch())]"}},
            {"type": "A.B/e", "name": "never", "apiVersion": "1", "condition": "[equals(1, 2)]"},
            {"type": "A.B/f", "name": "[concat('f', copyIndex())]", "apiVersion": "1",
             "copy": {"name": "fs", "count": 2}, "scope": "A.B/c/n",
             "resources": [{"type": "g", "name": "h", "apiVersion": "3"}]}
        ]"#;
    let made = made(rest, &json!({"NAME": {"value": "n"}})).unwrap();
    let group = "/subscriptions/S/resourceGroups/rg";
    let ids: Vec<&str> = made.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(
        ids,
        [
            format!("{group}/providers/A.B/c/n"),
            format!("{group}/providers/A.B/c/n/d/child"),
            format!("{group}/providers/A.B/c/n/providers/A.B/f/f0"),
            format!("{group}/providers/A.B/c/n/providers/A.B/f/f0/g/h"),
            format!("{group}/providers/A.B/c/n/providers/A.B/f/f1"),
            format!("{group}/providers/A.B/c/n/providers/A.B/f/f1/g/h"),
        ]
    );
    assert_eq!(
        made[0].1,
        json!({
            "location": "eastus",
            "tags": {"t": "n-x"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {
                format!("{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/me"): {}}},
            "properties": {"literal": "[no expression]", "size": 1},
        })
    );
    assert_eq!(
        made[1].1,
        json!({"properties": {"list": [{"i": 1}, {"i": 2}]}})
    );
}

#[test]
fn what_is_deployed_is_asked_for() {
    let node = template(&with("\"[reference('n', '2020-01-01').state]\""));
    let template = Template::read(&node).unwrap();
    let surroundings = surroundings();
    let mut evaluator = Evaluator::new(&surroundings, None);
    let resources = template.resources(&evaluator, "").unwrap();
    evaluator.set_name("n", &resources[0].id);
    let Err(Failure::Needs(need)) = resources[0].body(&evaluator) else {
        panic!("nothing was asked for");
    };
    evaluator.learn(need, json!({"properties": {"State": "ready"}}));
    let body = resources[0].body(&evaluator).unwrap();
    assert_eq!(body, json!({"properties": {"x": "ready"}}));
}

#[test]
fn a_template_inside_keeps_its_own_expressions() {
    let rest = |scope: &str| {
        format!(
            "\"resources\": [{{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"n\", \
             \"apiVersion\": \"1\", \"properties\": {{{scope} \"mode\": \"[toLower('I')]\", \
             \"template\": {{\"x\": \"[resourceGroup().name]\"}}}}}}]"
        )
    };
    let inner = "\"expressionEvaluationOptions\": {\"scope\": \"inner\"},";
    let body = &made(&rest(inner), &json!({})).unwrap()[0].1;
    assert_eq!(
        body["properties"]["template"]["x"],
        "[resourceGroup().name]"
    );
    assert_eq!(body["properties"]["mode"], "i");
    let body = &made(&rest(""), &json!({})).unwrap()[0].1;
    assert_eq!(body["properties"]["template"]["x"], "rg");
}
