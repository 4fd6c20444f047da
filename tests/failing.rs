//! The harness is proved to fail: walkthroughs that are broken on purpose, each told where it
//! breaks. With the real `az`, on the embedded target.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::panic, reason = "a test that fails panics")]

mod common;

use docproof_core::event::{AppliedCorrection, Event, Failure, Outcome, RequestLine, StepOutcome};
use docproof_core::markdown::Article;
use docproof_core::scenario::{ScenarioFile, Walkthrough};
use docproof_emulator::Clock;
use docproof_run::runner;
use docproof_run::target::Embedded;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

fn main() -> ExitCode {
    common::main(&[
        (
            "without_the_policy_the_read_is_forbidden",
            without_the_policy,
        ),
        ("another_secret_value_is_told", another_secret_value),
        ("a_field_of_another_name_is_told", another_field),
        (
            "an_identity_that_is_not_assigned_gets_no_token",
            no_identity,
        ),
        ("an_expired_token_is_refused", expired_token),
        (
            "an_app_whose_identity_was_removed_gets_no_token",
            removed_identity,
        ),
        ("an_app_with_a_wrong_header_gets_no_token", wrong_header),
        (
            "an_app_without_the_policy_reads_nothing",
            app_without_policy,
        ),
        ("two_groups_get_tokens_of_their_own_identities", two_groups),
        (
            "what_is_not_emulated_is_not_blamed_on_the_article",
            not_emulated,
        ),
        (
            "as_published_every_command_that_fails_is_told_at_its_line",
            as_published,
        ),
        (
            "a_correction_that_is_not_needed_fails_as_published",
            not_needed,
        ),
        (
            "a_preparation_that_fails_is_not_the_articles_failure",
            failing_preparation,
        ),
        (
            "what_a_preparation_sets_is_gone_unless_it_is_kept",
            kept_variables,
        ),
        (
            "a_placeholder_without_a_value_fails_its_step",
            not_filled_in,
        ),
        (
            "what_cannot_be_translated_is_neither_passed_nor_failed",
            not_translated,
        ),
        (
            "python_without_the_policy_fails_at_its_line",
            python_without_policy,
        ),
        (
            "what_no_correction_mends_ends_the_run_as_published",
            not_mended,
        ),
    ])
}

/// A scenario and its article as they are in this repository, to be broken.
struct Broken {
    scenario: String,
    article: String,
}

impl Broken {
    fn of(id: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |path: String| std::fs::read_to_string(root.join(path)).unwrap();
        let scenario = read(format!("scenarios/{id}.toml"));
        let table: toml::Table = scenario.parse().unwrap();
        let slug = table["article"].as_str().unwrap();
        Self {
            article: read(format!("docs-snapshots/{slug}/article.md")),
            scenario,
        }
    }

    /// Changes the scenario; what is to be changed must be there.
    fn scenario(mut self, from: &str, to: &str) -> Self {
        assert!(self.scenario.contains(from), "the scenario has no {from:?}");
        self.scenario = self.scenario.replace(from, to);
        self
    }

    /// Puts commands of the test's own before a step.
    fn before(mut self, step: &str, run: &str) -> Self {
        let name = self.scenario.find(&format!("\"{step}\"")).unwrap();
        let start = self.scenario[..name].rfind("[[step]]\n").unwrap();
        let text = format!("[[step]]\nname = \"broken\"\nwhy = \"a test\"\nrun = '{run}'\n\n");
        self.scenario.insert_str(start, &text);
        self
    }

    /// Changes the article; what is to be changed must be there.
    fn article(mut self, from: &str, to: &str) -> Self {
        assert!(self.article.contains(from), "the article has no {from:?}");
        self.article = self.article.replace(from, to);
        self
    }

