//! Which names are likely to be meant for each other: [`likeness`].

use crate::suggest;

/// A name in lower case, without the marks between its words.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words that a name is made of, in lower case: `myVmName`, `MY_VM_NAME`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower = false;
    let mut fresh = true;
    for c in name.chars() {
        if c == '_' || c == '-' {
            fresh = true;
            continue;
        }
        if fresh || (lower && c.is_uppercase()) {
            words.push(String::new());
        }
        fresh = false;
        lower = c.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// How alike two names are; `None` if they are not.
pub(super) fn likeness(a: &str, b: &str) -> Option<usize> {
    let (left, right) = (words(a), words(b));
    let shared = left.iter().filter(|word| right.contains(word)).count();
    // `ID` is in many names, and means another thing in each.
    let generic = |word: &String| ["id", "key", "name", "type", "value"].contains(&word.as_str());
    let nested = (shared == left.len() && !left.iter().all(generic))
        || (shared == right.len() && !right.iter().all(generic));
    let same_end = left.last() == right.last();
    if shared > 0 && (nested || (same_end && shared * 2 > left.len().max(right.len()))) {
        return Some(100 * shared / left.len().max(right.len()));
    }
    // `ipAdress` and `ipaddress`.
    let (a, b) = (folded(a), folded(b));
    let near = a.len().min(b.len()) >= 8 && a.len().abs_diff(b.len()) <= 2;
    (near && suggest::distance(&a, &b) <= 2).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::likeness;

    #[test]
    fn names_of_shared_words_are_alike() {
        for (a, b) in [
            ("SB_QUEUE", "SB_QUEUE_NAME"),
            ("resourceGroup", "RESOURCE_GROUP"),
            ("ipAdress", "ipAddress"),
            ("GROUP", "FLEET_RESOURCE_GROUP"),
        ] {
            assert!(likeness(a, b).is_some(), "{a} {b}");
        }
        for (a, b) in [
            ("RESOURCE_NAME", "RESOURCE_GROUP"),
            ("LOCATION", "RESOURCE_GROUP"),
            ("ID", "KEY"),
            ("TENANT_ID", "ID"),
            ("rg", "vm"),
        ] {
            assert!(likeness(a, b).is_none(), "{a} {b}");
        }
    }
}
