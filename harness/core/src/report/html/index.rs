//! The page that leads to the articles.

use super::frame;
use super::out::{Out, escape};
use super::walks::{outcome, sentence, words};
use crate::report::collect::Run;
use crate::report::style::count;

/// An article in the index.
pub(super) struct Entry {
    pub(super) page: String,
    pub(super) title: String,
    pub(super) file: String,
    pub(super) runs: Vec<Run>,
}

/// The index of a run's articles, those first of which something did not pass.
pub(super) fn index(entries: &[Entry]) -> String {
    let runs = || entries.iter().flat_map(|entry| &entry.runs);
    let mut out = Out::default();
    out.raw("<header>\n<p class=\"product\">docproof</p>\n<h1>");
    out.text(&format!(
        "{} of {}",
        count(runs().count(), "walkthrough"),
        count(entries.len(), "article")
    ));
    out.raw("</h1>\n<p class=\"lead\">");
    for class in [
        "failed",
        "interrupted",
        "could-not-run",
        "not-emulated",
        "passed",
        "not-run",
    ] {
        let ended = runs().filter(|run| outcome(run) == class).count();
        if ended > 0 {
            chip(class, &format!("{ended} "), &mut out);
        }
    }
    out.raw("</p>\n</header>\n<main class=\"index\">\n");
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    let is_good = |entry: &Entry| {
        let good = |run: &Run| matches!(outcome(run), "passed" | "not-run");
        entry.runs.iter().all(good)
    };
    sorted.sort_by_key(|entry| is_good(entry));
    for entry in sorted {
        out.raw(&format!(
            "<section class=\"card\">\n<h2><a href=\"{}\">{}</a></h2>\n<p class=\"path\">{}</p>\n<ul>\n",
            escape(&entry.page),
            escape(&entry.title),
            escape(&entry.file)
        ));
        for (walk, run) in entry.runs.iter().enumerate() {
            out.raw("<li>");
            chip(outcome(run), "", &mut out);
            out.raw(&format!(
                "<a href=\"{}#c{walk}\">{}</a> <span class=\"title\">{}</span> <span class=\"sum\">{}</span></li>\n",
                escape(&entry.page),
                escape(&run.scenario),
                escape(&run.title),
                escape(&format!("{}, {}", sentence(run), run.target))
            ));
        }
        out.raw("</ul>\n</section>\n");
    }
    out.raw("</main>\n");
    frame::page("docproof", "", false, &out.0)
}

fn chip(class: &str, number: &str, out: &mut Out) {
    let (mark, word) = words(class);
    out.raw(&format!(
        "<span class=\"chip {class}\"><span aria-hidden=\"true\">{mark}</span> {number}{word}</span> "
    ));
}
