//! Commands that reach a real subscription: renamed, written into the ledger, kept off what is not the
//! run's, and tried again where Azure only needs time.

use super::execute::{LEAVE_LIMIT, execute};
use crate::environment::{Environment, EnvironmentError, Live, ObservedRequest};
use crate::patience::Cause;
use crate::session::{BlockOutcome, Session, SessionError};
use docproof_core::event::{NoteKind, StepNote};
use docproof_core::naming::Language;
use docproof_core::scenario::{Elsewhere, Line, Script, ShellKind, Step};
use docproof_core::shell::{self, Dialect};
use std::process::Stdio;
use std::time::Duration;

/// How long the shell may take to say what a variable holds.
const ASKING: Duration = Duration::from_secs(20);

/// How long a check may find something else than it should.
const SETTLING: Duration = Duration::from_secs(120);

/// How a step waits for Azure, and how long it has waited so far.
pub(super) struct Waits<'a> {
    live: Option<&'a dyn Live>,
    spent: Duration,
    tries: u32,
    told: Vec<(Cause, u32, Duration)>,
}

impl<'a> Waits<'a> {
    pub(super) fn new(live: Option<&'a dyn Live>) -> Self {
        Self {
            live,
            spent: Duration::ZERO,
            tries: 0,
            told: Vec::new(),
        }
    }

    /// Waits, if what was printed tells of something that passes; whether to try again.
    pub(super) async fn again(&mut self, printed: &str, asked: &[ObservedRequest]) -> bool {
        let cause = Cause::of(printed).or_else(|| {
            let answers = asked.iter();
            let answers = answers.map(|one| (one.method.as_str(), one.url.as_str(), one.status));
            Cause::of_answers(&answers.collect::<Vec<_>>())
        });
        match cause {
            Some(cause) => self.wait(cause, Duration::MAX).await,
            None => false,
        }
    }

    /// Waits for what a check of the scenario's own looks at, and that is still changing: nothing is
    /// made by looking again.
    pub(super) async fn settle(&mut self) -> bool {
        self.wait(Cause::Settling, SETTLING).await
    }

    async fn wait(&mut self, cause: Cause, limit: Duration) -> bool {
        let Some(live) = self.live else {
            return false;
        };
        let patience = live.patience();
        if !live.awaits(cause) || self.spent >= patience.limit.min(limit) {
            return false;
        }
        let pause = patience.pause_after(self.tries);
        let pause = live.time_left().map_or(pause, |left| pause.min(left));
        if pause.is_zero() {
            return false;
        }
        tokio::time::sleep(pause).await;
        self.tries += 1;
        self.spent += pause;
        match self.told.iter_mut().find(|(known, ..)| *known == cause) {
            Some((_, tries, spent)) => {
                *tries += 1;
                *spent += pause;
            }
            None => self.told.push((cause, 1, pause)),
        }
        true
    }

    /// What a report must tell of it.
    pub(super) fn notes(self, passed: bool) -> Vec<StepNote> {
        let note = |(cause, tries, spent): (Cause, u32, Duration)| StepNote {
            about: NoteKind::Waited,
            text: format!(
                "{}: tried again {tries} time{}, after {:.0} s",
                cause.told(),
                if tries == 1 { "" } else { "s" },
                spent.as_secs_f64()
            ),
            why: (passed && !cause.is_busy() && cause != Cause::Settling)
                .then(|| "passed, but the article needs a wait here".to_owned()),
            position: None,
        };
        self.told.into_iter().map(note).collect()
    }
}

