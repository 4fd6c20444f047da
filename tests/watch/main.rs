//! `docproof watch`: what is saved is checked at once, whichever way it is saved; keys; the ends; and
//! what is run ([`runs`]).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where something it needs is missing"
)]

#[path = "../common/mod.rs"]
mod common;
mod runs;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Whatever does not come by then does not come.
const LIMIT: Duration = Duration::from_secs(30);

/// From a save to what is said of it.
const AIM: Duration = Duration::from_millis(100);

const GOOD: &str = "# A\n\n```azurecli\naz group list\n```\n";
const BAD: &str = "# A\n\n```azurecli\naz group list \\ \n  --output table\n```\n";
const RULE: &str = "trailing-space-after-continuation";

fn main() -> ExitCode {
    let (arguments, refusal) = common::begin();
    let mut trials = vec![
        Trial::test("a_save_is_checked_at_once", saved_at_once),
        Trial::test("an_include_is_checked_with_its_article", with_its_article),
        Trial::test("new_articles_and_folders_are_seen", new_articles),
        Trial::test("only_what_was_saved_is_checked", only_what_was_saved),
        Trial::test("it_ends_when_told", ends),
        Trial::test("what_is_not_there_is_told", not_there),
    ];
    trials.extend(runs::trials(refusal.as_ref()));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A watch of a folder.
struct Watch {
    folder: TempDir,
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
}

impl Watch {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            write(folder.path(), name, text);
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_docproof"))
            .args(["watch", "."])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take().unwrap();
        let watch = Self {
            folder,
            child,
            stdin,
            lines,
        };
        watch.wait("watching ");
        watch
    }

    fn write(&self, name: &str, text: &str) {
        write(self.folder.path(), name, text);
    }

    /// Waits for a line; the lines up to it, it included.
    fn wait(&self, part: &str) -> Vec<String> {
        let until = Instant::now() + LIMIT;
        let mut came = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    let found = line.contains(part);
                    came.push(line);
                    if found {
                        return came;
                    }
                }
                Err(_) => panic!("'{part}' did not come, only {came:#?}"),
            }
        }
    }

    /// What is on standard error once it has ended.
    fn errors(mut self) -> String {
        let mut text = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut text).unwrap();
        text
    }

    fn exit(mut self) -> Option<i32> {
        let until = Instant::now() + LIMIT;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::yield_now();
        }
        panic!("it does not end");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The best of some is the program's; the others are also the machine's.
fn saved_at_once() -> Result<(), Failed> {
    let watch = Watch::new(&[("a.md", GOOD)]);
    let mut best = LIMIT;
    for number in 0..10 {
        let (text, told) = match number % 2 {
            0 => (BAD, RULE),
            _ => (GOOD, "no findings"),
        };
        let began = Instant::now();
        match number % 3 {
            // As some editors do: another file is put in its place.
            0 => {
                watch.write("a.md.new", text);
                let new = watch.folder.path().join("a.md.new");
                std::fs::rename(new, watch.folder.path().join("a.md"))?;
            }
            _ => watch.write("a.md", text),
        }
        watch.wait(told);
        best = best.min(began.elapsed());
        watch.wait("watching 1 article");
    }
    if best > AIM {
        return Err(format!("it takes {best:?} from a save to its findings").into());
    }
    Ok(())
}

fn with_its_article() -> Result<(), Failed> {
    let article = "# A\n\n[!INCLUDE [x](includes/x.md)]\n";
    let watch = Watch::new(&[("a.md", article), ("includes/x.md", "Text.\n")]);
    watch.write("includes/x.md", BAD);
    let said = watch.wait("watching").join("\n");
    assert!(said.contains("includes/x.md:4"), "{said}");
    assert!(said.contains("1 of 1 article"), "{said}");
    Ok(())
}

fn new_articles() -> Result<(), Failed> {
    let watch = Watch::new(&[("a.md", GOOD)]);
    watch.write("b.md", BAD);
    watch.wait("b.md:4");
    watch.wait("watching 2 articles");
    std::fs::create_dir(watch.folder.path().join("new"))?;
    watch.wait("watching 2 articles");
    watch.write("new/c.md", BAD);
    watch.wait("new/c.md:4");
    watch.wait("watching 3 articles");
    std::fs::remove_file(watch.folder.path().join("b.md"))?;
    watch.wait("watching 2 articles");
    watch.write(
        "docproof.toml",
        "[check]\nallow = [{ rule = \"trailing-space-after-continuation\", reason = \"x\" }]\n",
    );
    watch.wait("no findings");
    Ok(())
}

fn only_what_was_saved() -> Result<(), Failed> {
    let watch = Watch::new(&[("a.md", BAD), ("b.md", BAD), ("notes.txt", "")]);
    watch.write("notes.txt", "no article");
    watch.write("b.md", GOOD);
    let said = watch.wait("watching").join("\n");
    assert!(said.contains("no findings in 1 article,"), "{said}");
    Ok(())
}

fn ends() -> Result<(), Failed> {
    let mut watch = Watch::new(&[("a.md", BAD)]);
    writeln!(watch.stdin, "c")?;
    watch.wait(RULE);
    writeln!(watch.stdin, "q")?;
    assert_eq!(watch.exit(), Some(0));
    let watch = Watch::new(&[("a.md", GOOD)]);
    kill(Pid::from_raw(watch.child.id().try_into()?), Signal::SIGINT)?;
    assert_eq!(watch.exit(), Some(130));
    Ok(())
}

fn not_there() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let told = Command::new(env!("CARGO_BIN_EXE_docproof"))
        .args(["watch", "nowhere.md"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()?;
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8(told.stderr)?.contains("there is no file or folder nowhere.md"));
    Ok(())
}
