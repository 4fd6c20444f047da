//! What the caller signs in with: [`SignIn`]. It is read, and never written; what `az` makes of it
//! lives in the run's own configuration folder and goes with it.

use crate::environment::EnvironmentError;
use docproof_core::redaction::{Kind, Tracker};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What of an `az` session is copied: who is signed in, and tokens. Not its settings, which would
/// change what commands mean.
const SESSION: [&str; 6] = [
    "azureProfile.json",
    "clouds.config",
    "msal_token_cache.json",
    "msal_token_cache.bin",
    "service_principal_entries.json",
    "service_principal_entries.bin",
];

/// How the caller is signed in or signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SignIn {
    /// `az login` was done; its configuration folder.
    Session(PathBuf),
    /// A service principal.
    Principal {
        client: String,
        tenant: String,
        by: Credential,
    },
}

/// What a service principal proves itself by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credential {
    Secret(String),
    Certificate(PathBuf),
    /// A file with a token of a trusted issuer.
    TokenFile(PathBuf),
    /// The address at which a GitHub workflow gets such a token, and what it shows there.
    GitHub {
        url: String,
        token: String,
    },
}

impl SignIn {
    /// What the caller's environment has: a service principal if it says one, else the session of
    /// `az`.
    ///
    /// # Errors
    /// When there is neither.
    pub(super) fn find(variables: &BTreeMap<OsString, OsString>) -> Result<Self, EnvironmentError> {
        let value = |name: &str| {
            let value = variables.get(&OsString::from(name))?;
            let text = value.to_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        if let (Some(client), Some(tenant)) = (value("AZURE_CLIENT_ID"), value("AZURE_TENANT_ID")) {
            let github = value("ACTIONS_ID_TOKEN_REQUEST_URL")
                .zip(value("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
                .map(|(url, token)| Credential::GitHub { url, token });
            let by = value("AZURE_CLIENT_SECRET")
                .map(Credential::Secret)
                .or_else(|| {
                    let path = value("AZURE_CLIENT_CERTIFICATE_PATH")?;
                    Some(Credential::Certificate(path.into()))
                })
                .or_else(|| {
                    let path = value("AZURE_FEDERATED_TOKEN_FILE")?;
                    Some(Credential::TokenFile(path.into()))
                })
                .or(github);
            if let Some(by) = by {
                return Ok(Self::Principal { client, tenant, by });
            }
        }
        let folder = value("AZURE_CONFIG_DIR")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(value("HOME")?).join(".azure")));
        match folder.filter(|folder| folder.join("azureProfile.json").is_file()) {
            Some(folder) => Ok(Self::Session(folder)),
            None => Err(
                EnvironmentError::new("nobody is signed in to Azure").with_help(
                    "run `az login`, or set AZURE_CLIENT_ID and AZURE_TENANT_ID with \
                 AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE; \
                 in a GitHub workflow with `permissions: id-token: write` the first two are enough",
                ),
            ),
        }
    }

    /// Whether what it signs in with is good for minutes only: a token of GitHub lasts five to ten, and `az`
    /// shows it again whenever it needs a token for another resource, or a new one.
    pub(super) fn is_short(&self) -> bool {
        matches!(
            self,
            Self::Principal {
                by: Credential::TokenFile(_) | Credential::GitHub { .. },
                ..
            }
        )
    }

    /// Tracks what must not be shown of it.
    pub(super) fn track(&self, tracker: &mut Tracker) {
        let Self::Principal { client, tenant, by } = self else {
            return;
        };
        tracker.track(Kind::Client, client);
        tracker.track(Kind::Tenant, tenant);
        if let Credential::Secret(secret) | Credential::GitHub { token: secret, .. } = by {
            tracker.track(Kind::Secret, secret);
        }
    }

    /// Signs `az` in, whose whole environment this is, in the configuration folder that it names.
    ///
    /// # Errors
    /// What `az` says; the caller keeps secrets out of it.
    pub(super) fn carry_out(
        &self,
        az: &Path,
        variables: &[(OsString, OsString)],
        config: &Path,
    ) -> Result<(), EnvironmentError> {
        let failed =
            |error: std::io::Error| EnvironmentError::new(format!("the sign-in failed: {error}"));
        let (client, tenant, by) = match self {
            Self::Session(folder) => return copy_session(folder, config).map_err(failed),
            Self::Principal { client, tenant, by } => (client, tenant, by),
        };
        let mut command = Command::new(az);
        command
            .args([
                "login",
                "--service-principal",
                "--username",
                client,
                "--tenant",
                tenant,
            ])
            .args([
                "--allow-no-subscriptions",
                "--only-show-errors",
                "--output",
                "none",
            ])
            .env_clear()
            .envs(variables.iter().cloned())
            .stdin(Stdio::null());
        // `az` reads a value from a file that is named behind `@`: a command line is everybody's.
        let file = config.join("credential");
        let mut at = OsString::from("@");
        at.push(&file);
        match by {
            Credential::Certificate(path) => command.arg("--certificate").arg(path),
            Credential::Secret(secret) => {
                write_private(&file, secret.as_bytes()).map_err(failed)?;
                command.arg("--password").arg(at)
            }
            Credential::TokenFile(path) => {
                let token = fs::read(path).map_err(failed)?;
                write_private(&file, token.trim_ascii()).map_err(failed)?;
                command.arg("--federated-token").arg(at)
            }
            Credential::GitHub { url, token } => {
                let token = github_token(url, token)?;
                write_private(&file, token.as_bytes()).map_err(failed)?;
                command.arg("--federated-token").arg(at)
            }
        };
        let output = command.output();
        let _ = fs::remove_file(&file);
        let output = output.map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        let printed = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(EnvironmentError::new(format!(
            "`az login` failed: {printed}"
        )))
    }
}

/// Copies who is signed in from one configuration folder to another.
pub(super) fn copy_session(from: &Path, to: &Path) -> std::io::Result<()> {
    for name in SESSION {
        match fs::read(from.join(name)) {
            Ok(content) => write_private(&to.join(name), &content)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A file that only its owner reads.
fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(content)
}

/// The token that GitHub vouches with for a workflow, for Entra. Asked for with `curl`, which gets
/// what it must not show by its standard input.
fn github_token(url: &str, token: &str) -> Result<String, EnvironmentError> {
    let refused = |what: String| {
        EnvironmentError::new(format!("GitHub gives no token for this workflow: {what}"))
            .with_help("give the job `permissions: id-token: write`")
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    let settings = format!(
        "url = \"{url}{separator}audience=api%3A%2F%2FAzureADTokenExchange\"\n\
         header = \"Authorization: Bearer {token}\"\n"
    );
    let answer = duct::cmd!(
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--config",
        "-"
    )
    .stdin_bytes(settings)
    .stdout_capture()
    .stderr_capture()
    .unchecked()
    .run()
    .map_err(|error| refused(error.to_string()))?;
    let body: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap_or_default();
    match body["value"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(refused(
            String::from_utf8_lossy(&answer.stderr).trim().to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<SignIn, EnvironmentError> {
        let all = variables.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        SignIn::find(&all.collect())
    }

    #[test]
    fn nobody_is_told_how_to_sign_in() {
        let error = found(&[("HOME", "/nowhere")]).unwrap_err();
        assert!(error.help.unwrap().contains("az login"));
        // A principal without a credential is none.
        assert!(found(&[("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t")]).is_err());
    }

    #[test]
    fn a_principal_comes_before_a_session_and_a_secret_before_a_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        fs::write(folder.path().join("azureProfile.json"), "{}").unwrap();
        let session = ("AZURE_CONFIG_DIR", path);
        assert_eq!(found(&[session]).unwrap(), SignIn::Session(path.into()));
        let principal = |more: &[(&str, &str)]| {
            let mut all = vec![session, ("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t")];
            all.extend(more);
            match found(&all).unwrap() {
                SignIn::Principal { by, .. } => by,
                SignIn::Session(_) => panic!("the session was taken"),
            }
        };
        let file = ("AZURE_FEDERATED_TOKEN_FILE", "/f");
        assert_eq!(principal(&[file]), Credential::TokenFile("/f".into()));
        let both = [file, ("AZURE_CLIENT_SECRET", "s")];
        assert_eq!(principal(&both), Credential::Secret("s".into()));
        let github = [
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "u"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "k"),
        ];
        assert!(matches!(principal(&github), Credential::GitHub { .. }));
    }

    #[test]
    fn a_copied_session_has_no_settings_and_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["azureProfile.json", "config", "msal_token_cache.json"] {
            fs::write(from.path().join(name), name).unwrap();
        }
        copy_session(from.path(), to.path()).unwrap();
        assert!(!to.path().join("config").exists());
        let cache = to.path().join("msal_token_cache.json");
        let mode = fs::metadata(&cache).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
