//! What is known of a shell's variables and the reader's files without running anything: [`Known`].

use super::creation::Value;
use crate::shell::{Command, CommandKind, Dialect, Part, PartKind, Word};
use std::collections::HashMap;

/// What earlier steps have set and written.
#[derive(Debug, Clone, Default)]
pub struct Known {
    variables: HashMap<String, String>,
    files: HashMap<String, String>,
    defaults: HashMap<String, String>,
}

impl Known {
    /// A variable has this value: one that a target sets before the first step.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// A variable has the value that it has there.
    pub(super) fn take(&mut self, name: &str, there: &Known) {
        match there.variables.get(name) {
            Some(value) => self.variables.insert(name.to_owned(), value.clone()),
            None => self.variables.remove(name),
        };
    }

    /// A file has this content.
    pub fn write(&mut self, path: &str, content: &str) {
        self.files
            .insert(plain(path).to_owned(), content.to_owned());
    }

    pub(super) fn file(&self, path: &str) -> Option<&str> {
        self.files.get(plain(path)).map(String::as_str)
    }

    /// What `az configure --defaults` said: `group`, `location`.
    pub(super) fn default_for(&self, key: &str) -> Option<&str> {
        self.defaults.get(key).map(String::as_str)
    }

    /// Takes in what a command sets. What is set in a branch is known no more.
    pub(crate) fn learn(&mut self, command: &Command, text: &str, dialect: Dialect) {
        let sure = !command.place.conditional
            && !command.place.in_function
            && !command.place.piped_from
            && command.kind == CommandKind::Simple;
        // `X=1 command` sets it for that command alone; `export X=1` has words, too.
        let lasting = command.words.is_empty()
            || command.name().is_some_and(|name| {
                ["export", "declare", "local", "readonly", "typeset", "set"]
                    .contains(&name.as_str())
            });
        for assignment in &command.assignments {
            let name = key(&assignment.name, dialect);
            let value = match &assignment.value {
                Some(word) if sure && lasting && !assignment.append => {
                    self.value(word, text, dialect)
                }
                _ => Value::None,
            };
            match value {
                Value::Known(value) => self.variables.insert(name, value),
                Value::Written(_) | Value::None => self.variables.remove(&name),
            };
        }
        let words: Vec<String> = command.words.iter().map_while(Word::literal).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let defaults = match words.as_slice() {
            ["az", "configure", rest @ ..] => rest,
            ["az", "config", "set", rest @ ..] => rest,
            _ => return,
        };
        for (name, value) in defaults.iter().filter_map(|pair| pair.split_once('=')) {
            let name = name.strip_prefix("defaults.").unwrap_or(name);
            self.defaults.insert(name.to_owned(), value.to_owned());
        }
    }

    /// What a word comes to.
    pub(crate) fn value(&self, word: &Word, text: &str, dialect: Dialect) -> Value {
        self.parts(&word.parts, dialect).map_or_else(
            || Value::Written(word.source(text).trim_matches(['"', '\'']).to_owned()),
            Value::Known,
        )
    }

    fn parts(&self, parts: &[Part], dialect: Dialect) -> Option<String> {
        let mut value = String::new();
        for part in parts {
            match &part.kind {
                PartKind::Text(text) => value.push_str(text),
                PartKind::Variable {
                    name,
                    operator: None,
                    ..
                } => value.push_str(self.variables.get(&key(name, dialect))?),
                _ => return None,
            }
        }
        Some(value)
    }
}

/// PowerShell and the command prompt do not care for case.
fn key(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Bash => name.to_owned(),
        Dialect::PowerShell | Dialect::Cmd => name.to_ascii_lowercase(),
    }
}

fn plain(path: &str) -> &str {
    let path = path.strip_prefix('@').unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path)
}