    /// Leaves a step out.
    fn without_step(mut self, name: &str) -> Self {
        let steps = self.scenario.split("[[step]]\n");
        let kept: Vec<_> = steps
            .filter(|step| !step.contains(&format!("\"{name}\"")))
            .collect();
        assert_eq!(
            kept.len() + 1,
            self.scenario.split("[[step]]\n").count(),
            "no step {name:?}"
        );
        self.scenario = kept.join("[[step]]\n");
        self
    }

    /// Adds a correction to a step.
    fn correction(mut self, step: &str, correction: &str) -> Self {
        let name = self.scenario.find(&format!("\"{step}\"")).unwrap();
        let rest = self.scenario[name..].find("[[step]]\n");
        let end = rest.map_or(self.scenario.len(), |end| name + end);
        let text = format!("[[step.correction]]\nwhy = \"a test\"\n{correction}\n");
        self.scenario.insert_str(end, &text);
        self
    }

    fn walkthrough(&self) -> Walkthrough {
        let scenario = ScenarioFile::parse("scenarios/broken.toml", &self.scenario).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = format!("docs-snapshots/{}/includes", scenario.article);
        let include = |target: &str| {
            let name = target.rsplit('/').next().unwrap_or_default();
            let text = std::fs::read_to_string(root.join(&folder).join(name)).ok()?;
            Some((format!("includes/{name}"), text))
        };
        let article = Article::parse("article.md", &self.article, &include);
        scenario.resolve(&article).unwrap()
    }

    fn run(&self) -> Ended {
        run(&self.walkthrough(), false, target(), &mut |_| {})
    }

    fn run_as_published(&self) -> Ended {
        run(&self.walkthrough(), true, target(), &mut |_| {})
    }
}

/// How a walkthrough ended: its outcome, and the last step that did not pass.
struct Ended {
    outcome: Outcome,
    step: String,
    /// The line of that step's block.
    line: u32,
    requests: Vec<RequestLine>,
    failure: Option<Failure>,
    /// All failures, as the verdict has them.
    failures: Vec<Failure>,
    /// The lines of the corrections that mended each step that was run again.
    mended_by: Vec<Vec<u32>>,
    not_needed: Vec<AppliedCorrection>,
    skipped: usize,
}

impl Ended {
    /// The failure, which must be in this step.
    fn failed_at(self, step: &str) -> Failure {
        let failure = self.failure.unwrap_or_else(|| panic!("nothing failed"));
        assert_eq!(self.outcome, Outcome::Failed, "{failure:?}");
        assert_eq!(self.step, step, "{failure:?}");
        failure
    }

    /// Line and error of each failure.
    fn told(&self) -> Vec<(u32, &str)> {
        let text = |failure: &Failure| match &failure.expected {
            Some(_) => "a sample",
            None => *["'--enable-rbac-authorization'", "(InvalidOsType)"]
                .iter()
                .find(|word| {
                    failure
                        .actual
                        .as_deref()
                        .unwrap_or_default()
                        .contains(**word)
                })
                .unwrap_or(&"something else"),
        };
        self.failures
            .iter()
            .map(|failure| (failure.position.line, text(failure)))
            .collect()
    }
}

fn target() -> &'static Embedded {
    static TARGET: OnceLock<Embedded> = OnceLock::new();
    TARGET.get_or_init(|| {
        common::preloaded()
            .unwrap()
            .with_sdk(common::sdk().unwrap())
    })
}

