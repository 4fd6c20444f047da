//! What a report of findings must not show: [`Mask`].

use super::Texts;
use crate::report::mask_secrets;
use crate::report::style::plain;
use crate::source::Span;

/// What stands where a secret was.
const MASK: &str = "***";

/// Shorter texts are no secrets; masking them would riddle a report.
const SHORTEST: usize = 6;

/// The lines of private keys: shown one by one, they do not look like one.
fn private_keys(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    if text.contains("PRIVATE KEY-----") {
        let mut inside = false;
        for line in text.lines() {
            inside = (inside || line.contains("-----BEGIN ")) && !line.contains("-----END ");
            if inside && !line.contains("-----") {
                found.push(line);
            }
        }
    }
    found
}

/// Hides what [`mask_secrets`] knows, and the secrets that rules found in this article.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// Longest first, so that none is left over from another.
    secrets: Vec<String>,
}

impl Mask {
    /// A mask for the secrets that stand at these places.
    pub fn new(texts: &Texts, concealed: &[Span]) -> Self {
        let keys = texts.iter().flat_map(|(_, text)| private_keys(text));
        let keys: Vec<&str> = keys.collect();
        if concealed.is_empty() && keys.is_empty() {
            return Self::default();
        }
        let texts = texts.indexed();
        let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
        let mut secrets: Vec<String> = concealed
            .iter()
            .flat_map(|span| texts.at(span).lines())
            .chain(keys)
            .map(|line| line.trim_matches(quotes).to_owned())
            .filter(|secret| secret.len() >= SHORTEST)
            .collect();
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Self { secrets }
    }

    /// The text as it can be shown: without secrets and without what moves a terminal's cursor.
    pub fn apply(&self, text: &str) -> String {
        let mut text = plain(text);
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        mask_secrets(&text)
    }
}
