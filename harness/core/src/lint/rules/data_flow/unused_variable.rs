//! `unused-variable`: see [`UnusedVariable`].

use crate::diagnostic::Severity;
use crate::lint::facts::variables::{EventKind, Scope};
use crate::lint::{Context, Findings, Rule};
use std::collections::HashMap;

/// A variable that is set and never read.
pub(super) struct UnusedVariable;

impl Rule for UnusedVariable {
    fn id(&self) -> &'static str {
        "unused-variable"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a variable is set and never used"
    }

    fn explanation(&self) -> &'static str {
        "A reader sets it for nothing; perhaps a later step was to use it and uses something else. \
         What is exported, or named anywhere else in the article, is accepted.\n\n\
         Instead of\n\n\
         ```bash\nREGISTRY=myregistry\naz acr show --name anotherregistry\n```\n\n\
         write\n\n\
         ```bash\nREGISTRY=myregistry\naz acr show --name $REGISTRY\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        if context.fragment {
            return;
        }
        let variables = context.variables();
        let unread = variables.all.iter().filter(|variable| {
            !variable.known
                && variable.readings.is_empty()
                && !is_for_tools(&variable.name.key)
                // Another rule tells of names that no variable can have.
                && variable.name.key.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
        let mut unread = unread.peekable();
        if unread.peek().is_none() {
            return;
        }
        let mentions = mentions(context);
        for variable in unread {
            let mut spared = false;
            for id in &variable.settings {
                if let Some(EventKind::Set(setting)) = variables.event(*id).map(|e| &e.kind) {
                    spared |= setting.exported || setting.loops || setting.scope == Scope::Command;
                }
            }
            let Some(first) = variable.settings.first() else {
                continue;
            };
            let named = mentions.get(&variable.name.key.to_lowercase());
            if spared || named.copied().unwrap_or(0) > variable.settings.len() {
                continue;
            }
            let (Some(span), Some(name)) =
                (variables.span(context, *first), variables.event(*first))
            else {
                continue;
            };
            findings
                .report(span, format!("`{}` is set and never used", name.name))
                .help("use it in the steps that need it, or take it out");
        }
    }
}

/// Names that programs look for without being told.
fn is_for_tools(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    [
        "AZURE_",
        "ARM_",
        "AWS_",
        "TF_",
        "DOCKER_",
        "GIT_",
        "HELM_",
        "KUBE",
        "PYTHON",
        "NODE_",
        "ENV:",
        "DOTNET_",
        "ASPNETCORE_",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
        || matches!(
            name.as_str(),
            "DEBIAN_FRONTEND"
                | "PROMPT_COMMAND"
                | "PS2"
                | "HTTP_PROXY"
                | "HTTPS_PROXY"
                | "NO_PROXY"
        )
}

/// How often the article names what could be a variable, in lower case.
fn mentions(context: &Context<'_>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    let blocks = context.blocks.iter().map(|block| block.text.as_str());
    let prose = context
        .article
        .prose
        .iter()
        .map(|prose| prose.text.as_str());
    for text in blocks.chain(prose) {
        let words = text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty());
        for word in words {
            *counts.entry(word.to_lowercase()).or_insert(0) += 1;
        }
    }
    counts
}
