//! One walkthrough on a real subscription: [`AzureEnvironment`].

use super::azlog::{AzLog, Seen};
use super::cleanup::{EXPIRY_TAG, OWNER_TAG, RUN_TAG, Remains};
use super::cloud::Cloud;
use super::ledger::{Created, Entry, Ledger, hash};
use super::resume::Resumed;
use super::session::Session;
use super::{Azure, lock, new_run, no_folder, process, recording};
use crate::environment::{Command, Environment, EnvironmentError, Live, ObservedRequest, Running};
use crate::folder::RunFolder;
use crate::kept::Kept;
use crate::patience::{Cause, Made, Patience};
use docproof_core::naming::{Language, Names, RunId};
use docproof_core::preflight::{Known, creations};
use docproof_core::redaction::Tracker;
use docproof_core::scenario::{Expectation, Walkthrough};
use docproof_core::shell::Dialect;
use serde_json::json;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Has `az` write down what it does.
pub(super) const LOGS: (&str, &str) = ("AZURE_LOGGING_ENABLE_LOG_FILE", "yes");

/// A walkthrough's place. Dropping it removes what the walkthrough has made.
pub(super) struct AzureEnvironment {
    cloud: Cloud,
    session: Arc<Session>,
    run: RunId,
    names: Names,
    groups: BTreeSet<String>,
    roles: Vec<String>,
    principal: Option<String>,
    owner: String,
    expires: u64,
    keep: bool,
    /// Where to record, and under which name.
    record: Option<(PathBuf, String)>,
    patience: Patience,
    until: Option<Instant>,
    ledger: Ledger,
    tagged: Mutex<BTreeSet<String>>,
    made: Mutex<Made>,
    /// What the walkthrough's variables and files hold.
    known: Mutex<Known>,
    /// What the walkthrough's `az` asked.
    log: Mutex<AzLog>,
    tracker: Arc<Mutex<Tracker>>,
    left: Arc<Mutex<Vec<String>>>,
    killers: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
    variables: Vec<(OsString, OsString)>,
    /// The folder that the reader works in.
    work: PathBuf,
    kept: Option<Kept>,
    folder: RunFolder,
}

impl AzureEnvironment {
    /// Makes everything ready on this machine, and begins the ledger.
    pub(super) fn open(azure: &Azure, walkthrough: &Walkthrough) -> Result<Self, EnvironmentError> {
        publish(&mut lock(&azure.tracker), walkthrough);
        let resumed = match &azure.options.from {
            Some(step) => Some(Resumed::find(
                &azure.options.ledger,
                &azure.cloud.subscription,
                walkthrough,
                step,
            )?),
            None => None,
        };
        let run = match &resumed {
            Some(resumed) => resumed.run.clone(),
            None => new_run(),
        };
        let begins = resumed.as_ref().map_or(0, |resumed| resumed.at);
        let names = Names::new(&run, &walkthrough.names);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        let (ledger, entries) = match resumed {
            Some(resumed) => (resumed.ledger, resumed.entries),
            None => {
                let first = Entry::Run {
                    run: run.to_string(),
                    subscription: hash(&azure.cloud.subscription),
                    scenario: walkthrough.id.clone(),
                    begun: now,
                };
                let ledger = Ledger::begin(&azure.options.ledger, &run, &first);
                (ledger.map_err(no_ledger)?, Vec::new())
            }
        };
        let keeps = azure.options.keep || begins > 0;
        let kept = match keeps {
            true => Some(Kept::new(&ledger.kept().join("state"), begins)?),
            false => None,
        };
        if !entries.is_empty() {
            ledger.write(&Entry::Resumed).map_err(no_ledger)?;
        }
        let folder = RunFolder::create(&std::env::temp_dir()).map_err(no_folder)?;
        // The sign-in is in the folder that goes with the run, even if the run is kept.
        for name in ["azure", "log"] {
            std::fs::create_dir(folder.path().join(name)).map_err(no_folder)?;
        }
        let place = match keeps {
            true => ledger.kept(),
            false => folder.path().to_owned(),
        };
        for name in ["home", "work"] {
            std::fs::create_dir_all(place.join(name)).map_err(no_folder)?;
        }
        let config = folder.path().join("azure");
        // What `az` forgets or changes in the walkthrough's folder does not reach docproof's own.
        azure.session.renew(&azure.cloud)?;
        azure.session.copy(&config).map_err(no_folder)?;
        let mut variables = azure.cloud.variables.clone();
        for (name, value) in &mut variables {
            if name == "AZURE_CONFIG_DIR" {
                *value = config.clone().into_os_string();
            } else if name == "HOME" {
                *value = place.join("home").into_os_string();
            }
        }
        let log = folder.path().join("log");
        if let Some((preloaded, _)) = &azure.preloaded
            && let Some((_, path)) = variables.iter_mut().find(|(name, _)| name == "PATH")
        {
            let mut with = preloaded.bin().into_os_string();
            with.push(":");
            with.push(&path);
            *path = with;
        }
        variables.extend([
            (LOGS.0.into(), LOGS.1.into()),
            ("AZURE_LOGGING_LOG_DIR".into(), log.clone().into_os_string()),
        ]);
        let mut groups = BTreeSet::new();
        for one in names.all() {
            let kind = one.kind.name().to_owned();
            if kind == "resource-group" {
                groups.insert(one.run.clone());
            }
            let name = one.run.clone();
            let entry = Entry::Name { kind, name };
            if !entries.contains(&entry) {
                ledger.write(&entry).map_err(no_ledger)?;
            }
        }
        let principal = match walkthrough.reader_roles.is_empty() {
            true => None,
            false => Some(azure.principal()?),
        };
        let mut made = Made::default();
        if principal.is_some() {
            made.by("role assignment create");
        }
        let before = replayed(&entries, &mut made);
        let mut known = Known::default();
        for step in walkthrough.steps.iter().take(begins) {
            let text = names.rename(&step.script.text(), Language::Bash);
            drop(creates(&text, &mut known));
        }
        let of_scenario = azure.options.scenario_timeout;
        let of_scenario = of_scenario.map(|limit| Instant::now() + limit);
        let until = [of_scenario, azure.options.until]
            .into_iter()
            .flatten()
            .min();
        Ok(Self {
            cloud: azure.cloud.clone(),
            session: Arc::clone(&azure.session),
            run,
            names,
            groups,
            roles: walkthrough.reader_roles.clone(),
            principal,
            owner: azure.owner.clone(),
            expires: now.saturating_add(azure.options.expires_after.as_secs()),
            keep: azure.options.keep,
            record: azure
                .options
                .record
                .clone()
                .map(|folder| (folder, walkthrough.id.clone())),
            patience: azure.options.patience.clone(),
            until,
            ledger,
            tagged: Mutex::new(before),
            made: Mutex::new(made),
            known: Mutex::new(known),
            log: Mutex::new(AzLog::new(&log)),
            tracker: Arc::clone(&azure.tracker),
            left: Arc::clone(&azure.left),
            killers: Mutex::default(),
            variables,
            work: place.join("work"),
            kept,
            folder,
        })
    }

