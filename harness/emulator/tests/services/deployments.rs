//! Deployments of templates, as `az deployment group create` asks for them.

use crate::bench::{Answer, Bench};
use reqwest::Method;
use serde_json::{Value, json};

const VERSION: &str = "2025-04-01";

impl Bench {
    async fn deployment(&self, method: Method, name: &str, body: Option<Value>) -> Answer {
        let path = self.path(&format!("Microsoft.Resources/deployments/{name}"));
        self.arm(method, &path, VERSION, body).await
    }

    async fn deploy(&self, name: &str, template: Value, parameters: Value) -> Answer {
        let properties = json!({
            "mode": "Incremental", "template": template, "parameters": parameters,
        });
        let body = json!({ "properties": properties });
        self.deployment(Method::PUT, name, Some(body)).await
    }
}

fn template(resources: Value) -> Value {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": { "name": { "type": "string", "defaultValue": "mine" } },
        "resources": resources,
    })
}

fn vault(name: &str) -> Value {
    json!({
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "apiVersion": "2023-01-31",
        "name": name,
        "location": "[resourceGroup().location]",
    })
}

fn group(name: &str, identity: Value) -> Value {
    json!({
        "type": "Microsoft.ContainerInstance/containerGroups",
        "apiVersion": "2023-05-01",
        "name": name,
        "location": "[resourceGroup().location]",
        "identity": identity,
        "properties": {
            "osType": "Linux",
            "containers": [{ "name": "one", "properties": {
                "image": "mcr.microsoft.com/azure-cli",
                "resources": { "requests": { "cpu": 1, "memoryInGB": 1 } },
            }}],
        },
    })
}

#[tokio::test]
async fn a_template_that_is_wrong_is_refused_before_anything_is_made() {
    let bench = Bench::new().await;
    let mut wrong = vault("second");
    wrong["tags"] = json!({ "a": "[nosuch('a')]" });
    let resources = json!([vault("first"), wrong]);
    let answer = bench
        .deploy("d", template(resources), json!({}))
        .await
        .must(400);
    assert_eq!(answer.code(), "InvalidTemplate");
    assert_eq!(answer.header("x-ms-failure-cause"), "gateway");
    assert!(
        answer
            .message()
            .contains("The template function 'nosuch' is not valid."),
        "{}",
        answer.message()
    );
    let first = "Microsoft.ManagedIdentity/userAssignedIdentities/first";
    let path = bench.path(first);
    bench
        .arm(Method::GET, &path, "2023-01-31", None)
        .await
        .must(404);
    bench.deployment(Method::GET, "d", None).await.must(404);
}

#[tokio::test]
async fn a_parameter_without_value_is_told_as_recorded() {
    let bench = Bench::new().await;
    // As `az` sends it: the template as it stands in its file, behind a key without quotes.
    let body = "{\"properties\": {\"parameters\": {}, \"mode\": \"Incremental\", template:{\n  \
                // what it is for\n  \"$schema\": \"s\",\n  \"contentVersion\": \"1.0.0.0\",\n  \
                \"parameters\": {\n    \"extra_param\": {\n      \"type\": \"string\"\n    }\n  },\n  \
                \"resources\": []\n}}}";
    let path = bench.path("Microsoft.Resources/deployments/d/validate");
    let url = format!("https://management.azure.com{path}?api-version={VERSION}");
    let request = bench.client.post(url).bearer_auth(&bench.user).body(body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 400);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        answer,
        json!({ "error": {
            "code": "InvalidTemplate",
            "message": "Deployment template validation failed: 'The value for the template parameter \
                        'extra_param' at line '6' and column '20' is not provided. Please see \
                        https://aka.ms/arm-create-parameter-file for usage details.'.",
            "additionalInfo": [{ "type": "TemplateViolation", "info": {
                "lineNumber": 6, "linePosition": 20,
                "path": "properties.template.parameters.extra_param",
            }}],
        }})
    );
}

#[tokio::test]
async fn what_is_not_emulated_is_told_as_that() {
    let bench = Bench::new().await;
    let mut one = vault("one");
    one["tags"] = json!({ "a": "[cidrSubnet('10.0.0.0/16', 24, 0)]" });
    let answer = bench
        .deploy("d", template(json!([one])), json!({}))
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
    assert!(
        answer.message().contains("cidrSubnet"),
        "{}",
        answer.message()
    );
    let unknown = json!([{
        "type": "Contoso.Nothing/things", "apiVersion": "1", "name": "n", "location": "eastus",
    }]);
    let answer = bench
        .deploy("d", template(unknown), json!({}))
        .await
        .must(501);
    assert_eq!(answer.code(), "NotEmulated");
}

