//! What people and programs read of a run: [`Reporter`]s, which turn [`Event`]s into text. What
//! they read of a check is in [`findings`].
//!
//! A reporter consumes events and nothing else, and every text in them goes through
//! [`mask_secrets`] before it is written.

use crate::event::Event;
use std::io::{Result, Write};

mod collect;
pub mod findings;
mod github;
mod html;
mod human;
mod json;
mod junit;
mod mask;
mod sarif;
mod sarif_log;
mod style;
mod summary;

pub use github::GitHub;
pub use html::{Html, Page, Source};
pub use human::Human;
pub use json::Json;
pub use junit::Junit;
pub use mask::mask_secrets;
pub use sarif::Sarif;
pub use summary::Summary;

/// Writes a run's events in one form.
pub trait Reporter {
    /// Takes the next event; may keep it back until others have come.
    ///
    /// # Errors
    /// Those of `out`.
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> Result<()>;

    /// Writes what was kept back, when no more events will come (also after an interruption).
    ///
    /// # Errors
    /// Those of `out`.
    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        out.flush()
    }
}

/// A text that may be shown: no secrets, and nothing that a terminal would obey.
fn clean(text: &str) -> String {
    mask_secrets(&style::plain(text))
}
