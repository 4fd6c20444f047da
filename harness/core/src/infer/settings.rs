//! What whoever runs an article says of its placeholders and variables: [`Settings`].

use super::kind::words;

/// Values by name, and which of them were asked for.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    given: Vec<(String, String, bool)>,
}

impl Settings {
    /// These names and values; a name is a placeholder's, with or without its brackets, or a
    /// variable's.
    pub fn new(given: impl IntoIterator<Item = (String, String)>) -> Self {
        let given = given.into_iter();
        Self {
            given: given.map(|(name, value)| (name, value, false)).collect(),
        }
    }

    /// The value of what the article calls so.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let folded = |name: &str| words(name).concat();
        let wanted = folded(name);
        let one = self
            .given
            .iter_mut()
            .find(|(given, ..)| folded(given) == wanted)?;
        one.2 = true;
        Some(one.1.clone())
    }

    /// The names that nothing has.
    pub fn unused(&self) -> impl Iterator<Item = &str> {
        self.given
            .iter()
            .filter(|(.., used)| !used)
            .map(|(name, ..)| name.as_str())
    }
}
