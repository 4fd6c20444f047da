//! For programs: one JSON object per event, one event per line, as soon as it comes.

use super::style::plain;
use super::{Reporter, mask_secrets};
use crate::event::Event;
use serde_json::Value;
use std::io::{Result, Write};

/// Writes each event as a line of JSON, keys in the order of [`Event`]'s fields.
///
/// The last line of a walkthrough is `{"event":"verdict","scenario":…,"target":…,"outcome":…,
/// "corrections":…,"steps":[{"name","file","line","outcome","seconds"}],…}`. Events of walkthroughs
/// that run at the same time interleave; each names its scenario.
#[derive(Debug, Default)]
pub struct Json;

impl Json {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self
    }
}

impl Reporter for Json {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> Result<()> {
        let mut line = serde_json::to_value(event)?;
        mask(&mut line);
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

/// Colours go as well: one inside a token would hide it from the mask.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = mask_secrets(&plain(text)),
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(members) => members.values_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