/// Runs a step's commands, as [`execute`] does where nothing is live.
pub(super) async fn carry_out(
    environment: &dyn Environment,
    session: &mut Session,
    step: &Step,
    script: &Script,
    waits: &mut Waits<'_>,
    notes: &mut Vec<StepNote>,
) -> Result<BlockOutcome, SessionError> {
    let Some(live) = environment.live() else {
        return execute(session, step, script, notes).await;
    };
    let language = match step.shell {
        ShellKind::Python => Language::Python,
        _ => Language::Bash,
    };
    let mut script = renamed(live, script, language);
    if step.elsewhere == Elsewhere::Here && signs_in(&mut script) {
        notes.push(StepNote {
            about: NoteKind::StandIn,
            text: "az account list".to_owned(),
            why: Some("docproof has signed in before `az login`; it prints the same".to_owned()),
            position: None,
        });
    }
    let mut step = step.clone();
    step.timeout = limit(live, step.timeout)?;
    if step.elsewhere != Elsewhere::Inside {
        // The guard below asks the reader's own shell.
        session.leave(LEAVE_LIMIT).await?;
    }
    before(live, &script)?;
    let apart = step.elsewhere == Elsewhere::Here
        && step.answers.is_empty()
        && step.shell != ShellKind::Python;
    let pieces = match apart {
        true => pieces(&script).await,
        false => vec![script.clone()],
    };
    let mut whole = BlockOutcome::default();
    let mut first = 0;
    for piece in pieces {
        if step.elsewhere != Elsewhere::Inside {
            only_own_groups(live, session, &piece).await?;
        }
        // Whether Azure took a change before it was too busy to say more.
        let mut taken = false;
        let outcome = loop {
            let mut said = Vec::new();
            let mark = environment.mark();
            let outcome = execute(session, &step, &piece, &mut said).await;
            let outcome = told(live, outcome)?;
            let failed = outcome.status != 0 || !outcome.errors.is_empty();
            let printed = format!("{}\n{}", outcome.stdout, outcome.stderr);
            let asked = environment.requests_since(mark);
            if failed && taken && Cause::is_done(&printed) {
                notes.push(done(&printed));
                break BlockOutcome {
                    status: 0,
                    errors: Vec::new(),
                    ..outcome
                };
            }
            if !(failed && waits.again(&printed, &asked).await) {
                notes.append(&mut said);
                break outcome;
            }
            taken |= asked.iter().any(changes);
        };
        whole.status = outcome.status;
        whole.stdout.push_str(&outcome.stdout);
        whole.stderr.push_str(&outcome.stderr);
        whole.elapsed += outcome.elapsed;
        for mut error in outcome.errors {
            error.line += first;
            whole.errors.push(error);
        }
        first += piece.lines.len();
        after(live, &piece)?;
    }
    whole.stdout = live.restore(&whole.stdout);
    whole.stderr = live.restore(&whole.stderr);
    Ok(whole)
}

/// Whether a request changed something, and Azure took it.
fn changes(request: &ObservedRequest) -> bool {
    matches!(request.method.as_str(), "PUT" | "PATCH" | "DELETE")
        && (200..300).contains(&request.status)
}

/// What is told of a command whose first try had done everything.
fn done(printed: &str) -> StepNote {
    let last = printed.lines().rfind(|line| !line.trim().is_empty());
    StepNote {
        about: NoteKind::Waited,
        text: format!(
            "the first try had done it: {}",
            last.unwrap_or_default().trim()
        ),
        why: None,
        position: None,
    }
}

/// Runs commands that are the scenario's own, all of them again where Azure needs time.
pub(super) async fn run(
    environment: &dyn Environment,
    session: &mut Session,
    script: &Script,
    timeout: Duration,
) -> Result<BlockOutcome, SessionError> {
    let Some(live) = environment.live() else {
        return session.run(script, timeout).await;
    };
    let script = renamed(live, script, Language::Bash);
    before(live, &script)?;
    only_own_groups(live, session, &script).await?;
    let mut waits = Waits::new(Some(live));
    loop {
        let mark = environment.mark();
        let outcome = session.run(&script, limit(live, timeout)?).await;
        let mut outcome = told(live, outcome)?;
        let failed = outcome.status != 0 || !outcome.errors.is_empty();
        let printed = format!("{}\n{}", outcome.stdout, outcome.stderr);
        let asked = environment.requests_since(mark);
        if failed && waits.again(&printed, &asked).await {
            continue;
        }
        after(live, &script)?;
        outcome.stdout = live.restore(&outcome.stdout);
        outcome.stderr = live.restore(&outcome.stderr);
        return Ok(outcome);
    }
}

