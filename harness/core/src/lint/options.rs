//! How an article is checked: [`Options`].

use super::Rule;
use crate::command_table::Table;

/// The rule that has to know what all others find.
const UNUSED: &str = "unused-suppression";

/// How an article is checked; by default with every rule, as an article that stands alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// The article is a part that others include, see [`super::Context::fragment`].
    pub fragment: bool,
    /// The rules to ask; all of them if none is named.
    pub only: &'o [&'static str],
    /// Another table of azure-cli's commands than the one that comes with docproof.
    pub table: Option<&'o Table>,
    /// Rules not to ask.
    pub skip: &'o [&'static str],
}

impl Options<'_> {
    /// Whether a rule has to look at the article: its findings are wanted, they stand on secrets
    /// that no other finding may show, or it has to be known what suppressions are there for.
    pub(super) fn needs(&self, rule: &dyn Rule) -> bool {
        self.asks(rule.id())
            || rule.conceals()
            || (self.only.contains(&UNUSED) && !self.skip.contains(&rule.id()))
    }

    /// Whether findings of this rule are wanted.
    pub fn asks(&self, rule: &str) -> bool {
        (self.only.is_empty() || self.only.contains(&rule)) && !self.skip.contains(&rule)
    }
}
