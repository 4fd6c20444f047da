//! The emulator over real sockets: TLS, sign-in, Azure Resource Manager, Graph, the log.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are outside of test functions"
)]

#[path = "loopback/azure.rs"]
mod azure;

use azure::Azure;
use serde_json::{Value, json};

const ARM: &str = "https://management.azure.com";

#[tokio::test]
async fn no_token_is_a_401_and_a_token_for_another_service_too() {
    let azure = Azure::start();
    let url = format!("{ARM}/subscriptions?api-version=2022-12-01");
    let missing = azure.get(&url, None).await;
    assert_eq!(
        (missing.status, missing.code()),
        (401, "AuthenticationFailed")
    );
    assert!(missing.headers.contains_key("www-authenticate"));
    let token = azure.sign_in("https://vault.azure.net/.default").await;
    let other = azure.get(&url, Some(&token)).await;
    assert_eq!(
        (other.status, other.code()),
        (401, "InvalidAuthenticationTokenAudience")
    );
}

#[tokio::test]
async fn a_token_expires() {
    let azure = Azure::start();
    let token = azure.sign_in(&format!("{ARM}/.default")).await;
    let url = format!("{ARM}/subscriptions?api-version=2022-12-01");
    assert_eq!(azure.get(&url, Some(&token)).await.status, 200);
    azure.emulator.clock().advance(2 * 3600);
    let late = azure.get(&url, Some(&token)).await;
    assert_eq!(
        (late.status, late.code()),
        (401, "ExpiredAuthenticationToken")
    );
}

#[tokio::test]
async fn what_is_not_emulated_says_so() {
    let azure = Azure::start();
    let mark = azure.emulator.mark();
    let answer = azure
        .get("https://nowhere.example.com/a?sig=secret&b=1", None)
        .await;
    assert_eq!((answer.status, answer.code()), (501, "NotEmulated"));
    assert!(
        answer.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("nowhere.example.com/a")
    );
    let log = azure.emulator.requests_since(mark);
    assert_eq!(log.len(), 1);
    assert!(log[0].not_emulated && !log[0].quiet);
    assert!(log[0].url.ends_with("/a?sig=***&b=1"), "{}", log[0].url);
}

#[tokio::test]
async fn what_clients_ask_on_their_own_account_is_quiet() {
    let azure = Azure::start();
    let mark = azure.emulator.mark();
    let url = "https://dc.services.visualstudio.com/v2/track";
    assert_eq!(azure.post_json(url, None, &json!([])).await.status, 200);
    assert_eq!(azure.get("https://aka.ms/x", None).await.status, 404);
    assert!(
        azure
            .emulator
            .requests_since(mark)
            .iter()
            .all(|one| one.quiet && !one.not_emulated)
    );
}

#[tokio::test]
async fn a_device_code_is_good_once_and_a_forged_refresh_token_never() {
    let azure = Azure::start();
    let code = azure.device_code().await;
    let form = azure::device_form(&code, &format!("{ARM}/.default"));
    assert_eq!(azure.token(&form).await.status, 200);
    let again = azure.token(&form).await;
    assert_eq!((again.status, again.code()), (400, "bad_verification_code"));
    let forged = azure
        .token("client_id=c&grant_type=refresh_token&refresh_token=a.b.c")
        .await;
    assert_eq!((forged.status, forged.code()), (400, "invalid_grant"));
}

#[tokio::test]
async fn an_application_needs_its_own_secret_and_sees_nothing_without_a_role() {
    let azure = Azure::start();
    let app = azure.emulator.add_application("app", "right");
    let form = |client: &str, secret: &str| {
        format!(
            "grant_type=client_credentials&client_id={client}&client_secret={secret}\
             &scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
        )
    };
    let wrong = azure.token(&form(&app.client_id, "wrong")).await;
    assert_eq!(
        (wrong.status, wrong.body["error_codes"][0].as_u64()),
        (401, Some(7_000_215))
    );
    let unknown = azure.token(&form("nobody", "right")).await;
    assert_eq!(
        (unknown.status, unknown.body["error_codes"][0].as_u64()),
        (400, Some(700_016))
    );
    let right = azure.token(&form(&app.client_id, "right")).await;
    let token = right.body["access_token"].as_str().unwrap();
    let list = azure
        .get(
            &format!("{ARM}/subscriptions?api-version=2022-12-01"),
            Some(token),
        )
        .await;
    assert_eq!((list.status, &list.body["value"]), (200, &json!([])));
    let group = azure.group_url("g");
    let denied = azure
        .put(&group, token, &json!({ "location": "eastus" }))
        .await;
    assert_eq!((denied.status, denied.code()), (403, "AuthorizationFailed"));
}

