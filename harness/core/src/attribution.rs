//! Where the fault lies when a walkthrough fails on Azure: [`Attribution`], from what the same
//! walkthrough said on Azure and on the emulator.

use crate::event::{Event, Outcome, RequestLine, StepOutcome};
use regex::Regex;
use std::sync::LazyLock;

/// Who is at fault, as far as two runs tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nobody: it passes on both.
    Nobody,
    /// The article: it fails on both, at the same step.
    Article,
    /// Azure or `az` has changed: only the live run fails, or it fails earlier.
    Azure,
    /// The emulator: only its run fails, or it fails earlier.
    Emulator,
    /// One of the runs did not come to a verdict about the article.
    Unknown,
}

impl Fault {
    /// In words.
    pub fn told(self) -> &'static str {
        match self {
            Self::Nobody => "it passes on Azure and on the emulator",
            Self::Article => "the article: it fails on Azure and on the emulator, at the same step",
            Self::Azure => "Azure or `az` has changed: the emulator goes further",
            Self::Emulator => "the emulator: Azure goes further",
            Self::Unknown => "not known: one of the two runs says nothing about the article",
        }
    }
}

/// What a comparison of two runs came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Who is at fault.
    pub fault: Fault,
    /// The step that decided it.
    pub step: Option<String>,
    /// The first request up to there that was answered otherwise, or asked by one only: on Azure and
    /// on the emulator.
    pub differs: Option<(Option<RequestLine>, Option<RequestLine>)>,
}

/// How one run went.
struct Run<'e> {
    outcome: Outcome,
    /// Name, outcome and requests of each step.
    steps: Vec<(&'e str, StepOutcome, &'e [RequestLine])>,
}

impl<'e> Run<'e> {
    fn of(events: &'e [Event]) -> Option<Self> {
        let mut steps = Vec::new();
        let mut ended = None;
        for event in events {
            match event {
                Event::StepFinished {
                    name,
                    outcome,
                    requests,
                    ..
                } => steps.push((name.as_str(), *outcome, requests.as_slice())),
                Event::Verdict { outcome, .. } => ended = Some(*outcome),
                _ => {}
            }
        }
        Some(Self {
            outcome: ended?,
            steps,
        })
    }

    /// The first step that failed.
    fn failed(&self) -> Option<usize> {
        let failed =
            |(_, outcome, _): &(&str, StepOutcome, &[RequestLine])| *outcome == StepOutcome::Failed;
        self.steps.iter().position(failed)
    }

    /// The requests up to a step, without what is asked again and again until something ends.
    fn requests(&self, last: usize) -> Vec<&'e RequestLine> {
        let of_steps = self.steps.iter().take(last + 1);
        let mut all: Vec<&RequestLine> = Vec::new();
        for request in of_steps.flat_map(|(_, _, requests)| requests.iter()) {
            let later = request.status == 429 || request.status >= 500;
            let is_repeated = all.last().is_some_and(|before| same(before, request));
            if !later && !is_repeated && !POLL.is_match(&request.url) {
                all.push(request);
            }
        }
        all
    }
}

/// Compares what a walkthrough said on Azure and on the emulator.
pub fn attribute(live: &[Event], emulated: &[Event]) -> Attribution {
    let unknown = Attribution {
        fault: Fault::Unknown,
        step: None,
        differs: None,
    };
    let (Some(live), Some(emulated)) = (Run::of(live), Run::of(emulated)) else {
        return unknown;
    };
    let judged = |run: &Run<'_>| matches!(run.outcome, Outcome::Passed | Outcome::Failed);
    if !judged(&live) || !judged(&emulated) {
        return unknown;
    }
    let (fault, step) = match (live.failed(), emulated.failed()) {
        (None, None) => (Fault::Nobody, None),
        (Some(here), Some(there)) if here == there => (Fault::Article, Some(here)),
        (Some(here), there) if there.is_none_or(|there| here < there) => (Fault::Azure, Some(here)),
        (_, there) => (Fault::Emulator, there),
    };
    let Some(step) = step else {
        return Attribution { fault, ..unknown };
    };
    Attribution {
        fault,
        step: live.steps.get(step).map(|(name, ..)| (*name).to_owned()),
        differs: first_difference(&live.requests(step), &emulated.requests(step)),
    }
}

fn first_difference(
    live: &[&RequestLine],
    emulated: &[&RequestLine],
) -> Option<(Option<RequestLine>, Option<RequestLine>)> {
    let longest = live.len().max(emulated.len());
    (0..longest).find_map(|index| {
        let (here, there) = (live.get(index), emulated.get(index));
        let is_same = here
            .zip(there)
            .is_some_and(|(here, there)| same(here, there));
        let owned = |one: Option<&&RequestLine>| one.map(|one| (*one).clone());
        (!is_same).then(|| (owned(here), owned(there)))
    })
}

/// Whether two requests are the same, answered alike, whatever ids are in them.
fn same(one: &RequestLine, other: &RequestLine) -> bool {
    one.method == other.method
        && one.status == other.status
        && one.error == other.error
        && plain(&one.url) == plain(&other.url)
}

/// An address without its query and without ids.
fn plain(url: &str) -> String {
    let path = url.split('?').next().unwrap_or(url);
    ID.replace_all(path, "{id}").to_ascii_lowercase()
}

/// Ids, and what stands in their place in a report.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|<[a-z]+-id(?:-[0-9]+)?>|\
         [0-9a-f]{32}|--[0-9a-z]{7}\\b",
    )
});

/// What is asked until an operation has ended.
static POLL: LazyLock<Regex> =
    LazyLock::new(|| constant("(?i)operation(?:s|results?|status(?:es)?)/"));

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, used by tests"
)]
fn constant(expression: &str) -> Regex {
    Regex::new(expression).expect("a constant expression compiles")
}
