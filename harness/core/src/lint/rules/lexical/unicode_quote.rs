//! Typographic quotation marks in place of `"` and `'`.

use super::code::{self, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Dialect;
use std::ops::Range;

/// The rule.
pub(super) struct UnicodeQuote;

impl Rule for UnicodeQuote {
    fn id(&self) -> &'static str {
        "unicode-quote"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a value stands in typographic quotation marks, which quote nothing"
    }

    fn explanation(&self) -> &'static str {
        "Word processors turn `\"` into `“` and `”`. To bash and the Windows command prompt these \
are letters: the value is split at its spaces, and the marks become part of it.

```bash
az group create --name my-group --tags “owner=me and you”
```

Write

```bash
az group create --name my-group --tags \"owner=me and you\"
```

PowerShell takes them for quotes, so the rule is silent there.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            if code.dialect() == Dialect::PowerShell || !code.text.contains(is_mark) {
                continue;
            }
            examine(&code, findings);
        }
        for inline in code::inline(context, |text| text.contains(is_mark)) {
            examine(&inline.code(), findings);
        }
    }
}

fn examine(code: &Code<'_>, findings: &mut Findings) {
    for line in code.lines() {
        let marks: Vec<(usize, char)> = line
            .text
            .char_indices()
            .map(|(at, c)| (line.start + at, c))
            .filter(|(at, c)| is_mark(*c) && code.is_code(*at))
            .collect();
        pairs(code, &marks, findings);
    }
}

fn is_mark(c: char) -> bool {
    is_double(c) || matches!(c, '‘' | '’' | '‚' | '‛')
}

fn is_double(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟')
}

/// Reports each pair of marks; one alone is told only where it begins a word.
fn pairs(code: &Code<'_>, marks: &[(usize, char)], findings: &mut Findings) {
    let mut marks = marks.iter().copied().peekable();
    while let Some((start, mark)) = marks.next() {
        let begins = code
            .text
            .get(..start)
            .is_none_or(|before| before.ends_with([' ', '\t', '\n', '=', '(', '[', ',']));
        if !begins {
            continue;
        }
        let other = marks.next_if(|(_, next)| is_double(*next) == is_double(mark));
        let severity = if code.is_typed(start) {
            Severity::Error
        } else {
            Severity::Warning
        };
        let straight = if is_double(mark) { "\"" } else { "'" };
        let one = start..start + mark.len_utf8();
        let Some((end, last)) = other else {
            report(code, one, mark, severity, straight, findings);
            continue;
        };
        let two = end..end + last.len_utf8();
        let inside = code.text.get(one.end..two.start).unwrap_or("");
        let report = report(code, one.start..two.end, mark, severity, straight, findings);
        // Straight quotes may have a meaning to what is inside.
        if severity == Severity::Error && !inside.contains(['"', '\'', '\\', '`']) {
            let title = format!("write `{straight}`");
            report.fix(code.fix(&title, [(one, straight), (two, straight)]));
        }
    }
}

fn report<'f>(
    code: &Code<'_>,
    range: Range<usize>,
    mark: char,
    severity: Severity,
    straight: &str,
    findings: &'f mut Findings,
) -> crate::lint::Report<'f> {
    findings
        .report(
            code.span(range),
            format!("`{mark}` (U+{:04X}) quotes nothing", u32::from(mark)),
        )
        .severity(severity)
        .help(format!("write `{straight}`"))
}
