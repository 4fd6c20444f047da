//! The sign-in of a run, which every walkthrough has a copy of: [`Session`].

use super::cloud::Cloud;
use super::lock;
use super::signin::{self, SignIn};
use crate::environment::EnvironmentError;
use docproof_core::redaction::Tracker;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Resources beside Resource Manager that walkthroughs ask for, as options of `az account get-access-token`:
/// Key Vault's secrets, and Graph.
const RESOURCES: [[&str; 2]; 2] = [
    ["--resource", "https://vault.azure.net"],
    ["--resource-type", "ms-graph"],
];

/// Who is signed in, in a configuration folder of `az`.
pub(super) struct Session {
    sign_in: SignIn,
    az: PathBuf,
    variables: Vec<(OsString, OsString)>,
    config: PathBuf,
    tracker: Arc<Mutex<Tracker>>,
    /// Held until what is there is whole again: signed in, and in the right subscription.
    changing: Mutex<()>,
}

impl Session {
    /// Signs in.
    ///
    /// # Errors
    /// What `az` says, without secrets.
    pub(super) fn begin(
        sign_in: SignIn,
        az: &Path,
        variables: &[(OsString, OsString)],
        config: &Path,
        tracker: &Arc<Mutex<Tracker>>,
    ) -> Result<Self, EnvironmentError> {
        let session = Self {
            sign_in,
            az: az.to_owned(),
            variables: variables.to_vec(),
            config: config.to_owned(),
            tracker: Arc::clone(tracker),
            changing: Mutex::default(),
        };
        session.sign_in()?;
        Ok(session)
    }

    fn sign_in(&self) -> Result<(), EnvironmentError> {
        let signed = self
            .sign_in
            .carry_out(&self.az, &self.variables, &self.config);
        signed.map_err(|error| EnvironmentError {
            message: lock(&self.tracker).redact(&error.message),
            help: error.help,
        })
    }

    /// Signs in anew if the credential is good for minutes only, and gets a token for each resource while it
    /// is: those last an hour.
    ///
    /// # Errors
    /// What `az` says.
    pub(super) fn renew(&self, cloud: &Cloud) -> Result<(), EnvironmentError> {
        if !self.sign_in.is_short() {
            return Ok(());
        }
        let _changing = lock(&self.changing);
        {
            // No other walkthrough's `az` reads these files meanwhile.
            let signed_in = cloud.signed_in.write();
            let _signed_in = signed_in.unwrap_or_else(PoisonError::into_inner);
            self.sign_in()?;
        }
        cloud.az(&["account", "set", "--subscription", &cloud.subscription])?;
        cloud.az(&["account", "get-access-token"])?;
        for [option, value] in RESOURCES {
            cloud.az(&["account", "get-access-token", option, value])?;
        }
        Ok(())
    }

    /// Copies it to a walkthrough's configuration folder.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(super) fn copy(&self, to: &Path) -> std::io::Result<()> {
        let _changing = lock(&self.changing);
        signin::copy_session(&self.config, to)
    }
}
