//! The reader's terminal, with plain processes of this machine in the place of a target.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]

use docproof_core::scenario::{Line, Script};
use docproof_core::source::Position;
use docproof_run::environment::{
    BoxFuture, Command, Environment, EnvironmentError, ObservedRequest, Running,
};
use docproof_run::session::{Session, SessionError};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::sync::watch;

/// No sandbox: what is tried here is the shell alone.
struct Plain {
    folder: tempfile::TempDir,
}

struct PlainProcess(watch::Receiver<Option<i32>>);

impl Running for PlainProcess {
    fn wait<'a>(&'a self) -> BoxFuture<'a, i32> {
        let mut status = self.0.clone();
        Box::pin(async move { status.wait_for(Option::is_some).await.unwrap().unwrap() })
    }
}

impl Environment for Plain {
    fn folder(&self) -> &Path {
        self.folder.path()
    }
    fn work(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError> {
        let [stdin, stdout, stderr] = command.stdio;
        let mut child = tokio::process::Command::new("setsid")
            .args(["--ctty", "--wait"])
            .args(&command.argv)
            .current_dir(&command.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .stdin(Stdio::from(stdin))
            .stdout(Stdio::from(stdout))
            .stderr(Stdio::from(stderr))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (ended, status) = watch::channel(None);
        tokio::spawn(async move {
            let code = child.wait().await.unwrap().code().unwrap_or(137);
            ended.send_replace(Some(code));
        });
        Ok(Box::new(PlainProcess(status)))
    }
    fn mark(&self) -> usize {
        0
    }
    fn requests_since(&self, _: usize) -> Vec<ObservedRequest> {
        Vec::new()
    }
    fn sign_in(&self) -> Option<String> {
        None
    }
}

const LIMIT: Duration = Duration::from_secs(20);

async fn session() -> (Plain, Session) {
    let plain = Plain {
        folder: tempfile::tempdir().unwrap(),
    };
    let session = Session::open(&plain).await.unwrap();
    (plain, session)
}

fn script(text: &str) -> Script {
    let position = |line| Position {
        file: "article.md".into(),
        line,
        column: 1,
    };
    let lines = text.lines().zip(1..);
    Script {
        lines: lines
            .map(|(text, line)| Line {
                text: text.into(),
                position: position(line),
            })
            .collect(),
    }
}

#[tokio::test]
async fn each_failing_command_is_told_with_the_line_it_begins_on() {
    let (_plain, mut session) = session().await;
    let block = "true\nfalse \\\n  --one \\\n  --two\nx=$(sh -c 'exit 7')\nsh -c 'exit 3'\ntrue\n";
    let outcome = session.run(&script(block), LIMIT).await.unwrap();
    let errors: Vec<_> = outcome
        .errors
        .iter()
        .map(|error| (error.line, error.status))
        .collect();
    assert_eq!(errors, [(1, 1), (4, 7), (5, 3)]);
    assert_eq!(outcome.status, 0);
}

#[tokio::test]
async fn a_syntax_error_is_a_status_and_a_message() {
    let (_plain, mut session) = session().await;
    let outcome = session.run(&script("echo 'open"), LIMIT).await.unwrap();
    assert_ne!(outcome.status, 0);
    assert!(
        outcome.stderr.contains("unexpected EOF"),
        "{}",
        outcome.stderr
    );
}

#[tokio::test]
async fn variables_functions_and_the_folder_stay() {
    let (plain, mut session) = session().await;
    std::fs::create_dir(plain.folder().join("below")).unwrap();
    let first = "NAME='a b'\ngreet() { echo \"hello $1\"; }\ncd below\nset -u\n";
    session.run(&script(first), LIMIT).await.unwrap();
    let second = "greet \"$NAME\"\npwd\necho oops >&2\n";
    let outcome = session.run(&script(second), LIMIT).await.unwrap();
    assert!(
        outcome.stdout.starts_with("hello a b\n"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.trim_end().ends_with("/below"),
        "{}",
        outcome.stdout
    );
    assert_eq!(outcome.stderr, "oops\n");
}

#[tokio::test]
async fn a_block_without_end_is_stopped_and_shows_what_it_printed() {
    let (_plain, mut session) = session().await;
    let limit = Duration::from_millis(300);
    let error = session
        .run(&script("echo before\ntail -f /dev/null"), limit)
        .await
        .unwrap_err();
    let SessionError::TimedOut { output, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(output, "before\n");
}

#[tokio::test]
async fn a_block_that_ends_the_shell_says_so() {
    let (_plain, mut session) = session().await;
    let error = session
        .run(&script("echo bye; exit 5"), LIMIT)
        .await
        .unwrap_err();
    let SessionError::Ended { status, output } = error else {
        panic!("{error}")
    };
    assert_eq!((status, output.as_str()), (5, "bye\n"));
}

#[tokio::test]
async fn a_command_that_reads_input_gets_none() {
    let (_plain, mut session) = session().await;
    let outcome = session
        .run(&script("cat\necho after"), LIMIT)
        .await
        .unwrap();
    assert_eq!(outcome.stdout, "after\n");
}

#[tokio::test]
async fn nothing_is_typed_where_no_inner_shell_is_open() {
    let (_plain, mut session) = session().await;
    let error = session
        .run_inside(&script("echo hello"), LIMIT)
        .await
        .unwrap_err();
    assert!(matches!(error, SessionError::NoInnerShell), "{error}");
}

#[tokio::test]
async fn an_opening_command_that_ends_has_failed() {
    let (_plain, mut session) = session().await;
    let block = script("true\nsh -c 'echo refused >&2; exit 4'");
    let outcome = session.run_opening(&block, LIMIT).await.unwrap();
    assert_eq!(outcome.errors[0].line, 1);
    assert_eq!(outcome.errors[0].status, 4);
    assert!(outcome.stdout.contains("refused"), "{}", outcome.stdout);
    assert!(!session.is_inside());
}

#[tokio::test]
async fn blocks_are_typed_into_the_inner_shell_until_it_is_left() {
    let (_plain, mut session) = session().await;
    session.run(&script("WHERE=outside"), LIMIT).await.unwrap();
    let opening = script("bash --norc --noprofile -i");
    let opened = session.run_opening(&opening, LIMIT).await.unwrap();
    assert!(opened.errors.is_empty() && session.is_inside());
    let block = script("WHERE=inside\nprintf '%s ' one \\\n  two\nfalse \\\n  x\necho $WHERE");
    let outcome = session.run_inside(&block, LIMIT).await.unwrap();
    assert_eq!(outcome.stdout, "one two inside\n");
    let errors: Vec<_> = outcome
        .errors
        .iter()
        .map(|error| (error.line, error.status))
        .collect();
    assert_eq!(errors, [(3, 1)]);
    let again = session
        .run_inside(&script("echo $WHERE again"), LIMIT)
        .await
        .unwrap();
    assert_eq!(again.stdout, "inside again\n");
    session.leave(LIMIT).await.unwrap();
    let outcome = session.run(&script("echo $WHERE"), LIMIT).await.unwrap();
    assert_eq!(outcome.stdout, "outside\n");
}

/// What a process or thread has asked the kernel for so far: calls and bytes, of reads and writes.
fn asked(process: &str) -> Vec<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    };
    ["rchar:", "wchar:", "syscr:", "syscw:"].map(value).to_vec()
}

/// Counted, not timed: a step must not go through what the steps before it have left.
#[tokio::test]
async fn the_thousandth_step_asks_for_as_much_as_the_hundredth() {
    let (_plain, mut session) = session().await;
    let outcome = session.run(&script("echo $$"), LIMIT).await.unwrap();
    let shell = outcome.stdout.trim().to_owned();
    let step = script("echo hello\nx=$((x + 1))\nfalse");
    let mut each = Vec::new();
    // From the hundredth to the thousandth, the names of blocks are of the same length.
    for number in 2..1000 {
        let before = (asked(&shell), asked("thread-self"));
        session.run(&step, LIMIT).await.unwrap();
        let after = (asked(&shell), asked("thread-self"));
        let spent = |after: Vec<u64>, before: Vec<u64>| {
            let pairs = after.into_iter().zip(before);
            pairs
                .map(|(after, before)| after - before)
                .collect::<Vec<_>>()
        };
        if number >= 100 {
            each.push((spent(after.0, before.0), spent(after.1, before.1)));
        }
    }
    // The shell may go to wait for its next block a moment later, and the text of `io` itself is
    // read and grows by a digit now and then; so it is the sums that are compared.
    let sum = |part: &[(Vec<u64>, Vec<u64>)]| {
        let values = part.iter().flat_map(|(shell, own)| shell.iter().chain(own));
        values.sum::<u64>()
    };
    let (first, last) = (sum(&each[..100]), sum(&each[800..]));
    assert!(
        last * 100 <= first * 105,
        "{first} for the first hundred, {last} for the last"
    );
}

fn answer(prompt: &str, typed: &str) -> docproof_core::scenario::Answer {
    docproof_core::scenario::Answer {
        prompt: prompt.to_owned(),
        typed: typed.to_owned(),
        optional: false,
    }
}

const ASKS: &str = "printf 'Sure? (y/n): '; read -r a; printf 'Name: '; read -r b; echo \"$a-$b\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_nobody_answers_does_not_hang() {
    let (_environment, mut session) = session().await;
    let limit = Duration::from_secs(60);
    let none = session.run_asked(&script(ASKS), &[], limit).await;
    let Err(SessionError::Asked { question, .. }) = none else {
        panic!("{none:?}")
    };
    assert_eq!(question, "Sure? (y/n):");
}

/// It may be a line that is still being printed; nothing follows it.
#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_question_is_one_when_nothing_follows() {
    let (_environment, mut session) = session().await;
    let limit = Duration::from_secs(60);
    let first = [answer("Sure? (y/n):", "y")];
    let second = session.run_asked(&script(ASKS), &first, limit).await;
    let Err(SessionError::Asked { question, .. }) = second else {
        panic!("{second:?}")
    };
    assert_eq!(question, "Name:");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_typed_when_they_are_asked_for() {
    let (_environment, mut session) = session().await;
    let limit = Duration::from_secs(60);
    let answers = [answer("Sure? (y/n):", "y"), answer("Name:", "reader")];
    let ran = session.run_asked(&script(ASKS), &answers, limit).await;
    let (outcome, answered) = ran.unwrap();
    assert_eq!((answered, outcome.status), (2, 0));
    assert_eq!(outcome.stdout.trim(), "y-reader");
    // A failing command is told with its line, and the variables stay.
    let failing = script("true\nfalse\necho \"$a\"");
    let (outcome, answered) = session.run_asked(&failing, &answers, limit).await.unwrap();
    assert_eq!((answered, outcome.errors[0].line), (0, 1));
    assert_eq!(outcome.stdout.trim(), "y");
}
