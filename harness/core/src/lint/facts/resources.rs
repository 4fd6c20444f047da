//! Which resources the commands of an article make and name: [`Resources`].

use crate::lint::context::BlockText;
use crate::shell::{Command, PartKind, Word};
use std::ops::Range;

/// What the `az` commands of an article's blocks say of resources.
#[derive(Debug, Default)]
pub struct Resources {
    /// By block, in the order of [`crate::lint::Context::blocks`]: what its commands name.
    pub blocks: Vec<Vec<Mention>>,
}

/// A command that makes or names a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The command group of the resource: `containerapp`, `network vnet`.
    pub kind: String,
    /// Its name, if it is written out.
    pub name: Option<String>,
    /// The variable that holds its name, if it is one.
    pub variable: Option<String>,
    /// Where the name stands, or the command if it names none.
    pub range: Range<usize>,
    /// Where `az` and the command's words before its first option stand.
    pub command: Range<usize>,
    /// What the command does.
    pub act: Act,
}

/// What a command does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It is there afterwards.
    Makes,
    /// It must be there already.
    Needs,
    /// It may make any resource of any name: a deployment of a template.
    MakesAny,
}

/// Verbs that leave a resource behind.
const MAKING: &[&str] = &[
    "add",
    "clone",
    "copy",
    "create",
    "create-for-rbac",
    "import",
    "new",
    "recover",
    "register",
    "restore",
    "set",
    "up",
    "upload",
];

/// Verbs that need the resource which `--name` names.
const NEEDING: &[&str] = &[
    "attach",
    "delete",
    "exec",
    "get-credentials",
    "logs",
    "purge",
    "restart",
    "show",
    "start",
    "stop",
    "update",
    "upgrade",
    "wait",
];

/// Options of other resources' commands that name a resource.
const NAMING: &[(&str, &str)] = &[
    ("--resource-group", "group"),
    ("-g", "group"),
    ("--vault-name", "keyvault"),
    ("--vnet-name", "network vnet"),
    ("--nsg-name", "network nsg"),
    ("--vm-name", "vm"),
    ("--identity-name", "identity"),
    ("--cluster-name", "aks"),
];

impl Resources {
    /// Looks at an article's blocks.
    pub fn new(blocks: &[BlockText<'_>]) -> Self {
        let of = |block: &BlockText<'_>| {
            let mut mentions = Vec::new();
            if let Some(script) = &block.script {
                script.walk(&mut |command| mentions_of(command, &mut mentions));
            }
            mentions
        };
        Self {
            blocks: blocks.iter().map(of).collect(),
        }
    }
}

fn mentions_of(command: &Command, mentions: &mut Vec<Mention>) {
    let Some((az, rest)) = command.words.split_first() else {
        return;
    };
    if !matches!(az.literal().as_deref(), Some("az" | "az.cmd")) {
        // What is not understood may make anything.
        let tools = [
            "terraform",
            "azd",
            "New-AzResourceGroupDeployment",
            "pulumi",
            "ansible-playbook",
        ];
        if az
            .literal()
            .is_some_and(|name| tools.contains(&name.as_str()))
        {
            mentions.push(any(command.range.clone()));
        }
        return;
    }
    let group: Vec<String> = rest
        .iter()
        .map_while(Word::literal)
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect();
    let Some((verb, kind)) = group.split_last() else {
        return;
    };
    let last = rest.get(group.len() - 1).unwrap_or(az);
    let range = az.range.start..last.range.end;
    let kind = kind.join(" ");
    if kind.starts_with("deployment")
        || matches!(kind.as_str(), "" | "resource" | "stack group" | "aosm")
    {
        if matches!(verb.as_str(), "create" | "rest" | "invoke-action") {
            mentions.push(any(range));
        }
        return;
    }
    let act = if MAKING.contains(&verb.as_str()) {
        Some(Act::Makes)
    } else if NEEDING.contains(&verb.as_str()) {
        Some(Act::Needs)
    } else {
        None
    };
    let mut named = false;
    for (option, value) in options(rest) {
        let (kind, act) = match (option, act) {
            ("--name" | "-n", Some(act)) => {
                named = true;
                (kind.as_str(), act)
            }
            _ => match NAMING.iter().find(|(naming, _)| *naming == option) {
                // A cluster of `aks`, not of `hdinsight` or `kusto`.
                Some((_, "aks")) if !kind.starts_with("aks") => continue,
                Some((_, kind)) => (*kind, Act::Needs),
                None => continue,
            },
        };
        mentions.push(Mention {
            kind: kind.to_owned(),
            name: value.literal().filter(|name| is_name(name)),
            variable: value.variable().map(str::to_owned),
            range: value.range.clone(),
            command: range.clone(),
            act,
        });
    }
    if let (false, Some(act)) = (named, act) {
        mentions.push(Mention {
            kind,
            name: None,
            variable: None,
            range: range.clone(),
            command: range,
            act,
        });
    }
}

fn any(range: Range<usize>) -> Mention {
    Mention {
        kind: String::new(),
        name: None,
        variable: None,
        range: range.clone(),
        command: range,
        act: Act::MakesAny,
    }
}

/// Each option of a command line with its first value.
fn options(words: &[Word]) -> impl Iterator<Item = (&str, &Word)> {
    words
        .iter()
        .zip(words.iter().skip(1))
        .filter_map(|(option, value)| {
            let [part] = option.parts.as_slice() else {
                return None;
            };
            match &part.kind {
                PartKind::Text(text) if text.starts_with('-') => Some((text.as_str(), value)),
                _ => None,
            }
        })
}

/// Whether a text is the name of a resource, and no stand-in for one.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.()".contains(c))
        && !text.starts_with('-')
        && !text.contains("...")
        && !text.to_ascii_lowercase().starts_with("your")
        && !text.contains("xxx")
}
