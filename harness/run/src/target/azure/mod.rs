//! The azure target: walkthroughs on a real subscription, with nothing left behind.
//!
//! Each walkthrough has names, a shell, a configuration folder of `az` and a ledger of its own. What
//! it makes is written down before it is made ([`ledger`]), marked with tags, and removed however the
//! walkthrough ends ([`cleanup`]); what a killed run leaves is found by ledger and tags ([`sweep`]).

mod azlog;
mod cleanup;
mod cloud;
mod environment;
mod guard;
mod leaks;
mod ledger;
mod process;
mod recording;
mod resume;
mod session;
mod signin;
mod sweep;
mod told;

pub use sweep::Left;

use crate::az::{Az, AzError, Preloaded, Served};
use crate::environment::{BoxFuture, Environment, EnvironmentError, Target};
use crate::folder::RunFolder;
use crate::patience::Patience;
use crate::requirements;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cloud::Cloud;
use docproof_core::event::Event;
use docproof_core::naming::{Names, RunId};
use docproof_core::redaction::{Kind, Tracker};
use docproof_core::scenario::{Requirement, Walkthrough};
use environment::AzureEnvironment;
use leaks::Inventory;
use serde_json::Value;
use session::Session;
use signin::SignIn;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What of the caller's environment reaches `az`: the way to the network, and whom to trust there.
const PASSED_ON: [&str; 10] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
];

/// What a live run is told.
#[derive(Debug, Clone)]
pub struct AzureOptions {
    /// The subscription's id or name.
    pub subscription: String,
    /// The folder whose `docproof.toml`, or that of the nearest folder above, allows subscriptions.
    pub folder: PathBuf,
    /// Where ledgers are.
    pub ledger: PathBuf,
    /// Whether what walkthroughs make stays.
    pub keep: bool,
    /// The step to go on with, by its name, in the last run of the walkthrough that was kept.
    pub from: Option<String>,
    /// Whether ids are shown.
    pub show_ids: bool,
    /// Whether one process answers the calls of `az` that walkthroughs make.
    pub preloaded: bool,
    /// Where what `az` and Azure say to each other is recorded.
    pub record: Option<PathBuf>,
    /// How long one step waits for Azure.
    pub patience: Patience,
    /// How long a walkthrough may take.
    pub scenario_timeout: Option<Duration>,
    /// When the whole run must have ended.
    pub until: Option<Instant>,
    /// After how long others may sweep up what a run has left, by its tags alone.
    pub expires_after: Duration,
}

/// Things that all walkthroughs of a run share.
pub struct Azure {
    options: AzureOptions,
    cloud: Cloud,
    name: String,
    owner: String,
    session: Arc<Session>,
    tracker: Arc<Mutex<Tracker>>,
    left: Arc<Mutex<Vec<String>>>,
    /// Every event, as others saw it.
    told: Mutex<Vec<Event>>,
    /// What was there before.
    before: Mutex<Option<Inventory>>,
    preloaded: Option<(Arc<Preloaded>, Served)>,
    // Goes with it.
    _folder: RunFolder,
}

impl Azure {
    /// Signs in and looks at the subscription. Makes nothing in it. Blocks while `az` runs.
    ///
    /// # Errors
    /// When nobody is signed in, or the subscription must not be touched.
    pub fn connect(az: &Az, options: AzureOptions) -> Result<Self, EnvironmentError> {
        let environment: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        let mut tracker = Tracker::new(options.show_ids);
        let sign_in = SignIn::find(&environment)?;
        sign_in.track(&mut tracker);
        let folder = RunFolder::create(&std::env::temp_dir()).map_err(no_folder)?;
        let config = folder.path().join("azure");
        for name in ["home", "azure"] {
            std::fs::create_dir(folder.path().join(name)).map_err(no_folder)?;
        }
        let mut path = az.bin.clone().into_os_string();
        if let Some(rest) = environment.get(&OsString::from("PATH")) {
            path.push(":");
            path.push(rest);
        }
        let mut variables: Vec<(OsString, OsString)> = PASSED_ON
            .iter()
            .filter_map(|name| {
                let name = OsString::from(name);
                Some((name.clone(), environment.get(&name)?.clone()))
            })
            .collect();
        variables.extend([
            ("PATH".into(), path),
            ("HOME".into(), folder.path().join("home").into_os_string()),
            ("AZURE_CONFIG_DIR".into(), config.clone().into_os_string()),
            ("LANG".into(), "C.UTF-8".into()),
            ("TERM".into(), "xterm".into()),
            ("USER".into(), "reader".into()),
        ]);
        let tracker = Arc::new(Mutex::new(tracker));
        let session = Session::begin(sign_in, &az.program, &variables, &config, &tracker)?;
        let mut cloud = Cloud {
            az: az.program.clone(),
            variables,
            subscription: String::new(),
            tracker: Arc::clone(&tracker),
            signed_in: Arc::default(),
            pause: options.patience.pause,
        };
        let wanted = &options.subscription;
        let shown = cloud.az(&["account", "show", "--subscription", wanted])?;
        let account: Value = serde_json::from_str(&shown).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        cloud.subscription = text(&account["id"]);
        let (name, owner) = (text(&account["name"]), text(&account["user"]["name"]));
        {
            let mut tracker = lock(&tracker);
            tracker.track(Kind::Subscription, &cloud.subscription);
            tracker.track(Kind::Tenant, &text(&account["tenantId"]));
            tracker.track(Kind::Account, &owner);
        }
        cloud.az(&["account", "set", "--subscription", &cloud.subscription])?;
        let subscription = cloud.get(&cloud.below("?api-version=2022-12-01"))?;
        let tags = subscription
            .map(|one| one["tags"].clone())
            .unwrap_or_default();
        guard::check(&options.folder, &cloud.subscription, &name, &tags)?;
        let preloaded = match options.preloaded {
            true => {
                let mut variables = cloud.variables.clone();
                variables.push((environment::LOGS.0.into(), environment::LOGS.1.into()));
                Preloaded::start_here(az, variables).map_err(not_preloaded)?
            }
            false => None,
        };
        Ok(Self {
            options,
            cloud,
            name,
            owner,
            session: Arc::new(session),
            tracker,
            left: Arc::default(),
            told: Mutex::default(),
            before: Mutex::default(),
            preloaded,
            _folder: folder,
        })
    }

