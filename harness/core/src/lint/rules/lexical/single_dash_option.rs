//! `-name` or `---name` where an option has two dashes.

use super::code::{self, Code};
use super::options::Options;
use crate::command_table::Table;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Word;

/// The rule.
pub(super) struct SingleDashOption;

impl Rule for SingleDashOption {
    fn id(&self) -> &'static str {
        "single-dash-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option of az has one dash, or three, instead of two"
    }

    fn explanation(&self) -> &'static str {
        "Options of `az` that have a name begin with two dashes. With one, `-name` is read as `-n` \
with the value `ame`; with three, the option is unknown.

```bash
az group create -name my-group ---location eastus
```

Write

```bash
az group create --name my-group --location eastus
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            commands(&code, context.table, findings);
        }
        for inline in code::inline(context, |text| text.contains(" -")) {
            commands(&inline.code(), context.table, findings);
        }
    }
}

fn commands(code: &Code<'_>, table: &Table, findings: &mut Findings) {
    for words in code.az_commands() {
        let mut options = None;
        for word in words {
            let source = word.source(code.text);
            // Most words are told apart by this.
            if source.starts_with('-') && source.len() > 3 {
                let options = options.get_or_insert_with(|| Options::of(words, table));
                examine(code, word, options, findings);
            }
        }
    }
}

fn examine(code: &Code<'_>, word: &Word, options: &Options<'_>, findings: &mut Findings) {
    let source = word.source(code.text);
    let name = source.trim_start_matches('-');
    let dashes = source.len() - name.len();
    if !code.is_code(word.range.start) || dashes == 0 || dashes == 2 {
        return;
    }
    let end = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(name.len());
    let name = name.get(..end).unwrap_or("");
    // `-otsv` is `-o tsv`, and `-gmy-group` is `-g my-group`.
    let wrong = if dashes == 1 {
        name.len() > 2 && options.mean(name)
    } else {
        name.len() > 1 && name.starts_with(|c: char| c.is_ascii_lowercase())
    };
    if !wrong {
        return;
    }
    let start = word.range.start;
    let option = format!("--{name}");
    let has = match dashes {
        1 => "one dash".to_owned(),
        n => format!("{n} dashes"),
    };
    findings
        .report(
            code.span(start..start + dashes + name.len()),
            format!("`{}{name}` has {has}", "-".repeat(dashes.min(20))),
        )
        .help(format!("write `{option}`"))
        .fix(code.fix(
            &format!("write `{option}`"),
            [(start..start + dashes, "--")],
        ));
}
