//! Bodies: keys, types, null against absent, and values that do not vary.

use super::{Difference, World, text};
use crate::bindings::Bindings;
use crate::recording::Exchange;
use serde_json::{Map, Value};

/// Keys whose values Azure makes up: any text stands for any other.
const MADE_UP: [&str; 25] = [
    "customKeyIdentifier",
    "tenant_region_scope",
    "access_token",
    "clientInfo",
    "client_info",
    "customDomainVerificationId",
    "customerId",
    "etag",
    "publisherDomain",
    "fullyQualifiedDomainName",
    "hint",
    "id_token",
    "keyId",
    "password",
    "primarySharedKey",
    "refresh_token",
    "secondarySharedKey",
    "secretText",
    "staticIp",
    "token",
    "trace_id",
    "uti",
    "webSocketUri",
    "lastActiveTime",
    "skiptoken",
];
/// Lists that Azure makes up: any that is not empty stands for any other.
const MADE_UP_LISTS: [&str; 1] = ["outboundIpAddresses"];
/// Keys of names that the recorder replaced by `Example`.
const SCRUBBED_NAMES: [&str; 3] = ["displayName", "mail", "publisherDomain"];
/// Numbers that may be others.
const VARYING_NUMBERS: [&str; 3] = ["expires_in", "ext_expires_in", "expiresIn"];
/// Lists of what Azure has today: the emulator has some of it, and may have newer. What it has is
/// compared, what it lacks is no difference.
const CATALOGUES: [&str; 7] = [
    "authorization",
    "apiVersions",
    "authorizations",
    "locations",
    "outboundIpAddresses",
    "resourceTypes",
    "zoneMappings",
];
/// Paths of lists of that kind.
const CATALOGUE_PATHS: [&str; 5] = [
    "/availablemanagedenvironmentsworkloadprofiletypes",
    "/locations",
    "/operations",
    "/providers",
    "/roledefinitions",
];

