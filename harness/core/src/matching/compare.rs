//! One value of a sample against one value of the output: [`Comparison`].

use super::align::{Item, align};
use super::bindings::Bindings;
use super::mismatch::{Mismatch, MismatchKind};
use super::node::{Kind, Member, Node, Object, quoted, show, type_of};
use super::text::{Likeness, Rebound, TextPattern};
use crate::source::Position;
use serde_json::{Map, Value};

/// A comparison under way: what was bound, and what differed so far.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) bindings: Bindings,
    pub(super) mismatches: Vec<Mismatch>,
}

impl Comparison {
    pub(super) fn new(bindings: &Bindings) -> Self {
        Self {
            bindings: bindings.clone(),
            mismatches: Vec::new(),
        }
    }

    /// Compares on a copy: what is bound counts only if nothing differs.
    pub(super) fn trial(&self, compare: impl FnOnce(&mut Self)) -> Self {
        let mut trial = Self::new(&self.bindings);
        compare(&mut trial);
        trial
    }

    pub(super) fn accept(&mut self, trial: Self) {
        self.bindings = trial.bindings;
        self.mismatches.extend(trial.mismatches);
    }

    pub(super) fn value(&mut self, node: &Node, actual: &Value, pointer: &str) {
        match (&node.kind, actual) {
            (Kind::Null, Value::Null) => {}
            (Kind::Bool(expected), Value::Bool(actual)) if expected == actual => {}
            (Kind::Number(expected), Value::Number(actual))
                if expected == actual
                    // `1` and `1.0` are one number; whole ones beyond 2^53 must not be rounded.
                    || ((expected.is_f64() || actual.is_f64())
                        && expected.as_f64() == actual.as_f64()) => {}
            (Kind::Seconds { quoted: false, .. }, Value::Number(actual)) if !actual.is_f64() => {}
            (Kind::Seconds { quoted: true, .. }, Value::String(actual))
                if !actual.is_empty() && actual.bytes().all(|byte| byte.is_ascii_digit()) => {}
            (Kind::Seconds { .. }, _) if node.type_name() == Some(type_of(actual)) => {
                self.differs(node, actual, pointer, "is not a time in seconds".to_owned());
            }
            (Kind::Text(text), Value::String(actual)) => self.text(node, text, actual, pointer),
            (Kind::Any(text), actual) => {
                let shown = actual
                    .as_str()
                    .map_or_else(|| actual.to_string(), str::to_owned);
                // `...` stands for everything, an empty text included.
                if text.only_hole().and_then(|hole| hole.name()).is_some() {
                    self.text(node, text, &shown, pointer);
                }
            }
            (Kind::Array(items), Value::Array(actual)) => self.array(node, items, actual, pointer),
            (Kind::Object(object), Value::Object(actual)) => {
                self.object(object, actual, pointer, &node.position);
            }
            _ => self.wrong(node, actual, pointer),
        }
    }

    /// The members of an object; `position` is where the sample shows the object.
    pub(super) fn object(
        &mut self,
        object: &Object,
        actual: &Map<String, Value>,
        pointer: &str,
        position: &Position,
    ) {
        let mut left: Vec<&String> = actual.keys().collect();
        let (literal, patterned): (Vec<&Member>, Vec<&Member>) = object
            .members
            .iter()
            .partition(|member| member.key.is_literal());
        let mut missing: Vec<&Member> = Vec::new();
        for member in literal {
            let key = member.key.source();
            match actual.get(key) {
                Some(value) => {
                    left.retain(|other| *other != key);
                    self.value(&member.value, value, &step(pointer, key));
                }
                None => missing.push(member),
            }
        }
        for member in patterned {
            match self.patterned_key(member, actual, &left, pointer) {
                Some(key) => left.retain(|other| **other != key),
                None => missing.push(member),
            }
        }
        // One key on each side that fits nothing else: the same member under another name.
        if let ([member], [key]) = (missing.as_slice(), left.as_slice())
            && !member.key.is_literal()
            && let Some(value) = actual.get(*key)
        {
            self.key_differs(member, key, pointer);
            self.value(&member.value, value, &step(pointer, key));
            return;
        }
        for member in missing {
            let pointer = step(pointer, member.key.source());
            self.report(
                MismatchKind::Missing,
                &member.position,
                &pointer,
                Sides {
                    expected: member.value.describe(),
                    message: format!("`{pointer}` is missing"),
                    ..Sides::default()
                },
            );
        }
        if !object.open {
            for key in left {
                let pointer = step(pointer, key);
                self.report(
                    MismatchKind::Extra,
                    position,
                    &pointer,
                    Sides {
                        actual: actual.get(key).map(show).unwrap_or_default(),
                        message: format!("`{pointer}` is there, and the article does not show it"),
                        ..Sides::default()
                    },
                );
            }
        }
    }