    /// The subscription's name.
    pub fn subscription(&self) -> &str {
        &self.name
    }

    /// The names that a run of this walkthrough gives, each as `article`, `run` and what it names;
    /// another run's end differently.
    pub fn names(walkthrough: &Walkthrough) -> Names {
        Names::new(&new_run(), &walkthrough.names)
    }

    /// What a walkthrough has said.
    pub fn told(&self, scenario: &str) -> Vec<Event> {
        let is_of = |event: &&Event| event.run().is_some_and(|(of, _)| of == scenario);
        lock(&self.told).iter().filter(is_of).cloned().collect()
    }

    /// A text as others may see it.
    pub fn redacted(&self, text: &str) -> String {
        lock(&self.tracker).redact(text)
    }

    /// Notes what is there before anything is made.
    ///
    /// # Errors
    /// When the subscription cannot be looked at.
    pub fn begin(&self) -> Result<(), EnvironmentError> {
        let inventory = Inventory::take(&self.cloud)?;
        *lock(&self.before) = Some(inventory);
        Ok(())
    }

    /// Compares with what was there before: what is new, for people.
    ///
    /// # Errors
    /// When the subscription cannot be looked at.
    pub fn new_since(&self) -> Result<Vec<String>, EnvironmentError> {
        let after = Inventory::take(&self.cloud)?;
        let before = lock(&self.before).take().unwrap_or_default();
        let new = after.since(&before);
        Ok(new.iter().map(|id| self.redacted(id)).collect())
    }

    /// The object id of whoever is signed in.
    fn principal(&self) -> Result<String, EnvironmentError> {
        let printed = self.cloud.az(&["account", "get-access-token"])?;
        let token: Value = serde_json::from_str(&printed).unwrap_or_default();
        let claims = token["accessToken"]
            .as_str()
            .and_then(|token| token.split('.').nth(1))
            .and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok())
            .and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
        let id = claims.and_then(|claims| claims["oid"].as_str().map(str::to_owned));
        id.ok_or_else(|| EnvironmentError::new("the token of `az` does not say whose it is"))
    }
}

/// A new run's id.
fn new_run() -> RunId {
    RunId::from_seed(uuid::Uuid::new_v4().as_bytes())
}

fn not_preloaded(error: AzError) -> EnvironmentError {
    EnvironmentError::new(error.to_string()).with_help(error.help())
}

fn no_folder(error: std::io::Error) -> EnvironmentError {
    EnvironmentError::new(format!("no temporary folder: {error}"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Target for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn lacks(&self, requirement: Requirement) -> Option<String> {
        requirements::lacking(requirement)
    }

    fn prepare<'a>(
        &'a self,
        _reader_roles: &'a [String],
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        Box::pin(async {
            Err(EnvironmentError::new(
                "a live run has to know its walkthrough",
            ))
        })
    }

    fn prepare_for<'a>(
        &'a self,
        walkthrough: &'a Walkthrough,
    ) -> BoxFuture<'a, Result<Box<dyn Environment>, EnvironmentError>> {
        Box::pin(async move {
            tokio::task::block_in_place(|| AzureEnvironment::open(self, walkthrough))
                .map(|environment| Box::new(environment) as Box<dyn Environment>)
        })
    }

    fn said(&self, event: Event) -> Event {
        let event = told::redacted(&event, &|text| lock(&self.tracker).redact(text));
        lock(&self.told).push(event.clone());
        event
    }

    fn left_behind(&self) -> Vec<String> {
        lock(&self.left).clone()
    }
}
