//! `unexpected-argument`: see [`UnexpectedArgument`].

use super::common::{self, Budget};
use super::missing_required_option;
use crate::command_table::{Arity, Command, Problem, Table, reordered};
use crate::diagnostic::Severity;
use crate::lint::facts::calls::{AzCall, AzWord};
use crate::lint::{Context, Findings, Rule};

/// A word that is no option's value.
pub(super) struct UnexpectedArgument;

impl Rule for UnexpectedArgument {
    fn id(&self) -> &'static str {
        "unexpected-argument"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a word belongs to no option"
    }

    fn explanation(&self) -> &'static str {
        "`az` stops with `unrecognized arguments`. Often the option before it is a flag, which \
         takes no value, or takes one value and got two because quotes are missing.\n\n\
         Instead of\n\n\
         ```azurecli\naz vm create --name my-vm --resource-group my-group --generate-ssh-keys true\n```\n\n\
         write\n\n\
         ```azurecli\naz vm create --name my-vm --resource-group my-group --generate-ssh-keys\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let sets_defaults = |call: &AzCall<'_>| call.is("configure") || call.is("config set");
        let defaults = context.calls.iter().any(sets_defaults);
        let mut budget = Budget::new();
        for (call, command, block) in common::commands(context) {
            let problems = &call.parsed.problems;
            // `missing-required-option` tells of a value that is given without its option.
            let required = !missing_required_option::lacks(call).is_empty() && !defaults;
            let mut last = None;
            for problem in problems {
                let (at, flag) = match problem {
                    Problem::Unexpected { word } => (*word, None),
                    Problem::FlagWithValue { word, argument } => (*word, Some(argument.name())),
                    _ => continue,
                };
                let follows = last.is_some_and(|last| last + 1 == at);
                last = Some(at);
                let Some(word) = common::word(call, at) else {
                    continue;
                };
                // The first of several is told, and none that belongs to an unknown option.
                if follows || flag.is_none() && common::belongs_to_unknown(call, at) {
                    continue;
                }
                let other = if at == 0 {
                    budget.spend(|| other_order(context.table, command, word))
                } else {
                    None
                };
                if flag.is_none() && (required && other.is_none() || is_remark(&word.given.text)) {
                    continue;
                }
                let range = match last_of(call, problems, at).filter(|_| flag.is_none()) {
                    Some(end) => word.range.start..end,
                    None => word.range.clone(),
                };
                let text = block.text.get(range.clone()).unwrap_or("").trim();
                let (message, help) = match flag {
                    Some(name) => (
                        format!("`{name}` takes no value"),
                        format!("write `{name}` alone"),
                    ),
                    None => describe(call, command, at, text, other),
                };
                findings.report(block.span(range), message).help(help);
            }
        }
    }
}

/// `[--option]` of a synopsis, and what is left of a `<placeholder>` that a shell reads otherwise.
fn is_remark(text: &str) -> bool {
    text.starts_with('[') && text.contains("--") || text.contains(['<', '>'])
}

/// Where the last of the words ends that directly follow and belong to nothing either.
fn last_of(call: &AzCall<'_>, problems: &[Problem<'_>], at: usize) -> Option<usize> {
    let stray = |at: usize| {
        problems
            .iter()
            .any(|problem| matches!(problem, Problem::Unexpected { word } if *word == at))
    };
    let last = (at..).take_while(|at| stray(*at)).last()?;
    call.word(last).map(|word| word.range.end)
}

/// The command that the words name in another order: `acr show repository`.
fn other_order(table: &Table, command: Command<'_>, word: &AzWord) -> Option<String> {
    let name = word.given.text.as_str();
    if !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
        return None;
    }
    let path = command.path();
    let mut words: Vec<String> = path.split(' ').map(str::to_owned).collect();
    words.push(name.to_owned());
    let found = reordered(table, &words)?;
    (found != path).then_some(found)
}

fn describe(
    call: &AzCall<'_>,
    command: Command<'_>,
    at: usize,
    text: &str,
    other: Option<String>,
) -> (String, String) {
    let path = command.path();
    let message = format!("`{text}` belongs to no option of `az {path}`");
    if let Some(meant) = other {
        return (message, format!("write `az {meant}`"));
    }
    let before = call
        .parsed
        .bound
        .iter()
        .filter(|bound| bound.option.is_some_and(|option| option < at))
        .max_by_key(|bound| bound.option);
    match before {
        Some(bound) if bound.argument.arity() == Arity::Zero => (
            format!(
                "`{}` takes no value, and `{text}` belongs to no option",
                bound.name
            ),
            format!("take `{text}` away"),
        ),
        Some(bound) if matches!(bound.argument.arity(), Arity::One | Arity::Optional) => (
            message,
            format!(
                "`{}` takes one value: put quotes around it if it is one, or take `{text}` away",
                bound.name
            ),
        ),
        _ => (
            message,
            format!("put its option before `{text}`, or take it away"),
        ),
    }
}
