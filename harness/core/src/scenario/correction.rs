//! Works corrections into the lines of a block or a sample: [`find_once`] and [`apply`].

use super::walkthrough::Line;
use crate::source::Position;
use std::ops::Range;

/// How a correction's text is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not at all: the article has changed.
    Never,
    /// Once, at these bytes of the lines joined with `\n`.
    Once(Range<usize>),
    /// More than once.
    Often,
}

/// Looks for `find` in the lines joined with `\n`.
pub(super) fn find_once(lines: &[Line], find: &str) -> Found {
    let text = joined(lines);
    let find = find.replace("\r\n", "\n");
    match (text.find(&find), text.rfind(&find)) {
        (Some(first), Some(last)) if first == last => Found::Once(first..first + find.len()),
        (Some(_), _) => Found::Often,
        (None, _) => Found::Never,
    }
}

/// Where byte `offset` of the joined lines stands in the article.
pub(super) fn position_of(lines: &[Line], offset: usize) -> Option<Position> {
    let (index, column) = locate(lines, offset)?;
    let line = lines.get(index)?;
    let chars = line.text.get(..column)?.chars().count();
    let column = line
        .position
        .column
        .saturating_add(u32::try_from(chars).unwrap_or(u32::MAX));
    Some(Position {
        column,
        ..line.position.clone()
    })
}

/// The lines with `range` of their joined text replaced. Each new line has the position of the line
/// that it stands in for; those beyond the replaced ones have the last one's.
pub(super) fn apply(lines: &[Line], range: &Range<usize>, replace: &str) -> Vec<Line> {
    let (Some((first, from)), Some((last, to))) =
        (locate(lines, range.start), locate(lines, range.end))
    else {
        return lines.to_vec();
    };
    let text = |index: usize| lines.get(index).map_or("", |line| line.text.as_str());
    let before = text(first).get(..from).unwrap_or("");
    let after = text(last).get(to..).unwrap_or("");
    let changed = format!("{before}{}{after}", replace.replace("\r\n", "\n"));
    let new = changed.split('\n').enumerate().filter_map(|(i, text)| {
        let stands_for = lines.get((first + i).min(last))?;
        Some(Line {
            text: text.to_owned(),
            position: stands_for.position.clone(),
        })
    });
    let untouched = |range: Range<usize>| lines.get(range).unwrap_or_default().iter().cloned();
    untouched(0..first)
        .chain(new)
        .chain(untouched(last + 1..lines.len()))
        .collect()
}

fn joined(lines: &[Line]) -> String {
    lines
        .iter()
        .map(|line| line.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The line and the byte in it that a byte of the joined text is.
fn locate(lines: &[Line], offset: usize) -> Option<(usize, usize)> {
    let mut start = 0;
    for (index, line) in lines.iter().enumerate() {
        if offset <= start + line.text.len() {
            return Some((index, offset - start));
        }
        start += line.text.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<Line> {
        let line = |(i, text): (usize, &&str)| Line {
            text: (*text).to_owned(),
            position: Position {
                file: "a.md".into(),
                line: 10 + i as u32,
                column: 4,
            },
        };
        texts.iter().enumerate().map(line).collect()
    }

    fn corrected(texts: &[&str], find: &str, replace: &str) -> Vec<(String, u32)> {
        let lines = lines(texts);
        let Found::Once(range) = find_once(&lines, find) else {
            panic!("not once: {find}")
        };
        let new = apply(&lines, &range, replace);
        new.into_iter()
            .map(|line| (line.text, line.position.line))
            .collect()
    }

    #[test]
    fn absent_and_repeated_text_is_told() {
        assert_eq!(find_once(&lines(&["a", "b"]), "c"), Found::Never);
        assert_eq!(find_once(&lines(&["a", "a"]), "a"), Found::Often);
        assert_eq!(find_once(&lines(&["aaa"]), "aa"), Found::Often);
        assert_eq!(find_once(&[], "a"), Found::Never);
    }

    #[test]
    fn lines_keep_their_places() {
        let own = |texts: &[(&str, u32)]| -> Vec<(String, u32)> {
            texts.iter().map(|(t, n)| ((*t).to_owned(), *n)).collect()
        };
        assert_eq!(
            corrected(&["a", "b c", "d"], "b", "x\ny\nz"),
            own(&[("a", 10), ("x", 11), ("y", 11), ("z c", 11), ("d", 12)])
        );
        assert_eq!(
            corrected(&["a", "b", "c", "d"], "b\nc", "x"),
            own(&[("a", 10), ("x", 11), ("d", 13)])
        );
        assert_eq!(corrected(&["é a b"], "a ", ""), own(&[("é b", 10)]));
    }

    #[test]
    fn a_find_is_placed_in_characters() {
        let lines = lines(&["x", "é b"]);
        let Found::Once(range) = find_once(&lines, "b") else {
            panic!("not once")
        };
        assert_eq!(
            position_of(&lines, range.start).unwrap().to_string(),
            "a.md:11:6"
        );
    }
}
