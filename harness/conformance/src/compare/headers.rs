//! Headers that carry meaning.

use super::{Difference, text};
use crate::bindings::Bindings;
use crate::recording::{Exchange, unsigned};
use crate::session::Answer;

/// Headers that clients decide by: there if recorded, absent if not, and with the recorded value.
const EXACT: [&str; 5] = [
    "azure-asyncnotification",
    "azure-asyncoperation",
    "location",
    "www-authenticate",
    "x-ms-failure-cause",
];
/// Headers that must be there if they were recorded, and whose value counts.
const WANTED: [&str; 2] = ["content-type", "x-ms-async-operation-timeout"];
/// Headers that must be there if they were recorded, whatever their value: it names a machine or a
/// time. The recorder dropped `retry-after` from most recordings, so its absence says nothing.
const PRESENT: [&str; 4] = [
    "retry-after",
    "x-ms-keyvault-network-info",
    "x-ms-keyvault-region",
    "x-ms-keyvault-service-version",
];

pub(super) fn compare(
    exchange: &Exchange,
    answer: &Answer,
    bindings: &mut Bindings,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |name: &str, recorded: &str, answered: &str| {
        differences.push(Difference {
            at: format!("/headers/{name}"),
            recorded: unsigned(recorded),
            answered: unsigned(answered),
        });
    };
    for name in EXACT.iter().chain(&WANTED) {
        let answered = answer.header(name);
        match (exchange.headers.get(*name), answered) {
            (None, None) => {}
            (Some(recorded), Some(answered)) => {
                if !same(recorded, answered, bindings) {
                    differ(name, recorded, answered);
                }
            }
            (Some(recorded), None) => differ(name, recorded, "nothing"),
            (None, Some(answered)) if EXACT.contains(name) => differ(name, "nothing", answered),
            (None, Some(_)) => {}
        }
    }
    for name in PRESENT {
        // The emulator says "at once" in the millisecond form.
        let there = answer.header(name).is_some()
            || (name == "retry-after" && answer.header("x-ms-retry-after-ms").is_some());
        if let (Some(recorded), false) = (exchange.headers.get(name), there) {
            differ(name, recorded, "nothing");
        }
    }
    differences
}

fn same(recorded: &str, answered: &str, bindings: &mut Bindings) -> bool {
    // One authority has two names (its own metadata says so), and the recorder changed the domain
    // of some vaults.
    let plain = |value: &str| {
        unsigned(value)
            .replace("; ", ";")
            .trim_end_matches('/')
            .replace(
                "https://login.windows.net/",
                "https://login.microsoftonline.com/",
            )
            .replace("\"https://local\"", "\"https://vault.azure.net\"")
    };
    text::matches(&plain(recorded), &plain(answered), bindings)
}
