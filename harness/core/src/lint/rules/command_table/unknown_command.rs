//! `unknown-command`: see [`UnknownCommand`].

use super::common::{self, Budget};
use crate::command_table::{Given, Lookup, Table, command_like, extension_of, was_command};
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::source::Span;
use std::collections::HashMap;

/// A command or group that azure-cli does not have.
pub(super) struct UnknownCommand;

impl Rule for UnknownCommand {
    fn id(&self) -> &'static str {
        "unknown-command"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "azure-cli has no such command or group"
    }

    fn explanation(&self) -> &'static str {
        "The words behind `az` name a group, a group in it, and a command. Where one of them does \
         not exist, `az` stops with `'…' is misspelled or not recognized by the system`. Commands \
         of extensions are known by name; what neither azure-cli nor a known extension has is a \
         warning where nothing like it exists, for an extension that is not known may have it.\n\n\
         Instead of\n\n\
         ```azurecli\naz aks node pool add --cluster-name my-cluster\n```\n\n\
         write\n\n\
         ```azurecli\naz aks nodepool add --cluster-name my-cluster\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut searches = Searches::default();
        for (call, block) in common::calls(context) {
            let Lookup::Unknown { group, word } = call.lookup else {
                continue;
            };
            let at = call.words.get(word);
            let Some(unknown) = at.filter(|word| common::told(word)) else {
                continue;
            };
            let text: Vec<String> = call
                .words
                .iter()
                .map(|word| &word.given)
                .take_while(|given| !given.text.starts_with('-') && !given.text.is_empty())
                .map(|given| given.text.clone())
                .collect();
            let path = group.path();
            let span = block.span(call.name.start..unknown.range.end);
            let meant = searches.slip(context.table, &path, &text, word);
            report(context.table, &path, &text, word, meant, span, findings);
        }
        for code in &context.article.inline_code {
            let Some(line) = code.text.strip_prefix("az ") else {
                continue;
            };
            let words: Vec<&str> = line.split_whitespace().collect();
            let name = words.iter().take_while(|word| is_name(word));
            let given: Vec<Given> = name.map(|word| Given::literal(*word)).collect();
            let Lookup::Unknown { group, word } = context.table.look_up(&given) else {
                continue;
            };
            let text: Vec<String> = given.into_iter().map(|given| given.text).collect();
            // In prose a word more or less is usual; only a clear slip is told.
            let path = group.path();
            let meant = searches.slip(context.table, &path, &text, word);
            if meant.is_some() {
                let span = code.span.clone();
                report(context.table, &path, &text, word, meant, span, findings);
            }
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// What was found to be meant, so that a slip that is repeated is looked up once.
struct Searches {
    found: HashMap<Vec<String>, Option<String>>,
    budget: Budget,
}

impl Default for Searches {
    fn default() -> Self {
        Self {
            found: HashMap::new(),
            budget: Budget::new(),
        }
    }
}

impl Searches {
    fn slip(&mut self, table: &Table, group: &str, text: &[String], word: usize) -> Option<String> {
        if let Some(found) = self.found.get(text) {
            return found.clone();
        }
        let meant = self.budget.spend(|| slip(table, group, text, word));
        if self.found.len() < 1000 {
            self.found.insert(text.to_vec(), meant.clone());
        }
        meant
    }
}

fn slip(table: &Table, group: &str, text: &[String], word: usize) -> Option<String> {
    let mut found = table.root();
    for word in group.split(' ').filter(|word| !word.is_empty()) {
        found = match found.child(word)? {
            crate::command_table::Node::Group(inner) => inner,
            crate::command_table::Node::Command(_) => return None,
        };
    }
    let (before, rest) = text.split_at_checked(word)?;
    command_like(table, found, before, rest)
}

fn report(
    table: &Table,
    group: &str,
    text: &[String],
    word: usize,
    meant: Option<String>,
    span: Span,
    findings: &mut Findings,
) {
    let Some(unknown) = text.get(word) else {
        return;
    };
    let written = text.join(" ").to_lowercase();
    if extension_of(&written).is_some() {
        return;
    }
    let version = table.version();
    let message = if group.is_empty() {
        format!("azure-cli {version} has no command `az {unknown}`")
    } else {
        format!("`az {group}` has no command `{unknown}` in azure-cli {version}")
    };
    let report = findings.report(span, message);
    match meant {
        _ if was_command(&written) => report
            .severity(Severity::Warning)
            .help("an earlier azure-cli had it; look up what took its place, or which extension"),
        Some(meant) => report.help(format!("write `az {meant}`")),
        None => report.severity(Severity::Warning).help(
            "check its name; if an extension has it, say in the article which one to install",
        ),
    };
}
