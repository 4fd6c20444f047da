//! Where in the output a fragment belongs, and whole documents against the output.

use super::compare::{Comparison, Sides, step};
use super::mismatch::MismatchKind;
use super::node::{Document, Node, Object};
use serde_json::{Map, Value};

/// Compares a JSON sample with the JSON values that a command printed, one after another.
pub(super) fn document(comparison: &mut Comparison, document: &Document, actual: &[Value]) {
    match document {
        Document::Values(nodes) => values(comparison, nodes, actual),
        Document::Somewhere(nodes) => {
            for node in nodes {
                somewhere(comparison, node, actual);
            }
        }
        Document::Members(groups) => {
            let together = Object {
                members: groups
                    .iter()
                    .flat_map(|group| group.members.clone())
                    .collect(),
                open: true,
            };
            // Elisions may also hide the end of one object and the beginning of another.
            if homes(&together, actual).is_empty() && groups.len() > 1 {
                groups
                    .iter()
                    .for_each(|group| fragment(comparison, group, actual));
            } else {
                fragment(comparison, &together, actual);
            }
        }
    }
}

/// As many values as the sample shows, or the last ones of them: an article shows what the last
/// command of a block prints.
fn values(comparison: &mut Comparison, nodes: &[Node], actual: &[Value]) {
    let skipped = actual.len().saturating_sub(nodes.len());
    for (n, node) in nodes.iter().enumerate() {
        match actual.get(skipped + n) {
            Some(value) => comparison.value(node, value, ""),
            None => comparison.report(
                MismatchKind::Missing,
                &node.position,
                "",
                Sides {
                    expected: node.describe(),
                    message: "the output ends before this value".to_owned(),
                    ..Sides::default()
                },
            ),
        }
    }
}

fn somewhere(comparison: &mut Comparison, node: &Node, actual: &[Value]) {
    let mut found = None;
    let mut first = None;
    for value in actual {
        visit(value, "", &mut |value, pointer| {
            if found.is_none() {
                let trial = comparison.trial(|trial| trial.value(node, value, pointer));
                if trial.mismatches.is_empty() {
                    found = Some(trial);
                } else if first.is_none() && !value.is_array() {
                    first = Some(trial);
                }
            }
        });
    }
    match (found, first) {
        (Some(trial), _) | (None, Some(trial)) => comparison.accept(trial),
        (None, None) => comparison.report(
            MismatchKind::Missing,
            &node.position,
            "",
            Sides {
                expected: node.describe(),
                message: "nothing in the output is like this value".to_owned(),
                ..Sides::default()
            },
        ),
    }
}

fn fragment(comparison: &mut Comparison, group: &Object, actual: &[Value]) {
    let Some(position) = group.members.first().map(|member| member.position.clone()) else {
        return;
    };
    let homes = homes(group, actual);
    let mut trials: Vec<(String, Comparison)> = homes
        .into_iter()
        .map(|(pointer, map)| {
            let trial = comparison.trial(|trial| trial.object(group, map, &pointer, &position));
            (pointer, trial)
        })
        .collect();
    let matching = trials
        .iter()
        .filter(|(_, trial)| trial.mismatches.is_empty())
        .count();
    // Several places that match are told as one that does not: the sample does not say which.
    if matching > 1 {
        let places: Vec<&str> = trials
            .iter()
            .filter(|(_, trial)| trial.mismatches.is_empty())
            .map(|(pointer, _)| pointer.as_str())
            .collect();
        let message = format!(
            "the article does not say which is meant: {}",
            places.join(", ")
        );
        comparison.report(
            MismatchKind::Value,
            &position,
            "",
            Sides {
                actual: places.join(", "),
                message,
                ..Sides::default()
            },
        );
        return;
    }
    let best = trials
        .iter()
        .position(|(_, trial)| trial.mismatches.is_empty())
        .or_else(|| (0..trials.len()).min_by_key(|n| trials[*n].1.mismatches.len()));
    if let Some(best) = best {
        comparison.accept(trials.swap_remove(best).1);
        return;
    }
    match actual.iter().rev().find_map(Value::as_object) {
        Some(top) => comparison.object(group, top, "", &position),
        None => {
            for member in &group.members {
                let pointer = step("", member.key.source());
                let message = format!("`{pointer}` is missing");
                comparison.report(
                    MismatchKind::Missing,
                    &member.position,
                    &pointer,
                    Sides {
                        expected: member.value.describe(),
                        message,
                        ..Sides::default()
                    },
                );
            }
        }
    }
}

/// The objects that have every key that the fragment shows: the top one if it does, else all
/// inside it.
fn homes<'v>(group: &Object, actual: &'v [Value]) -> Vec<(String, &'v Map<String, Value>)> {
    let has_all = |map: &Map<String, Value>| {
        group.members.iter().all(|member| {
            let bindings = &mut super::Bindings::new();
            map.contains_key(member.key.source())
                || map
                    .keys()
                    .any(|key| member.key.matches(key, bindings, &member.position))
        })
    };
    if let Some(top) = actual
        .iter()
        .rev()
        .filter_map(Value::as_object)
        .find(|map| has_all(map))
    {
        return vec![(String::new(), top)];
    }
    let mut found = Vec::new();
    for value in actual {
        visit(value, "", &mut |value, pointer| {
            if let Some(map) = value.as_object().filter(|map| has_all(map)) {
                found.push((pointer.to_owned(), map));
            }
        });
    }
    found
}

/// A value and everything inside it, outer ones first.
fn visit<'v>(value: &'v Value, pointer: &str, see: &mut impl FnMut(&'v Value, &str)) {
    see(value, pointer);
    match value {
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| visit(value, &step(pointer, key), see));
        }
        Value::Array(items) => {
            for (n, value) in items.iter().enumerate() {
                visit(value, &format!("{pointer}/{n}"), see);
            }
        }
        _ => {}
    }
}