    /// The log, with what is new in it.
    fn refreshed(&self) -> MutexGuard<'_, AzLog> {
        let mut log = lock(&self.log);
        log.refresh(&mut lock(&self.tracker));
        log
    }

    /// Marks a resource group that has come to be as the run's, and gives the reader its roles there.
    fn mark(&self, group: &str) -> Result<(), EnvironmentError> {
        let scope = self.cloud.below(&format!("/resourceGroups/{group}"));
        let path = format!("{scope}?api-version=2024-11-01");
        let Some(found) = self.cloud.get(&path)? else {
            return Ok(());
        };
        let name = group.to_owned();
        self.ledger
            .write(&Entry::Group { name })
            .map_err(no_ledger)?;
        let mut tags = found["tags"].as_object().cloned().unwrap_or_default();
        tags.insert(RUN_TAG.to_owned(), json!(self.run.as_str()));
        tags.insert(OWNER_TAG.to_owned(), json!(self.owner));
        tags.insert(EXPIRY_TAG.to_owned(), json!(self.expires.to_string()));
        self.cloud
            .send("patch", &path, Some(&json!({ "tags": tags })))?;
        for role in &self.roles {
            let Some(principal) = &self.principal else {
                continue;
            };
            self.cloud.az(&[
                "role",
                "assignment",
                "create",
                "--role",
                role,
                "--assignee-object-id",
                principal,
                "--scope",
                &scope,
            ])?;
        }
        lock(&self.tagged).insert(group.to_owned());
        Ok(())
    }
}

/// What a run that goes on has made before: the resource groups that have its tags, and what its causes
/// wait for.
fn replayed(entries: &[Entry], made: &mut Made) -> BTreeSet<String> {
    let mut tagged = BTreeSet::new();
    for entry in entries {
        match entry {
            Entry::Group { name } => drop(tagged.insert(name.clone())),
            Entry::Before { creates } => {
                for one in creates {
                    made.by(&one.command);
                }
            }
            _ => {}
        }
    }
    tagged
}

/// What everybody may read is no secret.
fn publish(tracker: &mut Tracker, walkthrough: &Walkthrough) {
    for step in &walkthrough.steps {
        tracker.publish(&step.script.text());
        for expected in &step.expectations {
            if let Expectation::Sample(sample) = expected {
                let lines: Vec<&str> = sample.lines.iter().map(|line| line.text.as_str()).collect();
                tracker.publish(&lines.join("\n"));
            }
        }
    }
}

fn no_ledger(error: std::io::Error) -> EnvironmentError {
    EnvironmentError::new(format!("the ledger cannot be written: {error}"))
        .with_help("nothing is made that is not written down first; --ledger names another folder")
}

