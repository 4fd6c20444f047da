//! The lines that can end a here-document: [`Lines`].

use super::Parser;
use std::cell::OnceCell;

/// What of a line has to be the delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    /// All of it.
    Whole,
    /// What is behind its tabs: `<<-`.
    BehindTabs,
    /// What is between its white space.
    Trimmed,
}

impl Match {
    fn of(self, line: &str) -> &str {
        match self {
            Self::Whole => line,
            Self::BehindTabs => line.trim_start_matches('\t'),
            Self::Trimmed => line.trim(),
        }
    }
}

/// The lines of a text, sorted. Looking through the text for each delimiter would take quadratic
/// time: none may come, or another one.
#[derive(Debug, Default)]
pub(super) struct Lines<'t> {
    /// Where each line begins.
    starts: OnceCell<Vec<usize>>,
    /// For each kind of match, what can match and where its line begins.
    sorted: [OnceCell<Vec<(&'t str, usize)>>; 3],
}

impl<'t> Parser<'t> {
    /// Where the first line from `start` on that is the delimiter begins and ends.
    pub(super) fn delimiter_line(
        &self,
        start: usize,
        delimiter: &str,
        what: Match,
    ) -> Option<(usize, usize)> {
        let starts = self.line_starts();
        let sorted = self.sorted_lines(what);
        let at = sorted.partition_point(|line| *line < (delimiter, start));
        let whole = sorted.get(at).filter(|line| line.0 == delimiter);
        let whole = whole.map(|line| line.1);
        // The last line may be cut short: then it is a line of its own.
        let last = starts.partition_point(|line| *line < self.limit);
        let last = last.checked_sub(1).and_then(|last| starts.get(last));
        let found = whole.into_iter().chain(last.copied());
        found
            .filter(|line| (start..self.limit).contains(line))
            .map(|line| (line, self.end_of_line(starts, line, self.limit)))
            .find(|(line, end)| what.of(self.slice(*line, *end)) == delimiter)
    }

    fn line_starts(&self) -> &[usize] {
        self.lines.starts.get_or_init(|| {
            let ends = self.bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect()
        })
    }

    fn sorted_lines(&self, what: Match) -> &[(&'t str, usize)] {
        let [whole, behind_tabs, trimmed] = &self.lines.sorted;
        let sorted = match what {
            Match::Whole => whole,
            Match::BehindTabs => behind_tabs,
            Match::Trimmed => trimmed,
        };
        sorted.get_or_init(|| {
            let starts = self.line_starts();
            let line = |start: &usize| {
                let end = self.end_of_line(starts, *start, self.bytes.len());
                (what.of(self.slice(*start, end)), *start)
            };
            let mut sorted: Vec<_> = starts.iter().map(line).collect();
            sorted.sort_unstable();
            sorted
        })
    }

    /// As [`Parser::line_end`], of a line that begins at `start`, without looking through it.
    fn end_of_line(&self, starts: &[usize], start: usize, limit: usize) -> usize {
        let next = starts.partition_point(|line| *line <= start);
        match starts.get(next).map(|next| next - 1) {
            Some(newline) if newline < limit => {
                let returns = newline > start && self.before(newline) == Some(b'\r');
                newline - usize::from(returns)
            }
            _ => limit,
        }
    }
}
