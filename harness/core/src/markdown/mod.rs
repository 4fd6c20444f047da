//! Learn Markdown as it is published, read into an [`Article`]: sections, fences, tabs, pivots,
//! includes. Reading never fails; what is odd about a text is told as a [`Note`].

mod article;
mod learn;
pub(crate) mod lines;
mod path;
mod role;
mod scan;
mod slug;

pub use article::{Article, Block, Note, Role, Section, Tab, TabGroup, TabPlace, Visibility};
pub use path::{Addressed, PathChoice, View};
