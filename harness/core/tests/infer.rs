//! What is inferred of articles that have no scenario.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "a test ends where something is missing"
)]

use docproof_core::event::NoteKind;
use docproof_core::infer::{Chosen, Inferred, Settings, Subject, infer, update, ways};
use docproof_core::markdown::Article;
use docproof_core::scenario::{Elsewhere, Walkthrough};

fn article(text: &str) -> Article {
    Article::parse("docs/a.md", text, &|_| None)
}

fn inferred_with(article: &Article, chosen: &Chosen, settings: &mut Settings) -> Vec<Inferred> {
    let subject = Subject {
        article,
        id: "a",
        named: "docs/a.md",
    };
    let ways = ways(article, chosen).unwrap();
    ways.iter()
        .map(|way| infer(subject, way, settings))
        .collect()
}

fn inferred(text: &str) -> Vec<Inferred> {
    inferred_with(&article(text), &Chosen::default(), &mut Settings::default())
}

/// The one way through an article.
fn walkthrough(text: &str) -> Walkthrough {
    let article = article(text);
    let all = inferred_with(&article, &Chosen::default(), &mut Settings::default());
    assert_eq!(all.len(), 1);
    let walkthrough = all[0].walkthrough(&article);
    let walkthrough = walkthrough.map_err(|errors| format!("{errors:?}\n{}", all[0].text));
    walkthrough.unwrap()
}

fn guesses(walkthrough: &Walkthrough) -> Vec<(u32, String)> {
    let notes = walkthrough.steps.iter().flat_map(|step| &step.notes);
    let guesses = notes.filter(|note| note.about == NoteKind::Guessed);
    guesses
        .map(|note| (note.position.as_ref().unwrap().line, note.text.clone()))
        .collect()
}

/// What is made ready, a line each.
fn prepared(walkthrough: &Walkthrough) -> Vec<String> {
    let all = walkthrough.preparations.iter();
    all.map(|one| one.lines[0].text.clone()).collect()
}

fn names(walkthrough: &Walkthrough) -> Vec<&str> {
    walkthrough
        .steps
        .iter()
        .map(|step| step.name.as_str())
        .collect()
}

fn fence(language: &str, code: &str) -> String {
    format!("```{language}\n{code}\n```\n\n")
}

fn az(code: &str) -> String {
    fence("azurecli", code)
}

#[test]
fn what_nobody_types_is_no_step() {
    let text = "# T\n\n".to_owned()
        + &az("# only a comment")
        + &fence("json", "{ \"a\": 1 }")
        + &fence("python", "print(1)");
    let all = inferred(&text);
    assert_eq!(all.len(), 1);
    assert!(all[0].text.is_empty());
    let reason = all[0].nothing.clone().unwrap();
    assert!(reason.contains("does anything"), "{reason}");
    let walkthrough = all[0].walkthrough(&article(&text)).unwrap();
    assert!(walkthrough.steps.is_empty() && walkthrough.nothing.is_some());
}

#[test]
fn what_is_taken_for_granted_is_made_and_what_the_article_makes_is_not() {
    let text = "# T\n\n".to_owned()
        + &az("az group create --name rg --location westus")
        + &az("az keyvault show --name kv1 --resource-group other")
        + &az("az keyvault show --name kv1 --resource-group other");
    let walkthrough = walkthrough(&text);
    assert_eq!(
        prepared(&walkthrough),
        [
            "az group create --name other --location westus --output none",
            "az keyvault create --name kv1 --resource-group other --location westus --output none"
        ]
    );
    let guesses = guesses(&walkthrough);
    assert!(guesses.iter().all(|(line, _)| *line == 8), "{guesses:?}");
}

#[test]
fn a_placeholder_gets_a_name_that_its_command_takes() {
    let text = "# T\n\n".to_owned()
        + &az("VAULT=\"<key-vault-name>\"\nLOCATION=<YOUR_LOCATION>")
        + &az("az keyvault create --name $VAULT --resource-group <group> --location $LOCATION")
        + &az("az role assignment create --assignee <object-id> --role Reader --scope <vault-id>");
    let walkthrough = walkthrough(&text);
    let values: Vec<String> = guesses(&walkthrough)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    for wanted in [
        "`<key-vault-name>` is `my-key-vault`",
        "`<YOUR_LOCATION>` is `eastus`",
        "`<group>` is `my-resource-group`",
        "`<object-id>` is `$(az ad signed-in-user show --query id --output tsv)`",
    ] {
        assert!(
            values.iter().any(|value| value == wanted),
            "{wanted}: {values:#?}"
        );
    }
}

