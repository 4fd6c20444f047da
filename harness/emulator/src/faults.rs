//! Azure on an ordinary day: throttled and failing requests, and changes that take time until they
//! hold everywhere ([`Faults`]). Switched on for runs that pose as Azure; none by default.
//!
//! Everything is drawn from one seed by counting, so the same requests in the same order meet the
//! same faults.

use crate::arm;
use crate::clock::Clock;
use crate::http::{Request, Response};
use ::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What an emulator makes difficult.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// How long roles, access policies and identities take until they hold, in seconds.
    pub propagation: RangeInclusive<u64>,
    /// How many of a hundred requests are answered 429.
    pub throttled_percent: f64,
    /// How many of a hundred requests are answered 503.
    pub unavailable_percent: f64,
    /// What all of it is drawn from.
    pub seed: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            propagation: 0..=0,
            throttled_percent: 0.0,
            unavailable_percent: 0.0,
            seed: 0,
        }
    }
}

/// The kinds of answers that are those faults', as the log names them.
pub(crate) const THROTTLED: &str = "throttled";
pub(crate) const UNAVAILABLE: &str = "unavailable";

/// The most seconds that a throttled client is told to wait.
const LONGEST_RETRY: u64 = 5;

/// An emulator's faults, as they come.
#[derive(Debug)]
pub(crate) struct FaultInjector {
    faults: Faults,
    clock: Arc<Clock>,
    /// How many requests and how many changes there were so far.
    requests: AtomicU64,
    changes: AtomicU64,
    /// Access policies that still hold although they were changed, by a vault's lower-cased id.
    policies: Mutex<HashMap<String, (Timestamp, Value)>>,
}

impl FaultInjector {
    pub(crate) fn new(faults: Faults, clock: Arc<Clock>) -> Self {
        Self {
            faults,
            clock,
            requests: AtomicU64::default(),
            changes: AtomicU64::default(),
            policies: Mutex::default(),
        }
    }

    /// From when on a change that is made now holds.
    pub(crate) fn holds_from(&self) -> Timestamp {
        let (least, most) = self.faults.propagation.clone().into_inner();
        let now = self.clock.now();
        if most == 0 {
            return now;
        }
        let number = self.changes.fetch_add(1, Ordering::Relaxed);
        let span = most.saturating_sub(least).saturating_add(1);
        let seconds = least.saturating_add(draw(self.faults.seed, 1, number) % span);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        now.checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX)
    }

    /// A vault's access policies were these, and are changed now.
    pub(crate) fn policies_changed(&self, vault: &str, old: Value) {
        if *self.faults.propagation.end() == 0 {
            return;
        }
        let until = self.holds_from();
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        policies.insert(vault.to_ascii_lowercase(), (until, old));
    }

    /// The access policies that still hold at a vault, if its own do not hold yet.
    pub(crate) fn policies(&self, vault: &str) -> Option<Value> {
        let policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, old) = policies.get(&vault.to_ascii_lowercase())?;
        (*until > self.clock.now()).then(|| old.clone())
    }

    /// The fault that a request meets, if it meets one: what it is called, and what the
    /// client gets. Sign-in, registries and workloads are left alone.
    pub(crate) fn fault(&self, request: &Request) -> Option<(&'static str, Response)> {
        let service = Service::of(&request.host)?;
        let Faults {
            throttled_percent,
            unavailable_percent,
            seed,
            ..
        } = self.faults;
        if throttled_percent + unavailable_percent <= 0.0 {
            return None;
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        // Four decimals of a percent are fine enough.
        let drawn = draw(seed, 2, number) % 1_000_000;
        let below = |percent: f64| (drawn as f64) < percent * 10_000.0;
        if below(throttled_percent) {
            let seconds = 1 + draw(seed, 3, number) % LONGEST_RETRY;
            let wait = self.clock.real_seconds(seconds).ceil().max(1.0);
            let answer = service.throttled(seconds);
            return Some((
                THROTTLED,
                answer.with_header("retry-after", wait.to_string()),
            ));
        }
        below(throttled_percent + unavailable_percent)
            .then(|| (UNAVAILABLE, service.unavailable(self.clock.now())))
    }
}

/// Whose words an answer is in.
enum Service {
    Arm,
    Graph,
    Vault,
}

impl Service {
    fn of(host: &str) -> Option<Self> {
        match host {
            arm::HOST => Some(Self::Arm),
            "graph.microsoft.com" => Some(Self::Graph),
            _ if host.ends_with(".vault.azure.net") => Some(Self::Vault),
            _ => None,
        }
    }

