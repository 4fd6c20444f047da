//! What was expected beside what came, with what differs marked.

use super::code::common;
use super::out::{Out, escape};
use crate::event::{Difference, Failure, Printed};
use serde_json::Value;

/// Lines that are shown around one that differs.
const AROUND: usize = 3;

/// An output of so many lines is shown whole.
const SHORT: usize = 24;

/// What a step printed; around what differs at once, and all of it when a reader asks.
pub(super) fn printed(printed: &Printed, out: &mut Out) {
    if printed.output.is_empty() {
        return;
    }
    let lines = lines_of(printed);
    let marked = lines.iter().enumerate().filter(|(_, line)| line.0);
    let marked: Vec<usize> = marked.map(|(number, _)| number).collect();
    let short = !marked.is_empty() && lines.len() <= SHORT;
    let near = |line: usize| short || marked.iter().any(|other| other.abs_diff(line) <= AROUND);
    if !marked.is_empty() {
        out.raw(
            "<p class=\"label-of\">Where it differs, in what the command printed</p>\n<pre><code>",
        );
        let mut left_out = false;
        for (number, line) in lines.iter().enumerate() {
            if near(number) {
                write(line, out);
            } else if !left_out {
                out.raw("⋯\n");
            }
            left_out = !near(number);
        }
        out.raw("</code></pre>\n");
    }
    if !(0..lines.len()).all(near) {
        out.raw("<details><summary>What the command printed</summary><pre><code>");
        lines.iter().for_each(|line| write(line, out));
        out.raw("</code></pre></details>\n");
    }
}

fn write((marked, line): &(bool, String), out: &mut Out) {
    match marked {
        true => out.element("mark", "differs", line),
        false => out.text(line),
    }
    out.raw("\n");
}

/// The lines of the output, JSON written out, and whether each differs.
fn lines_of(printed: &Printed) -> Vec<(bool, String)> {
    let differences = &printed.differences;
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&printed.output)
    {
        let mut lines = Vec::new();
        pretty(&value, "", 0, "", "", &mut lines);
        let marked = |(pointer, line): (String, String)| (differs(&pointer, differences), line);
        return lines.into_iter().map(marked).collect();
    }
    let differs = |line: &str| {
        let mut texts = differences.iter().filter(|one| one.pointer.is_none());
        !line.trim().is_empty() && texts.any(|one| one.actual.trim() == line.trim())
    };
    let lines = printed.output.lines();
    lines.map(|line| (differs(line), line.to_owned())).collect()
}

/// What differs: its place, and both sides below.
pub(super) fn table(differences: &[Difference], out: &mut Out) {
    if differences.is_empty() {
        return;
    }
    out.raw("<table class=\"compare\"><thead><tr><th scope=\"col\">Expected</th><th scope=\"col\">Actual</th></tr></thead>\n");
    for one in differences {
        out.raw("<tbody>");
        if let Some(pointer) = one.pointer.as_deref().filter(|pointer| !pointer.is_empty()) {
            out.raw(&format!(
                "<tr><th scope=\"rowgroup\" colspan=\"2\">{}</th></tr>\n",
                place(pointer)
            ));
        }
        out.raw("<tr>");
        let (expected, actual) = sides(&one.expected, &one.actual);
        out.raw(&format!(
            "<td>{expected}</td><td>{actual}</td></tr></tbody>\n"
        ));
    }
    out.raw("</table>\n");
}

/// A JSON pointer as a person reads it.
fn place(pointer: &str) -> String {
    let tokens = pointer.trim_start_matches('/').split('/');
    let token = |token: &str| {
        let token = token.replace("~1", "/").replace("~0", "~");
        format!("<code>{}</code>", escape(&token))
    };
    let tokens: Vec<String> = tokens.map(token).collect();
    tokens.join(" › ")
}

/// Both sides of a failure that tells them as texts.
pub(super) fn failure(failure: &Failure, out: &mut Out) {
    let side = |title: &str, class: &str, html: &str| {
        format!(
            "<div class=\"{class}\"><p class=\"label-of\">{title}</p><pre><code>{html}</code></pre></div>\n"
        )
    };
    match (&failure.expected, &failure.actual) {
        (Some(expected), Some(actual)) => {
            let (expected, actual) = (lines(expected, actual), lines(actual, expected));
            out.raw("<div class=\"sides\">");
            out.raw(&side("Expected", "expected", &expected));
            out.raw(&side("Actual", "actual", &actual));
            out.raw("</div>\n");
        }
        (Some(expected), None) => out.raw(&side("Expected", "expected", &escape(expected))),
        (None, Some(actual)) => out.raw(&side("What it said", "actual", &escape(actual))),
        (None, None) => {}
    }
}

