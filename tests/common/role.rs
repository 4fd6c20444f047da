//! Whether the role that a nightly run has is enough for what a walkthrough asks of Azure.

use docproof_core::event::{Event, RequestLine};
use std::path::Path;

/// What the role must let its holder do beside: the condition in `.ci/nightly/azure-condition.txt` is about it.
const BESIDE: [&str; 2] = [
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
];

/// What the requests of a run needed, and `.ci/nightly/azure-role.json` does not give.
///
/// # Errors
/// When the role cannot be read.
pub(crate) fn missing(root: &Path, events: &[Event]) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(root.join(".ci/nightly/azure-role.json"));
    let text = text.map_err(|error| error.to_string())?;
    let role: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let actions = role["Actions"].as_array().into_iter().flatten();
    let mut given: Vec<&str> = actions.filter_map(|action| action.as_str()).collect();
    given.extend(BESIDE);
    let requests = events.iter().flat_map(|event| match event {
        Event::Prepared { requests, .. } | Event::StepFinished { requests, .. } => {
            requests.as_slice()
        }
        _ => &[],
    });
    let mut missing: Vec<String> = requests
        .filter_map(action)
        .filter(|action| !given.iter().any(|pattern| matches(pattern, action)))
        .collect();
    missing.sort();
    missing.dedup();
    Ok(missing)
}

/// What a request to Resource Manager needs.
fn action(request: &RequestLine) -> Option<String> {
    let (_, path) = request.url.split_once("://management.azure.com/")?;
    let path = path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let verb = match request.method.as_str() {
        "GET" | "HEAD" => "read",
        "PUT" | "PATCH" => "write",
        "DELETE" => "delete",
        _ => "action",
    };
    let is = |at: &str, name: &str| at.eq_ignore_ascii_case(name);
    let provider = segments
        .iter()
        .rposition(|segment| is(segment, "providers"));
    let Some(provider) = provider else {
        return Some(match segments.as_slice() {
            [_, _, group, ..] if is(group, "resourceGroups") => {
                format!("Microsoft.Resources/subscriptions/resourceGroups/{verb}")
            }
            [_, _, rest @ ..] if !rest.is_empty() => {
                // Types only: every second segment is a name.
                let types: Vec<&str> = rest.iter().step_by(2).copied().collect();
                format!(
                    "Microsoft.Resources/subscriptions/{}/{verb}",
                    types.join("/")
                )
            }
            _ => format!("Microsoft.Resources/subscriptions/{verb}"),
        });
    };
    let of_provider = segments.get(provider + 1..).unwrap_or_default();
    Some(match of_provider {
        [] | [_] => format!("Microsoft.Resources/subscriptions/providers/{verb}"),
        [name, rest @ ..] => {
            let types: Vec<&str> = rest.iter().step_by(2).copied().collect();
            format!("{name}/{}/{verb}", types.join("/"))
        }
    })
}

/// Whether an action is one that a pattern of a role names.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The check must be able to say no.
///
/// # Errors
/// When it does not.
pub(crate) fn tells_what_is_missing(root: &Path) -> Result<(), String> {
    let asked = [
        (
            "PUT",
            "subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/v",
        ),
        (
            "PUT",
            "subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
        ),
        ("POST", "subscriptions/s/providers/Microsoft.App/register"),
        ("DELETE", "subscriptions/s"),
        ("GET", "subscriptions/s/resources"),
    ];
    let requests = asked.map(|(method, path)| RequestLine {
        method: method.to_owned(),
        url: format!("https://management.azure.com/{path}?api-version=1"),
        status: 200,
        ..RequestLine::default()
    });
    let event = Event::Prepared {
        scenario: String::new(),
        target: String::new(),
        index: 0,
        why: String::new(),
        command: String::new(),
        position: docproof_core::source::Position {
            file: String::new(),
            line: 1,
            column: 1,
        },
        outcome: docproof_core::event::StepOutcome::Passed,
        seconds: 0.0,
        failure: None,
        requests: requests.to_vec(),
    };
    let missing = missing(root, &[event])?;
    let expected = [
        "Microsoft.Resources/subscriptions/delete",
        "Microsoft.Sql/servers/write",
    ];
    match missing == expected {
        true => Ok(()),
        false => Err(format!("missing are {missing:?}")),
    }
}
