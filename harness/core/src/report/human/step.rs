//! A step or a preparation that has ended: its line, what in it is not the article's, its failure.

use super::{Human, clean};
use crate::event::{
    AppliedCorrection, Failure, NoteKind, RequestLine, StepKind, StepNote, StepOutcome, Timing,
};
use crate::report::style::{Tone, seconds as in_seconds};
use std::io::{Result, Write};

/// Columns of a step's name; times stand behind it.
const NAME_WIDTH: usize = 48;

/// How many lines a note may have to be shown whole.
const LONGEST_NOTE: usize = 12;
/// How many lines of a longer one are shown.
const SHOWN_OF_LONG: usize = 4;

impl Human {
    pub(super) fn step(
        &self,
        name: &str,
        kind: StepKind,
        outcome: StepOutcome,
        timing: &Timing,
        out: &mut dyn Write,
    ) -> Result<()> {
        let (tone, mark, word) = match outcome {
            StepOutcome::Passed if kind == StepKind::Manual => {
                (Tone::Good, "✓", "  done by command")
            }
            StepOutcome::Passed => (Tone::Good, "✓", ""),
            StepOutcome::Failed => (Tone::Bad, "✗", "  failed"),
            StepOutcome::NotEmulated => (Tone::Note, "!", "  not emulated"),
            StepOutcome::CouldNotRun => (Tone::Note, "!", "  could not run"),
            StepOutcome::Skipped => (Tone::Faint, "-", "  skipped"),
            StepOutcome::NotRun => (Tone::Note, "-", "  not run"),
        };
        let (mark, word) = (self.style.paint(tone, mark), self.style.paint(tone, word));
        let name = clean(name);
        if matches!(outcome, StepOutcome::Skipped | StepOutcome::NotRun) {
            return writeln!(out, "  {mark} {name}{word}");
        }
        writeln!(
            out,
            "  {mark} {name:<NAME_WIDTH$} {:>8}{word}",
            in_seconds(timing.seconds)
        )
    }

    /// What was made ready before the first step.
    pub(super) fn prepared(
        &self,
        why: &str,
        command: &str,
        (outcome, seconds): (StepOutcome, f64),
        out: &mut dyn Write,
    ) -> Result<()> {
        let (tone, mark, word) = match outcome {
            StepOutcome::Passed => (Tone::Faint, "+", ""),
            StepOutcome::NotEmulated => (Tone::Note, "!", "  not emulated"),
            _ => (Tone::Note, "!", "  could not be prepared"),
        };
        let (mark, word) = (self.style.paint(tone, mark), self.style.paint(tone, word));
        let time = in_seconds(seconds);
        let why = clean(why);
        writeln!(out, "  {mark} {why:<NAME_WIDTH$} {time:>8}{word}")?;
        let why = "what the article takes for granted; not part of it";
        self.field("prepared", why, Tone::Faint, out)?;
        self.field("  by", command, Tone::Faint, out)
    }

    /// What in a step is not the article's, or what it stands for.
    pub(super) fn note(&self, note: &StepNote, out: &mut dyn Write) -> Result<()> {
        let label = match note.about {
            NoteKind::Added => "not in it",
            NoteKind::Instruction => "by hand",
            NoteKind::DoneBy => "done by",
            NoteKind::Proof => "proof",
            NoteKind::Written => "written to",
            NoteKind::Translated => "run as",
            NoteKind::Answered => "answered",
            NoteKind::StandIn => "stand-in",
            NoteKind::Waited => "waited",
            NoteKind::Guessed => "guessed",
        };
        let text = match (&note.position, note.about) {
            (Some(position), NoteKind::Instruction | NoteKind::Guessed) => {
                format!("{position}: {}", note.text)
            }
            _ => shortened(&note.text),
        };
        self.field(label, &text, Tone::Note, out)?;
        match &note.why {
            Some(why) => self.field("  why", why, Tone::Note, out),
            None => Ok(()),
        }
    }

    pub(super) fn correction(
        &self,
        correction: &AppliedCorrection,
        out: &mut dyn Write,
    ) -> Result<()> {
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

    pub(super) fn failure(
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
                     ..
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
    pub(super) fn field(
        &self,
        label: &str,
        text: &str,
        tone: Tone,
        out: &mut dyn Write,
    ) -> Result<()> {
        let text = clean(text);
        let mut label = label;
        for line in text.trim_end().split('\n') {
            let shown = self.style.paint(tone, &format!("{label:<10}"));
            writeln!(out, "{}", format!("      {shown} {line}").trim_end())?;
            label = "";
        }
        Ok(())
    }
}

/// A long script's first lines: a report is no place to read it.
fn shortened(text: &str) -> String {
    let lines = text.lines().count();
    if lines <= LONGEST_NOTE {
        return text.to_owned();
    }
    let shown: Vec<&str> = text.lines().take(SHOWN_OF_LONG).collect();
    let left = lines - SHOWN_OF_LONG;
    format!("{}\n… and {left} lines more", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_long_is_shortened() {
        let short = ["line"; LONGEST_NOTE].join("\n");
        assert_eq!(shortened(&short), short);
        let long = ["line"; LONGEST_NOTE + 1].join("\n");
        assert_eq!(
            shortened(&long),
            "line\nline\nline\nline\n… and 9 lines more"
        );
    }
}
