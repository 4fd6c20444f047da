//! What every rule is: [`Rule`].

use super::context::Context;
use super::rules;
use super::suppression::{Suppression, Suppressions};
use crate::diagnostic::{Diagnostic, Fix, Related, Severity};
use crate::source::Span;

/// Something that can be wrong with an article.
pub trait Rule: Sync {
    /// Its name: kebab-case; also its file's name (in snake_case) and its fixtures' folder.
    fn id(&self) -> &'static str;
    /// How much its findings matter, unless one says otherwise.
    fn severity(&self) -> Severity;
    /// What is wrong where it fires, in one line.
    fn summary(&self) -> &'static str;
    /// Why that is a defect and what to write instead, in Markdown, with an example of each.
    fn explanation(&self) -> &'static str;
    /// Whether the text at its findings is a secret, which no report shows.
    fn conceals(&self) -> bool {
        false
    }
    /// Reports each place where it fires.
    fn check(&self, context: &Context<'_>, findings: &mut Findings);
}

/// Every rule, family by family.
pub fn registry() -> impl Iterator<Item = &'static dyn Rule> {
    [
        rules::markdown::RULES,
        rules::lexical::RULES,
        rules::command_table::RULES,
        rules::data_flow::RULES,
        rules::samples::RULES,
        rules::powershell::RULES,
        rules::drafts::RULES,
        rules::suppressions::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Where rules report.
#[derive(Default)]
pub struct Findings {
    rule: Option<&'static dyn Rule>,
    found: Vec<Diagnostic>,
}

impl Findings {
    /// Says whose findings come next.
    pub(super) fn of(&mut self, rule: &'static dyn Rule) {
        self.rule = Some(rule);
    }

    /// Reports a finding of the rule that is being asked, and returns it for more to be said.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Report<'_> {
        let (rule, severity) = self
            .rule
            .map_or(("", Severity::Error), |rule| (rule.id(), rule.severity()));
        self.found.push(Diagnostic {
            rule,
            severity,
            span,
            message: message.into(),
            help: None,
            related: Vec::new(),
            fix: None,
        });
        let last = self.found.len() - 1;
        Report {
            findings: self,
            last,
        }
    }

    /// Where secrets were found.
    pub(super) fn concealed(&self) -> Vec<Span> {
        let conceals: Vec<&str> = registry()
            .filter(|rule| rule.conceals())
            .map(|rule| rule.id())
            .collect();
        let secret = self.found.iter().filter(|d| conceals.contains(&d.rule));
        secret.map(|d| d.span.clone()).collect()
    }

    /// Takes away what is suppressed; answers the suppressions with a reason that took nothing.
    pub(super) fn suppress<'s>(
        &mut self,
        suppressions: &'s Suppressions,
    ) -> impl Iterator<Item = &'s Suppression> + use<'s> {
        let unused = suppressions.apply(&mut self.found).into_iter();
        let unused = unused.filter_map(|at| suppressions.found.get(at));
        unused.filter(|suppression| !suppression.reason.is_empty())
    }

    /// The findings in the order of their places, each once.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by(|a, b| (&a.span, a.rule, &a.message).cmp(&(&b.span, b.rule, &b.message)));
        self.found.dedup();
        self.found
    }
}

/// A finding that more is said about.
pub struct Report<'f> {
    findings: &'f mut Findings,
    last: usize,
}

impl Report<'_> {
    fn change(self, change: impl FnOnce(&mut Diagnostic)) -> Self {
        if let Some(diagnostic) = self.findings.found.get_mut(self.last) {
            change(diagnostic);
        }
        self
    }

    /// What to write instead, or what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.change(|d| d.help = Some(help.into()))
    }

    /// Another place that explains it.
    pub fn related(self, span: Span, message: impl Into<String>) -> Self {
        let related = Related {
            span,
            message: message.into(),
        };
        self.change(|d| d.related.push(related))
    }

    /// The change that certainly mends it, if there is one.
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        self.change(|d| d.fix = fix.into())
    }

    /// Another severity than the rule's own.
    pub fn severity(self, severity: Severity) -> Self {
        self.change(|d| d.severity = severity)
    }
}
