//! For code scanning: SARIF 2.1.0, written at the end. What fails of an article is a result at its line; what
//! could not be run is said of the tool, not of the article.

use super::collect::{Run, Runs};
use super::sarif_log::{artifact, hash, log};
use super::{Reporter, clean};
use crate::event::{AppliedCorrection, Event, Outcome, StepOutcome};
use crate::source::Position;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Result, Write};

/// The rules, with what each is about.
const RULES: [(&str, &str, &str); 3] = [
    (
        "walkthrough-failed",
        "error",
        "A reader who follows the article fails here: a command ends with an error, or does not do what \
         the article shows.",
    ),
    (
        "walkthrough-corrected",
        "note",
        "The walkthrough works only with a change of the article here, which its scenario makes.",
    ),
    (
        "correction-not-needed",
        "warning",
        "The article's own text works here: the scenario's correction should be taken out.",
    ),
];

/// Collects what all walkthroughs say into one SARIF log.
#[derive(Debug, Default)]
pub struct Sarif {
    runs: Runs,
}

impl Sarif {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Reporter for Sarif {
    fn event(&mut self, event: &Event, _: &mut dyn Write) -> Result<()> {
        self.runs.event(event);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        let runs = std::mem::take(&mut self.runs).0;
        let mut results = Results::default();
        let mut said = Vec::new();
        let mut whole = true;
        for run in &runs {
            results.of(run);
            whole &= run.verdict.as_ref().is_some_and(|verdict| {
                !matches!(verdict.outcome, Outcome::NotEmulated | Outcome::CouldNotRun)
            });
            said.extend(notifications(run));
        }
        let rules = RULES.iter().map(|(id, level, text)| {
            json!({
                "id": id,
                "shortDescription": { "text": text },
                "help": { "text": text },
                "defaultConfiguration": { "level": level },
            })
        });
        let mut log = log(rules.collect(), results.all);
        log["runs"][0]["invocations"] = json!([{
            "executionSuccessful": whole,
            "toolExecutionNotifications": said,
        }]);
        serde_json::to_writer_pretty(&mut *out, &log)?;
        out.write_all(b"\n")?;
        out.flush()
    }
}

#[derive(Default)]
struct Results {
    all: Vec<Value>,
    /// How often a result with this fingerprint came.
    seen: HashMap<String, usize>,
}

impl Results {
    fn of(&mut self, run: &Run) {
        for (done, failure) in run.failed() {
            if done.outcome != StepOutcome::Failed {
                continue;
            }
            let mut text = format!("{}: {}", done.name, failure.message);
            for (label, value) in [
                ("command", &failure.command),
                ("expected", &failure.expected),
                ("actual", &failure.actual),
                ("help", &failure.help),
            ] {
                if let Some(value) = value {
                    text.push_str(&format!("\n{label}: {}", value.trim_end()));
                }
            }
            self.add(0, &failure.position, &text, run, &done.name);
        }
        for done in &run.done {
            for correction in &done.corrections {
                self.add(
                    1,
                    &correction.position,
                    &changed(correction),
                    run,
                    &done.name,
                );
            }
        }
        for correction in run.verdict.iter().flat_map(|verdict| &verdict.not_needed) {
            self.add(2, &correction.position, &changed(correction), run, "");
        }
    }

    fn add(&mut self, rule: usize, position: &Position, text: &str, run: &Run, step: &str) {
        let Some((id, level, _)) = RULES.get(rule) else {
            return;
        };
        // The same after lines above it came or went.
        let hash = hash(&[id, &position.file, &run.scenario, step]);
        let seen = self.seen.entry(hash.clone()).or_default();
        *seen += 1;
        self.all.push(json!({
            "ruleId": id,
            "ruleIndex": rule,
            "level": level,
            "message": { "text": clean(&format!("{} ({}): {text}", run.scenario, run.target)) },
            "locations": [{ "physicalLocation": location(position) }],
            "partialFingerprints": { "walkthroughStepHash/v1": format!("{hash}:{seen}") },
        }));
    }
}

fn changed(correction: &AppliedCorrection) -> String {
    let AppliedCorrection {
        find, replace, why, ..
    } = correction;
    format!("{why}\narticle: {find}\nnow: {replace}")
}

/// What of a walkthrough was not run, and through no fault of the article.
fn notifications(run: &Run) -> Vec<Value> {
    let told = |level: &str, text: String, position: Option<&Position>| {
        let mut value = json!({
            "level": level,
            "message": { "text": clean(&format!("{} ({}): {text}", run.scenario, run.target)) },
        });
        if let Some(position) = position {
            value["locations"] = json!([{ "physicalLocation": location(position) }]);
        }
        value
    };
    let mut all: Vec<Value> = run
        .failed()
        .filter(|(done, _)| done.outcome != StepOutcome::Failed)
        .map(|(done, failure)| {
            let text = format!("{}: {}", done.name, failure.message);
            told("error", text, Some(&failure.position))
        })
        .collect();
    all.extend(run.guesses().map(|(_, note)| {
        let why = note.why.as_deref().unwrap_or_default();
        let text = format!("guessed: {}: {why}", note.text);
        told("note", text, note.position.as_ref())
    }));
    match &run.verdict {
        None => all.push(told("error", "interrupted".to_owned(), None)),
        Some(verdict) => {
            let reason = verdict.not_run.as_ref();
            all.extend(reason.map(|reason| told("note", format!("not run: {reason}"), None)));
        }
    }
    all
}

fn location(position: &Position) -> Value {
    json!({
        "artifactLocation": artifact(&position.file),
        "region": { "startLine": position.line, "startColumn": position.column },
    })
}
