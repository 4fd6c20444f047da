//! What differs between a sample and what came: [`Mismatch`].

use crate::event::Failure;
use crate::source::Position;

/// In which way the output is not what the sample shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MismatchKind {
    /// The sample shows it and the output does not have it.
    Missing,
    /// The output has it and the sample, which shows this object or list whole, does not.
    Extra,
    /// A value of another JSON type.
    Type,
    /// A value of the right type that differs.
    Value,
    /// A stand-in that stood for another value before.
    Binding,
    /// A line of text differs, or the output is not JSON where the sample is.
    Text,
}

/// One difference between a sample and the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where the sample shows what differs.
    pub position: Position,
    /// Where in the output, as a JSON pointer; `None` if the output is text.
    pub pointer: Option<String>,
    /// In which way it differs.
    pub kind: MismatchKind,
    /// What the sample shows, as it is written there; empty for [`MismatchKind::Extra`].
    pub expected: String,
    /// What came; empty for [`MismatchKind::Missing`].
    pub actual: String,
    /// All of it in one line: lower case, without a full stop.
    pub message: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.position, self.message)
    }
}

/// The failure of a step whose output does not match; `None` if nothing differs.
///
/// It stands at the first difference; `expected` and `actual` have a line for each one.
/// `command` and `help` are the caller's to fill in.
pub fn failure(mismatches: &[Mismatch]) -> Option<Failure> {
    let first = mismatches.first()?;
    let message = match mismatches.len() {
        1 => format!(
            "the output is not what the article shows: {}",
            first.message
        ),
        n => format!(
            "the output differs from the article in {n} places: {}",
            first.message
        ),
    };
    let column =
        |show: fn(&Mismatch) -> String| mismatches.iter().map(show).collect::<Vec<_>>().join("\n");
    Some(Failure {
        position: first.position.clone(),
        message,
        command: None,
        expected: Some(column(|m| m.line(&m.expected))),
        actual: Some(column(|m| m.line(&m.actual))),
        help: None,
    })
}

impl Mismatch {
    fn line(&self, side: &str) -> String {
        let side = if side.is_empty() { "(nothing)" } else { side };
        match self.pointer.as_deref() {
            None | Some("") => side.to_owned(),
            Some(pointer) => format!("{pointer}: {side}"),
        }
    }
}
