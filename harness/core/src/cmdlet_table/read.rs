//! Reads the table's text.

use super::{Cmdlet, CmdletTable, Parameter, letters};
use std::collections::HashMap;

impl CmdletTable {
    /// Reads a table; what it can't understand is no cmdlet.
    pub(super) fn read(text: &'static str) -> Self {
        let mut cmdlets = HashMap::new();
        let mut module_complete = false;
        for line in text.lines() {
            if let Some(module) = line.strip_prefix('@') {
                module_complete = module.ends_with(" complete");
                continue;
            }
            let mut words = line.split_whitespace();
            let Some(name) = words.next().filter(|name| !name.starts_with('#')) else {
                continue;
            };
            let mark = words.next();
            let key = name.to_ascii_lowercase();
            let cmdlet = Cmdlet {
                name,
                module_complete,
                parameters: mark.map(|_| words.map(parameter).collect()),
                current: mark == Some(":"),
                letters: letters(&key),
            };
            cmdlets.insert(key, cmdlet);
        }
        Self { cmdlets }
    }
}

fn parameter(word: &'static str) -> Parameter {
    let bare = word.trim_end_matches(['?', '!']);
    let marks = word.get(bare.len()..).unwrap_or("");
    let (name, aliases) = bare.split_once('=').unwrap_or((bare, ""));
    Parameter {
        name,
        aliases: aliases
            .split(',')
            .filter(|alias| !alias.is_empty())
            .collect(),
        switch: marks.contains('?'),
        mandatory: marks.contains('!'),
    }
}
