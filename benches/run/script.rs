//! The steps of a scenario, and the same commands as one bash script, against the same emulator.
//!
//! Up to the step that opens a shell in a container, which a script cannot type into. `az` is started
//! for each call on both sides.

use crate::{Result, median};
use docproof_core::scenario::{Elsewhere, Step};
use docproof_run::environment::{Command, Target};
use docproof_run::project::Project;
use docproof_run::session::Session;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

const SCENARIO: &str = "aci-user-assigned";
const PAIRS: usize = 3;

pub(crate) async fn measure(target: &dyn Target) -> Result<()> {
    let walkthrough =
        Project::find(Path::new(env!("CARGO_MANIFEST_DIR")))?.walkthrough(SCENARIO)?;
    let steps: Vec<&Step> = walkthrough
        .steps
        .iter()
        .take_while(|step| step.elsewhere == Elsewhere::Here)
        .collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        ours.push(as_steps(target, &walkthrough.reader_roles, &steps).await?);
        theirs.push(as_script(target, &walkthrough.reader_roles, &steps).await?);
    }
    let (ours, theirs) = (median(&ours).as_secs_f64(), median(&theirs).as_secs_f64());
    println!(
        "{} steps of {SCENARIO}, median of {PAIRS}: {ours:.2} s as steps, {theirs:.2} s as one bash \
         script, ratio {:.3}",
        steps.len(),
        ours / theirs
    );
    Ok(())
}

async fn as_steps(target: &dyn Target, roles: &[String], steps: &[&Step]) -> Result<Duration> {
    let environment = target.prepare(roles).await?;
    let mut session = Session::open(environment.as_ref()).await?;
    if let Some(sign_in) = environment.sign_in() {
        session.run(&one_line(&sign_in), steps[0].timeout).await?;
    }
    let started = Instant::now();
    for step in steps {
        let outcome = session.run(&step.script, step.timeout).await?;
        if outcome.status != 0 {
            return Err(format!("{}: {}", step.name, outcome.stderr).into());
        }
    }
    Ok(started.elapsed())
}

async fn as_script(target: &dyn Target, roles: &[String], steps: &[&Step]) -> Result<Duration> {
    let environment = target.prepare(roles).await?;
    let folder = environment.folder().to_owned();
    let run = async |name: &str, text: &str| -> Result<i32> {
        let script = folder.join(name);
        fs::write(&script, text)?;
        let out = File::create(folder.join(format!("{name}.out")))?;
        let running = environment.start(Command {
            argv: vec!["bash".into(), script.into()],
            folder: environment.work(),
            stdio: [
                File::open("/dev/null")?.into(),
                out.try_clone()?.into(),
                out.into(),
            ],
            terminal: false,
        })?;
        Ok(running.wait().await)
    };
    if let Some(sign_in) = environment.sign_in() {
        run("sign-in", &sign_in).await?;
    }
    let text: Vec<String> = steps.iter().map(|step| step.script.text()).collect();
    let started = Instant::now();
    let status = run("script", &text.join("\n")).await?;
    let time = started.elapsed();
    match status {
        0 => Ok(time),
        status => Err(format!("the script ended with {status}").into()),
    }
}

fn one_line(text: &str) -> docproof_core::scenario::Script {
    docproof_core::scenario::Script {
        lines: vec![docproof_core::scenario::Line {
            text: text.to_owned(),
            position: docproof_core::source::Position {
                file: "benchmark".into(),
                line: 1,
                column: 1,
            },
        }],
    }
}
