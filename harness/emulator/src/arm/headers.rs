//! Headers that every ARM answer has, whichever provider made it.

use super::operation_id;
use crate::context::Context;
use crate::http::{Request, Response};
use ::http::header::RETRY_AFTER;

/// The host of Azure Resource Manager.
pub(crate) const HOST: &str = "management.azure.com";

/// Adds the headers that ARM adds on the way out (recorded in `TestResourceGroupsClient`).
///
/// A `Retry-After: 0` becomes one millisecond, in the header that SDKs read for it: azure-core takes
/// zero as "none given" and then waits its own 30 seconds.
pub(crate) fn with_common_headers(request: &Request, mut response: Response) -> Response {
    if response
        .headers
        .get(RETRY_AFTER)
        .is_some_and(|value| value == "0")
    {
        response.headers.remove(RETRY_AFTER);
        response = response.with_header("x-ms-retry-after-ms", "1");
    }
    let id = operation_id();
    let correlation = request
        .header("x-ms-correlation-request-id")
        .unwrap_or(&id)
        .to_owned();
    response
        .with_header("cache-control", "no-cache")
        .with_header("pragma", "no-cache")
        .with_header("expires", "-1")
        .with_header(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        )
        .with_header("x-content-type-options", "nosniff")
        .with_header("x-ms-request-id", &id)
        .with_header("x-ms-correlation-request-id", correlation)
}

/// Tells the client of a long-running operation when to ask again: after `seconds`, as the real
/// service says, or at once if operations take no time here.
///
/// See [`with_common_headers`] for how "at once" reaches the client.
pub(crate) fn with_retry_after(cx: &Context, response: Response, seconds: u64) -> Response {
    let seconds = if cx.operation_seconds == 0 {
        0
    } else {
        seconds
    };
    if seconds > 0 && !cx.clock.is_real() {
        let milliseconds = (cx.clock.real_seconds(seconds) * 1000.0).ceil();
        return response.with_header("x-ms-retry-after-ms", milliseconds.to_string());
    }
    response.with_header("retry-after", seconds.to_string())
}
