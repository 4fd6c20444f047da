//! Whether a block opens a shell inside a container: [`opens_container_shell`].

use super::script::{CommandKind, Dialect, Part, PartKind, Word};

/// Whether the last command of a block opens a shell inside a container and stays in it:
/// `az container exec` or `az containerapp exec` with a shell to run.
///
/// `az container exec` needs `--exec-command`; `az containerapp exec` runs `sh` without it
/// (the commands' reference, `--command` of `az containerapp exec`).
pub fn opens_container_shell<'a>(lines: impl IntoIterator<Item = &'a str>) -> bool {
    let words = last_command(lines);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["az", "container", "exec", rest @ ..] => {
            option(rest, "--exec-command").is_some_and(is_shell)
        }
        ["az", "containerapp", "exec", rest @ ..] => option(rest, "--command").is_none_or(is_shell),
        _ => false,
    }
}

/// The words of the last simple command of a block, quotes taken off; variables as they are written.
pub fn last_command<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let text: String = lines.into_iter().flat_map(|line| [line, "\n"]).collect();
    let script = super::parse(&text, Dialect::Bash);
    let last = script
        .commands
        .iter()
        .rev()
        .find(|command| command.kind == CommandKind::Simple && !command.words.is_empty());
    let words = last.map_or(&[][..], |command| &command.words);
    words.iter().map(|word| unquoted(word, &text)).collect()
}

fn unquoted(word: &Word, text: &str) -> String {
    let part = |part: &Part| match &part.kind {
        PartKind::Text(text) => text.clone(),
        _ => {
            let source = text.get(part.range.clone()).unwrap_or("");
            source.trim_matches('"').to_owned()
        }
    };
    word.parts.iter().map(part).collect()
}

/// The value of an option, as `--name value` or `--name=value`.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(i, word)| {
        if *word == name {
            return words.get(i + 1).copied();
        }
        word.strip_prefix(name)?.strip_prefix('=')
    })
}

/// Whether a command is a shell and nothing else.
fn is_shell(command: &str) -> bool {
    let program = command.trim().rsplit(['/', '\\']).next().unwrap_or("");
    let program = program.to_ascii_lowercase();
    matches!(
        program.trim_end_matches(".exe"),
        "bash" | "sh" | "ash" | "dash" | "zsh" | "cmd" | "powershell" | "pwsh"
    )
}

#[cfg(test)]
mod tests {
    use super::{last_command, opens_container_shell};

    #[test]
    fn other_commands_open_nothing() {
        assert!(!opens_container_shell([]));
        assert!(!opens_container_shell([
            "az container exec -g a -n b --exec-command 'ls /'"
        ]));
        assert!(!opens_container_shell([
            "az container exec -n b --exec-command bash",
            "echo done"
        ]));
        assert!(!opens_container_shell([
            "# az container exec --exec-command bash"
        ]));
        assert!(!opens_container_shell([
            "echo \"az container exec --exec-command bash"
        ]));
    }

    #[test]
    fn a_shell_in_a_container_is_seen() {
        assert!(opens_container_shell([
            "az container exec \\",
            "  --exec-command \"/bin/bash\""
        ]));
        assert!(opens_container_shell([
            "x=1; az containerapp exec -n a -g b",
            "",
            "# in it:"
        ]));
        assert!(opens_container_shell(["az containerapp exec --command=sh"]));
        assert!(opens_container_shell([
            "az container exec --exec-command 'C:\\Windows\\System32\\CMD.exe'"
        ]));
    }

    #[test]
    fn words_are_as_the_shell_sees_them() {
        assert_eq!(
            last_command(["a && b 'c d' e\\ f\"g\\\"h\" # x"]),
            ["b", "c d", "e fg\"h"]
        );
    }
}
