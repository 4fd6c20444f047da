//! Spaces that look like a space, or like nothing, and are other characters.

use super::code::{self, Class, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Dialect;
use std::ops::Range;

/// The rule.
pub(super) struct NoBreakSpace;

impl Rule for NoBreakSpace {
    fn id(&self) -> &'static str {
        "no-break-space"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a command holds a no-break or zero-width space, which parts no words"
    }

    fn explanation(&self) -> &'static str {
        "A no-break space (U+00A0) copied from a web page looks like a space, and a zero-width \
space (U+200B) or a byte order mark (U+FEFF) like nothing. A shell takes them for letters: words \
that look apart are one, and a name that looks right is another.

```bash
az group create·--name my-group
```

where `·` stands for a no-break space: the shell runs the subcommand `create·--name`. Write

```bash
az group create --name my-group
```

PowerShell parts words at no-break spaces too; there only zero-width characters are told. In \
quotes this is a warning.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            lines(&code, findings);
        }
        for inline in code::inline(context, |text| {
            text.contains(|c| is_special(c, Dialect::Bash))
        }) {
            lines(&inline.code(), findings);
        }
    }
}

fn lines(code: &Code<'_>, findings: &mut Findings) {
    let special = |c| is_special(c, code.dialect());
    if !code.text.contains(special) {
        return;
    }
    for line in code.lines() {
        let mut from = 0;
        while let Some(run) = line.text.get(from..).and_then(|rest| run(rest, special)) {
            let range = from + run.start..from + run.end;
            from = range.end;
            let at_end = range.end == line.text.len();
            let range = line.start + range.start..line.start + range.end;
            examine(code, range, at_end, findings);
        }
    }
}

pub(super) fn is_special(c: char, dialect: Dialect) -> bool {
    is_invisible(c) || dialect != Dialect::PowerShell && is_wide(c)
}

/// No width at all.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}'
    )
}

/// As a space looks.
fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{00A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// The first run of such characters; spaces among them belong to it, and at the line's end those
/// behind it.
fn run(text: &str, special: impl Fn(char) -> bool) -> Option<Range<usize>> {
    let start = text.find(&special)?;
    let mut end = start;
    let rest = text.get(start..)?;
    for (at, c) in rest.char_indices() {
        if special(c) {
            end = start + at + c.len_utf8();
        } else if !c.is_whitespace() {
            return Some(start..end);
        }
    }
    Some(start..text.len())
}

fn examine(code: &Code<'_>, range: Range<usize>, at_end: bool, findings: &mut Findings) {
    let class = code.class(range.start);
    if class == Class::Comment {
        return;
    }
    let source = code.text.get(range.clone()).unwrap_or("");
    let Some(found) = source.chars().find(|c| is_special(*c, code.dialect())) else {
        return;
    };
    let typed = code.is_typed(range.start);
    let severity = if class == Class::Code && typed {
        Severity::Error
    } else {
        Severity::Warning
    };
    let name = match found {
        '\u{00A0}' => "no-break space",
        '\u{FEFF}' => "byte order mark",
        '\u{00AD}' => "soft hyphen",
        c if is_invisible(c) => "zero-width character",
        _ => "space of another width",
    };
    let right: String = source
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_wide(c) { ' ' } else { c })
        .collect();
    let right = if at_end && class == Class::Code {
        ""
    } else {
        &right
    };
    let (help, title) = if right.is_empty() {
        ("leave it out", "remove it")
    } else {
        ("type a space", "write a space")
    };
    let report = findings
        .report(
            code.span(range.clone()),
            format!("{name} (U+{:04X}) in a command", u32::from(found)),
        )
        .severity(severity)
        .help(help);
    // A joiner may be part of a written word; everything else in a command is an accident.
    if typed && (class == Class::Code || !matches!(found, '\u{200C}' | '\u{200D}')) {
        report.fix(code.fix(title, [(range, right)]));
    }
}
