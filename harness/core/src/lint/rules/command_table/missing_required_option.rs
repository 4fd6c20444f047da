//! `missing-required-option`: see [`MissingRequiredOption`].

use super::common;
use crate::command_table::{Argument, Open, Problem};
use crate::diagnostic::Severity;
use crate::lint::facts::calls::AzCall;
use crate::lint::{Context, Findings, Rule};
use std::collections::{BTreeSet, HashMap};

/// An option that must be given and is not.
pub(super) struct MissingRequiredOption;

impl Rule for MissingRequiredOption {
    fn id(&self) -> &'static str {
        "missing-required-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an option that the command must have is not given"
    }

    fn explanation(&self) -> &'static str {
        "`az` stops with `the following arguments are required`. An earlier `az configure \
         --defaults` stands in for an option, and so do `--ids` where the command takes them.\n\n\
         Instead of\n\n\
         ```azurecli\naz identity create --name my-identity\n```\n\n\
         write\n\n\
         ```azurecli\naz identity create --name my-identity --resource-group my-group\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut of_block: HashMap<usize, Vec<&AzCall<'_>>> = HashMap::new();
        for call in &context.calls {
            of_block.entry(call.block).or_default().push(call);
        }
        let mut told = BTreeSet::new();
        for path in &context.paths {
            let mut defaults = BTreeSet::new();
            let blocks = path.blocks.iter().filter_map(|block| of_block.get(block));
            for call in blocks.flatten() {
                defaults.extend(sets_defaults(call));
                let missing = missing(call, &defaults);
                if !missing.is_empty() && told.insert((call.block, call.range.start)) {
                    report(context, call, &missing, findings);
                }
            }
        }
    }
}

/// The keys that `az configure --defaults group=x` and `az config set defaults.group=x` set.
fn sets_defaults(call: &AzCall<'_>) -> Vec<String> {
    let values = if call.is("configure") {
        call.values("--defaults")
    } else if call.is("config set") {
        let positional = call.parsed.bound.iter().find(|b| b.option.is_none());
        positional.map_or_else(Vec::new, |bound| call.values_of(bound))
    } else {
        return Vec::new();
    };
    let texts = values.into_iter().filter_map(|value| {
        // `group=$NAME` is written out as far as it matters.
        let words = call.words.iter();
        let word = words.rev().find(|word| word.range == value.range)?;
        let key = word.given.text.split('=').next()?;
        Some(key.strip_prefix("defaults.").unwrap_or(key).to_owned())
    });
    texts.collect()
}

/// What the call lacks where no default is set.
pub(super) fn lacks<'t>(call: &AzCall<'t>) -> Vec<(Argument<'t>, bool)> {
    missing(call, &BTreeSet::new())
}

/// What the call lacks, with whether `--ids` would do.
fn missing<'t>(call: &AzCall<'t>, defaults: &BTreeSet<String>) -> Vec<(Argument<'t>, bool)> {
    let Some(command) = call.command() else {
        return Vec::new();
    };
    let parsed = &call.parsed;
    if call.broken || parsed.help || parsed.uncertain {
        return Vec::new();
    }
    // An elision or a synopsis: `az vm create [--name]`.
    let unsaid = |text: &str| text.starts_with('[') && text.contains('-') || text == "...";
    if call.words.iter().any(|word| unsaid(&word.given.text)) {
        return Vec::new();
    }
    let meant = common::meant(call, command);
    let ambiguous = parsed.problems.iter().any(|problem| {
        let word = match problem {
            Problem::Ambiguous { .. } => return true,
            Problem::UnknownOption { word } => call.word(*word),
            _ => return false,
        };
        word.is_some_and(|word| word.given.open != Open::No)
    });
    if ambiguous {
        return Vec::new();
    }
    let given_later = |argument: Argument<'_>| {
        let later = call.cut_off.iter().map(|word| common::option(&word.given));
        let mut later = later.filter(|text| text.starts_with('-'));
        later.any(|text| argument.options().any(|option| option.name == text))
    };
    parsed
        .problems
        .iter()
        .filter_map(|problem| match problem {
            Problem::MissingRequired {
                argument,
                unless_ids,
            } => Some((*argument, *unless_ids)),
            _ => None,
        })
        .filter(|(argument, _)| {
            let default = argument.default_key();
            !default.is_some_and(|key| defaults.contains(key))
                && !meant.contains(argument)
                && !given_later(*argument)
        })
        .collect()
}

fn report(
    context: &Context<'_>,
    call: &AzCall<'_>,
    missing: &[(Argument<'_>, bool)],
    findings: &mut Findings,
) {
    let Some(block) = context.blocks.get(call.block) else {
        return;
    };
    let names: Vec<String> = missing
        .iter()
        .map(|(argument, _)| match argument.positional() {
            true => format!("<{}>", argument.name()),
            false => argument.name().to_owned(),
        })
        .collect();
    let names = || names.iter().map(String::as_str);
    let stray = call
        .parsed
        .problems
        .iter()
        .find_map(|problem| match problem {
            Problem::Unexpected { word } => {
                common::word(call, *word).filter(|_| !common::belongs_to_unknown(call, *word))
            }
            _ => None,
        });
    let ids = if missing.iter().all(|(_, unless_ids)| *unless_ids) {
        ", or `--ids`"
    } else {
        ""
    };
    let path = call.path();
    let message = format!("`az {path}` needs {}", common::list(names(), "and"));
    let message = match stray {
        Some(word) => format!("{message}; `{}` belongs to no option", word.given.text),
        None => message,
    };
    findings
        .report(block.span(call.title()), message)
        .help(format!("add {}{ids}", common::list(names(), "and")));
}
