//! Samples against outputs: each thing that a sample promises, and that it can fail.

use docproof_core::matching::{Bindings, Mismatch, MismatchKind, Pattern, failure};
use docproof_core::scenario::{Line, Sample};
use docproof_core::source::Position;

fn at(line: u32) -> Position {
    Position {
        file: "docs/article.md".to_owned(),
        line,
        column: 1,
    }
}

fn sample(text: &str) -> Sample {
    let lines = text.lines().zip(10..);
    let lines = lines.map(|(text, line)| Line {
        text: text.to_owned(),
        position: at(line),
    });
    Sample {
        position: at(10),
        lines: lines.collect(),
    }
}

fn compare(shown: &str, actual: &str, bindings: &mut Bindings) -> Vec<Mismatch> {
    Pattern::compile(&sample(shown))
        .matches(actual, bindings)
        .err()
        .unwrap_or_default()
}

fn differences(shown: &str, actual: &str) -> Vec<Mismatch> {
    compare(shown, actual, &mut Bindings::new())
}

#[track_caller]
fn same(shown: &str, actual: &str) {
    let found = differences(shown, actual);
    assert!(found.is_empty(), "{found:#?}");
}

/// The only difference: kind and pointer.
#[track_caller]
fn differs(shown: &str, actual: &str, kind: MismatchKind, pointer: &str) -> Mismatch {
    let mut found = differences(shown, actual);
    assert_eq!(found.len(), 1, "{found:#?}");
    let found = found.remove(0);
    assert_eq!(
        (found.kind, found.pointer.as_deref()),
        (kind, Some(pointer)),
        "{found:#?}"
    );
    found
}

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CLIENT: &str = "5f3c1f0e-7a55-4bb3-8a4a-0c1f5a3c2b11";
const PRINCIPAL: &str = "0d9f1c52-3c2a-4f5b-a1f4-5e6b7c8d9e0f";
const SUBSCRIPTION: &str = "9b1d7a34-42c1-4c8e-b0f6-3f2e1d0c9b8a";

/// The article's sample of a group with a user-assigned identity, corrected where it is wrong.
const USER_ASSIGNED: &str = r#"[...]
"identity": {
    "principalId": null,
    "tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    "type": "UserAssigned",
    "userAssignedIdentities": {
      "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/myResourceGroup/providers/Microsoft.ManagedIdentity/userAssignedIdentities/myACIId": {
        "clientId": "00001111-aaaa-2222-bbbb-3333cccc4444",
        "principalId": "aaaaaaaa-bbbb-cccc-1111-222222222222"
      }
    }
  },
[...]"#;

fn group(resource_group: &str) -> String {
    format!(
        r#"{{"containers": [{{"name": "mycontainer"}}], "identity": {{"principalId": null,
        "tenantId": "{TENANT}", "type": "UserAssigned", "userAssignedIdentities": {{
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{resource_group}/providers/microsoft.managedidentity/userAssignedIdentities/myACIId":
        {{"clientId": "{CLIENT}", "principalId": "{PRINCIPAL}"}}}}}}, "location": "eastus"}}"#
    )
}

#[test]
fn the_text_null_is_not_null() {
    let as_published = USER_ASSIGNED.replace("\"principalId\": null", "\"principalId\": \"null\"");
    let found = differs(
        &as_published,
        &group("myResourceGroup"),
        MismatchKind::Type,
        "/identity/principalId",
    );
    assert_eq!(
        (found.expected.as_str(), found.actual.as_str()),
        ("\"null\"", "null")
    );
    assert_eq!((found.position.line, found.position.column), (12, 20));
    assert!(
        found
            .message
            .contains("is null, the article shows the text \"null\""),
        "{found}"
    );
}

