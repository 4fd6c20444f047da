//! The hard-coded names of a walkthrough, unique in each run: [`Names`].
//!
//! An article says `mykeyvault`, and a vault's name is taken once in the whole world. Where a
//! walkthrough meets real Azure, each name that its scenario lists in `[names]` becomes one that
//! carries the run's id ([`RunId`]), in whatever is typed and written; and what comes back is
//! compared after the article's names are put back into it.
//!
//! A name keeps its beginning, and what it breaks of its type's rules ([`NameKind`]): renaming must
//! not mend what is wrong with an article.

mod kind;
mod language;
mod names;
mod place;
mod run_id;
mod table;

pub use kind::NameKind;
pub use language::Language;
pub use names::{Names, Renamed};
pub use run_id::RunId;