/// A comparison of two bodies.
pub(super) struct Bodies<'a> {
    bindings: &'a mut Bindings,
    world: &'a World,
    catalogue: bool,
    trimmed: bool,
    /// What was found.
    pub(super) differences: Vec<Difference>,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(bindings: &'a mut Bindings, world: &'a World, exchange: &Exchange) -> Self {
        let path = exchange.path().to_ascii_lowercase();
        Self {
            bindings,
            world,
            catalogue: CATALOGUE_PATHS.iter().any(|end| path.ends_with(end)),
            trimmed: exchange.trimmed,
            differences: Vec::new(),
        }
    }

    /// Compares bodies. The recorder kept nothing of some compressed ones.
    pub(super) fn compare(&mut self, recorded: &Value, answered: &Value) {
        if recorded != "<binary>" {
            self.value("/body", "", recorded, answered);
        }
    }

    fn differ(&mut self, at: &str, recorded: &str, answered: &str) {
        self.differences.push(Difference {
            at: at.to_owned(),
            recorded: recorded.to_owned(),
            answered: answered.to_owned(),
        });
    }

    fn value(&mut self, at: &str, key: &str, recorded: &Value, answered: &Value) {
        match (recorded, answered) {
            (Value::Object(a), Value::Object(b)) => self.object(at, a, b),
            (Value::Array(a), Value::Array(b))
                if MADE_UP_LISTS.contains(&key) && a.is_empty() == b.is_empty() => {}
            (Value::Array(a), Value::Array(b)) => self.list(at, key, a, b),
            (Value::String(a), Value::String(b)) => {
                if !self.text(key, a, b) {
                    self.differ(at, &short(recorded), &short(answered));
                }
            }
            (Value::Number(a), Value::Number(b)) => {
                let whole = a.is_f64() == b.is_f64();
                let times = |n: &serde_json::Number| {
                    n.as_i64()
                        .is_some_and(|n| (1_400_000_000..2_300_000_000).contains(&n))
                };
                let same = a.as_f64() == b.as_f64() && whole;
                let varies = (times(a) && times(b)) || VARYING_NUMBERS.contains(&key);
                if !same && !varies {
                    self.differ(at, &short(recorded), &short(answered));
                }
            }
            _ if recorded == answered => {}
            _ => self.differ(at, &short(recorded), &short(answered)),
        }
    }

    fn text(&mut self, key: &str, recorded: &str, answered: &str) -> bool {
        if text::matches(recorded, answered, self.bindings) {
            return true;
        }
        let number =
            |text: &str| (1..=10).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
        let version = |text: &str| text.len() >= 10 && text.as_bytes()[4] == b'-';
        // Where the next page begins is the service's own business.
        if key == "nextLink"
            && text::matches(&unmarked(recorded), &unmarked(answered), self.bindings)
        {
            return true;
        }
        let made_up = MADE_UP.contains(&key) && !recorded.is_empty() && !answered.is_empty();
        if made_up {
            self.bindings.bind(recorded, answered);
        }
        made_up
            || (SCRUBBED_NAMES.contains(&key) && recorded == "Example")
            || (key == "userPrincipalName" && recorded.starts_with("user@example.com"))
            || recorded == "redacted"
            || (key == "defaultApiVersion" && version(recorded) && version(answered))
            || ((VARYING_NUMBERS.contains(&key)
                || key.starts_with("expires")
                || key == "not_before")
                && number(recorded)
                && number(answered))
    }

    fn object(&mut self, at: &str, recorded: &Map<String, Value>, answered: &Map<String, Value>) {
        let mut taken: Vec<&str> = Vec::new();
        let foreign = self.trimmed
            || recorded
                .get("value")
                .and_then(Value::as_array)
                .is_some_and(|items| items.iter().any(|item| self.is_foreign(item)));
        for (key, value) in recorded {
            let place = format!("{at}/{}", escape(key));
            let found = if answered.contains_key(key) {
                Some(key.as_str())
            } else {
                // Keys can be ids.
                let bindings = &mut *self.bindings;
                let free = |name: &&String| !recorded.contains_key(name.as_str());
                answered
                    .keys()
                    .filter(free)
                    .find(|name| key.contains('/') && text::matches(key, name, bindings))
                    .map(String::as_str)
            };
            // Where the recorder's subscription had more, its lists have more pages.
            if key == "nextLink" && foreign {
                taken.extend(found);
                continue;
            }
            match found {
                Some(name) => {
                    taken.push(name);
                    self.value(&place, key, value, &answered[name]);
                }
                // Which applications act for a provider is Azure's own.
                None if key.starts_with("authorization") && CATALOGUES.contains(&key.as_str()) => {}
                None => self.differ(&place, &short(value), "nothing"),
            }
        }
        for (key, value) in answered {
            let page = key == "nextLink" && foreign;
            if !taken.contains(&key.as_str()) && !page {
                self.differ(&format!("{at}/{}", escape(key)), "nothing", &short(value));
            }
        }
    }

    fn list(&mut self, at: &str, key: &str, recorded: &[Value], answered: &[Value]) {
        let catalogue = (self.catalogue && at == "/body/value") || CATALOGUES.contains(&key);
        let named = recorded
            .iter()
            .chain(answered)
            .all(|item| name_of(item).is_some());
        if catalogue && !named {
            return;
        }
        if !named || recorded.is_empty() {
            // How far things had come when somebody looked varies: the last events may be missing.
            let longer = answered.len() > recorded.len() && (self.trimmed || key == "events");
            if recorded.len() != answered.len() && !longer {
                let shown = |items: &[Value]| {
                    let text = short(&Value::Array(items.to_vec()));
                    format!("{} items: {text}", items.len())
                };
                self.differ(at, &shown(recorded), &shown(answered));
            }
            for (index, (a, b)) in recorded.iter().zip(answered).enumerate() {
                self.value(&format!("{at}/{index}"), key, a, b);
            }
            return;
        }
        let mut taken = vec![false; answered.len()];
        for (index, item) in recorded.iter().enumerate() {
            let place = format!("{at}/{index}");
            let Some(name) = name_of(item) else { continue };
            let wanted = self.bindings.apply(name);
            let free = |other: &usize| !taken[*other];
            let own = |other: usize| name_of(&answered[other]).unwrap_or_default();
            let mut found = (0..answered.len())
                .filter(free)
                .find(|other| own(*other) == wanted);
            // What Azure has named by itself is named otherwise here; a catalogue is the same
            // everywhere.
            if found.is_none() && !catalogue {
                found = (0..answered.len())
                    .filter(free)
                    .find(|other| text::matches(name, own(*other), self.bindings));
            }
            match found {
                Some(other) => {
                    taken[other] = true;
                    self.value(&place, key, item, &answered[other]);
                }
                None if catalogue || self.is_foreign(item) => {}
                None => self.differ(&place, &short(item), "nothing"),
            }
        }
        if catalogue || self.trimmed {
            return;
        }
        if key == "events" {
            return;
        }
        for (item, _) in answered.iter().zip(taken).filter(|(_, taken)| !taken) {
            self.differ(&format!("{at}/-"), "nothing", &short(item));
        }
    }

    /// Whether an item of a list is of the recorder's subscription and not of the recording.
    fn is_foreign(&self, item: &Value) -> bool {
        let id = item["id"].as_str().map(|id| self.bindings.apply(id));
        id.is_some_and(|id| {
            let named = id.starts_with("/subscriptions/")
                || id.starts_with("/providers/")
                || id.contains(".vault.azure.net/");
            named && !self.world.owns(&id)
        })
    }
}

/// The address of a page without the mark of where it begins.
fn unmarked(url: &str) -> String {
    let kept: Vec<String> = url
        .split('&')
        .map(|pair| match pair.split_once("skiptoken=") {
            Some(_) => "$skiptoken=".to_owned(),
            None => pair.to_owned(),
        })
        .collect();
    kept.join("&")
}

/// What names an item of a list; none if nothing does.
fn name_of(item: &Value) -> Option<&str> {
    [
        "id",
        "name",
        "resourceType",
        "applicationId",
        "server",
        "secretRef",
    ]
    .iter()
    .find_map(|key| item[*key].as_str())
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A value as differences show it.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 200 {
        return text;
    }
    let cut: String = text.chars().take(200).collect();
    format!("{cut}…")
}
