//! Here-documents: the lines after a command that are its input.

use super::Parser;
use super::expansion::Inside;
use super::lines::Match;
use crate::shell::script::{
    Command, HereDocument, Quoting, Redirect, RegionKind, SyntaxProblemKind,
};

/// Whether a redirection waits for its here-document.
pub(super) fn waits(redirect: &Redirect) -> bool {
    redirect.here.is_none()
        && redirect.target.is_some()
        && redirect.operator.trim_end_matches('-').ends_with("<<")
        && !redirect.operator.ends_with("<<<")
}

impl Parser<'_> {
    /// Reads the here-documents of `commands`, which begin at this line.
    pub(super) fn here_documents(&mut self, commands: &mut [Command]) {
        for redirect in commands.iter_mut().flat_map(|c| &mut c.redirects) {
            if waits(redirect) {
                redirect.here = Some(self.here_document(redirect));
            }
        }
    }

    fn here_document(&mut self, redirect: &Redirect) -> HereDocument {
        let word = redirect.target.as_ref();
        let delimiter = word.map_or_else(String::new, |word| {
            word.literal()
                .unwrap_or_else(|| word.source(self.text).to_owned())
        });
        let quoted = word.is_some_and(|w| w.parts.iter().any(|p| p.quoting != Quoting::None));
        let tabs = redirect.operator.ends_with('-');
        let start = self.pos;
        let what = if tabs {
            Match::BehindTabs
        } else {
            Match::Whole
        };
        let (end, after) = self
            .delimiter_line(start, &delimiter, what)
            .or_else(|| {
                if !self.ends_beyond(start, &delimiter, what) {
                    let kind = SyntaxProblemKind::UnclosedHereDocument(delimiter.clone());
                    self.problem(redirect.range.clone(), kind);
                }
                // Indented, or with white space behind it, it was meant all the same.
                self.delimiter_line(start, &delimiter, Match::Trimmed)
            })
            .unwrap_or((self.limit, self.limit));
        self.region(start..after, RegionKind::HereDocument);
        let parts = if quoted {
            Vec::new()
        } else {
            self.within(start..end, after, |parser| parser.collect(Inside::Text))
        };
        self.pos = after + self.newline(after);
        HereDocument {
            range: start..end,
            quoted,
            parts,
        }
    }

    /// Whether the last line comes behind what is read here: a construct that is not closed ends with its line.
    fn ends_beyond(&mut self, start: usize, delimiter: &str, what: Match) -> bool {
        if !matches!(self.bytes.get(self.limit), Some(b'\n' | b'\r')) {
            return false;
        }
        let limit = std::mem::replace(&mut self.limit, self.bytes.len());
        let found = self.delimiter_line(start, delimiter, what).is_some();
        self.limit = limit;
        found
    }
}
