//! Which names nobody may give to a resource.

use crate::arm::ArmError;
use crate::http::{Request, Response};
use ::http::StatusCode;
use serde_json::json;

/// Reserved as whole names (document "Resolve reserved resource name errors").
const WHOLE: [&str; 29] = [
    "access",
    "azure",
    "bing",
    "bizspark",
    "biztalk",
    "cortana",
    "directx",
    "dotnet",
    "dynamics",
    "excel",
    "exchange",
    "forefront",
    "groove",
    "hololens",
    "hyperv",
    "kinect",
    "lync",
    "msdn",
    "o365",
    "office",
    "office365",
    "onedrive",
    "onenote",
    "outlook",
    "powerpoint",
    "sharepoint",
    "skype",
    "visio",
    "visualstudio",
];
/// Reserved wherever they stand.
const ANYWHERE: [&str; 4] = ["login", "microsoft", "windows", "xbox"];

/// `checkResourceName`: 200 whatever the answer (recorded in `TestSubscriptionsClient`).
pub(super) fn check(request: &Request) -> Result<Response, ArmError> {
    let sent = request.json()?;
    let name = sent["name"].as_str().unwrap_or_default();
    let status = if is_reserved(name) {
        "Reserved"
    } else {
        "Allowed"
    };
    let body = json!({ "name": name, "type": sent["type"], "status": status });
    Ok(Response::json(StatusCode::OK, &body))
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WHOLE.contains(&name.as_str()) || ANYWHERE.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn a_reserved_word_is_one_alone_or_anywhere() {
        assert!(is_reserved("Azure") && is_reserved("my-Windows-vm"));
        assert!(!is_reserved("azure-web") && !is_reserved("go-test-subnet"));
    }
}
