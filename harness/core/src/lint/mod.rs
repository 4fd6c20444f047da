//! What `docproof check` finds: [`check`] asks every [`Rule`] of the [`registry`] about an article.
//!
//! A rule is a file in `rules/<family>/` named after its id, and a line in that family's `RULES`.

mod context;
pub mod facts;
mod rule;
pub mod rules;

pub use context::{BlockText, Context, ReaderPath, Role};
pub use rule::{Findings, Rule, registry};

use crate::diagnostic::Diagnostic;
use crate::markdown::Article;

/// Everything that the registered rules find in an article, in the order of its places. A defect
/// that several ways through the article meet is told once.
pub fn check(article: &Article) -> Vec<Diagnostic> {
    let context = Context::new(article);
    let mut findings = Findings::default();
    for rule in registry() {
        findings.of(rule);
        rule.check(&context, &mut findings);
    }
    findings.finish()
}
