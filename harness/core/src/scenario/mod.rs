//! The scenario file ([`ScenarioFile`]), and what it amounts to on an article: a [`Walkthrough`].

mod correction;
mod draft;
mod error;
mod expect;
mod file;
mod raw;
mod resolve;
mod walkthrough;

pub use error::{ResolveError, ScenarioError};
pub use file::{Correction, CorrectionTarget, Name, ScenarioFile, StepSpec};
pub use walkthrough::{Elsewhere, Expectation, Line, Sample, Script, ShellKind, Step, Walkthrough};
