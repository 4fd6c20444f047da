//! What an earlier azure-cli had: [`was_command`], [`was_option`].

use super::extensions::first_words;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static REMOVED: LazyLock<Removed> = LazyLock::new(|| Removed::read(include_str!("removed.txt")));

#[derive(Default)]
struct Removed {
    commands: HashSet<&'static str>,
    /// What is written instead of an option of a command, if anything is.
    options: HashMap<(&'static str, &'static str), Option<&'static str>>,
}

impl Removed {
    fn read(text: &'static str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some(at) = line.find(" --") else {
                read.commands.insert(line);
                continue;
            };
            let (command, options) = line.split_at_checked(at).unwrap_or((line, ""));
            for option in options.split_whitespace() {
                let (option, now) = match option.split_once('=') {
                    Some((option, now)) => (option, Some(now)),
                    None => (option, None),
                };
                read.options.insert((command, option), now);
            }
        }
        read
    }
}

/// Whether an earlier azure-cli had this command or group, or one that it is in.
pub fn was_command(path: &str) -> bool {
    let mut path = first_words(path);
    loop {
        if REMOVED.commands.contains(path) {
            return true;
        }
        match path.rsplit_once(' ') {
            Some((group, _)) => path = group,
            None => return false,
        }
    }
}

/// Set if an earlier azure-cli had this option: to what is written instead, if anything is.
pub fn was_option(command: &str, option: &str) -> Option<Option<&'static str>> {
    REMOVED.options.get(&(command, option)).copied()
}

#[cfg(test)]
mod tests {
    use super::{REMOVED, was_command, was_option};
    use crate::command_table::Table;

    #[test]
    fn knows_what_was() {
        assert!(was_command("dla account create") && !was_command("group create"));
        assert_eq!(was_option("aks create", "--uptime-sla"), Some(None));
        assert_eq!(was_option("aks create", "--name"), None);
    }

    #[test]
    fn what_was_removed_is_gone_and_what_replaces_it_is_there() {
        let table = Table::built_in();
        for command in &REMOVED.commands {
            assert!(table.command(command).is_none(), "{command}");
        }
        for ((command, option), now) in &REMOVED.options {
            let command = table.command(command);
            let has = |option: &str| command.is_some_and(|c| c.argument(option).is_some());
            assert!(command.is_some() && !has(option), "{option}");
            assert!(now.is_none_or(has), "{now:?}");
        }
    }
}
