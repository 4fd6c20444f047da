//! How a step went: verdict, time, attempts, failure, what in it is not the article's, requests.

use super::block::name;
use super::compare;
use super::out::{Out, escape, with_code};
use super::requests::requests;
use super::walks::{At, Walks, class, words};
use crate::event::{AppliedCorrection, NoteKind, StepNote, StepOutcome};
use crate::report::collect::Done;
use crate::report::style::{count, seconds};

/// What stands above a step's panel: its code, and whether a correction is shown in it.
pub(super) struct Above<'a> {
    pub(super) code: &'a str,
    pub(super) shows: &'a dyn Fn(&AppliedCorrection) -> bool,
}

impl Above<'_> {
    /// Nothing.
    pub(super) const NOTHING: Above<'static> = Above {
        code: "",
        shows: &|_| false,
    };
}

/// The panel of a step.
pub(super) fn result(walks: &Walks<'_>, at: At, above: &Above<'_>, out: &mut Out) {
    let (Some(run), Some(done)) = (walks.runs.get(at.0), walks.done(at)) else {
        return;
    };
    let class = class(done.outcome);
    let (mark, word) = words(class);
    let (walk, number) = at;
    out.raw(&format!(
        "<div class=\"w w{walk} result r r{walk} {class}\" id=\"r{walk}-{number}\">\n<p class=\"verdict\">\
         <span class=\"chip {class}\"><span aria-hidden=\"true\">{mark}</span> {word}</span> "
    ));
    out.raw(&format!("<strong>{}</strong>", with_code(&title(done))));
    if done.outcome.ran() || done.seconds > 0.0 {
        out.element("span", "time", &seconds(done.seconds));
    }
    let attempts = attempts(done);
    if !attempts.is_empty() {
        out.element("span", "time", &attempts);
    }
    if walks.runs.len() > 1 {
        out.element(
            "span",
            "of only-all",
            &format!("{} ({})", run.scenario, run.target),
        );
    }
    out.raw("</p>\n");
    if let Some(reason) = &done.not_run {
        out.raw(&format!("<p>Not run: {}.</p>\n", with_code(reason)));
    }
    failure(done, above, out);
    corrections(done, above, out);
    notes(done, out);
    if !done.filled_in.is_empty() {
        out.raw("<details><summary>Filled in for the reader</summary><ul>");
        for (from, to) in &done.filled_in {
            let to = if to.is_empty() { "(left out)" } else { to };
            out.raw(&format!(
                "<li><code>{}</code> is <code>{}</code></li>",
                escape(from),
                escape(to)
            ));
        }
        out.raw("</ul></details>\n");
    }
    if let Some(printed) = &done.printed {
        compare::printed(printed, out);
    }
    requests(&done.requests, out);
    out.raw("</div>\n");
}

/// The step's name; of what was prepared, what it stands for.
pub(super) fn title(done: &Done) -> String {
    match done.step {
        Some(_) => done.name.clone(),
        None => format!("made ready: {}", done.name),
    }
}

/// How often it was tried, if more than once.
fn attempts(done: &Done) -> String {
    let waits = done.notes.iter();
    let waits = waits.filter(|note| note.about == NoteKind::Waited).count();
    let again = match (&done.mended, done.again) {
        (Some(by), n) => format!("{}, mended by {}", tries(n), count(by.len(), "correction")),
        (None, 0) => String::new(),
        (None, n) => format!("{}, not mended", tries(n)),
    };
    match (waits, again.as_str()) {
        (0, _) => again,
        (n, "") => format!("passed after {}", count(n, "wait")),
        (n, _) => format!("{again}, {}", count(n, "wait")),
    }
}

fn tries(again: usize) -> String {
    format!("{} attempts", again.max(1) + 1)
}