#[test]
fn another_resource_group_in_an_id_is_named() {
    let found = differences(USER_ASSIGNED, &group("danlep1018"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].kind, MismatchKind::Value);
    assert_eq!(found[0].position.line, 16);
    assert!(
        found[0]
            .message
            .contains("has `danlep1018` where the article has `myResourceGroup`"),
        "{}",
        found[0]
    );
}

#[test]
fn a_fragment_is_found_and_binds_its_stand_ins() {
    let mut bindings = Bindings::new();
    assert_eq!(
        compare(USER_ASSIGNED, &group("myResourceGroup"), &mut bindings),
        []
    );
    assert_eq!(
        bindings.get("aaaabbbb-0000-cccc-1111-dddd2222eeee"),
        Some(TENANT)
    );
    assert_eq!(
        bindings.get("AAAA0A0A-BB1B-CC2C-DD3D-EEEEEE4E4E4E"),
        Some(SUBSCRIPTION)
    );
    assert_eq!(bindings.iter().count(), 4);
    let (command, filled) = bindings.fill_in(r#"client_id="00001111-aaaa-2222-bbbb-3333cccc4444""#);
    assert_eq!(command, format!("client_id=\"{CLIENT}\""));
    let stand_in = "00001111-aaaa-2222-bbbb-3333cccc4444".to_owned();
    assert_eq!(filled, [(stand_in, CLIENT.to_owned())]);
}

#[test]
fn a_stand_in_keeps_its_value_in_later_samples() {
    let mut bindings = Bindings::new();
    assert_eq!(
        compare(USER_ASSIGNED, &group("myResourceGroup"), &mut bindings),
        []
    );
    let before = bindings.clone();
    let shown = r#"{"tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee"}"#;
    let found = compare(
        shown,
        &format!(r#"{{"tenantId": "{CLIENT}"}}"#),
        &mut bindings,
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, MismatchKind::Binding);
    assert!(
        found[0]
            .message
            .contains(&format!("stood for `{TENANT}` at docs/article.md:13:"))
    );
    assert_eq!(bindings, before);
    let again = format!(r#"{{"tenantId": "{}"}}"#, TENANT.to_uppercase());
    assert_eq!(compare(shown, &again, &mut bindings), []);
}

#[test]
fn a_failed_sample_binds_nothing() {
    let mut bindings = Bindings::new();
    let shown = r#"{"a": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "b": 1}"#;
    assert_eq!(
        compare(
            shown,
            &format!(r#"{{"a": "{TENANT}", "b": 2}}"#),
            &mut bindings
        )
        .len(),
        1
    );
    assert_eq!(bindings, Bindings::new());
}

#[test]
fn one_stand_in_twice_in_a_sample_is_one_value() {
    let shown = r#"{"a": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "b": "aaaabbbb-0000-cccc-1111-dddd2222eeee"}"#;
    let actual = format!(r#"{{"a": "{TENANT}", "b": "{CLIENT}"}}"#);
    differs(shown, &actual, MismatchKind::Binding, "/b");
    same(shown, &actual.replace(CLIENT, TENANT));
}

#[test]
fn a_guid_must_be_one_and_masks_do_not_bind() {
    let mask = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let shown = format!(r#"["{mask}", "{mask}", "00000000-0000-0000-0000-000000000000"]"#);
    same(
        &shown,
        &format!(r#"["{TENANT}", "{CLIENT}", "{PRINCIPAL}"]"#),
    );
    let found = differs(
        &shown,
        &format!(r#"["{TENANT}", "myId", "{PRINCIPAL}"]"#),
        MismatchKind::Value,
        "/1",
    );
    assert!(found.message.contains("is not a GUID"));
    differs(
        r#"["b24988ac-6180-42a0-ab88-20f7382dd24c"]"#,
        &format!(r#"["{TENANT}"]"#),
        MismatchKind::Value,
        "/0",
    );
}

/// The article's sample of a system-assigned identity.
const SYSTEM_ASSIGNED: &str = r#"[...]
"identity": {
    "principalId": "bbbbbbbb-cccc-dddd-2222-333333333333",
    "tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    "type": "SystemAssigned",
    "userAssignedIdentities": null
},
[...]"#;

#[test]
fn null_must_be_there_and_be_null() {
    let actual = |end: &str| {
        format!(
            r#"{{"id": 1, "identity": {{"principalId": "{PRINCIPAL}", "tenantId": "{TENANT}", "type": "SystemAssigned"{end}}}}}"#
        )
    };
    let pointer = "/identity/userAssignedIdentities";
    same(
        SYSTEM_ASSIGNED,
        &actual(r#", "userAssignedIdentities": null"#),
    );
    let found = differs(SYSTEM_ASSIGNED, &actual(""), MismatchKind::Missing, pointer);
    assert_eq!(found.position.line, 15);
    differs(
        SYSTEM_ASSIGNED,
        &actual(r#", "userAssignedIdentities": {}"#),
        MismatchKind::Type,
        pointer,
    );
    // An object that is shown whole has no more members, though the fragment around it is open.
    differs(
        SYSTEM_ASSIGNED,
        &actual(r#", "userAssignedIdentities": null, "new": true"#),
        MismatchKind::Extra,
        "/identity/new",
    );
    differs(
        SYSTEM_ASSIGNED,
        r#"{"id": 1, "identity": null}"#,
        MismatchKind::Type,
        "/identity",
    );
    differs(
        SYSTEM_ASSIGNED,
        r#"{"id": 1}"#,
        MismatchKind::Missing,
        "/identity",
    );
}

/// The article's sample of the metadata endpoint's answer, its token shortened.
const TOKEN: &str = r#"{"access_token":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1QiLCJhbGciOiJSUzI1NiIsIng1dCI6Imk2bEdrMyJ9......xxxxxxxxxxxxxxxxx","refresh_token":"","expires_in":"28799","expires_on":"1539927532","not_before":"1539898432","resource":"https://vault.azure.net/","token_type":"Bearer"}"#;

#[test]
fn a_token_answer_has_any_token_and_any_time_of_the_same_type() {
    let actual = r#"{"access_token":"eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln","refresh_token":"","expires_in":"86399","expires_on":"1763735532","not_before":"1763649132","resource":"https://vault.azure.net/","token_type":"Bearer"}"#;
    same(TOKEN, actual);
    let change = |from: &str, to: &str| {
        let changed = actual.replace(from, to);
        assert_ne!(changed, actual);
        changed
    };
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln";
    let cases = [
        (change(token, ""), MismatchKind::Value, "/access_token"),
        (
            change(token, "no token"),
            MismatchKind::Value,
            "/access_token",
        ),
        (
            change("\"1763735532\"", "1763735532"),
            MismatchKind::Type,
            "/expires_on",
        ),
        (
            change("1763735532", "tomorrow"),
            MismatchKind::Value,
            "/expires_on",
        ),
        (change("net/", "net"), MismatchKind::Value, "/resource"),
        (
            change(r#""refresh_token":"""#, r#""refresh_token":"a""#),
            MismatchKind::Value,
            "/refresh_token",
        ),
        (
            change(r#","token_type":"Bearer""#, ""),
            MismatchKind::Missing,
            "/token_type",
        ),
        (
            change("{\"acc", "{\"client_id\":\"a\",\"acc"),
            MismatchKind::Extra,
            "/client_id",
        ),
    ];
    for (changed, kind, pointer) in cases {
        differs(TOKEN, &changed, kind, pointer);
    }
}

/// The article's sample of a secret.
const SECRET: &str = r#"{"value":"Hello Container Instances","contentType":"ACIsecret","id":"https://mykeyvault.vault.azure.net/secrets/SampleSecret/xxxxxxxxxxxxxxxxxxxx","attributes":{"enabled":true,"created":1539965967,"updated":1539965967,"recoveryLevel":"Purgeable"},"tags":{"file-encoding":"utf-8"}}"#;

#[test]
fn a_secret_has_any_version_and_no_other_value() {
    let version = "0123456789abcdef0123456789abcdef";
    let actual = SECRET
        .replace("xxxxxxxxxxxxxxxxxxxx", version)
        .replace("1539965967", "1763649132");
    same(SECRET, &actual);
    let cases = [
        (
            "Hello Container",
            "Hallo Container",
            MismatchKind::Value,
            "/value",
        ),
        (version, "a/b", MismatchKind::Value, "/id"),
        (version, "", MismatchKind::Value, "/id"),
        ("mykeyvault", "other", MismatchKind::Value, "/id"),
        (
            "\"enabled\":true",
            "\"enabled\":\"true\"",
            MismatchKind::Type,
            "/attributes/enabled",
        ),
        (
            "\"created\":1763649132",
            "\"created\":\"1763649132\"",
            MismatchKind::Type,
            "/attributes/created",
        ),
        (
            "\"Purgeable\"",
            "\"Recoverable\"",
            MismatchKind::Value,
            "/attributes/recoveryLevel",
        ),
        (
            "\"tags\"",
            "\"managed\":true,\"tags\"",
            MismatchKind::Extra,
            "/managed",
        ),
        (
            "file-encoding",
            "file/encoding",
            MismatchKind::Extra,
            "/tags/file~1encoding",
        ),
    ];
    for (from, to, kind, pointer) in cases {
        let found = differences(SECRET, &actual.replace(from, to));
        assert!(
            found
                .iter()
                .any(|found| found.kind == kind && found.pointer.as_deref() == Some(pointer)),
            "{from} {found:#?}"
        );
    }
    let shown = format!(r#"{{"id": "https://v.vault.azure.net/secrets/s/{version}"}}"#);
    same(
        &shown,
        r#"{"id": "https://v.vault.azure.net/secrets/s/fedcba9876543210fedcba9876543210"}"#,
    );
    differs(
        &shown,
        r#"{"id": "https://v.vault.azure.net/secrets/s/short"}"#,
        MismatchKind::Value,
        "/id",
    );
}

#[test]
fn a_quoted_text_is_a_json_value() {
    let shown = r#""Hello Container Instances""#;
    assert!(Pattern::compile(&sample(shown)).is_json());
    same(shown, "\"Hello Container Instances\"\n");
    differs(shown, "\"Hello\"", MismatchKind::Value, "");
    let found = differences(shown, "Hello Container Instances");
    assert_eq!(
        (found[0].kind, found[0].position.line),
        (MismatchKind::Text, 10)
    );
    assert_eq!(
        differences(shown, "")[0].message,
        "there is no output, the article shows JSON"
    );
    assert_eq!(
        differences("Hello", "\"Hello\"")[0].kind,
        MismatchKind::Text
    );
}

#[test]
fn elisions_in_objects_and_arrays_leave_room() {
    let shown = "{\n  \"a\": 1,\n  ...\n  \"list\": [\n    1,\n    ...,\n    3\n  ],\n  \"any\": {...},\n  \"more\": [...]\n}";
    let actual = r#"{"a": 1, "b": 2, "list": [1, 2, 2, 3], "any": {"x": 1}, "more": []}"#;
    same(shown, actual);
    differs(
        shown,
        &actual.replace("[1, 2", "[0, 2"),
        MismatchKind::Missing,
        "/list",
    );
    differs(
        shown,
        &actual.replace("2, 3]", "2]"),
        MismatchKind::Missing,
        "/list",
    );
    differs(
        shown,
        &actual.replace("{\"x\": 1}", "[]"),
        MismatchKind::Type,
        "/any",
    );
    differs(
        shown,
        &actual.replace("\"a\": 1, ", ""),
        MismatchKind::Missing,
        "/a",
    );
}

#[test]
fn arrays_shown_whole_have_their_length() {
    same("[1, 2.0, [true],]", "[1, 2, [true]]");
    differs("[1, 2]", "[1]", MismatchKind::Missing, "/1");
    differs("[1]", "[1, 2]", MismatchKind::Extra, "/1");
    differs("[1]", "[\"1\"]", MismatchKind::Type, "/0");
    differs("[true]", "[false]", MismatchKind::Value, "/0");
    differs(
        "[9007199254740993]",
        "[9007199254740992]",
        MismatchKind::Value,
        "/0",
    );
}

#[test]
fn forgotten_braces_and_commas_are_no_difference() {
    let actual = r#"{"a": 1, "b": {"c": 2}}"#;
    same("\"a\": 1,\n\"b\": {\n \"c\": 2,\n", actual);
    same("{\"a\": 1\n\"b\": {\"c\": 2,},", actual);
    same("  \"c\": 2\n  }\n}", actual);
    differs("  \"c\": 3\n  }\n}", actual, MismatchKind::Value, "/b/c");
    differs(
        "{\"a\": 1, \"b\": {\"c\": 2",
        &actual.replace("2}", "2, \"d\": 3}"),
        MismatchKind::Extra,
        "/b/d",
    );
}

#[test]
fn a_fragment_prefers_the_top_and_must_be_clear() {
    let shown = "...\n\"name\": \"a\",\n...";
    same(shown, r#"{"name": "a", "inner": {"name": "b"}}"#);
    differs(
        shown,
        r#"{"name": "b", "inner": {"name": "a"}}"#,
        MismatchKind::Value,
        "/name",
    );
    same(shown, r#"[{"name": "a"}, {"name": "b"}]"#);
    let found = differs(
        shown,
        r#"[{"name": "a"}, {"name": "a"}]"#,
        MismatchKind::Value,
        "",
    );
    assert_eq!(found.actual, "/0, /1");
    same(
        "...\n\"a\": 1\n...\n\"b\": 2\n...",
        r#"{"x": {"a": 1}, "y": {"b": 2}}"#,
    );
    same("[...]\n{ \"id\": 2 },\n[...]", r#"[{"id": 1}, {"id": 2}]"#);
    assert!(!differences("[...]\n{ \"id\": 3 },\n[...]", r#"[{"id": 1}, {"id": 2}]"#).is_empty());
}

#[test]
fn the_last_of_several_values_is_the_one_that_is_shown() {
    same("{\"b\": 2}", "{\"a\": 1}\n{\"b\": 2}\n");
    assert!(!differences("{\"a\": 1}", "{\"a\": 1}\n{\"b\": 2}\n").is_empty());
    assert!(!differences("{\"a\": 1}\n{\"b\": 2}", "{\"a\": 1}").is_empty());
}

#[test]
fn placeholders_bind_within_longer_texts() {
    let mut bindings = Bindings::new();
    let shown = r#"{"id": "/subscriptions/<subscription-id>/resourceGroups/<group>", "name": "<group>", "port": <port>, "<key>": 1}"#;
    let actual =
        r#"{"id": "/SUBSCRIPTIONS/s1/resourcegroups/g1", "name": "g1", "port": 80, "k": 1}"#;
    assert_eq!(compare(shown, actual, &mut bindings), []);
    assert_eq!(bindings.get("<group>"), Some("g1"));
    assert_eq!(bindings.get("<port>"), Some("80"));
    differs(
        shown,
        &actual.replace("\"g1\"", "\"g2\""),
        MismatchKind::Binding,
        "/name",
    );
    differs(
        shown,
        &actual.replace("groups/g1", "groups/g1/x"),
        MismatchKind::Value,
        "/id",
    );
}

#[test]
fn moments_are_moments() {
    let shown = r#"{"createdAt": "2024-08-29T12:01:02.1234567Z", "api": "2018-02-01"}"#;
    same(
        shown,
        r#"{"createdAt": "2026-11-21T14:29:36+00:00", "api": "2018-02-01"}"#,
    );
    differs(
        shown,
        r#"{"createdAt": "now", "api": "2018-02-01"}"#,
        MismatchKind::Value,
        "/createdAt",
    );
    differs(
        shown,
        r#"{"createdAt": "2026-11-21T14:29:36Z", "api": "2019-02-01"}"#,
        MismatchKind::Value,
        "/api",
    );
}

#[test]
fn tables_are_compared_word_by_word() {
    let shown = "Name    ResourceGroup    Status\n------  ---------------  --------\n<app>   myResourceGroup  Running\n";
    let actual = "Name       ResourceGroup    Status\n---------  ---------------  -------\nmycontain  myResourceGroup  Running\n";
    same(shown, actual);
    let found = differences(shown, &actual.replace("Running", "Failed"));
    assert_eq!(
        (found.len(), found[0].kind, found[0].position.line),
        (1, MismatchKind::Text, 12)
    );
    let longer = format!("{actual}other  g  Running\n");
    assert_eq!(differences(shown, &longer)[0].kind, MismatchKind::Extra);
    let shorter = actual.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(differences(shown, &shorter)[0].kind, MismatchKind::Missing);
}

#[test]
fn text_has_elisions_and_holes() {
    let shown = "listening on port 80\n...\nid xxxxxxxx done\n[...]";
    same(shown, "listening on port 80\nid 0a1b2c done");
    same(
        shown,
        "listening on port 80\nnoise\nid 0a1b2c done\nmore\nmore",
    );
    let found = differences(shown, "noise\nlistening on port 80\nid 1 done");
    assert_eq!(
        (found[0].kind, found[0].position.line),
        (MismatchKind::Text, 10)
    );
    let found = differences(shown, "listening on port 80\nid a b done");
    assert_eq!(
        (found[0].kind, found[0].position.line),
        (MismatchKind::Text, 12)
    );
    let found = differences("a\nb\nc", "a\nc");
    assert_eq!(
        (found.len(), found[0].kind, found[0].position.line),
        (1, MismatchKind::Missing, 11)
    );
    let found = differences("a\nc", "a\nb\nc");
    assert_eq!((found.len(), found[0].kind), (1, MismatchKind::Extra));
    assert!(!differences("...\nb", "b\nc").is_empty());
    assert_eq!(differences("", "something")[0].kind, MismatchKind::Extra);
    same("...", "something\nor other");
    same("", "\n");
}

#[test]
fn only_plain_words_are_filled_in_and_only_for_whole_stand_ins() {
    let guid = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    let mut bindings = Bindings::new();
    bindings.set("<name>", "x; rm -rf \"$HOME\"");
    bindings.set(guid, TENANT);
    let text = format!(
        "az x --n <name> {guid}0 a{guid} $(echo {guid}) {}",
        guid.to_uppercase()
    );
    let (filled, replaced) = bindings.fill_in(&text);
    assert_eq!(
        filled,
        format!("az x --n <name> {guid}0 a{guid} $(echo {TENANT}) {TENANT}")
    );
    assert_eq!(replaced.len(), 2);
    assert_eq!(
        bindings.fill_in("nothing here"),
        ("nothing here".to_owned(), vec![])
    );
}

#[test]
fn a_failure_shows_both_sides_of_every_difference() {
    assert_eq!(failure(&[]), None);
    let found = differences("{\"a\": 1,\n\"b\": 2}", "{\"a\": \"1\"}");
    let failure = failure(&found).unwrap();
    assert_eq!(failure.expected.as_deref(), Some("/a: 1\n/b: 2"));
    assert_eq!(failure.actual.as_deref(), Some("/a: \"1\"\n/b: (nothing)"));
    assert!(
        failure
            .message
            .starts_with("the output differs from the article in 2 places")
    );
}
