//! What scenarios say beside blocks: placeholders, preparation, commands of their own, instructions
//! done by hand, files, programs, answers, requirements.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests may panic as tests do"
)]

use docproof_core::event::{NoteKind, StepKind};
use docproof_core::markdown::Article;
use docproof_core::scenario::{
    Elsewhere, Expectation, PlaceholderValue, Requirement, ScenarioFile, ShellKind, Walkthrough,
};

const ARTICLE: &str = "# T\n\n## Portal\n\n1. Go **home**.\n1. Select *Create*.\n\n    | A | B |\n    |---|---|\n    | x | y |\n\n1. Wait.\n\nThen:\n\n1. Look.\n\n## Commands\n\n```bash\naz a --name <NAME>\n```\n\n```powershell\nGet-AzKeyVault\n```\n\n```cmd\ncurl %X%\n```\n\n```\nimport azure.identity\n```\n\n## Template\n\n```json\n\"identity\": {\n  \"type\": \"None\"\n}\n...\n```\n";

fn text(steps: &str) -> String {
    format!("title = \"S\"\narticle = \"t\"\n{steps}")
}

fn resolve(steps: &str) -> Result<Walkthrough, Vec<String>> {
    let article = Article::parse("t/article.md", ARTICLE, &|_| None);
    let file = ScenarioFile::parse("scenarios/s.toml", &text(steps)).expect("it can be read");
    let files = |name: &str| match name {
        "files/a.json" => Some("{\n  {{block}},\n  \"x\": 1\n}\n".to_owned()),
        "files/b.json" => Some("{}".to_owned()),
        _ => None,
    };
    file.resolve_with(&article, &files).map_err(|errors| {
        let told = |e: &docproof_core::scenario::ResolveError| {
            format!("{e} ({})", e.help.clone().unwrap_or_default())
        };
        errors.iter().map(told).collect()
    })
}

fn wrong(steps: &str) -> String {
    match ScenarioFile::parse("scenarios/s.toml", &text(steps)) {
        Ok(_) => panic!("it is right: {steps}"),
        Err(error) => format!("{error} ({})", error.help.clone().unwrap_or_default()),
    }
}

fn unfit(steps: &str) -> String {
    resolve(steps).expect_err("it does not fit").join("\n")
}

const BLOCK: &str = "[[step]]\nname = \"a\"\nblock = \"commands#1\"\n";

