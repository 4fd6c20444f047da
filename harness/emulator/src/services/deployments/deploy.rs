//! A deployment, from its body to its end: [`carry_out`].

use super::client::Client;
use super::template::{
    Evaluator, Failure, Need, Node, Place, Resource, Surroundings, Template, order,
    resolve_parameters,
};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::Request;
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Map, Value, json};

/// What is to be made.
pub(super) struct Plan<'t> {
    /// The template's resources.
    pub(super) resources: Vec<Resource<'t>>,
    /// Their order.
    order: Vec<usize>,
    /// The parameters, as they are shown.
    pub(super) parameters: Value,
    /// The template as it is written.
    pub(super) template: Value,
    evaluator: Evaluator<'t>,
    outputs: &'t [(String, Node)],
}

/// What one resource came to.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// The resource.
    pub(super) id: String,
    /// Its full type.
    pub(super) kind: String,
    /// Its full name.
    pub(super) name: String,
    /// The status that its service answered.
    pub(super) status: u16,
    /// The error that its service answered.
    pub(super) error: Option<Value>,
}

/// What a deployment came to.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) operations: Vec<Operation>,
    pub(super) parameters: Value,
    pub(super) outputs: Value,
    pub(super) error: Option<Value>,
    pub(super) template: Value,
    /// The template's resources: type and location of each.
    pub(super) kinds: Vec<(String, String)>,
}

/// The body of a request about a deployment. It need not be strict JSON: `az` sends a template as it
/// stands in its file.
pub(super) fn body(request: &Request) -> Result<Node, ArmError> {
    let invalid = |message: String| {
        ArmError::new(StatusCode::BAD_REQUEST, "InvalidRequestContent", message).from_gateway()
    };
    let text = std::str::from_utf8(&request.body)
        .map_err(|_| invalid("The request content is no UTF-8.".to_owned()))?;
    Node::read(text).map_err(|(message, place)| {
        invalid(format!(
            "The request content was invalid and could not be deserialized: '{message}. Line {}, \
             position {}.'.",
            place.line, place.column
        ))
    })
}

/// What a template sees around it.
pub(super) fn surroundings(
    cx: &Context,
    path: &ArmPath,
    name: &str,
    body: &Node,
) -> Result<Surroundings, ArmError> {
    let group = arm::require_group(cx, &path.subscription, path.group_name())?;
    let properties = body.get("properties");
    let mut deployment = json!({ "name": name, "properties": { "mode": "Incremental" } });
    if let Some(template) = properties.and_then(|p| p.get("template")) {
        deployment["properties"]["template"] = template.value();
    }
    Ok(Surroundings {
        subscription: json!({
            "id": format!("/subscriptions/{}", cx.subscription),
            "subscriptionId": cx.subscription,
            "tenantId": cx.tenant,
            "displayName": "Azure subscription 1",
        }),
        group,
        tenant: json!({ "tenantId": cx.tenant, "countryCode": "US" }),
        deployment,
        now: cx.clock.now().strftime("%Y%m%dT%H%M%SZ").to_string(),
    })
}

impl<'t> Plan<'t> {
    /// Works out what a deployment's body asks for.
    ///
    /// # Errors
    /// 400 `InvalidTemplate` and the like; 501 for what is Azure's and not emulated.
    pub(super) fn new(
        cx: &Context,
        path: &ArmPath,
        body: &'t Node,
        surroundings: &'t Surroundings,
    ) -> Result<Self, ArmError> {
        let properties = body.get("properties").ok_or_else(|| {
            let message = "The 'properties' property is required.";
            ArmError::new(StatusCode::BAD_REQUEST, "InvalidRequestContent", message).from_gateway()
        })?;
        let refuse = |what: &str, place: Place| {
            failure(&Failure::NotEmulated {
                function: what.to_owned(),
                place,
            })
        };
        let mode = properties.get("mode").and_then(Node::text);
        if !mode.is_none_or(|mode| mode.eq_ignore_ascii_case("Incremental")) {
            return Err(refuse("mode 'Complete'", properties.place));
        }
        for linked in ["templateLink", "parametersLink"] {
            let link = properties
                .get(linked)
                .filter(|link| !link.members().is_empty());
            if let Some(link) = link {
                return Err(refuse(&format!("'{linked}'"), link.place));
            }
        }
        let template = properties.get("template").ok_or_else(|| {
            let message = "Deployment template validation failed: there is no template.";
            ArmError::new(StatusCode::BAD_REQUEST, "InvalidTemplate", message).from_gateway()
        })?;
        let scope = format!(
            "/subscriptions/{}/resourceGroups/{}",
            cx.subscription,
            path.group_name()
        );
        Self::of(template, properties.get("parameters"), surroundings, &scope)
            .map_err(|error| failure(&error))
    }

    fn of(
        node: &'t Node,
        given: Option<&Node>,
        surroundings: &'t Surroundings,
        scope: &str,
    ) -> Result<Self, Failure> {
        let template = Template::read(node)?;
        let mut evaluator = Evaluator::new(surroundings, template.variables());
        let parameters = resolve_parameters(template.parameters(), given, &mut evaluator)?;
        let resources = template.resources(&evaluator, scope)?;
        for resource in &resources {
            evaluator.set_name(&resource.name, &resource.id);
            if let Some(symbolic) = &resource.symbolic {
                evaluator.set_name(symbolic, &resource.id);
            }
        }
        let order = order(&resources)?;
        // What needs nothing that is deployed can be known to be wrong now.
        for resource in &resources {
            match resource.body(&evaluator) {
                Ok(_) | Err(Failure::Needs(_)) => {}
                Err(error) => return Err(of_resource(error, resource)),
            }
        }
        Ok(Self {
            resources,
            order,
            parameters,
            template: node.value(),
            evaluator,
            outputs: template.outputs(),
        })
    }
}

