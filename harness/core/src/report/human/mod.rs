//! For people: each step with its time as it ends, what a failure needs to be understood, a verdict.

mod end;
mod step;

use super::style::{Style, Tone, count};
use super::{Reporter, clean};
use crate::event::{ArticleCoverage, Event, Outcome, StepOutcome};
use std::collections::VecDeque;
use std::io::{Result, Write};

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
    covered: Vec<ArticleCoverage>,
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
            covered: Vec::new(),
        }
    }
}

impl Reporter for Human {
    fn event(&mut self, event: &Event, out: &mut dyn Write) -> Result<()> {
        let Some((scenario, target)) = event.run() else {
            // What is said of all of them comes after them.
            if let Event::Coverage { articles } = event {
                self.covered.clone_from(articles);
            }
            return Ok(());
        };
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
            self.articles(out)?;
            let ended = |wanted| self.ended.iter().filter(|one| **one == wanted).count();
            let total = count(self.ended.len(), "walkthrough");
            let (passed, not_run) = (ended(Outcome::Passed), ended(Outcome::NotRun));
            let did_not = self.ended.len() - passed - not_run;
            let not_run = match not_run {
                0 => String::new(),
                n => format!(", {n} not run"),
            };
            writeln!(out, "{total}: {passed} passed{not_run}, {did_not} did not")?;
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
                stand_ins,
                ..
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
                for one in stand_ins {
                    let (file, why) = (clean(&one.file), clean(&one.why));
                    writeln!(out, "  {file} stands in for a missing include: {why}")?;
                }
                Ok(())
            }
            Event::Preparing { why, .. } => self.running(&format!("preparing: {why}"), out),
            Event::Prepared {
                why,
                command,
                outcome,
                seconds,
                failure,
                requests,
                ..
            } => {
                self.end_pending(out)?;
                self.prepared(why, command, (*outcome, *seconds), out)?;
                match failure {
                    Some(failure) => self.failure(failure, requests, out),
                    None => Ok(()),
                }
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
                kind,
                notes,
                not_run,
                outcome,
                timing,
                corrections,
                filled_in,
                failure,
                requests,
                ..
            } => {
                self.end_pending(out)?;
                self.step(name, *kind, *outcome, timing, out)?;
                if let Some(reason) = not_run {
                    self.field("not run", reason, Tone::Note, out)?;
                }
                if *outcome != StepOutcome::Skipped {
                    notes.iter().try_for_each(|note| self.note(note, out))?;
                }
                corrections
                    .iter()
                    .try_for_each(|correction| self.correction(correction, out))?;
                for (from, to) in filled_in {
                    let to = if to.is_empty() { "(left out)" } else { to };
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
                preparation_seconds,
                coverage,
                not_run,
                checked,
                failures,
                not_needed,
                ..
            } => {
                self.end_pending(out)?;
                self.ended.push(*outcome);
                let preparation = *preparation_seconds;
                self.verdict(*outcome, *corrections, steps, (timing, preparation), out)?;
                if let Some(reason) = not_run {
                    writeln!(out, "  not run: {}", clean(reason))?;
                }
                if let Some(checked) = checked {
                    self.checked(checked, out)?;
                }
                if self.as_published {
                    self.defects(failures, out)?;
                    self.not_needed(not_needed, out)?;
                }
                self.coverage(coverage, out)?;
                writeln!(out)
            }
            Event::Coverage { .. } => Ok(()),
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
}
