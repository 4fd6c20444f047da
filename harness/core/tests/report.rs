//! One stream of events through every reporter, and what reporters must not let through.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

use docproof_core::coverage::together;
use docproof_core::diagnostic::Severity;
use docproof_core::event::{
    AppliedCorrection, BlockCoverage, BlockState, CheckFinding, Coverage, Event, Failure, NoteKind,
    Outcome, RequestLine, StandIn, StaticCheck, StepKind, StepNote, StepOutcome, StepSummary,
    Timing,
};
use docproof_core::report::{GitHub, Human, Json, Junit, Reporter, Sarif, Summary};
use docproof_core::source::Position;

const ARTICLE: &str = "docs-snapshots/aci/article.md";

fn at(line: u32, column: u32) -> Position {
    Position {
        file: ARTICLE.to_owned(),
        line,
        column,
    }
}

fn timing(seconds: f64) -> Timing {
    Timing {
        seconds,
        emulator_seconds: 0.2,
        harness_seconds: 0.03,
    }
}

fn started(scenario: &str, steps: usize) -> Event {
    Event::Started {
        scenario: scenario.to_owned(),
        title: "an identity reads a secret".to_owned(),
        target: "embedded".to_owned(),
        article: ARTICLE.to_owned(),
        steps,
        as_published: false,
        reader_roles: Vec::new(),
        preparations: 0,
        stand_ins: Vec::new(),
        requires: Vec::new(),
        path: None,
    }
}

fn step_started(scenario: &str, name: &str, index: usize) -> Event {
    let (scenario, name) = (scenario.to_owned(), name.to_owned());
    Event::StepStarted {
        scenario,
        target: "embedded".to_owned(),
        name,
        index,
        position: at(40, 1),
        kind: StepKind::Block,
    }
}

fn step(scenario: &str, name: &str, index: usize, outcome: StepOutcome) -> Event {
    Event::StepFinished {
        scenario: scenario.to_owned(),
        target: "embedded".to_owned(),
        name: name.to_owned(),
        index,
        position: at(40, 1),
        kind: StepKind::Block,
        notes: Vec::new(),
        outcome,
        timing: timing(0.9),
        corrections: Vec::new(),
        filled_in: Vec::new(),
        failure: None,
        not_run: None,
        requests: Vec::new(),
        printed: None,
    }
}

fn summary(name: &str, line: u32, outcome: StepOutcome, seconds: f64) -> StepSummary {
    StepSummary {
        name: name.to_owned(),
        file: ARTICLE.to_owned(),
        line,
        kind: StepKind::Block,
        outcome,
        seconds,
    }
}

fn verdict(scenario: &str, outcome: Outcome, corrections: usize, steps: Vec<StepSummary>) -> Event {
    Event::Verdict {
        scenario: scenario.to_owned(),
        target: "embedded".to_owned(),
        outcome,
        corrections,
        steps,
        timing: timing(14.2),
        preparation_seconds: 0.0,
        coverage: Coverage {
            run: 2,
            compared: 1,
            unused: 3,
            ..Coverage::default()
        },
        not_run: None,
        checked: None,
        failures: Vec::new(),
        not_needed: Vec::new(),
    }
}

/// A walkthrough whose second step fails.
fn failing() -> Vec<Event> {
    let mut vault = step("aci-user", "create the vault", 0, StepOutcome::Passed);
    if let Event::StepFinished {
        corrections,
        filled_in,
        ..
    } = &mut vault
    {
        corrections.push(AppliedCorrection {
            position: at(42, 3),
            find: "--location eastus".to_owned(),
            replace: "--location eastus \\\n  --enable-rbac-authorization false".to_owned(),
            why: "`az keyvault create` makes an RBAC vault now".to_owned(),
        });
        filled_in.push(("<name>".to_owned(), "mykeyvault".to_owned()));
    }
    let mut policy = step(
        "aci-user",
        "let the identity read secrets",
        1,
        StepOutcome::Failed,
    );
    if let Event::StepFinished {
        failure, requests, ..
    } = &mut policy
    {
        *failure = Some(Failure {
            position: at(80, 1),
            message: "`az keyvault set-policy` ended with 1".to_owned(),
            command: Some("az keyvault set-policy --name mykeyvault".to_owned()),
            expected: None,
            actual: Some(
                "\u{1b}[31mERROR: Cannot set policies\u{1b}[0m\nAuthorization: Bearer 0123456789abcdefghij\n"
                    .to_owned(),
            ),
            help: Some("compare the command with `az keyvault set-policy --help`".to_owned()),
        });
        requests.push(RequestLine {
            method: "GET".to_owned(),
            url: "https://management.azure.com/subscriptions?api-version=2022-12-01".to_owned(),
            status: 200,
            ..RequestLine::default()
        });
        requests.push(RequestLine {
            method: "PUT".to_owned(),
            url: "https://management.azure.com/vaults/v".to_owned(),
            status: 400,
            error: Some("BadRequest".to_owned()),
            ..RequestLine::default()
        });
    }
    let steps = vec![
        summary("create the vault", 40, StepOutcome::Passed, 0.9),
        summary(
            "let the identity read secrets",
            80,
            StepOutcome::Failed,
            0.9,
        ),
        summary("read the secret", 99, StepOutcome::Skipped, 0.0),
    ];
    vec![
        started("aci-user", 3),
        step_started("aci-user", "create the vault", 0),
        vault,
        step_started("aci-user", "let the identity read secrets", 1),
        policy,
        step("aci-user", "read the secret", 2, StepOutcome::Skipped),
        verdict("aci-user", Outcome::Failed, 1, steps),
    ]
}

