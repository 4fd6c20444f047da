//! What the blocks of a way do, looked at once: [`Scan`].

use super::call::{Call, Seen, read};
use super::fill::filled;
use super::need::{Thing, image_of, makes};
use super::piece::Piece;
use super::sketch::Filling;
use crate::preflight::{Known, creations};
use crate::shell::{Dialect, Word};
use std::collections::HashSet;

/// What a piece does.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The text with its placeholders filled in.
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    /// What is there after it.
    pub(super) makes: Vec<Thing>,
    /// The programs that it calls beside `az`.
    pub(super) programs: Vec<String>,
    /// The variables that it sets, and that it reads.
    pub(super) sets: HashSet<String>,
    pub(super) reads: HashSet<String>,
    /// An author left out a part of a command: `...`.
    pub(super) elided: bool,
}

/// Looks at all pieces, in order. `known` is what the reader's shell has before the first.
pub(super) fn scan(
    pieces: &[Piece<'_>],
    fillings: &[(String, Filling)],
    mut known: Known,
) -> Vec<Scan> {
    let one = |piece: &Piece<'_>| {
        let mut scan = Scan {
            text: filled(&piece.text, fillings),
            ..Scan::default()
        };
        if piece.dialect != Some(Dialect::Bash) {
            return scan;
        }
        let mut before = known.clone();
        let text = scan.text.clone();
        read(piece, &text, &mut known, &mut |seen, _| {
            let command = match &seen {
                Seen::Az(call, command) => {
                    scan.calls.push((*call).clone());
                    command
                }
                Seen::Other(command) => {
                    scan.programs.extend(command.name());
                    // `sudo apt install`, `curl … | sudo bash`: what is called is what is said first.
                    command
                }
            };
            scan.sets
                .extend(command.assignments.iter().map(|one| one.name.clone()));
            scan.reads.extend(
                command
                    .variables_read()
                    .iter()
                    .map(|one| one.name.to_owned()),
            );
            let elided =
                |word: &Word| matches!(word.literal().as_deref(), Some("..." | "…" | "[...]"));
            scan.elided |= command.words.iter().any(elided);
        });
        if !piece.inside {
            let made = creations(&text, Dialect::Bash, &mut before);
            scan.makes.extend(made.iter().filter_map(makes));
            scan.makes.extend(images(&scan.calls));
        }
        scan
    };
    pieces.iter().map(one).collect()
}

/// The images that commands put into registries.
fn images(calls: &[Call]) -> Vec<Thing> {
    calls
        .iter()
        .filter(|call| matches!(call.path.as_str(), "acr build" | "acr import"))
        .filter_map(|call| {
            let registry = call.key("--registry").or_else(|| call.key("--name"))?;
            let image = call.key("--image").or_else(|| call.key("--repository"))?;
            image_of(&format!("{registry}.azurecr.io/{image}"))
        })
        .collect()
}
