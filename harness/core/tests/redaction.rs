//! What a run has met of secrets and ids reaches no text, however it is written.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use docproof_core::redaction::{Kind, Tracked, Tracker};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const SECRET: &str = "p'\"ä/+ ss\\w&rd=<1>\n$`2";
const SUBSCRIPTION: &str = "5f2a9c1e-7d3b-4e86-a1f0-93b6c8d24e75";
const TENANT: &str = "c0ffee11-2233-4455-8677-8899aabbccdd";

fn tracker() -> Tracker {
    let mut tracker = Tracker::new(false);
    assert_eq!(tracker.track(Kind::Secret, SECRET), Tracked::Yes);
    assert_eq!(
        tracker.track(Kind::Subscription, SUBSCRIPTION),
        Tracked::Yes
    );
    assert_eq!(tracker.track(Kind::Tenant, TENANT), Tracked::Yes);
    tracker
}

#[test]
fn what_was_not_told_stays() {
    let mut tracker = tracker();
    for text in [
        "nothing of it",
        "00000000-0000-0000-0000-000000000000",
        "p'\"ä/+ ss",
        "a\nb\r\n\n",
        "",
        "é ü 漢字",
    ] {
        assert_eq!(tracker.redact(text), text);
    }
    assert_eq!(tracker.track(Kind::Secret, " a\nb "), Tracked::TooShort);
    assert_eq!(tracker.track(Kind::Secret, ""), Tracked::TooShort);
    assert_eq!(tracker.track(Kind::Secret, SECRET), Tracked::Already);
    tracker.publish("--value \"Hello Container Apps\"");
    assert_eq!(
        tracker.track(Kind::Secret, "Hello Container Apps"),
        Tracked::Public
    );
    assert_eq!(
        tracker.redact("Hello Container Apps"),
        "Hello Container Apps"
    );
    // Told first, published later.
    tracker.track(Kind::Secret, "aSecretValue");
    tracker.publish("aSecretValue");
    assert_eq!(tracker.redact("aSecretValue"), "aSecretValue");
}

#[test]
fn ids_are_kept_where_they_are_asked_for() {
    let mut tracker = Tracker::new(true);
    tracker.track(Kind::Subscription, SUBSCRIPTION);
    tracker.track(Kind::Secret, "a-secret-of-some-length");
    let text = format!("/subscriptions/{SUBSCRIPTION}/x a-secret-of-some-length");
    assert_eq!(
        tracker.redact(&text),
        format!("/subscriptions/{SUBSCRIPTION}/x ***")
    );
}

#[test]
fn ids_are_told_apart() {
    let mut tracker = tracker();
    tracker.track(Kind::Subscription, "11111111-7d3b-4e86-a1f0-93b6c8d24e75");
    let text = format!(
        "{} {TENANT} 11111111-7d3b-4e86-a1f0-93b6c8d24e75",
        SUBSCRIPTION.to_uppercase()
    );
    assert_eq!(
        tracker.redact(&text),
        "<subscription-id> <tenant-id> <subscription-id-2>"
    );
    assert_eq!(
        tracker.redact(&SUBSCRIPTION.replace('-', "")),
        "<subscription-id>"
    );
}

/// What stands around a secret in each of its forms, so that it is all of the form that goes.
fn written() -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(SECRET).unwrap();
    let twice = serde_json::to_string(json.trim_matches('"')).unwrap();
    let slashes = json.replace('/', "\\/");
    let dotnet = "p\\u0027\\u0022\\u00E4/\\u002B ss\\\\w\\u0026rd=\\u003C1\\u003E\\n$\\u00602";
    let python = json.replace('ä', "\\u00e4");
    let strict = percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC)
        .to_string();
    let again = strict.replace('%', "%25");
    let form = strict.replace("%20", "+");
    let html = SECRET
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let shell = SECRET.replace('\'', r"'\''");
    vec![
        ("plain", SECRET.to_owned()),
        ("json", json.trim_matches('"').to_owned()),
        ("json in json", twice.trim_matches('"').to_owned()),
        ("json, slashes", slashes.trim_matches('"').to_owned()),
        ("json of .NET", dotnet.to_owned()),
        ("json, ascii", python.trim_matches('"').to_owned()),
        ("url", strict.clone()),
        ("url, lower case", strict.to_lowercase()),
        ("url twice", again),
        ("form", form),
        ("html", html),
        ("shell", shell),
    ]
}

#[test]
fn every_form_goes() {
    let tracker = tracker();
    for (form, text) in written() {
        assert_eq!(tracker.redact(&format!("<{text}>")), "<***>", "{form}");
        assert_eq!(tracker.redact(&text), "***", "{form}");
    }
    for before in ["", "a", "ab", "abc"] {
        for behind in ["", "x", "xy"] {
            let text = format!("{before}{SECRET}{behind}");
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let redacted = tracker.redact(&encoded);
                assert!(redacted.contains("***"), "{encoded}");
                // Up to two digits on each side belong to what stands beside it.
                assert!(
                    redacted.len() <= before.len() * 2 + behind.len() * 2 + 11,
                    "{encoded}: {redacted}"
                );
            }
        }
    }
    let wide: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(tracker.redact(&STANDARD.encode(wide)).len() < 8);
}

