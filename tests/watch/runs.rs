//! What is saved is run from the first step that is not what it was, on what the steps before it have left.

use super::{Watch, common};
use docproof_core::event::Event;
use docproof_core::markdown::Article;
use docproof_core::scenario::{ScenarioFile, Walkthrough};
use docproof_emulator::Clock;
use docproof_run::runner;
use docproof_run::target::Embedded;
use libtest_mimic::{Failed, Trial};
use std::io::Write as _;
use std::sync::Arc;

const RAN_BEFORE: &str = "it ran before";

/// Leaves something in each place: the terminal, the reader's files, the emulator.
const FIRST: &str = "# A\n\n## First\n\n```azurecli\nexport KEPT=$RANDOM$RANDOM; echo $KEPT > kept; \
    echo $KEPT > /tmp/kept; echo $KEPT > ~/kept\naz group create --name first --location eastus --output none\n```\n\n## Then\n\n";

pub(super) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    let trial = |name, test: fn() -> Result<(), Failed>| common::trial(name, refusal, test);
    vec![
        trial("a_walkthrough_goes_on_where_it_was_changed", goes_on),
        trial(
            "what_changes_the_first_step_runs_everything",
            from_the_start,
        ),
        trial("a_container_goes_on_as_it_was", with_a_container),
        trial(
            "a_save_ends_a_run_and_the_next_one_goes_on",
            ended_by_a_save,
        ),
        trial("what_cannot_be_run_is_told_and_watched_on", cannot_be_run),
        trial("nothing_old_is_gone_back_to", nothing_old),
    ]
}

fn block(command: &str) -> String {
    format!("```azurecli\n{command}\n```\n\n")
}

impl Watch {
    fn key(&mut self, key: &str) -> String {
        writeln!(self.stdin, "{key}").unwrap();
        self.wait("watching ").join("\n")
    }

    /// Saves the article, and runs it as a key says.
    fn saved(&mut self, text: &str, key: &str) -> String {
        self.write("a.md", text);
        self.wait("watching ");
        self.key(key)
    }
}

fn goes_on() -> Result<(), Failed> {
    let spoils = "az group create --name second --location eastus --output none; \
                  az group delete --name first --yes\n\
                  KEPT=other; echo other | tee kept /tmp/kept ~/kept more; false";
    let looks = "az group list --query [].name --output tsv\n\
                 cat kept /tmp/kept ~/kept | grep -c -x $KEPT; ls";
    let mut watch = Watch::new(&[("a.md", &format!("{FIRST}{}", block(spoils)))]);
    let first = watch.key("r");
    assert!(
        first.contains("failed in") && !first.contains(RAN_BEFORE),
        "{first}"
    );

    let mended = format!("{FIRST}{}```output\nfirst\n3\nkept\n```\n", block(looks));
    // What only moves is what it was.
    let mended = mended.replace("## First", "Some text.\n\n## First");
    let then = watch.saved(&mended, "r");
    assert!(then.contains("passed in"), "{then}");
    assert_eq!(then.matches(RAN_BEFORE).count(), 1, "{then}");

    // Everything is as it was, or is to be run.
    for key in ["r", "s"] {
        let again = watch.key(key);
        assert!(
            again.contains("passed in") && !again.contains(RAN_BEFORE),
            "{again}"
        );
    }
    // From there, too, something can be changed.
    let other = mended.replace(
        "## Then",
        &format!("## Between\n\n{}## Then", block("true")),
    );
    let last = watch.saved(&other, "r");
    assert!(last.contains("passed in"), "{last}");
    assert_eq!(last.matches(RAN_BEFORE).count(), 1, "{last}");
    Ok(())
}

fn from_the_start() -> Result<(), Failed> {
    let article = format!(
        "{FIRST}{}",
        block("az group show --name first --output none")
    );
    let mut watch = Watch::new(&[("a.md", &article)]);
    watch.key("r");
    let said = watch.saved(&article.replace("eastus", "westus"), "r");
    assert!(
        said.contains("passed in") && !said.contains(RAN_BEFORE),
        "{said}"
    );
    // What the reader chooses is for the whole article.
    let said = watch.saved(
        &article.replace("# A\n", "# A\n\n## Zero\n\n```bash\ntrue\n```\n"),
        "r",
    );
    assert!(
        said.contains("3 steps") && !said.contains(RAN_BEFORE),
        "{said}"
    );
    Ok(())
}

