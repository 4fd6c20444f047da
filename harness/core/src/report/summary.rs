//! For the page of a job: Markdown with a table of the walkthroughs, and what failed.

use super::collect::{Done, Run, Runs, account};
use super::style::{count, seconds};
use super::{Reporter, clean};
use crate::event::{Event, NoteKind, Outcome, StepOutcome};
use std::io::{Result, Write};

/// Of a text that is longer only the beginning is shown: a job's summary may have a megabyte.
const MOST: usize = 4_000;
/// After so much only the table is written.
const MOST_IN_ALL: usize = 900_000;

/// Writes Markdown at the end.
#[derive(Debug, Default)]
pub struct Summary {
    runs: Runs,
}

impl Summary {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Reporter for Summary {
    fn event(&mut self, event: &Event, _: &mut dyn Write) -> Result<()> {
        self.runs.event(event);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        let runs = std::mem::take(&mut self.runs).0;
        if runs.is_empty() {
            return out.flush();
        }
        let passed = runs
            .iter()
            .filter(|run| outcome(run) == Some(Outcome::Passed));
        let not_run = runs
            .iter()
            .filter(|run| outcome(run) == Some(Outcome::NotRun))
            .count();
        let (all, passed) = (count(runs.len(), "walkthrough"), passed.count());
        let others = runs.len() - passed - not_run;
        let not_run = match not_run {
            0 => String::new(),
            n => format!(", {n} not run"),
        };
        writeln!(
            out,
            "## docproof: {all}, {passed} passed{not_run}, {others} did not\n"
        )?;
        writeln!(
            out,
            "| | walkthrough | target | verdict | steps passed | time |"
        )?;
        writeln!(out, "| --- | --- | --- | --- | --: | --: |")?;
        for run in &runs {
            row(run, out)?;
        }
        let mut written = 0;
        for run in &runs {
            let mut text = String::new();
            failures(run, &mut text);
            corrections(run, &mut text);
            guesses(run, &mut text);
            written += text.len();
            if written > MOST_IN_ALL {
                writeln!(out, "\nThere is more than a summary can hold.")?;
                break;
            }
            out.write_all(text.as_bytes())?;
        }
        writeln!(out)?;
        out.flush()
    }
}

fn outcome(run: &Run) -> Option<Outcome> {
    run.verdict.as_ref().map(|verdict| verdict.outcome)
}

fn row(run: &Run, out: &mut dyn Write) -> Result<()> {
    let (mark, word) = match outcome(run) {
        Some(Outcome::Passed) => ("✅", "passed"),
        Some(Outcome::Failed) => ("❌", "failed"),
        Some(Outcome::NotEmulated) => ("⚠️", "not emulated"),
        Some(Outcome::CouldNotRun) => ("⚠️", "could not run"),
        Some(Outcome::NotRun) => ("➖", "only checked"),
        None => ("⚠️", "interrupted"),
    };
    let published = if run.as_published {
        ", as published"
    } else {
        ""
    };
    let verdict = run.verdict.as_ref();
    let with = match verdict.map_or(0, |verdict| verdict.corrections) {
        0 => String::new(),
        n => format!(" with {}", count(n, "correction")),
    };
    // It passed, and its article would not have without the waits.
    let waits = run.done.iter().flat_map(|done| &done.notes);
    let waits = waits.filter(|note| note.about == NoteKind::Waited).count();
    let waits = match waits {
        0 => String::new(),
        n => format!(", after {}", count(n, "wait")),
    };
    let passed = run.done.iter();
    let passed = passed.filter(|done| done.step.is_some() && done.outcome == StepOutcome::Passed);
    let time = verdict.map_or_else(String::new, |verdict| seconds(verdict.seconds));
    writeln!(
        out,
        "| {mark} | **{}**: {} | {} | {word}{with}{waits}{published} | {} of {} | {time} |",
        text(&run.scenario),
        text(&run.title),
        text(&run.target),
        passed.count(),
        run.steps,
    )
}

fn failures(run: &Run, into: &mut String) {
    for (done, failure) in run.failed() {
        let mark = match done.outcome {
            StepOutcome::Failed => "❌",
            _ => "⚠️",
        };
        into.push_str(&format!(
            "\n### {mark} {}: {}\n\n`{}`: {}\n",
            text(&run.scenario),
            text(&title(done)),
            clean(&failure.position.to_string()),
            text(&failure.message)
        ));
        into.push_str(&block(&account(failure, &done.requests)));
        if let Some(mended) = &done.mended {
            into.push_str(&format!(
                "\nMended by {}.\n",
                count(mended.len(), "correction")
            ));
        }
    }
}

fn corrections(run: &Run, into: &mut String) {
    let all = run
        .done
        .iter()
        .flat_map(|done| done.corrections.iter().chain(done.mended.iter().flatten()));
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        return;
    }
    into.push_str(&format!(
        "\n<details><summary>{}: {} of the article</summary>\n",
        text(&run.scenario),
        count(all.len(), "correction")
    ));
    for correction in all {
        into.push_str(&format!(
            "\n`{}`: {}\n",
            clean(&correction.position.to_string()),
            text(&correction.why)
        ));
        let lines = |sign: &str, text: &str| -> String {
            text.lines().map(|line| format!("{sign}{line}\n")).collect()
        };
        let change = lines("- ", &correction.find) + &lines("+ ", &correction.replace);
        into.push_str(&fenced("diff", &change));
    }
    into.push_str("\n</details>\n");
}

fn guesses(run: &Run, into: &mut String) {
    let all: Vec<_> = run.guesses().collect();
    if all.is_empty() {
        return;
    }
    into.push_str(&format!(
        "\n<details><summary>{}: {} guessed of the article</summary>\n\n",
        text(&run.scenario),
        count(all.len(), "thing")
    ));
    for (_, note) in all {
        let place = note.position.as_ref().map(ToString::to_string);
        let why = note.why.as_deref().unwrap_or_default();
        into.push_str(&format!(
            "- `{}`: {}: {}\n",
            clean(&place.unwrap_or_default()),
            text(&note.text),
            text(why)
        ));
    }
    into.push_str("\n</details>\n");
}

fn title(done: &Done) -> String {
    match done.step {
        Some(_) => done.name.clone(),
        None => format!("preparing: {}", done.name),
    }
}

fn block(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    fenced("text", text)
}

/// A fence that nothing in the text ends.
fn fenced(language: &str, text: &str) -> String {
    let text = clean(text);
    let mut shown: String = text.chars().take(MOST).collect();
    if shown.len() < text.len() {
        shown.push_str("\n…");
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}{language}\n{}\n{fence}\n", shown.trim_end())
}

/// A text that Markdown shows as it is, on one line.
fn text(text: &str) -> String {
    let mut escaped = String::new();
    for c in clean(text).chars() {
        match c {
            '\n' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}
