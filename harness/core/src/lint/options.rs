//! How an article is checked: [`Options`].

/// How an article is checked; by default with every rule, as an article that stands alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'o> {
    /// The article is a part that others include, see [`super::Context::fragment`].
    pub fragment: bool,
    /// The rules to ask; all of them if none is named.
    pub only: &'o [&'static str],
    /// Rules not to ask.
    pub skip: &'o [&'static str],
}

impl Options<'_> {
    /// Whether findings of this rule are wanted.
    pub fn asks(&self, rule: &str) -> bool {
        (self.only.is_empty() || self.only.contains(&rule)) && !self.skip.contains(&rule)
    }
}
