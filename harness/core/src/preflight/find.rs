//! Finding what the commands of a text make: [`creations`].

use super::creation::{Cost, Creation, Removal, Value};
use super::creator::{Creator, When, creators};
use super::known::Known;
use super::template;
use crate::command_table::Table;
use crate::lint::facts::calls::{self, AzCall};
use crate::shell::{Command, CommandKind, Dialect, Script, Word};
use std::collections::HashMap;

/// How the names of commands end that leave something behind.
const MAKING: [&str; 26] = [
    "add",
    "assign",
    "attach",
    "begin-create",
    "build",
    "clone",
    "copy",
    "create",
    "create-for-rbac",
    "create-or-update",
    "deploy",
    "enable",
    "enable-addons",
    "grant",
    "import",
    "install",
    "invite",
    "link",
    "new",
    "provision",
    "recover",
    "register",
    "restore",
    "run",
    "up",
    "upload",
];

/// Other tools that make things in Azure, with the words that do it.
const TOOLS: [(&str, &[&str]); 7] = [
    ("terraform", &["apply"]),
    ("tofu", &["apply"]),
    ("pulumi", &["up"]),
    ("azd", &["up", "provision", "deploy"]),
    ("func", &["publish"]),
    ("ansible-playbook", &[]),
    ("bicep", &["publish"]),
];

/// How the names of cmdlets begin that leave something behind.
const CMDLETS: [&str; 8] = [
    "add-az",
    "deploy-az",
    "enable-az",
    "import-az",
    "new-az",
    "publish-az",
    "register-az",
    "set-az",
];

/// What the commands of a text make, in the order in which they run. `known` is what earlier texts have
/// set, and takes in what this one sets. Commands in files that the text runs are not seen.
pub fn creations(text: &str, dialect: Dialect, known: &mut Known) -> Vec<Creation> {
    let script = crate::shell::parse(text, dialect);
    let mut found = Vec::new();
    let look = Look {
        text,
        script: &script,
    };
    script.walk(&mut |command| {
        look.at(command, known, &mut found);
        known.learn(command, text, dialect);
    });
    found
}

struct Look<'a> {
    text: &'a str,
    script: &'a Script,
}

/// What a command gives for its options.
trait Options {
    fn is_given(&self, option: &str) -> bool;
    fn value(&self, option: &str) -> Value;
}

impl Look<'_> {
    fn at(&self, command: &Command, known: &Known, found: &mut Vec<Creation>) {
        let dialect = self.script.dialect;
        if let Some(call) = calls::of_command(command, dialect, Table::built_in()) {
            let path = call.path();
            let options = OfAz {
                call: &call,
                look: self,
                known,
            };
            if options.help() {
                return;
            }
            let before = found.len();
            if !self.in_table(
                &path,
                &format!("az {path}"),
                command,
                &options,
                known,
                found,
            ) && makes(&path, call.command().is_some(), &options)
            {
                found.push(unknown(format!("az {path}"), command));
            }
            if path.starts_with("deployment ") {
                self.of_template(before, &options, known, found);
            }
            return;
        }
        if command.kind != CommandKind::Simple {
            return;
        }
        let Some(name) = command.name() else {
            return;
        };
        let words: Vec<String> = command.words.iter().filter_map(Word::literal).collect();
        let has = |word: &str| words.iter().any(|one| one == word);
        let lower = name.to_ascii_lowercase();
        if CMDLETS.iter().any(|prefix| lower.starts_with(prefix)) {
            let options = OfCmdlet {
                command,
                look: self,
                known,
            };
            // What says where to work, and objects in memory (`New-AzContainerAppTemplateObject`).
            let harmless = [
                "-azcontext",
                "-azdefault",
                "-azconfig",
                "-azenvironment",
                "-azaccount",
                "object",
            ];
            let cmdlet = creators().iter().map(|one| one.command);
            let cmdlet = cmdlet
                .into_iter()
                .find(|one| one.eq_ignore_ascii_case(&name));
            let cmdlet = cmdlet.unwrap_or(&name);
            if !harmless.iter().any(|end| lower.ends_with(end))
                && !self.in_table(cmdlet, cmdlet, command, &options, known, found)
            {
                found.push(unknown(name, command));
            }
        } else if let Some((tool, verbs)) = TOOLS.iter().find(|(tool, _)| *tool == name) {
            if verbs.is_empty() || verbs.iter().any(|verb| has(verb)) {
                found.push(unknown((*tool).to_owned(), command));
            }
        } else if matches!(
            name.as_str(),
            "curl" | "wget" | "Invoke-RestMethod" | "Invoke-WebRequest"
        ) && self.source(command).contains("management.azure.com")
            && ["PUT", "POST", "PATCH"].iter().any(|method| {
                words
                    .iter()
                    .any(|one| one.trim_start_matches("-X").eq_ignore_ascii_case(method))
            })
        {
            found.push(unknown(name, command));
        }
    }

    /// Adds what the table says; whether it says anything.
    fn in_table(
        &self,
        path: &str,
        shown: &str,
        command: &Command,
        options: &dyn Options,
        known: &Known,
        found: &mut Vec<Creation>,
    ) -> bool {
        let mut any = false;
        for one in creators().iter().filter(|one| one.command == path) {
            any = true;
            let given = |all: &[&str]| all.iter().any(|option| options.is_given(option));
            let now = match &one.when {
                When::Always => true,
                When::If(all) => given(all),
                When::Unless(all) => !given(all),
            };
            if let (true, Some(resource)) = (now, one.resource) {
                found.push(creation(one, resource, shown, command, options, known));
            }
        }
        any
    }

    /// Adds what the template of a deployment makes; what one that is not at hand makes is unknown.
    fn of_template(
        &self,
        before: usize,
        options: &dyn Options,
        known: &Known,
        found: &mut Vec<Creation>,
    ) {
        let Some(deployment) = found.get(before).cloned() else {
            return;
        };
        let file = options.value("--template-file");
        let template = file.known().and_then(|path| known.file(path));
        let mut given = HashMap::new();
        if let Value::Known(parameters) | Value::Written(parameters) = options.value("--parameters")
        {
            let pairs = parameters
                .split_whitespace()
                .filter_map(|pair| pair.split_once('='));
            given.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        match template.and_then(|text| template::resources(text, &given, &deployment)) {
            Some(resources) => found.extend(resources),
            None => found.push(Creation {
                resource: None,
                names: Vec::new(),
                cost: Cost::Unknown,
                quota: None,
                removal: Removal::Unknown,
                ..deployment
            }),
        }
    }

    fn source(&self, command: &Command) -> &str {
        self.text.get(command.range.clone()).unwrap_or_default()
    }
}

