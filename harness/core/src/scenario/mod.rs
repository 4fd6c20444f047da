//! The scenario file ([`ScenarioFile`]), and what it amounts to on an article: a [`Walkthrough`].

mod check;
mod correction;
mod draft;
mod error;
mod expect;
mod file;
mod manual;
mod placeholder;
mod raw;
mod requirement;
mod resolve;
mod resolve_block;
mod resolve_files;
mod resolve_texts;
mod resolve_use;
mod same;
mod spec;
mod step;
mod walkthrough;

pub use error::{ResolveError, ScenarioError};
pub use file::ScenarioFile;
pub use placeholder::{FilledIn, Placeholder, PlaceholderValue, fill};
pub use requirement::{PROGRAMS, Requirement};
pub use spec::{Correction, CorrectionTarget, Does, Guess, Name, Preparation, StepSpec};
pub use walkthrough::{
    Answer, Elsewhere, Expectation, Line, Proof, Sample, Script, ShellKind, Step, TEMPLATE_MARK,
    Template, Walkthrough, WrittenFile,
};
