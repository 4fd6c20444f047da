//! Scenario files, by themselves and on an article.

#![expect(clippy::expect_used, reason = "helpers of tests may panic as tests do")]

use docproof_core::markdown::Article;
use docproof_core::scenario::{
    CorrectionTarget, Elsewhere, Expectation, ResolveError, ScenarioError, ScenarioFile,
    Walkthrough,
};
use std::time::Duration;

const ARTICLE: &str = "# T\n\n## Make it\n\n```azurecli\naz a \\\n  --x 1\n```\n\n```output\nfirst\n```\n\n```json\n{ \"second\": 2 }\n```\n\n## Use it\n\n```bash\naz container exec --exec-command bash\n```\n```bash\nls\n```\n\n## File\n\n```json\n{}\n```\n```yaml\na: 1\n```\n";

fn parse(text: &str) -> Result<ScenarioFile, ScenarioError> {
    ScenarioFile::parse("scenarios/s.toml", text)
}

fn steps(steps: &str) -> String {
    format!("title = \"S\"\narticle = \"t\"\n{steps}")
}

fn resolve(text: &str) -> Result<Walkthrough, Vec<ResolveError>> {
    let article = Article::parse("t/article.md", ARTICLE, &|_| None);
    parse(&steps(text))
        .expect("the scenario is readable")
        .resolve(&article)
}

fn parse_error(text: &str) -> (String, String) {
    let error = parse(&steps(text)).expect_err("the scenario is wrong");
    (error.to_string(), error.help.unwrap_or_default())
}

fn resolve_error(text: &str) -> ResolveError {
    let mut errors = resolve(text).expect_err("the scenario does not fit");
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn a_wrong_file_is_told_with_its_place() {
    let own = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let error = parse("title = ").expect_err("no TOML");
    assert_eq!(error.position.line, 1);
    let (error, help) = parse_error("[[step]]\nname = \"a\"\nblok = \"b#1\"\n");
    assert!(
        error.starts_with("scenarios/s.toml:5:1: unknown field `blok`"),
        "{error}"
    );
    assert_eq!(help, "did you mean `block`?");
    assert!(
        parse_error("[[step]]\nname = \"a\"\n")
            .0
            .contains("4:8: the step has no `block`")
    );
    assert_eq!(
        parse_error("").0,
        "scenarios/s.toml:1:9: the scenario has no step"
    );
    let step = "[[step]]\nname = \"a\"\nblock = \"b#1\"\n";
    assert!(
        parse_error(&format!("{step}{step}"))
            .0
            .contains("two steps are called \"a\"")
    );
    assert_eq!(
        parse_error(&format!("[names]\nx = \"key-valt\"\n{step}")),
        own(
            "scenarios/s.toml:4:5: `key-valt` is no kind of name",
            "did you mean `key-vault`?"
        )
    );
    for (line, message) in [
        ("timeout = \"0s\"", "6:11: `0s` is not a time"),
        ("timeout = \"5h\"", "6:11: `5h` is not a time"),
        ("sample = false", "6:10: `sample = false` needs a reason"),
        ("why = \"x\"", "6:7: there is nothing to give a reason for"),
        ("in = \"house\"", "6:6: `in` cannot be `house` here"),
        ("expect = { }", "6:10: `expect` expects nothing"),
        (
            "expect = { matches = \"(\" }",
            "6:10: `matches` is not a regular expression",
        ),
        (
            "expect = { json = { \"a\" = 1 } }",
            "6:10: `a` is not a JSON pointer",
        ),
        ("expect = { like = \"a\" }", "6:12: unknown field `like`"),
        (
            "[[step.correction]]\nfind = \"a\"\nreplace = \"b\"",
            "missing field `why`",
        ),
        (
            "[[step.correction]]\nfind = \"\"\nreplace = \"b\"\nwhy = \"c\"",
            "7:8: `find` is empty",
        ),
        (
            "[[step.correction]]\nfind = \"b\"\nreplace = \"b\"\nwhy = \"c\"",
            "7:8: this correction changes nothing",
        ),
    ] {
        let error = parse_error(&format!("{step}{line}\n"));
        assert!(error.0.contains(message), "{line}: {}", error.0);
    }
}

#[test]
fn an_address_that_is_not_there_gets_the_nearest() {
    let error = resolve_error("[[step]]\nname = \"a\"\nblock = \"mak-it#1\"\n");
    assert_eq!(
        error.to_string(),
        "scenarios/s.toml:5:9: step \"a\": there is no block `mak-it#1` on this path"
    );
    assert_eq!(
        error.help.unwrap(),
        "did you mean `make-it#1` (line 6: az a \\)?"
    );
    let error = resolve_error("[[step]]\nname = \"a\"\nblock = \"use-it#3\"\n");
    assert!(
        error
            .help
            .unwrap()
            .starts_with("the section has `use-it#1` (line 21: az container")
    );
}

#[test]
fn only_commands_are_steps() {
    let error = resolve_error("[[step]]\nname = \"a\"\nblock = \"file#2\"\n");
    assert_eq!(
        error.message,
        "step \"a\": `file#2` is a block of `yaml`, which nobody can run"
    );
    assert_eq!(error.article.unwrap().to_string(), "t/article.md:33:1");
}

#[test]
fn paths_and_names_must_be_the_articles() {
    let text = "[path]\ntab = \"bash\"\npivot = \"cli\"\n[names]\nnobody = \"key-vault\"\n[[step]]\nname = \"a\"\nblock = \"use-it#2\"\n";
    let errors = resolve(text).expect_err("nothing fits");
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        all,
        [
            "scenarios/s.toml:4:7: the article has no tab `bash`",
            "scenarios/s.toml:4:7: the article has no pivot `cli`",
            "scenarios/s.toml:7:10: no block of the article has the name `nobody`",
        ]
    );
}

