//! Sequences with elisions: which part of the actual sequence each run of expected items is.

/// An item of a sample's sequence, or the place of an elision.
#[derive(Debug, Clone)]
pub(super) enum Item<T> {
    /// Shown.
    Shown(T),
    /// Any number of items, also none.
    Gap,
}

/// Finds for each run of shown items, in order, the first place where all of it fits. The first run
/// stands at the beginning unless a gap does, and the last one at the end likewise.
///
/// `state` is what `fits` may change; it keeps the changes of the places that were taken. On failure
/// it answers the first run that has no place, as a range of `items`.
pub(super) fn align<T, S: Clone>(
    items: &[Item<T>],
    actual: usize,
    state: &mut S,
    mut fits: impl FnMut(&T, usize, &mut S) -> bool,
) -> Result<(), std::ops::Range<usize>> {
    let mut from = 0;
    let mut at = 0;
    while at < items.len() {
        if matches!(items[at], Item::Gap) {
            at += 1;
            continue;
        }
        let run: Vec<&T> = items[at..]
            .iter()
            .map_while(|item| match item {
                Item::Shown(item) => Some(item),
                Item::Gap => None,
            })
            .collect();
        let end = at + run.len();
        let Some(last_start) = actual.checked_sub(run.len()).filter(|start| *start >= from) else {
            return Err(at..end);
        };
        let first = if end == items.len() { last_start } else { from };
        let last = if at == 0 { from } else { last_start };
        let found = (first..=last).find_map(|start| {
            let mut trial = state.clone();
            run.iter()
                .enumerate()
                .all(|(n, item)| fits(item, start + n, &mut trial))
                .then_some((start, trial))
        });
        let Some((start, trial)) = found else {
            return Err(at..end);
        };
        *state = trial;
        from = start + run.len();
        at = end;
    }
    let open_end = matches!(items.last(), Some(Item::Gap));
    if open_end || from == actual {
        Ok(())
    } else {
        Err(items.len()..items.len())
    }
}
