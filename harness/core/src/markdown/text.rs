//! What an article says around its code: [`Prose`], [`InlineCode`], [`Table`], [`Comment`], and
//! what is wrong with its Markdown: [`Problem`].

use super::article::Visibility;
use crate::source::{Position, Span};

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose {
    /// What it is a line of.
    pub kind: ProseKind,
    /// The line from its first word to its end, as it stands in the source.
    pub text: String,
    /// The same with a space for each character that no reader reads as words: code, link targets,
    /// marks. A character stands at the same place in both.
    pub words: String,
    /// Where the first character stands.
    pub position: Position,
    /// Who sees it.
    pub visibility: Visibility,
    /// How many blocks of the article come before it.
    pub blocks_before: usize,
}

/// What a line of [`Prose`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProseKind {
    /// A paragraph, also in a list or a quote.
    Paragraph,
    /// A heading or the title of a tab.
    Heading,
    /// A row of a table.
    TableRow,
}

/// Words set as code within the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineCode {
    /// The code.
    pub text: String,
    /// Where it stands, the backticks included.
    pub span: Span,
    /// Who sees it.
    pub visibility: Visibility,
    /// How many blocks of the article come before it.
    pub blocks_before: usize,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its rows, the head first, each with its cells.
    pub rows: Vec<Vec<Cell>>,
    /// Who sees it.
    pub visibility: Visibility,
    /// How many blocks of the article come before it.
    pub blocks_before: usize,
}

/// A cell of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its source, without the white space around it.
    pub text: String,
    /// Where it begins.
    pub position: Position,
}

/// An HTML comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What stands between `<!--` and `-->`.
    pub text: String,
    /// Where it stands, `<!--` and `-->` included.
    pub span: Span,
    /// Who would see it.
    pub visibility: Visibility,
    /// How many blocks of the article come before it.
    pub blocks_before: usize,
}

/// A text that the article takes from a file that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingInclude {
    /// The file: relative to the same folder as the article's own, or as written where it begins
    /// with `/` or `~`.
    pub path: String,
    /// What would be taken from it.
    pub kind: IncludeKind,
    /// Where the article asks for it.
    pub span: Span,
    /// Who would see it.
    pub visibility: Visibility,
    /// How many blocks of the article come before it.
    pub blocks_before: usize,
}

/// What an article takes from a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncludeKind {
    /// `[!INCLUDE [title](path)]`: Markdown.
    Markdown,
    /// `:::code source="path":::` or `[!code-bash[title](path)]`: a block of code.
    Code,
}

/// Something wrong with the Markdown itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
}

/// What a [`Problem`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A fence that is never closed. Reading goes on where its author most likely meant its end.
    UnclosedFence {
        /// It takes in what was not meant to be code.
        swallows: bool,
    },
    /// A closing fence at the end of a line of code, which closes nothing.
    FenceAfterCode,
    /// A fence that is indented too far to be one.
    FenceTooDeep,
    /// A whole block, both of its fences, that is indented too far to be one: it is shown as text, its
    /// fences with it.
    BlockTooDeep,
    /// A line of code further left than the list that its fence stands in: the block ends there.
    CodeOutsideList,
    /// A zone without `zone-end`.
    UnclosedZone,
    /// A `zone-end` without its zone.
    UnmatchedZoneEnd,
    /// A tab group without `---`, so that what follows is in its last tab.
    UnclosedTabGroup,
    /// A comment without `-->`: nothing after it is shown.
    UnclosedComment,
    /// An include that includes itself, which is not read again.
    IncludeLoop(String),
    /// An include that is one too many, and not read.
    TooManyIncludes(String),
}