    /// ARM's text is documented, Key Vault's and Graph's too; a provider's own 429 is recorded
    /// (`test_containerapp_preview_create_with_environment_id`).
    fn throttled(&self, seconds: u64) -> Response {
        let body = match self {
            Self::Arm => json!({ "error": {
                "code": "429",
                "message": format!(
                    "Request is temporarily throttled because the tenant has issued too many \
                     requests. Retry after {seconds} seconds."
                ),
            } }),
            Self::Graph => json!({ "error": {
                "code": "TooManyRequests",
                "message": "Too many requests. Please retry again later.",
                "innerError": { "code": "429", "status": "429" },
            } }),
            Self::Vault => json!({ "error": {
                "code": "Throttled",
                "message": "Request was not processed because too many requests were received. \
                            Reason: VaultRequestTypeLimitReached",
            } }),
        };
        Response::json(StatusCode::TOO_MANY_REQUESTS, &body)
    }

    /// ARM's answer is recorded (`ServerTimeout`); the others' are not.
    fn unavailable(&self, now: Timestamp) -> Response {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            Self::Arm => {
                let id = arm::operation_id();
                let stamp = now.strftime("%Y%m%dT%H%M%SZ");
                let message = format!(
                    "The request timed out. Diagnostic information: timestamp '{stamp}', tracking \
                     id '{id}', request correlation id '{id}'."
                );
                arm::ArmError::new(status, "ServerTimeout", message)
                    .from_gateway()
                    .into()
            }
            Self::Graph | Self::Vault => Response::json(
                status,
                &json!({ "error": {
                    "code": "ServiceUnavailable",
                    "message": "The service is temporarily unavailable.",
                } }),
            ),
        }
    }
}

/// A number that depends on nothing but these (SplitMix64).
fn draw(seed: u64, kind: u64, number: u64) -> u64 {
    let mut z = seed
        .wrapping_add(kind.wrapping_mul(0xA076_1D64_78BD_642F))
        .wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Origin;

    fn request(host: &str) -> Request {
        Request {
            method: ::http::Method::GET,
            host: host.to_owned(),
            path: "/".to_owned(),
            segments: Vec::new(),
            query: Vec::new(),
            headers: ::http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            origin: Origin::Caller,
        }
    }

    fn faults(seed: u64) -> Vec<Option<&'static str>> {
        let faults = Faults {
            throttled_percent: 5.0,
            unavailable_percent: 2.0,
            seed,
            ..Faults::default()
        };
        let faults = FaultInjector::new(faults, Arc::default());
        let request = request(arm::HOST);
        (0..10_000)
            .map(|_| faults.fault(&request).map(|(kind, _)| kind))
            .collect()
    }

    #[test]
    fn the_same_seed_brings_the_same_faults_and_the_shares_are_as_asked() {
        assert_eq!(faults(7), faults(7));
        assert_ne!(faults(7), faults(8));
        let count = |kind| faults(7).iter().filter(|one| **one == Some(kind)).count();
        assert!((400..600).contains(&count(THROTTLED)));
        assert!((140..260).contains(&count(UNAVAILABLE)));
    }

    #[test]
    fn sign_in_has_no_faults_and_nothing_has_unless_asked() {
        let without = FaultInjector::new(Faults::default(), Arc::default());
        assert!((0..1000).all(|_| without.fault(&request(arm::HOST)).is_none()));
        assert!(without.holds_from() <= without.clock.now());
        let faulty = Faults {
            throttled_percent: 100.0,
            ..Faults::default()
        };
        let faulty = FaultInjector::new(faulty, Arc::default());
        assert!(
            faulty
                .fault(&request("login.microsoftonline.com"))
                .is_none()
        );
        let (kind, answer) = faulty.fault(&request("v.vault.azure.net")).unwrap();
        assert_eq!((kind, answer.status.as_u16()), (THROTTLED, 429));
        assert!(answer.headers.contains_key("retry-after"));
    }

    #[test]
    fn a_change_holds_within_the_range_and_old_policies_until_then() {
        let clock = Arc::new(Clock::default());
        let faults = Faults {
            propagation: 5..=60,
            ..Faults::default()
        };
        let faults = FaultInjector::new(faults, Arc::clone(&clock));
        for _ in 0..200 {
            let delay = faults
                .holds_from()
                .duration_since(clock.now())
                .as_secs_f64();
            assert!((4.0..=60.0).contains(&delay), "{delay}");
        }
        faults.policies_changed("/V", json!(["old"]));
        assert_eq!(faults.policies("/v"), Some(json!(["old"])));
        clock.advance(61);
        assert_eq!(faults.policies("/v"), None);
    }
}
