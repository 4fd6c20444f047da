//! Instructions that are done by hand: `section#1-4,6` names them.

/// The section and the numbers, ascending.
pub(super) fn numbers(text: &str) -> Result<(String, Vec<usize>), String> {
    let wrong = || format!("`{text}` names no numbered instructions");
    let (section, list) = text.rsplit_once('#').ok_or_else(wrong)?;
    let mut numbers = Vec::new();
    for part in list.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let from: usize = from.trim().parse().map_err(|_| wrong())?;
        let to: usize = to.trim().parse().map_err(|_| wrong())?;
        let after = numbers.last().copied().unwrap_or(0);
        if from <= after || to < from || to - from > 999 {
            return Err(format!("`{text}` does not name its instructions in order"));
        }
        numbers.extend(from..=to);
    }
    if section.is_empty() {
        return Err(wrong());
    }
    Ok((section.to_owned(), numbers))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn what_names_no_instructions_is_told() {
        for text in [
            "a",
            "a#",
            "a#x",
            "#1",
            "a#0",
            "a#2-1",
            "a#1,1",
            "a#3,2",
            "a#1-99999",
        ] {
            assert!(numbers(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_are_counted_out() {
        assert_eq!(
            numbers("a-b#2-4, 6").unwrap(),
            ("a-b".into(), vec![2, 3, 4, 6])
        );
        assert_eq!(numbers("a#1").unwrap(), ("a".into(), vec![1]));
    }
}
