//! The texts that findings are about: [`Texts`].

use crate::fix::offset;
use crate::markdown::lines::LineIndex;
use crate::source::Span;
use std::ops::Range;
use std::sync::Arc;

/// The text of an article and of each include, by file.
#[derive(Debug, Clone, Default)]
pub struct Texts(Vec<(String, Arc<str>)>);

impl Texts {
    /// Adds a file's text, if it is not there yet.
    pub fn add(&mut self, file: &str, text: Arc<str>) {
        if self.get(file).is_none() {
            self.0.push((file.to_owned(), text));
        }
    }

    /// A file's text.
    pub fn get(&self, file: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == file)?;
        Some(&found.1)
    }

    /// The files in the order in which they were added, with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text))
    }

    /// The texts with their lines found, for many questions after places.
    pub(super) fn indexed(&self) -> Indexed<'_> {
        let texts = self.iter();
        Indexed(texts.map(|(name, text)| (name, Text::new(text))).collect())
    }
}

/// [`Texts`] with their lines.
pub(super) struct Indexed<'t>(Vec<(&'t str, Text<'t>)>);

/// A text with its lines.
pub(super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) lines: LineIndex<'t>,
}

impl<'t> Indexed<'t> {
    pub(super) fn get(&self, file: &str) -> Option<&Text<'t>> {
        let found = self.0.iter().find(|(name, _)| *name == file)?;
        Some(&found.1)
    }

    /// What stands at a span; nothing if there is no such place.
    pub(super) fn at(&self, span: &Span) -> &'t str {
        self.get(&span.file)
            .and_then(|text| text.text.get(text.range(span)?))
            .unwrap_or("")
    }

    /// The line that a span begins in.
    pub(super) fn line(&self, span: &Span) -> &'t str {
        let number = usize::try_from(span.line).unwrap_or(usize::MAX);
        match (self.get(&span.file), number.checked_sub(1)) {
            (Some(text), Some(line)) if line < text.lines.count() => text.lines.line(line),
            _ => "",
        }
    }
}

impl<'t> Text<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            lines: LineIndex::new(text),
        }
    }

    /// The bytes of a span.
    pub(super) fn range(&self, span: &Span) -> Option<Range<usize>> {
        let start = offset(&self.lines, span.line, span.column)?;
        let end = offset(&self.lines, span.end_line, span.end_column)?;
        (start <= end).then_some(start..end)
    }
}
