//! For people: each step with its time as it ends, what a failure needs to be understood, a verdict.

use super::style::{Style, Tone, count, plain, seconds};
use super::{Reporter, mask_secrets};
use crate::event::{
    AppliedCorrection, Coverage, Event, Failure, Outcome, RequestLine, StepOutcome, StepSummary,
    Timing,
};
use std::collections::VecDeque;
use std::io::{Result, Write};

/// Columns of a step's name; times stand behind it.
const NAME_WIDTH: usize = 48;
/// Columns of the line that is overwritten: a longer one would wrap and stay.
const LIVE_WIDTH: usize = 76;

/// Writes walkthroughs one after another, in the order in which they began. The first one that has
/// not ended is written as it goes on; those that run at the same time wait for their turn.
#[derive(Debug)]
pub struct Human {
    style: Style,
    live: bool,
    waiting: VecDeque<Waiting>,
    /// A line without an end stands on the terminal.
    pending: bool,
    /// Whether the walkthrough that is written is run as published.
    as_published: bool,
    ended: Vec<Outcome>,
}

/// A walkthrough that has begun and is not written to its end; the first one's events are written.
#[derive(Debug)]
struct Waiting {
    scenario: String,
    target: String,
    events: Vec<Event>,
}

impl Human {
    /// `colour`: with ANSI colours. `live`: the output is a terminal, on which the line of the step
    /// that runs may be overwritten.
    pub fn new(colour: bool, live: bool) -> Self {
        Self {
            style: Style { colour },
            live,
            waiting: VecDeque::new(),
            pending: false,
            as_published: false,
            ended: Vec::new(),
        }
    }
}

impl Reporter for Human {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> Result<()> {
        let (scenario, target) = run_of(event);
        // A scenario that ended may come again: its last run is meant.
        let place = self
            .waiting
            .iter()
            .rposition(|waiting| waiting.scenario == scenario && waiting.target == target);
        let place = match place {
            Some(place) if !matches!(event, Event::Started { .. }) => place,
            _ => {
                self.waiting.push_back(Waiting {
                    scenario: scenario.to_owned(),
                    target: target.to_owned(),
                    events: Vec::new(),
                });
                self.waiting.len() - 1
            }
        };
        if place > 0 {
            if let Some(waiting) = self.waiting.get_mut(place) {
                waiting.events.push(event.clone());
            }
            return Ok(());
        }
        self.write(event, out)?;
        if matches!(event, Event::Verdict { .. }) {
            self.waiting.pop_front();
            self.catch_up(out)?;
        }
        out.flush()
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        self.end_pending(out)?;
        for waiting in std::mem::take(&mut self.waiting) {
            for event in waiting.events {
                self.write(&event, out)?;
            }
            self.end_pending(out)?;
        }
        if self.ended.len() > 1 {
            let passed = self
                .ended
                .iter()
                .filter(|outcome| **outcome == Outcome::Passed)
                .count();
            let total = count(self.ended.len(), "walkthrough");
            writeln!(
                out,
                "{total}: {passed} passed, {} did not",
                self.ended.len() - passed
            )?;
        }
        out.flush()
    }
}

impl Human {
    /// Writes what the walkthroughs that waited have said meanwhile.
    fn catch_up(&mut self, out: &mut dyn Write) -> Result<()> {
        while let Some(waiting) = self.waiting.front_mut() {
            let events = std::mem::take(&mut waiting.events);
            let ended = matches!(events.last(), Some(Event::Verdict { .. }));
            for event in &events {
                self.write(event, out)?;
            }
            if !ended {
                break;
            }
            self.waiting.pop_front();
        }
        Ok(())
    }

