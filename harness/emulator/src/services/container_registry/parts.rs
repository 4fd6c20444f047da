//! What scope maps and repository tokens have in common: they are parts of a registry, and changing or
//! deleting one takes an operation (recorded in `TestContainerregistryTestSuite`).

use super::handlers::{self, polled};
use super::model::{self, Stamp};
use super::{ContainerRegistry, model::KIND};
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::services::route::ArmPath;
use ::http::StatusCode;
use serde_json::{Value, json};

/// How long a client is told to wait between looks.
const RETRY_SECONDS: u64 = 10;

/// One part of a registry, or all of one kind.
pub(super) struct Part {
    /// The registry.
    pub(super) registry: Value,
    /// The kind, such as `scopeMaps`.
    pub(super) kind: &'static str,
    /// Its name; empty for all of the kind.
    pub(super) name: String,
    /// Its id.
    pub(super) id: String,
    /// Who asks, and when.
    pub(super) stamp: Stamp,
}

/// Every part of a kind.
pub(super) fn list(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    kind: &'static str,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, kind, "read")?;
    let body = json!({ "value": part.all(cx) });
    Ok(Response::json(StatusCode::OK, &body))
}

/// One part.
pub(super) fn get(
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    kind: &'static str,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, kind, "read")?;
    Ok(Response::json(StatusCode::OK, &part.existing(cx)?))
}

impl Part {
    /// The part that a path such as `registries/r/scopeMaps/m` names, for somebody who may do `verb`
    /// there.
    ///
    /// # Errors
    /// Those of [`ArmPath::allow`], and 404 without the registry.
    pub(super) fn of(
        cx: &Context,
        request: &Request,
        path: &ArmPath,
        kind: &'static str,
        verb: &str,
    ) -> Result<Self, ArmError> {
        let at = |index: usize| path.rest.get(index).cloned().unwrap_or_default();
        let registry = path.id_of(model::KIND, &at(1));
        let name = at(3);
        let id = format!("{registry}/{kind}/{name}");
        let caller = path.allow(cx, request, &format!("{KIND}/{kind}/{verb}"), &id)?;
        Ok(Self {
            registry: handlers::existing(cx, path, &registry, &at(1))?,
            kind,
            name,
            id,
            stamp: Stamp::of(cx, &caller),
        })
    }

    /// The type.
    pub(super) fn full_kind(&self) -> String {
        format!("{KIND}/{}", self.kind)
    }

    /// The name of the registry.
    pub(super) fn registry_name(&self) -> &str {
        self.registry["name"].as_str().unwrap_or_default()
    }

    /// The part, which must be there.
    ///
    /// # Errors
    /// 404.
    pub(super) fn existing(&self, cx: &Context) -> Result<Value, ArmError> {
        let group = self.id.split('/').nth(4).unwrap_or_default();
        let name = format!("{}/{}/{}", self.registry_name(), self.kind, self.name);
        cx.resources
            .get(&self.id)
            .ok_or_else(|| arm::not_found(KIND, &name, group))
    }

    /// Every part of the kind.
    pub(super) fn all(&self, cx: &Context) -> Vec<Value> {
        let registry = self.registry["id"].as_str().unwrap_or_default();
        cx.resources.list(registry, Some(&self.full_kind()))
    }

