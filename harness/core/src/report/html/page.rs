//! The page of an article: what its walkthroughs came to, and the article with it all in place.

use super::about::{about, coverage};
use super::article::Rendering;
use super::choice::{VERDICTS, rules};
use super::findings::Findings;
use super::frame;
use super::out::{Out, escape, with_code};
use super::result::{Above, result, title};
use super::sees::Sees;
use super::source::Source;
use super::walks::{At, Walks, class, outcome, sentence, words};
use crate::event::{ArticleCoverage, StepOutcome};
use crate::report::collect::Run;
use crate::report::style::seconds;

/// The page of an article, and its title.
pub(super) fn article(
    file: &str,
    runs: &[Run],
    source: Option<&Source>,
    covered: Option<&ArticleCoverage>,
) -> (String, String) {
    let mut walks = Walks::new(runs, source);
    let title = source.map_or("", |source| source.article.title.as_str());
    let title = if title.is_empty() { file } else { title };
    let (doc, sees, mut other) = document(&mut walks, source);
    let mut out = Out::default();
    out.raw("<a class=\"skip\" href=\"#article\">Skip to the article</a>\n<header>\n");
    out.raw("<p class=\"product\"><a href=\"index.html\">docproof</a></p>\n");
    out.element("h1", "", title);
    out.element("p", "path", file);
    choices(&walks, &mut out);
    filters(
        &walks,
        source.is_some_and(|source| !source.findings.is_empty()),
        &mut out,
    );
    out.raw("</header>\n<div class=\"page\">\n");
    steps(&walks, &mut out);
    out.raw("<main id=\"article\" tabindex=\"-1\">\n");
    about(&walks, &mut out);
    out.raw("<p class=\"none\">No part of the article is as you ask for here.</p>\n");
    out.raw("<div class=\"doc\">\n");
    out.raw(&doc);
    out.raw("</div>\n");
    if let Some(source) = source {
        let rest = other.rest();
        if !rest.is_empty() {
            out.raw("<section class=\"elsewhere\"><h2>Found outside the text</h2>\n");
            Findings::new(&[], &source.mask).write(&rest, &mut out);
            out.raw("</section>\n");
        }
    }
    if let Some(covered) = covered {
        coverage(covered, &mut out);
    }
    out.raw("</main>\n</div>\n<footer><p class=\"keys\" hidden>Keys: <kbd>j</kbd> and <kbd>k</kbd> go to the next and \
             the last block, <kbd>n</kbd> and <kbd>p</kbd> to what did not pass, <kbd>w</kbd> shows the next \
             walkthrough, <kbd>f</kbd> the next verdict.</p></footer>\n");
    let rules = rules(&walks, &sees, source.map(|source| &source.article));
    let page = frame::page(&format!("{title}: docproof"), &rules, true, &out.0);
    (page, title.to_owned())
}

/// The article; what has no place in it comes after it.
fn document<'a>(walks: &mut Walks<'_>, source: Option<&'a Source>) -> (String, Sees, Findings<'a>) {
    static NOTHING: std::sync::LazyLock<crate::report::findings::Mask> =
        std::sync::LazyLock::new(Default::default);
    let Some(source) = source else {
        let mut out = Out::default();
        let rest = walks.rest();
        elsewhere(
            "The article is not at hand. Its steps, in order:",
            &rest,
            walks,
            &mut out,
        );
        return (out.0, Sees::default(), Findings::new(&[], &NOTHING));
    };
    let mut rendering = Rendering::new(source, walks);
    rendering.article();
    let Rendering {
        mut out,
        sees,
        findings,
        walks,
        ..
    } = rendering;
    let rest = walks.rest();
    elsewhere(
        "Steps at places that the article does not have",
        &rest,
        walks,
        &mut out,
    );
    (out.0, sees, findings)
}

fn elsewhere(heading: &str, steps: &[At], walks: &Walks<'_>, out: &mut Out) {
    if steps.is_empty() {
        return;
    }
    out.raw("<section>\n");
    out.element("h2", "", heading);
    for at in steps {
        out.raw(&format!(
            "<div class=\"block w w{}\" tabindex=\"-1\">",
            at.0
        ));
        result(walks, *at, &Above::NOTHING, out);
        out.raw("</div>\n");
    }
    out.raw("</section>\n");
}

