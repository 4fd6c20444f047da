//! What holds for any sample and any output.

use docproof_core::matching::{Bindings, Pattern};
use docproof_core::scenario::{Line, Sample};
use docproof_core::source::Position;
use proptest::prelude::*;
use serde_json::Value;

fn sample(text: &str) -> Sample {
    let at = |line| Position {
        file: "a.md".to_owned(),
        line,
        column: 1,
    };
    let lines = text.split('\n').zip(1..);
    let lines = lines.map(|(text, line)| Line {
        text: text.to_owned(),
        position: at(line),
    });
    Sample {
        position: at(1),
        lines: lines.collect(),
    }
}

fn json(text: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let key = prop_oneof![3 => text, 1 => "created|expires_on|id|value"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Pieces of samples, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[...]"),
        Just("..."),
        Just("…"),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just("\""),
        Just("\\"),
        Just(":"),
        Just(","),
        Just("\n"),
        Just("//"),
        Just("#"),
        Just("<a>"),
        Just("<"),
        Just("eyJ0…"),
        Just("xxxxxxxx"),
        Just("é"),
        Just("1"),
        Just("-"),
        Just("null"),
        Just("\"a\": 1"),
        Just("/subscriptions/"),
        Just("providers/"),
        Just("***"),
        Just("\t"),
        Just("aaaabbbb-0000-cccc-1111-dddd2222eeee"),
        Just("2024-01-01T00:00:00Z"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(shown in soup(), actual in soup(), any in ".{0,60}") {
        let mut bindings = Bindings::new();
        for (shown, actual) in [(&shown, &actual), (&shown, &any), (&any, &actual), (&shown, &shown)] {
            let pattern = Pattern::compile(&sample(shown));
            let before = bindings.clone();
            if pattern.matches(actual, &mut bindings).is_err() {
                prop_assert_eq!(&bindings, &before);
            }
            let _ = bindings.fill_in(actual);
        }
    }

    #[test]
    fn json_matches_itself(value in json("[ -;=?-DF-WY-df-wy-zé\"\\\\\n]{0,8}"), pretty: bool) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let found = Pattern::compile(&sample(&text)).matches(&value.to_string(), &mut Bindings::new());
        prop_assert!(found.is_ok(), "{text}\n{found:#?}");
    }

    #[test]
    fn json_does_not_match_other_json(value in json("[a-z]{1,3}"), other in json("[a-z]{1,3}")) {
        // Times match other times, and numbers are the same however they are written.
        let text = value.to_string();
        prop_assume!(!text.contains("created") && !text.contains("expires_on"));
        prop_assume!(value.is_array() || value.is_object());
        prop_assume!(value != other);
        let found = Pattern::compile(&sample(&text)).matches(&other.to_string(), &mut Bindings::new());
        prop_assert!(found.is_err(), "{text}\n{other}");
    }
}

#[test]
fn nesting_without_end_is_read() {
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(50_000),
        "<a>".repeat(50_000),
        "x".repeat(200_000),
    ] {
        let _ = Pattern::compile(&sample(&text)).matches(&text, &mut Bindings::new());
    }
    let holes = "...a".repeat(30);
    let _ = Pattern::compile(&sample(&holes)).matches(&"a".repeat(3000), &mut Bindings::new());
}
