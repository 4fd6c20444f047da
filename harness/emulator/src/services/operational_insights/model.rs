//! What a workspace looks like.

use crate::context::Context;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

/// The resource type.
pub(super) const KIND: &str = "Microsoft.OperationalInsights/workspaces";

/// The id of a workspace: lower case all through but for the names (recorded in
/// `hist_test_containerapp_env_premium_sku`).
pub(super) fn id(subscription: &str, group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourcegroups/{group}/providers/{}/{name}",
        KIND.to_ascii_lowercase()
    )
}

/// The workspace as it is kept, in recorded order. Later versions write times in another way, which
/// is not recorded.
pub(super) fn workspace(
    cx: &Context,
    id: &str,
    name: &str,
    sent: &Value,
    old: Option<&Value>,
) -> Value {
    let new = &sent["properties"];
    let now = http_time(cx.clock.now());
    let kept = |pointer: &str, default: String| {
        let own = old.and_then(|old| old.pointer(pointer).and_then(Value::as_str));
        own.map_or(default, str::to_owned)
    };
    let access = |key: &str| new[key].as_str().unwrap_or("Enabled").to_owned();
    let sku = new["sku"]["name"].as_str().unwrap_or("pergb2018");
    let tomorrow = cx.clock.now() + 24.hours();
    let mut body = json!({
        "properties": {
            "source": "Azure",
            "customerId": kept("/properties/customerId", crate::arm::operation_id()),
            "provisioningState": "Succeeded",
            "sku": {
                "name": sku.to_ascii_lowercase(),
                "lastSkuUpdate": kept("/properties/sku/lastSkuUpdate", now.clone()),
            },
            "retentionInDays": new["retentionInDays"].as_u64().unwrap_or(30),
            "features": {
                "legacy": 0,
                "searchVersion": 1,
                "enableLogAccessUsingOnlyResourcePermissions": true,
            },
            "workspaceCapping": {
                "dailyQuotaGb": -1.0,
                "quotaNextResetTime": http_time(tomorrow),
                "dataIngestionStatus": "RespectQuota",
            },
            "publicNetworkAccessForIngestion": access("publicNetworkAccessForIngestion"),
            "publicNetworkAccessForQuery": access("publicNetworkAccessForQuery"),
            "createdDate": kept("/properties/createdDate", now.clone()),
            "modifiedDate": now,
        },
        "id": id,
        "name": name,
        "type": KIND,
        "location": sent["location"].as_str().unwrap_or_default().replace(' ', "").to_lowercase(),
    });
    if sent["tags"].is_object() {
        body["tags"] = sent["tags"].clone();
    }
    body
}

/// A key of a workspace: 64 bytes in base 64, the same at each look.
pub(super) fn key(workspace: &Value, which: &str) -> String {
    let customer = workspace["properties"]["customerId"].as_str();
    let text = format!("{which} {}", customer.unwrap_or_default());
    STANDARD.encode(Sha512::digest(text.as_bytes()))
}

/// `Wed, 28 Sep 2022 18:05:53 GMT`.
fn http_time(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
