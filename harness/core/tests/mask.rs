//! Secrets that a report must not show, and texts that it must show as they are.

use docproof_core::report::mask_secrets;

#[test]
fn what_is_no_secret_stays() {
    for text in [
        r#"TOKEN=$(curl 'http://169.254.169.254/metadata' | jq -r '.access_token')"#,
        r#"curl https://v.vault.azure.net/secrets/s -H "Authorization: Bearer $TOKEN""#,
        "AKV10000: Request is missing a Bearer or PoP token.",
        r#"WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/t""#,
        r#"{"refresh_token":"","token_type":"Bearer"}"#,
        "az login --service-principal --password <password>",
        "az x --password $PASSWORD --password-stdin",
        "Bearer authentication required",
        "72f988bf-86f1-41af-91ab-2d7cd011db47",
        "https://v.vault.azure.net/secrets/s/0123456789abcdef0123456789abcdef",
        "{\"value\":\"Hello Container Instances\"}",
        "eyJ0…",
    ] {
        assert_eq!(mask_secrets(text), text);
    }
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";
    let refresh = "0.AXoA1234567890abcdefghijklmnopqrstuvwxyz.AgABAwEAAAD";
    let secret = "abc8Q~abcdefghijklmnopqrstuvwxyz01234567";
    for (text, secret) in [
        (format!("token {jwt} end"), jwt),
        (format!("https://x/?t={jwt}&b=1"), jwt),
        (
            "cut eyJhbGciOiJSUzI1NiIsIng1dCI6Imk2bEdrM".to_owned(),
            "eyJhbGciOiJSUzI1NiIsIng1dCI6Imk2bEdrM",
        ),
        (format!("'Authorization': 'Bearer {jwt}'"), jwt),
        (
            "authorization: bearer abc.def-123456".to_owned(),
            "abc.def-123456",
        ),
        (format!("refresh {refresh}"), refresh),
        (format!("client {secret}"), secret),
        (r#"{"refresh_token": "opaque!"}"#.to_owned(), "opaque!"),
        (r#"{\"accessToken\": \"opaque!\"}"#.to_owned(), "opaque!"),
        ("/a/refresh_token: \"opaque!\"".to_owned(), "opaque!"),
        (r#"{"clientSecret":"opaque!"}"#.to_owned(), "opaque!"),
        (
            "grant_type=x&refresh_token=opaque!&scope=s".to_owned(),
            "opaque!",
        ),
        ("client_secret=opaque!".to_owned(), "opaque!"),
        (
            "AZURE_CLIENT_SECRET='opaque! too'".to_owned(),
            "opaque! too",
        ),
        ("az login --password opaque! -u a".to_owned(), "opaque!"),
        (
            "az x --client-secret=\"opaque! too\"".to_owned(),
            "opaque! too",
        ),
        (
            "https://a.blob.core.windows.net/c?sv=1&sig=opaque%3D&se=2".to_owned(),
            "opaque%3D",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----".to_owned(),
            "MIIE",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE".to_owned(), "MIIE"),
    ] {
        let masked = mask_secrets(&text);
        assert!(
            !masked.contains(secret) && masked.contains("***"),
            "{text}\n{masked}"
        );
        assert_eq!(mask_secrets(&masked), masked);
    }
}

#[test]
fn only_the_secret_is_masked() {
    assert_eq!(
        mask_secrets("grant_type=x&refresh_token=opaque&scope=s"),
        "grant_type=x&refresh_token=***&scope=s"
    );
    assert_eq!(
        mask_secrets(r#"{"access_token":"abc","expires_in":"1"}"#),
        r#"{"access_token":"***","expires_in":"1"}"#
    );
}