#[test]
fn what_contradicts_itself_is_told_with_its_place() {
    for (step, message) in [
        (
            "run = \"az\"\n",
            "5:7: a command that is not in the article needs a reason",
        ),
        (
            "run = \"az\"\nwhy = \"w\"\nblock = \"a#1\"\n",
            "a step has either `block` or `run`",
        ),
        ("run = \" \"\nwhy = \"w\"\n", "5:7: `run` is empty"),
        (
            "block = \"a#1\"\nsame-as = \"az\"\n",
            "`same-as` only goes with `manual`",
        ),
        (
            "block = \"a#1\"\ninto = \"x\"\n",
            "`into` only goes with `file`",
        ),
        (
            "block = \"a#1\"\nfile = \"../x\"\n",
            "`../x` is not a file below the folder",
        ),
        (
            "block = \"a#1\"\nfile = \"/x\"\n",
            "`/x` is not a file below the folder",
        ),
        (
            "block = \"a#1\"\nthen = \"x\"\n",
            "`then` only goes with a program's block",
        ),
        (
            "block = \"a#1\"\nprogram = \"perl\"\n",
            "`perl` is no program that runs blocks",
        ),
        (
            "manual = \"portal#1\"\n",
            "these instructions need a command",
        ),
        (
            "manual = \"portal\"\nsame-as = \"az\"\n",
            "`portal` names no numbered instructions",
        ),
        (
            "manual = \"portal#2-1\"\nsame-as = \"az\"\n",
            "does not name its instructions in order",
        ),
        (
            "manual = \"portal#1\"\nsame-as = \"az\"\n",
            "nothing proves that these instructions",
        ),
        (
            "block = \"a#1\"\nrequires = [\"pwhs\"]\n",
            "`pwhs` is nothing that can be required (did you mean `pwsh`?)",
        ),
        (
            "block = \"a#1\"\nanswer = [{ prompt = \"\", type = \"y\" }]\n",
            "`prompt` is empty",
        ),
        (
            "block = \"a#1\"\nanswer = [{ prompt = \"p\", typ = \"y\" }]\n",
            "unknown field `typ`",
        ),
        (
            "block = \"a#1\"\nplaceholders = { \"<A>\" = { from = \"b\" } }\n",
            "no step before this one is called \"b\"",
        ),
        (
            "block = \"a#1\"\nplaceholders = { \"<A>\" = { form = \"b\" } }\n",
            "unknown field `form`",
        ),
        (
            "block = \"a#1\"\nplaceholders = { \"<A>\" = 3 }\n",
            "a text, or `{ from = \"a step's name\" }`",
        ),
        (
            "block = \"a#1\"\nexpect = { error = \"e\", text = \"t\" }\n",
            "`error` cannot stand beside",
        ),
        (
            "run = \"az\"\nwhy = \"w\"\n[[step.correction]]\nfind = \"a\"\nreplace = \"b\"\nwhy = \"c\"\n",
            "there is nothing of the article to correct in this step",
        ),
    ] {
        let error = wrong(&format!("[[step]]\nname = \"a\"\n{step}"));
        assert!(error.contains(message), "{step}: {error}");
        assert!(error.starts_with("scenarios/s.toml:"), "{error}");
    }
    for (lines, message) in [
        ("[[prepare]]\nrun = \"az\"\n", "missing field `why`"),
        ("[[prepare]]\nwhy = \"\"\nrun = \"az\"\n", "`why` is empty"),
        (
            "[[prepare]]\nwhy = \"w\"\nrun = \"az\"\nkeep = [\"$X\"]\n",
            "6:9: `$X` is not a variable's name",
        ),
        (
            "[[prepare]]\nwhy = \"w\"\n",
            "4:7: the preparation has no commands",
        ),
        (
            "[[prepare]]\nwhy = \"w\"\nrun = \"a\"\nfile = \"b\"\n",
            "6:8: a preparation has either `run` or `file`",
        ),
        (
            "requires = [\"abacus\"]\n",
            "`abacus` is nothing that can be required",
        ),
        (
            "[placeholders]\n\"<A>\" = { from = \"z\" }\n",
            "no step before this one is called \"z\"",
        ),
    ] {
        let error = wrong(&format!("{lines}{BLOCK}"));
        assert!(error.contains(message), "{lines}: {error}");
    }
}

#[test]
fn a_placeholder_that_the_article_no_longer_has_is_stale() {
    let stale = unfit(&format!("[placeholders]\n\"<NAMES>\" = \"x\"\n{BLOCK}"));
    assert!(
        stale.starts_with(
            "scenarios/s.toml:4:13: stale placeholder: no block that is used has `<NAMES>`"
        ),
        "{stale}"
    );
    let of_step = unfit(&format!("{BLOCK}placeholders = {{ \"<X>\" = \"y\" }}\n"));
    assert!(
        of_step.contains("step \"a\": stale placeholder: its block has no `<X>`"),
        "{of_step}"
    );
    // What a step says for itself leaves nothing for what is said for all.
    let hidden = unfit(&format!(
        "[placeholders]\n\"<NAME>\" = \"x\"\n{BLOCK}placeholders = {{ \"<NAME>\" = \"y\" }}\n"
    ));
    assert!(hidden.contains("stale placeholder: no block"), "{hidden}");
}

#[test]
fn placeholders_are_filled_in_for_all_or_for_one() {
    let walk = resolve(&format!(
        "[placeholders]\n\"<NAME>\" = \"x\"\n{BLOCK}[[step]]\nname = \"b\"\nblock = \"commands#1\"\n\
         placeholders = {{ \"<NAME>\" = {{ from = \"a\", json = \"/id\", as = \"'{{}}'\" }} }}\n"
    ))
    .unwrap();
    let values: Vec<_> = walk
        .steps
        .iter()
        .map(|step| {
            step.placeholders
                .iter()
                .map(|p| p.value.clone())
                .collect::<Vec<_>>()
        })
        .collect();
    let printed = PlaceholderValue::Printed {
        step: "a".into(),
        pointer: Some("/id".into()),
        form: "'{}'".into(),
    };
    assert_eq!(
        values,
        [vec![PlaceholderValue::Text("x".into())], vec![printed]]
    );
    assert!(walk.steps[0].corrections.is_empty());
}

