//! Anchors of headings, as Learn and GitHub make them: [`Slugs`].

use std::collections::{HashMap, HashSet};

/// Hands out anchors, each one once.
#[derive(Debug, Default)]
pub(super) struct Slugs {
    taken: HashSet<String>,
    /// The last number that each repeated anchor got.
    numbers: HashMap<String, usize>,
}

impl Slugs {
    /// The anchor of the next heading with these words; a repeated one gets `-1`, `-2`, …
    pub(super) fn next(&mut self, heading: &str) -> String {
        let base = slug(heading);
        let mut unique = base.clone();
        if !self.taken.insert(unique.clone()) {
            let number = self.numbers.entry(base.clone()).or_default();
            while {
                *number += 1;
                unique = format!("{base}-{number}");
                !self.taken.insert(unique.clone())
            } {}
        }
        unique
    }
}

/// Letters and digits in lower case, `-` and `_` as they are, a space as `-`, all else dropped.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Slugs, slug};

    #[test]
    fn follows_github() {
        assert_eq!(
            slug("Example 1: Use a user-assigned identity"),
            "example-1-use-a-user-assigned-identity"
        );
        assert_eq!(
            slug("System- and user-assigned"),
            "system--and-user-assigned"
        );
        assert_eq!(slug("Why use `az`?"), "why-use-az");
        assert_eq!(slug("¿?"), "");
    }

    #[test]
    fn repeated_headings_stay_apart() {
        let mut slugs = Slugs::default();
        let all: Vec<_> = ["A", "A", "A-1", "A"]
            .iter()
            .map(|h| slugs.next(h))
            .collect();
        assert_eq!(all, ["a", "a-1", "a-1-1", "a-2"]);
    }
}
