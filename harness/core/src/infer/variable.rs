//! Variables that a reader is to have and that no block sets: [`missing`].

use super::call::{Seen, read};
use super::kind::{self, Kind};
use super::piece::Piece;
use crate::lint::Context;
use crate::lint::facts::variables::{Cause, Certainty, EventKind, Scope, Undefined};
use crate::preflight::Known;
use crate::shell::Dialect;
use crate::source::Position;
use std::collections::{BTreeMap, HashSet};

/// A variable that has to have a value before the first step.
#[derive(Debug, Clone)]
pub(super) struct Missing {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Where it is read first.
    pub(super) place: Position,
    pub(super) why: String,
}

/// The variables that pieces read before any of them sets it, and that the article means its reader
/// to have. What it forgets to set, or calls by two names, is its mistake and left to fail.
pub(super) fn missing(context: &Context<'_>, pieces: &[Piece<'_>]) -> Vec<Missing> {
    let variables = context.variables();
    let index_of = |piece: &Piece<'_>| {
        let mut blocks = context.blocks.iter();
        blocks.position(|block| std::ptr::eq(block.block, piece.block))
    };
    let named = |is: &dyn Fn(&Undefined) -> bool| -> HashSet<&str> {
        let of = context.undefined().iter().filter(|one| is(one));
        let events = of.filter_map(|one| variables.event(one.reading));
        events.map(|event| event.name.as_str()).collect()
    };
    // Another variable was meant, or it is set where the reader does not have it.
    let mistaken = named(&|one| !matches!(one.cause, Cause::Never(None)));
    let forgotten = named(&|one| one.certainty == Certainty::Certain);
    let mut set: HashSet<&str> = HashSet::new();
    let mut found: BTreeMap<&str, Missing> = BTreeMap::new();
    for piece in pieces {
        let Some(index) = index_of(piece) else {
            continue;
        };
        let Some(of) = variables.blocks.get(index) else {
            continue;
        };
        if piece.inside || of.dialect != Some(Dialect::Bash) {
            continue;
        }
        for event in &of.events {
            match &event.kind {
                EventKind::Set(setting) if setting.scope == Scope::Shell => {
                    set.insert(&event.name);
                }
                EventKind::MaySetAny => return found.into_values().collect(),
                EventKind::Read(reading) => {
                    let known = variables
                        .all
                        .get(event.variable)
                        .is_none_or(|one| one.known);
                    let name = event.name.as_str();
                    let mistaken = mistaken.contains(name)
                        || (forgotten.contains(name) && !comes_from_include(context, index));
                    if known || reading.optional || set.contains(event.name.as_str()) || mistaken {
                        continue;
                    }
                    let by_option = ends_up(pieces, &event.name);
                    let kind = kind::by_words(&event.name).or(by_option);
                    let place = piece.position(event.range.start);
                    found.entry(&event.name).or_insert_with(|| Missing {
                        name: event.name.clone(),
                        kind: kind.unwrap_or(Kind::Text),
                        why: format!(
                            "no block sets it, and line {} reads it{}",
                            place.line,
                            kind.map_or(String::new(), |kind| format!(": {}", kind.a()))
                        ),
                        place,
                    });
                }
                _ => {}
            }
        }
    }
    found.into_values().collect()
}

/// What the option takes that a variable is first given to.
fn ends_up(pieces: &[Piece<'_>], name: &str) -> Option<Kind> {
    let spellings = [format!("${name}"), format!("${{{name}}}")];
    let mut kind = None;
    let mut known = Known::default();
    for piece in pieces.iter().filter(|piece| piece.is_typed()) {
        read(piece, &piece.text, &mut known, &mut |seen, _| {
            let Seen::Az(call, _) = seen else { return };
            for (option, written) in call.written() {
                let written = written.trim_matches('"');
                if kind.is_none() && spellings.iter().any(|one| one == written) {
                    kind = match (kind::by_option(&call.path, option), call.path.as_str()) {
                        // What goes to an identity is no reader's.
                        (Some(Kind::UserId), "keyvault set-policy") => {
                            Some(Kind::IdentityPrincipal)
                        }
                        (kind, _) => kind,
                    };
                }
            }
        });
    }
    kind
}

/// Whether an include that is not there stands before a block, and may set what the block reads.
fn comes_from_include(context: &Context<'_>, block: usize) -> bool {
    let missing = context.article.missing_includes.iter();
    missing
        .filter(|one| !is_boilerplate(&one.path))
        .any(|one| one.blocks_before <= block)
}

/// Whether an include is one that only says what every article says.
pub(super) fn is_boilerplate(path: &str) -> bool {
    [
        "free-trial",
        "prepare-your-environment",
        "note",
        "disclaimer",
        "callout",
        "updated-for-az",
        "prerequisite",
        "sku",
        "login",
        "header",
    ]
    .iter()
    .any(|word| path.contains(word))
}