fn before(live: &dyn Live, script: &Script) -> Result<(), EnvironmentError> {
    tokio::task::block_in_place(|| live.before(&script.text()))
}

fn after(live: &dyn Live, script: &Script) -> Result<(), EnvironmentError> {
    tokio::task::block_in_place(|| live.after(&script.text()))
}

/// What is left of the step's own limit.
fn limit(live: &dyn Live, limit: Duration) -> Result<Duration, EnvironmentError> {
    match live.time_left() {
        Some(left) if left.is_zero() => Err(EnvironmentError::new("the scenario's time is over")
            .with_help("give it more with --scenario-timeout")),
        Some(left) => Ok(limit.min(left)),
        None => Ok(limit),
    }
}

/// Lets the target look for secrets in what was printed, before anybody shows it.
fn told(
    live: &dyn Live,
    outcome: Result<BlockOutcome, SessionError>,
) -> Result<BlockOutcome, SessionError> {
    match &outcome {
        Ok(outcome) => {
            live.learn(&outcome.stdout);
            live.learn(&outcome.stderr);
        }
        Err(
            SessionError::TimedOut { output, .. }
            | SessionError::Ended { output, .. }
            | SessionError::Asked { output, .. }
            | SessionError::NotAsked { output, .. },
        ) => live.learn(output),
        Err(_) => {}
    }
    outcome
}

/// The script with the run's names, each line where it was.
fn renamed(live: &dyn Live, script: &Script, language: Language) -> Script {
    let text = live.rename(&script.text(), language);
    let lines = text.lines().zip(&script.lines);
    let lines = lines.map(|(text, line)| Line {
        text: text.to_owned(),
        position: line.position.clone(),
    });
    Script {
        lines: lines.collect(),
    }
}

/// Puts something in place of `az login` without options, which would ask a person; whether there was
/// one.
fn signs_in(script: &mut Script) -> bool {
    let mut found = false;
    for line in &mut script.lines {
        if line.text.trim() == "az login" {
            line.text = line.text.replace("az login", "az account list");
            found = true;
        }
    }
    found
}

/// The script in pieces that bash takes one after the other, as it is pasted: only the piece that
/// failed is run again.
async fn pieces(script: &Script) -> Vec<Script> {
    let mut pieces = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for line in &script.lines {
        lines.push(line.clone());
        let piece = Script {
            lines: lines.clone(),
        };
        let goes_on = line.text.trim_end_matches('\r').ends_with('\\');
        if !goes_on && is_whole(&piece.text()).await {
            lines.clear();
            pieces.push(piece);
        }
    }
    if !lines.is_empty() {
        pieces.push(Script { lines });
    }
    pieces
}

/// Whether bash would wait for no further line.
async fn is_whole(text: &str) -> bool {
    let mut bash = tokio::process::Command::new("bash");
    bash.args(["--norc", "-n", "-c", text])
        .env_clear()
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = bash.output().await;
    output.is_ok_and(|output| output.status.success() && output.stderr.is_empty())
}

/// Refuses commands of `az` that name a resource group which is not the run's. What a variable holds,
/// the shell is asked.
async fn only_own_groups(
    live: &dyn Live,
    session: &mut Session,
    piece: &Script,
) -> Result<(), SessionError> {
    let text = piece.text();
    for word in group_words(&text) {
        let value = match word.contains(['$', '`', '"', '\'', '\\']) {
            false => word,
            // What runs commands is not run twice.
            true if word.contains("$(") || word.contains('`') => continue,
            true => asked(session, piece, &word).await?,
        };
        let value = value.trim();
        if !value.is_empty() && !live.is_own_group(value) {
            return Err(EnvironmentError::new(format!(
                "a command names the resource group '{value}', which is not the run's"
            ))
            .with_help(
                "on a real subscription only groups of the scenario's `[names]` are touched: add it \
                 there, as \"resource-group\"",
            )
            .into());
        }
    }
    Ok(())
}

