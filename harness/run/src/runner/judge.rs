//! Whether what a block did is what the article shows.

use crate::environment::ObservedRequest;
use crate::session::BlockOutcome;
use docproof_core::event::{Difference, Failure, Printed, StepOutcome};
use docproof_core::matching::{Bindings, Mismatch, Pattern};
use docproof_core::report::mask_secrets;
use docproof_core::scenario::{Expectation, Script, Step};
use docproof_core::source::Position;
use serde_json::Value;

/// Output of this many bytes is shown whole beside what differs in it.
const SHORT: usize = 600;

/// More characters of an output than this are not kept for reports.
const KEPT: usize = 20_000;

/// What is to be judged: a block that came to its end, and what is expected of it.
pub(super) struct Judged<'a> {
    /// Where it stands.
    pub(super) position: &'a Position,
    pub(super) expectations: &'a [Expectation],
    pub(super) script: &'a Script,
    pub(super) outcome: &'a BlockOutcome,
    pub(super) requests: &'a [ObservedRequest],
}

/// The verdict.
pub(super) fn judge(
    judged: &Judged<'_>,
    bindings: &mut Bindings,
) -> (StepOutcome, Option<Failure>) {
    judge_telling(judged, bindings, &mut Vec::new())
}

/// The verdict; what differs in the output is put in the place of what `differences` has.
pub(super) fn judge_telling(
    judged: &Judged<'_>,
    bindings: &mut Bindings,
    differences: &mut Vec<Difference>,
) -> (StepOutcome, Option<Failure>) {
    differences.clear();
    let Judged {
        position,
        expectations,
        script,
        outcome,
        requests,
    } = *judged;
    if let Some(failure) = not_emulated(position, script, requests) {
        return (StepOutcome::NotEmulated, Some(failure));
    }
    let failure = match expectations.iter().find_map(error_wanted) {
        Some((at, pattern)) => not_refused(judged, at, pattern),
        None => command_failure(position, script, outcome).or_else(|| {
            expectations
                .iter()
                .find_map(|expected| unmet(script, expected, outcome, bindings, differences))
        }),
    };
    match failure {
        None => (StepOutcome::Passed, None),
        Some(failure) => (StepOutcome::Failed, Some(failure)),
    }
}

/// A request that the target does not have.
pub(super) fn not_emulated(
    position: &Position,
    script: &Script,
    requests: &[ObservedRequest],
) -> Option<Failure> {
    let request = requests
        .iter()
        .find(|request| request.not_emulated && !request.quiet)?;
    Some(Failure {
        position: position.clone(),
        message: format!("not emulated: {} {}", request.method, request.url),
        command: Some(script.text().trim_end().to_owned()),
        expected: None,
        actual: None,
        help: Some(
            "the article may be right: this target does not have what its command asks for"
                .to_owned(),
        ),
    })
}

fn error_wanted(expected: &Expectation) -> Option<(&Position, &regex::Regex)> {
    match expected {
        Expectation::Error { position, pattern } => Some((position, pattern)),
        _ => None,
    }
}

/// Why a command that must fail did not fail as it must.
fn not_refused(judged: &Judged<'_>, at: &Position, pattern: &regex::Regex) -> Option<Failure> {
    let BlockOutcome {
        stdout,
        stderr,
        status,
        errors,
        ..
    } = judged.outcome;
    let printed = format!("{}\n{}", stdout.trim(), stderr.trim());
    let message = if *status == 0 && errors.is_empty() {
        "the command was to fail, and did not"
    } else if pattern.is_match(&printed) {
        return None;
    } else {
        "the command failed in another way than it was to"
    };
    Some(Failure {
        position: at.clone(),
        message: message.to_owned(),
        command: Some(judged.script.text().trim_end().to_owned()),
        expected: Some(pattern.to_string()),
        actual: Some(mask_secrets(printed.trim())),
        help: None,
    })
}

/// The first command that did not end with 0.
pub(super) fn command_failure(
    position: &Position,
    script: &Script,
    outcome: &BlockOutcome,
) -> Option<Failure> {
    let (index, status) = match outcome.errors.first() {
        Some(error) => (error.line, error.status),
        // A syntax error: bash runs nothing and no trap fires.
        None if outcome.status != 0 => (0, outcome.status),
        None => return None,
    };
    let printed = if outcome.stderr.trim().is_empty() {
        &outcome.stdout
    } else {
        &outcome.stderr
    };
    let asks = printed.contains("no tty available");
    Some(Failure {
        position: script
            .lines
            .get(index)
            .map_or(position, |line| &line.position)
            .clone(),
        message: format!("command ended with {status}"),
        command: Some(command_at(script, index)),
        expected: None,
        actual: Some(mask_secrets(printed.trim())).filter(|text| !text.is_empty()),
        help: asks.then(|| {
            "the command asks for an answer: give the step \
             `answer = [{ prompt = \"…\", type = \"y\" }]`"
                .to_owned()
        }),
    })
}

