//! Microsoft Graph: people, applications and their service principals, as far as `az` asks.

mod applications;
mod filter;
mod objects;

use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::{Caller, Principal, PrincipalKind, TokenError};
use crate::service::Service;
use crate::snapshot::Memory;
use ::http::{Method, StatusCode};
use applications::Applications;
use filter::Filter;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

/// What tokens for Graph may be issued for: its address, or its application id.
const AUDIENCES: [&str; 2] = [
    "https://graph.microsoft.com",
    "00000003-0000-0000-c000-000000000000",
];
const CONTEXT: &str = "https://graph.microsoft.com/v1.0/$metadata";

/// The service.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    applications: Applications,
}

impl Service for Graph {
    fn owns(&self, request: &Request) -> bool {
        request.host == "graph.microsoft.com"
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move {
            match cx
                .tokens
                .verify(request.header("authorization"), &AUDIENCES)
            {
                Ok(caller) => {
                    route(self, cx, request, &caller).unwrap_or_else(|response| *response)
                }
                Err(token) => unauthenticated(&token),
            }
        })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![self.applications.memory()]
    }
}

fn route(
    graph: &Graph,
    cx: &Context,
    request: &Request,
    caller: &Caller,
) -> Result<Response, Box<Response>> {
    let path: Vec<String> = (1..request.segments.len())
        .map(|i| request.segment(i))
        .collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let get = request.method == Method::GET;
    let post = request.method == Method::POST;
    let all = &graph.applications;
    Ok(match path.as_slice() {
        ["me"] if get => me(cx, caller)?,
        ["users"] if get => list(cx, request, "users", |p| p.kind == PrincipalKind::User)?,
        ["users", id] if get => one(cx, "users", id, |p| p.kind == PrincipalKind::User)?,
        ["serviceprincipals"] if get => list(cx, request, "servicePrincipals", |p| {
            p.kind != PrincipalKind::User
        })?,
        ["serviceprincipals", id] if get => one(cx, "servicePrincipals", id, |p| {
            p.kind != PrincipalKind::User
        })?,
        ["serviceprincipals"] if post => all.create_principal(cx, request, caller)?,
        ["serviceprincipals", id] if request.method == Method::DELETE => {
            cx.directory.remove(id).ok_or_else(|| missing(id))?;
            Response::empty(StatusCode::NO_CONTENT)
        }
        ["applications"] if get => all.list(request)?,
        ["applications"] if post => all.create(cx, request, caller)?,
        ["applications", id] if get => all.get(id)?,
        ["applications", id] if request.method == Method::PATCH => all.update(request, id)?,
        ["applications", id] if request.method == Method::DELETE => all.delete(cx, id)?,
        ["applications", id, "addpassword"] if post => all.add_password(cx, request, id)?,
        ["directory", "deleteditems", id] if request.method == Method::DELETE => all.purge(id)?,
        // There are no groups, but looking for one is an ordinary thing to do.
        ["groups"] if get => list(cx, request, "groups", |_| false)?,
        ["directoryobjects", "getbyids"] if post => by_ids(cx, request)?,
        _ => arm::not_emulated(request).into(),
    })
}

fn me(cx: &Context, caller: &Caller) -> Result<Response, Box<Response>> {
    match cx.directory.by_object_id(&caller.object_id) {
        Some(principal) if principal.kind == PrincipalKind::User => {
            Ok(entity(cx, "users", &principal))
        }
        _ => Err(refuse(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
        )),
    }
}

fn one(
    cx: &Context,
    kind: &str,
    id: &str,
    of_kind: impl Fn(&Principal) -> bool,
) -> Result<Response, Box<Response>> {
    let found = cx.directory.find(|principal| {
        let upn = principal.user_principal_name.as_deref().unwrap_or_default();
        of_kind(principal)
            && (principal.object_id.eq_ignore_ascii_case(id) || upn.eq_ignore_ascii_case(id))
    });
    found
        .filter(|principal| cx.directory.is_everywhere(principal))
        .map(|principal| entity(cx, kind, &principal))
        .ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Box<Response> {
    refuse(
        StatusCode::NOT_FOUND,
        "Request_ResourceNotFound",
        &format!(
            "Resource '{id}' does not exist or one of its queried reference-property objects are \
             not present."
        ),
    )
}

fn described(cx: &Context, principal: &Principal) -> Value {
    objects::describe(principal, &cx.tenant, cx.directory.added(principal))
}

fn list(
    cx: &Context,
    request: &Request,
    kind: &str,
    of_kind: impl Fn(&Principal) -> bool,
) -> Result<Response, Box<Response>> {
    let filter = match request.query("$filter") {
        Some(text) => {
            Filter::parse(text).ok_or_else(|| Box::new(arm::not_emulated(request).into()))?
        }
        None => Filter::everything(),
    };
    let found: Vec<Value> = cx
        .directory
        .select(|principal| of_kind(principal) && filter.holds(principal))
        .iter()
        .filter(|principal| cx.directory.is_everywhere(principal))
        .map(|principal| described(cx, principal))
        .collect();
    Ok(answer(
        &json!({ "@odata.context": format!("{CONTEXT}#{kind}"), "value": found }),
    ))
}

fn by_ids(cx: &Context, request: &Request) -> Result<Response, Box<Response>> {
    let body = request.json().map_err(|error| Box::new(error.into()))?;
    let ids: Vec<&str> = body["ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| cx.directory.by_object_id(id))
        .filter(|principal| cx.directory.is_everywhere(principal))
        .map(|principal| {
            let mut object = json!({ "@odata.type": objects::odata_type(&principal) });
            if let (Some(object), Value::Object(fields)) =
                (object.as_object_mut(), described(cx, &principal))
            {
                object.extend(fields);
            }
            object
        })
        .collect();
    Ok(
        answer(&json!({ "@odata.context": format!("{CONTEXT}#directoryObjects"), "value": found }))
            .with_header("location", "https://graph.microsoft.com"),
    )
}

fn entity(cx: &Context, kind: &str, principal: &Principal) -> Response {
    let mut body = json!({ "@odata.context": format!("{CONTEXT}#{kind}/$entity") });
    if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), described(cx, principal)) {
        body.extend(fields);
    }
    answer(&body)
}

fn answer(body: &Value) -> Response {
    Response::json(StatusCode::OK, body).with_header(
        "content-type",
        "application/json;odata.metadata=minimal;odata.streaming=true;\
         IEEE754Compatible=false;charset=utf-8",
    )
}

fn unauthenticated(token: &TokenError) -> Response {
    let message = match token {
        TokenError::Missing => "Access token is empty.",
        TokenError::Expired => "Lifetime validation failed, the token is expired.",
        TokenError::WrongAudience { .. } => "Access token validation failure. Invalid audience.",
        TokenError::Invalid(_) | TokenError::UnknownPrincipal => "Access token validation failure.",
    };
    error(
        StatusCode::UNAUTHORIZED,
        "InvalidAuthenticationToken",
        message,
    )
}

/// An error as the early end of a route.
fn refuse(status: StatusCode, code: &str, message: &str) -> Box<Response> {
    Box::new(error(status, code, message))
}

fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let id = arm::operation_id();
    let body = json!({ "error": {
        "code": code,
        "message": message,
        "innerError": { "request-id": id, "client-request-id": id },
    } });
    Response::json(status, &body)
}
