//! A command whose later lines the shell takes for commands of their own.

use super::code::{self, Class, Code, is_option};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Command, Dialect};

/// The rule.
pub(super) struct MissingContinuation;

impl Rule for MissingContinuation {
    fn id(&self) -> &'static str {
        "missing-continuation"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a line of a command lacks its continuation, so the command ends too early"
    }

    fn explanation(&self) -> &'static str {
        "Each line of a command but the last has to end with a continuation: `\\` in bash, `^` in \
the Windows command prompt. Where it is missing, the shell runs the command without the options of \
the lines that follow, and then fails with `--name: command not found`.

```bash
az group create
    --name my-group \\
    --location eastus
```

Write

```bash
az group create \\
    --name my-group \\
    --location eastus
```

An empty line or a comment between the lines of a command ends it too.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            if code.dialect() == Dialect::PowerShell {
                continue;
            }
            for list in code.lists() {
                cuts(&code, list, findings);
            }
        }
    }
}

/// Reports each command of a list that is only the rest of the one before it.
fn cuts(code: &Code<'_>, list: &[Command], findings: &mut Findings) {
    let mut known = false;
    for pair in list.windows(2) {
        let [before, rest] = pair else { continue };
        if !begins_with_option(code, before) {
            known = code.is_known(before);
        }
        if begins_with_option(code, rest) {
            cut(code, before, rest, known, findings);
        }
    }
}

fn begins_with_option(code: &Code<'_>, command: &Command) -> bool {
    let first = command.words.first();
    command.assignments.is_empty() && first.is_some_and(|word| is_option(word.source(code.text)))
}

fn cut(code: &Code<'_>, before: &Command, rest: &Command, known: bool, findings: &mut Findings) {
    let mark = if code.dialect() == Dialect::Cmd {
        "^"
    } else {
        "\\"
    };
    let end = before.range.end;
    let Some(gap) = code.text.get(end..rest.range.start) else {
        return;
    };
    let commented = (end..rest.range.start).any(|at| code.class(at) == Class::Comment);
    let outside: String = gap
        .char_indices()
        .filter(|(at, _)| code.class(end + at) != Class::Comment)
        .map(|(_, c)| c)
        .collect();
    let ends = outside.matches('\n').count();
    let plain = outside
        .chars()
        .all(|c| c.is_whitespace() || mark.contains(c));
    if ends == 0 || !plain || escaped_space(code, end, mark) {
        return;
    }
    let start = before
        .words
        .last()
        .map_or(before.range.start, |word| word.range.start);
    let start = code.text.get(start..end).map_or(start, |word| {
        word.rfind('\n').map_or(start, |at| start + at + 1)
    });
    let message = if commented {
        "a comment ends the command here: its further options are lost"
    } else if ends > 1 {
        "an empty line ends the command here: its further options are lost"
    } else {
        "the command ends here: its further options are lost"
    };
    let option = rest
        .words
        .first()
        .map_or(rest.range.clone(), |w| w.range.clone());
    let severity = if known {
        Severity::Error
    } else {
        Severity::Warning
    };
    let report = findings
        .report(code.span(start..end), message)
        .severity(severity)
        .related(code.span(option), "this is run as a command of its own");
    if commented {
        report.help("move the comment above the command");
        return;
    }
    // The line end before the option stays, and with it the indentation of a list or quote.
    let last = gap.rfind('\n').map_or(end, |at| end + at);
    let title = format!("continue the line with `{mark}`");
    let report = report.help(format!("end the line with ` {mark}`"));
    // What nobody knows as a command may be the output of one.
    if known {
        report.fix(code.fix(&title, [(end..last, &format!(" {mark}"))]));
    }
}

/// Whether the line that `end` is in ends with `\ `: that is told by another rule.
fn escaped_space(code: &Code<'_>, end: usize, mark: &str) -> bool {
    let start = code
        .text
        .get(..end)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |at| at + 1);
    let line = code
        .text
        .get(start..)
        .and_then(|t| t.split('\n').next())
        .unwrap_or("");
    let kept = line.trim_end();
    kept.len() < line.len() && kept.ends_with(mark)
}
