//! The `$filter` expressions that `az` sends.

use crate::identity::{Principal, PrincipalKind};

/// Conditions that must all hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: Field,
    begins: bool,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Id,
    AppId,
    DisplayName,
    Mail,
    ServicePrincipalNames,
    UserPrincipalName,
}

impl Filter {
    /// No condition.
    pub(super) fn everything() -> Self {
        Self(Vec::new())
    }

    /// Reads `a eq 'x' and startswith(b,'y') and c/any(n:n eq 'z')`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.split(" and ")
            .map(|one| Condition::parse(one.trim()))
            .collect::<Option<_>>()
            .map(Self)
    }

    /// Whether all conditions hold.
    pub(super) fn holds(&self, principal: &Principal) -> bool {
        self.0.iter().all(|condition| condition.holds(principal))
    }
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        let text = text
            .strip_prefix('(')
            .and_then(|t| t.strip_suffix(')'))
            .unwrap_or(text);
        if let Some(arguments) = call(text, "startswith") {
            let (field, value) = arguments.split_once(',')?;
            return Self::of(field, true, value);
        }
        if let Some((field, rest)) = text.split_once("/any(") {
            let (_, value) = rest.strip_suffix(')')?.split_once(" eq ")?;
            return Self::of(field, false, value);
        }
        let (field, value) = text.split_once(" eq ")?;
        Self::of(field, false, value)
    }

    fn of(field: &str, begins: bool, value: &str) -> Option<Self> {
        let value = value
            .trim()
            .strip_prefix('\'')?
            .strip_suffix('\'')?
            .replace("''", "'");
        let field = match field.trim().to_ascii_lowercase().as_str() {
            "id" => Field::Id,
            "appid" => Field::AppId,
            "displayname" => Field::DisplayName,
            "mail" => Field::Mail,
            "serviceprincipalnames" => Field::ServicePrincipalNames,
            "userprincipalname" => Field::UserPrincipalName,
            _ => return None,
        };
        Some(Self {
            field,
            begins,
            value,
        })
    }

    fn holds(&self, principal: &Principal) -> bool {
        let upn = principal.user_principal_name.as_deref().unwrap_or_default();
        let own = match self.field {
            Field::Id => &principal.object_id,
            Field::AppId | Field::ServicePrincipalNames
                if principal.kind == PrincipalKind::User =>
            {
                return false;
            }
            Field::AppId | Field::ServicePrincipalNames => &principal.client_id,
            Field::DisplayName => &principal.display_name,
            Field::Mail | Field::UserPrincipalName => upn,
        };
        let (own, value) = (own.to_lowercase(), self.value.to_lowercase());
        if self.begins {
            own.starts_with(&value)
        } else {
            own == value
        }
    }
}

/// The text between the parentheses of `name(…)`.
fn call<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name)?
        .strip_prefix('(')?
        .strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_no_filter() {
        for text in [
            "",
            "a",
            "color eq 'red'",
            "appId eq x",
            "appId ne 'x'",
            "appId eq 'x' or 1",
        ] {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_forms_that_az_sends_are_understood() {
        let principal = Principal {
            object_id: "O".into(),
            client_id: "App".into(),
            display_name: "it's me".into(),
            user_principal_name: None,
            resource_id: None,
            secret: None,
            kind: PrincipalKind::Application,
        };
        for (text, holds) in [
            ("servicePrincipalNames/any(c:c eq 'app')", true),
            ("servicePrincipalNames/any(c:c eq 'ap')", false),
            ("startswith(displayName,'it''s')", true),
            ("appId eq 'app' and displayName eq 'other'", false),
        ] {
            assert_eq!(
                Filter::parse(text).unwrap().holds(&principal),
                holds,
                "{text}"
            );
        }
    }
}
