//! What a step costs beside the command in it.

use crate::{Result, median, ms};
use docproof_core::scenario::{Line, Script};
use docproof_core::source::Position;
use docproof_run::environment::Target;
use docproof_run::session::Session;
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The same `echo` steps in a session and in one plain bash script.
pub(crate) async fn measure(target: &dyn Target) -> Result<()> {
    println!(
        "| `echo` steps | docproof, each more than in plain bash | median of the first ten and the last \
         ten | scrut, each more than in plain bash | plain bash, all |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for count in [10_u32, 100, 1000] {
        let environment = target.prepare(&[]).await?;
        let mut session = Session::open(environment.as_ref()).await?;
        let script = Script {
            lines: vec![Line {
                text: "echo hello".into(),
                position: Position {
                    file: "benchmark".into(),
                    line: 1,
                    column: 1,
                },
            }],
        };
        let mut each = Vec::new();
        let started = Instant::now();
        for _ in 0..count {
            let begun = Instant::now();
            let outcome = session.run(&script, Duration::from_secs(10)).await?;
            each.push(begun.elapsed());
            assert_eq!(outcome.stdout, "hello\n");
        }
        let ours = started.elapsed();
        let plain = "echo hello\n".repeat(usize::try_from(count)?);
        let started = Instant::now();
        let output = std::process::Command::new("bash")
            .arg("-c")
            .arg(plain)
            .output()?;
        let bash = started.elapsed();
        assert_eq!(output.stdout.len(), 6 * usize::try_from(count)?);
        let per_step = |time: Duration| ms(time.saturating_sub(bash)) / f64::from(count);
        let theirs = scrut(count)?.map_or("not installed".to_owned(), |time| {
            format!("{:.2} ms", per_step(time))
        });
        println!(
            "| {count} | {:.2} ms | {:.2} and {:.2} ms | {theirs} | {:.1} ms |",
            per_step(ours),
            ms(median(&each[..10])),
            ms(median(&each[each.len() - 10..])),
            ms(bash),
        );
    }
    Ok(())
}

/// The same steps as test cases of scrut (`cargo install scrut`), if it is installed.
fn scrut(count: u32) -> Result<Option<Duration>> {
    let program = std::env::var_os("DOCPROOF_SCRUT").unwrap_or_else(|| "scrut".into());
    if Command::new(&program)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return Ok(None);
    }
    let mut cases = String::new();
    for number in 0..count {
        write!(
            cases,
            "# Case {number}\n\n```scrut\n$ echo hello\nhello\n```\n\n"
        )?;
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("steps.md");
    std::fs::write(&file, cases)?;
    let started = Instant::now();
    let output = Command::new(&program).arg("test").arg(&file).output()?;
    let time = started.elapsed();
    if !output.status.success() {
        return Err(format!("scrut failed: {}", String::from_utf8_lossy(&output.stdout)).into());
    }
    Ok(Some(time))
}
