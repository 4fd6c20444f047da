//! The harness is proved to fail: walkthroughs that are broken on purpose, each told where it
//! breaks. With the real `az`, on the embedded target.
#![expect(clippy::print_stderr, reason = "a test runner tells what it waits for")]
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::panic, reason = "a test that fails panics")]

use docproof_core::event::{Event, Failure, Outcome, StepOutcome};
use docproof_core::markdown::Article;
use docproof_core::scenario::{ScenarioFile, Walkthrough};
use docproof_run::az::{self, AzChoice, AzEnvironment};
use docproof_run::target::Embedded;
use docproof_run::{runner, sandbox};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

fn main() -> ExitCode {
    sandbox::enter_if_helper();
    let arguments = Arguments::from_args();
    let refusal = sandbox::probe().err().map(|refusal| refusal.to_string());
    let tests: [(&str, fn()); 7] = [
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
        ("two_groups_get_tokens_of_their_own_identities", two_groups),
        (
            "what_is_not_emulated_is_not_blamed_on_the_article",
            not_emulated,
        ),
        ("as_published_each_ends_at_its_first_defect", as_published),
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            let trial = Trial::test(name, move || {
                test();
                Ok::<(), Failed>(())
            });
            match &refusal {
                Some(reason) => trial.with_kind(reason.clone()).with_ignored_flag(true),
                None => trial,
            }
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
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
        Self {
            scenario: read(format!("scenarios/{id}.toml")),
            article: read("docs-snapshots/container-instances-managed-identity/article.md".into()),
        }
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

    fn walkthrough(&self, as_published: bool) -> Walkthrough {
        let scenario = ScenarioFile::parse("scenarios/broken.toml", &self.scenario).unwrap();
        let article = Article::parse("article.md", &self.article, &|_| None);
        scenario.resolve(&article, as_published).unwrap()
    }

    fn run(&self) -> Ended {
        run(&self.walkthrough(false), false)
    }
}

/// How a walkthrough ended: its outcome, and the step that did not pass.
struct Ended {
    outcome: Outcome,
    step: String,
    failure: Option<Failure>,
}

impl Ended {
    /// The failure, which must be in this step.
    fn failed_at(self, step: &str) -> Failure {
        let failure = self.failure.unwrap_or_else(|| panic!("nothing failed"));
        assert_eq!(self.outcome, Outcome::Failed, "{failure:?}");
        assert_eq!(self.step, step, "{failure:?}");
        failure
    }
}

fn run(walkthrough: &Walkthrough, as_published: bool) -> Ended {
    static TARGET: OnceLock<Embedded> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        let environment = AzEnvironment::from_process();
        let mut tell = |progress| eprintln!("az: {progress}");
        Embedded::new(az::provide(AzChoice::Auto, &environment, &mut tell).unwrap())
    });
    let mut ended = Ended {
        outcome: Outcome::Passed,
        step: String::new(),
        failure: None,
    };
    let mut sink = |event| {
        if let Event::StepFinished {
            name,
            outcome,
            failure,
            ..
        } = event
            && !matches!(outcome, StepOutcome::Passed | StepOutcome::Skipped)
        {
            (ended.step, ended.failure) = (name, failure);
        }
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

/// Example 2 creates its container group before it sets the policy, so that is where it ends.
fn as_published() {
    let walkthrough = Broken::of("aci-user-assigned").walkthrough(true);
    let failure = run(&walkthrough, true).failed_at("let the identity read secrets");
    assert!(
        failure
            .command
            .unwrap()
            .starts_with("az keyvault set-policy")
    );
    let told = "Cannot set policies to a vault with '--enable-rbac-authorization' specified";
    let actual = failure.actual.unwrap();
    assert!(actual.contains(told), "{actual}");

    let walkthrough = Broken::of("aci-system-assigned").walkthrough(true);
    let step = "create the container group with an identity of its own";
    let failure = run(&walkthrough, true).failed_at(step);
    assert!(failure.command.unwrap().starts_with("az container create"));
    let actual = failure.actual.unwrap();
    assert!(actual.contains("(InvalidOsType)"), "{actual}");
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
