//! `-- name`: the dashes of an option, parted from its name.

use super::code::{self, Code, is_cmdlet};
use super::options::Options;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Dialect, Word};

/// The rule.
pub(super) struct SpaceAfterDashes;

impl Rule for SpaceAfterDashes {
    fn id(&self) -> &'static str {
        "space-after-dashes"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a space parts the dashes of an option from its name"
    }

    fn explanation(&self) -> &'static str {
        "`--` alone says that no more options follow, so what was meant as the option's name and \
its value become plain arguments, and the command refuses them.

```bash
az keyvault secret show -- vault-name my-vault --name my-secret
```

Write

```bash
az keyvault secret show --vault-name my-vault --name my-secret
```
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            for words in code.az_commands() {
                // What follows `--` there is a command for the other machine.
                if words
                    .get(1)
                    .is_some_and(|word| word.source(code.text) == "ssh")
                {
                    continue;
                }
                pairs(
                    &code,
                    words,
                    Some(&Options::of(words, context.table)),
                    findings,
                );
            }
            if code.dialect() == Dialect::PowerShell {
                for command in code.commands() {
                    let name = command.words.first().map_or("", |w| w.source(code.text));
                    if is_cmdlet(name) {
                        pairs(&code, &command.words, None, findings);
                    }
                }
            }
        }
    }
}

/// `options` are those of an `az` command.
fn pairs(code: &Code<'_>, words: &[Word], options: Option<&Options<'_>>, findings: &mut Findings) {
    for pair in words.windows(2) {
        let [dashes, name] = pair else { continue };
        let (source, option) = (dashes.source(code.text), name.source(code.text));
        let is_name = option.starts_with(|c: char| c.is_ascii_lowercase())
            && option
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-');
        let wrong = match source {
            "--" => is_name && options.is_none_or(|options| options.mean(option)),
            "-" => is_name && options.is_some_and(|options| options.has(option)),
            _ => false,
        };
        let gap = code
            .text
            .get(dashes.range.end..name.range.start)
            .unwrap_or("");
        if !wrong || gap.contains('\n') {
            continue;
        }
        let report = findings.report(
            code.span(dashes.range.start..name.range.end),
            format!("a space parts `{source}` from `{option}`"),
        );
        if options.is_some() {
            report.help(format!("write `--{option}`")).fix(code.fix(
                &format!("write `--{option}`"),
                [(dashes.range.start..name.range.start, "--")],
            ));
        } else {
            report.help("cmdlets have parameters with one dash, such as `-Name`");
        }
    }
}
