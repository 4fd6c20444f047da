//! An option that no space parts from the word before it.

use super::code::{self, Code, is_option};
use super::no_break_space::is_special;
use super::options::Options;
use crate::command_table::Table;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Dialect, PartKind, Word};
use std::ops::Range;

/// The rule.
pub(super) struct GluedOption;

impl Rule for GluedOption {
    fn id(&self) -> &'static str {
        "glued-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "no space parts an option from the word before it"
    }

    fn explanation(&self) -> &'static str {
        "Without a space the option becomes part of the value before it: the command gets a value \
that nobody meant, and goes without the option.

```bash
az aks create --resource-group my-group --name my-cluster--node-count 1
```

Write

```bash
az aks create --resource-group my-group --name my-cluster --node-count 1
```

The same happens where a line ends with a `\\` that no space precedes and the next line is not \
indented, and where an option runs into its value, as in `--name$NAME`.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            commands(&code, context.table, findings);
            lines(&code, findings);
        }
        for inline in code::inline(context, |text| text.contains("--")) {
            commands(&inline.code(), context.table, findings);
        }
    }
}

fn commands(code: &Code<'_>, table: &Table, findings: &mut Findings) {
    for command in code.commands() {
        let name = command
            .words
            .first()
            .map_or("", |word| word.source(code.text));
        if let Some(option) = name.strip_prefix("az").filter(|rest| is_long(rest))
            && let Some(word) = command.words.first()
        {
            let at = word.range.start + 2;
            report(code, word.range.clone(), at, option, findings);
        }
    }
    for words in code.az_commands() {
        let mut options = None;
        for (at, word) in words.iter().enumerate() {
            let source = word.source(code.text);
            // Most words are told apart by this.
            if source.contains("--") && !is_option(source) && !source.contains("://") {
                let options = options.get_or_insert_with(|| Options::of(words, table));
                examine(code, word, words.get(at + 1), options, findings);
            }
        }
    }
}

/// `--name`, of at least three letters.
fn is_long(text: &str) -> bool {
    text.len() > 4 && text.starts_with("--") && is_option(text)
}

fn report(code: &Code<'_>, word: Range<usize>, at: usize, option: &str, findings: &mut Findings) {
    findings
        .report(
            code.span(word),
            format!("no space before `{option}`: it becomes part of the word before it"),
        )
        .help(format!("put a space before `{option}`"))
        .fix(code.fix(&format!("put a space before `{option}`"), [(at..at, " ")]));
}

fn examine(
    code: &Code<'_>,
    word: &Word,
    next: Option<&Word>,
    options: &Options<'_>,
    findings: &mut Findings,
) {
    let source = word.source(code.text);
    if let Some(end) = runs_into_value(word, source, options) {
        let option = source.get(..end).unwrap_or("");
        let at = word.range.start + end;
        let help = format!("put a space behind `{option}`");
        findings
            .report(
                code.span(word.range.clone()),
                format!("no space parts `{option}` from its value"),
            )
            .help(&help)
            .fix(code.fix(&help, [(at..at, " ")]));
        return;
    }
    let Some(at) = source.rfind("--").filter(|at| *at > 0) else {
        return;
    };
    let option = source.get(at..).unwrap_or("");
    let before = source.get(..at).unwrap_or("");
    let start = word.range.start + at;
    // A space of another kind is told by another rule.
    let parted = before.ends_with(['-', ' ', '\t', '\n', '\\'])
        || before.ends_with(|c| is_special(c, Dialect::Bash));
    // `--name Settings--name` before another option is a name with two hyphens in it.
    let value = option.contains('=')
        || next.is_some_and(|next| !next.source(code.text).starts_with('-'))
        || options.takes_nothing(option.trim_start_matches('-'));
    if is_long(option) && !parted && value && code.is_code(start) && is_known(option, options) {
        report(code, word.range.clone(), start, option, findings);
    }
}

/// Where the value begins in `--name$NAME`, `--name"x"` and `--name<x>`.
fn runs_into_value(word: &Word, source: &str, options: &Options<'_>) -> Option<usize> {
    let [first, second, ..] = word.parts.as_slice() else {
        return None;
    };
    let end = first.range.end.checked_sub(word.range.start)?;
    let option = source.get(..end)?;
    let value = matches!(
        second.kind,
        PartKind::Variable { .. } | PartKind::Substitution { .. } | PartKind::Placeholder { .. }
    ) || source.get(end..)?.starts_with(['"', '\'']);
    (value && is_long(option) && !option.contains('=') && is_known(option, options)).then_some(end)
}

fn is_known(option: &str, options: &Options<'_>) -> bool {
    let name = option.trim_start_matches('-');
    options.has(name.split('=').next().unwrap_or(name))
}

/// `value\` at a line's end and `--name` at the very start of the next.
fn lines(code: &Code<'_>, findings: &mut Findings) {
    if code.dialect() != Dialect::Bash {
        return;
    }
    for joint in &code.script.continuations {
        let before = code.text.get(..joint.start).unwrap_or("");
        let next = code.text.get(joint.end..).unwrap_or("");
        let word = next.split([' ', '\t', '\n']).next().unwrap_or("");
        let glued = !before.ends_with([' ', '\t', '\n', '\r']) && !before.is_empty();
        // `\ ` continues nothing.
        let joins = code.text.get(joint.clone()) == Some("\\\n");
        if glued
            && joins
            && is_option(word)
            && code.is_code(joint.start)
            && code.is_typed(joint.start)
        {
            let at = joint.start;
            let start = before.rfind([' ', '\t', '\n']).map_or(0, |at| at + 1);
            findings
                .report(
                    code.span(start..at + 1),
                    format!(
                        "no space before `\\`: `{word}` of the next line becomes part of this word"
                    ),
                )
                .help("put a space before `\\`")
                .fix(code.fix("put a space before `\\`", [(at..at, " ")]));
        }
    }
}
