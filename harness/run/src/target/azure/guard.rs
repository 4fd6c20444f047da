//! Whether docproof may use a subscription at all: its owner has allowed it, and nothing says that it
//! is production.

use crate::environment::EnvironmentError;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;
use std::sync::LazyLock;

static PRODUCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(^|[^a-z])(prod|prd|production)($|[^a-z])").ok());

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    azure: Section,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Section {
    /// Names or ids.
    #[serde(default)]
    subscriptions: Vec<String>,
}

/// The subscriptions that the nearest `docproof.toml` in this folder or above allows.
fn allowed(folder: &Path) -> Result<Vec<String>, EnvironmentError> {
    let paths = folder.ancestors().map(|above| above.join("docproof.toml"));
    let Some(path) = paths.into_iter().find(|path| path.is_file()) else {
        return Ok(Vec::new());
    };
    let unreadable =
        |error: String| EnvironmentError::new(format!("docproof.toml cannot be read: {error}"));
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| unreadable(error.message().into()))?;
    Ok(file.azure.subscriptions)
}

/// Refuses what is not allowed, or says that it is production. `tags` are the subscription's.
///
/// # Errors
/// Why not, and what its owner can do.
pub(super) fn check(
    folder: &Path,
    id: &str,
    name: &str,
    tags: &Value,
) -> Result<(), EnvironmentError> {
    let is_production = |text: &str| {
        let expression = PRODUCTION.as_ref();
        expression.is_none_or(|expression| expression.is_match(text))
    };
    if is_production(name) {
        return Err(EnvironmentError::new(format!(
            "the subscription is called '{name}', and docproof does not touch production"
        ))
        .with_help("take a subscription that is there for tests"));
    }
    for (tag, value) in tags.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if is_production(value) {
            return Err(EnvironmentError::new(format!(
                "the subscription '{name}' has the tag {tag}={value}, and docproof does not touch \
                 production"
            ))
            .with_help("take a subscription that is there for tests"));
        }
    }
    let is_this = |entry: &String| entry.eq_ignore_ascii_case(id) || entry == name;
    if !allowed(folder)?.iter().any(is_this) {
        return Err(EnvironmentError::new(format!(
            "docproof.toml does not allow the subscription '{name}'"
        ))
        .with_help(format!(
            "if it is there for tests, add to docproof.toml:\n[azure]\nsubscriptions = [\"{name}\"]"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    fn refused(toml: Option<&str>, name: &str, tags: &Value) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = toml {
            std::fs::write(folder.path().join("docproof.toml"), text).unwrap();
        }
        let inside = folder.path().join("docs");
        std::fs::create_dir(&inside).unwrap();
        check(&inside, ID, name, tags)
            .err()
            .map(|error| error.message)
    }

    #[test]
    fn nothing_is_allowed_that_nobody_allowed() {
        assert!(refused(None, "tests", &Value::Null).is_some());
        let other = "[azure]\nsubscriptions = [\"others\"]\n[check]\nallow = []\n";
        assert!(refused(Some(other), "tests", &Value::Null).is_some());
        let this = format!("[azure]\nsubscriptions = [\"{}\"]\n", ID.to_uppercase());
        assert_eq!(refused(Some(&this), "tests", &Value::Null), None);
        let misspelt = "[azure]\nsubscription = [\"tests\"]\n";
        assert!(refused(Some(misspelt), "tests", &Value::Null).is_some());
    }

    #[test]
    fn production_is_refused_although_allowed() {
        for name in ["Contoso Production", "app-prod", "PRD 1", "prod"] {
            let toml = format!("[azure]\nsubscriptions = [\"{name}\"]\n");
            let message = refused(Some(&toml), name, &Value::Null).unwrap();
            assert!(message.contains("production"), "{message}");
        }
        let toml = "[azure]\nsubscriptions = [\"t\", \"product docs\"]\n";
        let tags = json!({"env": "Production"});
        assert!(refused(Some(toml), "t", &tags).is_some());
        assert_eq!(
            refused(Some(toml), "product docs", &json!({"env": "test"})),
            None
        );
    }
}
