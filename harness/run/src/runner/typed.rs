//! What is typed for a block: bash as it stands, the command prompt's commands translated, Python
//! handed to `python3`.

use crate::az::PythonSdk;
use docproof_core::event::{NoteKind, StepNote};
use docproof_core::scenario::{Line, Script, ShellKind, Step};
use docproof_core::shell::cmd_to_bash;

/// Ends the text that a program reads; no block has such a line.
const END: &str = "__docproof_end__";

/// What is typed, and what a report shows of it; or why the block cannot be run.
pub(super) fn typed(step: &Step, script: Script) -> Result<(Script, Vec<StepNote>), String> {
    match step.shell {
        ShellKind::Bash => Ok((script, Vec::new())),
        ShellKind::Cmd => translated(script),
        ShellKind::Python => {
            let note = StepNote {
                about: NoteKind::StandIn,
                text: format!("python3 with {}", PythonSdk::versions()),
                why: Some("docproof installs them, as the article's reader does with pip".into()),
                position: None,
            };
            Ok((python(step, script), vec![note]))
        }
        ShellKind::PowerShell => Err("docproof cannot type into pwsh yet".to_owned()),
    }
}

fn translated(script: Script) -> Result<(Script, Vec<StepNote>), String> {
    let text = script.text();
    let commands = cmd_to_bash(&text)
        .map_err(|reason| format!("the command prompt is not installed, and {reason}"))?;
    let lines: Vec<Line> = commands
        .into_iter()
        .filter_map(|(at, command)| {
            let number = text.get(..at)?.matches('\n').count();
            Some(Line {
                text: command,
                position: script.lines.get(number)?.position.clone(),
            })
        })
        .collect();
    let shown: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let note = StepNote {
        about: NoteKind::Translated,
        text: shown.join("\n"),
        why: Some("this machine has no command prompt: the same commands, in bash".to_owned()),
        position: None,
    };
    Ok((Script { lines }, vec![note]))
}

/// The block as `python3` reads it, and the scenario's lines after it.
fn python(step: &Step, script: Script) -> Script {
    let at = |text: String| Line {
        text,
        position: step.position.clone(),
    };
    let mut lines = vec![at(format!("python3 - <<'{END}'"))];
    lines.extend(script.lines);
    lines.extend(step.then.iter().cloned());
    lines.push(at(END.to_owned()));
    Script { lines }
}

/// The line of the block that Python's own account of an error names last.
pub(super) fn python_line(printed: &str) -> Option<usize> {
    let place = "File \"<stdin>\", line ";
    let (_, rest) = printed.rsplit_once(place)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::python_line;

    #[test]
    fn the_last_line_of_a_traceback_is_the_one() {
        assert_eq!(python_line("no traceback"), None);
        let text = "Traceback:\n  File \"<stdin>\", line 2, in <module>\n  File \"<stdin>\", \
                    line 7, in f\n  File \"/usr/lib/x.py\", line 3\n";
        assert_eq!(python_line(text), Some(7));
    }
}