/// What commands make, as the ledger writes it.
fn creates(commands: &str, known: &mut Known) -> Vec<Created> {
    let creations = creations(commands, Dialect::Bash, known);
    let created = creations.into_iter().map(|one| Created {
        command: one.command,
        resource: one.resource,
        name: one.names.last().map(ToString::to_string),
        group: one.group.known().map(str::to_owned),
        region: one.region.known().map(str::to_owned),
    });
    created.collect()
}

impl Live for AzureEnvironment {
    fn rename(&self, text: &str, language: Language) -> String {
        self.names.rename(text, language)
    }

    fn restore(&self, text: &str) -> String {
        self.names.restore(text)
    }

    fn before(&self, commands: &str) -> Result<(), EnvironmentError> {
        lock(&self.made).by(commands);
        let creates = creates(commands, &mut lock(&self.known));
        if creates.is_empty() {
            return Ok(());
        }
        let entry = Entry::Before { creates };
        self.ledger.write(&entry).map_err(no_ledger)
    }

    fn after(&self, commands: &str) -> Result<(), EnvironmentError> {
        if !commands.contains("group") {
            return Ok(());
        }
        for group in &self.groups {
            if !lock(&self.tagged).contains(group) {
                self.mark(group)?;
            }
        }
        Ok(())
    }

    fn is_own_group(&self, name: &str) -> bool {
        self.groups.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn learn(&self, printed: &str) {
        drop(self.refreshed());
        lock(&self.tracker).learn(printed);
    }

    fn patience(&self) -> Patience {
        self.patience.clone()
    }

    fn awaits(&self, cause: Cause) -> bool {
        lock(&self.made).awaits(cause)
    }

    fn time_left(&self) -> Option<Duration> {
        let until = self.until?;
        Some(until.saturating_duration_since(Instant::now()))
    }
}

impl Environment for AzureEnvironment {
    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn work(&self) -> PathBuf {
        self.work.clone()
    }

    fn start(&self, command: Command) -> Result<Box<dyn Running>, EnvironmentError> {
        let started = process::start(command, &self.variables)?;
        lock(&self.killers).push(Box::new(started.killer()));
        Ok(Box::new(started))
    }

    fn mark(&self) -> usize {
        self.refreshed().seen().len()
    }

    fn requests_since(&self, mark: usize) -> Vec<ObservedRequest> {
        let log = self.refreshed();
        let since = log.seen().get(mark..).unwrap_or_default();
        let shown = since.iter().map(observed);
        let shown = shown.map(|mut request| {
            request.url = self.names.restore(&request.url);
            let answer = request.answer.as_ref();
            request.answer = answer.map(|answer| self.names.restore(answer));
            request
        });
        shown.collect()
    }

    fn sign_in(&self) -> Option<String> {
        None
    }

    fn kept(&self) -> Option<&Kept> {
        self.kept.as_ref()
    }

    fn live(&self) -> Option<&dyn Live> {
        Some(self)
    }
}

fn observed(seen: &Seen) -> ObservedRequest {
    let error = seen.error();
    ObservedRequest {
        method: seen.method.clone(),
        url: seen.url.clone(),
        status: seen.status,
        // Only what poses as Azure says so.
        not_emulated: error.as_deref() == Some("NotEmulated"),
        answer: seen.message(),
        command: Some(seen.command.clone()).filter(|command| !command.is_empty()),
        error,
        stand_in: None,
        quiet: false,
        seconds: 0.0,
    }
}

impl Drop for AzureEnvironment {
    fn drop(&mut self) {
        // Whatever still runs must make nothing more.
        for kill in lock(&self.killers).iter() {
            kill();
        }
        if let Some((folder, scenario)) = &self.record {
            let log = self.refreshed();
            let tracker = lock(&self.tracker);
            let written = recording::write(folder, scenario, log.seen(), &self.names, &tracker);
            if let Err(error) = written {
                lock(&self.left).push(format!(
                    "the recording of {scenario} is not written: {error}"
                ));
            }
        }
        if self.keep {
            let _ = self.ledger.write(&Entry::Kept);
            return;
        }
        // If it cannot be renewed, the token that is there may still do; removing tells if not.
        let _ = self.session.renew(&self.cloud);
        let mut remains = Remains {
            run: self.run.to_string(),
            groups: self.groups.clone(),
            ..Remains::default()
        };
        if let Err(error) = remains.remove(&self.cloud, Some(&self.ledger)) {
            lock(&self.left).push(format!(
                "what the run {} has made is not all removed: {}",
                self.run, error.message
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_make_is_known_by_what_went_before() {
        let mut known = Known::default();
        assert!(creates("G=rg\naz group show --name $G\n", &mut known).is_empty());
        let text = "az group create --name $G --location eastus\necho az vm create\n";
        let created = creates(text, &mut known);
        assert_eq!(created.len(), 1, "{created:?}");
        assert_eq!(created[0].name.as_deref(), Some("rg"));
        assert_eq!(created[0].region.as_deref(), Some("eastus"));
    }
}
