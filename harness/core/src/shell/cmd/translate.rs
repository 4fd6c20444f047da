//! The command prompt's commands as bash runs them: [`to_bash`]. Only what both understand alike.

use crate::shell::script::{Command, CommandKind, Part, PartKind, Redirect, Word};
use std::ops::Range;

/// What the command prompt does itself, beside `set` and `echo`.
const OWN: [&str; 44] = [
    "assoc", "break", "call", "cd", "chdir", "cls", "color", "copy", "date", "del", "dir",
    "endlocal", "erase", "exit", "for", "ftype", "goto", "if", "md", "mkdir", "mklink", "move",
    "path", "pause", "popd", "prompt", "pushd", "rd", "rem", "ren", "rename", "rmdir", "setlocal",
    "shift", "start", "time", "title", "tree", "type", "ver", "verify", "vol", "where", "xcopy",
];

/// Each command as bash runs it, with the byte of `text` at which it begins.
///
/// # Errors
/// What is more than simple commands; named, lower case, without a full stop.
pub fn to_bash(text: &str) -> Result<Vec<(usize, String)>, String> {
    let script = super::parse(text);
    if let Some(problem) = script.problems.first() {
        let at = text.get(problem.range.clone()).unwrap_or_default();
        return Err(format!("`{at}` cannot be understood"));
    }
    script
        .commands
        .iter()
        .map(|command| Ok((command.range.start, one(text, command)?)))
        .collect()
}

fn one(text: &str, command: &Command) -> Result<String, String> {
    let place = command.place;
    let what = if command.kind != CommandKind::Simple || place.in_function || place.conditional {
        Some("conditions and loops")
    } else if place.piped_from || place.piped_into {
        Some("pipes")
    } else if place.background {
        Some("background commands")
    } else if !command.redirects.iter().all(is_quiet) {
        Some("redirections")
    } else {
        None
    };
    if let Some(what) = what {
        let shown = text.get(command.range.clone()).unwrap_or_default();
        return Err(format!("{what} are not translated: `{shown}`"));
    }
    let mut words = Vec::new();
    for assignment in &command.assignments {
        let value = match &assignment.value {
            Some(value) => word(text, value)?,
            None => {
                return Err(format!(
                    "`{}` is asked for at the keyboard",
                    assignment.name
                ));
            }
        };
        words.push(format!("{}={value}", assignment.name));
    }
    if command.assignments.is_empty() {
        for each in &command.words {
            words.push(word(text, each)?);
        }
        let name = command.words.first().and_then(plain).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if name == "set" || OWN.contains(&name.as_str()) {
            return Err(format!("`{name}` is the command prompt's own"));
        }
    }
    let quiet = command.redirects.iter().filter_map(|redirect| {
        let target = redirect.target.as_ref()?;
        plain(target).map(|_| format!("{}/dev/null", redirect.operator))
    });
    words.extend(quiet);
    Ok(words.join(" "))
}

/// `>nul`.
fn is_quiet(redirect: &Redirect) -> bool {
    let target = redirect.target.as_ref().and_then(plain);
    target.is_some_and(|target| target.eq_ignore_ascii_case("nul"))
}

fn plain(word: &Word) -> Option<&str> {
    match word.parts.as_slice() {
        [
            Part {
                kind: PartKind::Text(text),
                ..
            },
        ] => Some(text),
        _ => None,
    }
}

fn word(text: &str, word: &Word) -> Result<String, String> {
    let mut shown = String::new();
    for part in &word.parts {
        match &part.kind {
            PartKind::Text(text) => shown.push_str(&quoted(text)),
            PartKind::Variable {
                name,
                operator: None,
                nested,
                ..
            } if nested.is_empty() && is_closed(text, &part.range) && is_name(name) => {
                // A variable that is not set stays as it is written.
                shown.push_str(&format!("\"${{{name}-%{name}%}}\""));
            }
            PartKind::Placeholder { name } => {
                return Err(format!("`<{name}>` is not filled in"));
            }
            _ => {
                let shown = text.get(part.range.clone()).unwrap_or_default();
                return Err(format!("`{shown}` is not translated"));
            }
        }
    }
    Ok(if shown.is_empty() {
        "''".to_owned()
    } else {
        shown
    })
}

/// Whether a variable stands there as `%NAME%`, its quotes apart.
fn is_closed(text: &str, range: &Range<usize>) -> bool {
    let shown = text
        .get(range.clone())
        .unwrap_or_default()
        .trim_matches('"');
    shown.len() > 2 && shown.starts_with('%') && shown.ends_with('%')
}

fn is_name(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A text that bash takes as it is.
fn quoted(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%".contains(c);
    if !text.is_empty() && text.chars().all(harmless) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::to_bash;

    fn bash(text: &str) -> Vec<String> {
        let all = to_bash(text).unwrap();
        all.into_iter().map(|(_, command)| command).collect()
    }

    #[test]
    fn what_is_more_than_simple_commands_is_refused() {
        for (text, message) in [
            ("a | b", "pipes are not translated: `a`"),
            ("a && b", "conditions and loops"),
            ("if exist a b", "conditions and loops"),
            ("for %i in (a) do b %i", "conditions and loops"),
            ("a > b", "redirections are not translated"),
            ("dir", "`dir` is the command prompt's own"),
            ("set", "`set` is the command prompt's own"),
            ("set /p X=Name:", "`X` is asked for"),
            ("a <principal id>", "`<principal id>` is not filled in"),
            ("a %X:~0,2%", "is not translated"),
            ("a \"b", "cannot be understood"),
        ] {
            let error = to_bash(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn variables_and_quotes_are_bashs() {
        assert_eq!(
            bash("curl -G -v %IDENTITY_ENDPOINT% -d a=https://v.net ^\n -H secret:%H%\nset X=a b"),
            [
                "curl -G -v \"${IDENTITY_ENDPOINT-%IDENTITY_ENDPOINT%}\" -d a=https://v.net -H secret:\"${H-%H%}\"",
                "X='a b'",
            ]
        );
        assert_eq!(
            bash("echo \"it's $5\" >nul"),
            ["echo 'it'\\''s $5' >/dev/null"]
        );
        assert_eq!(to_bash("a\n\nb").unwrap()[1].0, 3);
    }
}
