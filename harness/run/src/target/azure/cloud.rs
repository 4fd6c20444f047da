//! What docproof itself asks of the subscription: [`Cloud`], by the run's own `az`, so that there is
//! one sign-in, one set of certificates and one set of proxies.

use crate::environment::EnvironmentError;
use crate::patience::Cause;
use docproof_core::redaction::Tracker;
use serde_json::Value;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long an answer of Azure that says "later" is asked for again.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a deletion may take.
const DELETION: Duration = Duration::from_secs(45 * 60);

/// A subscription, as `az` of one configuration folder reaches it.
#[derive(Clone)]
pub(super) struct Cloud {
    pub(super) az: PathBuf,
    /// The whole environment of `az`.
    pub(super) variables: Vec<(OsString, OsString)>,
    /// The subscription's id.
    pub(super) subscription: String,
    pub(super) tracker: Arc<Mutex<Tracker>>,
    /// Held by whoever uses the folder's sign-in, and alone by whoever changes it.
    pub(super) signed_in: Arc<RwLock<()>>,
    /// How long to wait before asking again.
    pub(super) pause: Duration,
}

/// How `az` ended.
struct Ran {
    ok: bool,
    stdout: String,
    stderr: String,
}

impl Cloud {
    /// Below the subscription: `/subscriptions/…` and this path.
    pub(super) fn below(&self, path: &str) -> String {
        format!("/subscriptions/{}{path}", self.subscription)
    }

    /// Runs `az`; what Azure is too busy for is asked again.
    ///
    /// # Errors
    /// What `az` prints, without secrets and ids.
    pub(super) fn az(&self, arguments: &[&str]) -> Result<String, EnvironmentError> {
        let ran = self.patiently(arguments)?;
        match ran.ok {
            true => Ok(ran.stdout),
            false => Err(self.refused(arguments, &ran.stderr)),
        }
    }

    /// The answer to a GET; `None` where there is no such thing.
    ///
    /// # Errors
    /// What `az` prints.
    pub(super) fn get(&self, path: &str) -> Result<Option<Value>, EnvironmentError> {
        let url = format!("https://management.azure.com{path}");
        let arguments = ["rest", "--method", "get", "--url", &url];
        let ran = self.patiently(&arguments)?;
        if ran.ok {
            return Ok(serde_json::from_str(&ran.stdout).ok());
        }
        match is_absent(&ran.stderr) {
            true => Ok(None),
            false => Err(self.refused(&arguments, &ran.stderr)),
        }
    }

    /// Every item of a list, page after page.
    ///
    /// # Errors
    /// What `az` prints.
    pub(super) fn list(&self, path: &str) -> Result<Vec<Value>, EnvironmentError> {
        let mut all = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let page = self.get(&path)?.unwrap_or_default();
            all.extend(page["value"].as_array().into_iter().flatten().cloned());
            let link = page["nextLink"].as_str();
            next = link
                .and_then(|link| link.strip_prefix("https://management.azure.com"))
                .map(str::to_owned);
        }
        Ok(all)
    }

    /// Changes something. What is not there any more is deleted.
    ///
    /// # Errors
    /// What `az` prints.
    pub(super) fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), EnvironmentError> {
        let url = format!("https://management.azure.com{path}");
        let body = body.map(Value::to_string);
        let mut arguments = vec!["rest", "--method", method, "--url", &url];
        if let Some(body) = &body {
            arguments.extend(["--body", body]);
        }
        let ran = self.patiently(&arguments)?;
        match ran.ok || (method == "delete" && is_absent(&ran.stderr)) {
            true => Ok(()),
            false => Err(self.refused(&arguments, &ran.stderr)),
        }
    }

    /// Waits until there is nothing at a path any more.
    ///
    /// # Errors
    /// When it is still there after three quarters of an hour.
    pub(super) fn wait_until_gone(&self, path: &str, what: &str) -> Result<(), EnvironmentError> {
        let until = Instant::now() + DELETION;
        while self.get(path)?.is_some() {
            if Instant::now() > until {
                return Err(EnvironmentError::new(format!("{what} is still there")));
            }
            std::thread::sleep(self.pause);
        }
        Ok(())
    }

    fn patiently(&self, arguments: &[&str]) -> Result<Ran, EnvironmentError> {
        let until = Instant::now() + PATIENCE;
        loop {
            let ran = self.once(arguments)?;
            let busy = Cause::of(&ran.stderr).is_some_and(Cause::is_busy);
            if ran.ok || !busy || Instant::now() > until {
                return Ok(ran);
            }
            std::thread::sleep(self.pause);
        }
    }

    fn once(&self, arguments: &[&str]) -> Result<Ran, EnvironmentError> {
        let _signed_in = self
            .signed_in
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let output = Command::new(&self.az)
            .args(arguments)
            .args(["--only-show-errors", "--output", "json"])
            .env_clear()
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            // Ctrl-C is docproof's to answer: a clean-up goes on.
            .process_group(0)
            .output()
            .map_err(|error| {
                EnvironmentError::new(format!("`az` could not be started: {error}"))
            })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let ran = Ran {
            ok: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        let mut tracker = self.tracker.lock().unwrap_or_else(PoisonError::into_inner);
        tracker.learn(&ran.stdout);
        tracker.learn(&ran.stderr);
        Ok(ran)
    }

    fn refused(&self, arguments: &[&str], stderr: &str) -> EnvironmentError {
        let tracker = self.tracker.lock().unwrap_or_else(PoisonError::into_inner);
        let words: Vec<&str> = arguments.iter().take(5).copied().collect();
        let message = format!("`az {}` failed: {}", words.join(" "), stderr.trim());
        EnvironmentError::new(tracker.redact(&message))
    }
}

/// Whether Azure says that there is no such thing.
fn is_absent(stderr: &str) -> bool {
    stderr.contains("NotFound") || stderr.starts_with("ERROR: Not Found(")
}
