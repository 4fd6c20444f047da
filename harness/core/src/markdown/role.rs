//! What each block is there for: [`assign`].

use super::article::{Article, Block, Role};
use crate::shell::Dialect;
use regex::Regex;
use std::sync::LazyLock;

/// What a fence's name promises.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    /// `bash`, `sh`: commands of a POSIX shell.
    Posix,
    /// `azurecli`, `console`, `terminal`: commands of whatever shell the reader has.
    AnyShell,
    PowerShell,
    Cmd,
    /// `output`, `text`
    Output,
    Json,
    /// No name.
    None,
    Other,
}

impl Name {
    fn of(language: &str) -> Self {
        match language.strip_suffix("-interactive").unwrap_or(language) {
            "bash" | "sh" | "zsh" => Name::Posix,
            "azurecli" | "azure-cli" | "azcli" | "cli" | "console" | "terminal" | "shell"
            | "shellsession" | "shell-session" => Name::AnyShell,
            "powershell" | "azurepowershell" | "azure-powershell" | "pwsh" | "ps" | "ps1"
            | "posh" => Name::PowerShell,
            "cmd" | "bat" | "batch" | "dos" => Name::Cmd,
            "output" | "text" | "plaintext" | "txt" | "log" => Name::Output,
            "json" => Name::Json,
            "" => Name::None,
            _ => Name::Other,
        }
    }
}

/// Gives every block its role.
pub(super) fn assign(article: &mut Article) {
    let mut section = None;
    let mut after_commands = false;
    let mut roles = Vec::with_capacity(article.blocks.len());
    for block in &article.blocks {
        if section != Some(&block.section_slug) {
            section = Some(&block.section_slug);
            after_commands = false;
        }
        let role = of(article, block, after_commands);
        after_commands |= matches!(role, Role::Commands(_));
        roles.push(role);
    }
    for (block, role) in article.blocks.iter_mut().zip(roles) {
        block.role = role;
    }
}

fn of(article: &Article, block: &Block, after_commands: bool) -> Role {
    let name = Name::of(&block.language);
    match name {
        Name::Other => Role::Listing,
        Name::Output => Role::Sample,
        Name::Json if after_commands => Role::Sample,
        Name::Json => Role::Listing,
        Name::None | Name::Posix | Name::AnyShell | Name::PowerShell | Name::Cmd => {
            let look = Look::at(block);
            match look.data() {
                Some(role) if name != Name::None || after_commands => role,
                Some(_) => Role::Listing,
                None if name == Name::None && !look.runs() => Role::Listing,
                None => Role::Commands(dialect(article, block, name, &look)),
            }
        }
    }
}

/// The shell that commands are for.
fn dialect(article: &Article, block: &Block, name: Name, look: &Look<'_>) -> Dialect {
    match name {
        Name::PowerShell => return Dialect::PowerShell,
        Name::Cmd => return Dialect::Cmd,
        _ => {}
    }
    let tab = block.visibility.tab.and_then(|place| {
        let group = article.tab_groups.get(place.group)?;
        group.tabs.get(place.tab)
    });
    let pivots = block.visibility.pivots.as_deref().unwrap_or_default();
    let for_powershell = |pivot: &String| pivot.to_ascii_lowercase().contains("powershell");
    if tab.is_some_and(|tab| tab.is_powershell())
        || (tab.is_none() && !pivots.is_empty() && pivots.iter().all(for_powershell))
    {
        return Dialect::PowerShell;
    }
    let says = |word: &str| {
        tab.is_some_and(|tab| {
            let mut texts = tab.ids.iter().chain([&tab.title]);
            texts.any(|text| text.to_ascii_lowercase().contains(word))
        })
    };
    // There a backtick or `^` at a line's end is the author's slip, and a rule's to tell.
    if name == Name::Posix || ["bash", "linux", "macos"].iter().any(|word| says(word)) {
        return Dialect::Bash;
    }
    if look.is_powershell(name) {
        Dialect::PowerShell
    } else if look.is_cmd() {
        Dialect::Cmd
    } else {
        Dialect::Bash
    }
}

/// A block's lines that say something.
struct Look<'a> {
    /// Without empty lines.
    lines: Vec<&'a str>,
}

impl<'a> Look<'a> {
    fn at(block: &'a Block) -> Self {
        let lines = block.lines.iter().map(|line| line.text.as_str());
        Self {
            lines: lines.filter(|line| !line.trim().is_empty()).collect(),
        }
    }

    /// Lines that are neither empty nor a comment.
    fn code(&self) -> impl Iterator<Item = &'a str> + '_ {
        let lines = self.lines.iter().map(|line| line.trim());
        lines.filter(|line| !line.starts_with('#'))
    }