    /// Refuses a name that the specification does not allow. The text is not recorded.
    ///
    /// # Errors
    /// 400.
    pub(super) fn check_name(&self) -> Result<(), ArmError> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        // Those of the service begin with a line below.
        if (5..=50).contains(&self.name.len())
            && self.name.chars().all(good)
            && !self.name.starts_with('_')
        {
            return Ok(());
        }
        Err(refuse(
            "NameInvalid",
            format!(
                "The name '{}' must have 5 to 50 letters, digits, '-' and '_', and not begin with '_'.",
                self.name
            ),
        ))
    }

    /// The part as it is kept: id, who made it, properties.
    pub(super) fn body(&self, properties: Value) -> Value {
        json!({
            "type": self.full_kind(),
            "id": self.id,
            "name": self.name,
            "systemData": self.stamp.system_data(None),
            "properties": properties,
        })
    }

    /// 201 with a state of its own, and an operation to poll.
    pub(super) fn begun(
        &self,
        all: &ContainerRegistry,
        cx: &Context,
        request: &Request,
        mut body: Value,
        state: &'static str,
    ) -> Response {
        let operation = begin(all, cx, state);
        body["properties"]["provisioningState"] = json!(state);
        let response = Response::json(StatusCode::CREATED, &body);
        polled(cx, request, &self.id, &operation, response)
    }

    /// Removes the part: 202 and a result to poll, or 204 if there was none.
    pub(super) fn remove(
        &self,
        all: &ContainerRegistry,
        cx: &Context,
        request: &Request,
    ) -> Response {
        if cx.resources.remove(&self.id).is_none() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let operation = begin(all, cx, "Deleting");
        let location = self.registry["location"].as_str().unwrap_or_default();
        let url = format!(
            "https://{}/subscriptions/{}/providers/Microsoft.ContainerRegistry/locations/{}/\
             operationResults/{operation}?api-version={}",
            arm::HOST,
            cx.subscription,
            location.to_uppercase(),
            request.query("api-version").unwrap_or_default(),
        );
        let response = Response::empty(StatusCode::ACCEPTED)
            .with_header("content-type", "application/json; charset=utf-8")
            .with_header("location", url);
        arm::with_retry_after(cx, response, RETRY_SECONDS)
    }
}

/// The properties of a part as they are sent, over those that are kept.
pub(super) struct Change<'a> {
    /// What is kept; null for a new part.
    pub(super) was: &'a Value,
    /// What is sent.
    pub(super) new: &'a Value,
}

impl<'a> Change<'a> {
    pub(super) fn of(sent: &'a Value, old: Option<&'a Value>) -> Self {
        Self {
            was: old.map_or(&Value::Null, |old| &old["properties"]),
            new: &sent["properties"],
        }
    }

    /// What is sent, or what is kept if nothing is.
    pub(super) fn either(&self, key: &str) -> &'a Value {
        match &self.new[key] {
            Value::Null => &self.was[key],
            value => value,
        }
    }

    /// When the part was made: now, if it is new.
    pub(super) fn created(&self, part: &Part) -> String {
        match self.was["creationDate"].as_str() {
            Some(created) => created.to_owned(),
            None => model::offset(part.stamp.at),
        }
    }
}

/// Operations on scope maps are called by `token`, too.
fn begin(all: &ContainerRegistry, cx: &Context, state: &'static str) -> String {
    let operation = format!("token-{}", arm::operation_id());
    let ready = cx.operation_end();
    let mut known = all.state();
    known.operations.insert(operation.clone(), (ready, state));
    operation
}

/// A request that Azure refuses.
pub(super) fn refuse(code: &str, message: impl Into<String>) -> ArmError {
    ArmError::new(StatusCode::BAD_REQUEST, code, message)
}

/// How an operation on a part stands.
pub(super) fn status(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    path: &ArmPath,
    kind: &'static str,
    operation: &str,
) -> Result<Response, ArmError> {
    let part = Part::of(cx, request, path, kind, "operationStatuses/read")?;
    handlers::status(all, cx, request, &part.id, operation)
}

/// The result of a deletion: 200 without a body once it is over.
pub(super) fn result(
    all: &ContainerRegistry,
    cx: &Context,
    request: &Request,
    operation: &str,
) -> Result<Response, ArmError> {
    arm::authorize(cx, request, "", "")?;
    let known = all.state().operations.get(operation).copied();
    // Of imports, for one, nothing is known.
    let (ready, _) = known.ok_or_else(|| arm::not_emulated(request))?;
    if cx.is_reached(ready) {
        return Ok(Response::empty(StatusCode::OK));
    }
    let url = format!(
        "https://{}{}?api-version={}",
        arm::HOST,
        request.path,
        request.query("api-version").unwrap_or_default()
    );
    let response = Response::empty(StatusCode::ACCEPTED).with_header("location", url);
    Ok(arm::with_retry_after(cx, response, RETRY_SECONDS))
}
