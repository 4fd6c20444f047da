//! The end of a walkthrough: its verdict, what was found, how much of the article was used.

use super::{Human, clean};
use crate::diagnostic::Severity;
use crate::event::{
    AppliedCorrection, ArticleCoverage, CheckFinding, Coverage, Failure, Outcome, StaticCheck,
    StepKind, StepOutcome, StepSummary, Timing,
};
use crate::report::style::{Tone, count, seconds};
use crate::source::Position;
use std::io::{Result, Write};

impl Human {
    pub(super) fn verdict(
        &self,
        outcome: Outcome,
        corrections: usize,
        steps: &[StepSummary],
        (timing, preparation): (&Timing, f64),
        out: &mut dyn Write,
    ) -> Result<()> {
        let (tone, word) = match outcome {
            Outcome::Passed => (Tone::Good, "passed"),
            Outcome::Failed => (Tone::Bad, "failed"),
            Outcome::NotEmulated => (Tone::Note, "not emulated"),
            Outcome::CouldNotRun => (Tone::Note, "could not run"),
            Outcome::NotRun => (Tone::Note, "only checked"),
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
        let ended = |outcome| steps.iter().filter(|step| step.outcome == outcome).count();
        let mut others = String::new();
        for (number, word) in [
            (ended(StepOutcome::Skipped), "skipped"),
            (ended(StepOutcome::NotRun), "not run"),
            (
                steps
                    .iter()
                    .filter(|step| {
                        step.kind == StepKind::Manual && step.outcome == StepOutcome::Passed
                    })
                    .count(),
                "done by command",
            ),
        ] {
            if number > 0 {
                others += &format!(", {} {word}", count(number, "step"));
            }
        }
        let Timing {
            seconds: all,
            emulator_seconds,
            harness_seconds,
        } = *timing;
        // What neither the emulator nor the harness spent, the article's commands did.
        let commands = (all - emulator_seconds - harness_seconds).max(0.0);
        let prepared = if preparation > 0.0 {
            format!(", after {} of preparation", seconds(preparation))
        } else {
            String::new()
        };
        writeln!(
            out,
            "  {}{published}{with} in {}{others}  (az {}, emulator {}, harness {}){prepared}",
            self.style.paint(tone, word),
            seconds(all),
            seconds(commands),
            seconds(emulator_seconds),
            seconds(harness_seconds),
        )
    }

    /// What fails of the article as it is published: each place, and the first line of the error.
    pub(super) fn defects(&self, failures: &[Failure], out: &mut dyn Write) -> Result<()> {
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

    pub(super) fn not_needed(
        &self,
        corrections: &[AppliedCorrection],
        out: &mut dyn Write,
    ) -> Result<()> {
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

    /// What checking says of the blocks that were not run.
    pub(super) fn checked(&self, checked: &StaticCheck, out: &mut dyn Write) -> Result<()> {
        let published = counts(&checked.published);
        let corrected = counts(&checked.corrected);
        writeln!(
            out,
            "  checked: {published} as published, {corrected} with the corrections"
        )?;
        for finding in &checked.published {
            let place = self
                .style
                .paint(Tone::Strong, &finding.position.to_string());
            let mended = if checked.corrected.contains(finding) {
                ""
            } else {
                " (corrected)"
            };
            let word = severity(finding.severity);
            writeln!(
                out,
                "    {place}: {word}[{}]: {}{mended}",
                finding.rule,
                clean(&finding.message)
            )?;
        }
        Ok(())
    }

    pub(super) fn coverage(&self, coverage: &Coverage, out: &mut dyn Write) -> Result<()> {
        let (run, compared) = (
            count(coverage.run, "block"),
            count(coverage.compared, "sample"),
        );
        let checked = match coverage.checked {
            0 => String::new(),
            n => format!("{n} only checked, "),
        };
        let unused = coverage.unused;
        let line = format!("  article: {run} run, {compared} compared, {checked}{unused} not used");
        writeln!(out, "{}", self.style.paint(Tone::Faint, &line))?;
        let left = &coverage.instructions_left;
        if coverage.instructions > 0 || !left.is_empty() {
            let done = count(coverage.instructions, "numbered instruction");
            let left = match left.len() {
                0 => "none left out".to_owned(),
                n => format!("{n} left out: {}", places(left)),
            };
            let line = format!("  article: {done} done by command, {left}");
            writeln!(out, "{}", self.style.paint(Tone::Faint, &line))?;
        }
        Ok(())
    }

    /// How much of each article all walkthroughs used together.
    pub(super) fn articles(&self, out: &mut dyn Write) -> Result<()> {
        for ArticleCoverage {
            article,
            scenarios,
            paths,
        } in &self.covered
        {
            let article = self.style.paint(Tone::Strong, &clean(article));
            writeln!(out, "coverage of {article} by {}", scenarios.join(", "))?;
            for path in paths {
                let who = match path.path.as_str() {
                    "" => "for everyone",
                    path => path,
                };
                let checked = match path.checked {
                    0 => String::new(),
                    n => format!(", {n} only checked"),
                };
                let unused = match path.unused.len() {
                    0 => "none in no scenario".to_owned(),
                    n => format!("{n} in no scenario: {}", places(&path.unused)),
                };
                writeln!(
                    out,
                    "  {}: {} run, {} compared{checked}, {unused}",
                    clean(who),
                    count(path.run, "block"),
                    count(path.compared, "sample"),
                )?;
            }
        }
        if !self.covered.is_empty() {
            writeln!(out)?;
        }
        Ok(())
    }
}

/// `line 3`, `lines 3, 5`; each file but the first with its name.
fn places(positions: &[Position]) -> String {
    let first = positions
        .first()
        .map_or("", |position| position.file.as_str());
    let one = |position: &Position| {
        if position.file == first {
            position.line.to_string()
        } else {
            format!("{}:{}", position.file, position.line)
        }
    };
    let all: Vec<String> = positions.iter().map(one).collect();
    let word = if all.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", all.join(", "))
}

fn counts(findings: &[CheckFinding]) -> String {
    let each = [Severity::Error, Severity::Warning, Severity::Note];
    let told: Vec<String> = each
        .into_iter()
        .filter_map(|wanted| {
            let number = findings.iter().filter(|one| one.severity == wanted).count();
            (number > 0).then(|| count(number, severity(wanted)))
        })
        .collect();
    match told.is_empty() {
        true => "nothing wrong".to_owned(),
        false => told.join(", "),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
