//! One recording against an emulator of its own ([`replay`]).

mod places;
mod request;
mod setup;
mod typed;

use crate::bindings::Bindings;
use crate::compare::{Difference, World, compare};
use crate::images;
use crate::recording::{Exchange, Recording, unsigned};
use crate::service::service_of;
use crate::session::{Answer, Auth, Sent, Session};
use docproof_emulator::StartError;
use places::{address, place, subject};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
pub use typed::{recorded_requests, recorded_types, replay_typed};

/// The group of what no recording places anywhere.
const GROUP: &str = "docproof-prepared";

/// Why a recording could not be replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no emulator.
    #[error("the emulator did not start: {0}")]
    Start(#[from] StartError),
}

/// What became of one exchange.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The recording's name.
    pub recording: String,
    /// The exchange's place in it, from 0.
    pub exchange: usize,
    /// The service that it is with.
    pub service: String,
    /// The HTTP method.
    pub method: String,
    /// The recorded URL, without signature.
    pub url: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// Whether the emulator answers as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does.
    Matched,
    /// It does not, here.
    Differs(Vec<Difference>),
    /// It does not have what was asked for.
    NotEmulated,
    /// It was not sent. It only repeats the one before it: a poll whose answer had not changed, or
    /// the same refusal once more. Or it asks for a further page of what the recorder's subscription
    /// had and the emulator has not.
    Collapsed,
}

/// Sends every exchange of a recording, in order, to an emulator of its own.
///
/// # Errors
/// If the emulator does not start.
pub async fn replay(recording: &Recording) -> Result<Vec<Outcome>, ReplayError> {
    let mut replay = Replay::prepare(recording).await?;
    let mut outcomes = Vec::new();
    for (index, exchange) in recording.exchanges.iter().enumerate() {
        let repeats = index
            .checked_sub(1)
            .and_then(|before| recording.exchanges.get(before))
            .is_some_and(|before| exchange.repeats(before));
        let verdict = if repeats || replay.is_page_of_others(exchange) {
            Verdict::Collapsed
        } else {
            replay.exchange(exchange).await
        };
        outcomes.push(Outcome {
            recording: recording.name.clone(),
            exchange: index,
            service: service_of(exchange),
            method: exchange.method.clone(),
            url: unsigned(&exchange.url),
            verdict,
        });
    }
    Ok(outcomes)
}

struct Replay {
    /// The body of the latest answer.
    last: Value,
    session: Session,
    bindings: Bindings,
    world: World,
    caller: String,
    /// Recorded addresses of operations and pages to the emulator's.
    links: BTreeMap<String, String>,
    /// Paths and hosts where something may still be under way.
    pending: BTreeSet<String>,
    /// Vaults that the caller may use.
    granted: BTreeSet<String>,
    /// Hosts of vaults that refuse the caller later on.
    refusing: BTreeSet<String>,
    /// What the emulator could not make or begin: paths of resources, recorded addresses of
    /// operations.
    absent: BTreeSet<String>,
    /// Images that were pushed for this replay.
    images: BTreeSet<String>,
    /// The latest backup of a secret.
    backup: Option<String>,
    /// The principals that resources have of their own: recorded paths, lower case, and object ids.
    principals: Vec<(String, String)>,
}

