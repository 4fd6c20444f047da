//! Articles that are run as they are, without a scenario.
//!
//! Each snapshot must reach as far as its scenarios without corrections do, and stop at the same line for
//! the same reason. The published articles that `DOCPROOF_ARTICLES` names must reach as far as the table in
//! `reached.tsv` says; with `DOCPROOF_ARTICLES_TABLE=write` it is written anew. They are input to
//! measure with and no part of this repository.

#[path = "../common/mod.rs"]
mod common;
mod published;
mod snapshots;
mod updated;

use docproof_run::target::Embedded;
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// The target that all trials share.
pub(crate) type Shared = Arc<OnceLock<Result<Embedded, String>>>;

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let shared: Shared = Arc::default();
    let mut trials = Vec::new();
    for same in snapshots::ALL {
        let shared = Arc::clone(&shared);
        trials.push(common::trial(same.name(), refusal.as_ref(), move || {
            same.check(target(&shared)?)
        }));
    }
    let shared_too = Arc::clone(&shared);
    trials.push(common::trial(
        "what_init_writes_runs_as_the_article_does",
        refusal.as_ref(),
        move || snapshots::written(target(&shared_too)?),
    ));
    let name = "what_an_update_leaves_that_does_not_fit_is_told";
    trials.push(Trial::test(name, updated::misfits));
    let name = "published_articles_reach_as_far_as_the_table_says";
    let folder = std::env::var_os("DOCPROOF_ARTICLES").map(PathBuf::from);
    trials.push(match (folder, &refusal) {
        (Some(folder), None) => {
            Trial::test(name, move || published::check(&folder, target(&shared)?))
        }
        (_, refusal) => {
            let reason = refusal.clone();
            let reason = reason.unwrap_or_else(|| "DOCPROOF_ARTICLES names no folder".to_owned());
            Trial::test(name, || Ok(()))
                .with_kind(reason)
                .with_ignored_flag(true)
        }
    });
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn target(shared: &Shared) -> Result<&Embedded, String> {
    let made = shared.get_or_init(common::preloaded);
    made.as_ref().map_err(Clone::clone)
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