/// What the shell makes of a word.
async fn asked(session: &mut Session, piece: &Script, word: &str) -> Result<String, SessionError> {
    let Some(line) = piece.lines.first() else {
        return Ok(String::new());
    };
    // In a subshell, so that nothing of the walkthrough's changes.
    let script = Script {
        lines: vec![Line {
            text: format!("(set +eu; printf '%s\\n' {word})"),
            position: line.position.clone(),
        }],
    };
    Ok(session.run(&script, ASKING).await?.stdout)
}

/// The words of a text that name resource groups to `az`, as they are written.
fn group_words(text: &str) -> Vec<String> {
    let script = shell::parse(text, Dialect::Bash);
    let mut found = Vec::new();
    script.walk(&mut |command| {
        let written = |index: usize| {
            let word = command.words.get(index)?;
            text.get(word.range.clone())
        };
        if written(0) != Some("az") {
            return;
        }
        let of_groups = written(1) == Some("group");
        for index in 1..command.words.len() {
            let option = written(index).unwrap_or_default();
            let (name, value) = match option.split_once('=') {
                Some((name, value)) if option.starts_with("--") => (name, Some(value)),
                _ => (option, written(index + 1)),
            };
            let names_group = matches!(name, "-g" | "--resource-group")
                || (of_groups && matches!(name, "-n" | "--name"));
            if let (true, Some(value)) = (names_group, value) {
                found.push(value.to_owned());
            }
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use docproof_core::source::Position;

    fn script(text: &str) -> Script {
        let line = |text: &str| Line {
            text: text.to_owned(),
            position: Position {
                file: "a.md".into(),
                line: 1,
                column: 1,
            },
        };
        Script {
            lines: text.lines().map(line).collect(),
        }
    }

    #[tokio::test]
    async fn a_block_is_taken_apart_where_bash_would_run_it() {
        let text = "A=1\naz group create \\\n  --name x\nfor i in 1 2; do\n  echo $i\ndone\n\
                    cat <<E\none\nE\necho 'a\nb'\n";
        let pieces = pieces(&script(text)).await;
        let texts: Vec<String> = pieces.iter().map(Script::text).collect();
        assert_eq!(
            texts,
            [
                "A=1\n",
                "az group create \\\n  --name x\n",
                "for i in 1 2; do\n  echo $i\ndone\n",
                "cat <<E\none\nE\n",
                "echo 'a\nb'\n",
            ]
        );
        let broken = pieces_of("echo \"never closed\necho 2\n").await;
        assert_eq!(broken, 1);
    }

    async fn pieces_of(text: &str) -> usize {
        pieces(&script(text)).await.len()
    }

    #[test]
    fn groups_are_found_wherever_az_is_told_them() {
        let text = "az group delete --name $G --yes\naz keyvault create -n v -g \"$X\"\n\
                    ID=$(az identity show --resource-group=rg --name me)\n\
                    echo --resource-group no\naz vm list --name n\n";
        assert_eq!(group_words(text), ["$G", "\"$X\"", "rg"]);
    }

    #[test]
    fn only_a_bare_sign_in_is_replaced() {
        let mut signs = script("az login\necho az login\naz login --identity\n");
        assert!(signs_in(&mut signs));
        assert_eq!(
            signs.text(),
            "az account list\necho az login\naz login --identity\n"
        );
    }

    #[test]
    fn only_what_azure_took_is_done_before() {
        let request = |method: &str, status| ObservedRequest {
            method: method.to_owned(),
            url: String::new(),
            status,
            error: None,
            answer: None,
            command: None,
            not_emulated: false,
            stand_in: None,
            quiet: false,
            seconds: 0.0,
        };
        assert!(changes(&request("PUT", 201)));
        assert!(!changes(&request("PUT", 429)) && !changes(&request("GET", 200)));
        assert!(Cause::is_done(
            "ERROR: The containerapp a has no system or user assigned identities."
        ));
        assert!(!Cause::is_done(
            "ERROR: (ResourceNotFound) The Resource was not found"
        ));
    }

    #[tokio::test]
    async fn where_nothing_is_live_nobody_waits() {
        let mut waits = Waits::new(None);
        assert!(!waits.again("(429)", &[]).await);
        assert!(waits.notes(true).is_empty());
    }
}