/// Which walkthrough is shown.
fn choices(walks: &Walks<'_>, out: &mut Out) {
    let first = walks.first();
    out.raw("<fieldset class=\"choices\"><legend>Walkthrough</legend>\n");
    for (walk, run) in walks.runs.iter().enumerate() {
        let class = outcome(run);
        let checked = if walk == first { " checked" } else { "" };
        out.raw(&format!(
            "<label class=\"choice {class}\"><input type=\"radio\" name=\"walkthrough\" id=\"c{walk}\"{checked}>\
             <span><span class=\"chip {class}\"><span aria-hidden=\"true\">{}</span> {}</span> <b>{}</b>\
             <span class=\"title\">{}</span><span class=\"sum\">{}</span></span></label>\n",
            words(class).0,
            words(class).1,
            escape(&run.scenario),
            escape(&run.title),
            escape(&format!("{}, {}", sentence(run), run.target)),
        ));
    }
    let checked = if walks.runs.is_empty() {
        " checked"
    } else {
        ""
    };
    out.raw(&format!(
        "<label class=\"choice\"><input type=\"radio\" name=\"walkthrough\" id=\"call\"{checked}><span><b>everything</b>\
         <span class=\"title\">Every tab and pivot, with all walkthroughs</span></span></label>\n</fieldset>\n"
    ));
}

/// Which verdicts are shown.
fn filters(walks: &Walks<'_>, findings: bool, out: &mut Out) {
    let ended = |run: &Run, class: &str| {
        let done = run.done.iter().filter(|done| done.step.is_some());
        done.filter(|done| super::walks::class(done.outcome) == class)
            .count()
    };
    out.raw("<fieldset class=\"filters\"><legend>Show</legend>\n");
    out.raw(
        "<label><input type=\"radio\" name=\"filter\" id=\"f-all\" checked>all of it</label>\n",
    );
    for verdict in VERDICTS {
        let counts: Vec<usize> = walks.runs.iter().map(|run| ended(run, verdict)).collect();
        let all: usize = counts.iter().sum();
        if all == 0 {
            continue;
        }
        out.raw(&format!(
            "<label class=\"{verdict}\"><input type=\"radio\" name=\"filter\" id=\"f-{verdict}\">{} ",
            words(verdict).1
        ));
        for (walk, count) in counts.iter().enumerate() {
            out.raw(&format!("<span class=\"count w w{walk}\">{count}</span>"));
        }
        out.raw(&format!(
            "<span class=\"count only-all\">{all}</span></label>\n"
        ));
    }
    if findings {
        out.raw("<label><input type=\"radio\" name=\"filter\" id=\"f-findings\">findings of check</label>\n");
    }
    out.raw("</fieldset>\n");
}

/// The steps of each walkthrough, as links.
fn steps(walks: &Walks<'_>, out: &mut Out) {
    out.raw("<nav aria-label=\"Steps\"><h2>Steps</h2>\n");
    for (walk, run) in walks.runs.iter().enumerate() {
        out.raw(&format!("<div class=\"w w{walk}\">"));
        out.element("p", "only-all", &run.scenario);
        out.raw("<ol>\n");
        for (number, done) in run.done.iter().enumerate() {
            let class = class(done.outcome);
            let (mark, word) = words(class);
            let time = match done.outcome {
                StepOutcome::Skipped | StepOutcome::NotRun => String::new(),
                _ => format!(" <span class=\"time\">{}</span>", seconds(done.seconds)),
            };
            out.raw(&format!(
                "<li class=\"{class}\"><a href=\"#r{walk}-{number}\"><span class=\"mark\" aria-hidden=\"true\">{mark}</span>\
                 <span class=\"hidden\">{word}: </span>{}</a>{time}</li>\n",
                with_code(&title(done))
            ));
        }
        out.raw("</ol></div>\n");
    }
    out.raw("</nav>\n");
}