#[tokio::test]
async fn a_group_is_created_shown_and_deleted() {
    let azure = Azure::start();
    let token = azure.sign_in(&format!("{ARM}/.default")).await;
    let url = azure.group_url("G1");
    let missing = azure.get(&url, Some(&token)).await;
    assert_eq!(
        (missing.status, missing.code()),
        (404, "ResourceGroupNotFound")
    );
    assert_eq!(missing.headers["x-ms-failure-cause"], "gateway");
    let nowhere = azure
        .put(&url, &token, &json!({ "location": "moon" }))
        .await;
    assert_eq!(
        (nowhere.status, nowhere.code()),
        (400, "LocationNotAvailableForResourceGroup")
    );

    let created = azure
        .put(&url, &token, &json!({ "location": "East US" }))
        .await;
    assert_eq!(created.status, 201);
    let id = format!(
        "/subscriptions/{}/resourceGroups/G1",
        azure.emulator.subscription_id()
    );
    let expected = json!({
        "id": id, "name": "G1", "type": "Microsoft.Resources/resourceGroups", "location": "eastus",
        "properties": { "provisioningState": "Succeeded" },
    });
    assert_eq!(created.body, expected);
    assert_eq!(
        created.headers["strict-transport-security"],
        "max-age=31536000; includeSubDomains"
    );
    assert_eq!(
        azure
            .put(&url, &token, &json!({ "location": "eastus" }))
            .await
            .status,
        200
    );
    let moved = azure
        .put(&url, &token, &json!({ "location": "westus" }))
        .await;
    assert_eq!(
        (moved.status, moved.code()),
        (409, "InvalidResourceGroupLocation")
    );

    let deleted = azure.delete(&url, &token).await;
    assert_eq!((deleted.status, &deleted.body), (202, &Value::Null));
    // azure-core takes `Retry-After: 0` for none at all.
    assert!(!deleted.headers.contains_key("retry-after"));
    assert_eq!(deleted.headers["x-ms-retry-after-ms"], "1");
    let poll = azure
        .get(deleted.headers["location"].to_str().unwrap(), Some(&token))
        .await;
    assert_eq!((poll.status, &poll.body), (200, &Value::Null));
    assert_eq!(azure.get(&url, Some(&token)).await.status, 404);
}

#[tokio::test]
async fn a_group_is_deleting_while_the_operation_takes_its_time() {
    let azure = Azure::start_with(docproof_emulator::Config {
        operation_seconds: 30,
        ..Default::default()
    });
    let token = azure.sign_in(&format!("{ARM}/.default")).await;
    let url = azure.group_url("g");
    azure
        .put(&url, &token, &json!({ "location": "eastus" }))
        .await;
    let deleted = azure.delete(&url, &token).await;
    assert_eq!(deleted.headers["retry-after"], "15");
    let location = deleted.headers["location"].to_str().unwrap();
    assert_eq!(azure.get(location, Some(&token)).await.status, 202);
    let seen = azure.get(&url, Some(&token)).await;
    assert_eq!(seen.body["properties"]["provisioningState"], "Deleting");
    azure.emulator.clock().advance(31);
    assert_eq!(azure.get(location, Some(&token)).await.status, 200);
    assert_eq!(azure.get(&url, Some(&token)).await.status, 404);
}

#[tokio::test]
async fn a_provider_is_registered_by_the_second_look() {
    let azure = Azure::start();
    let token = azure.sign_in(&format!("{ARM}/.default")).await;
    let base = format!(
        "{ARM}/subscriptions/{}/providers",
        azure.emulator.subscription_id()
    );
    let url = |rest: &str| format!("{base}/{rest}?api-version=2024-11-01");
    let unknown = azure.get(&url("Contoso.Nothing"), Some(&token)).await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (404, "InvalidResourceNamespace")
    );
    let state = |answer: &azure::Answer| answer.body["registrationState"].clone();
    let gone = azure
        .post_json(
            &url("Microsoft.KeyVault/unregister"),
            Some(&token),
            &json!({}),
        )
        .await;
    assert_eq!(state(&gone), "Unregistering");
    let begun = azure
        .post_json(
            &url("microsoft.keyvault/register"),
            Some(&token),
            &json!({}),
        )
        .await;
    assert_eq!(state(&begun), "Registering");
    assert_eq!(
        state(&azure.get(&url("Microsoft.KeyVault"), Some(&token)).await),
        "Registered"
    );
}

#[tokio::test]
async fn graph_knows_the_user_and_takes_no_token_of_another_service() {
    let azure = Azure::start();
    let me = "https://graph.microsoft.com/v1.0/me";
    let arm = azure.sign_in(&format!("{ARM}/.default")).await;
    assert_eq!(azure.get(me, Some(&arm)).await.status, 401);
    let token = azure.sign_in("https://graph.microsoft.com//.default").await;
    let user = azure.get(me, Some(&token)).await;
    assert_eq!(
        user.body["userPrincipalName"],
        "reader@contoso.onmicrosoft.com"
    );
    let found = azure
        .post_json(
            "https://graph.microsoft.com/v1.0/directoryObjects/getByIds",
            Some(&token),
            &json!({ "ids": [user.body["id"], "no-such-id"] }),
        )
        .await;
    assert_eq!(found.body["value"].as_array().unwrap().len(), 1);
    assert_eq!(
        found.body["value"][0]["@odata.type"],
        "#microsoft.graph.user"
    );
}

#[tokio::test]
async fn the_callers_own_machine_has_no_identity() {
    let azure = Azure::start();
    let url = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01\
               &resource=https%3A%2F%2Fvault.azure.net";
    let answer = azure.metadata(url, true).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_request"));
    let headerless = azure.metadata(url, false).await;
    assert_eq!(
        headerless.text,
        "Required metadata header not specified or not correct"
    );
}

#[tokio::test]
async fn nothing_is_served_once_the_serving_is_dropped() {
    let mut azure = Azure::start();
    assert_eq!(azure.get("https://aka.ms/x", None).await.status, 404);
    azure.stop();
    assert!(azure.refuses("https://aka.ms/x").await);
}
