//! Runs walkthroughs: targets, shells, `az`, and the runner that puts them together.
//!
//! The main entry is [`runner::run`]. A program that uses this crate calls
//! [`sandbox::enter_if_helper`] first in its `main`: the sandbox re-executes the program.

pub mod article;
pub mod az;
pub mod environment;
pub mod files;
mod folder;
pub mod kept;
pub mod patience;
pub mod project;
pub mod requirements;
pub mod runner;
pub mod sandbox;
pub mod session;
mod snapshot;
pub mod target;
pub mod workloads;
