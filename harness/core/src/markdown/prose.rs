//! The text around the code, gathered from a parser's events: [`Gather`].

use super::article::{Article, Visibility};
use super::lines::LineIndex;
use super::places::Places;
use super::text::{Cell, Comment, InlineCode, Problem, ProblemKind, Prose, ProseKind, Table};
use crate::source::Span;
use std::ops::Range;

/// Gathers the text of one file.
pub(super) struct Gather<'a> {
    file: &'a str,
    index: &'a LineIndex<'a>,
    line: Option<OpenLine>,
    pub(super) kind: ProseKind,
    /// Within `<https://…>`, whose words are an address.
    pub(super) in_address: bool,
    table: Option<Table>,
    /// A line of Learn's own, no text.
    dropped: Option<usize>,
}

/// The line whose words are still coming.
struct OpenLine {
    number: usize,
    /// Where its first word begins, in bytes.
    start: usize,
    /// What is read as words, in bytes.
    words: Vec<Range<usize>>,
    visibility: Visibility,
    blocks_before: usize,
}

impl<'a> Gather<'a> {
    pub(super) fn new(file: &'a str, index: &'a LineIndex<'a>) -> Self {
        Self {
            file,
            index,
            line: None,
            kind: ProseKind::Paragraph,
            in_address: false,
            table: None,
            dropped: None,
        }
    }

    /// Something that stands in a line begins.
    pub(super) fn touch(&mut self, offset: usize, places: &Places, article: &mut Article) {
        let number = self.index.line_of(offset);
        if self.dropped == Some(number) {
            return;
        }
        if self.line.as_ref().is_none_or(|line| line.number < number) {
            self.flush(article);
            self.line = Some(OpenLine {
                number,
                start: offset,
                words: Vec::new(),
                visibility: places.visibility(),
                blocks_before: article.blocks.len(),
            });
        }
    }

    /// Words of the line that was touched.
    pub(super) fn words(&mut self, range: &Range<usize>) {
        if let Some(line) = &mut self.line
            && !self.in_address
        {
            line.words.push(range.clone());
        }
    }

    /// The line that was touched is one of Learn's own, no text.
    pub(super) fn drop_line(&mut self, number: usize) {
        self.dropped = Some(number);
        self.line = None;
    }

    /// Ends the line.
    pub(super) fn flush(&mut self, article: &mut Article) {
        let Some(line) = self.line.take() else { return };
        let text = self.index.rest(line.start);
        let mut words = String::with_capacity(text.len());
        let mut at = line.start;
        for range in line.words {
            let blank = self.index.slice(at..range.start);
            words.extend(blank.chars().map(|_| ' '));
            words.push_str(self.index.slice(range.start.max(at)..range.end));
            at = at.max(range.end);
        }
        let rest = self.index.slice(at..line.start + text.len());
        words.extend(rest.chars().map(|_| ' '));
        article.prose.push(Prose {
            kind: self.kind,
            text: text.to_owned(),
            words,
            position: self.index.position(self.file, line.start),
            visibility: line.visibility,
            blocks_before: line.blocks_before,
        });
    }

    pub(super) fn code(
        &self,
        text: &str,
        range: &Range<usize>,
        visibility: Visibility,
        article: &mut Article,
    ) {
        article.inline_code.push(InlineCode {
            text: text.to_owned(),
            span: self.index.span(self.file, range),
            visibility,
            blocks_before: article.blocks.len(),
        });
    }

    pub(super) fn open_table(&mut self, visibility: Visibility, article: &mut Article) {
        self.flush(article);
        self.kind = ProseKind::TableRow;
        self.table = Some(Table {
            rows: Vec::new(),
            visibility,
            blocks_before: article.blocks.len(),
        });
    }

    pub(super) fn open_row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(Vec::new());
        }
    }

    pub(super) fn cell(&mut self, range: &Range<usize>) {
        let source = self.index.slice(range.clone());
        let inner = source.strip_suffix('|').unwrap_or(source).trim_end();
        let text = inner.trim_start();
        let start = range.start + inner.len() - text.len();
        let position = self.index.position(self.file, start);
        if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
            let text = text.to_owned();
            row.push(Cell { text, position });
        }
    }

    pub(super) fn close_table(&mut self, article: &mut Article) {
        self.flush(article);
        self.kind = ProseKind::Paragraph;
        article.tables.extend(self.table.take());
    }

    /// The comments in a piece of HTML.
    pub(super) fn html(
        &mut self,
        range: &Range<usize>,
        visibility: &Visibility,
        article: &mut Article,
    ) {
        const OPEN: &str = "<!--";
        const CLOSE: &str = "-->";
        let mut from = range.start;
        while let Some(at) = self.index.slice(from..range.end).find(OPEN) {
            let start = from + at;
            let inside = start + OPEN.len();
            let length = self.index.slice(inside..range.end).find(CLOSE);
            let Some(length) = length else {
                // A piece of HTML ends at an empty line, only a comment of its own goes on.
                let all = from == range.start
                    && at == 0
                    && self.index.slice(range.end..usize::MAX).trim().is_empty();
                if !all {
                    return;
                }
                article.problems.push(Problem {
                    kind: ProblemKind::UnclosedComment,
                    span: self.index.span(self.file, &(start..inside)),
                });
                return;
            };
            let end = inside + length + CLOSE.len();
            article.comments.push(Comment {
                text: self.index.slice(inside..inside + length).to_owned(),
                span: self.index.span(self.file, &(start..end)),
                visibility: visibility.clone(),
                blocks_before: article.blocks.len(),
            });
            from = end;
        }
    }
}

impl LineIndex<'_> {
    /// The stretch of a file that a range of its text is.
    pub(super) fn span(&self, file: &str, range: &Range<usize>) -> Span {
        let start = self.position(file, range.start);
        Span::between(&start, &self.position(file, range.end))
    }
}
