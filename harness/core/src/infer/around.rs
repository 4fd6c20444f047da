//! What goes with the steps of a way: variables, roles, names, and what is told of includes.

use super::call::Call;
use super::kind::{self, Kind};
use super::need::{Thing, needs};
use super::piece::Piece;
use super::scan::Scan;
use super::settings::Settings;
use super::sketch::{Filling, Guessed, Planned, Prepared, Sketch};
use super::supply::Supply;
use super::variable::{is_boilerplate, missing};
use super::way::Way;
use super::world::World;
use crate::lint::{self, Context};
use crate::markdown::Article;
use crate::shell::Dialect;

/// The role without which nobody reads or writes what is in a vault that uses roles.
const VAULT_ROLE: &str = "Key Vault Administrator";

/// Where the article names another thing than it makes: what is named there must not be made ready.
pub(super) fn mistaken(article: &Article) -> Vec<(String, u32)> {
    let found = lint::check(article).into_iter();
    found
        .filter(|one| ["name-differs", "wrong-resource-kind"].contains(&one.rule))
        .map(|one| (one.span.file.clone(), one.span.line))
        .collect()
}

/// What a whole walkthrough of PowerShell requires.
pub(super) fn for_powershell(pieces: &[Piece<'_>]) -> Vec<String> {
    let of = |dialect: Dialect| {
        let pieces = pieces.iter();
        pieces
            .filter(|piece| piece.dialect == Some(dialect))
            .count()
    };
    match of(Dialect::PowerShell) > of(Dialect::Bash) + of(Dialect::Cmd) {
        true => vec!["pwsh".to_owned()],
        false => Vec::new(),
    }
}

/// The variables that the article means its reader to have: name, value, place.
pub(super) fn variables(
    article: &Article,
    pieces: &[Piece<'_>],
    world: &World,
    settings: &mut Settings,
    guesses: &mut Vec<Guessed>,
) -> Vec<(String, String, Guessed)> {
    let context = Context::new(article);
    let mut all = Vec::new();
    for one in missing(&context, pieces) {
        let (value, why) = match settings.take(&one.name) {
            Some(value) => (value, "given with --set".to_owned()),
            None => (
                world.value(one.kind, &kind::words(&one.name)),
                one.why.clone(),
            ),
        };
        let guess = Guessed {
            place: one.place.clone(),
            guess: format!("${} is `{value}`", one.name),
            why,
        };
        guesses.push(guess.clone());
        all.push((one.name, value, guess));
    }
    all
}

/// Gives variables their values before the first step, and makes what those are looked up of.
pub(super) fn prepare_variables(
    variables: Vec<(String, String, Guessed)>,
    world: &World,
    supply: &mut Supply<'_>,
    preparations: &mut Vec<Prepared>,
) {
    for (name, value, guess) in variables {
        if value.contains("az identity show") {
            let identity = Thing {
                kind: Kind::Identity,
                name: world.name(Kind::Identity),
                of: None,
                group: Some(world.group()),
                tag: None,
            };
            let mut nobody = Planned::default();
            supply.ensure(&identity, &mut nobody, &guess.place);
        }
        let value = match value.contains('$') {
            true => value,
            false => format!("'{}'", value.replace('\'', r"'\''")),
        };
        preparations.push(Prepared {
            why: format!(
                "the article's reader has {name} (line {})",
                guess.place.line
            ),
            run: format!("{name}={value}"),
            keep: vec![name],
            place: guess.place,
        });
    }
}

/// Whether a vault that the article takes for granted must be one with access policies.
pub(super) fn has_policies(calls: &[&Call], scans: &[Scan]) -> bool {
    let turns = calls.iter().any(|call| {
        call.path == "keyvault update" && call.text("--enable-rbac-authorization") == Some("true")
    });
    let policies = ["keyvault set-policy", "keyvault delete-policy"];
    let sets = calls
        .iter()
        .any(|call| policies.contains(&call.path.as_str()));
    turns
        || sets
        || scans
            .iter()
            .any(|scan| scan.text.contains("accessPolicies"))
}

/// The roles that the reader has to have beside Owner.
pub(super) fn roles(
    calls: &[&Call],
    preparations: &[Prepared],
    guesses: &mut Vec<Guessed>,
) -> Vec<String> {
    let data = |call: &&&Call| {
        let of = ["keyvault secret", "keyvault key", "keyvault certificate"];
        of.iter().any(|words| call.of(words)) && call.has("--vault-name")
    };
    let gives_itself = calls.iter().any(|call| {
        call.path == "role assignment create"
            && call
                .text("--role")
                .is_some_and(|role| role.starts_with("Key Vault"))
    });
    let by_policies = |texts: &str| texts.contains("--enable-rbac-authorization false");
    let prepared = preparations
        .iter()
        .filter(|one| one.run.contains("az keyvault create"));
    let mut prepared = prepared.peekable();
    let policies = match prepared.peek() {
        Some(_) => prepared.all(|one| by_policies(&one.run)),
        None => calls
            .iter()
            .filter(|call| call.path == "keyvault create")
            .any(|call| call.text("--enable-rbac-authorization") == Some("false")),
    };
    let mut roles = in_registries(calls, guesses);
    let first = calls.iter().find(data);
    let Some(call) = first.filter(|_| !policies && !gives_itself) else {
        return roles;
    };
    guesses.push(Guessed {
        place: call.position.clone(),
        guess: format!("the reader is {VAULT_ROLE}"),
        why: "nobody reads or writes what is in a vault that uses roles without one, not even its \
              owner, and the article gives none"
            .to_owned(),
    });
    roles.push(VAULT_ROLE.to_owned());
    roles
}

/// The roles that the reader has to have in registries that decide by roles on repositories.
fn in_registries(calls: &[&Call], guesses: &mut Vec<Guessed>) -> Vec<String> {
    const ROLES: [&str; 2] = [
        "Container Registry Repository Contributor",
        "Container Registry Repository Catalog Lister",
    ];
    let by_roles = calls
        .iter()
        .any(|call| call.of("acr") && call.text("--role-assignment-mode") == Some("rbac-abac"));
    let used = calls
        .iter()
        .find(|call| call.of("acr repository") || call.of("acr manifest"));
    let Some(call) = used.filter(|_| by_roles) else {
        return Vec::new();
    };
    guesses.push(Guessed {
        place: call.position.clone(),
        guess: format!("the reader is {}", ROLES.join(" and ")),
        why: "nobody pushes to or lists a registry that uses roles on repositories without them, and \
              the article gives none"
            .to_owned(),
    });
    ROLES.map(str::to_owned).to_vec()
}

/// What is told of the includes that are not there.
pub(super) fn includes(article: &Article, way: &Way, guesses: &mut Vec<Guessed>) {
    let view = article.view(&way.path);
    let missing = article.missing_includes.iter();
    let missing = missing.filter(|one| view.sees(&one.visibility) && !is_boilerplate(&one.path));
    for one in missing {
        guesses.push(Guessed {
            place: one.span.start(),
            guess: format!("`{}` is not there", one.path),
            why: "what later commands need of it is made ready as far as they tell what that is"
                .to_owned(),
        });
    }
}

/// The names that a run on real Azure has to change.
pub(super) fn names(
    sketch: &Sketch,
    scans: &[Scan],
    pieces: &[Piece<'_>],
) -> Vec<(String, String)> {
    let own = sketch.preparations.iter().map(|one| one.run.as_str());
    let own = own.chain(sketch.steps.iter().filter_map(|step| step.run.as_deref()));
    let values = sketch
        .placeholders
        .iter()
        .filter_map(|(_, filling)| match filling {
            Filling::Text(value) => Some(value.as_str()),
            Filling::Printed(_) => None,
        });
    let blocks = pieces.iter().map(|piece| piece.text.as_str());
    let texts: Vec<&str> = own.chain(values).chain(blocks).collect();
    let things = scans.iter().flat_map(|scan| {
        let needed = scan.calls.iter().flat_map(needs);
        scan.makes.iter().cloned().chain(needed)
    });
    let mut names: Vec<(String, String)> = Vec::new();
    for thing in things {
        let Some(kind) = thing.kind.in_names() else {
            continue;
        };
        let plain = thing
            .name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let there = texts.iter().any(|text| text.contains(&thing.name));
        let known = names.iter().any(|(name, _)| *name == thing.name);
        if plain && there && !known && !thing.name.is_empty() {
            names.push((thing.name, kind.to_owned()));
        }
    }
    names
}
