//! Mends a text: [`mend`] applies [`Fix`]es to it and touches nothing else.

use crate::diagnostic::{Edit, Fix};
use crate::markdown::lines::LineIndex;
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

/// A text after fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The text.
    pub text: String,
    /// Which of the fixes were applied, as indices in ascending order.
    pub applied: Vec<Applied>,
    /// Which were not: they overlap one that was, or point beyond the text.
    pub skipped: Vec<usize>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub fix: usize,
    /// The lines of the new text, from 1, that its edits now stand in.
    pub lines: Vec<RangeInclusive<u32>>,
}

/// Applies `fixes`, whose edits are all of one file, to that file's `text`. A fix is applied whole
/// or not at all; of two that overlap the one that begins first is. Line ends, a byte order mark
/// and the end of the text stay as they are; new lines end as the line that they stand in.
pub fn mend(text: &str, fixes: &[&Fix]) -> Mended {
    let index = LineIndex::new(text);
    let mut wanted: Vec<(usize, Vec<Place<'_>>)> = Vec::new();
    let mut skipped = Vec::new();
    for (number, fix) in fixes.iter().enumerate() {
        let places: Option<Vec<Place<'_>>> = fix
            .edits
            .iter()
            .map(|edit| Place::of(edit, &index))
            .collect();
        match places {
            Some(mut places) if !places.is_empty() => {
                places.sort_by_key(|place| (place.range.start, place.range.end));
                wanted.push((number, places));
            }
            _ => skipped.push(number),
        }
    }
    wanted.sort_by_key(|(number, places)| (places.first().map(|p| p.range.start), *number));
    let mut taken = Taken::default();
    let mut applied = Vec::new();
    for (number, places) in wanted {
        if taken.take(&places) {
            applied.push((number, places));
        } else {
            skipped.push(number);
        }
    }
    skipped.sort_unstable();
    applied.sort_by_key(|(number, _)| *number);
    let (text, moved) = taken.write(text, &index);
    let index = LineIndex::new(&text);
    let line = |offset| u32::try_from(index.line_of(offset) + 1).unwrap_or(u32::MAX);
    let lines = |place: &Place<'_>| {
        let new = moved.get(&(place.range.start, place.range.end));
        new.map(|new| line(new.start)..=line(new.end))
    };
    let applied = applied
        .into_iter()
        .map(|(fix, places)| Applied {
            fix,
            lines: places.iter().filter_map(lines).collect(),
        })
        .collect();
    Mended {
        text,
        applied,
        skipped,
    }
}

/// An edit, in bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place<'e> {
    range: Range<usize>,
    replacement: &'e str,
}

impl<'e> Place<'e> {
    fn of(edit: &'e Edit, index: &LineIndex<'_>) -> Option<Self> {
        let start = offset(index, edit.span.line, edit.span.column)?;
        let end = offset(index, edit.span.end_line, edit.span.end_column)?;
        (start <= end).then_some(Self {
            range: start..end,
            replacement: &edit.replacement,
        })
    }
}

/// The byte that a line and column, as positions give them, stand for.
pub(crate) fn offset(index: &LineIndex<'_>, line: u32, column: u32) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    if line >= index.count() {
        return None;
    }
    let text = index.line(line);
    let marked = line == 0 && text.starts_with('\u{feff}');
    let column = column + usize::from(marked);
    index.byte_at(line, column)
}

/// The edits that are to be made, by where they begin and end.
#[derive(Default)]
struct Taken<'e>(BTreeMap<(usize, usize), &'e str>);

