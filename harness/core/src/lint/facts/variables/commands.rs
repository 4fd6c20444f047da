//! What is told of variables by the commands that use them: tests, options, shells in containers.

use crate::shell::{Command, CommandKind, Dialect, Part, PartKind, Word};

/// Whether a command asks if a variable is set at all.
pub(super) fn tests(command: &Command, name: Option<&str>) -> bool {
    let test = matches!(name, Some("[" | "[[" | "test" | "if" | "while" | "until"))
        || (command.kind == CommandKind::Expression && !command.words.is_empty());
    test && command
        .words
        .iter()
        .any(|word| matches!(word.literal().as_deref(), Some("-z" | "-n" | "-v")))
}

/// `X=1 command`: set for that command alone.
pub(super) fn is_temporary(dialect: Dialect, command: &Command, name: Option<&str>) -> bool {
    let Some(first) = command.words.first() else {
        return false;
    };
    dialect == Dialect::Bash
        && command.kind == CommandKind::Simple
        && !matches!(
            name,
            Some(
                "export" | "declare" | "local" | "readonly" | "typeset" | "read" | "set" | "select"
            )
        )
        && command.assignments.iter().all(|assignment| {
            assignment.value.is_some() && assignment.range.end <= first.range.start
        })
}

/// Whether what a command sets is there for programs too.
pub(super) fn exports(command: &Command, name: Option<&str>) -> bool {
    let mut words = command.words.iter();
    match name {
        Some("export" | "setx") => true,
        Some("declare" | "typeset") => words.any(|word| word.literal().as_deref() == Some("-x")),
        _ => false,
    }
}

/// The option before a word, if the word is one variable and nothing else.
pub(super) fn option_of(command: &Command, at: usize) -> Option<String> {
    let word = command.words.get(at)?;
    if let [
        Part {
            kind: PartKind::Text(text),
            ..
        },
        Part {
            kind: PartKind::Variable { .. },
            ..
        },
    ] = word.parts.as_slice()
    {
        let option = text.strip_suffix('=')?;
        return option
            .starts_with("--")
            .then(|| canonical(option).to_owned());
    }
    word.variable()?;
    let before = command.words.get(at.checked_sub(1)?)?.literal()?;
    before
        .starts_with('-')
        .then(|| canonical(&before).to_owned())
}

/// One name for what `az` and Azure PowerShell call differently.
fn canonical(option: &str) -> &str {
    match option {
        "-g" | "-ResourceGroupName" | "-ResourceGroup" => "--resource-group",
        "-l" | "-Location" => "--location",
        "-n" | "-Name" => "--name",
        "-SubscriptionId" | "-Subscription" => "--subscription",
        "-VaultName" => "--vault-name",
        option => option,
    }
}

/// Whether a command opens a shell inside a container and stays in it.
pub(super) fn enters_container(command: &Command) -> bool {
    let words: Vec<Option<String>> = command.words.iter().map(Word::literal).collect();
    let words: Vec<&str> = words
        .iter()
        .map(|word| word.as_deref().unwrap_or(""))
        .collect();
    let shell = |text: &str| {
        let program = text.trim().rsplit('/').next().unwrap_or("");
        matches!(program, "bash" | "sh" | "ash" | "dash" | "zsh")
    };
    let value = |option: &str| {
        words.iter().enumerate().find_map(|(at, word)| {
            if *word == option {
                return words.get(at + 1).copied();
            }
            word.strip_prefix(option)?.strip_prefix('=')
        })
    };
    match words.as_slice() {
        ["az", "container", "exec", ..] => value("--exec-command").is_some_and(shell),
        ["az", "containerapp", "exec", ..] => value("--command").is_none_or(shell),
        ["kubectl", "exec", rest @ ..] | ["docker", "exec", rest @ ..] => {
            let interactive = rest
                .iter()
                .any(|word| matches!(*word, "-it" | "-ti" | "-i" | "--stdin" | "--interactive"));
            interactive && rest.last().is_some_and(|last| shell(last))
        }
        _ => false,
    }
}
