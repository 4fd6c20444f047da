//! Who is at fault, from what two runs of a walkthrough said.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test; clippy excuses only test functions themselves"
)]

use docproof_core::attribution::{Fault, attribute};
use docproof_core::event::Event;
use serde_json::{Value, json};

/// Method, address, status, error.
type Request<'a> = (&'a str, &'a str, u16, Option<&'a str>);

/// The events of a run: each step with how it ended and its requests (method, address, status, error).
fn run(outcome: &str, steps: &[(&str, &[Request<'_>])]) -> Vec<Event> {
    let position = json!({"file": "a.md", "line": 1, "column": 1});
    let timing = json!({"seconds": 0.0, "emulator_seconds": 0.0, "harness_seconds": 0.0});
    let step = |(index, (outcome, requests)): (usize, &(&str, &[_]))| {
        let requests: &[Request<'_>] = requests;
        let requests: Vec<Value> = requests
            .iter()
            .map(|(method, url, status, error)| {
                json!({"method": method, "url": url, "status": status, "error": error})
            })
            .collect();
        json!({
            "event": "step-finished", "scenario": "s", "target": "t", "name": format!("step {index}"),
            "index": index, "position": position, "kind": "block", "notes": [], "outcome": outcome,
            "timing": timing, "corrections": [], "filled_in": [], "failure": null, "not_run": null,
            "requests": requests,
        })
    };
    let mut events: Vec<Value> = steps.iter().enumerate().map(step).collect();
    events.push(json!({
        "event": "verdict", "scenario": "s", "target": "t", "outcome": outcome, "corrections": 0,
        "steps": [], "timing": timing, "preparation_seconds": 0.0,
        "coverage": docproof_core::event::Coverage::default(), "not_run": null, "checked": null,
        "failures": [], "not_needed": [],
    }));
    events
        .into_iter()
        .map(|event| serde_json::from_value(event).unwrap())
        .collect()
}

const GROUP: &str = "https://management.azure.com/subscriptions/11111111-2222-3333-4444-555555555555/\
                     resourceGroups/rg?api-version=1";
const MASKED: &str =
    "https://management.azure.com/subscriptions/<subscription-id>/resourcegroups/rg?api-version=2";

#[test]
fn a_failure_on_both_at_the_same_step_is_the_articles() {
    let live = run(
        "failed",
        &[
            ("passed", &[]),
            ("failed", &[("PUT", MASKED, 403, Some("X"))]),
        ],
    );
    let same = run(
        "failed",
        &[
            ("passed", &[]),
            ("failed", &[("PUT", GROUP, 403, Some("X"))]),
        ],
    );
    let told = attribute(&live, &same);
    assert_eq!((told.fault, told.differs), (Fault::Article, None));
    assert_eq!(told.step.as_deref(), Some("step 1"));
}

#[test]
fn whoever_goes_further_is_right_and_the_first_other_answer_is_shown() {
    let passed = run("passed", &[("passed", &[("PUT", GROUP, 201, None)])]);
    let live = run(
        "failed",
        &[(
            "failed",
            &[
                // Asked again, and polled: no difference.
                ("PUT", MASKED, 429, Some("429")),
                ("GET", "https://x/operationStatuses/7", 200, None),
                ("PUT", MASKED, 400, Some("BadRequest")),
            ],
        )],
    );
    let told = attribute(&live, &passed);
    assert_eq!(told.fault, Fault::Azure);
    let (here, there) = told.differs.unwrap();
    assert_eq!(here.unwrap().error.as_deref(), Some("BadRequest"));
    assert_eq!(there.unwrap().status, 201);
    assert_eq!(attribute(&passed, &live).fault, Fault::Emulator);
    let later = run("failed", &[("passed", &[]), ("failed", &[])]);
    assert_eq!(attribute(&live, &later).fault, Fault::Azure);
    assert_eq!(attribute(&later, &live).fault, Fault::Emulator);
}

#[test]
fn what_says_nothing_of_the_article_decides_nothing() {
    let passed = run("passed", &[("passed", &[])]);
    let stopped = run("could-not-run", &[("could-not-run", &[])]);
    assert_eq!(attribute(&stopped, &passed).fault, Fault::Unknown);
    assert_eq!(attribute(&passed, &[]).fault, Fault::Unknown);
    assert_eq!(attribute(&passed, &passed).fault, Fault::Nobody);
}
