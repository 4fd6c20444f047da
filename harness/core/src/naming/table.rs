//! Tables as `az --output table` prints them: a head, a line of dashes, rows, each column as wide as
//! its widest text.

/// Changes every text of `text`: each cell of a table on its own, the table laid out anew, and what is
/// no table as a whole.
pub(super) fn each_text(text: &str, change: impl Fn(&str) -> String) -> String {
    if !text.lines().any(is_rule) {
        return change(text);
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut changed: Vec<String> = Vec::with_capacity(lines.len());
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let rule = lines.get(index + 1).copied().filter(|rule| is_rule(rule));
        let Some(rule) = rule.filter(|_| !line.trim().is_empty()) else {
            changed.push(change(line));
            index += 1;
            continue;
        };
        let columns = columns(rule);
        let rows = lines.iter().skip(index + 2);
        let rows = rows.take_while(|row| !row.trim().is_empty() && fits(row, &columns));
        let end = index + 2 + rows.count();
        let rows = lines.iter().take(end).skip(index).enumerate();
        let rows = rows.filter(|(number, _)| *number != 1);
        let before: Vec<Vec<&str>> = rows.map(|(_, row)| split(row, &columns)).collect();
        let after: Vec<Vec<String>> = before
            .iter()
            .map(|row| row.iter().map(|cell| change(cell)).collect())
            .collect();
        if before == after {
            let same = lines.iter().take(end).skip(index);
            changed.extend(same.map(|line| (*line).to_owned()));
        } else {
            changed.extend(lay_out(&after, &columns));
        }
        index = end;
    }
    changed.join("\n")
}

/// Whether it is the line under a table's head.
fn is_rule(line: &str) -> bool {
    let line = line.trim_end();
    line.starts_with('-')
        && line
            .split("  ")
            .all(|dashes| !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-'))
}

/// Where each column begins and ends, in characters.
fn columns(rule: &str) -> Vec<(usize, usize)> {
    let mut columns = Vec::new();
    let mut start = 0;
    for dashes in rule.trim_end().split("  ") {
        columns.push((start, start + dashes.len()));
        start += dashes.len() + 2;
    }
    columns
}

/// Whether nothing of the row stands between the columns.
fn fits(row: &str, columns: &[(usize, usize)]) -> bool {
    let characters: Vec<char> = row.trim_end().chars().collect();
    let within = |index: usize| {
        columns
            .iter()
            .any(|(start, end)| (*start..*end).contains(&index))
    };
    characters
        .iter()
        .enumerate()
        .all(|(index, c)| *c == ' ' || within(index))
}

fn split<'a>(row: &'a str, columns: &[(usize, usize)]) -> Vec<&'a str> {
    let byte = |character: usize| {
        row.char_indices()
            .nth(character)
            .map_or(row.len(), |(byte, _)| byte)
    };
    let cell = |(start, end): &(usize, usize)| row.get(byte(*start)..byte(*end));
    columns
        .iter()
        .map(|column| cell(column).unwrap_or_default().trim_end())
        .collect()
}

/// The lines of a table; the first row is its head. A column is wider than its head by two, as in the
/// tables that `az` prints, where these `columns` of the table before it were.
fn lay_out(rows: &[Vec<String>], columns: &[(usize, usize)]) -> Vec<String> {
    let length = |cell: &String| cell.chars().count();
    let head = |column: usize| {
        rows.first()
            .and_then(|row| row.get(column))
            .map_or(0, length)
    };
    let before = |(number, (start, end)): (usize, &(usize, usize))| end - start >= head(number) + 2;
    let beside = if columns.iter().enumerate().all(before) {
        2
    } else {
        0
    };
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(length)
            .max()
            .unwrap_or(0)
            .max(head(column) + beside)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let padded = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        lines.push(padded.collect::<Vec<_>>().join("  ").trim_end().to_owned());
        if number == 0 {
            let dashes = widths.iter().map(|width| "-".repeat(*width));
            lines.push(dashes.collect::<Vec<_>>().join("  "));
        }
    }
    lines
}
