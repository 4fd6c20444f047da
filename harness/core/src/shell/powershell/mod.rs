//! Reads PowerShell: [`parse`].
//!
//! PowerShell reads a statement in one of two ways. What begins with a name is a command, and its
//! words are read as arguments (`arguments`); what begins with `$`, a quote, a bracket or a number
//! is an expression (`expressions`). `statements` decides, `strings` and `variables` serve both.

mod arguments;
mod expressions;
mod hashtables;
mod reader;
mod statements;
mod strings;
mod variables;

pub use hashtables::{HashtableEntry, hashtable_entries};

use super::script::{Dialect, Script};
use reader::{Reader, Strictness};

/// Reads a text as PowerShell does, as far as it can be understood.
pub(super) fn parse(text: &str) -> Script {
    let mut strictness = Strictness::default();
    loop {
        let mut reader = Reader::new(text, strictness);
        let commands = reader.script();
        // A quote that never ends shows that somewhere before it a quote is missing or too many.
        // The second reading keeps each string of that kind on its line: there the stray one is
        // the one without a partner. At most one more reading for each of the two kinds.
        if let Some(quote) = reader.restart.take()
            && strictness.add(quote)
        {
            continue;
        }
        reader
            .problems
            .sort_by_key(|problem| (problem.range.start, problem.range.end));
        return Script {
            dialect: Dialect::PowerShell,
            commands,
            regions: reader.regions,
            continuations: reader.continuations,
            problems: reader.problems,
        };
    }
}