impl<'e> Taken<'e> {
    /// Takes the edits of one fix, if none overlaps another. The same edit of two fixes is one.
    fn take(&mut self, places: &[Place<'e>]) -> bool {
        let free = places.iter().all(|place| self.is_free(place));
        if free {
            for place in places {
                let key = (place.range.start, place.range.end);
                self.0.insert(key, place.replacement);
            }
        }
        free
    }

    fn is_free(&self, place: &Place<'_>) -> bool {
        let Range { start, end } = place.range;
        if let Some(same) = self.0.get(&(start, end)) {
            return *same == place.replacement;
        }
        // Edits that merely touch are kept apart only if one inserts: its place would be unclear.
        let meets = |a: usize, b: usize| {
            let inserts = a == b || start == end;
            (a < end && start < b) || (inserts && a <= end && start <= b)
        };
        let before = self.0.range(..(start, usize::MAX)).next_back();
        let after = self.0.range((start, 0)..).next();
        !before
            .into_iter()
            .chain(after)
            .any(|((a, b), _)| meets(*a, *b))
    }

    /// The text with the edits made, and where each of them went.
    fn write(
        &self,
        text: &str,
        index: &LineIndex<'_>,
    ) -> (String, BTreeMap<(usize, usize), Range<usize>>) {
        let mut new = String::with_capacity(text.len());
        let mut moved = BTreeMap::new();
        let mut done = 0;
        for (&(start, end), replacement) in &self.0 {
            new.push_str(text.get(done..start).unwrap_or(""));
            let from = new.len();
            if replacement.contains('\n') && ends_with_carriage_return(text, index, start) {
                new.push_str(&replacement.replace("\r\n", "\n").replace('\n', "\r\n"));
            } else {
                new.push_str(replacement);
            }
            moved.insert((start, end), from..new.len());
            done = end;
        }
        new.push_str(text.get(done..).unwrap_or(""));
        (new, moved)
    }
}

/// Whether the line that `offset` is in ends with `\r\n`; the last line counts as the one before.
fn ends_with_carriage_return(text: &str, index: &LineIndex<'_>, offset: usize) -> bool {
    let next = index.line_of(offset) + 1;
    let end = if next < index.count() {
        index.start(next)
    } else {
        index.start(next.saturating_sub(1))
    };
    text.get(..end).is_some_and(|lines| lines.ends_with("\r\n"))
}

#[cfg(test)]
mod tests {
    use super::{Mended, mend};
    use crate::diagnostic::{Edit, Fix};
    use crate::source::Span;

    fn fix(edits: &[(u32, u32, u32, u32, &str)]) -> Fix {
        let edits = edits
            .iter()
            .map(|&(line, column, end_line, end_column, new)| Edit {
                span: Span {
                    file: "f".into(),
                    line,
                    column,
                    end_line,
                    end_column,
                },
                replacement: new.into(),
            });
        Fix {
            title: "mend it".into(),
            edits: edits.collect(),
        }
    }

    fn mended(text: &str, fixes: &[Fix]) -> Mended {
        mend(text, &fixes.iter().collect::<Vec<_>>())
    }

    #[test]
    fn line_ends_and_marks_stay() {
        let text = "\u{feff}az \\ \r\n  é–x\r\nend";
        let fixes = [fix(&[(1, 5, 1, 6, "")]), fix(&[(2, 4, 2, 5, "--")])];
        assert_eq!(mended(text, &fixes).text, "\u{feff}az \\\r\n  é--x\r\nend");
    }

    #[test]
    fn new_lines_end_as_their_line() {
        let after = mended("a\r\nb", &[fix(&[(2, 2, 2, 2, "\nc\n")])]);
        assert_eq!(after.text, "a\r\nb\r\nc\r\n");
        assert_eq!(after.applied[0].lines, [2..=4]);
        assert_eq!(
            mended("a\nb", &[fix(&[(1, 1, 1, 2, "x\ny")])]).text,
            "x\ny\nb"
        );
    }

    #[test]
    fn of_two_that_overlap_one_is_applied_whole() {
        let fixes = [
            fix(&[(1, 4, 1, 6, "B"), (1, 9, 1, 9, "!")]),
            fix(&[(1, 1, 1, 5, "A")]),
            fix(&[(1, 7, 1, 8, "C")]),
        ];
        let after = mended("abcdefghi", &fixes);
        assert_eq!((after.text.as_str(), after.skipped), ("AefChi", vec![0]));
    }

    #[test]
    fn an_edit_that_two_fixes_want_is_made_once() {
        let fixes = [fix(&[(1, 2, 1, 2, "-")]), fix(&[(1, 2, 1, 2, "-")])];
        let after = mended("ab", &fixes);
        assert_eq!((after.text.as_str(), after.applied.len()), ("a-b", 2));
        let fixes = [fix(&[(1, 2, 1, 2, "-")]), fix(&[(1, 2, 1, 2, "+")])];
        assert_eq!(mended("ab", &fixes).text, "a-b");
    }

    #[test]
    fn touching_edits_are_both_made() {
        let fixes = [fix(&[(1, 1, 1, 2, "x")]), fix(&[(1, 2, 1, 3, "y")])];
        assert_eq!(mended("abc", &fixes).text, "xyc");
    }

    #[test]
    fn a_place_that_is_not_there_is_left_alone() {
        for place in [
            (9, 1, 9, 1, "x"),
            (1, 9, 1, 9, "x"),
            (1, 2, 1, 1, "x"),
            (0, 0, 0, 0, "x"),
        ] {
            let after = mended("ab", &[fix(&[place])]);
            assert_eq!((after.text.as_str(), after.skipped), ("ab", vec![0]));
        }
    }
}
