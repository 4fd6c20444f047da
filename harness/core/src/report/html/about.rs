//! What is to be said of a walkthrough as a whole, and how much of the article is proved.

use super::block::name;
use super::findings::word;
use super::out::{Out, escape, with_code};
use super::result::{Above, change, result};
use super::walks::{Walks, class, outcome};
use crate::event::{ArticleCoverage, CheckFinding, StaticCheck};
use crate::report::collect::{Run, Verdict};
use crate::report::style::{count, seconds};
use crate::source::Position;

/// A part for each walkthrough.
pub(super) fn about(walks: &Walks<'_>, out: &mut Out) {
    for (walk, run) in walks.runs.iter().enumerate() {
        let class = outcome(run);
        out.raw(&format!(
            "<section class=\"w w{walk} about {class}\">\n<h2>{}</h2>\n",
            escape(&run.title),
        ));
        defects(walk, run, out);
        given(run, out);
        if let Some(verdict) = &run.verdict {
            ended(verdict, out);
        }
        for at in walks.before.iter().filter(|at| at.0 == walk) {
            result(walks, *at, &Above::NOTHING, out);
        }
        out.raw("</section>\n");
    }
}

/// What did not pass, with what it said first.
fn defects(walk: usize, run: &Run, out: &mut Out) {
    let mut items = Vec::new();
    for (number, done) in run.done.iter().enumerate() {
        let Some(failure) = &done.failure else {
            continue;
        };
        let said = match failure.expected {
            Some(_) => None,
            None => failure
                .actual
                .as_deref()
                .and_then(|said| said.lines().next()),
        };
        items.push(format!(
            "<li class=\"{}\"><a href=\"#r{walk}-{number}\">{}</a> <span class=\"place\">{}:{}</span><br>{}</li>",
            class(done.outcome),
            with_code(&done.name),
            escape(name(&failure.position.file)),
            failure.position.line,
            match said {
                Some(said) => escape(said),
                None => with_code(&failure.message),
            }
        ));
    }
    if !items.is_empty() {
        out.raw(&format!("<ol class=\"defects\">{}</ol>\n", items.concat()));
    }
}

/// What the walkthrough has that its article does not give.
fn given(run: &Run, out: &mut Out) {
    let mut given = Vec::new();
    if !run.reader_roles.is_empty() {
        given.push(format!(
            "The reader is Owner of the subscription and {}.",
            escape(&run.reader_roles.join(", "))
        ));
    }
    for one in &run.stand_ins {
        given.push(format!(
            "<code>{}</code> was missing and is a stand-in: {}.",
            escape(&one.file),
            with_code(&one.why)
        ));
    }
    list(&given, out);
}

fn list(items: &[String], out: &mut Out) {
    if items.is_empty() {
        return;
    }
    out.raw("<ul>");
    for item in items {
        out.raw(&format!("<li>{item}</li>"));
    }
    out.raw("</ul>\n");
}

fn ended(verdict: &Verdict, out: &mut Out) {
    let mut said = Vec::new();
    if let Some(reason) = &verdict.not_run {
        said.push(format!("Not run: {}.", with_code(reason)));
    }
    if verdict.preparation_seconds > 0.0 {
        said.push(format!(
            "Preparation took {} more.",
            seconds(verdict.preparation_seconds)
        ));
    }
    let covered = &verdict.coverage;
    let mut used = format!(
        "Of the article: {} run, {} compared, ",
        count(covered.run, "block"),
        count(covered.compared, "sample")
    );
    if covered.checked > 0 {
        used.push_str(&format!("{} only checked, ", covered.checked));
    }
    used.push_str(&format!("{} on this way not used.", covered.unused));
    said.push(used);
    if covered.instructions > 0 || !covered.instructions_left.is_empty() {
        said.push(format!(
            "{} done by command{}.",
            count(covered.instructions, "numbered instruction"),
            match covered.instructions_left.as_slice() {
                [] => String::new(),
                left => format!(", {} left out: {}", left.len(), places(left)),
            }
        ));
    }
    list(&said, out);
    if !verdict.not_needed.is_empty() {
        out.raw(
            "<p>The article's own text works here; the scenario's correction should go:</p><ul>",
        );
        for correction in &verdict.not_needed {
            out.raw(&format!("<li>line {}: ", correction.position.line));
            change(correction, out);
            out.raw("</li>");
        }
        out.raw("</ul>\n");
    }
    if let Some(checked) = &verdict.checked {
        static_check(checked, out);
    }
}

/// What checking says of blocks that were not run.
fn static_check(checked: &StaticCheck, out: &mut Out) {
    let counted = |found: &[CheckFinding]| count(found.len(), "finding");
    out.raw(&format!(
        "<details><summary>Checked and not run: {} as published, {} with the corrections</summary><ul>",
        counted(&checked.published),
        counted(&checked.corrected)
    ));
    for finding in &checked.published {
        let mended = match checked.corrected.contains(finding) {
            true => "",
            false => " (corrected)",
        };
        out.raw(&format!(
            "<li>line {}: {} <code>{}</code>: {}{mended}</li>",
            finding.position.line,
            word(finding.severity),
            escape(&finding.rule),
            with_code(&finding.message)
        ));
    }
    out.raw("</ul></details>\n");
}

/// Lines of the first file, and those of others with their file.
fn places(positions: &[Position]) -> String {
    let first = positions.first().map_or("", |at| at.file.as_str());
    let one = |at: &Position| match at.file == first {
        true => at.line.to_string(),
        false => format!("{}:{}", escape(name(&at.file)), at.line),
    };
    let all: Vec<String> = positions.iter().map(one).collect();
    let word = if all.len() == 1 { "line" } else { "lines" };
    format!("{word} {}", all.join(", "))
}

/// How much of the article all walkthroughs together used.
pub(super) fn coverage(covered: &ArticleCoverage, out: &mut Out) {
    out.raw("<section class=\"coverage\">\n<h2>How much of the article is proved</h2>\n");
    out.raw(&format!(
        "<p>By {} together.</p>\n",
        escape(&covered.scenarios.join(", "))
    ));
    out.raw(
        "<table><thead><tr><th scope=\"col\">Readers</th><th scope=\"col\">Proved</th>\
         <th scope=\"col\">In no walkthrough</th></tr></thead><tbody>\n",
    );
    for path in &covered.paths {
        let who = match path.path.as_str() {
            "" => "everyone",
            who => who,
        };
        let unused = match path.unused.as_slice() {
            [] => "0".to_owned(),
            unused => format!("{}: {}", unused.len(), places(unused)),
        };
        let checked = match path.checked {
            0 => String::new(),
            n => format!(", {n} only checked"),
        };
        out.raw(&format!(
            "<tr><th scope=\"row\">{}</th><td>{} run, {} compared{checked}</td><td>{unused}</td></tr>\n",
            escape(who),
            count(path.run, "block"),
            count(path.compared, "sample"),
        ));
    }
    out.raw("</tbody></table>\n</section>\n");
}