/// The container of a step before goes on. One that a later step has deleted cannot: the way back is to
/// before it was made.
fn with_a_container() -> Result<(), Failed> {
    let make = "az container create --resource-group first --name box --image mcr.microsoft.com/azure-cli \
                --os-type Linux --cpu 1 --memory 1 --command-line \"tail -f /dev/null\" --output none";
    let show = "az container show --resource-group first --name box --query instanceView.state --output tsv";
    let delete = "az container delete --resource-group first --name box --yes --output none";
    let article = |last: &str| format!("{FIRST}{}{}{}", block(make), block(show), block(last));
    let mut watch = Watch::new(&[("a.md", &article("false"))]);
    let first = watch.key("r");
    assert!(first.contains("failed in"), "{first}");
    let then = watch.saved(&article(&format!("{delete}; false")), "r");
    assert!(then.contains("failed in"), "{then}");
    assert_eq!(then.matches(RAN_BEFORE).count(), 3, "{then}");
    // The container has ended.
    let last = watch.saved(&article(show), "r");
    assert!(last.contains("passed in"), "{last}");
    assert_eq!(last.matches(RAN_BEFORE).count(), 1, "{last}");
    Ok(())
}

fn ended_by_a_save() -> Result<(), Failed> {
    let article = |last: &str| format!("{FIRST}{}{}", block("true"), block(last));
    let mut watch = Watch::new(&[("a.md", &article("sleep 1000"))]);
    writeln!(watch.stdin, "r")?;
    // Told of the second step, the run is beyond the state before it.
    watch.wait("✓ ");
    watch.wait("✓ ");
    let said = watch.saved(&article("az group show --name first --output none"), "r");
    assert!(
        said.contains("passed in") && said.contains(RAN_BEFORE),
        "{said}"
    );
    Ok(())
}

/// A step that passes, and one with this command.
fn two_steps(last: &str) -> Walkthrough {
    let text = format!("# A\n\n## B\n\n```bash\ntrue\n```\n\n```bash\n{last}\n```\n");
    let article = Article::parse("a.md", &text, &|_| None);
    let scenario = "title = \"S\"\narticle = \"a\"\n\n\
                    [[step]]\nname = \"one\"\nblock = \"b#1\"\n\n\
                    [[step]]\nname = \"two\"\nblock = \"b#2\"\n";
    let scenario = ScenarioFile::parse("scenarios/s.toml", scenario).unwrap();
    scenario.resolve(&article).unwrap()
}

/// Tokens that a walkthrough has put by may be over, however often it has gone on since.
fn nothing_old() -> Result<(), Failed> {
    let clock = Arc::new(Clock::default());
    let target = Embedded::with_clock(common::az()?, Arc::clone(&clock)).keeping();
    let runtime = tokio::runtime::Runtime::new()?;
    for (minutes, last, goes_on) in [(0, "false", 0), (44, "true", 1), (2, "true; true", 0)] {
        clock.advance(60 * minutes);
        let mut not_run = 0;
        let mut sink = |event| {
            if let Event::StepFinished {
                not_run: Some(why), ..
            } = event
            {
                assert!(why.starts_with(RAN_BEFORE), "{why}");
                not_run += 1;
            }
        };
        let walkthrough = two_steps(last);
        runtime.block_on(runner::run(&walkthrough, &target, false, &mut sink));
        assert_eq!(not_run, goes_on, "after {minutes} minutes more");
    }
    Ok(())
}

fn cannot_be_run() -> Result<(), Failed> {
    let scenario =
        "title = \"S\"\narticle = \"s\"\n\n[[step]]\nname = \"one\"\nblock = \"one#1\"\n";
    let article = "# S\n\n## One\n\n```bash\ntrue\n```\n";
    let mut watch = Watch::new(&[
        ("scenarios/s.toml", scenario),
        ("docs-snapshots/s/article.md", article),
    ]);
    let said = watch.key("r");
    assert!(said.contains("passed in"), "{said}");
    watch.write(
        "docs-snapshots/s/article.md",
        "# S\n\n## Two\n\n```bash\ntrue\n```\n",
    );
    watch.wait("watching ");
    let said = watch.key("r");
    assert!(!said.contains("passed in"), "{said}");
    watch.write("docs-snapshots/s/article.md", article);
    watch.wait("watching ");
    let said = watch.key("r");
    assert!(said.contains("passed in"), "{said}");
    writeln!(watch.stdin, "q")?;
    let error = watch.errors();
    assert!(error.contains("one#1"), "{error}");
    Ok(())
}
