//! What the tests of rules share: articles read from a folder, findings as text, fixes applied.

use docproof_core::diagnostic::{Diagnostic, Edit};
use docproof_core::markdown::Article;
use std::path::Path;

/// Reads the article `name` of a folder; its includes are files of that folder too.
pub(crate) fn article(folder: &Path, name: &str) -> Article {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    Article::parse(name, &text, &|path| {
        let text = std::fs::read_to_string(folder.join(path)).ok()?;
        Some((path.to_owned(), text))
    })
}

/// Findings as `fires.expected` holds them; the file is named only where it isn't `of`.
pub(crate) fn describe(findings: &[&Diagnostic], of: &str) -> String {
    let mut text = String::new();
    for found in findings {
        let span = &found.span;
        if span.file != of {
            text.push_str(&span.file);
            text.push(':');
        }
        text.push_str(&format!(
            "{}:{}-{}:{} {}\n",
            span.line, span.column, span.end_line, span.end_column, found.message
        ));
        if let Some(help) = &found.help {
            text.push_str(&format!("  help: {help}\n"));
        }
    }
    text
}

/// The text of `file` after the fixes of these findings. One that overlaps an earlier one is left
/// out.
pub(crate) fn fixed(text: &str, file: &str, findings: &[&Diagnostic]) -> String {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let offset = |line: u32, column: u32| {
        let start = starts.get(line as usize - 1).copied().unwrap_or(text.len());
        let rest = &text[start..];
        let mut places = rest.char_indices().map(|(at, _)| at);
        start + places.nth(column as usize - 1).unwrap_or(rest.len())
    };
    let mut edits: Vec<(usize, usize, &Edit)> = findings
        .iter()
        .filter_map(|found| found.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .filter(|edit| edit.span.file == file)
        .map(|edit| {
            let span = &edit.span;
            let start = offset(span.line, span.column);
            (start, offset(span.end_line, span.end_column), edit)
        })
        .collect();
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    let mut result = String::new();
    let mut done = 0;
    for (start, end, edit) in edits {
        if start >= done {
            result.push_str(&text[done..start]);
            result.push_str(&edit.replacement);
            done = end;
        }
    }
    result.push_str(&text[done..]);
    result
}