/// The lines of one side; those that the other side does not have are marked.
fn lines(text: &str, other: &str) -> String {
    let known: Vec<&str> = other.lines().map(str::trim_end).collect();
    let line = |line: &str| {
        if line.trim().is_empty() || known.contains(&line.trim_end()) {
            escape(line)
        } else {
            format!("<mark class=\"differs\">{}</mark>", escape(line))
        }
    };
    let all: Vec<String> = text.trim_end().lines().map(line).collect();
    all.join("\n")
}

/// Two texts, with what is only in one of them marked.
fn sides(expected: &str, actual: &str) -> (String, String) {
    let (head, tail) = common(expected, actual);
    let side = |text: &str, class: &str| {
        if text.is_empty() {
            return "<span class=\"nothing\">nothing</span>".to_owned();
        }
        let end = text.len().saturating_sub(tail).max(head);
        let part = |range: std::ops::Range<usize>| escape(text.get(range).unwrap_or_default());
        let marked = match part(head..end) {
            none if none.is_empty() => none,
            some => format!("<mark class=\"{class}\">{some}</mark>"),
        };
        let (before, after) = (part(0..head), part(end..text.len()));
        format!("<code>{before}{marked}{after}</code>")
    };
    (side(expected, "expected"), side(actual, "differs"))
}

/// Whether a difference is told of this value, or of one that it is in.
fn differs(pointer: &str, differences: &[Difference]) -> bool {
    differences.iter().any(|difference| {
        let of = difference.pointer.as_deref().unwrap_or_default();
        let rest = pointer.strip_prefix(of);
        !of.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The lines of a JSON value, each with the pointer of what begins, or ends, on it.
fn pretty(
    value: &Value,
    pointer: &str,
    depth: usize,
    before: &str,
    after: &str,
    lines: &mut Vec<(String, String)>,
) {
    let indent = "  ".repeat(depth);
    let mut push = |text: String| lines.push((pointer.to_owned(), text));
    match value {
        Value::Object(members) if !members.is_empty() => {
            push(format!("{indent}{before}{{"));
            let last = members.len() - 1;
            for (number, (name, member)) in members.iter().enumerate() {
                let token = name.replace('~', "~0").replace('/', "~1");
                let before = format!("{}: ", Value::from(name.as_str()));
                let after = if number < last { "," } else { "" };
                let inner = format!("{pointer}/{token}");
                pretty(member, &inner, depth + 1, &before, after, lines);
            }
            lines.push((pointer.to_owned(), format!("{indent}}}{after}")));
        }
        Value::Array(items) if !items.is_empty() => {
            push(format!("{indent}{before}["));
            let last = items.len() - 1;
            for (number, item) in items.iter().enumerate() {
                let after = if number < last { "," } else { "" };
                let inner = format!("{pointer}/{number}");
                pretty(item, &inner, depth + 1, "", after, lines);
            }
            lines.push((pointer.to_owned(), format!("{indent}]{after}")));
        }
        value => push(format!("{indent}{before}{value}{after}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Position;

    fn difference(pointer: &str, expected: &str, actual: &str) -> Difference {
        Difference {
            position: Position {
                file: "a.md".into(),
                line: 1,
                column: 1,
            },
            pointer: Some(pointer.to_owned()),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            message: String::new(),
        }
    }

    #[test]
    fn only_the_field_that_differs_is_marked() {
        let one = Printed {
            output: "{\"a\":{\"b/c\":\"<x>\",\"d\":1},\"ab\":2}".to_owned(),
            differences: vec![difference("/a/b~1c", "\"y\"", "\"<x>\"")],
        };
        let mut out = Out::default();
        table(&one.differences, &mut out);
        printed(&one, &mut out);
        let marked: Vec<&str> = out.0.split("<mark class=\"differs\">").skip(1).collect();
        assert_eq!(marked.len(), 2, "{}", out.0);
        assert!(marked[0].starts_with("&lt;x&gt;</mark>"), "{}", out.0);
        assert!(marked[1].starts_with("    &quot;b/c&quot;: &quot;&lt;x&gt;&quot;,</mark>"));
        assert!(out.0.contains("<mark class=\"expected\">y</mark>"));
    }

    #[test]
    fn what_is_missing_is_told_as_nothing() {
        let (expected, actual) = sides("1", "");
        assert!(expected.contains(">1<") && actual.contains("nothing"));
    }
}
