//! Who spends the time of each scenario, with `az` started anew for each call.

use crate::Result;
use docproof_core::event::{Event, Timing};
use docproof_run::environment::Target;
use docproof_run::project::Project;
use docproof_run::runner;
use std::path::Path;

/// Each scenario once, its wall time by who spent it.
pub(crate) async fn measure(target: &dyn Target) -> Result<()> {
    let project = Project::find(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    println!("| scenario | wall | `az` and other commands | emulator | harness | outcome |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for id in project.ids()? {
        let walkthrough = project.walkthrough(&id)?;
        let mut timing = Timing::default();
        let mut sink = |event| {
            if let Event::Verdict { timing: whole, .. } = event {
                timing = whole;
            }
        };
        let outcome = runner::run(&walkthrough, target, false, &mut sink).await;
        let commands = timing.seconds - timing.emulator_seconds - timing.harness_seconds;
        println!(
            "| `{id}` | {:.2} s | {commands:.2} s | {:.3} s | {:.3} s | {outcome:?} |",
            timing.seconds, timing.emulator_seconds, timing.harness_seconds
        );
    }
    Ok(())
}
