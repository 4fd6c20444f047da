//! Which requests are for storage accounts ([`Storage`]).

use super::handlers;
use crate::arm::{self, ArmError};
use crate::context::Context;
use crate::http::{Request, Response};
use crate::service::Service;
use crate::services::route::ArmPath;
use crate::snapshot::Memory;
use ::http::Method;
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The service.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    /// Accounts that are made, by the GUID of the operation: id, and until when in seconds since 1970.
    operations: Mutex<BTreeMap<String, (String, i64)>>,
}

impl Storage {
    /// Begins to make an account; answers the GUID of the operation.
    pub(super) fn begin(&self, cx: &Context, id: &str) -> String {
        let until = cx.operation_end();
        let guid = arm::operation_id();
        let mut operations = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        operations.insert(guid.clone(), (id.to_owned(), until));
        guid
    }

    /// The account that an operation makes, and until when.
    pub(super) fn operation(&self, guid: &str) -> Option<(String, i64)> {
        let operations = self.operations.lock();
        let operations = operations.unwrap_or_else(PoisonError::into_inner);
        operations.get(guid).cloned()
    }
}

impl Service for Storage {
    fn owns(&self, request: &Request) -> bool {
        let kinds = ["storageAccounts", "locations", "checkNameAvailability"];
        ArmPath::of(request).is_some_and(|path| path.is("Microsoft.Storage", &kinds))
    }

    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response> {
        Box::pin(async move { arm::respond(route(self, cx, request)) })
    }

    fn memory(&self) -> Vec<&dyn Memory> {
        vec![&self.operations]
    }
}

fn route(storage: &Storage, cx: &Context, request: &Request) -> Result<Response, ArmError> {
    let path = ArmPath::of(request).ok_or_else(|| arm::not_emulated(request))?;
    arm::api_version(request)?;
    let lower = path.lower();
    let rest: Vec<&str> = lower.iter().map(String::as_str).collect();
    let name = path.rest.get(1).map(String::as_str).unwrap_or_default();
    let in_group = path.group.is_some();
    match (request.method.clone(), rest.as_slice(), in_group) {
        (Method::GET, ["locations", _, "asyncoperations", guid], false) => {
            handlers::poll(storage, cx, request, guid)
        }
        (Method::GET, ["storageaccounts"], _) => handlers::list(cx, request, &path),
        (Method::GET, ["storageaccounts", _], true) => handlers::get(cx, request, &path, name),
        (Method::PUT, ["storageaccounts", _], true) => {
            handlers::put(storage, cx, request, &path, name)
        }
        (Method::DELETE, ["storageaccounts", _], true) => {
            handlers::delete(cx, request, &path, name)
        }
        (Method::POST, ["storageaccounts", _, "listkeys"], true) => {
            handlers::keys(cx, request, &path, name)
        }
        (Method::POST, ["checknameavailability"], false) => {
            handlers::check_name(cx, request, &path)
        }
        _ => Err(arm::not_emulated(request)),
    }
}