fn failure(done: &Done, above: &Above<'_>, out: &mut Out) {
    let Some(failure) = &done.failure else {
        return;
    };
    out.raw(&format!(
        "<p class=\"message\">{} <span class=\"place\">{}:{}</span></p>\n",
        with_code(&failure.message),
        escape(name(&failure.position.file)),
        failure.position.line
    ));
    let differences = done.printed.as_ref().map(|printed| &printed.differences);
    let differences = differences.filter(|differences| !differences.is_empty());
    let command = failure.command.as_deref().map(str::trim);
    // What stands above as it was run need not be said again.
    if let Some(command) = command.filter(|command| !above.code.contains(command)) {
        out.raw("<p class=\"label-of\">Command as it was run</p>\n");
        out.code("", command);
    }
    match differences {
        Some(differences) => compare::table(differences, out),
        None => compare::failure(failure, out),
    }
    if let Some(help) = &failure.help {
        out.raw(&format!(
            "<p class=\"help\"><b>What to do</b> {}</p>\n",
            with_code(help)
        ));
    }
}

/// Corrections with their reasons; the change itself only where the code does not show it.
fn corrections(done: &Done, above: &Above<'_>, out: &mut Out) {
    let mended = done.mended.iter().flatten();
    let all: Vec<(&AppliedCorrection, &str)> = done
        .corrections
        .iter()
        .map(|correction| (correction, "Corrected"))
        .chain(mended.map(|correction| (correction, "Mended by")))
        .collect();
    if all.is_empty() {
        return;
    }
    out.raw("<ul class=\"corrections\">\n");
    for (correction, word) in all {
        out.raw(&format!(
            "<li><b>{word}</b> <span class=\"place\">line {}</span> ",
            correction.position.line
        ));
        if !(above.shows)(correction) {
            change(correction, out);
        }
        out.raw(&format!(
            "<span class=\"why\">{}</span></li>\n",
            with_code(&correction.why)
        ));
    }
    out.raw("</ul>\n");
}

/// A correction as an edit.
pub(super) fn change(correction: &AppliedCorrection, out: &mut Out) {
    out.raw(&format!(
        "<code class=\"change\"><del>{}</del> <ins>{}</ins></code> ",
        escape(&correction.find),
        escape(&correction.replace)
    ));
}

/// What in the step is not the article's, or what it stands for.
fn notes(done: &Done, out: &mut Out) {
    if let Some(command) = &done.command {
        out.raw("<details><summary>The scenario's commands</summary>\n");
        out.code("", command.trim_end());
        out.raw("</details>\n");
    }
    let is_instruction = |note: &&StepNote| note.about == NoteKind::Instruction;
    let instructions: Vec<&StepNote> = done.notes.iter().filter(is_instruction).collect();
    if !instructions.is_empty() {
        let places = instructions
            .iter()
            .filter_map(|note| note.position.as_ref());
        let lines: Vec<String> = places.map(|at| at.line.to_string()).collect();
        let lines = match lines.as_slice() {
            [first, .., last] => format!("lines {first} to {last}"),
            [line] => format!("line {line}"),
            [] => String::new(),
        };
        out.raw(&format!(
            "<p>Does what {} above say{}, {lines}.</p>\n",
            count(instructions.len(), "instruction"),
            if instructions.len() == 1 { "s" } else { "" },
        ));
    }
    for note in done.notes.iter().filter(|note| !is_instruction(note)) {
        one(note, done.outcome, out);
    }
}

fn one(note: &StepNote, outcome: StepOutcome, out: &mut Out) {
    let label = match note.about {
        NoteKind::Added => "Not in the article; the scenario's own",
        NoteKind::DoneBy => "Done by this command",
        NoteKind::Proof => "Proved by this command",
        NoteKind::Written => "Written to the file",
        NoteKind::Translated => "Run as",
        NoteKind::Answered => "Answered",
        NoteKind::StandIn => "A stand-in was used",
        NoteKind::Waited if outcome == StepOutcome::Passed => "The article needs a wait here",
        NoteKind::Waited => "Waited",
        _ => "Guessed for the reader",
    };
    out.raw("<div class=\"note\">");
    out.element("p", "label-of", label);
    match note.about {
        NoteKind::Added | NoteKind::DoneBy | NoteKind::Proof | NoteKind::Translated => {
            out.code("", note.text.trim_end());
        }
        NoteKind::Written | NoteKind::Answered => {
            out.raw(&format!("<p><code>{}</code></p>", escape(&note.text)));
        }
        _ => out.element("p", "", &note.text),
    }
    if let Some(why) = &note.why {
        out.raw(&format!("<p class=\"why\">{}</p>", with_code(why)));
    }
    out.raw("</div>\n");
}