    fn write(&mut self, event: &Event, out: &mut dyn Write) -> Result<()> {
        match event {
            Event::Started {
                scenario,
                title,
                target,
                article,
                steps,
                as_published,
                reader_roles,
            } => {
                self.as_published = *as_published;
                let published = if *as_published { ", as published" } else { "" };
                let scenario = self.style.paint(Tone::Strong, &clean(scenario));
                writeln!(out, "{scenario}: {}", clean(title))?;
                let steps = count(*steps, "step");
                writeln!(
                    out,
                    "  {}, {steps}, target {target}{published}",
                    clean(article)
                )?;
                if !reader_roles.is_empty() {
                    let roles = clean(&reader_roles.join(", "));
                    writeln!(out, "  the reader is Owner of the subscription and {roles}")?;
                }
                Ok(())
            }
            Event::StepStarted { name, .. } => self.running(name, out),
            Event::StepAgain {
                name, corrections, ..
            } => {
                let with = count(corrections.len(), "correction");
                self.running(&format!("{name}, from the start with {with}"), out)
            }
            Event::StepFinished {
                name,
                outcome,
                timing,
                corrections,
                filled_in,
                failure,
                requests,
                ..
            } => {
                self.end_pending(out)?;
                self.step(name, *outcome, timing, out)?;
                corrections
                    .iter()
                    .try_for_each(|correction| self.correction(correction, out))?;
                for (from, to) in filled_in {
                    self.field("filled in", &format!("{from} = {to}"), Tone::Note, out)?;
                }
                match failure {
                    Some(failure) => self.failure(failure, requests, out),
                    None => Ok(()),
                }
            }
            Event::Verdict {
                outcome,
                corrections,
                steps,
                timing,
                coverage,
                failures,
                not_needed,
                ..
            } => {
                self.end_pending(out)?;
                self.ended.push(*outcome);
                self.verdict(*outcome, *corrections, steps, timing, out)?;
                if self.as_published {
                    self.defects(failures, out)?;
                    self.not_needed(not_needed, out)?;
                }
                self.coverage(coverage, out)?;
                writeln!(out)
            }
        }
    }

    /// Shows the step that runs, on a terminal.
    fn running(&mut self, name: &str, out: &mut dyn Write) -> Result<()> {
        if !self.live {
            return Ok(());
        }
        let line = format!("  … {}", clean(name));
        let line: String = line.chars().take(LIVE_WIDTH).collect();
        self.end_pending(out)?;
        self.pending = true;
        write!(out, "{}", self.style.paint(Tone::Faint, &line))
    }

    /// Takes back the line of the step that was running.
    fn end_pending(&mut self, out: &mut dyn Write) -> Result<()> {
        if std::mem::take(&mut self.pending) {
            write!(out, "\r\u{1b}[2K")?;
        }
        Ok(())
    }

    fn step(
        &self,
        name: &str,
        outcome: StepOutcome,
        timing: &Timing,
        out: &mut dyn Write,
    ) -> Result<()> {
        let (tone, mark, word) = match outcome {
            StepOutcome::Passed => (Tone::Good, "✓", ""),
            StepOutcome::Failed => (Tone::Bad, "✗", "  failed"),
            StepOutcome::NotEmulated => (Tone::Note, "!", "  not emulated"),
            StepOutcome::CouldNotRun => (Tone::Note, "!", "  could not run"),
            StepOutcome::Skipped => (Tone::Faint, "-", "  skipped"),
        };
        let (mark, word) = (self.style.paint(tone, mark), self.style.paint(tone, word));
        let name = clean(name);
        if outcome == StepOutcome::Skipped {
            return writeln!(out, "  {mark} {name}{word}");
        }
        writeln!(
            out,
            "  {mark} {name:<NAME_WIDTH$} {:>8}{word}",
            seconds(timing.seconds)
        )
    }

    fn correction(&self, correction: &AppliedCorrection, out: &mut dyn Write) -> Result<()> {
        let AppliedCorrection {
            position,
            find,
            replace,
            why,
        } = correction;
        self.field("corrected", &position.to_string(), Tone::Note, out)?;
        self.field("  article", find, Tone::Note, out)?;
        self.field("  now", replace, Tone::Note, out)?;
        self.field("  why", why, Tone::Note, out)
    }

    fn failure(
        &self,
        failure: &Failure,
        requests: &[RequestLine],
        out: &mut dyn Write,
    ) -> Result<()> {
        let place = self
            .style
            .paint(Tone::Strong, &failure.position.to_string());
        writeln!(
            out,
            "      {place}: {}",
            self.style.paint(Tone::Bad, &clean(&failure.message))
        )?;
        let fields = [
            ("command", &failure.command, Tone::Strong),
            ("expected", &failure.expected, Tone::Good),
            // Without an expectation it is the command's own error text.
            (
                if failure.expected.is_some() {
                    "actual"
                } else {
                    "error"
                },
                &failure.actual,
                Tone::Bad,
            ),
        ];
        for (label, text, tone) in fields {
            if let Some(text) = text {
                self.field(label, text, tone, out)?;
            }
        }
        let lines: Vec<String> = requests
            .iter()
            .map(
                |RequestLine {
                     method,
                     url,
                     status,
                     error,
                 }| {
                    let error = error
                        .as_ref()
                        .map(|error| format!(" {error}"))
                        .unwrap_or_default();
                    format!("{status}{error}  {method} {url}")
                },
            )
            .collect();
        if !lines.is_empty() {
            self.field("requests", &lines.join("\n"), Tone::Strong, out)?;
        }
        match &failure.help {
            Some(help) => self.field("help", help, Tone::Note, out),
            None => Ok(()),
        }
    }