    /// The role of what is plainly no command, however the fence is named.
    fn data(&self) -> Option<Role> {
        static DATA: LazyLock<Option<Regex>> = LazyLock::new(|| {
            // A JSON object or list, also a fragment or an elision; a JSON string alone; a status
            // line; mark-up; a resource id or a GUID alone.
            Regex::new(concat!(
                r#"^(\{\s*("|\}?,?$|\.\.\.)|\[\s*(["{\]]|\.\.\.|…|$)|"[^"]*"\s*:|"[^"]*"$|HTTP/\d"#,
                r"|<(!DOCTYPE|[?]xml|html)\b|/subscriptions/\S*$|[\dA-Fa-fx]{8}(-[\dA-Fa-fx]{4}){3}-[\dA-Fa-fx]{12,}$)",
            ))
            .ok()
        });
        static MAPPING: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"^[A-Za-z][\w.-]*:(\s+[^\s:=]|$)"#).ok());
        let first = self.lines.first()?.trim();
        let second = self.lines.get(1).map_or("", |line| line.trim());
        if matches(&DATA, first) || is_table(first, second) {
            return Some(Role::Sample);
        }
        if first == "---" || matches(&MAPPING, first) {
            return Some(Role::Listing);
        }
        None
    }

    /// Whether a block without a name plainly holds commands.
    fn runs(&self) -> bool {
        static ASSIGNS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^(export\s+)?\$?[A-Za-z_]\w*\s*=").ok());
        static CAPTURES: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^\$?[A-Za-z_]\w*\s*=\s*(\$\(|\(?\s*[A-Z][a-z]+-Az)").ok()
        });
        for line in self.code() {
            let command = line.strip_prefix("$ ").unwrap_or(line);
            let program = command.split_whitespace().next().unwrap_or("");
            if PROGRAMS.contains(&program) || is_cmdlet(program) || matches(&CAPTURES, command) {
                return true;
            }
            // Assignments alone may be a file of settings; what comes after them decides.
            if !matches(&ASSIGNS, command) {
                return false;
            }
        }
        false
    }

    fn is_powershell(&self, name: Name) -> bool {
        static ASSIGNS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^\$(env:)?[A-Za-z_]\w*\s+=\s").ok());
        if self.code().any(|line| line.ends_with('\\')) {
            return false;
        }
        let mut lines = self.lines.iter().peekable();
        while let Some(line) = lines.next() {
            let line = line.trim_end();
            let continues = line.ends_with(" `") && line.matches('`').count() % 2 == 1;
            if continues && lines.peek().is_some() {
                return true;
            }
        }
        let mut code = self.code();
        // In an `azurecli` fence, `$x = …` is more likely a slip of someone who writes for `bash`.
        code.any(|line| {
            is_cmdlet(line.split_whitespace().next().unwrap_or(""))
                || (name == Name::None && matches(&ASSIGNS, line))
        })
    }

    fn is_cmd(&self) -> bool {
        static VARIABLE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"%[A-Za-z_]\w{2,}%").ok());
        if self.code().any(|line| line.ends_with('\\')) {
            return false;
        }
        static SETS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^(?i:set) +[A-Za-z_]\w*=[^$]*$").ok());
        let before_last = self
            .lines
            .split_last()
            .map_or(&[][..], |(_, before)| before);
        before_last
            .iter()
            .any(|line| line.trim_end().ends_with(" ^"))
            || (self.code().next().is_some() && self.code().all(|line| matches(&SETS, line)))
            || self
                .code()
                .any(|line| matches(&VARIABLE, line) && !line.contains('$'))
    }
}

/// Programs whose name at a line's start makes a block without a name one of commands.
const PROGRAMS: &[&str] = &[
    "az",
    "azd",
    "kubectl",
    "helm",
    "docker",
    "git",
    "curl",
    "wget",
    "export",
    "echo",
    "cd",
    "mkdir",
    "ssh",
    "scp",
    "sudo",
    "pip",
    "pip3",
    "npm",
    "npx",
    "python",
    "python3",
    "dotnet",
    "terraform",
    "chmod",
    "func",
    "mvn",
    "apt-get",
    "systemctl",
    "jq",
    "source",
    "openssl",
];

/// `Get-AzResource`, `Install-Module`.
fn is_cmdlet(word: &str) -> bool {
    static CMDLET: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[A-Z][a-z]+-[A-Z][A-Za-z]+$").ok());
    matches(&CMDLET, word)
}

/// Whether two lines are the head of a table as tools print it: columns in capitals, or dashes
/// below the columns' names.
fn is_table(first: &str, second: &str) -> bool {
    static CAPITALS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^[A-Z][A-Z0-9_()/%-]*( [A-Z0-9_()/%-]+)*(\s{2,}[A-Z(][A-Z0-9_()/%-]*( [A-Z0-9_()/%-]+)*)+$").ok()
    });
    static DASHES: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^-{2,}(\s+-{2,})+$").ok());
    matches(&CAPITALS, first) || matches(&DASHES, second) || is_row(first)
}

/// Whether a line is a row of such a table: four columns or more, none an option or a text.
fn is_row(line: &str) -> bool {
    let columns: Vec<&str> = line
        .split("  ")
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .collect();
    columns.len() >= 4
        && !line.contains(['"', '\'', '$', '=', '\\', '|', '`', '#'])
        && columns
            .iter()
            .all(|column| !column.starts_with('-') && column.len() < 60)
}

fn matches(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}