    /// Compares the member whose key fits; prefers one whose value fits as well.
    fn patterned_key(
        &mut self,
        member: &Member,
        actual: &Map<String, Value>,
        left: &[&String],
        pointer: &str,
    ) -> Option<String> {
        let mut first = None;
        for key in left {
            let Some(value) = actual.get(*key) else {
                continue;
            };
            let mut fits = false;
            let trial = self.trial(|trial| {
                fits = member
                    .key
                    .matches(key, &mut trial.bindings, &member.position);
                if fits {
                    trial.value(&member.value, value, &step(pointer, key));
                }
            });
            if fits && trial.mismatches.is_empty() {
                self.accept(trial);
                return Some((*key).clone());
            }
            if fits && first.is_none() {
                first = Some(((*key).clone(), trial));
            }
        }
        first.map(|(key, trial)| {
            self.accept(trial);
            key
        })
    }

    fn key_differs(&mut self, member: &Member, key: &str, pointer: &str) {
        let pointer = step(pointer, key);
        match member
            .key
            .compare(key, &mut self.bindings, &member.position)
        {
            Likeness::Same => {}
            Likeness::Rebound(rebound) => {
                self.rebound(&member.key, key, &pointer, &rebound, &member.position);
            }
            Likeness::Different => {
                let message = format!("the key `{key}` {}", difference(&member.key, key));
                self.report(
                    MismatchKind::Value,
                    &member.position,
                    &pointer,
                    Sides {
                        expected: quoted(member.key.source()),
                        actual: quoted(key),
                        message,
                    },
                );
            }
        }
    }

    fn text(&mut self, node: &Node, text: &TextPattern, actual: &str, pointer: &str) {
        match text.compare(actual, &mut self.bindings, &node.position) {
            Likeness::Same => {}
            Likeness::Rebound(rebound) => {
                self.rebound(text, actual, pointer, &rebound, &node.position);
            }
            Likeness::Different => {
                let why = difference(text, actual);
                self.differs(node, &Value::String(actual.to_owned()), pointer, why);
            }
        }
    }

    fn rebound(
        &mut self,
        text: &TextPattern,
        actual: &str,
        pointer: &str,
        rebound: &Rebound,
        position: &Position,
    ) {
        let bound = self.bindings.position(&rebound.stand_in);
        let message = rebound_message(&place(pointer), rebound, bound);
        self.report(
            MismatchKind::Binding,
            position,
            pointer,
            Sides {
                expected: quoted(text.source()),
                actual: quoted(actual),
                message,
            },
        );
    }