#[test]
fn what_the_reader_says_goes_before_what_is_inferred() {
    let text = "# T\n\n".to_owned() + &az("az group create --name <my-group> --location <place>");
    let article = article(&text);
    let given = [("my-group", "mine"), ("nothing", "x")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut settings = Settings::new(given);
    let all = inferred_with(&article, &Chosen::default(), &mut settings);
    assert!(
        all[0].text.contains("\"<my-group>\" = \"mine\""),
        "{}",
        all[0].text
    );
    assert_eq!(settings.unused().collect::<Vec<_>>(), ["nothing"]);
}

#[test]
fn a_variable_that_the_article_forgets_is_left_to_fail() {
    let text = "# T\n\n".to_owned()
        + &az("RESOURCE_GROUP=rg\naz group create --name $RESOURCE_GROUP --location eastus")
        + &az("az identity create --resource-group $RESOURCE_GROUP --name i")
        + &az("az identity show --resource-group $RESOURCE_NAME --name i");
    assert_eq!(prepared(&walkthrough(&text)), Vec::<String>::new());
}

#[test]
fn a_variable_that_a_missing_include_sets_is_set() {
    let text = "# T\n\n".to_owned()
        + "[!INCLUDE [steps](includes/create-identity-steps.md)]\n\n"
        + &az("az group create --name rg --location eastus")
        + &az(
            "az container create --name c --resource-group rg --image i --assign-identity $resourceID",
        );
    let walkthrough = walkthrough(&text);
    let kept: Vec<&str> = walkthrough
        .preparations
        .iter()
        .flat_map(|one| one.keep.iter().map(String::as_str))
        .collect();
    assert_eq!(kept, ["resourceID"]);
    assert!(
        prepared(&walkthrough)
            .iter()
            .any(|run| run.starts_with("az identity create"))
    );
}

#[test]
fn a_shell_in_a_container_lasts_as_long_as_its_section() {
    let text = "# T\n\n## In\n\n".to_owned()
        + &az("az container exec --name c --resource-group rg --exec-command /bin/bash")
        + &fence("bash", "curl http://169.254.169.254/")
        + "## Out\n\n"
        + &az("az container show --name c --resource-group rg");
    let walkthrough = walkthrough(&text);
    let places: Vec<Elsewhere> = walkthrough
        .steps
        .iter()
        .map(|step| step.elsewhere)
        .collect();
    assert_eq!(
        places,
        [Elsewhere::Opens, Elsewhere::Inside, Elsewhere::Here]
    );
}

#[test]
fn what_a_machine_lacks_is_required_and_what_hangs_on_it_is_told() {
    let text = "# T\n\n".to_owned()
        + &fence("console", "mkdir chart\nhelm create chart")
        + &fence("console", "cd chart\nrm -rf templates")
        + &az("az group create --name rg --location eastus")
        + &az("az acr create --name myregistry --resource-group rg --sku Basic")
        + &az("az acr login --name myregistry");
    let walkthrough = walkthrough(&text);
    let requires: Vec<Vec<&str>> = walkthrough
        .steps
        .iter()
        .map(|step| step.requires.iter().map(|one| one.name()).collect())
        .collect();
    assert_eq!(
        requires,
        [vec!["helm"], vec![], vec![], vec![], vec!["docker"]]
    );
    assert_eq!(
        walkthrough.steps[1].needs,
        [walkthrough.steps[0].name.clone()]
    );
}

#[test]
fn what_goes_on_for_ever_or_reads_a_file_of_the_readers_is_not_run() {
    let text = "# T\n\n".to_owned()
        + &az("az group create --name rg --location eastus")
        + &az("az container attach --name c --resource-group rg")
        + &az("az containerapp logs show --name a --resource-group rg --follow")
        + &az("az role assignment update --role-assignment \"./path/x.json\"")
        + &az("az vm create ...");
    let walkthrough = walkthrough(&text);
    let skipped: Vec<bool> = walkthrough
        .steps
        .iter()
        .map(|step| step.skip.is_some())
        .collect();
    assert_eq!(skipped, [false, true, true, true, true]);
    assert!(prepared(&walkthrough).is_empty());
}

#[test]
fn what_the_article_has_its_reader_write_is_written() {
    let text = "# T\n\nCreate a file named `group.yaml` and paste this:\n\n".to_owned()
        + &fence("yaml", "location: eastus")
        + &az("az container create --resource-group rg --file group.yaml");
    let walkthrough = walkthrough(&text);
    assert_eq!(
        names(&walkthrough),
        ["write group.yaml", "create the container group"]
    );
    assert_eq!(
        walkthrough.steps[0].file.as_ref().unwrap().path,
        "group.yaml"
    );
}

#[test]
fn an_image_that_only_the_articles_registry_can_hold_is_pushed_when_it_is_needed() {
    let text = "# T\n\n".to_owned()
        + &az("az group create --name rg --location eastus")
        + &az("az acr create --name myregistry --resource-group rg --sku Basic")
        + &az("az acr repository show-tags --name myregistry --repository hello")
        + &fence("output", "[\n  \"v1\"\n]");
    let walkthrough = walkthrough(&text);
    let own = &walkthrough.steps[2];
    assert_eq!(own.name, "make the image hello in myregistry");
    assert!(
        own.script
            .text()
            .contains("registry=myregistry repository=hello")
    );
    assert!(prepared(&walkthrough).is_empty());
}

#[test]
fn examples_and_sections_that_clean_up_are_walkthroughs_of_their_own() {
    let step = az("az group create --name rg --location eastus");
    let text = "# T\n\n".to_owned()
        + &step
        + "## Example 1: a\n\n"
        + &step
        + "## Example 2: b\n\n"
        + &step
        + &step;
    let counts = |all: &[Inferred]| -> Vec<(String, usize)> {
        let steps = |one: &Inferred| one.text.matches("[[step]]").count();
        all.iter().map(|one| (one.id.clone(), steps(one))).collect()
    };
    let wanted = [("a-example-1".to_owned(), 2), ("a-example-2".to_owned(), 3)];
    assert_eq!(counts(&inferred(&text)), wanted);
    let clean = "### Clean up\n\n".to_owned() + &az("az group delete --name rg");
    let text = format!("# T\n\n## One way\n\n{step}{clean}## Other way\n\n{step}{clean}");
    assert_eq!(inferred(&text).len(), 2);
    // A section that is chosen is one walkthrough.
    let chosen = Chosen {
        sections: vec!["One way".into()],
        ..Chosen::default()
    };
    let all = inferred_with(&article(&text), &chosen, &mut Settings::default());
    assert_eq!(counts(&all), [("a".to_owned(), 2)]);
}

#[test]
fn a_choice_that_the_article_does_not_have_is_told_with_what_it_has() {
    let text = "# T\n\n# [Bash](#tab/bash)\n\n".to_owned() + &az("az login") + "---\n";
    let article = article(&text);
    for (chosen, message) in [
        (
            Chosen {
                tabs: vec!["bahs".into()],
                ..Chosen::default()
            },
            "no tab `bahs`",
        ),
        (
            Chosen {
                pivot: Some("x".into()),
                ..Chosen::default()
            },
            "no pivot `x`",
        ),
        (
            Chosen {
                sections: vec!["x".into()],
                ..Chosen::default()
            },
            "no section `x`",
        ),
    ] {
        let error = ways(&article, &chosen).unwrap_err();
        assert!(
            error.message.contains(message) && error.help.is_some(),
            "{error:?}"
        );
    }
}

#[test]
fn a_question_may_come_and_is_answered() {
    let text = "# T\n\n".to_owned()
        + &az("az group create --name rg --location eastus")
        + &az("az group delete --name rg")
        + &az("az group delete --name rg --yes");
    let walkthrough = walkthrough(&text);
    let asks: Vec<usize> = walkthrough
        .steps
        .iter()
        .map(|step| step.answers.len())
        .collect();
    assert_eq!(asks, [0, 1, 0]);
    assert!(walkthrough.steps[1].answers[0].optional);
}

#[test]
fn a_walkthrough_of_powershell_requires_it_and_prepares_nothing() {
    let text = "# T\n\n".to_owned()
        + &fence(
            "azurepowershell",
            "New-AzResourceGroup -Name rg -Location eastus",
        )
        + &fence("azurepowershell", "$x = 'a'");
    let walkthrough = walkthrough(&text);
    assert_eq!(walkthrough.requires.len(), 1);
    assert!(walkthrough.preparations.is_empty());
}

#[test]
fn an_update_keeps_what_people_wrote() {
    let old = "# T\n\n".to_owned()
        + &az("az group create --name rg --location eastus")
        + &az("az keyvault show --name kv1 --resource-group rg")
        + &az("az identity list");
    let new = "# T\n\n".to_owned()
        + &az("az account show")
        + &az("az group create --name rg --location eastus")
        + &az("az keyvault show --name kv1 --resource-group rg");
    let of = |text: &str| inferred(text).remove(0).text;
    let mine = of(&old)
        .replace(
            "name  = \"create the resource group\"",
            "name  = \"make a group\"",
        )
        .replace(
            "block = \"t#2\"",
            "# by hand\nexpect = { json = { \"/name\" = \"kv1\" } }\nblock = \"t#2\"",
        );
    let own =
        "\n[[step]]\nname = \"my own\"\nwhy = \"to see\"\nrun = '''\n[[ -n x ]]\n'''\n\n[[step]]\n";
    let at = mine.rfind("\n[[step]]\n").unwrap();
    let mine = format!("{}{own}{}", &mine[..at], &mine[at + "\n[[step]]\n".len()..]);
    let updated = update(&mine, &of(&new), &article(&new));
    let text = &updated.text;
    for kept in [
        "make a group",
        "# by hand",
        "my own",
        "[[ -n x ]]",
        "\"t#3\"",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(
        text.contains("show the account") && !text.contains("az identity list"),
        "{text}"
    );
    assert!(
        docproof_core::scenario::ScenarioFile::parse("scenarios/a.toml", text).is_ok(),
        "{text}"
    );
    assert!(
        updated
            .changes
            .iter()
            .any(|change| change.contains("moved")),
        "{:?}",
        updated.changes
    );
    // Nothing more to do.
    assert_eq!(
        update(text, &of(&new), &article(&new)).changes,
        Vec::<String>::new()
    );
}

#[test]
fn names_that_an_update_adds_tell_steps_apart() {
    let of = |text: &str| inferred(text).remove(0).text;
    let shows = az("az keyvault show --name kv1 --resource-group rg");
    let old = of(&("# T\n\n## B\n\n".to_owned() + &az("az identity list") + &shows));
    let needs = "needs = [\"list the identities\"] # by hand\n";
    let new = "# T\n\n## A\n\n".to_owned() + &shows + "## B\n\n" + &shows;
    let updated = update(&format!("{old}{needs}"), &of(&new), &article(&new));
    let scenario = docproof_core::scenario::ScenarioFile::parse("scenarios/a.toml", &updated.text);
    let steps = scenario.unwrap().steps;
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["show the key vault (2)", "show the key vault"]);
    let told = |change: &String| change.contains("no longer needs \"list the identities\"");
    assert!(updated.changes.iter().any(told), "{:?}", updated.changes);
}

#[test]
fn what_is_written_is_what_is_run() {
    let text = "# T \"quoted\" \\ and more\n\n".to_owned()
        + &az("az group create --name \"<a group>\" --location eastus\necho 'x'\n")
        + &az("az acr repository list --name myregistry");
    let article = article(&text);
    let all = inferred_with(&article, &Chosen::default(), &mut Settings::default());
    let file = docproof_core::scenario::ScenarioFile::parse("scenarios/a.toml", &all[0].text);
    let written = file.unwrap().resolve(&article).unwrap();
    let run = all[0].walkthrough(&article).unwrap();
    assert_eq!(names(&written), names(&run));
    assert_eq!(guesses(&written), guesses(&run));
    let commands = |walkthrough: &Walkthrough| prepared(walkthrough);
    assert_eq!(commands(&written), commands(&run));
}

#[test]
fn a_step_is_called_after_what_its_command_does() {
    for (command, name) in [
        ("az version", "show the version of az"),
        (
            "az acr repository show-tags --name r --repository i",
            "list the repository's tags",
        ),
        (
            "az keyvault secret list-versions --vault-name v --name s",
            "list the secret's versions",
        ),
        ("az keyvault list-deleted", "list deleted key vaults"),
        ("az login", "sign in"),
    ] {
        let text = format!("# A\n\n## B\n\n```azurecli\n{command}\n```\n");
        assert_eq!(names(&walkthrough(&text)), [name]);
    }
}

#[test]
fn the_shell_of_a_container_is_left_for_another_one_and_for_no_file() {
    let exec = az("az container exec --name c --resource-group g --exec-command /bin/bash");
    let elsewhere = |text: &str| -> Vec<Elsewhere> {
        let steps = walkthrough(text).steps;
        steps.iter().map(|step| step.elsewhere).collect()
    };
    let text = "# T\n\n".to_owned() + &exec + &fence("azurepowershell", "Get-Date") + &az("ls");
    let left = [Elsewhere::Opens, Elsewhere::Here, Elsewhere::Here];
    assert_eq!(elsewhere(&text), left);
    let listing = "Create `app.yaml`:\n\n".to_owned() + &fence("yaml", "a: 1");
    let text = "# T\n\n".to_owned() + &exec + &listing + &az("cat app.yaml");
    let written = [Elsewhere::Here, Elsewhere::Opens, Elsewhere::Inside];
    assert_eq!(elsewhere(&text), written);
}
