//! What tests of rules share: fixes applied.

use docproof_core::diagnostic::{Diagnostic, Edit};

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