#[test]
fn a_step_in_a_container_needs_an_open_one() {
    let inside = "[[step]]\nname = \"in\"\nblock = \"use-it#2\"\nin = \"container\"\n";
    let error = resolve_error(inside);
    assert!(
        error
            .message
            .contains("no step before this one opens a shell")
    );
    let opens = "[[step]]\nname = \"open\"\nblock = \"use-it#1\"\n";
    let walk = resolve(&format!("{opens}{inside}")).expect("it fits");
    let places: Vec<Elsewhere> = walk.steps.iter().map(|step| step.elsewhere).collect();
    assert_eq!(places, [Elsewhere::Opens, Elsewhere::Inside]);
    let here = "[[step]]\nname = \"here\"\nblock = \"make-it#1\"\n";
    assert_eq!(
        resolve(&format!("{opens}{here}{inside}"))
            .expect_err("left")
            .len(),
        1
    );
}

fn corrected(correction: &str) -> String {
    format!(
        "[[step]]\nname = \"a\"\nblock = \"make-it#1\"\ntimeout = \"2m\"\n[[step.correction]]\nwhy = \"w\"\n{correction}"
    )
}

#[test]
fn a_stale_or_ambiguous_correction_fails() {
    let error = resolve_error(&corrected("find = \"--y 1\"\nreplace = \"\"\n"));
    assert_eq!(
        error.to_string(),
        "scenarios/s.toml:9:8: step \"a\": stale correction: the article's block no longer has `--y 1`"
    );
    assert_eq!(
        error.article.as_ref().unwrap().to_string(),
        "t/article.md:6:1"
    );
    assert_eq!(
        error.help.as_deref().unwrap(),
        "take it out, or compare its `find` with lines 6-7 of t/article.md"
    );
    let error = resolve_error(&corrected("find = \"a\"\nreplace = \"\"\n"));
    assert!(error.message.contains("more than once"), "{error}");
    let error = resolve_error(&corrected(
        "in = \"sample\"\nfind = \"--x 1\"\nreplace = \"\"\n",
    ));
    assert!(
        error.message.contains("the article's sample no longer has"),
        "{error}"
    );
    let twice = corrected(
        "find = \"--x 1\"\nreplace = \"b\"\n[[step.correction]]\nwhy = \"w\"\nfind = \"x 1\"\nreplace = \"\"\n",
    );
    assert!(
        resolve_error(&twice)
            .message
            .contains("two corrections change the same text")
    );
}