/// The command that begins on a line, its continuations included.
fn command_at(script: &Script, index: usize) -> String {
    let mut text = String::new();
    for line in script.lines.iter().skip(index) {
        text.push_str(&line.text);
        if !line.text.trim_end_matches('\r').ends_with('\\') {
            break;
        }
        text.push('\n');
    }
    text
}

fn unmet(
    script: &Script,
    expected: &Expectation,
    outcome: &BlockOutcome,
    bindings: &mut Bindings,
    differences: &mut Vec<Difference>,
) -> Option<Failure> {
    let differs =
        |position: &Position, message: String, expected: String, actual: String| Failure {
            position: position.clone(),
            message,
            command: Some(script.text().trim_end().to_owned()),
            expected: Some(expected),
            actual: Some(mask_secrets(&actual)),
            help: None,
        };
    let stdout = outcome.stdout.trim();
    match expected {
        Expectation::Sample(sample) => {
            let mismatches = Pattern::compile(sample).matches(stdout, bindings).err()?;
            let first = mismatches.first()?;
            differences.extend(mismatches.iter().map(difference));
            let rest = mismatches.len() - 1;
            let message = match rest {
                0 => format!(
                    "the output is not what the article shows: {}",
                    first.message
                ),
                _ => format!(
                    "the output is not what the article shows: {} (and {rest} more)",
                    first.message
                ),
            };
            let list = |side: fn(&Mismatch) -> &String| {
                mismatches
                    .iter()
                    .map(|mismatch| match &mismatch.pointer {
                        Some(pointer) => format!("{pointer}: {}", side(mismatch)),
                        None => side(mismatch).clone(),
                    })
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            let mut actual = list(|mismatch| &mismatch.actual);
            // A short answer says more than what it lacks: an error in the place of a token.
            if stdout.len() <= SHORT {
                actual = format!("{actual}\nthe whole output: {stdout}");
            }
            Some(Failure {
                help: Some(
                    "correct the sample in the article, or give the step a correction with \
                     `in = \"sample\"`"
                        .to_owned(),
                ),
                ..differs(
                    &first.position,
                    message,
                    list(|mismatch| &mismatch.expected),
                    actual,
                )
            })
        }
        Expectation::Json { position, values } => {
            let actual: Value = match serde_json::from_str(stdout) {
                Ok(actual) => actual,
                Err(error) => {
                    let wanted = values
                        .iter()
                        .map(|(pointer, value)| format!("{pointer}: {value}"));
                    let wanted = wanted.collect::<Vec<_>>().join("\n");
                    let message = format!("the output is not JSON: {error}");
                    return Some(differs(position, message, wanted, stdout.to_owned()));
                }
            };
            values.iter().find_map(|(pointer, value)| {
                let found = actual.pointer(pointer);
                if found == Some(value) {
                    return None;
                }
                let message = match found {
                    None => format!("the output has nothing at {pointer}"),
                    Some(_) => format!("the output differs at {pointer}"),
                };
                differences.push(Difference {
                    position: position.clone(),
                    pointer: Some(pointer.clone()),
                    expected: value.to_string(),
                    actual: mask_secrets(&found.map_or_else(String::new, ToString::to_string)),
                    message: message.clone(),
                });
                let found = found.map_or_else(|| stdout.to_owned(), ToString::to_string);
                Some(differs(position, message, value.to_string(), found))
            })
        }
        Expectation::Text { position, text } => (stdout != text.trim()).then(|| {
            differs(
                position,
                "the output differs".into(),
                text.clone(),
                stdout.to_owned(),
            )
        }),
        Expectation::Matches { position, pattern } => (!pattern.is_match(stdout)).then(|| {
            let message = "the output does not match".into();
            differs(position, message, pattern.to_string(), stdout.to_owned())
        }),
        // Judged in its own way.
        Expectation::Error { .. } => None,
    }
}

fn difference(mismatch: &Mismatch) -> Difference {
    Difference {
        position: mismatch.position.clone(),
        pointer: mismatch.pointer.clone(),
        expected: mismatch.expected.clone(),
        actual: mask_secrets(&mismatch.actual),
        message: mask_secrets(&mismatch.message),
    }
}

/// What reports show of a block's output: where something was expected of it, or it failed.
pub(super) fn show(
    step: &Step,
    outcome: StepOutcome,
    block: &BlockOutcome,
    differences: Vec<Difference>,
) -> Option<Printed> {
    let asked = !step.expectations.is_empty() || outcome == StepOutcome::Failed;
    let output = block.stdout.trim();
    if !asked || output.is_empty() {
        return None;
    }
    let masked = mask_secrets(output);
    let mut output: String = masked.chars().take(KEPT).collect();
    if output.len() < masked.len() {
        output.push_str("\n…");
    }
    Some(Printed {
        output,
        differences,
    })
}