#[tokio::test]
async fn what_a_service_refuses_fails_the_deployment() {
    let bench = Bench::new().await;
    let mut bad = group("bad", json!({ "type": "SystemAssigned" }));
    bad["properties"].as_object_mut().unwrap().remove("osType");
    let resources = json!([vault("first"), bad]);
    let answer = bench
        .deploy("d", template(resources), json!({}))
        .await
        .must(201);
    assert_eq!(answer.body["properties"]["provisioningState"], "Accepted");
    let operation = answer.header("azure-asyncoperation").to_owned();
    let user = Some(bench.user.as_str());
    let status = bench
        .send(Method::GET, &operation, user, None)
        .await
        .must(200);
    assert_eq!(status.body["status"], "Failed");
    assert_eq!(status.body["error"]["code"], "DeploymentFailed");
    assert_eq!(status.body["error"]["details"][0]["code"], "InvalidOsType");
    let shown = bench.deployment(Method::GET, "d", None).await.must(200);
    assert_eq!(shown.body["properties"]["provisioningState"], "Failed");
    let path = bench.path("Microsoft.Resources/deployments/d/operations");
    let operations = bench.arm(Method::GET, &path, VERSION, None).await.must(200);
    let states: Vec<&Value> = operations.body["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["properties"]["provisioningState"])
        .collect();
    assert_eq!(states, ["Succeeded", "Failed"]);
}

#[tokio::test]
async fn who_may_not_make_a_resource_cannot_deploy_it() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.Resources/deployments/d");
    let url = format!("https://management.azure.com{path}?api-version={VERSION}");
    let body = json!({ "properties": { "mode": "Incremental", "template": template(json!([])) } });
    bench
        .send(Method::PUT, &url, None, Some(body))
        .await
        .must(401);
}

#[tokio::test]
async fn each_kind_of_identity_is_deployed_and_shown() {
    let bench = Bench::new().await;
    let id = "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', parameters('name'))]";
    let both =
        json!({ "type": "SystemAssigned, UserAssigned", "userAssignedIdentities": { id: {} } });
    let mut waiting = group("both", both);
    waiting["dependsOn"] = json!([id]);
    let mut whole = template(json!([
        waiting,
        group("system", json!({ "type": "SystemAssigned" })),
        vault("[parameters('name')]"),
    ]));
    whole["outputs"] = json!({ "who": {
        "type": "string",
        "value": format!("[reference({}).principalId]", id.trim_matches(['[', ']'])),
    }});
    let parameters = json!({ "name": { "value": "me" } });
    bench.deploy("d", whole, parameters).await.must(201);
    let shown = bench
        .deployment(Method::GET, "d", None)
        .await
        .must(200)
        .body;
    let properties = &shown["properties"];
    assert_eq!(properties["provisioningState"], "Succeeded", "{shown}");
    assert_eq!(
        properties["parameters"]["name"],
        json!({ "type": "String", "value": "me" })
    );
    let made: Vec<&str> = properties["outputResources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(made, ["system", "me", "both"]);
    let me = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/me");
    let me = bench
        .arm(Method::GET, &me, "2023-01-31", None)
        .await
        .must(200)
        .body;
    assert_eq!(
        properties["outputs"]["who"]["value"],
        me["properties"]["principalId"]
    );
    let both = bench.path("Microsoft.ContainerInstance/containerGroups/both");
    let both = bench
        .arm(Method::GET, &both, "2023-05-01", None)
        .await
        .must(200)
        .body;
    assert_eq!(both["identity"]["type"], "SystemAssigned, UserAssigned");
    assert!(both["identity"]["principalId"].is_string());
    let users = both["identity"]["userAssignedIdentities"]
        .as_object()
        .unwrap();
    let user = users.values().next().unwrap();
    assert_eq!(user["clientId"], me["properties"]["clientId"]);
}

#[tokio::test]
async fn a_check_makes_nothing() {
    let bench = Bench::new().await;
    let path = bench.path("Microsoft.Resources/deployments/d/validate");
    let template = template(json!([vault("[parameters('name')]")]));
    let body = json!({ "properties": { "mode": "Incremental", "template": template } });
    let answer = bench
        .arm(Method::POST, &path, VERSION, Some(body))
        .await
        .must(200);
    let validated = &answer.body["properties"]["validatedResources"][0]["id"];
    assert!(
        validated
            .as_str()
            .unwrap()
            .ends_with("/userAssignedIdentities/mine")
    );
    let mine = bench.path("Microsoft.ManagedIdentity/userAssignedIdentities/mine");
    bench
        .arm(Method::GET, &mine, "2023-01-31", None)
        .await
        .must(404);
    bench.deployment(Method::GET, "d", None).await.must(404);
}
