//! What the emulator tells of itself at `http://localhost/docproof`, if it may.

use crate::emulator::Emulator;
use crate::http::{Request, Response};
use ::http::{Method, StatusCode};
use serde_json::json;

/// The answer to a request about the emulator itself; `None` for every other request.
pub(super) fn answer(emulator: &Emulator, request: &Request) -> Option<Response> {
    let here = ["localhost", "127.0.0.1"].contains(&request.host.as_str());
    if !emulator.control() || !here {
        return None;
    }
    Some(match (request.method.clone(), request.path.as_str()) {
        (Method::GET, "/docproof") => Response::json(
            StatusCode::OK,
            &json!({
                "tenantId": emulator.tenant_id(),
                "subscriptionId": emulator.subscription_id(),
                "requests": emulator.mark(),
            }),
        ),
        (Method::GET, "/docproof/certificate") => {
            Response::text(StatusCode::OK, emulator.certificate_authority_pem())
        }
        (Method::POST, "/docproof/reset") => {
            emulator.reset();
            Response::empty(StatusCode::NO_CONTENT)
        }
        _ => Response::text(
            StatusCode::NOT_FOUND,
            "this is docproof's Azure emulator: ask for one of Azure's hosts, GET /docproof or POST \
             /docproof/reset\n",
        ),
    })
}
