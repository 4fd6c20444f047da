//! What a walkthrough will make in Azure, known before any of it runs: [`plan()`] for all of it, and
//! [`creations`] for the text of a step as it is typed.
//!
//! `creators.txt` says what each command makes. A command that looks as if it made something and is not
//! in there is told as such, never passed over: what nobody knows of, nobody cleans up.

mod creation;
mod creator;
mod find;
mod known;
mod plan;
mod template;

pub use creation::{Cost, Creation, Removal, Value};
pub use creator::{Creator, When, creators};
pub use find::creations;
pub use known::Known;
pub use plan::{Planned, plan};
