//! How far a long check is, on a terminal: [`Progress`].

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Shorter runs show nothing.
const SHORT: Duration = Duration::from_millis(500);

/// Counts articles on standard error, if that is a terminal and the run is long.
pub(crate) struct Progress {
    started: Instant,
    articles: u64,
    hidden: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Shows nothing yet; nothing at all if `hidden`.
    pub(crate) fn new(hidden: bool) -> Self {
        Self {
            started: Instant::now(),
            articles: 0,
            hidden: hidden || !std::io::stderr().is_terminal(),
            bar: None,
        }
    }

    /// An article more is checked.
    pub(crate) fn article(&mut self) {
        self.articles += 1;
        if self.hidden {
            return;
        }
        if self.bar.is_none() && self.started.elapsed() > SHORT {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{pos} articles, {per_sec:.0}") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.articles);
        }
    }

    /// Does something that writes to the terminal.
    pub(crate) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Shows nothing any more.
    pub(crate) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
