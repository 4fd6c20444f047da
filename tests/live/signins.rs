//! What a caller may sign in with, beside a session of `az` and a secret.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::{Failed, Trial};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::json;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:contoso/docs:environment:nightly";

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let trial = common::trial("signs_in::federated", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(federated())
    });
    let certificate = common::trial("signs_in::with_a_certificate", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(certificate())
    });
    let short = common::trial("signs_in::for_longer_than_its_token_lasts", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(short())
    });
    let workflow = common::trial("signs_in::as_a_github_workflow", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(workflow())
    });
    let kept = common::trial("ends::kept", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(kept())
    });
    vec![trial, certificate, short, workflow, kept]
}

/// A token of that issuer; nobody here verifies its signature.
fn token(subject: &str) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": "api://AzureADTokenExchange", "exp": 4_102_444_800_u64,
    });
    let header = json!({ "alg": "RS256", "typ": "JWT" });
    format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
}

async fn federated() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let subscription = Subscription::of(&place.emulator).await;
    let application = place.emulator.add_application("nightly", "unused-here");
    subscription.owner(&application.object_id).await;
    place.emulator.trust(&application, ISSUER, SUBJECT);
    place.write("token", &token(SUBJECT));
    place.write("other-token", &token("repo:contoso/docs:pull_request"));
    let tenant = place.emulator.tenant_id().to_owned();
    let words = ["run", "aci-user-assigned", "--target", "azure", "--dry-run"];
    for (file, code) in [("token", 0), ("other-token", 3)] {
        let file = place.path().join(file).to_string_lossy().into_owned();
        let variables = [
            ("AZURE_CLIENT_ID", application.client_id.as_str()),
            ("AZURE_TENANT_ID", tenant.as_str()),
            ("AZURE_FEDERATED_TOKEN_FILE", file.as_str()),
        ];
        let ended = place.run(&place.docproof(&words), &variables).await;
        assert_eq!(ended.code, code, "{}", ended.told());
        crate::secrets::none_of(&place, &ended, &[&token(SUBJECT), &application.client_id])?;
    }
    Ok(())
}

/// A token of GitHub is good for minutes: once the walkthrough runs, nothing needs it any more.
async fn short() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let subscription = Subscription::of(&place.emulator).await;
    let before = subscription.inventory().await;
    let application = place.emulator.add_application("nightly", "unused-here");
    subscription.owner(&application.object_id).await;
    let owned = subscription.inventory().await;
    place.emulator.trust(&application, ISSUER, SUBJECT);
    place.write("token", &token(SUBJECT));
    let tenant = place.emulator.tenant_id().to_owned();
    let file = place.path().join("token").to_string_lossy().into_owned();
    let variables = [
        ("AZURE_CLIENT_ID", application.client_id.as_str()),
        ("AZURE_TENANT_ID", tenant.as_str()),
        ("AZURE_FEDERATED_TOKEN_FILE", file.as_str()),
    ];
    let words = place.docproof(&["run", "aci-user-assigned", "--target", "azure"]);
    let (process, out, err) = place.start(&words, &variables);
    let mut seen = 0;
    while process.try_exit().is_none() {
        let new = place.emulator.next_requests(seen).await;
        seen += new.len();
        let is_group = |url: &str| url.to_lowercase().contains("/resourcegroups/");
        if new
            .iter()
            .any(|one| one.method == "PUT" && is_group(&one.url))
        {
            break;
        }
    }
    place
        .emulator
        .trust(&application, ISSUER, "nobody any more");
    let code = process.wait().await;
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let told = format!("{}\n{}", read(&out), read(&err));
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("passed with"), "{told}");
    assert_eq!(subscription.inventory().await, owned, "{told}");
    assert_ne!(before, owned);
    Ok(())
}

