//! "Did you mean": [`nearest`].

/// The candidate that is most like `word`, if one is alike at all.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance * 2 <= candidate.len().max(word.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
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
    use super::{distance, nearest};

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
}
