//! Texts with holes: [`TextPattern`].

use super::bindings::Bindings;
use super::hole::Hole;
use super::scan::scan;
use crate::source::Position;

/// More parts than this and a text is taken literally: nobody writes such a sample, and matching
/// recurses once for each part.
const MAX_PARTS: usize = 200;
/// Steps after which a text counts as different; keeps many holes in a row from taking for ever.
const MAX_STEPS: u32 = 300_000;

/// A text of a sample: literals and holes.
#[derive(Debug, Clone)]
pub(super) struct TextPattern {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Literal {
        text: String,
        /// Whether upper and lower case count as the same.
        fold: bool,
    },
    Hole(Hole),
}

impl Part {
    pub(super) fn literal(text: String) -> Self {
        Self::Literal { text, fold: false }
    }
}

/// A stand-in that has another value than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rebound {
    pub(super) stand_in: String,
    pub(super) before: String,
    pub(super) now: String,
}

/// How a text compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    Rebound(Rebound),
    Different,
}

impl TextPattern {
    pub(super) fn new(source: &str) -> Self {
        let mut parts = if is_resource_id(source) {
            scan_id(source)
        } else {
            scan(source)
        };
        if parts.len() > MAX_PARTS {
            parts = vec![Part::literal(source.to_owned())];
        }
        Self {
            source: source.to_owned(),
            parts,
        }
    }

    /// The text as the sample has it.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether only this very text fits.
    pub(super) fn is_literal(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Part::Literal { fold: false, .. }))
    }

    /// The hole that is all of this text.
    pub(super) fn only_hole(&self) -> Option<&Hole> {
        match self.parts.as_slice() {
            [Part::Hole(hole)] => Some(hole),
            _ => None,
        }
    }

    /// Compares; binds the text's stand-ins if it is the same.
    pub(super) fn compare(&self, actual: &str, bindings: &mut Bindings, at: &Position) -> Likeness {
        match self.attempt(actual, Some(bindings)) {
            Some(fresh) => {
                for (stand_in, value) in fresh {
                    bindings.bind(&stand_in, &value, Some(at));
                }
                Likeness::Same
            }
            None => self
                .rebound(actual, bindings)
                .map_or(Likeness::Different, Likeness::Rebound),
        }
    }

    pub(super) fn matches(&self, actual: &str, bindings: &mut Bindings, at: &Position) -> bool {
        self.compare(actual, bindings, at) == Likeness::Same
    }

    /// The first segment of a resource id that differs: the article's and the actual one.
    pub(super) fn differing_segment<'t>(&'t self, actual: &'t str) -> Option<(&'t str, &'t str)> {
        if !is_resource_id(&self.source) || !actual.starts_with('/') {
            return None;
        }
        let mut namespace = false;
        self.source
            .split('/')
            .zip(actual.split('/'))
            .enumerate()
            .find_map(|(n, (ours, theirs))| {
                let keyword = n % 2 == 1 || namespace;
                namespace = n % 2 == 1 && ours.eq_ignore_ascii_case("providers");
                let same = if keyword {
                    ours.eq_ignore_ascii_case(theirs)
                } else {
                    let parts = scan(ours);
                    Attempt::new(None, parts.len() == 1)
                        .run(&parts, theirs)
                        .is_some()
                };
                (!same).then_some((ours, theirs))
            })
    }

    fn attempt(&self, actual: &str, bindings: Option<&Bindings>) -> Option<Vec<(String, String)>> {
        Attempt::new(bindings, self.parts.len() == 1).run(&self.parts, actual)
    }

    /// If the text would be the same had nothing been bound before: what was bound to something else.
    fn rebound(&self, actual: &str, bindings: &Bindings) -> Option<Rebound> {
        self.attempt(actual, None)?
            .into_iter()
            .find_map(|(stand_in, now)| {
                let before = bindings.get(&stand_in)?.to_owned();
                (!before.eq_ignore_ascii_case(&now)).then_some(Rebound {
                    stand_in,
                    before,
                    now,
                })
            })
    }
}

struct Attempt<'b> {
    bindings: Option<&'b Bindings>,
    fresh: Vec<(String, String)>,
    steps: u32,
    alone: bool,
}

impl<'b> Attempt<'b> {
    fn new(bindings: Option<&'b Bindings>, alone: bool) -> Self {
        Self {
            bindings,
            fresh: Vec::new(),
            steps: 0,
            alone,
        }
    }

    /// The stand-ins that were bound on the way, or `None` if the text does not fit.
    fn run(mut self, parts: &[Part], actual: &str) -> Option<Vec<(String, String)>> {
        self.fits(parts, actual).then_some(self.fresh)
    }

    fn fits(&mut self, parts: &[Part], rest: &str) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return false;
        }
        let Some((part, parts)) = parts.split_first() else {
            return rest.is_empty();
        };
        match part {
            Part::Literal { text, fold } => {
                rest.get(..text.len())
                    .is_some_and(|here| here == text || (*fold && here.eq_ignore_ascii_case(text)))
                    && self.fits(parts, &rest[text.len()..])
            }
            Part::Hole(hole) => {
                if let Some(value) = hole.name().and_then(|name| self.value(name)) {
                    let fold = matches!(hole, Hole::Guid(_));
                    return rest.get(..value.len()).is_some_and(|here| {
                        here == value || (fold && here.eq_ignore_ascii_case(&value))
                    }) && self.fits(parts, &rest[value.len()..]);
                }
                // Nothing after the hole: only all of the rest can fit.
                let last = parts.is_empty();
                for length in hole.fitting(rest, self.alone) {
                    if last && length < rest.len() {
                        return false;
                    }
                    let depth = self.fresh.len();
                    if let Some(name) = hole.name() {
                        self.fresh
                            .push((name.to_owned(), rest[..length].to_owned()));
                    }
                    if self.fits(parts, &rest[length..]) {
                        return true;
                    }
                    self.fresh.truncate(depth);
                }
                false
            }
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        let fresh = self
            .fresh
            .iter()
            .find(|(stand_in, _)| stand_in == name)
            .map(|(_, value)| value);
        fresh
            .cloned()
            .or_else(|| self.bindings?.get(name).map(str::to_owned))
    }
}

fn is_resource_id(text: &str) -> bool {
    ["/subscriptions/", "/providers/"].iter().any(|start| {
        text.get(..start.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(start))
    }) && !text.contains(char::is_whitespace)
}

/// Resource Manager gives keywords, namespaces and types back in whatever case it likes
/// (`resourcegroups` in the article's own sample); names keep theirs.
fn scan_id(id: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut namespace = false;
    for (n, segment) in id.split('/').enumerate() {
        if n > 0 {
            parts.push(Part::literal("/".to_owned()));
        }
        let keyword = n % 2 == 1 || namespace;
        namespace = n % 2 == 1 && segment.eq_ignore_ascii_case("providers");
        let scanned = scan(segment);
        let literal = scanned
            .iter()
            .all(|part| matches!(part, Part::Literal { .. }));
        if keyword && literal && !segment.is_empty() {
            parts.push(Part::Literal {
                text: segment.to_owned(),
                fold: true,
            });
        } else {
            parts.extend(scanned);
        }
    }
    parts
}
