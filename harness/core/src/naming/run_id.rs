//! Which run it is: [`RunId`].

use sha2::{Digest, Sha256};
use std::fmt;

/// How long an id is: short enough for the shortest names, with 50 bits to be unlike any other.
const LENGTH: usize = 10;
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The id of a run: ten lower-case letters and digits, a letter first. Every name that the run makes
/// ends with it, so no two runs share one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(String);

impl RunId {
    /// The id that these bytes amount to; the same bytes make the same id.
    pub fn from_seed(seed: &[u8]) -> RunId {
        let hash = Sha256::digest(seed);
        let mut rest = hash
            .iter()
            .take(16)
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let mut digit = |alphabet: &[u8]| {
            let base = alphabet.len() as u128;
            let index = usize::try_from(rest % base).unwrap_or(0);
            rest /= base;
            alphabet.get(index).map_or('a', |byte| char::from(*byte))
        };
        let mut id = String::from(digit(LETTERS));
        while id.len() < LENGTH {
            id.push(digit(ALPHABET));
        }
        RunId(id)
    }

    /// An id as a ledger or a tag has it.
    pub fn parse(text: &str) -> Option<RunId> {
        let first = text.bytes().next()?;
        (text.len() == LENGTH
            && LETTERS.contains(&first)
            && text.bytes().all(|byte| ALPHABET.contains(&byte)))
        .then(|| RunId(text.to_owned()))
    }

    /// The id as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