/// Runs a walkthrough; `after` is called with the name of each step that has ended.
fn run(
    walkthrough: &Walkthrough,
    as_published: bool,
    target: &Embedded,
    after: &mut (dyn FnMut(&str) + Send),
) -> Ended {
    let mut ended = Ended {
        outcome: Outcome::Passed,
        step: String::new(),
        line: 0,
        requests: Vec::new(),
        failure: None,
        failures: Vec::new(),
        mended_by: Vec::new(),
        not_needed: Vec::new(),
        skipped: 0,
    };
    let mut told_again = false;
    let mut sink = |event| match event {
        Event::StepAgain { .. } => told_again = true,
        Event::StepFinished {
            name,
            position,
            outcome,
            failure,
            requests,
            corrections,
            ..
        } => {
            after(&name);
            if std::mem::take(&mut told_again) {
                let lines = corrections
                    .iter()
                    .map(|correction| correction.position.line);
                ended.mended_by.push(lines.collect());
            }
            match outcome {
                StepOutcome::Passed | StepOutcome::NotRun => {}
                StepOutcome::Skipped => ended.skipped += 1,
                _ => {
                    (ended.step, ended.failure) = (name, failure);
                    (ended.line, ended.requests) = (position.line, requests);
                }
            }
        }
        Event::Verdict {
            failures,
            not_needed,
            ..
        } => (ended.failures, ended.not_needed) = (failures, not_needed),
        Event::Started { .. }
        | Event::Preparing { .. }
        | Event::Prepared { .. }
        | Event::StepStarted { .. }
        | Event::Coverage { .. } => {}
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcome = runtime.block_on(runner::run(walkthrough, target, as_published, &mut sink));
    runtime.shutdown_background();
    ended.outcome = outcome;
    ended
}

fn without_the_policy() {
    let broken = Broken::of("aci-user-assigned").without_step("let the identity read secrets");
    let failure = broken.run().failed_at("read the secret with the token");
    let actual = failure.actual.unwrap();
    assert!(
        actual.contains("does not have secrets get permission"),
        "{actual}"
    );
}

fn another_secret_value() {
    let broken = Broken::of("aci-user-assigned").article(
        "{\"value\":\"Hello Container Instances\"",
        "{\"value\":\"Hello Somebody\"",
    );
    let failure = broken.run().failed_at("read the secret with the token");
    assert!(
        failure
            .expected
            .unwrap()
            .contains("/value: \"Hello Somebody\"")
    );
    assert!(
        failure
            .actual
            .unwrap()
            .contains("/value: \"Hello Container Instances\"")
    );
}

fn another_field() {
    let broken = Broken::of("aci-user-assigned")
        .article("\"clientId\": \"00001111", "\"applicationId\": \"00001111");
    let failure = broken.run().failed_at("show the container group");
    assert!(failure.expected.unwrap().contains("applicationId"));
}

fn no_identity() {
    let broken = Broken::of("aci-user-assigned")
        .article("  --assign-identity $RESOURCE_ID \\\n", "")
        .without_step("show the container group");
    let failure = broken.run().failed_at("ask for an access token");
    assert!(failure.expected.unwrap().contains("/access_token"));
    let actual = failure.actual.unwrap();
    assert!(actual.contains("invalid_request"), "{actual}");
}

/// The container was told where to ask, and still runs: it is the endpoint that refuses.
fn removed_identity() {
    let remove = "az containerapp identity remove --resource-group $RESOURCE_GROUP \
        --name my-container-app --user-assigned $resourceID";
    let broken = Broken::of("aca-user-assigned").before("open a shell in the container", remove);
    let failure = broken.run().failed_at("ask for an access token");
    assert!(failure.expected.unwrap().contains("/access_token"));
    let actual = failure.actual.unwrap();
    let told = "No User Assigned or Delegated Managed Identity found for specified";
    assert!(actual.contains(told), "{actual}");
}

fn wrong_header() {
    let broken = Broken::of("aca-user-assigned").scenario(
        "X-IDENTITY-HEADER: $IDENTITY_HEADER",
        "X-IDENTITY-HEADER: guess",
    );
    let ended = broken.run();
    let answers = ended.requests.iter().map(|request| request.status);
    assert_eq!(answers.collect::<Vec<_>>(), [403]);
    ended.failed_at("ask for an access token");
}

fn app_without_policy() {
    let broken = Broken::of("aca-system-assigned").without_step("let the identity read secrets");
    let failure = broken.run().failed_at("read the secret");
    let actual = failure.actual.unwrap();
    assert!(
        actual.contains("does not have secrets get permission"),
        "{actual}"
    );
}

/// A reader who has a token at hand and comes back to the article two days later.
fn expired_token() {
    let clock = Arc::new(Clock::default());
    let target = Embedded::with_clock(common::az().unwrap(), Arc::clone(&clock));
    let walkthrough = Broken::of("aci-user-assigned").walkthrough();
    let mut after = |step: &str| {
        if step == "keep the access token" {
            clock.advance(2 * 24 * 3600);
        }
    };
    let ended = run(&walkthrough, false, &target, &mut after);
    let step = "read the secret with the token";
    assert_eq!(ended.line, 190, "{:?}", ended.failure);
    let answers = ended.requests.iter().map(|request| request.status);
    assert_eq!(answers.collect::<Vec<_>>(), [401]);
    assert_eq!(ended.requests[0].error.as_deref(), Some("Unauthorized"));
    let failure = ended.failed_at(step);
    assert_eq!(failure.position.file, "article.md");
    let actual = failure.actual.unwrap();
    assert!(actual.contains("[TokenExpired]"), "{actual}");
}

/// The vault's own correction mends `set-policy`: as published its creation is fine by itself.
fn as_published() {
    let ended = Broken::of("aci-user-assigned").run_as_published();
    assert_eq!(ended.outcome, Outcome::Failed);
    assert_eq!(
        ended.told(),
        [
            (109, "'--enable-rbac-authorization'"),
            (123, "(InvalidOsType)"),
            (144, "a sample"),
            (196, "a sample"),
        ]
    );
    assert_eq!(
        ended.mended_by,
        [vec![62], vec![128], vec![144, 148], vec![196]]
    );
    let policy = &ended.failures[0];
    let command = policy.command.as_deref().unwrap();
    assert!(command.starts_with("az keyvault set-policy"), "{command}");
    let told = "Cannot set policies to a vault with '--enable-rbac-authorization' specified";
    let actual = policy.actual.as_deref().unwrap();
    assert!(actual.contains(told), "{actual}");
    assert_eq!((ended.not_needed, ended.skipped), (Vec::new(), 0));

    // This one creates its container group before it sets the policy.
    let ended = Broken::of("aci-system-assigned").run_as_published();
    assert_eq!(ended.outcome, Outcome::Failed);
    assert_eq!(
        ended.told(),
        [
            (212, "(InvalidOsType)"),
            (255, "'--enable-rbac-authorization'")
        ]
    );
    assert_eq!(ended.mended_by, [[217], [62]]);
    assert_eq!((ended.not_needed, ended.skipped), (Vec::new(), 0));
}

/// A group, an identity in it, and what is shown of it.
fn small() -> Broken {
    Broken {
        scenario: "title = \"T\"\narticle = \"a\"\n\
            [[step]]\nname = \"group\"\nblock = \"b#1\"\n\
            [[step]]\nname = \"identity\"\nblock = \"b#2\"\n"
            .into(),
        article: "# A\n\n## B\n\n```bash\naz group create -n g -l eastus -o none\n```\n\n\
            ```bash\naz identity create -g g -n i -l eastus --query '{name: name, location: location}'\n\
            ```\n\n```output\n{\n  \"name\": \"i\",\n  \"location\": \"eastus\"\n}\n```\n"
            .into(),
    }
}

fn not_needed() {
    let scenario = small()
        .correction("group", "find = \"-o none\"\nreplace = \"-o json\"")
        .correction(
            "identity",
            "in = \"sample\"\nfind = '\"i\"'\nreplace = ' \"i\"'",
        );
    assert_eq!(scenario.run().outcome, Outcome::Passed);
    let ended = scenario.run_as_published();
    assert_eq!(ended.outcome, Outcome::Failed);
    assert_eq!(ended.told(), []);
    let lines: Vec<u32> = ended.not_needed.iter().map(|c| c.position.line).collect();
    assert_eq!(lines, [6, 15]);
    assert_eq!(small().run_as_published().outcome, Outcome::Passed);

    // Of two corrections of one sample the output needs one.
    let ended = small()
        .article("\"location\": \"eastus\"", "\"location\": \"westus\"")
        .correction(
            "identity",
            "in = \"sample\"\nfind = '\"i\"'\nreplace = ' \"i\"'",
        )
        .correction(
            "identity",
            "in = \"sample\"\nfind = 'westus'\nreplace = 'eastus'",
        )
        .run_as_published();
    assert_eq!(ended.told(), [(16, "a sample")]);
    let lines: Vec<u32> = ended.not_needed.iter().map(|c| c.position.line).collect();
    assert_eq!(lines, [15]);
}

/// The group's name is wrong in the identity's block, and the correction does not change that.
fn not_mended() {
    let ended = small()
        .article("-g g -n i", "-g other -n i")
        .correction("group", "find = \"-o none\"\nreplace = \"-o json\"")
        .correction("identity", "find = \"--query\"\nreplace = \" --query\"")
        .run_as_published();
    assert_eq!(ended.outcome, Outcome::Failed);
    assert_eq!(ended.told(), [(10, "something else")]);
    assert_eq!(ended.mended_by, Vec::<Vec<u32>>::new());
    let actual = ended.failures[0].actual.as_deref().unwrap();
    assert!(actual.contains("(ResourceGroupNotFound)"), "{actual}");
}

fn not_emulated() {
    let article = "# A\n\n## B\n\n```azurecli\naz vm list --resource-group one\n```\n";
    let scenario = "title = \"T\"\narticle = \"a\"\n[[step]]\nname = \"list\"\nblock = \"b#1\"\n";
    let ended = Broken {
        scenario: scenario.into(),
        article: article.into(),
    }
    .run();
    assert_eq!(ended.outcome, Outcome::NotEmulated);
    let message = ended.failure.unwrap().message;
    assert!(
        message.contains("Microsoft.Compute/virtualMachines"),
        "{message}"
    );
}

/// The samples bind each identity's principal; the token inside each group must name the same.
fn two_groups() {
    const STAND_INS: [&str; 2] = [
        "aaaaaaaa-bbbb-cccc-1111-222222222222",
        "bbbbbbbb-cccc-dddd-2222-333333333333",
    ];
    const CLAIMS: &str = "curl -s -H Metadata:true \
        'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01\
        &resource=https://vault.azure.net' | jq -r .access_token | cut -d. -f2 | tr '_-' '/+' | \
        sed 's/$/==/' | base64 -d 2>/dev/null | jq '{oid}'";
    let article = |inside: [&str; 2]| {
        let mut text =
            String::from("# A\n\n## B\n\n```bash\naz group create -n g -l eastus\n```\n");
        for (number, stand_in) in (1..).zip(STAND_INS) {
            text += &format!(
                "\n```bash\naz identity create -g g -n id{number} --query '{{oid: principalId}}'\n\
                 ```\n\n```output\n{{\"oid\": \"{stand_in}\"}}\n```\n\n```bash\n\
                 az container create -g g -n c{number} --image mcr.microsoft.com/azure-cli \
                 --assign-identity $(az identity show -g g -n id{number} --query id -o tsv) \
                 --os-type Linux --cpu 1 --memory 1 --command-line 'tail -f /dev/null' -o none\n```\n"
            );
        }
        for (number, stand_in) in (1..).zip(inside) {
            text += &format!(
                "\n```bash\naz container exec -g g -n c{number} --exec-command /bin/bash\n```\n\n\
                 ```bash\n{CLAIMS}\n```\n\n```output\n{{\"oid\": \"{stand_in}\"}}\n```\n"
            );
        }
        text
    };
    let mut scenario = String::from("title = \"T\"\narticle = \"a\"\n");
    let steps = [
        (1, ""),
        (2, ""),
        (4, ""),
        (5, ""),
        (7, ""),
        (8, ""),
        (9, "i"),
        (11, ""),
        (12, "i"),
    ];
    for (block, place) in steps {
        scenario += &format!("[[step]]\nname = \"step {block}\"\nblock = \"b#{block}\"\n");
        if place == "i" {
            scenario += "in = \"container\"\n";
        }
    }
    let right = Broken {
        scenario: scenario.clone(),
        article: article(STAND_INS),
    };
    let ended = right.run();
    assert_eq!(
        ended.outcome,
        Outcome::Passed,
        "{}: {:?}",
        ended.step,
        ended.failure
    );
    let swapped = Broken {
        scenario,
        article: article([STAND_INS[1], STAND_INS[0]]),
    };
    swapped.run().failed_at("step 9");
}

/// A scenario of bash alone: two blocks, with this before them and this in the second step.
fn plain(before: &str, second: &str) -> Broken {
    Broken {
        scenario: format!(
            "title = \"T\"\narticle = \"a\"\n{before}\n[[step]]\nname = \"one\"\nblock = \"b#1\"\n\
             [[step]]\nname = \"two\"\nblock = \"b#2\"\n{second}\n"
        ),
        article: "# A\n\n## B\n\n```bash\necho '{\"id\": null}'\n```\n\n```bash\n\
                  test \"<VALUE>\" = \"$GIVEN\"\n```\n"
            .into(),
    }
}

fn failing_preparation() {
    let broken = plain(
        "[placeholders]\n\"<VALUE>\" = \"\"\n[[prepare]]\nwhy = \"a group\"\nrun = '''\ntrue\n\
         az group show --name nobodys\ntrue\n'''",
        "",
    );
    let ended = broken.run();
    assert_eq!((ended.outcome, ended.skipped), (Outcome::CouldNotRun, 2));
    let failure = &ended.failures[0];
    assert_eq!(failure.position.to_string(), "scenarios/broken.toml:9:1");
    let message = "the preparation failed: command ended with 3";
    assert_eq!(failure.message, message);
    let actual = failure.actual.as_deref().unwrap();
    assert!(actual.contains("(ResourceGroupNotFound)"), "{actual}");
}

fn kept_variables() {
    let prepare = |keep: &str| {
        format!(
            "[placeholders]\n\"<VALUE>\" = \"it\"\n[[prepare]]\nwhy = \"w\"\n{keep}\nrun = \"GIVEN=it\""
        )
    };
    plain(&prepare(""), "").run().failed_at("two");
    let kept = plain(&prepare("keep = [\"GIVEN\"]"), "").run();
    assert_eq!(kept.outcome, Outcome::Passed, "{:?}", kept.failure);
}

fn not_filled_in() {
    let second = "placeholders = { \"<VALUE>\" = { from = \"one\", json = \"/id\" } }";
    let failure = plain("", second).run().failed_at("two");
    assert!(
        failure.message.contains("\"one\" printed nothing at /id"),
        "{}",
        failure.message
    );
}

fn python_without_policy() {
    let broken = Broken::of("notes-system-assigned").without_step("let the identity read secrets");
    let failure = broken.run().failed_at("read the secret from Python");
    // The line that reads is the scenario's; the article's own lines went through.
    assert_eq!(failure.position.file, "scenarios/broken.toml");
    let actual = failure.actual.unwrap();
    assert!(
        actual.contains("does not have secrets get permission"),
        "{actual}"
    );
}

/// A pipe is more than what the command prompt and bash understand alike.
fn not_translated() {
    let broken = Broken {
        scenario: "title = \"T\"\narticle = \"a\"\n[[step]]\nname = \"one\"\nblock = \"b#1\"\n"
            .into(),
        article: "# A\n\n## B\n\n```cmd\ncurl %X% | find \"a\"\n```\n".into(),
    };
    let ended = broken.run();
    assert_eq!(ended.outcome, Outcome::NotRun, "{:?}", ended.failure);
    assert_eq!(ended.skipped, 0);
}