#[test]
fn lines_are_broken_anywhere() {
    let mut tracker = Tracker::new(false);
    let secret = "a-secret-of-some-length-0123456789";
    tracker.track(Kind::Secret, secret);
    let encoded = STANDARD.encode(format!("user:{secret}"));
    for width in [3, 7, 20] {
        let pieces: Vec<String> = encoded
            .as_bytes()
            .chunks(width)
            .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
            .collect();
        for end in ["\n", "\r\n"] {
            assert!(tracker.redact(&pieces.join(end)).contains("***"), "{width}");
        }
    }
}

#[test]
fn values_that_overlap_leave_nothing() {
    let mut tracker = Tracker::new(false);
    tracker.track(Kind::Tenant, TENANT);
    tracker.track(Kind::Secret, &format!("{TENANT}.secret"));
    tracker.track(Kind::Secret, "secret-and-more");
    assert_eq!(
        tracker.redact(&format!("-{TENANT}.secret-and-more-")),
        "-***-"
    );
    assert_eq!(tracker.redact(&format!("-{TENANT}-")), "-<tenant-id>-");
}

#[test]
fn what_looks_like_a_secret_goes_untold() {
    let tracker = Tracker::new(false);
    assert_eq!(
        tracker.redact("Authorization: Bearer abc.def-1234567"),
        "Authorization: Bearer ***"
    );
}

#[test]
fn values_are_learnt_where_they_appear() {
    let claims = format!(
        r#"{{"tid":"{TENANT}","oid":"0b1ec7ed-7d3b-4e86-a1f0-93b6c8d24e75","appid":"04b07795-8ddb-461a-bbee-02f9e1bf7b46","upn":"anna@contoso.example"}}"#
    );
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(claims)
    );
    let key = "A".repeat(86) + "==";
    let learnt = [
        (
            format!("token {token}"),
            vec![
                token.as_str(),
                TENANT,
                "0b1ec7ed-7d3b-4e86-a1f0-93b6c8d24e75",
                "anna@contoso.example",
            ],
        ),
        (
            r#"[{"keyName":"key1","permissions":"FULL","value":"short-key"}]"#.to_owned(),
            vec!["short-key"],
        ),
        (
            r#"{"passwords":[{"name":"password","value":"pw-of-registry"}],"username":"x"}"#
                .to_owned(),
            vec!["pw-of-registry"],
        ),
        (
            r#"{"id":"https://v.vault.azure.net/secrets/s/1","value":"the value"}"#.to_owned(),
            vec!["the value"],
        ),
        (
            format!(
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={key};EndpointSuffix=x"
            ),
            vec![key.as_str()],
        ),
        (
            "https://a.blob.core.windows.net/c?sv=2022&sig=abcd%2Befgh%3D".to_owned(),
            vec!["abcd%2Befgh%3D"],
        ),
        (
            r#"{"primarySharedKey":"a-shared-key="}"#.to_owned(),
            vec!["a-shared-key="],
        ),
        (
            format!(
                r#"{{"id":"{SUBSCRIPTION}","tenantId":"{TENANT}","user":{{"name":"anna@contoso.example","type":"user"}}}}"#
            ),
            vec![SUBSCRIPTION, TENANT, "anna@contoso.example"],
        ),
        (
            format!("GET https://management.azure.com/subscriptions/{SUBSCRIPTION}/x"),
            vec![SUBSCRIPTION],
        ),
        (
            format!("https://login.microsoftonline.com/{TENANT}/oauth2"),
            vec![TENANT],
        ),
        (
            r#"{"properties":{"principalId":"0b1ec7ed-7d3b-4e86-a1f0-93b6c8d24e75"}}"#.to_owned(),
            vec!["0b1ec7ed-7d3b-4e86-a1f0-93b6c8d24e75"],
        ),
        (
            r#"{"nested":"{\"clientSecret\":\"x\"}","client_secret":"the-secret"}"#.to_owned(),
            vec!["the-secret"],
        ),
    ];
    for (text, values) in learnt {
        let mut tracker = Tracker::new(false);
        assert!(tracker.learn(&text) >= values.len(), "{text}");
        assert_eq!(tracker.learn(&text), 0, "{text}");
        for value in values {
            let redacted = tracker.redact(&format!("[{value}]"));
            assert!(!redacted.contains(value), "{value} of {text}");
        }
        assert!(!tracker.redact(&text).contains("the value"));
    }
    for text in [
        "{}",
        "plain words",
        r#"{"value":"Hello","name":"x"}"#,
        r#"{"id":"x","tenant":"y"}"#,
        "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    ] {
        assert_eq!(Tracker::new(false).learn(text), 0, "{text}");
    }
    let mut tracker = Tracker::new(false);
    assert_eq!(
        tracker.learn_answer(
            "https://management.azure.com/x/listSecrets?api-version=1",
            r#"{"value":[{"name":"a","value":"the value"}]}"#
        ),
        1
    );
    assert_eq!(
        tracker.learn_answer(
            "https://management.azure.com/x/apps?api-version=1",
            r#"{"value":[{"name":"a","value":"other value"}]}"#
        ),
        0
    );
}