    fn array(&mut self, node: &Node, items: &[Item<Node>], actual: &[Value], pointer: &str) {
        if items.iter().any(|item| matches!(item, Item::Gap)) {
            let mut bindings = self.bindings.clone();
            let aligned = align(items, actual.len(), &mut bindings, |item, n, bindings| {
                let mut trial = Self::new(bindings);
                trial.value(item, &actual[n], "");
                *bindings = trial.bindings;
                trial.mismatches.is_empty()
            });
            match aligned {
                Ok(()) => self.bindings = bindings,
                Err(run) => {
                    let shown = items[run].iter().find_map(|item| match item {
                        Item::Shown(item) => Some(item),
                        Item::Gap => None,
                    });
                    let at = shown.unwrap_or(node);
                    self.report(
                        MismatchKind::Missing,
                        &at.position,
                        pointer,
                        Sides {
                            expected: at.describe(),
                            actual: show(&Value::Array(actual.to_vec())),
                            message: format!("{} has no item like the article's", place(pointer)),
                        },
                    );
                }
            }
            return;
        }
        for (n, item) in items.iter().enumerate() {
            let Item::Shown(item) = item else { continue };
            let pointer = format!("{pointer}/{n}");
            match actual.get(n) {
                Some(value) => self.value(item, value, &pointer),
                None => self.report(
                    MismatchKind::Missing,
                    &item.position,
                    &pointer,
                    Sides {
                        expected: item.describe(),
                        message: format!("`{pointer}` is missing"),
                        ..Sides::default()
                    },
                ),
            }
        }
        for (n, value) in actual.iter().enumerate().skip(items.len()) {
            let pointer = format!("{pointer}/{n}");
            self.report(
                MismatchKind::Extra,
                &node.position,
                &pointer,
                Sides {
                    actual: show(value),
                    message: format!("`{pointer}` is there, and the article does not show it"),
                    ..Sides::default()
                },
            );
        }
    }

    fn wrong(&mut self, node: &Node, actual: &Value, pointer: &str) {
        match node.type_name() {
            Some(expected) if expected != type_of(actual) => {
                let message = match (&node.kind, actual) {
                    (Kind::Text(text), Value::Null) if text.source() == "null" => {
                        format!(
                            "{} is null, the article shows the text \"null\"",
                            place(pointer)
                        )
                    }
                    _ => format!(
                        "{} is {}, the article shows {expected}",
                        place(pointer),
                        type_of(actual)
                    ),
                };
                self.report(
                    MismatchKind::Type,
                    &node.position,
                    pointer,
                    Sides {
                        expected: node.describe(),
                        actual: show(actual),
                        message,
                    },
                );
            }
            _ => {
                let why = format!("is {}, the article shows {}", show(actual), node.describe());
                self.differs(node, actual, pointer, why);
            }
        }
    }

    fn differs(&mut self, node: &Node, actual: &Value, pointer: &str, why: String) {
        self.report(
            MismatchKind::Value,
            &node.position,
            pointer,
            Sides {
                expected: node.describe(),
                actual: show(actual),
                message: format!("{} {why}", place(pointer)),
            },
        );
    }

    pub(super) fn report(
        &mut self,
        kind: MismatchKind,
        position: &Position,
        pointer: &str,
        sides: Sides,
    ) {
        self.mismatches.push(Mismatch {
            position: position.clone(),
            pointer: Some(pointer.to_owned()),
            kind,
            expected: sides.expected,
            actual: sides.actual,
            message: sides.message,
        });
    }
}

/// The texts of a mismatch.
#[derive(Debug, Default)]
pub(super) struct Sides {
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) message: String,
}

/// What a stand-in stood for before, and where.
pub(super) fn rebound_message(place: &str, rebound: &Rebound, bound: Option<&Position>) -> String {
    let Rebound {
        stand_in,
        before,
        now,
    } = rebound;
    let at = bound
        .map(|position| format!(" at {position}"))
        .unwrap_or_default();
    format!("{place} has `{now}` for `{stand_in}`, which stood for `{before}`{at}")
}

fn difference(text: &TextPattern, actual: &str) -> String {
    if let Some((ours, theirs)) = text.differing_segment(actual) {
        return format!("has `{theirs}` where the article has `{ours}`");
    }
    match text.only_hole() {
        Some(hole) => format!("is not {}", hole.describe()),
        None => "has another value than the article shows".to_owned(),
    }
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() {
        "the output".to_owned()
    } else {
        format!("`{pointer}`")
    }
}

/// The pointer of a member, escaped as RFC 6901 asks.
pub(super) fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
