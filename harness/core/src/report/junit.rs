//! For whatever reads test results: JUnit's XML, a walkthrough as a suite, a step as a test case.

use super::collect::{Done, Run, Runs, account, word};
use super::{Reporter, clean};
use crate::event::{Event, NoteKind, Outcome, StepOutcome};
use quick_junit::{NonSuccessKind, Report as Results, TestCase, TestCaseStatus, TestSuite};
use std::io::{Error, Result, Write};
use std::time::Duration;

/// Writes all walkthroughs at the end. A step that failed is a failure; what the environment or the emulator
/// did not let run is an error; what was left out is skipped.
#[derive(Debug, Default)]
pub struct Junit {
    runs: Runs,
}

impl Junit {
    /// A reporter that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Reporter for Junit {
    fn event(&mut self, event: &Event, _: &mut dyn Write) -> Result<()> {
        self.runs.event(event);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        let mut results = Results::new("docproof run");
        for run in std::mem::take(&mut self.runs).0 {
            results.add_test_suite(suite(&run));
        }
        results.serialize(&mut *out).map_err(Error::other)?;
        out.flush()
    }
}

fn suite(run: &Run) -> TestSuite {
    let name = clean(&run.name());
    let mut suite = TestSuite::new(name.as_str());
    suite.add_property(("title", clean(&run.title).as_str()));
    suite.add_property(("article", clean(&run.article).as_str()));
    if run.as_published {
        suite.add_property(("as-published", "true"));
    }
    for done in &run.done {
        let mut test = case(&clean(&title(done)), &name, status(done), done.seconds);
        test.extra
            .insert("file".into(), clean(&done.position.file).into());
        test.extra
            .insert("line".into(), done.position.line.to_string().into());
        let said = said(done);
        if !said.is_empty() {
            test.set_system_out(clean(&said));
        }
        suite.add_test_case(test);
    }
    match &run.verdict {
        None => {
            let status = wrong(NonSuccessKind::Error, "interrupted", "interrupted", "");
            suite.add_test_case(case("the walkthrough", &name, status, 0.0));
        }
        Some(verdict) => {
            suite.set_time(duration(verdict.seconds));
            for correction in &verdict.not_needed {
                let place = correction.position.to_string();
                let message = "the article's own text works: take the scenario's correction out";
                let text = format!("{}\n{}", correction.find, correction.replace);
                let status = wrong(
                    NonSuccessKind::Failure,
                    "correction-not-needed",
                    message,
                    &text,
                );
                suite.add_test_case(case(&clean(&place), &name, status, 0.0));
            }
            // Nothing else would tell that it did not pass.
            let told = suite
                .test_cases
                .iter()
                .any(|case| matches!(&case.status, TestCaseStatus::NonSuccess { .. }));
            let (kind, word) = match verdict.outcome {
                Outcome::Failed => (NonSuccessKind::Failure, "failed"),
                Outcome::NotEmulated => (NonSuccessKind::Error, "not-emulated"),
                Outcome::CouldNotRun => (NonSuccessKind::Error, "could-not-run"),
                Outcome::Passed | Outcome::NotRun => return suite,
            };
            if !told {
                let status = wrong(kind, word, word, "");
                suite.add_test_case(case("the walkthrough", &name, status, 0.0));
            }
        }
    }
    suite
}

fn title(done: &Done) -> String {
    match done.step {
        Some(_) => done.name.clone(),
        None => format!("prepare: {}", done.name),
    }
}

fn case(name: &str, suite: &str, status: TestCaseStatus, seconds: f64) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(suite);
    case.set_time(duration(seconds));
    case
}

fn status(done: &Done) -> TestCaseStatus {
    let (kind, word) = match done.outcome {
        StepOutcome::Passed => return TestCaseStatus::success(),
        StepOutcome::Skipped | StepOutcome::NotRun => {
            let mut status = TestCaseStatus::skipped();
            let reason = done.not_run.as_deref();
            status.set_message(clean(reason.unwrap_or("an earlier step did not pass")));
            return status;
        }
        StepOutcome::Failed => (NonSuccessKind::Failure, "failed"),
        StepOutcome::NotEmulated => (NonSuccessKind::Error, "not-emulated"),
        StepOutcome::CouldNotRun => (NonSuccessKind::Error, "could-not-run"),
    };
    match &done.failure {
        None => wrong(kind, word, word, ""),
        Some(failure) => {
            let text = format!(
                "{}: {}\n{}",
                failure.position,
                failure.message,
                account(failure, &done.requests)
            );
            wrong(kind, word, &failure.message, &text)
        }
    }
}

fn wrong(kind: NonSuccessKind, word: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word).set_message(clean(message));
    if !text.is_empty() {
        status.set_description(clean(text));
    }
    status
}

/// What in the step is not the article's.
fn said(done: &Done) -> String {
    let mut said = String::new();
    for correction in done.corrections.iter().chain(done.mended.iter().flatten()) {
        let word = if done.mended.is_some() {
            "mended by"
        } else {
            "corrected"
        };
        said.push_str(&format!(
            "{word}: {}\narticle: {}\nnow: {}\nwhy: {}\n",
            correction.position, correction.find, correction.replace, correction.why
        ));
    }
    for note in &done.notes {
        let place = note.position.as_ref();
        let place = place.filter(|_| note.about == NoteKind::Guessed);
        let place = place.map_or(String::new(), |place| format!("{place}: "));
        said.push_str(&format!("{}: {place}{}\n", word(note.about), note.text));
    }
    said
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