fn creation(
    one: &Creator,
    resource: &str,
    shown: &str,
    command: &Command,
    options: &dyn Options,
    known: &Known,
) -> Creation {
    let or_default = |value: Value, key: &str| match (value, known.default_for(key)) {
        (Value::None, Some(default)) => Value::Known(default.to_owned()),
        (value, _) => value,
    };
    let region = match options.value("--location") {
        Value::None => options.value("-Location"),
        region => region,
    };
    Creation {
        command: shown.to_owned(),
        range: command.range.clone(),
        resource: Some(resource.to_owned()),
        names: one
            .names
            .iter()
            .map(|option| options.value(option))
            .collect(),
        group: one.group.map_or(Value::None, |option| {
            or_default(options.value(option), "group")
        }),
        region: or_default(region, "location"),
        cost: one.cost,
        quota: one.quota.map(str::to_owned),
        removal: one.removal,
        conditional: command.place.conditional || command.place.in_function,
    }
}

/// A command that makes something, nobody knows what.
fn unknown(name: String, command: &Command) -> Creation {
    Creation {
        command: name,
        range: command.range.clone(),
        resource: None,
        names: Vec::new(),
        group: Value::None,
        region: Value::None,
        cost: Cost::Unknown,
        quota: None,
        removal: Removal::Unknown,
        conditional: command.place.conditional || command.place.in_function,
    }
}

/// Whether a command that the table does not know looks as if it made something. Behind the words of one that
/// azure-cli does not know either, its arguments may stand.
fn makes(path: &str, known: bool, options: &dyn Options) -> bool {
    if path == "rest" {
        let method = match options.value("--method") {
            Value::Known(method) => method.to_ascii_lowercase(),
            Value::Written(_) => return true,
            Value::None => return false,
        };
        return ["put", "post", "patch"].contains(&method.as_str());
    }
    let words = if known { 1 } else { usize::MAX };
    path.split(' ')
        .rev()
        .take(words)
        .any(|verb| MAKING.contains(&verb))
}

struct OfAz<'a, 't> {
    call: &'a AzCall<'t>,
    look: &'a Look<'a>,
    known: &'a Known,
}

impl Options for OfAz<'_, '_> {
    fn is_given(&self, option: &str) -> bool {
        self.call.given(option).is_some()
    }

    fn value(&self, option: &str) -> Value {
        let values = self.call.values(option);
        let mut all = Vec::new();
        let mut sure = true;
        for value in &values {
            let of = match value.literal {
                // `--name=$X` is read as two words.
                Some("") | None => self.of_word(value.word),
                Some(text) => Value::Known(text.to_owned()),
            };
            match of {
                Value::Known(text) => all.push(text),
                Value::Written(text) => {
                    sure = false;
                    all.push(text);
                }
                Value::None => {}
            }
        }
        match (all.is_empty(), sure) {
            (true, _) => Value::None,
            (false, true) => Value::Known(all.join(" ")),
            (false, false) => Value::Written(all.join(" ")),
        }
    }
}

impl OfAz<'_, '_> {
    fn of_word(&self, word: &Word) -> Value {
        let value = self
            .known
            .value(word, self.look.text, self.look.script.dialect);
        let inline = |text: String| match text.split_once('=') {
            Some((option, value)) if option.starts_with('-') => value.to_owned(),
            _ => text,
        };
        match value {
            Value::Known(text) => Value::Known(inline(text)),
            Value::Written(text) => Value::Written(inline(text)),
            Value::None => Value::None,
        }
    }

    fn help(&self) -> bool {
        let words = self.call.words.iter();
        words
            .into_iter()
            .any(|word| matches!(word.given.text.as_str(), "--help" | "-h"))
    }
}

struct OfCmdlet<'a> {
    command: &'a Command,
    look: &'a Look<'a>,
    known: &'a Known,
}

impl OfCmdlet<'_> {
    fn at(&self, option: &str) -> Option<usize> {
        self.command.words.iter().position(|word| {
            let text = word.literal().unwrap_or_default();
            text.split(':')
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(option))
        })
    }
}

impl Options for OfCmdlet<'_> {
    fn is_given(&self, option: &str) -> bool {
        self.at(option).is_some()
    }

    fn value(&self, option: &str) -> Value {
        let word = self
            .at(option)
            .and_then(|at| self.command.words.get(at + 1));
        word.map_or(Value::None, |word| {
            self.known
                .value(word, self.look.text, self.look.script.dialect)
        })
    }
}