#[test]
fn corrections_keep_places_and_are_left_out_as_published() {
    let text = corrected(
        "find = \"\"\"a \\\\\n  --x 1\"\"\"\nreplace = \"a --x 2 \\\\\\n --y\\n --z\"\n[[step.correction]]\nin = \"sample\"\nwhy = \"v\"\nfind = \"2\"\nreplace = \"3\"\n",
    );
    let walk = resolve(&text).expect("it fits");
    let step = &walk.steps[0];
    assert_eq!(step.script.text(), "az a --x 2 \\\n --y\n --z\n");
    let lines: Vec<u32> = step
        .script
        .lines
        .iter()
        .map(|line| line.position.line)
        .collect();
    assert_eq!(lines, [6, 7, 7]);
    assert_eq!(step.corrections[0].position.to_string(), "t/article.md:6:4");
    assert_eq!(
        step.corrections[1].position.to_string(),
        "t/article.md:15:13"
    );
    assert_eq!(step.timeout, Duration::from_secs(120));
    let Expectation::Sample(second) = &step.expectations[1] else {
        panic!("no sample")
    };
    assert_eq!(second.lines[0].text, "{ \"second\": 3 }");
    let published = walk.as_published();
    assert_eq!(published.steps[0].script.text(), "az a \\\n  --x 1\n");
    assert!(published.steps[0].corrections.is_empty());
    // The corrections keep their numbers, and can be put in again one by one.
    let of = |target| {
        let numbers = published.steps[0].corrections_of(target);
        numbers.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(of(CorrectionTarget::Command), [0]);
    assert_eq!(of(CorrectionTarget::Sample), [1]);
    let one = published.steps[0].corrected_by(&[1].into());
    assert_eq!(one.script.text(), "az a \\\n  --x 1\n");
    let Expectation::Sample(sample) = &one.expectations[1] else {
        panic!("no sample")
    };
    assert_eq!(sample.lines[0].text, "{ \"second\": 3 }");
    assert_eq!(one.corrections.len(), 1);
}

#[test]
fn what_the_article_shows_is_expected_in_its_section_only() {
    let all = "[[step]]\nname = \"a\"\nblock = \"make-it#1\"\nexpect = { json = { \"/b\" = 1, \"/a\" = [true] }, text = \"t\", matches = \"m\" }\n[[step]]\nname = \"b\"\nblock = \"use-it#2\"\n";
    let walk = resolve(all).expect("it fits");
    assert_eq!(walk.steps[0].expectations.len(), 5);
    assert_eq!(
        walk.steps[1].expectations.len(),
        0,
        "a file's content is no sample"
    );
    let coverage = walk.coverage(&|_| true);
    assert_eq!(
        (coverage.run, coverage.compared, coverage.unused),
        (2, 2, 3)
    );
    let Expectation::Json { position, values } = &walk.steps[0].expectations[2] else {
        panic!("no json")
    };
    assert_eq!(position.to_string(), "scenarios/s.toml:6:10");
    assert_eq!(values[0].0, "/a", "TOML has no order");
    let off =
        "[[step]]\nname = \"a\"\nblock = \"make-it#1\"\nsample = false\nwhy = \"it is of 2019\"\n";
    assert!(
        resolve(off).expect("it fits").steps[0]
            .expectations
            .is_empty()
    );
    assert_eq!(walk.id, "s");
}

#[test]
fn the_first_step_that_is_not_what_it_was_is_found() {
    let base = "[[step]]\nname = \"one\"\nblock = \"make-it#1\"\nsample = false\nwhy = \"w\"\n\n\
                [[step]]\nname = \"open\"\nblock = \"use-it#1\"\n\n\
                [[step]]\nname = \"in\"\nblock = \"use-it#2\"\nin = \"container\"\n";
    let of = |text: &str| resolve(text).expect("the scenario fits");
    let before = of(base);
    let change = |from: &str, to: &str| {
        let text = base.replacen(from, to, 1);
        assert_ne!(text, base, "{from}");
        of(&text).first_change(&before)
    };
    assert_eq!(of(base).first_change(&before), Some(3));
    // Where something stands, and why it is there, changes nothing.
    assert_eq!(change("[[step]]", "# A comment.\n[[step]]"), Some(3));
    assert_eq!(change("why = \"w\"", "why = \"another\""), Some(3));
    assert_eq!(
        change("sample = false\nwhy = \"w\"\n", ""),
        Some(0),
        "the sample is compared"
    );
    assert_eq!(change("\"open\"", "\"opened\""), Some(1));
    for added in [
        "timeout = \"7s\"\n",
        "expect = { text = \"x\" }\n",
        "skip = \"s\"\n",
        "needs = [\"one\"]\n",
        "requires = [\"docker\"]\n",
        "proof = { run = \"true\", expect = { text = \"\" } }\n",
    ] {
        let at = "block = \"use-it#1\"\n";
        assert_eq!(change(at, &format!("{at}{added}")), Some(1), "{added}");
    }
    let corrected = "\n[[step.correction]]\nfind = \"ls\"\nreplace = \"ls -a\"\nwhy = \"w\"\n";
    assert_eq!(
        of(&format!("{base}{corrected}")).first_change(&before),
        Some(2)
    );
    let more = "[[step]]\nname = \"more\"\nrun = \"true\"\nwhy = \"w\"\n";
    let longer = of(&format!("{base}\n{more}"));
    assert_eq!(longer.first_change(&before), Some(3));
    assert_eq!(before.first_change(&longer), Some(3));
    // What holds for all of it.
    for whole in [
        "[reader]\nroles = [\"Reader\"]\n\n",
        "[[prepare]]\nwhy = \"w\"\nrun = \"true\"\n\n",
        "requires = [\"docker\"]\n\n",
    ] {
        assert_eq!(
            change("[[step]]", &format!("{whole}[[step]]")),
            None,
            "{whole}"
        );
    }
}
