//! The calls of `az` in an article, read against the table of azure-cli's commands: [`AzCall`].

mod call;
mod find;
mod meant;
mod words;

pub use call::{AzCall, Value};
pub use find::{of, of_command};
pub use meant::{Meant, option};
pub use words::AzWord;