impl Replay {
    async fn exchange(&mut self, exchange: &Exchange) -> Verdict {
        let url = self.url(exchange);
        self.let_time_pass(exchange, &url);
        self.grant(exchange, &url).await;
        if exchange.status < 400 {
            let request = self.bindings.apply_to(&exchange.request);
            let group = format!("{}/resourceGroups/{GROUP}", self.session.subscription());
            images::provide(&mut self.session, &mut self.images, &request, &group).await;
        }
        let body = self.body(exchange).await;
        let sent = Sent {
            method: &exchange.method,
            url: &url,
            body,
            auth: if exchange.status == 401 {
                Auth::None
            } else {
                Auth::OfHost
            },
            origin: self.origin(exchange).await,
        };
        // A client id that the metadata endpoint is asked for is known only now.
        let url = self.bindings.apply(sent.url);
        let Some(answer) = self.session.send(Sent { url: &url, ..sent }).await else {
            return Verdict::Differs(vec![Difference {
                at: "/url".to_owned(),
                recorded: exchange.url.clone(),
                answered: "nothing: this is no URL".to_owned(),
            }]);
        };
        self.last.clone_from(&answer.body);
        self.note(exchange, &answer, &url);
        if answer.is_not_emulated() {
            self.absent.insert(place(&url));
            let begun = ["location", "azure-asyncoperation"];
            let begun = begun.iter().filter_map(|name| exchange.headers.get(*name));
            self.absent.extend(begun.map(|recorded| address(recorded)));
            return Verdict::NotEmulated;
        }
        // What could not be made is not there.
        let whole = place(&url);
        let missing = self.absent.contains(&address(&exchange.url))
            || self
                .absent
                .iter()
                .any(|path| whole.starts_with(path.as_str()));
        let asked = self
            .bindings
            .apply(&exchange.request.to_string())
            .to_ascii_lowercase();
        let names_missing = self.absent.iter().any(|path| {
            path.strip_prefix("management.azure.com")
                .is_some_and(|id| id.contains("/providers/") && asked.contains(id))
        });
        let gone = missing && matches!(answer.status, 204 | 404) && exchange.status < 400;
        if gone || (names_missing && answer.status >= 400) {
            if exchange.method == "PUT" {
                self.absent.insert(whole);
            }
            return Verdict::NotEmulated;
        }
        let differences = compare(exchange, &answer, &mut self.bindings, &self.world);
        if differences.is_empty() {
            Verdict::Matched
        } else {
            Verdict::Differs(differences)
        }
    }

    /// The emulator's address for a recorded one: an operation or page as the emulator named it.
    fn url(&self, exchange: &Exchange) -> String {
        match self.links.get(&address(&exchange.url)) {
            Some(url) if exchange.method == "GET" => url.clone(),
            _ => self.bindings.apply(&exchange.url),
        }
    }

    /// Whether this asks for a page that the emulator's list does not have.
    fn is_page_of_others(&self, exchange: &Exchange) -> bool {
        exchange.url.contains("skiptoken=") && !self.links.contains_key(&address(&exchange.url))
    }

    /// Remembers what an answer begins, and what it calls what the recording calls otherwise.
    fn note(&mut self, exchange: &Exchange, answer: &Answer, url: &str) {
        if answer.status >= 400 {
            return;
        }
        let mut places = Vec::new();
        for name in ["location", "azure-asyncoperation"] {
            if let (Some(recorded), Some(actual)) =
                (exchange.headers.get(name), answer.header(name))
            {
                self.links.insert(address(recorded), actual.to_owned());
                places.push(place(actual));
            }
        }
        let next = |body: &Value| body["nextLink"].as_str().map(str::to_owned);
        if let (Some(recorded), Some(actual)) = (next(&exchange.response), next(&answer.body)) {
            self.links.insert(address(&recorded), actual);
        }
        if let Some(actual) = answer.body["identity"]["principalId"].as_str() {
            let path = exchange.path().to_ascii_lowercase();
            for (resource, recorded) in &self.principals {
                if *resource == path {
                    self.bindings.bind(recorded, actual);
                }
            }
        }
        if exchange.path().ends_with("/backup") {
            self.backup = answer.body["value"].as_str().map(str::to_owned);
        }
        if exchange.path().ends_with("/oauth2/exchange")
            && let Some(token) = answer.body["refresh_token"].as_str()
        {
            self.bindings.bind("refresh-token-of-a-registry", token);
        }
        if matches!(
            exchange.method.as_str(),
            "PUT" | "PATCH" | "POST" | "DELETE"
        ) {
            let own = place(url);
            if exchange.method == "PUT" {
                let secret = own.contains("/secrets/").then(|| format!("https://{own}"));
                let path = own.strip_prefix("management.azure.com").map(str::to_owned);
                self.world.own.extend(path.or(secret));
            }
            let whole = match exchange.method.as_str() {
                "POST" => own
                    .rsplit_once('/')
                    .map_or(own.clone(), |(parent, _)| parent.to_owned()),
                _ => own.clone(),
            };
            let secret = subject(url);
            places.push(if secret.contains(".vault.azure.net") {
                secret
            } else {
                whole
            });
            self.pending.extend(places);
        }
    }
}
