//! What extensions add to azure-cli: [`extension_of`], [`option_of_extension`], [`overrides`].
//!
//! Extensions are installed beside azure-cli, so its table does not have their commands. What is
//! known of them is names, and not all: an article that uses an extension must not be called
//! wrong for it.

use std::collections::HashMap;
use std::sync::LazyLock;

static EXTENSIONS: LazyLock<Extensions> =
    LazyLock::new(|| Extensions::read(include_str!("extensions.txt")));

#[derive(Default)]
struct Extensions {
    /// The extension that has a group or a command, by its words.
    commands: HashMap<&'static str, &'static str>,
    /// The extension that takes an option at a command of azure-cli.
    options: HashMap<(&'static str, &'static str), &'static str>,
    /// The extension that takes the place of azure-cli's commands in a group.
    overrides: HashMap<&'static str, &'static str>,
}

impl Extensions {
    fn read(text: &'static str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, rest)) = line.split_once("+ ") {
                let at = rest.find(" --").unwrap_or(rest.len());
                let (command, options) = rest.split_at_checked(at).unwrap_or((rest, ""));
                for option in options.split_whitespace() {
                    read.options.insert((command, option), name);
                }
            } else if let Some((name, groups)) = line.split_once("*: ") {
                let groups = groups.split(", ");
                read.overrides.extend(groups.map(|group| (group, name)));
            } else if let Some((name, commands)) = line.split_once(": ") {
                let commands = commands.split(", ");
                read.commands
                    .extend(commands.map(|command| (command, name)));
            }
        }
        read
    }
}

/// The extension that has the command or group, or one that it is in; `?` if its name is not
/// known.
pub fn extension_of(path: &str) -> Option<&'static str> {
    longest(path, &EXTENSIONS.commands)
}

/// The extension that takes this option at a command of azure-cli.
pub fn option_of_extension(command: &str, option: &str) -> Option<&'static str> {
    EXTENSIONS.options.get(&(command, option)).copied()
}

/// The extension that takes the place of a command of azure-cli, and may take more options and
/// values there than are known.
pub fn overrides(command: &str) -> Option<&'static str> {
    longest(command, &EXTENSIONS.overrides)
}

/// As many of the words as the name of a command can have: a line may have thousands.
pub(super) fn first_words(path: &str) -> &str {
    /// More than any command or group has.
    const MOST: usize = 8;
    let end = path.match_indices(' ').nth(MOST - 1);
    end.and_then(|(end, _)| path.get(..end)).unwrap_or(path)
}

fn longest(path: &str, of: &HashMap<&str, &'static str>) -> Option<&'static str> {
    let mut path = first_words(path);
    loop {
        if let Some(found) = of.get(path) {
            return Some(found);
        }
        (path, _) = path.rsplit_once(' ')?;
    }
}

#[cfg(test)]
mod tests {
    use super::{EXTENSIONS, extension_of, option_of_extension, overrides};
    use crate::command_table::Table;

    #[test]
    fn knows_extensions_by_the_longest_name() {
        assert_eq!(extension_of("aks addon enable"), Some("aks-preview"));
        assert_eq!(extension_of("aks app up"), Some("deploy-to-azure"));
        assert_eq!(extension_of("ml workspace create"), Some("ml"));
        assert_eq!(extension_of("group create"), None);
        assert_eq!(overrides("aks nodepool add"), Some("aks-preview"));
        assert_eq!(overrides("group create"), None);
        let found = option_of_extension("aks create", "--enable-pod-identity");
        assert_eq!(found, Some("aks-preview"));
        assert_eq!(option_of_extension("aks create", "--zebra"), None);
        let long = format!("ml workspace create{}", " more".repeat(100));
        assert_eq!(extension_of(&long), Some("ml"));
    }

    #[test]
    fn nothing_is_of_an_extension_that_azure_cli_has() {
        let table = Table::built_in();
        for name in EXTENSIONS.commands.keys() {
            assert!(table.command(name).is_none(), "{name}");
        }
        for (command, option) in EXTENSIONS.options.keys() {
            let command = table.command(command).map(|c| c.argument(option).is_none());
            assert_eq!(command, Some(true), "{option}");
        }
    }
}
