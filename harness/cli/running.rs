//! What runs at the moment, on a terminal: [`Running`].
//!
//! A report comes in order, so of walkthroughs that run side by side it shows the first. This shows all of
//! them, in lines below the report that are drawn anew and gone at the end.

use docproof_core::event::{Event, Outcome};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::Duration;

/// How often the times are drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// A line for each walkthrough that runs, and one that counts.
pub(crate) struct Running {
    lines: MultiProgress,
    whole: ProgressBar,
    by_scenario: HashMap<String, Line>,
    failed: usize,
    /// How often times are drawn anew without anything having happened.
    tick: Option<Duration>,
}

struct Line {
    bar: ProgressBar,
    steps: usize,
}

impl Running {
    /// On standard error, if that is a terminal and there is more than one walkthrough: a single one
    /// is shown by its report.
    pub(crate) fn new(walkthroughs: usize) -> Option<Self> {
        (walkthroughs > 1 && std::io::stderr().is_terminal())
            .then(|| Self::on(ProgressDrawTarget::stderr(), walkthroughs, Some(TICK)))
    }

    fn on(target: ProgressDrawTarget, walkthroughs: usize, tick: Option<Duration>) -> Self {
        let lines = MultiProgress::with_draw_target(target);
        let count = u64::try_from(walkthroughs).unwrap_or(u64::MAX);
        let whole = lines.add(ProgressBar::new(count));
        if let Ok(style) =
            ProgressStyle::with_template("  {pos} of {len} walkthroughs ended{msg}, {elapsed}")
        {
            whole.set_style(style);
        }
        if let Some(tick) = tick {
            whole.enable_steady_tick(tick);
        }
        Self {
            lines,
            whole,
            by_scenario: HashMap::new(),
            failed: 0,
            tick,
        }
    }

    /// Shows what an event says.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Started {
                scenario, steps, ..
            } => {
                let bar = self
                    .lines
                    .insert_before(&self.whole, ProgressBar::new_spinner());
                // A line that is longer than the terminal is cut.
                if let Ok(style) =
                    ProgressStyle::with_template("  {prefix}  {wide_msg}  {elapsed:>4}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(scenario.clone());
                if let Some(tick) = self.tick {
                    bar.enable_steady_tick(tick);
                }
                let line = Line { bar, steps: *steps };
                // As published, a walkthrough begins more than once.
                if let Some(old) = self.by_scenario.insert(scenario.clone(), line) {
                    self.lines.remove(&old.bar);
                }
            }
            Event::Preparing { scenario, why, .. } => self.say(scenario, |_| why.clone()),
            Event::StepStarted {
                scenario,
                name,
                index,
                ..
            }
            | Event::StepAgain {
                scenario,
                name,
                index,
                ..
            } => self.say(scenario, |steps| format!("{}/{steps} {name}", index + 1)),
            Event::Verdict {
                scenario, outcome, ..
            } => {
                if let Some(line) = self.by_scenario.remove(scenario) {
                    line.bar.finish_and_clear();
                    self.lines.remove(&line.bar);
                }
                if !matches!(outcome, Outcome::Passed | Outcome::NotRun) {
                    self.failed += 1;
                    self.whole
                        .set_message(format!(", {} not passed", self.failed));
                }
                self.whole.inc(1);
            }
            Event::Prepared { .. } | Event::StepFinished { .. } | Event::Coverage { .. } => {}
        }
    }

    fn say(&self, scenario: &str, text: impl FnOnce(usize) -> String) {
        if let Some(line) = self.by_scenario.get(scenario) {
            // What an article says must not move the cursor.
            let text = text(line.steps).replace(char::is_control, " ");
            line.bar.set_message(text);
        }
    }

    /// Does something that writes to the terminal.
    pub(crate) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        self.lines.suspend(write)
    }

    /// Shows nothing any more.
    pub(crate) fn end(&mut self) {
        for (_, line) in self.by_scenario.drain() {
            line.bar.finish_and_clear();
        }
        self.whole.finish_and_clear();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use docproof_core::event::{Coverage, StepKind, Timing};
    use docproof_core::source::Position;
    use indicatif::{InMemoryTerm, TermLike as _};

    fn started(scenario: &str) -> Event {
        Event::Started {
            scenario: scenario.to_owned(),
            title: String::new(),
            target: "embedded".to_owned(),
            article: "a.md".to_owned(),
            steps: 12,
            as_published: false,
            reader_roles: Vec::new(),
            preparations: 0,
            stand_ins: Vec::new(),
            requires: Vec::new(),
            path: None,
        }
    }

    fn step(scenario: &str, name: &str) -> Event {
        Event::StepStarted {
            scenario: scenario.to_owned(),
            target: "embedded".to_owned(),
            name: name.to_owned(),
            index: 3,
            position: Position {
                file: "a.md".into(),
                line: 1,
                column: 1,
            },
            kind: StepKind::Block,
        }
    }

    fn verdict(scenario: &str, outcome: Outcome) -> Event {
        Event::Verdict {
            scenario: scenario.to_owned(),
            target: "embedded".to_owned(),
            outcome,
            corrections: 0,
            steps: Vec::new(),
            timing: Timing::default(),
            preparation_seconds: 0.0,
            coverage: Coverage::default(),
            not_run: None,
            checked: None,
            failures: Vec::new(),
            not_needed: Vec::new(),
        }
    }

    #[test]
    fn every_walkthrough_that_runs_has_a_line_until_it_ends() {
        let screen = InMemoryTerm::new(10, 60);
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let mut running = Running::on(target, 3, None);
        running.event(&started("one"));
        running.event(&started("two"));
        running.event(&step("one", "create\nthe \u{1b}[2Jvault"));
        running.event(&step("two", &"long ".repeat(40)));
        for line in running.by_scenario.values() {
            line.bar.tick();
        }
        running.whole.tick();
        let shown = screen.contents();
        assert!(shown.contains("one  4/12 create the  [2Jvault"), "{shown}");
        assert!(shown.contains("two  4/12 long long"), "{shown}");
        assert!(shown.contains("0 of 3 walkthroughs ended"), "{shown}");
        assert!(
            shown.lines().all(|line| line.chars().count() <= 60),
            "{shown}"
        );

        running.event(&verdict("one", Outcome::Failed));
        running.whole.tick();
        let shown = screen.contents();
        assert!(!shown.contains("vault"), "{shown}");
        assert!(
            shown.contains("1 of 3 walkthroughs ended, 1 not passed"),
            "{shown}"
        );

        let written = running.aside(|| screen.write_line("  ✓ create the vault"));
        written.unwrap();
        running.end();
        assert_eq!(screen.contents().trim_end(), "  ✓ create the vault");
    }
}
