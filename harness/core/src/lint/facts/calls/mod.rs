//! The calls of `az` in an article, read against the table of azure-cli's commands: [`AzCall`].

mod call;
mod find;
mod words;

pub use call::{AzCall, Value};
pub use find::of;
pub use words::AzWord;
