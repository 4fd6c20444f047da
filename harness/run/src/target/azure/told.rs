//! What is told of a run on a real subscription: events without what the target keeps to itself.

use docproof_core::event::Event;
use serde_json::Value;

/// Fields of events that hold one of a few words, which are no texts: a secret that is such a word must
/// not turn the event into something that is none.
const WORDS: [&str; 6] = ["event", "outcome", "kind", "about", "severity", "state"];
/// In place of every text of an event that could not be read back with its texts redacted.
const NOTHING: &str = "***";

/// The event with each of its texts redacted. What cannot be redacted is not told.
pub(super) fn redacted(event: &Event, redact: &dyn Fn(&str) -> String) -> Event {
    let read_back = |redact: &dyn Fn(&str) -> String| {
        let mut value = serde_json::to_value(event).ok()?;
        texts(&mut value, redact);
        serde_json::from_value(value).ok()
    };
    read_back(redact)
        .or_else(|| read_back(&|_| NOTHING.to_owned()))
        .unwrap_or(Event::Coverage {
            articles: Vec::new(),
        })
}

fn texts(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, change)),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| !WORDS.contains(&name.as_str()))
            .for_each(|(_, field)| texts(field, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docproof_core::event::StepKind;
    use docproof_core::source::Position;

    fn event(name: &str) -> Event {
        Event::StepStarted {
            scenario: "s".to_owned(),
            target: "azure".to_owned(),
            name: name.to_owned(),
            index: 0,
            position: Position {
                file: "a.md".into(),
                line: 1,
                column: 1,
            },
            kind: StepKind::Block,
        }
    }

    #[test]
    fn texts_are_redacted_and_words_are_not() {
        let told = redacted(&event("open block"), &|text| text.replace("block", "***"));
        assert_eq!(told, event("open ***"));
    }
}
