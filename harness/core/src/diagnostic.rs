//! The one type for what is wrong with a text: [`Diagnostic`].

use crate::source::Span;
use serde::{Deserialize, Serialize};

/// How much a [`Diagnostic`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Note,
    /// Works, but misleads a reader, or may not work.
    Warning,
    /// A reader who does what the article says fails here.
    Error,
}

/// Something wrong with a text, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The id of the rule that found it.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// What is wrong, lower case, without a full stop, on one line.
    pub message: String,
    /// What to write instead, or what to do.
    pub help: Option<String>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// The change that mends it, only where that is certain.
    pub fix: Option<Fix>,
}

/// A place that explains a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// A change of the text that mends a defect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as an imperative: ``remove the white space after `\` ``.
    pub title: String,
    /// The changes, in one file, none overlapping another.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What takes its place.
    pub replacement: String,
}
