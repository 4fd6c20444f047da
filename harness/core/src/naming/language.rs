//! What a text is written in: [`Language`].

use crate::scenario::ShellKind;

/// What a text is written in that names stand in, as far as that decides what is a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// What is typed into bash.
    Bash,
    /// What is typed into the command prompt of Windows.
    Cmd,
    /// What is typed into PowerShell.
    PowerShell,
    /// A program in Python: names stand in its strings.
    Python,
    /// A template, a configuration, any other text.
    Data,
}

impl Language {
    /// What a file that is called so holds.
    pub fn of_file(path: &str) -> Language {
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension.to_ascii_lowercase().as_str() {
            "sh" | "bash" => Self::Bash,
            "cmd" | "bat" => Self::Cmd,
            "ps1" => Self::PowerShell,
            "py" => Self::Python,
            _ => Self::Data,
        }
    }
}

impl From<ShellKind> for Language {
    fn from(shell: ShellKind) -> Self {
        match shell {
            ShellKind::Bash => Self::Bash,
            ShellKind::Cmd => Self::Cmd,
            ShellKind::PowerShell => Self::PowerShell,
            ShellKind::Python => Self::Python,
        }
    }
}

/// Which bytes of a Python program are in strings or in comments.
pub(super) fn in_strings(program: &str) -> Vec<bool> {
    let bytes = program.as_bytes();
    let mut inside = vec![false; bytes.len()];
    let mut mark = |from: usize, to: usize| {
        for one in inside.iter_mut().take(to).skip(from) {
            *one = true;
        }
    };
    let at = |index: usize| bytes.get(index).copied();
    let mut index = 0;
    while let Some(byte) = at(index) {
        let from = index;
        match byte {
            b'#' => {
                while at(index).is_some_and(|byte| byte != b'\n') {
                    index += 1;
                }
                mark(from, index);
            }
            b'"' | b'\'' => {
                let triple = at(index + 1) == Some(byte) && at(index + 2) == Some(byte);
                let quotes = if triple { 3 } else { 1 };
                index += quotes;
                while let Some(now) = at(index) {
                    let closes = (0..quotes).all(|ahead| at(index + ahead) == Some(byte));
                    if closes || (now == b'\n' && !triple) {
                        break;
                    }
                    index += if now == b'\\' { 2 } else { 1 };
                }
                mark(from, index);
                index += quotes;
            }
            _ => index += 1,
        }
    }
    inside
}
