//! What a step is called: [`of_piece`].

use super::call::{Call, Seen, read};
use super::piece::Piece;
use crate::preflight::Known;
use crate::shell::{Command, Dialect};

/// Things by the words of the commands that are about them; the longest that fits is taken.
const THINGS: [(&str, &str); 52] = [
    ("account", "account"),
    ("acr", "registry"),
    ("acr artifact-streaming", "streaming artifact"),
    ("acr cache", "cache rule"),
    ("acr credential", "registry's credentials"),
    ("acr encryption", "registry's encryption"),
    ("acr manifest", "manifests"),
    ("acr repository", "registry's repositories"),
    ("acr task", "registry task"),
    ("acr task credential", "task's credentials"),
    ("acr token", "registry token"),
    ("ad app", "application"),
    ("ad signed-in-user", "signed-in user"),
    ("ad sp", "service principal"),
    ("ad user", "user"),
    ("aks", "cluster"),
    ("aks nodepool", "node pool"),
    ("appservice plan", "App Service plan"),
    ("container", "container group"),
    ("containerapp", "container app"),
    ("containerapp env", "environment"),
    ("containerapp identity", "app's identity"),
    ("containerapp job", "job"),
    ("containerapp logs", "app's logs"),
    ("containerapp registry", "app's registry"),
    ("containerapp revision", "app's revisions"),
    ("deployment group", "deployment"),
    ("deployment sub", "deployment"),
    ("eventgrid event-subscription", "event subscription"),
    ("extension", "extension"),
    ("feature", "feature"),
    ("group", "resource group"),
    ("identity", "identity"),
    ("identity federated-credential", "federated credential"),
    ("keyvault", "key vault"),
    ("keyvault certificate", "certificate"),
    ("keyvault key", "key"),
    ("keyvault network-rule", "vault's network rules"),
    ("keyvault role assignment", "managed HSM's role assignments"),
    ("keyvault role definition", "managed HSM's role definitions"),
    ("keyvault secret", "secret"),
    ("monitor diagnostic-settings", "diagnostic settings"),
    ("network vnet", "virtual network"),
    ("network vnet subnet", "subnet"),
    ("provider", "resource provider"),
    ("resource", "resources"),
    ("role assignment", "role assignment"),
    ("storage account", "storage account"),
    ("storage account keys", "storage account's keys"),
    ("vm", "virtual machine"),
    ("vm identity", "virtual machine's identity"),
    ("webapp", "web app"),
];

/// What the piece does, in a few words.
pub(super) fn of_piece(piece: &Piece<'_>) -> String {
    if let Some(file) = &piece.file {
        return format!("write {file}");
    }
    let mut words = Words::default();
    if piece.dialect == Some(Dialect::Bash) {
        read(
            piece,
            &piece.text,
            &mut Known::default(),
            &mut |seen, _| match seen {
                Seen::Az(call, _) => words.call(call),
                Seen::Other(command) => words.command(command),
            },
        );
    }
    let first = piece.text.lines().map(str::trim);
    let first = first
        .clone()
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .and_then(|line| line.split_whitespace().next().map(str::to_owned));
    let printed = piece.text.trim().strip_prefix("echo $");
    if let Some(name) = printed.filter(|name| !name.contains(char::is_whitespace)) {
        return format!("print {}", name.trim_matches(['{', '}']));
    }
    words.said(first)
}

#[derive(Default)]
struct Words {
    /// What is done to what, each once.
    acts: Vec<(String, String)>,
    set: Vec<String>,
    programs: Vec<String>,
}

impl Words {
    fn call(&mut self, call: &Call) {
        let (verb, thing) = match call.path.as_str() {
            "login" => ("sign".to_owned(), "in".to_owned()),
            "acr login" => ("sign in to".to_owned(), "the registry".to_owned()),
            "container exec" => ("open a shell in".to_owned(), "the container".to_owned()),
            "containerapp exec" => ("open a shell in".to_owned(), "the app".to_owned()),
            "keyvault set-policy" => ("set".to_owned(), "the vault's access policy".to_owned()),
            "acr repository show-tags" => ("list".to_owned(), "the repository's tags".to_owned()),
            "keyvault list-deleted" => ("list".to_owned(), "deleted key vaults".to_owned()),
            "keyvault secret list-versions" => {
                ("list".to_owned(), "the secret's versions".to_owned())
            }
            "version" => ("show".to_owned(), "the version of az".to_owned()),
            path => {
                let thing = THINGS.iter().rev().find(|(words, _)| call.of(words));
                let thing = thing.map_or_else(
                    || {
                        path.rsplit_once(' ')
                            .map_or(path, |(group, _)| group)
                            .to_owned()
                    },
                    |(_, thing)| format!("the {thing}"),
                );
                (call.verb().replace('-', " "), thing)
            }
        };
        if !self.acts.contains(&(verb.clone(), thing.clone())) {
            self.acts.push((verb, thing));
        }
    }

    fn command(&mut self, command: &Command) {
        for assignment in &command.assignments {
            if !self.set.contains(&assignment.name) {
                self.set.push(assignment.name.clone());
            }
        }
        if let Some(name) = command.name() {
            let quiet = ["export", "declare", "echo", "set", "local"];
            if !quiet.contains(&name.as_str()) && !self.programs.contains(&name) {
                self.programs.push(name);
            }
        }
    }

    fn said(self, first: Option<String>) -> String {
        let keeps = !self.set.is_empty()
            && self
                .acts
                .iter()
                .all(|(verb, _)| verb == "show" || verb == "list");
        if keeps {
            let mut names = self.set;
            let more = names.len().saturating_sub(3);
            names.truncate(3);
            let more = if more > 0 { " and more" } else { "" };
            return format!("set {}{more}", names.join(", "));
        }
        let shows = |verb: &str| verb == "show" || verb == "list";
        let telling: Vec<_> = self.acts.iter().filter(|(verb, _)| !shows(verb)).collect();
        let acts = match telling.is_empty() {
            true => self.acts.iter().collect(),
            false => telling,
        };
        match acts.as_slice() {
            [] => {}
            [(verb, thing)] => return format!("{verb} {thing}"),
            [(verb, thing), (other, second), rest @ ..] => {
                let and = match verb == other {
                    true => format!("{verb} {thing} and {second}"),
                    false => format!("{verb} {thing}, {other} {second}"),
                };
                let more = if rest.is_empty() { "" } else { ", and more" };
                return format!("{and}{more}");
            }
        }
        match self.programs.as_slice() {
            [] => first.map_or_else(
                || "run the block".to_owned(),
                |first| match first.as_str() {
                    "echo" => "print a value".to_owned(),
                    other if other.starts_with('$') => {
                        let end = |c: char| !c.is_alphanumeric() && !"_:".contains(c);
                        let name = other.trim_start_matches('$').split(end).next();
                        format!("set {}", name.unwrap_or_default())
                    }
                    other => format!("run {other}"),
                },
            ),
            [one] => format!("run {one}"),
            [one, rest @ ..] => format!("run {one} and {}", rest.join(", ")),
        }
    }
}
