//! What `docproof check` finds: [`check`] asks every [`Rule`] of the [`registry`] about an article.
//!
//! A rule is a file in `rules/<family>/` named after its id, and a line in that family's `RULES`.

mod columns;
mod config;
mod context;
pub mod facts;
mod options;
mod paths;
mod rule;
pub mod rules;
mod suppression;

pub use crate::markdown::Role;
pub use config::{Allowed, Config, ConfigError};
pub use context::{BlockText, Context, ReaderPath};
pub use options::Options;
pub use rule::{Findings, Report, Rule, registry};
pub use suppression::{Suppression, Suppressions};

use crate::command_table::Table;
use crate::diagnostic::Diagnostic;
use crate::markdown::Article;
use crate::source::Span;
use rules::suppressions::UnusedSuppression;

/// What checking an article came to.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What was found, in the order of its places. A defect that several ways through the article
    /// meet is told once.
    pub findings: Vec<Diagnostic>,
    /// Where secrets stand, whether a finding tells of them or not.
    pub concealed: Vec<Span>,
}

/// Everything that the registered rules find in an article, in the order of its places.
pub fn check(article: &Article) -> Vec<Diagnostic> {
    check_with(article, &Options::default()).findings
}

/// As [`check`], as `options` say.
pub fn check_with(article: &Article, options: &Options<'_>) -> Checked {
    let table = match options.table {
        Some(table) => table,
        None => Table::built_in(),
    };
    let mut context = Context::with_table(article, table);
    context.fragment = options.fragment;
    let mut findings = Findings::default();
    for rule in registry() {
        if options.needs(rule) {
            findings.of(rule);
            rule.check(&context, &mut findings);
        }
    }
    let concealed = findings.concealed();
    let unused = findings.suppress(&context.suppressions);
    // What a fragment's suppressions are there for may be seen only with what includes it.
    if !options.fragment {
        for suppression in unused {
            let rule = registry().find(|rule| rule.id() == suppression.rule);
            if rule.is_some_and(|rule| options.needs(rule)) {
                UnusedSuppression::tell(suppression, &mut findings);
            }
        }
    }
    let mut findings = findings.finish();
    findings.retain(|finding| options.asks(finding.rule));
    Checked {
        findings,
        concealed,
    }
}
