//! Holds our reading of bash against two others': tree-sitter-bash's tree and bash itself.
//!
//! Both see the cases of `shell_bash/cases.txt` and the blocks of `docs-snapshots/`, and the blocks
//! of every Markdown file below the folder that the environment variable `DOCPROOF_ARTICLES` names;
//! without it those trials are reported as ignored.

mod shell_bash {
    pub(crate) mod texts;
    pub(crate) mod tree;
}

use docproof_core::shell::{
    Command, CommandKind, Dialect, PartKind, Script, SyntaxProblemKind, parse,
};
use libtest_mimic::{Arguments, Failed, Trial};
use shell_bash::texts::{self, Text};
use shell_bash::tree;
use std::io::Write as _;
use std::process::{ExitCode, Stdio};

/// Our cases that tree-sitter-bash reads otherwise, and why.
const TREE_SITTER_IS_WRONG: &[(&str, &str)] = &[
    ("ansi c", "it reads the `$` of `$\"…\"` as a word"),
    (
        "pipelines and lists",
        "it takes a line with `!` for arguments",
    ),
    ("continuations", "it ends a word at a continuation inside"),
];

/// Our cases where bash accepts what surely is no command of its own, and why.
const MEANT_OTHERWISE: &[(&str, &str)] = &[
    (
        "continuation of powershell",
        "two of its backquotes make a substitution",
    ),
    ("unbalanced twice", "two stray quotes make a text"),
    ("missing ends twice", "two stray quotes make a text"),
    (
        "container-apps-managed-identity-draft/article.md:251",
        "PowerShell's continuations",
    ),
];