fn through(tracker: &Tracker, chunks: &[&[u8]]) -> String {
    let (mut stream, mut out) = (tracker.stream(), Vec::new());
    for chunk in chunks {
        stream.push(chunk, &mut out);
    }
    stream.finish(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_stream_shows_what_a_text_does() {
    let tracker = tracker();
    for (form, text) in written() {
        let text = format!("before {text} behind {SUBSCRIPTION}\nlast");
        let whole = tracker.redact(&text);
        for at in 0..=text.len() {
            let (one, two) = text.as_bytes().split_at(at);
            assert_eq!(through(&tracker, &[one, two]), whole, "{form} cut at {at}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(through(&tracker, &bytes), whole, "{form}");
    }
    let key = "a\n-----BEGIN PRIVATE KEY-----\nMIIabc\nMIIdef\n-----END PRIVATE KEY-----\nb\n";
    let lines: Vec<&[u8]> = key.as_bytes().chunks(5).collect();
    assert_eq!(through(&tracker, &lines), "a\n***\nb\n");
}

#[test]
fn a_line_comes_out_when_it_has_ended() {
    let (mut stream, mut out) = (tracker().stream(), Vec::new());
    stream.push(b"first\nsec", &mut out);
    assert_eq!(out, b"first\n");
    stream.push(&[b'x'; 1 << 17], &mut out);
    stream.push(b" y", &mut out);
    assert!(
        out.len() > 1 << 17,
        "a line without end is not kept for ever"
    );
}

#[test]
fn many_tokens_are_learnt_at_once() {
    let mut tracker = Tracker::new(false);
    let begun = Instant::now();
    for number in 0..60 {
        let part = |letter: char, length: usize| format!("{number:04}{letter}").repeat(length / 5);
        let token = format!(
            "eyJ{}.{}.{}",
            part('a', 100),
            part('b', 1700),
            part('c', 342)
        );
        tracker.track(Kind::Secret, &token);
        assert_eq!(tracker.redact(&token), "***");
        let encoded = STANDARD.encode(format!("x{token}"));
        assert!(tracker.redact(&encoded).len() < 12, "{encoded}");
    }
    // Learnt one after the other, which is the slowest way.
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn time_grows_with_the_text_alone() {
    let mut tracker = Tracker::new(false);
    for number in 0..200 {
        tracker.track(Kind::Secret, &format!("{}{number}", "ab".repeat(500)));
    }
    let time = |bytes: usize| {
        let text = "ab".repeat(bytes / 2);
        let begun = Instant::now();
        let redacted = tracker.redact(&text);
        assert_eq!(redacted.len(), text.len());
        begun.elapsed()
    };
    time(1000);
    let (small, large) = (time(100_000), time(1_600_000));
    assert!(
        large < small * 80 + Duration::from_millis(200),
        "{small:?} {large:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_value_is_left(
        values in prop::collection::vec("[ -~]{8,40}", 1..5),
        around in prop::collection::vec("[ -~\n]{0,20}", 1..6),
        cut in 1_usize..40,
    ) {
        let mut tracker = Tracker::new(false);
        for value in &values {
            tracker.track(Kind::Secret, value);
        }
        let mut text = String::new();
        for (index, between) in around.iter().enumerate() {
            text.push_str(between);
            let value = values[index % values.len()].trim();
            match index % 4 {
                0 => text.push_str(value),
                1 => text.push_str(&serde_json::to_string(value).unwrap()),
                2 => text.push_str(&STANDARD.encode(value)),
                _ => text.extend(percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)),
            }
        }
        let chunks: Vec<&[u8]> = text.as_bytes().chunks(cut).collect();
        for shown in [tracker.redact(&text), through(&tracker, &chunks)] {
            for value in values.iter().map(|value| value.trim()).filter(|value| value.len() >= 4) {
                if around.iter().any(|between| between.contains(value)) { continue; }
                prop_assert!(!shown.contains(value), "{value} in {shown}");
                let encoded = STANDARD.encode(value);
                let own = encoded.trim_end_matches('=');
                prop_assert!(!shown.contains(&own[..own.len() - 1]), "{own} in {shown}");
            }
        }
    }
}