fn passing(scenario: &str) -> Vec<Event> {
    vec![
        started(scenario, 1),
        step_started(scenario, "do it", 0),
        step(scenario, "do it", 0, StepOutcome::Passed),
        verdict(
            scenario,
            Outcome::Passed,
            0,
            vec![summary("do it", 40, StepOutcome::Passed, 0.9)],
        ),
    ]
}

/// The same, run as published: the first step's correction mends the second one.
fn published() -> Vec<Event> {
    let mut events = failing();
    if let Event::Started { as_published, .. } = &mut events[0] {
        *as_published = true;
    }
    let Event::StepFinished { corrections, .. } = &mut events[2] else {
        panic!("no first step")
    };
    let applied = std::mem::take(corrections);
    let Event::StepFinished { failure, .. } = &events[4] else {
        panic!("no second step")
    };
    let failed = failure.clone().unwrap();
    let again = Event::StepAgain {
        scenario: "aci-user".to_owned(),
        target: "embedded".to_owned(),
        name: "let the identity read secrets".to_owned(),
        index: 1,
        corrections: applied.clone(),
    };
    let mut mended = step(
        "aci-user",
        "let the identity read secrets",
        1,
        StepOutcome::Passed,
    );
    if let Event::StepFinished { corrections, .. } = &mut mended {
        *corrections = applied;
    }
    let mut end = verdict("aci-user", Outcome::Failed, 1, Vec::new());
    if let Event::Verdict {
        failures,
        not_needed,
        ..
    } = &mut end
    {
        failures.push(failed);
        not_needed.push(AppliedCorrection {
            position: at(99, 5),
            find: "\"null\"".to_owned(),
            replace: "null".to_owned(),
            why: "it was so once".to_owned(),
        });
    }
    events.truncate(5);
    events.extend([
        again,
        mended,
        step("aci-user", "read the secret", 2, StepOutcome::Passed),
        end,
    ]);
    events
}

