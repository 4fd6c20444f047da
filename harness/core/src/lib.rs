//! The pure part of docproof: articles, what is wrong with them, scenarios, matching, events and
//! reports.
//!
//! Nothing in here reads a file, starts a process or looks at the environment.

pub mod attribution;
pub mod cmdlet_table;
pub mod command_table;
pub mod coverage;
pub mod diagnostic;
pub mod event;
pub mod fix;
pub mod infer;
pub mod lint;
pub mod markdown;
pub mod matching;
pub mod naming;
pub mod preflight;
pub mod redaction;
pub mod report;
pub mod scenario;
pub mod shell;
pub mod source;
pub mod suggest;
