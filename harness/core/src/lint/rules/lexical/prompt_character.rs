//! A shell's prompt, copied with the command.

use super::code::{self, Code, Line};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};

/// The rule.
pub(super) struct PromptCharacter;

impl Rule for PromptCharacter {
    fn id(&self) -> &'static str {
        "prompt-character"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a command to be copied begins with a prompt"
    }

    fn explanation(&self) -> &'static str {
        "The copy button of a fence copies all of it. With the prompt, the command can't be pasted: \
`$: command not found`.

```bash
$ az group create --name my-group
```

Write

```bash
az group create --name my-group
```

A fence that shows a whole session, with what the commands print, is left alone. In a fence that a \
reader can run with a button (`azurecli-interactive`) this is an error.
"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for code in code::blocks(context) {
            let prompts = prompts(&code);
            if prompts.is_empty() {
                continue;
            }
            let interactive = code.language().ends_with("-interactive");
            for (line, length) in prompts {
                let indent = line.text.len() - line.text.trim_start().len();
                let start = line.start + indent;
                let prompt = code.text.get(start..start + length).unwrap_or("").trim();
                let report = findings
                    .report(
                        code.span(start..start + prompt.len()),
                        format!("`{prompt}` is copied with the command"),
                    )
                    .help("leave the prompt out")
                    .fix(code.fix("remove the prompt", [(start..start + length, "")]));
                if interactive {
                    report.severity(Severity::Error);
                }
            }
        }
    }
}

/// The lines that begin with a prompt, with its length; none if the fence shows a session: then
/// some lines are neither a command behind a prompt nor go on with one.
fn prompts<'a>(code: &Code<'a>) -> Vec<(Line<'a>, usize)> {
    let mut found = Vec::new();
    let mut goes_on = false;
    for line in code.lines() {
        let text = line.text.trim_start();
        let start = line.start + line.text.len() - text.len();
        let trimmed = line.text.trim_end();
        let continued = trimmed.ends_with(['\\', '`', '^']);
        if let Some(length) = prompt(text).filter(|_| code.is_code(start)) {
            found.push((line, length));
        } else if !(goes_on || trimmed.is_empty() || text.starts_with('#')) {
            return Vec::new();
        }
        goes_on = continued || (goes_on && !code.is_code(line.end()));
    }
    found
}

/// The length of the prompt that a line begins with, and of the white space behind it.
fn prompt(text: &str) -> Option<usize> {
    let end = if let Some(rest) = text.strip_prefix("PS") {
        let (path, _) = rest.split_once('>')?;
        let is_path = path.is_empty()
            || path.starts_with(' ')
                && path
                    .trim_start()
                    .get(1..)
                    .is_some_and(|p| p.starts_with(":\\"))
            || path.trim() == "/"
            || path.starts_with(" /");
        is_path.then_some(2 + path.len() + 1)?
    } else if text.starts_with("$ ") {
        1
    } else if text.get(1..3) == Some(":\\") && text.starts_with(|c: char| c.is_ascii_uppercase()) {
        text.find('>')? + 1
    } else {
        let (machine, _) = text.split_once("$ ")?;
        let (user, place) = machine.split_once('@')?;
        let word = |w: &str| {
            !w.is_empty()
                && w.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let (host, folder) = place.split_once(':')?;
        (word(user) && word(host) && folder.starts_with(['~', '/']) && !folder.contains(' '))
            .then_some(machine.len() + 1)?
    };
    let rest = text.get(end..)?;
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let command = rest.trim_start();
    command
        .starts_with(|c: char| c.is_ascii_alphabetic() || "./$".contains(c))
        .then_some(end + space)
}