fn report(mut reporter: impl Reporter, events: &[Event]) -> String {
    let mut out = Vec::new();
    for event in events {
        reporter.event(event, &mut out).unwrap();
    }
    reporter.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn human_shows_a_failure_whole() {
    let expected = include_str!("snapshots/failing.human.txt");
    assert_eq!(report(Human::new(false, false), &failing()), expected);
}

#[test]
fn human_lists_what_fails_as_published_and_what_mends_it() {
    let expected = include_str!("snapshots/published.human.txt");
    assert_eq!(report(Human::new(false, false), &published()), expected);
    let live = report(Human::new(false, true), &published());
    let line = "  … let the identity read secrets, from the start with 1 correction\r\u{1b}[2K";
    assert!(live.contains(line), "{live}");
}

#[test]
fn json_has_one_object_per_event() {
    let expected = include_str!("snapshots/failing.json.txt");
    let text = report(Json::new(), &failing());
    assert_eq!(text, expected);
    assert_eq!(text.lines().count(), failing().len());
    let verdict = text.lines().last().unwrap();
    assert!(verdict.starts_with(
        r#"{"event":"verdict","scenario":"aci-user","target":"embedded","outcome":"failed","corrections":1,"steps":[{"name":"create the vault","file":"docs-snapshots/aci/article.md","line":40,"kind":"block","outcome":"passed","seconds":0.9},"#
    ));
}

#[test]
fn outcomes_are_written_as_documented() {
    let outcomes = [
        (Outcome::Passed, "passed"),
        (Outcome::Failed, "failed"),
        (Outcome::NotEmulated, "not-emulated"),
        (Outcome::CouldNotRun, "could-not-run"),
        (Outcome::NotRun, "not-run"),
    ];
    for (outcome, word) in outcomes {
        let text = report(Json::new(), &[verdict("x", outcome, 0, Vec::new())]);
        assert!(
            text.contains(&format!("\"outcome\":\"{word}\",\"corrections\":0")),
            "{text}"
        );
    }
}

#[test]
fn no_secret_and_no_control_character_comes_through() {
    for text in [
        report(Human::new(false, false), &failing()),
        report(Json::new(), &failing()),
    ] {
        assert!(!text.contains("0123456789abcdefghij"));
        assert!(text.contains("Bearer ***"));
        assert!(!text.contains('\u{1b}') && !text.contains("u001b"));
    }
}

#[test]
fn colours_only_if_told_so() {
    let plain = report(Human::new(false, false), &failing());
    let coloured = report(Human::new(true, false), &failing());
    assert!(coloured.contains("\u{1b}[31m✗\u{1b}[0m"));
    let mut stripped = coloured;
    for code in ["0", "1", "2", "31", "32", "33"] {
        stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(stripped, plain);
}

#[test]
fn the_running_step_is_shown_only_on_a_terminal_and_taken_back() {
    let live = report(Human::new(false, true), &passing("a"));
    assert!(live.contains("  … do it\r\u{1b}[2K  ✓ do it"), "{live}");
    assert!(!report(Human::new(false, false), &passing("a")).contains('…'));
    // An interruption leaves no half a line behind.
    assert!(report(Human::new(false, true), &passing("a")[..2]).ends_with("\r\u{1b}[2K"));
}

#[test]
fn walkthroughs_that_run_together_are_shown_one_after_another() {
    let (a, b, c) = (passing("a"), passing("b"), failing());
    let one_by_one: String = [&a, &b, &c]
        .iter()
        .map(|events| report(Human::new(false, false), events))
        .collect();
    let mut mixed = vec![a[0].clone(), b[0].clone(), c[0].clone()];
    mixed.extend(b[1..].iter().cloned());
    mixed.extend(a[1..3].iter().cloned());
    mixed.extend(c[1..4].iter().cloned());
    mixed.push(a[3].clone());
    mixed.extend(c[4..].iter().cloned());
    let expected = format!("{one_by_one}3 walkthroughs: 2 passed, 1 did not\n");
    assert_eq!(report(Human::new(false, false), &mixed), expected);
}

#[test]
fn the_same_scenario_on_two_targets_at_once_is_told_apart() {
    let on = |target: &str| {
        let mut events = passing("a");
        for event in &mut events {
            match event {
                Event::Started { target: on, .. }
                | Event::StepStarted { target: on, .. }
                | Event::StepFinished { target: on, .. }
                | Event::Verdict { target: on, .. } => target.clone_into(on),
                Event::Preparing { .. }
                | Event::Prepared { .. }
                | Event::Coverage { .. }
                | Event::StepAgain { .. } => {}
            }
        }
        events
    };
    let (one, other) = (on("embedded"), on("container"));
    let one_by_one: String = [&one, &other]
        .iter()
        .map(|events| report(Human::new(false, false), events))
        .collect();
    let mixed: Vec<Event> = one
        .iter()
        .zip(&other)
        .flat_map(|(a, b)| [a.clone(), b.clone()])
        .collect();
    let expected = format!("{one_by_one}2 walkthroughs: 2 passed, 0 did not\n");
    assert_eq!(report(Human::new(false, false), &mixed), expected);
}

#[test]
fn the_first_walkthrough_is_shown_as_it_goes_on() {
    let mut reporter = Human::new(false, false);
    let (a, b) = (passing("a"), passing("b"));
    let mut out = Vec::new();
    for event in [&a[0], &b[0], &b[1], &b[2], &b[3], &a[1], &a[2]] {
        reporter.event(event, &mut out).unwrap();
    }
    let text = String::from_utf8(out.clone()).unwrap();
    assert!(text.contains("✓ do it") && !text.contains("\nb:"), "{text}");
    reporter.event(&a[3], &mut out).unwrap();
    let text = String::from_utf8(out.clone()).unwrap();
    assert_eq!(text.matches("  passed in 14.2 s").count(), 2, "{text}");
}

#[test]
fn what_waited_is_shown_after_an_interruption() {
    let (a, b) = (passing("a"), passing("b"));
    let events = [&a[0], &b[0], &b[1], &b[2]].map(Clone::clone);
    let text = report(Human::new(false, false), &events);
    assert!(
        text.contains("b: an identity") && text.contains("✓ do it"),
        "{text}"
    );
}

/// A walkthrough with everything that is not an article's block.
fn own_things() -> Vec<Event> {
    let mut begun = started("portal", 3);
    if let Event::Started {
        preparations,
        stand_ins,
        requires,
        ..
    } = &mut begun
    {
        *preparations = 1;
        stand_ins.push(StandIn {
            file: "docs-snapshots/aci/includes/steps.md".to_owned(),
            why: "what the later steps need".to_owned(),
        });
        requires.push("pwsh".to_owned());
    }
    let prepared = Event::Prepared {
        scenario: "portal".to_owned(),
        target: "embedded".to_owned(),
        index: 0,
        why: "A registry with an image.".to_owned(),
        command: "az acr create --name r".to_owned(),
        position: at(3, 1),
        outcome: StepOutcome::Passed,
        seconds: 1.5,
        failure: None,
        requests: Vec::new(),
    };
    let note = |about, text: &str, why: Option<&str>, line| StepNote {
        about,
        text: text.to_owned(),
        why: why.map(str::to_owned),
        position: Some(at(line, 1)),
    };
    let mut by_hand = step("portal", "create the app", 0, StepOutcome::Passed);
    if let Event::StepFinished { kind, notes, .. } = &mut by_hand {
        *kind = StepKind::Manual;
        notes.push(note(
            NoteKind::Instruction,
            "1. Select **Create**.",
            None,
            46,
        ));
        notes.push(note(NoteKind::DoneBy, "az containerapp create", None, 9));
        notes.push(note(NoteKind::Proof, "az containerapp show", None, 12));
    }
    let mut added = step("portal", "open a shell", 1, StepOutcome::Passed);
    if let Event::StepFinished { kind, notes, .. } = &mut added {
        *kind = StepKind::Added;
        let why = Some("the article does not say how");
        notes.push(note(NoteKind::Added, "az containerapp exec", why, 20));
    }
    let mut lacking = step("portal", "the PowerShell script", 2, StepOutcome::NotRun);
    if let Event::StepFinished { not_run, .. } = &mut lacking {
        *not_run = Some("pwsh is not installed".to_owned());
    }
    let mut steps = vec![
        summary("create the app", 46, StepOutcome::Passed, 0.9),
        summary("open a shell", 20, StepOutcome::Passed, 0.9),
        summary("the PowerShell script", 60, StepOutcome::NotRun, 0.0),
    ];
    steps[0].kind = StepKind::Manual;
    let mut end = verdict("portal", Outcome::Passed, 0, steps);
    if let Event::Verdict {
        preparation_seconds,
        coverage,
        checked,
        ..
    } = &mut end
    {
        *preparation_seconds = 1.5;
        coverage.checked = 1;
        coverage.instructions = 1;
        coverage.instructions_left = vec![at(47, 1), at(48, 1)];
        let finding = CheckFinding {
            position: at(60, 4),
            severity: Severity::Error,
            rule: "invalid-variable-name".to_owned(),
            message: "`$a-b` is no variable".to_owned(),
        };
        *checked = Some(StaticCheck {
            published: vec![finding],
            corrected: Vec::new(),
        });
    }
    vec![begun, prepared, by_hand, added, lacking, end]
}

#[test]
fn what_is_not_the_articles_is_shown_as_such() {
    let mut events = own_things();
    events.extend(passing("other"));
    let Event::Verdict { coverage, .. } = &events[5] else {
        panic!("no verdict")
    };
    let mut blocks = coverage.clone();
    let block = |line, path: &str, state| BlockCoverage {
        file: ARTICLE.to_owned(),
        line,
        path: path.to_owned(),
        on_path: true,
        state,
    };
    blocks.blocks = vec![
        block(40, "", BlockState::Run),
        block(60, "tab powershell", BlockState::Checked),
        block(70, "tab powershell", BlockState::Unused),
    ];
    events.push(Event::Coverage {
        articles: together([(ARTICLE, "portal", &blocks)]),
    });
    let expected = include_str!("snapshots/own.human.txt");
    assert_eq!(report(Human::new(false, false), &events), expected);
    let json = report(Json::new(), &events);
    for part in [
        r#""event":"prepared","scenario":"portal""#,
        r#""kind":"manual","notes":[{"about":"instruction","text":"1. Select **Create**.","why":null,"#,
        r#""outcome":"not-run""#,
        r#""not_run":"pwsh is not installed""#,
        r#""event":"coverage","articles":[{"article":"docs-snapshots/aci/article.md""#,
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

/// Every run of the fixture, through a reporter that writes at the end.
fn all() -> Vec<Event> {
    let mut events = failing();
    events.extend(own_things());
    let mut published = published();
    for event in &mut published {
        match event {
            Event::Started { scenario, .. }
            | Event::StepStarted { scenario, .. }
            | Event::StepAgain { scenario, .. }
            | Event::StepFinished { scenario, .. }
            | Event::Verdict { scenario, .. } => *scenario = "as-is".to_owned(),
            _ => {}
        }
    }
    events.extend(published);
    // Something that the emulator does not have, and a run that was cut off.
    let mut lacking = passing("lacking");
    if let Event::StepFinished {
        outcome, failure, ..
    } = &mut lacking[2]
    {
        *outcome = StepOutcome::NotEmulated;
        *failure = Some(Failure {
            position: at(40, 1),
            message: "the emulator has no | `Microsoft.Sql`, 100%".to_owned(),
            command: Some("```\naz sql server create".to_owned()),
            expected: None,
            actual: None,
            help: None,
        });
    }
    if let Event::Verdict { outcome, .. } = &mut lacking[3] {
        *outcome = Outcome::NotEmulated;
    }
    events.extend(lacking);
    events.extend(passing("cut-off").into_iter().take(2));
    events
}

/// `UPDATE_EXPECTED=1` writes it anew: read what changed.
fn assert_snapshot(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, expected, "{name}");
}

#[test]
fn every_report_at_the_end_tells_the_same_runs() {
    assert_snapshot("all.junit.xml", &report(Junit::new(), &all()));
    assert_snapshot("all.sarif.json", &report(Sarif::new(), &all()));
    assert_snapshot("all.github.txt", &report(GitHub::new(), &all()));
    assert_snapshot("all.summary.md", &report(Summary::new(), &all()));
}

#[test]
fn reports_at_the_end_hide_what_others_hide() {
    for text in [
        report(Junit::new(), &all()),
        report(Sarif::new(), &all()),
        report(GitHub::new(), &all()),
        report(Summary::new(), &all()),
    ] {
        assert!(!text.contains("0123456789abcdefghij"), "{text}");
        assert!(
            !text.contains('\u{1b}') && !text.contains("u001b"),
            "{text}"
        );
    }
}

#[test]
fn reports_of_nothing_are_whole() {
    assert!(report(Junit::new(), &[]).contains("<testsuites"));
    let log: serde_json::Value = serde_json::from_str(&report(Sarif::new(), &[])).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(report(GitHub::new(), &[]), "");
    assert_eq!(report(Summary::new(), &[]), "");
}

#[test]
fn a_scenario_on_two_targets_has_two_suites() {
    let mut events = passing("a");
    for event in passing("a") {
        let mut event = event;
        if let Event::Started { target, .. }
        | Event::StepStarted { target, .. }
        | Event::StepFinished { target, .. }
        | Event::Verdict { target, .. } = &mut event
        {
            *target = "container".to_owned();
        }
        events.push(event);
    }
    let text = report(Junit::new(), &events);
    for name in ["embedded::a", "container::a"] {
        assert!(
            text.contains(&format!("<testsuite name=\"{name}\" tests=\"1\"")),
            "{text}"
        );
    }
}

#[test]
fn a_summary_is_never_too_long() {
    let mut events = Vec::new();
    for number in 0..400 {
        let mut one = failing();
        for event in &mut one {
            if let Event::Started { scenario, .. }
            | Event::StepFinished { scenario, .. }
            | Event::Verdict { scenario, .. } = event
            {
                *scenario = format!("s{number}");
            }
            if let Event::StepFinished {
                failure: Some(failure),
                ..
            } = event
            {
                failure.actual = Some("x".repeat(100_000));
            }
        }
        events.extend(one);
    }
    let text = report(Summary::new(), &events);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(text.contains("more than a summary can hold"));
}