/// The key is the certificate's, or the principal is refused.
async fn certificate() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let subscription = Subscription::of(&place.emulator).await;
    let application = place.emulator.add_application("nightly", "unused-here");
    subscription.owner(&application.object_id).await;
    for name in ["own", "other"] {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let certificate = CertificateParams::new(vec!["nightly".to_owned()])?.self_signed(&key)?;
        place.write(
            &format!("{name}.pem"),
            &format!("{}{}", key.serialize_pem(), certificate.pem()),
        );
        if name == "own" {
            place.emulator.certify(&application, &certificate.pem());
        }
    }
    let tenant = place.emulator.tenant_id().to_owned();
    let words = ["run", "aci-user-assigned", "--target", "azure", "--dry-run"];
    for (name, code) in [("own", 0), ("other", 3)] {
        let file = place.path().join(format!("{name}.pem"));
        let file = file.to_string_lossy().into_owned();
        let variables = [
            ("AZURE_CLIENT_ID", application.client_id.as_str()),
            ("AZURE_TENANT_ID", tenant.as_str()),
            ("AZURE_CLIENT_CERTIFICATE_PATH", file.as_str()),
        ];
        let ended = place.run(&place.docproof(&words), &variables).await;
        assert_eq!(ended.code, code, "{}", ended.told());
        let refused = ended.told().contains("AADSTS700027");
        assert_eq!(refused, code != 0, "{}", ended.told());
    }
    Ok(())
}

/// What a workflow's runner serves: a token for whoever asks as GitHub documents it.
const RUNNER: &str = r#"
import http.server, sys
class Runner(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = (self.headers["authorization"] == "Bearer of-the-job"
                 and self.path == "/token?api=1&audience=api%3A%2F%2FAzureADTokenExchange")
        body = ('{"count": 1, "value": "%s"}' % sys.argv[1]).encode() if known else b"{}"
        self.send_response(200 if known else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", 8099), Runner).serve_forever()
"#;

/// The token comes from the address that GitHub gives to a job.
async fn workflow() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    let subscription = Subscription::of(&place.emulator).await;
    let application = place.emulator.add_application("nightly", "unused-here");
    subscription.owner(&application.object_id).await;
    place.emulator.trust(&application, ISSUER, SUBJECT);
    place.write("runner.py", RUNNER);
    let runner = place
        .path()
        .join("runner.py")
        .to_string_lossy()
        .into_owned();
    let tenant = place.emulator.tenant_id().to_owned();
    let words = place.docproof(&["run", "aci-user-assigned", "--target", "azure", "--dry-run"]);
    let script = "python3 \"$1\" \"$2\" & server=$!; shift 2; \
        until (exec 3<>/dev/tcp/127.0.0.1/8099) 2>/dev/null; do kill -0 $server || exit 9; done; \
        \"$@\"; code=$?; kill $server; exit $code";
    for (request, code) in [("of-the-job", 0), ("of-another", 3)] {
        let token = token(SUBJECT);
        let mut argv = vec!["bash", "-c", script, "runner", &runner, &token];
        argv.extend(&words);
        let variables = [
            ("AZURE_CLIENT_ID", application.client_id.as_str()),
            ("AZURE_TENANT_ID", tenant.as_str()),
            (
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                "http://127.0.0.1:8099/token?api=1",
            ),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", request),
        ];
        let ended = place.run(&argv, &variables).await;
        assert_eq!(ended.code, code, "{}", ended.told());
        let told = ended.told().contains("GitHub gives no token");
        assert_eq!(told, code != 0, "{}", ended.told());
        crate::secrets::none_of(&place, &ended, &[&token, request])?;
    }
    Ok(())
}

/// What is kept stays, and is nobody else's to sweep up unless that is said.
async fn kept() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    place.sign_in().await;
    let subscription = Subscription::of(&place.emulator).await;
    let before = subscription.inventory().await;
    let ended = place.live("aci-user-assigned", &["--keep"]).await;
    assert_eq!(ended.code, 0, "{}", ended.told());
    let there = subscription.inventory().await;
    assert!(there.len() > before.len(), "{}", ended.told());
    let swept = place.run(&place.docproof(&["sweep"]), &[]).await;
    assert!(swept.stdout.contains("nothing is left"), "{}", swept.told());
    assert_eq!(subscription.inventory().await, there);
    let looked = place
        .run(&place.docproof(&["sweep", "--kept", "--dry-run"]), &[])
        .await;
    assert!(
        looked.stdout.contains("resource group"),
        "{}",
        looked.told()
    );
    assert_eq!(subscription.inventory().await, there);
    let swept = place.run(&place.docproof(&["sweep", "--kept"]), &[]).await;
    assert_eq!(swept.code, 0, "{}", swept.told());
    assert_eq!(subscription.inventory().await, before, "{}", swept.told());
    assert!(place.ledgers().is_empty());
    Ok(())
}
