//! A sketch as the text of a scenario file: [`text`].

use super::sketch::{Filling, Planned, Sketch};
use crate::source::Position;
use std::fmt::Write;

/// The scenario file.
pub(super) fn text(sketch: &Sketch) -> String {
    let mut out = String::new();
    // Writing into a text does not fail.
    let _ = write(sketch, &mut out);
    out
}

fn write(sketch: &Sketch, out: &mut String) -> std::fmt::Result {
    writeln!(out, "title   = {}", quoted(&sketch.title))?;
    writeln!(out, "article = {}", quoted(&sketch.article))?;
    if !sketch.requires.is_empty() {
        writeln!(out, "requires = {}", list(&sketch.requires))?;
    }
    let path = &sketch.path;
    let chosen = path.tabs.len() + sketch.sections.len() + sketch.without.len();
    if chosen > 0 || path.pivot.is_some() {
        writeln!(out, "\n[path]")?;
        match path.tabs.as_slice() {
            [] => {}
            [tab] => writeln!(out, "tab = {}", quoted(tab))?,
            tabs => writeln!(out, "tab = {}", list(tabs))?,
        }
        if let Some(pivot) = &path.pivot {
            writeln!(out, "pivot = {}", quoted(pivot))?;
        }
        for (key, sections) in [("section", &sketch.sections), ("without", &sketch.without)] {
            if !sections.is_empty() {
                writeln!(out, "{key} = {}", list(sections))?;
            }
        }
    }
    if !sketch.names.is_empty() {
        writeln!(out, "\n[names]")?;
        for (name, kind) in &sketch.names {
            writeln!(out, "{} = {}", quoted(name), quoted(kind))?;
        }
    }
    if !sketch.roles.is_empty() {
        writeln!(out, "\n[reader]\nroles = {}", list(&sketch.roles))?;
    }
    if !sketch.placeholders.is_empty() {
        writeln!(out, "\n[placeholders]")?;
        for (text, filling) in &sketch.placeholders {
            match filling {
                Filling::Text(value) => writeln!(out, "{} = {}", quoted(text), quoted(value))?,
                Filling::Printed(step) => {
                    writeln!(out, "{} = {{ from = {} }}", quoted(text), quoted(step))?;
                }
            }
        }
    }
    for guess in &sketch.guesses {
        writeln!(out, "\n[[guess]]\nline  = {}", guess.place.line)?;
        if guess.place.file != file(sketch) {
            writeln!(out, "file  = {}", quoted(&guess.place.file))?;
        }
        writeln!(out, "guess = {}", quoted(&guess.guess))?;
        writeln!(out, "why   = {}", quoted(&guess.why))?;
    }
    for prepared in &sketch.preparations {
        writeln!(out, "\n[[prepare]]\nwhy = {}", quoted(&prepared.why))?;
        if !prepared.keep.is_empty() {
            writeln!(out, "keep = {}", list(&prepared.keep))?;
        }
        writeln!(out, "run = {}", long(&prepared.run))?;
    }
    sketch
        .steps
        .iter()
        .try_for_each(|step| self::step(step, out))
}

/// The article's own file, where its blocks stand that are in no include.
fn file(sketch: &Sketch) -> &str {
    sketch.own_file.as_str()
}

fn step(step: &Planned, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n[[step]]\nname  = {}", quoted(&step.name))?;
    if let Some(block) = &step.block {
        writeln!(out, "block = {} # {}", quoted(block), step.comment)?;
    }
    if let Some(run) = &step.run {
        writeln!(out, "run   = {}", long(run))?;
    }
    if step.inside {
        writeln!(out, "in    = \"container\"")?;
    }
    if let Some(file) = &step.file {
        writeln!(out, "file  = {}", quoted(file))?;
    }
    if !step.requires.is_empty() {
        writeln!(out, "requires = {}", list(&step.requires))?;
    }
    if !step.needs.is_empty() {
        writeln!(out, "needs = {}", list(&step.needs))?;
    }
    if let Some(skip) = &step.skip {
        writeln!(out, "skip  = {}", quoted(skip))?;
    }
    if let Some(error) = &step.error {
        writeln!(out, "expect = {{ error = {} }}", quoted(error))?;
    }
    if step.sample_off || step.error.is_some() {
        writeln!(out, "sample = false")?;
    }
    if let Some(why) = &step.why {
        writeln!(out, "why   = {}", quoted(why))?;
    }
    if step.asks > 0 {
        let one = "{ prompt = \"(y/n)\", type = \"y\", optional = true }";
        writeln!(out, "answer = [{}]", vec![one; step.asks].join(", "))?;
    }
    Ok(())
}

/// What a reader of the scenario sees of a block: its first line, so that a scenario still finds its
/// block when the article has changed.
pub(super) fn comment(line: &str) -> String {
    let line: String = line.trim().chars().filter(|c| !c.is_control()).collect();
    let short: String = line.chars().take(60).collect();
    short.trim_end().to_owned()
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| self::quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A text on one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text of several lines as it stands, where that can be.
fn long(text: &str) -> String {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.contains("'''") || !text.chars().all(plain) {
        return quoted(text);
    }
    format!("'''\n{}\n'''", text.trim_end())
}

/// Where a command stands that is not in the article: the place that it is there for.
pub(super) fn nowhere(file: &str) -> Position {
    Position {
        file: file.to_owned(),
        line: 1,
        column: 1,
    }
}
