//! Dashes that look like `-` and are other characters.

use super::code::{self, Code};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::shell::Dialect;
use std::ops::Range;

/// The rule.
pub(super) struct UnicodeDash;

impl Rule for UnicodeDash {
    fn id(&self) -> &'static str {
        "unicode-dash"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option begins with a dash that is not the keyboard's hyphen"
    }

    fn explanation(&self) -> &'static str {
        "Word processors turn `--` into `–` and `-` into `‐`. A command reads an option only \
behind the hyphen of the keyboard, U+002D; with another dash the option and its value are taken \
for plain arguments, and the command refuses them.

```bash
az group create –name my-group -–location eastus
```

Write

```bash
az group create --name my-group --location eastus
```

PowerShell takes `–`, `—` and `―` for hyphens before the parameters of its own cmdlets, so the \
rule looks there only at programs such as `az`.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            if !code.text.contains(is_dash) {
                continue;
            }
            for (word, program) in words(&code) {
                examine(&code, word, program, findings);
            }
        }
        for inline in code::inline(context, |text| text.contains(is_dash)) {
            let code = inline.code();
            for (word, program) in words(&code) {
                examine(&code, word, program, findings);
            }
        }
    }
}

/// Dashes of all kinds but the hyphen.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
    )
}

/// The words that may be options, each with the program they are given to.
fn words<'c>(code: &'c Code<'_>) -> impl Iterator<Item = (Range<usize>, &'c str)> {
    code.commands().flat_map(move |command| {
        let name = command.words.first().map_or("", |w| w.source(code.text));
        let rest = command.words.iter().skip(1);
        rest.map(move |word| (word.range.clone(), name))
    })
}

fn examine(code: &Code<'_>, word: Range<usize>, program: &str, findings: &mut Findings) {
    let source = code.text.get(word.clone()).unwrap_or("");
    let named = source.trim_start_matches(|c: char| c == '-' || is_dash(c));
    let dashes = source.get(..source.len() - named.len()).unwrap_or("");
    if dashes.is_empty() || !code.is_code(word.start) {
        return;
    }
    let end = named
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || is_dash(c)))
        .unwrap_or(named.len());
    let name = named.get(..end).unwrap_or("");
    let wrong = dashes.contains(is_dash) || name.contains(is_dash);
    let lone = name.is_empty() && (source != dashes || dashes.chars().count() != 2);
    if !wrong || lone || name.starts_with(|c: char| c.is_ascii_digit()) {
        return;
    }
    // PowerShell hands the words of a program on as they are, and understands its own.
    if code.dialect() == Dialect::PowerShell && program != "az" && !program.starts_with("kube") {
        return;
    }
    let count = dashes.chars().count();
    let long = name.chars().count() > 1 || name.is_empty();
    let certain = count > 1 || !long || program == "az";
    let right = if count > 1 || long { "--" } else { "-" };
    let right_name: String = name
        .chars()
        .map(|c| if is_dash(c) { '-' } else { c })
        .collect();
    let option = format!("{right}{right_name}");
    let range = word.start..word.start + dashes.len() + name.len();
    let found = source.chars().find(|c| is_dash(*c)).unwrap_or('–');
    let severity = if code.is_typed(word.start) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let report = findings
        .report(
            code.span(range.clone()),
            format!(
                "`{}` is written with `{found}` (U+{:04X}), which begins no option",
                code.text.get(range.clone()).unwrap_or(""),
                u32::from(found)
            ),
        )
        .severity(severity);
    if !certain {
        report.help(format!("write `-` or `--` before `{right_name}`"));
        return;
    }
    let help = format!("write `{option}`");
    let report = report.help(&help);
    if severity == Severity::Error {
        report.fix(code.fix(&help, [(range, &option)]));
    }
}