    /// A labelled text; further lines stand under the first.
    fn field(&self, label: &str, text: &str, tone: Tone, out: &mut dyn Write) -> Result<()> {
        let text = clean(text);
        let mut label = label;
        for line in text.trim_end().split('\n') {
            let shown = self.style.paint(tone, &format!("{label:<10}"));
            writeln!(out, "{}", format!("      {shown} {line}").trim_end())?;
            label = "";
        }
        Ok(())
    }

    fn verdict(
        &self,
        outcome: Outcome,
        corrections: usize,
        steps: &[StepSummary],
        timing: &Timing,
        out: &mut dyn Write,
    ) -> Result<()> {
        let (tone, word) = match outcome {
            Outcome::Passed => (Tone::Good, "passed"),
            Outcome::Failed => (Tone::Bad, "failed"),
            Outcome::NotEmulated => (Tone::Note, "not emulated"),
            Outcome::CouldNotRun => (Tone::Note, "could not run"),
        };
        let published = if self.as_published {
            " as published"
        } else {
            ""
        };
        let with = match corrections {
            0 => String::new(),
            n if self.as_published => format!(", mended by {}", count(n, "correction")),
            n => format!(" with {}", count(n, "correction")),
        };
        let skipped = match steps
            .iter()
            .filter(|step| step.outcome == StepOutcome::Skipped)
            .count()
        {
            0 => String::new(),
            n => format!(", {} skipped", count(n, "step")),
        };
        let Timing {
            seconds: all,
            emulator_seconds,
            harness_seconds,
        } = *timing;
        // What neither the emulator nor the harness spent, the article's commands did.
        let commands = (all - emulator_seconds - harness_seconds).max(0.0);
        writeln!(
            out,
            "  {}{published}{with} in {}{skipped}  (az {}, emulator {}, harness {})",
            self.style.paint(tone, word),
            seconds(all),
            seconds(commands),
            seconds(emulator_seconds),
            seconds(harness_seconds),
        )
    }

    /// What fails of the article as it is published: each place, and the first line of the error.
    fn defects(&self, failures: &[Failure], out: &mut dyn Write) -> Result<()> {
        for failure in failures {
            let place = self
                .style
                .paint(Tone::Strong, &failure.position.to_string());
            let message = self.style.paint(Tone::Bad, &clean(&failure.message));
            writeln!(out, "    {place}: {message}")?;
            let first = |text: &Option<String>| {
                let text = text.as_deref().unwrap_or_default();
                clean(text.lines().next().unwrap_or_default())
            };
            let command = first(&failure.command);
            let command = command.trim_end_matches('\\').trim_end();
            // What an expectation missed is in the message.
            let error = match failure.expected {
                Some(_) => String::new(),
                None => first(&failure.actual),
            };
            for line in [command, &error]
                .into_iter()
                .filter(|line| !line.is_empty())
            {
                writeln!(out, "      {line}")?;
            }
        }
        Ok(())
    }

    fn not_needed(&self, corrections: &[AppliedCorrection], out: &mut dyn Write) -> Result<()> {
        for correction in corrections {
            let place = correction.position.to_string();
            let place = self.style.paint(Tone::Strong, &place);
            let message = "the article's own text works: take the scenario's correction out";
            writeln!(out, "    {place}: {}", self.style.paint(Tone::Bad, message))?;
            self.field("article", &correction.find, Tone::Note, out)?;
            self.field("correction", &correction.replace, Tone::Note, out)?;
        }
        Ok(())
    }

    fn coverage(&self, coverage: &Coverage, out: &mut dyn Write) -> Result<()> {
        let Coverage {
            run,
            compared,
            unused,
        } = *coverage;
        let (run, compared) = (count(run, "block"), count(compared, "sample"));
        let line = format!("  article: {run} run, {compared} compared, {unused} not used");
        writeln!(out, "{}", self.style.paint(Tone::Faint, &line))
    }
}

fn clean(text: &str) -> String {
    mask_secrets(&plain(text))
}

/// The scenario and the target of the run that an event is of.
fn run_of(event: &Event) -> (&str, &str) {
    match event {
        Event::Started {
            scenario, target, ..
        }
        | Event::StepStarted {
            scenario, target, ..
        }
        | Event::StepAgain {
            scenario, target, ..
        }
        | Event::StepFinished {
            scenario, target, ..
        }
        | Event::Verdict {
            scenario, target, ..
        } => (scenario, target),
    }
}
