//! The snapshots, beside their scenarios.

use crate::root;
use docproof_core::event::{Event, Outcome, StepOutcome};
use docproof_core::infer::{Chosen, Settings, Subject, infer, ways};
use docproof_core::markdown::Article;
use docproof_core::scenario::{ScenarioFile, Walkthrough};
use docproof_run::project::Project;
use docproof_run::target::Embedded;
use docproof_run::{article, runner};
use libtest_mimic::Failed;

/// A way through an article, and the scenario that goes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Same {
    slug: &'static str,
    /// How the way's name ends.
    way: &'static str,
    scenario: &'static str,
}

const fn same(slug: &'static str, way: &'static str, scenario: &'static str) -> Same {
    Same {
        slug,
        way,
        scenario,
    }
}

const ACI: &str = "container-instances-managed-identity";
const PULL: &str = "container-apps-image-pull-managed-identity";
const DRAFT: &str = "container-apps-managed-identity-draft";
const NOTES: &str = "container-apps-jobs-managed-identity-notes";

pub(crate) const ALL: [Same; 9] = [
    same(ACI, "example-1", "aci-user-assigned"),
    same(ACI, "example-2", "aci-system-assigned"),
    same(PULL, "azure-cli-user-assigned", "image-pull-user-assigned"),
    same(
        PULL,
        "azure-cli-system-assigned",
        "image-pull-system-assigned",
    ),
    same(
        PULL,
        "command-line-azure-powershell",
        "image-pull-powershell-user-assigned",
    ),
    same(DRAFT, "bash-example-1", "aca-user-assigned"),
    same(DRAFT, "bash-example-2", "aca-system-assigned"),
    same(DRAFT, "powershell", "aca-powershell-user-assigned"),
    same(NOTES, "", "notes-system-assigned"),
];

/// Where a walkthrough ends: how, at which line, and what was said there. Texts of what is
/// not the same in two runs are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct End {
    outcome: Outcome,
    line: u32,
    message: String,
    actual: Option<String>,
}

impl Same {
    pub(crate) fn name(&self) -> String {
        format!("{}::{}::as_{}", self.slug, self.way, self.scenario)
    }

    pub(crate) fn check(self, target: &Embedded) -> Result<(), Failed> {
        let project = Project::find(root())?;
        let scenario = project.walkthrough(self.scenario)?.as_published();
        let (article, inferred) = self.inferred()?;
        let inferred = inferred
            .walkthrough(&article)
            .map_err(|errors| errors.join("\n"))?;
        let (by_scenario, ours) = (end(&scenario, target), end(&inferred, target));
        if by_scenario != ours {
            return Err(format!("scenario: {by_scenario:#?}\narticle: {ours:#?}").into());
        }
        Ok(())
    }

    fn inferred(&self) -> Result<(Article, docproof_core::infer::Inferred), Failed> {
        let name = format!("docs-snapshots/{}/article.md", self.slug);
        let (article, _) = article::read(root(), &name)?;
        let ways = ways(&article, &Chosen::default())?;
        let way = ways.iter().find(|way| way.suffix.ends_with(self.way));
        let way = way.ok_or_else(|| format!("no way {}: {ways:#?}", self.way))?;
        let subject = Subject {
            article: &article,
            id: self.slug,
            named: self.slug,
        };
        let inferred = infer(subject, way, &mut Settings::default());
        Ok((article, inferred))
    }
}

/// What `init` writes of an article runs as the article does: what passes, and where it ends.
pub(crate) fn written(target: &Embedded) -> Result<(), Failed> {
    for same in [ALL[1], ALL[2]] {
        let (article, inferred) = same.inferred()?;
        let ours = inferred
            .walkthrough(&article)
            .map_err(|errors| errors.join("\n"))?;
        let file = ScenarioFile::parse("scenarios/written.toml", &inferred.text)?;
        let resolved = file.resolve(&article);
        let told = |errors: Vec<docproof_core::scenario::ResolveError>| format!("{errors:?}");
        let written = resolved.map_err(told)?;
        let (by_file, ours) = (end(&written, target), end(&ours, target));
        if by_file != ours {
            return Err(format!("written: {by_file:#?}\narticle: {ours:#?}").into());
        }
    }
    Ok(())
}

/// Runs a walkthrough and tells its end.
pub(crate) fn end(walkthrough: &Walkthrough, target: &Embedded) -> End {
    let (outcome, events) = run(walkthrough, target);
    let failure = events.into_iter().find_map(|event| match event {
        Event::StepFinished {
            outcome: StepOutcome::Failed | StepOutcome::NotEmulated | StepOutcome::CouldNotRun,
            failure: Some(failure),
            ..
        }
        | Event::Prepared {
            failure: Some(failure),
            ..
        } => Some(failure),
        _ => None,
    });
    let words = |text: String| {
        let folder = regex::Regex::new(r"/tmp/\S+|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]+--\w+").ok();
        match folder {
            Some(folder) => folder.replace_all(&text, "…").into_owned(),
            None => text,
        }
    };
    match failure {
        None => End {
            outcome,
            line: 0,
            message: String::new(),
            actual: None,
        },
        Some(failure) => End {
            outcome,
            line: failure.position.line,
            message: failure.message,
            actual: failure.actual.map(words),
        },
    }
}

/// Runs a walkthrough; everything that it said.
pub(crate) fn run(walkthrough: &Walkthrough, target: &Embedded) -> (Outcome, Vec<Event>) {
    let mut events = Vec::new();
    let runtime = tokio::runtime::Runtime::new();
    let Ok(runtime) = runtime else {
        return (Outcome::CouldNotRun, events);
    };
    let mut sink = |event| events.push(event);
    let outcome = runtime.block_on(runner::run(walkthrough, target, false, &mut sink));
    runtime.shutdown_background();
    (outcome, events)
}
