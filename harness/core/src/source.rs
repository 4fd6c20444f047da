//! Where a piece of text comes from: [`Position`] names a place in an article's own file.

use serde::{Deserialize, Serialize};

/// A place in a file, as a person would type it into an editor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The file, relative to the folder docproof was started in, with `/` between folders.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A stretch of a file, from its first character to behind its last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file, as in [`Position`].
    pub file: String,
    /// The first line, from 1.
    pub line: u32,
    /// The first column in characters, from 1.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column behind the last character.
    pub end_column: u32,
}

impl Span {
    /// The span between two places of one file.
    pub fn between(start: &Position, end: &Position) -> Self {
        Self {
            file: start.file.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// `length` characters from a place, on one line.
    pub fn at(start: &Position, length: u32) -> Self {
        Self {
            file: start.file.clone(),
            line: start.line,
            column: start.column,
            end_line: start.line,
            end_column: start.column + length,
        }
    }

    /// Where it begins.
    pub fn start(&self) -> Position {
        Position {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}
