//! `docproof list` reads no article: what it tells of each scenario is what the scenario comes to.

use docproof_core::event::StepKind;
use docproof_run::project::Project;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

pub(crate) fn tells_what_scenarios_come_to(folder: &Path) -> Result<(), String> {
    let listed = Command::new(env!("CARGO_BIN_EXE_docproof"))
        .args(["list", "--format", "json"])
        .current_dir(folder)
        .output()
        .map_err(|error| error.to_string())?;
    let project = Project::find(folder).map_err(|error| error.to_string())?;
    let ids = project.ids().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&listed.stdout);
    if printed.lines().count() != ids.len() || ids.is_empty() {
        return Err(format!("{} scenarios, and listed:\n{printed}", ids.len()));
    }
    for (id, line) in ids.iter().zip(printed.lines()) {
        let walkthrough = project.walkthrough(id).map_err(|error| error.to_string())?;
        let of_kind = |kind| {
            let steps = walkthrough.steps.iter();
            steps.filter(|step| step.kind == kind).count()
        };
        let stand_ins = walkthrough.stand_ins.iter().map(|one| &one.file);
        let mut wanted = json!({
            "scenario": id,
            "title": walkthrough.title,
            "article": walkthrough.article,
            "steps": walkthrough.steps.len(),
            "manual": of_kind(StepKind::Manual),
            "added": of_kind(StepKind::Added),
            "preparations": walkthrough.preparations.len(),
            "stand_ins": stand_ins.collect::<Vec<_>>(),
        });
        let told: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        wanted["requires"] = told["requires"].clone();
        if told != wanted {
            return Err(format!("listed\n{told}\nand it is\n{wanted}"));
        }
    }
    Ok(())
}
