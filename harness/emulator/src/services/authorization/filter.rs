//! The OData filters that role lists take.

use crate::arm::ArmError;
use ::http::StatusCode;

/// What a `$filter` asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// `atScope()`: nothing below the scope.
    pub(super) at_scope: bool,
    /// `principalId eq '…'` or `assignedTo('…')`.
    pub(super) principal: Option<String>,
    /// `roleName eq '…'`.
    pub(super) role_name: Option<String>,
    /// `type eq '…'`.
    pub(super) kind: Option<String>,
}

impl Filter {
    /// Reads a filter: conditions joined by `and`.
    ///
    /// # Errors
    /// 501 `NotEmulated` for a condition that is not known.
    pub(super) fn parse(text: Option<&str>) -> Result<Self, ArmError> {
        let mut filter = Self::default();
        for condition in split(text.unwrap_or_default()) {
            let lower = condition.to_lowercase();
            let quoted = condition.split_once('\'').map(|(_, rest)| {
                let inner = rest.trim_end_matches(')').trim_end();
                inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'")
            });
            let name: String = lower
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            match (name.as_str(), quoted) {
                ("atscope" | "atscopeandbelow", None) => filter.at_scope = name == "atscope",
                ("principalid" | "assignedto", Some(value)) => filter.principal = Some(value),
                ("rolename", Some(value)) => filter.role_name = Some(value),
                ("type", Some(value)) => filter.kind = Some(value),
                _ => {
                    return Err(ArmError::new(
                        StatusCode::NOT_IMPLEMENTED,
                        "NotEmulated",
                        format!("docproof does not emulate the role filter '{condition}'."),
                    ));
                }
            }
        }
        Ok(filter)
    }
}

/// Splits at ` and ` outside of quotes.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        if !quoted
            && rest
                .get(..5)
                .is_some_and(|head| head.eq_ignore_ascii_case(" and "))
        {
            parts.push(String::new());
            rest = &rest[5..];
            continue;
        }
        quoted ^= c == '\'';
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_condition_is_not_emulated() {
        assert_eq!(
            Filter::parse(Some("color eq 'red'")).unwrap_err().code,
            "NotEmulated"
        );
        assert_eq!(
            Filter::parse(Some("principalId")).unwrap_err().code,
            "NotEmulated"
        );
    }

    #[test]
    fn what_az_sends_is_read() {
        assert_eq!(Filter::parse(None).unwrap(), Filter::default());
        let both = Filter::parse(Some("atScope() and assignedTo('p-1')")).unwrap();
        assert!(both.at_scope && both.principal.as_deref() == Some("p-1"));
        let role = Filter::parse(Some("roleName eq 'Search and Rescue''s'")).unwrap();
        assert_eq!(role.role_name.as_deref(), Some("Search and Rescue's"));
    }
}
