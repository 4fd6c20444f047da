//! The compiled sample: [`Pattern`].

use super::bindings::Bindings;
use super::compare::Comparison;
use super::fragment;
use super::lines::Lines;
use super::mismatch::{Mismatch, MismatchKind};
use super::node::{Document, shorten};
use super::parse::{self, Source};
use crate::scenario::Sample;
use crate::source::Position;
use serde_json::Value;

/// A sample, ready to be compared with outputs.
#[derive(Debug, Clone)]
pub struct Pattern {
    position: Position,
    source: String,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    Json(Document),
    Text(Lines),
}

impl Pattern {
    /// Reads a sample. Never fails: what cannot be read as JSON is text.
    pub fn compile(sample: &Sample) -> Self {
        let source = Source::new(sample);
        let form = match parse::parse(&source) {
            Some(document) => Form::Json(document),
            None => Form::Text(Lines::new(sample)),
        };
        let position = sample
            .lines
            .iter()
            .find(|line| !line.text.trim().is_empty())
            .map_or(&sample.position, |line| &line.position)
            .clone();
        Self {
            position,
            source: source.text().trim().to_owned(),
            form,
        }
    }

    /// Whether the sample is compared as JSON, and not line by line.
    pub fn is_json(&self) -> bool {
        matches!(self.form, Form::Json(_))
    }

    /// Compares an output with the sample.
    ///
    /// # Errors
    /// Every difference, in the order of the sample. `bindings` then stays as it was; if the output
    /// matches, it has the sample's stand-ins.
    pub fn matches(&self, actual: &str, bindings: &mut Bindings) -> Result<(), Vec<Mismatch>> {
        match &self.form {
            Form::Text(lines) => lines.compare(actual, bindings),
            Form::Json(document) => {
                let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(actual)
                    .into_iter()
                    .collect();
                let message = match values {
                    Ok(values) if !values.is_empty() => {
                        let mut comparison = Comparison::new(bindings);
                        fragment::document(&mut comparison, document, &values);
                        if !comparison.mismatches.is_empty() {
                            return Err(comparison.mismatches);
                        }
                        *bindings = comparison.bindings;
                        return Ok(());
                    }
                    Ok(_) => "there is no output, the article shows JSON".to_owned(),
                    Err(error) => format!("the output is not JSON: {error}"),
                };
                Err(vec![Mismatch {
                    position: self.position.clone(),
                    pointer: None,
                    kind: MismatchKind::Text,
                    expected: shorten(&self.source),
                    actual: shorten(actual.trim()),
                    message,
                }])
            }
        }
    }
}
