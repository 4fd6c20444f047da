//! What an emulated service is: [`Service`], asked in turn until one answers.

use crate::context::Context;
use crate::http::{Request, Response};
use crate::snapshot::{Copied, Memory};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// One emulated service. Registered in one line in `services/mod.rs`.
pub(crate) trait Service: Send + Sync + 'static {
    /// Whether the request is for this service, by host and path alone.
    fn owns(&self, request: &Request) -> bool;

    /// Answers a request that it owns.
    fn answer<'a>(&'a self, cx: &'a Context, request: &'a Request) -> BoxFuture<'a, Response>;

    /// Told of each resource (of any service) that went with its resource group, after it left
    /// `cx.resources`; the place to stop what runs, soft-delete what is kept, and forget
    /// principals. Role assignments at and below it are removed for every service.
    fn removed<'a>(&'a self, _cx: &'a Context, _resource: &'a Value) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Lets go of everything that runs on its behalf. The emulator ends after this.
    fn shut_down(&self) {}

    /// Where it keeps what it knows beside `cx`: all of it, so that it can be copied and put back.
    fn memory(&self) -> Vec<&dyn Memory> {
        Vec::new()
    }

    /// Whether everything that ran when its memory was copied runs still.
    fn runs_still(&self, _copied: &[Copied]) -> bool {
        true
    }
}