fn main() -> ExitCode {
    let own = texts::own();
    let published = texts::published();
    let absent = published.is_none();
    let mut trials = vec![Trial::test("bash splits our words alike", splits_alike)];
    for (name, texts, ignored) in [
        ("our fixtures", own, false),
        (
            "published articles (DOCPROOF_ARTICLES)",
            published.unwrap_or_default(),
            absent,
        ),
    ] {
        let again = texts.clone();
        trials.push(
            Trial::test(format!("tree-sitter reads {name} alike"), move || {
                like_tree_sitter(&texts)
            })
            .with_ignored_flag(ignored),
        );
        trials.push(
            Trial::test(format!("bash agrees on {name}"), move || like_bash(&again))
                .with_ignored_flag(ignored),
        );
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The words of each command, where tree-sitter finds no error.
fn like_tree_sitter(texts: &[Text]) -> Result<(), Failed> {
    let mut compared = 0;
    let mut different = Vec::new();
    for text in texts {
        let script = parse(&text.content, Dialect::Bash);
        let joins_otherwise = script
            .continuations
            .iter()
            .any(|c| text.content[c.clone()].contains([' ', '\t']));
        if !script.problems.is_empty() || joins_otherwise {
            continue;
        }
        let content = without_placeholders(&script, &text.content);
        let Some(theirs) = tree::commands(&content) else {
            continue;
        };
        let script = parse(&content, Dialect::Bash);
        let mut ours: Vec<_> = script
            .commands_in_order()
            .into_iter()
            .filter(|c| c.kind == CommandKind::Simple && !c.words.is_empty())
            .filter(|c| !tree::is_other_construct(c.words[0].source(&content)))
            .collect();
        ours.sort_by_key(|c| (c.words[0].range.start, c.range.start));
        let ours: Vec<Vec<String>> = ours.iter().map(|c| words(c, &content)).collect();
        compared += 1;
        let mistaken = ours
            .iter()
            .map(|words| as_mistaken(words))
            .eq(theirs.iter().map(|words| as_mistaken(words)));
        if ours != theirs
            && !mistaken
            && !TREE_SITTER_IS_WRONG.iter().any(|(p, _)| *p == text.place)
        {
            let at = ours.iter().zip(&theirs).position(|(a, b)| a != b);
            let at = at.unwrap_or(ours.len().min(theirs.len()));
            different.push(format!(
                "{}\n  ours   {:?}\n  theirs {:?}",
                text.place,
                ours.get(at),
                theirs.get(at)
            ));
        }
    }
    if compared < texts.len() / 2 {
        return Err(format!("only {compared} of {} texts compared", texts.len()).into());
    }
    report(&different)
}

/// The words without what tree-sitter-bash gets wrong in published articles: it ends a word at the
/// second `$` in it and at a continuation inside, joins `$ az`, and loses the `-` of
/// `cat <<EOF | kubectl apply -f -`.
fn as_mistaken(words: &[String]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    for word in words.iter().flat_map(|word| word.split("\\\n")) {
        match joined.last_mut() {
            Some(last) if last.ends_with('$') => last.push_str(word.trim_start()),
            _ => joined.push(word.replace("$ ", "$")),
        }
    }
    joined.pop_if(|last| last == "-");
    joined
}

fn words(command: &Command, text: &str) -> Vec<String> {
    let words = command.words.iter();
    words.map(|w| w.source(text).to_owned()).collect()
}

/// What bash accepts has no problem but those that are no errors of syntax; what it refuses has one.
fn like_bash(texts: &[Text]) -> Result<(), Failed> {
    let mut different = Vec::new();
    let mut missed = Vec::new();
    for text in texts {
        let script = parse(&text.content, Dialect::Bash);
        let problems: Vec<_> = script
            .problems
            .iter()
            .filter(|p| {
                !matches!(
                    p.kind,
                    SyntaxProblemKind::DollarOnAssignment(_)
                        | SyntaxProblemKind::SpaceAroundAssignment(_)
                        | SyntaxProblemKind::SpaceAfterEquals(_)
                        | SyntaxProblemKind::CommandAsValue(_)
                        | SyntaxProblemKind::InvalidVariableName(_)
                )
            })
            .collect();
        let error = bash_error(&without_placeholders(&script, &text.content))?;
        let meant_otherwise = MEANT_OTHERWISE.iter().any(|(p, _)| *p == text.place);
        if error.is_empty() && !problems.is_empty() && !meant_otherwise {
            different.push(format!("{}: {problems:?}", text.place));
        }
        if !error.is_empty() && problems.is_empty() {
            missed.push(format!("{}: no problem found, but {error}", text.place));
        }
    }
    different.append(&mut missed);
    report(&different)
}

/// The text with a word where a placeholder stands, which bash takes for a redirection.
fn without_placeholders(script: &Script, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for command in script.commands_in_order() {
        let targets = command.redirects.iter().filter_map(|r| r.target.as_ref());
        let values = command.assignments.iter().filter_map(|a| a.value.as_ref());
        for word in command.words.iter().chain(targets).chain(values) {
            for part in &word.parts {
                if matches!(part.kind, PartKind::Placeholder { .. }) {
                    bytes[part.range.clone()].fill(b'_');
                }
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// What `bash -n` says.
fn bash_error(text: &str) -> Result<String, Failed> {
    let mut bash = std::process::Command::new("bash")
        .args(["--norc", "-n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .env("LC_ALL", "C.UTF-8")
        .spawn()?;
    if let Some(mut input) = bash.stdin.take() {
        input.write_all(text.replace("\r\n", "\n").as_bytes())?;
    }
    let output = bash.wait_with_output()?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs commands of our own with an `az` that tells its arguments.
fn splits_alike() -> Result<(), Failed> {
    const COMMANDS: &str = r##"
az a 'b c' "d e" f\ g $'h\ti\x41\u00e9\101' "j\"k\$l\`m\\n\o" o"p"'q'r
az '' "" a'' "#" b#c \# '\' "'" '"' \' \" 'a'\''b'
az "a
b" 'c
d' e\
f "g\
h" \
  i # j
az {} {a} [a] [] a=b a+=b @a a@b ^ % , . ~~ a~ = == -- - é “a” a–b
az --a=b --a 'b=c' --c="d e" -- $ $% a$ "$" "a$ b" "$%" $"a b"
az [0].id 'x[?a==`b`].c' "a[?b=='c']" \{a,b\} "{a,b}" \* "*" '?' a\
b
az $'\e[0m\'\"\\\?\a\b\f\v\r\n' $'\cA\q'
"##;
    let script = parse(COMMANDS, Dialect::Bash);
    let folder = std::env::temp_dir();
    let output = std::process::Command::new("bash")
        .args(["--norc", "-c"])
        .arg(format!(
            "az() {{ printf '%s\\0' \"$@\"; printf '\\1\\0'; }}\n{COMMANDS}"
        ))
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder)
        .output()?;
    let output = String::from_utf8(output.stdout)?;
    let theirs: Vec<Vec<&str>> = output
        .split("\u{1}\0")
        .filter(|command| !command.is_empty())
        .map(|command| command.split_terminator('\0').collect())
        .collect();
    let ours: Vec<Vec<String>> = script
        .commands
        .iter()
        .map(|c| {
            c.words[1..]
                .iter()
                .map(|w| w.literal().unwrap_or_default())
                .collect()
        })
        .collect();
    let different: Vec<String> = ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, theirs)| format!("ours {ours:?}\ntheirs {theirs:?}"))
        .collect();
    if ours.len() != theirs.len() {
        return Err(format!("{} commands, {} run", ours.len(), theirs.len()).into());
    }
    report(&different)
}

fn report(different: &[String]) -> Result<(), Failed> {
    if different.is_empty() {
        Ok(())
    } else {
        Err(format!("{} differ\n{}", different.len(), different.join("\n")).into())
    }
}
