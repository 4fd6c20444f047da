//! Commands that articles use, for guessing whether a line is one.

use super::Parser;
use super::cursor::in_name;

/// Programs and builtins that begin a line of an article's commands.
const COMMANDS: &[&str] = &[
    "alias",
    "apt",
    "apt-get",
    "awk",
    "az",
    "azd",
    "base64",
    "bash",
    "brew",
    "cat",
    "cd",
    "chmod",
    "chown",
    "code",
    "cp",
    "curl",
    "date",
    "declare",
    "dig",
    "docker",
    "dotnet",
    "echo",
    "eval",
    "exec",
    "exit",
    "export",
    "find",
    "flux",
    "func",
    "git",
    "go",
    "grep",
    "head",
    "helm",
    "istioctl",
    "java",
    "jq",
    "kubectl",
    "kubelogin",
    "kustomize",
    "ls",
    "make",
    "mkdir",
    "mv",
    "mvn",
    "mysql",
    "nano",
    "node",
    "notation",
    "npm",
    "nslookup",
    "openssl",
    "oras",
    "pip",
    "pip3",
    "popd",
    "printf",
    "psql",
    "pushd",
    "pwd",
    "pwsh",
    "python",
    "python3",
    "read",
    "rm",
    "scp",
    "sed",
    "set",
    "sh",
    "sleep",
    "sort",
    "source",
    "sqlcmd",
    "ssh",
    "ssh-keygen",
    "sudo",
    "tar",
    "tee",
    "terraform",
    "test",
    "touch",
    "tr",
    "unset",
    "unzip",
    "uuidgen",
    "vi",
    "vim",
    "wget",
    "xargs",
    "yum",
    "zip",
];

/// Whether a word is the name of a well-known command.
pub(super) fn is_command(word: &str) -> bool {
    COMMANDS.binary_search(&word).is_ok()
}

impl Parser<'_> {
    /// Whether a command that articles use, or an assignment, begins at `at`.
    pub(super) fn begins_command(&self, at: usize) -> bool {
        let mut end = at;
        while self.byte(end).is_some_and(|b| in_name(b) || b == b'-') {
            end += 1;
        }
        match self.byte(end) {
            Some(b' ' | b'\t') => is_command(self.slice(at, end)),
            Some(b'=') => {
                self.name_end(at) == end
                    && end > at
                    && self.byte(end + 1).is_some_and(|b| {
                        b.is_ascii_alphanumeric() || matches!(b, b'$' | b'"' | b'\'' | b'<' | b'/')
                    })
            }
            _ => false,
        }
    }

    /// Whether an option (`--name`) begins at `at`.
    pub(super) fn begins_option(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-')
            && self.byte(at + 1) == Some(b'-')
            && self.byte(at + 2).is_some_and(|b| b.is_ascii_alphabetic())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_sorted() {
        assert!(super::COMMANDS.is_sorted());
    }
}
