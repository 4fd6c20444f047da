//! Learn Markdown as it is published, read into an [`Article`]: sections, fences, tabs, pivots,
//! includes, and the text around them. Reading never fails; what is wrong with the Markdown itself is
//! told as a [`Problem`].

mod article;
pub(crate) mod learn;
pub(crate) mod lines;
pub(crate) mod meant;
mod mend;
mod path;
mod places;
mod prose;
mod role;
mod scan;
mod slug;
pub(crate) mod snippet;
mod text;

pub use article::{
    Article, Block, Instruction, Role, Section, Tab, TabGroup, TabPlace, Visibility,
};
pub use path::{Addressed, PathChoice, View};
pub use text::{
    Cell, Comment, IncludeKind, InlineCode, MissingInclude, Problem, ProblemKind, Prose, ProseKind,
    Table,
};
