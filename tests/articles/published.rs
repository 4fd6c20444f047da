//! How far published articles come: the table `reached.tsv`.

use crate::root;
use crate::snapshots::run;
use docproof_core::event::{Event, Outcome, StepKind, StepOutcome};
use docproof_core::infer::{Chosen, Settings, Subject, infer, ways};
use docproof_core::scenario::Walkthrough;
use docproof_run::article;
use docproof_run::target::Embedded;
use libtest_mimic::Failed;
use std::fmt::Write as _;
use std::path::Path;

const TABLE: &str = "tests/articles/reached.tsv";

/// So many articles must come to their end at least.
const LEAST: usize = 8;

const HEAD: &str = "# How far published articles come that are run as they are, without a scenario. Written by \
tests/articles; see there.\n# article\tway\tverdict\tsteps passed\tnot run\tleft\twhere it \
ended\n";

/// Runs every article of the folder, and holds what comes of it against the table.
pub(crate) fn check(folder: &Path, target: &Embedded) -> Result<(), Failed> {
    let mut names: Vec<String> = std::fs::read_dir(folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".md") && name != "INDEX.md")
        .collect();
    names.sort();
    let mut table = HEAD.to_owned();
    let mut through = 0;
    for name in &names {
        let (article, _) = article::read(folder, name)?;
        let mut any = false;
        for way in ways(&article, &Chosen::default())? {
            let subject = Subject {
                article: &article,
                id: "article",
                named: name,
            };
            let inferred = infer(subject, &way, &mut Settings::default());
            let walkthrough = inferred
                .walkthrough(&article)
                .map_err(|errors| errors.join("\n"))?;
            let row = row(&walkthrough, target);
            any |= row.through;
            writeln!(table, "{name}\t{}\t{}", way.suffix, row.text)?;
        }
        through += usize::from(any);
    }
    let path = root().join(TABLE);
    if std::env::var("DOCPROOF_ARTICLES_TABLE").is_ok_and(|value| value == "write") {
        std::fs::write(&path, &table)?;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differ: Vec<String> = table
        .lines()
        .filter(|line| !kept.lines().any(|one| one == *line))
        .map(|line| format!("now:  {line}"))
        .chain(
            kept.lines()
                .filter(|line| !table.lines().any(|one| one == *line))
                .map(|line| format!("kept: {line}")),
        )
        .collect();
    if !differ.is_empty() {
        return Err(format!("{TABLE} says otherwise:\n{}", differ.join("\n")).into());
    }
    if through < LEAST {
        return Err(format!("{through} articles came to their end, {LEAST} must").into());
    }
    Ok(())
}

struct Row {
    text: String,
    /// Every step that this machine can run passed, and one of them is the article's own.
    through: bool,
}

fn row(walkthrough: &Walkthrough, target: &Embedded) -> Row {
    let (outcome, events) = run(walkthrough, target);
    let count = |wanted: StepOutcome| {
        let is = |event: &&Event| matches!(event, Event::StepFinished { outcome, .. } if *outcome == wanted);
        events.iter().filter(is).count()
    };
    let own = events.iter().any(|event| {
        matches!(
            event,
            Event::StepFinished {
                outcome: StepOutcome::Passed,
                kind: StepKind::Block,
                ..
            }
        )
    });
    let verdict = match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::NotEmulated => "not emulated",
        Outcome::CouldNotRun => "could not run",
        Outcome::NotRun => "not run",
    };
    let why = events.iter().find_map(|event| match event {
        Event::StepFinished {
            failure: Some(failure),
            ..
        }
        | Event::Prepared {
            failure: Some(failure),
            ..
        } => Some(format!(
            "line {}: {}",
            failure.position.line,
            reason(&failure.message, failure.actual.as_deref())
        )),
        Event::Verdict {
            not_run: Some(reason),
            ..
        } => Some(reason.clone()),
        _ => None,
    });
    Row {
        text: format!(
            "{verdict}\t{}\t{}\t{}\t{}",
            count(StepOutcome::Passed),
            count(StepOutcome::NotRun),
            count(StepOutcome::Skipped),
            why.unwrap_or_default()
        ),
        // An article most of which this machine cannot run has not come to its end.
        through: outcome == Outcome::Passed
            && own
            && count(StepOutcome::Passed) >= count(StepOutcome::NotRun),
    }
}

/// What was said, in a few words that are the same in every run.
fn reason(message: &str, actual: Option<&str>) -> String {
    let said = match message.starts_with("command ended with") {
        true => {
            let errors = actual.unwrap_or(message).lines();
            let error = errors.map(str::trim).find(|line| line.contains("ERROR:"));
            let error = error.or_else(|| actual.and_then(|text| text.lines().next()));
            let error = error.unwrap_or(message);
            error
                .split("ERROR:")
                .last()
                .unwrap_or(error)
                .trim()
                .to_owned()
        }
        false => message.to_owned(),
    };
    let changing = regex::Regex::new(concat!(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\?\S*|",
        r"\b(my\w*?)[0-9a-f]{6}\b|`[^`]*[0-9a-f]{6}`",
    ));
    let said = match changing {
        Ok(changing) => changing.replace_all(&said, "${1}…").into_owned(),
        Err(_) => said,
    };
    let short: String = said.replace('\t', " ").chars().take(150).collect();
    short
}