#[test]
fn preparation_is_kept_apart() {
    let walk = resolve(&format!(
        "[[prepare]]\nwhy = \"A registry.\"\nkeep = [\"RG\"]\nrun = '''\naz x\n\naz y'''\n\
         [placeholders]\n\"<NAME>\" = \"x\"\n{BLOCK}"
    ))
    .unwrap();
    assert_eq!(walk.steps.len(), 1);
    let [preparation] = walk.preparations.as_slice() else {
        panic!("not one")
    };
    let lines: Vec<_> = preparation
        .lines
        .iter()
        .map(|line| (line.text.as_str(), line.position.line))
        .collect();
    assert_eq!(lines, [("az x", 7), ("", 8), ("az y", 9)]);
    assert_eq!(preparation.keep, ["RG"]);
}

#[test]
fn scenarios_may_share_a_preparation() {
    let prepare = |file: &str| {
        format!(
            "[placeholders]\n\"<NAME>\" = \"x\"\n[[prepare]]\nwhy = \"w\"\nfile = \"{file}\"\n{BLOCK}"
        )
    };
    let missing = unfit(&prepare("files/none.bash"));
    assert!(
        missing.contains("7:8: there is no file scenarios/files/none.bash"),
        "{missing}"
    );
    let walk = resolve(&prepare("files/b.json")).unwrap();
    let line = &walk.preparations[0].lines[0];
    assert_eq!(line.text, "{}");
    assert_eq!(line.position.to_string(), "scenarios/files/b.json:1:1");
}

#[test]
fn instructions_are_followed_in_their_order() {
    let step = |name: &str, manual: &str| {
        format!(
            "[[step]]\nname = \"{name}\"\nmanual = \"{manual}\"\nsame-as = \"az b\"\n\
             proof = {{ run = \"az c\", expect = {{ text = \"t\" }} }}\n"
        )
    };
    let missing = unfit(&step("a", "portal#5"));
    assert!(
        missing.contains("`portal` has no numbered instruction 5 on this path"),
        "{missing}"
    );
    assert!(
        missing.contains("2 (line 6: Select *Create*.)"),
        "{missing}"
    );
    let unknown = unfit(&step("a", "portall#1"));
    assert!(unknown.contains("did you mean `portal`?"), "{unknown}");
    let back = unfit(&(step("a", "portal#2") + &step("b", "portal#1")));
    assert!(
        back.contains("instruction 1 of `portal` comes before the last one"),
        "{back}"
    );
    let twice = unfit(&(step("a", "portal#1-2") + &step("b", "portal#2-3")));
    assert!(twice.contains("instruction 2 of `portal`"), "{twice}");

    let walk = resolve(&(step("a", "portal#1-2") + &step("b", "portal#4"))).unwrap();
    let first = &walk.steps[0];
    assert_eq!((first.kind, first.position.line), (StepKind::Manual, 5));
    assert_eq!(first.script.text(), "az b\n");
    assert!(first.script.lines[0].position.file.ends_with("s.toml"));
    let notes: Vec<_> = first
        .notes
        .iter()
        .map(|note| (note.about, note.text.as_str()))
        .collect();
    assert_eq!(
        notes,
        [
            (NoteKind::Instruction, "1. Go **home**."),
            (NoteKind::Instruction, "2. Select *Create*."),
            (NoteKind::DoneBy, "az b"),
            (NoteKind::Proof, "az c"),
        ]
    );
    let coverage = walk.coverage(&|_| true);
    assert_eq!(coverage.instructions, 3);
    let left: Vec<u32> = coverage
        .instructions_left
        .iter()
        .map(|at| at.line)
        .collect();
    assert_eq!(left, [12]);
    assert_eq!(walk.coverage(&|step| step == 1).instructions, 1);
}

#[test]
fn a_command_of_the_scenarios_own_is_no_block() {
    let walk = resolve(
        "[[step]]\nname = \"a\"\nwhy = \"it says to deploy\"\nrun = \"az container exec --exec-command bash\"\n\
         [[step]]\nname = \"b\"\nwhy = \"w\"\nrun = \"exit 3\"\nin = \"container\"\nexpect = { error = \"no\" }\n",
    )
    .unwrap();
    assert_eq!(walk.steps[0].kind, StepKind::Added);
    assert_eq!(walk.steps[0].elsewhere, Elsewhere::Opens);
    assert_eq!(
        walk.steps[0].notes[0].why.as_deref(),
        Some("it says to deploy")
    );
    assert_eq!(walk.steps[0].position.to_string(), "scenarios/s.toml:6:8");
    assert!(matches!(
        walk.steps[1].expectations[0],
        Expectation::Error { .. }
    ));
    assert_eq!(walk.coverage(&|_| true).run, 0);
}

