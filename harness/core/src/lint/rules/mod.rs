//! The rules, in families; one file each.

pub mod command_table;
pub mod data_flow;
pub mod drafts;
pub mod lexical;
pub mod markdown;
pub mod powershell;
pub mod samples;
pub mod suppressions;
