//! "Did you mean": [`nearest`].

/// The candidate that is most like `word`, if one is alike at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance * 2 <= candidate.len().max(word.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A help for what serde says of a key that it does not know: "unknown field `a`, expected one of
/// `b`, `c`" holds all that a suggestion needs.
pub(crate) fn for_unknown_field(message: &str) -> Option<String> {
    let mut quoted = message
        .strip_prefix("unknown field")?
        .split('`')
        .skip(1)
        .step_by(2);
    let near = nearest(quoted.next()?, quoted)?;
    Some(format!("did you mean `{near}`?"))
}

/// Levenshtein's distance, in characters.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            let here = (diagonal + usize::from(from != *to))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            left = here;
            next.push(here);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{distance, for_unknown_field, nearest};

    #[test]
    fn nothing_alike_is_no_suggestion() {
        assert_eq!(nearest("title", ["zebra", "quux"]), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn the_most_alike_wins() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("tittle", ["table", "title"]), Some("title"));
    }

    #[test]
    fn an_unknown_key_is_told_the_nearest_one() {
        let message = "unknown field `rules`, expected one of `rule`, `paths`";
        let help = for_unknown_field(message);
        assert_eq!(help.as_deref(), Some("did you mean `rule`?"));
        assert_eq!(for_unknown_field("invalid type: string `a`"), None);
    }
}