#[test]
fn a_fragment_is_put_where_the_mark_is() {
    let file = |into: &str| {
        format!(
            "[[step]]\nname = \"a\"\nblock = \"template#1\"\nfile = \"x/app.json\"\ninto = \"{into}\"\n\
             [[step.correction]]\nfind = \"\\n...\"\nreplace = \"\"\nwhy = \"w\"\n"
        )
    };
    let missing = unfit(&file("files/none.json"));
    assert!(
        missing.contains("9:8: ") || missing.contains("there is no file scenarios/files/none.json"),
        "{missing}"
    );
    let unmarked = unfit(&file("files/b.json"));
    assert!(
        unmarked.contains("scenarios/files/b.json has no `{{block}}`"),
        "{unmarked}"
    );
    let walk = resolve(&file("files/a.json")).unwrap();
    let step = &walk.steps[0];
    assert_eq!(
        (step.kind, step.elsewhere),
        (StepKind::File, Elsewhere::Here)
    );
    let written = step.file.as_ref().unwrap();
    let content = written.content(&step.script);
    assert_eq!(
        content,
        "{\n  \"identity\": {\n    \"type\": \"None\"\n  },\n  \"x\": 1\n}\n"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&content).is_ok());
    // As published the fragment keeps its dots.
    let published = walk.as_published();
    assert!(written.content(&published.steps[0].script).contains("...,"));
    assert_eq!(walk.coverage(&|_| true).run, 1);
}

#[test]
fn other_languages_say_what_they_need() {
    let block = |number: usize, more: &str| {
        format!("[[step]]\nname = \"a\"\nblock = \"commands#{number}\"\n{more}")
    };
    let pwsh = unfit(&block(2, ""));
    assert!(pwsh.contains("`commands#2` is PowerShell"), "{pwsh}");
    assert!(pwsh.contains("requires = [\"pwsh\"]"), "{pwsh}");
    let python = unfit(&block(4, ""));
    assert!(
        python.contains("a block without a language, which nobody can run"),
        "{python}"
    );

    let walk = resolve(&block(2, "requires = [\"pwsh\"]\n")).unwrap();
    assert_eq!(walk.steps[0].shell, ShellKind::PowerShell);
    assert_eq!(walk.steps[0].requires, [Requirement::Pwsh]);
    assert!(walk.checked.is_some());
    assert!(resolve(&format!("requires = [\"pwsh\"]\n{}", block(2, ""))).is_ok());
    let walk = resolve(&block(3, "")).unwrap();
    assert_eq!(walk.steps[0].shell, ShellKind::Cmd);
    assert!(walk.checked.is_none());
    let walk = resolve(&block(4, "program = \"python3\"\nthen = \"print(1)\"\n")).unwrap();
    assert_eq!(walk.steps[0].shell, ShellKind::Python);
    assert_eq!(walk.steps[0].then[0].text, "print(1)");
    assert_eq!(walk.steps[0].notes[0].about, NoteKind::Added);
}

#[test]
fn what_is_not_run_is_checked_with_and_without_its_corrections() {
    let article = "# A\n\n## B\n\n```powershell\n$a-b = 1\n```\n";
    let article = Article::parse("a.md", article, &|_| None);
    let file = text(
        "requires = [\"pwsh\"]\n[[step]]\nname = \"a\"\nblock = \"b#1\"\n[[step.correction]]\n\
         find = \"$a-b\"\nreplace = \"$ab\"\nwhy = \"w\"\n",
    );
    let file = ScenarioFile::parse("s.toml", &file).unwrap();
    let checked = file.resolve(&article).unwrap().checked.unwrap();
    let rules: Vec<_> = checked
        .published
        .iter()
        .map(|one| one.rule.as_str())
        .collect();
    assert!(rules.contains(&"invalid-variable-name"), "{rules:?}");
    let left: Vec<_> = checked
        .corrected
        .iter()
        .map(|one| one.rule.as_str())
        .collect();
    assert!(!left.contains(&"invalid-variable-name"), "{left:?}");
}
