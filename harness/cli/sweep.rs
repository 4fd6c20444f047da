//! `docproof sweep`: removes what killed live runs have left in a subscription.
#![expect(
    clippy::print_stdout,
    reason = "what is left is what the command is asked for"
)]

use crate::exit::{CommandError, Exit};
use crate::live::{SubscriptionArguments, confirmed};
use clap::Args;

#[derive(Args)]
#[command(
    after_help = "What a run has left is known by its ledger, or by the tags of its resource groups \
    once their time is over. Nothing else is touched. Exit codes: 0 nothing is left; 2 wrong usage; \
    3 something could not be removed."
)]
pub(crate) struct SweepArguments {
    #[command(flatten)]
    subscription: SubscriptionArguments,
    /// Show what is left, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Also what `docproof run --keep` has left on purpose
    #[arg(long)]
    kept: bool,
}

pub(crate) fn run(arguments: &SweepArguments) -> Result<Exit, CommandError> {
    let azure = arguments.subscription.connect()?;
    let left = azure.left(arguments.kept)?;
    let mut things = 0;
    for one in &left {
        for told in one.told() {
            println!("{}: {}", one.run(), azure.redacted(told));
            things += 1;
        }
    }
    if things == 0 {
        println!("nothing is left");
    }
    if arguments.dry_run {
        return Ok(Exit::Passed);
    }
    if things > 0 && !arguments.subscription.yes {
        let question = format!("remove this from '{}'?", azure.subscription());
        if !confirmed(&question)? {
            return Ok(Exit::Passed);
        }
    }
    let mut exit = Exit::Passed;
    for one in left {
        let run = one.run().to_owned();
        match azure.sweep(one) {
            // Ledgers of runs that had made nothing go without a word.
            Ok(0) => {}
            Ok(removed) => println!("{run}: {removed} removed"),
            Err(error) => {
                println!("{run}: not all removed: {error}");
                exit = Exit::CouldNotRun;
            }
        }
    }
    Ok(exit)
}