/// Names the resource that is wrong, as Resource Manager does.
fn of_resource(error: Failure, resource: &Resource<'_>) -> Failure {
    match error {
        Failure::Invalid {
            message,
            place,
            path,
        } => Failure::Invalid {
            message: format!(
                "The template resource '{}' at line '{}' and column '{}' is not valid: {message}. Please \
                 see https://aka.ms/arm-functions for usage details.",
                resource.name, place.line, place.column
            ),
            place,
            path,
        },
        other => other,
    }
}

/// ARM's error for a template that is wrong (recorded with `TemplateViolation`), or the emulator's own
/// for what it does not have.
fn failure(error: &Failure) -> ArmError {
    match error {
        Failure::Invalid {
            message,
            place,
            path,
        } => {
            let error = ArmError::new(
                StatusCode::BAD_REQUEST,
                "InvalidTemplate",
                format!("Deployment template validation failed: '{message}'."),
            )
            .from_gateway();
            let info = json!({
                "lineNumber": place.line, "linePosition": place.column, "path": path,
            });
            error.with_additional_info(json!({ "type": "TemplateViolation", "info": info }))
        }
        Failure::NotEmulated { function, place } => ArmError::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotEmulated",
            format!(
                "docproof does not emulate {function} in a template, at line {} and column {}. This \
                 says nothing about the article.",
                place.line, place.column
            ),
        ),
        Failure::Needs(need) => ArmError::new(
            StatusCode::BAD_REQUEST,
            "InvalidTemplate",
            format!(
                "Deployment template validation failed: '{} is not known before the deployment'.",
                match need {
                    Need::Reference { id, .. } => format!("the resource '{id}'"),
                    Need::List { id, function, .. } => format!("'{function}' of '{id}'"),
                }
            ),
        )
        .from_gateway(),
    }
}

/// Makes what a body asks for, one resource after the other.
///
/// # Errors
/// What is wrong with the template. What a resource's service refuses is no error here but the
/// outcome.
pub(super) async fn carry_out(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    name: &str,
    body: &Node,
) -> Result<Outcome, ArmError> {
    let surroundings = surroundings(cx, path, name, body)?;
    let mut plan = Plan::new(cx, path, body, &surroundings)?;
    let client = Client { cx, request };
    let mut operations = Vec::new();
    let mut kinds = Vec::new();
    let order = std::mem::take(&mut plan.order);
    let mut error = None;
    for at in order {
        let Some(resource) = plan.resources.get(at).filter(|resource| !resource.existing) else {
            continue;
        };
        let made = loop {
            match resource.body(&plan.evaluator) {
                Ok(body) => break Ok(body),
                Err(Failure::Needs(need)) => {
                    let answer = client.need(&need, &plan.resources).await;
                    match answer {
                        Ok(answer) => plan.evaluator.learn(need, answer),
                        Err(error) => break Err(error),
                    }
                }
                Err(error) => return Err(failure(&of_resource(error, resource))),
            }
        };
        let (status, failed) = match made {
            Ok(body) => {
                let location = body["location"].as_str().unwrap_or_default();
                kinds.push((resource.kind.clone(), location.to_owned()));
                client.make(&resource.id, &resource.version, &body).await?
            }
            Err(error) => (409, Some(error)),
        };
        operations.push(Operation {
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            name: resource.name.clone(),
            status,
            error: failed.clone(),
        });
        if let Some(failed) = failed {
            error = Some(json!({
                "code": "DeploymentFailed",
                "target": format!("{}/providers/{}/{name}", path.scope, super::view::KIND),
                "message": "At least one resource deployment operation failed. Please list deployment \
                            operations for details. Please see \
                            https://aka.ms/arm-deployment-operations for usage details.",
                "details": [failed],
            }));
            break;
        }
    }
    let outputs = match &error {
        None => outputs(&mut plan, &client).await?,
        Some(_) => Value::Null,
    };
    Ok(Outcome {
        operations,
        parameters: plan.parameters,
        outputs,
        error,
        template: plan.template,
        kinds,
    })
}

async fn outputs(plan: &mut Plan<'_>, client: &Client<'_>) -> Result<Value, ArmError> {
    let mut outputs = Map::new();
    for (name, node) in plan.outputs {
        let kind = node.get("type").and_then(Node::text).unwrap_or("string");
        let Some(value) = node.get("value") else {
            continue;
        };
        let value = loop {
            match plan.evaluator.value(value) {
                Ok(value) => break value,
                Err(Failure::Needs(need)) => {
                    let answer = client.need(&need, &plan.resources).await.map_err(|error| {
                        let message = error["message"].as_str().unwrap_or_default().to_owned();
                        ArmError::new(StatusCode::BAD_REQUEST, "InvalidTemplate", message)
                    })?;
                    plan.evaluator.learn(need, answer);
                }
                Err(error) => return Err(failure(&error)),
            }
        };
        let mut letters = kind.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        let kind: String = first.into_iter().chain(letters).collect();
        outputs.insert(name.clone(), json!({ "type": kind, "value": value }));
    }
    Ok(Value::Object(outputs))
}
