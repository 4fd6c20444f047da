//! The pure part of docproof: articles, scenarios, matching, events and reports.
//!
//! Nothing in here reads a file, starts a process or looks at the environment.

pub mod event;
pub mod markdown;
pub mod matching;
pub mod report;
pub mod scenario;
pub mod shell;
pub mod source;
