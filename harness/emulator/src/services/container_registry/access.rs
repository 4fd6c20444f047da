//! Who may do what with a registry's content.

use super::ContainerRegistry;
use super::error::OciError;
use super::host::Registry;
use super::{repository_tokens, tokens};
use crate::context::Context;
use crate::http::Request;
use serde_json::json;

/// Somebody who has proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// Nobody in particular.
    Anonymous,
    /// The admin user.
    Admin,
    /// Somebody of the tenant, by object id.
    Principal(String),
    /// A repository token, by name.
    Token(String),
}

/// What a token is asked for, or good for: actions on a repository or on the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    /// `repository` or `registry`.
    pub(super) kind: String,
    /// The repository's name, or `catalog`.
    pub(super) name: String,
    /// `pull`, `push`, `delete`, `metadata_read`, `metadata_write`, or `*`.
    pub(super) actions: Vec<String>,
}

impl Scope {
    /// An action on a repository.
    pub(super) fn repository(name: &str, action: &str) -> Self {
        Self {
            kind: "repository".to_owned(),
            name: name.to_owned(),
            actions: vec![action.to_owned()],
        }
    }

    /// The list of repositories.
    pub(super) fn catalog() -> Self {
        Self {
            kind: "registry".to_owned(),
            name: "catalog".to_owned(),
            actions: vec!["*".to_owned()],
        }
    }

    /// `kind:name:action,action`; a scope in another form asks for nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        Some(Self {
            // A class may stand behind the kind: `repository(plugin)`.
            kind: kind.split('(').next().unwrap_or(kind).to_owned(),
            name: name.to_owned(),
            actions: actions
                .split(',')
                .filter(|action| !action.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    /// As it is written.
    pub(super) fn text(&self) -> String {
        format!("{}:{}:{}", self.kind, self.name, self.actions.join(","))
    }

    /// Whether it has everything that `wanted` asks for.
    pub(super) fn covers(&self, wanted: &Self) -> bool {
        let has = |action: &String| self.actions.iter().any(|own| own == action || own == "*");
        self.kind == wanted.kind && self.name == wanted.name && wanted.actions.iter().all(has)
    }
}

/// The part of what is asked for that a holder may have.
pub(super) fn granted(
    cx: &Context,
    registry: &Registry,
    holder: &Holder,
    asked: &[Scope],
) -> Vec<Scope> {
    asked
        .iter()
        .map(|scope| Scope {
            actions: scope
                .actions
                .iter()
                .filter(|action| may(cx, registry, holder, scope, action))
                .cloned()
                .collect(),
            ..scope.clone()
        })
        .filter(|scope| !scope.actions.is_empty())
        .collect()
}

/// Azure's roles decide over principals. Which of the registry's actions stands behind
/// `metadata_read`, `metadata_write` and the catalog is not documented: whoever pulls may read, and
/// whoever pushes may write.
fn may(cx: &Context, registry: &Registry, holder: &Holder, scope: &Scope, action: &str) -> bool {
    let kind = scope.kind.as_str();
    let verb = match (kind, action) {
        ("registry", "*") => "metadata_read",
        ("repository", "pull" | "push" | "delete" | "metadata_read" | "metadata_write") => action,
        _ => return false,
    };
    match holder {
        Holder::Admin => registry.admin_enabled(),
        Holder::Anonymous => registry.anonymous_pull() && ["pull", "metadata_read"].contains(&verb),
        Holder::Token(name) => {
            kind == "repository" && repository_tokens::may(cx, registry, name, &scope.name, verb)
        }
        Holder::Principal(object_id) => {
            let abac = registry.uses_abac();
            let action = match (abac, verb) {
                (false, "push" | "metadata_write") => "push/write",
                (false, "delete") => "artifacts/delete",
                (false, _) => "pull/read",
                (true, "pull") => "repositories/content/read",
                (true, "push") => "repositories/content/write",
                (true, "delete") => "repositories/content/delete",
                (true, "metadata_write") => "repositories/metadata/write",
                (true, _) if kind == "registry" => "catalog/read",
                (true, _) => "repositories/metadata/read",
            };
            let action = format!("{}/{action}", super::model::KIND);
            cx.access
                .is_allowed(object_id, &action, abac, &registry.id())
        }
    }
}

/// Lets a request to a registry pass that may do what it asks for: by a token of this registry, or
/// by a name and password.
///
/// # Errors
/// 401 with a challenge.
pub(super) fn authorize(
    all: &ContainerRegistry,
    cx: &Context,
    registry: &Registry,
    request: &Request,
    wanted: &Scope,
) -> Result<(), OciError> {
    let header = request.header("authorization").unwrap_or_default();
    let (scheme, value) = header.split_once(' ').unwrap_or((header, ""));
    let why = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => match tokens::access(cx, registry, value.trim()) {
            Some(scopes) if scopes.iter().any(|scope| scope.covers(wanted)) => return Ok(()),
            Some(_) => Some("insufficient_scope"),
            None => Some("invalid_token"),
        },
        "basic" => match tokens::basic(all, cx, registry, value.trim()) {
            Some(holder) => {
                if !granted(cx, registry, &holder, std::slice::from_ref(wanted)).is_empty() {
                    return Ok(());
                }
                None
            }
            None => None,
        },
        _ => None,
    };
    let mut challenge = format!("{},scope=\"{}\"", registry.challenge(), wanted.text());
    if let Some(why) = why {
        challenge = format!("{challenge},error=\"{why}\"");
    }
    let detail = json!([{
        "Type": wanted.kind,
        "Name": wanted.name,
        "Action": wanted.actions.join(","),
    }]);
    Err(OciError::unauthorized(challenge, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_in_another_form_asks_for_nothing() {
        for text in ["", "repository", "repository:a"] {
            assert_eq!(Scope::parse(text), None, "{text}");
        }
        assert!(Scope::parse("repository:a:").unwrap().actions.is_empty());
    }

    #[test]
    fn a_scope_covers_its_own_repository_alone() {
        let own = Scope::parse("repository:team/app:pull,push").unwrap();
        assert!(own.covers(&Scope::repository("team/app", "push")));
        assert!(!own.covers(&Scope::repository("team/app", "delete")));
        assert!(!own.covers(&Scope::repository("team", "pull")));
        assert!(!own.covers(&Scope::catalog()));
        assert_eq!(own.text(), "repository:team/app:pull,push");
        assert!(Scope::catalog().covers(&Scope::catalog()));
    }
}
