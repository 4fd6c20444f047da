//! [`run`]: one walkthrough from its first step to its verdict.

use super::account::Account;
use super::attempt::Attempts;
use super::published;
use crate::environment::Target;
use docproof_core::event::{Event, Outcome};
use docproof_core::scenario::Walkthrough;

/// Runs a walkthrough on a target, and says everything to `sink`. The last event is the verdict.
///
/// With `as_published` the corrections are left out, and come in only where the article fails, so
/// that what fails after that is found too (see `published`).
pub async fn run(
    walkthrough: &Walkthrough,
    target: &dyn Target,
    as_published: bool,
    sink: &mut (dyn FnMut(Event) + Send),
) -> Outcome {
    let mut said = |event| sink(target.said(event));
    let mut account = Account::open(walkthrough, target.name(), as_published, &mut said);
    if let Some(reason) = &walkthrough.nothing {
        account.not_run(reason.clone());
        return account.close();
    }
    let mut lacking = walkthrough.requires.iter();
    if let Some(reason) = lacking.find_map(|requirement| target.lacks(*requirement)) {
        account.not_run(reason);
        return account.close();
    }
    let mut attempts = Attempts::new(walkthrough, target, account, as_published);
    if as_published {
        published::run(&mut attempts).await;
    } else {
        attempts.attempt(0, &[]).await;
    }
    attempts.account.close()
}
