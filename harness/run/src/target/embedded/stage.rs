//! What a walkthrough needs beside its sandbox ([`Stage`]), and how it goes back to before one of its steps.

use crate::environment::EnvironmentError;
use crate::folder::RunFolder;
use crate::kept::Kept;
use crate::workloads::StandIns;
use docproof_core::scenario::Walkthrough;
use docproof_emulator::{Emulator, Snapshot};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The folders in which a reader's commands leave something: the two of the run, and these.
const TEMPORARY: [&str; 2] = ["/tmp", "/var/tmp"];
/// Older than this, in seconds, nothing is gone back to: what was put into a variable or a file may be a token, and they
/// are good for an hour at least.
const OLDEST: i64 = 45 * 60;

/// Everything of a walkthrough's run but its sandbox.
pub(super) struct Stage {
    // It holds on to containers, which end before their files go.
    past: Mutex<Past>,
    pub(super) emulator: Emulator,
    pub(super) stand_ins: StandIns,
    pub(super) folder: RunFolder,
}

/// What was done on a stage.
#[derive(Default)]
struct Past {
    /// What was run last.
    walkthrough: Option<Walkthrough>,
    /// When its first step was run, by the emulator's clock, in seconds since 1970: what the terminal holds
    /// may be as old, however often it was gone back to since.
    begun: i64,
    /// What the emulator knew before each step that was reached.
    before: Vec<Before>,
}

struct Before {
    step: usize,
    snapshot: Snapshot,
}

/// The stages of walkthroughs that may be run again, by their ids.
#[derive(Default)]
pub(super) struct Stages(Mutex<HashMap<String, Arc<Stage>>>);

impl Stage {
    pub(super) fn new(emulator: Emulator, stand_ins: StandIns, folder: RunFolder) -> Self {
        Self {
            emulator,
            stand_ins,
            folder,
            past: Mutex::default(),
        }
    }

    /// Makes the folders that a reader starts with.
    pub(super) fn furnish(folder: &Path) -> Result<(), EnvironmentError> {
        for name in ["home", "work"] {
            fs::create_dir(folder.join(name)).map_err(|error| no_folder(&error))?;
        }
        Ok(())
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The emulator's time: tokens go by it.
    fn now(&self) -> i64 {
        self.emulator.clock().now().as_second()
    }

    /// Takes down what the emulator knows before a step. Before the first, nothing is gone back to.
    pub(super) fn before(&self, step: usize) {
        if step == 0 {
            return;
        }
        let snapshot = self.emulator.snapshot();
        let mut past = self.past();
        past.before.retain(|one| one.step < step);
        past.before.push(Before { step, snapshot });
    }

    /// Where the state of the terminal is kept, to begin with this step.
    fn kept(&self, from: usize) -> Result<Kept, EnvironmentError> {
        let own = ["home", "work"].map(|name| self.folder.path().join(name));
        let places: Vec<PathBuf> = own
            .into_iter()
            .chain(TEMPORARY.map(PathBuf::from))
            .collect();
        let kept = Kept::new(&self.folder.path().join("kept"), from)?;
        Ok(kept.with_folders(&places))
    }

    /// Begins anew.
    pub(super) fn begin(&self, walkthrough: &Walkthrough) -> Result<Kept, EnvironmentError> {
        let mut past = self.past();
        past.walkthrough = Some(walkthrough.clone());
        past.begun = self.now();
        past.before.clear();
        self.kept(0)
    }

    /// Goes back to before the first step that is not what it was, or the step that the run before did not
    /// get beyond; nothing, if there is no way back, or all is as it was.
    pub(super) fn go_back(
        &self,
        walkthrough: &Walkthrough,
    ) -> Result<Option<Kept>, EnvironmentError> {
        let kept = self.kept(0)?;
        let mut past = self.past();
        let changed = past.walkthrough.as_ref();
        let changed = changed.and_then(|before| walkthrough.first_change(before));
        let is_old = self.now() - past.begun >= OLDEST;
        let Some(changed) = changed.filter(|step| *step < walkthrough.steps.len() && !is_old)
        else {
            return Ok(None);
        };
        let mut reached = past.before.iter().rev();
        // The emulator goes back with the first that it can go back to.
        let way_back = reached.find(|one| {
            one.step <= changed && kept.has(one.step) && self.emulator.restore(&one.snapshot)
        });
        let Some(step) = way_back.map(|one| one.step) else {
            return Ok(None);
        };
        self.clear_out()?;
        past.walkthrough = Some(walkthrough.clone());
        past.before.retain(|one| one.step <= step);
        self.kept(step).map(Some)
    }

    /// Empties the reader's folders, which are filled again by the terminal; the last terminal is gone.
    fn clear_out(&self) -> Result<(), EnvironmentError> {
        let folder = self.folder.path();
        for name in ["home", "work", "session"] {
            match fs::remove_dir_all(folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(no_folder(&error));
                }
                _ => {}
            }
        }
        Self::furnish(folder)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The emulator is shared with its connections and workloads; they end here, not whenever
        // the last of them lets go.
        self.emulator.shutdown();
    }
}

impl Stages {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Stage>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stage of a walkthrough that ran before.
    pub(super) fn of(&self, walkthrough: &Walkthrough) -> Option<Arc<Stage>> {
        self.lock().get(&walkthrough.id).cloned()
    }

    /// Keeps the stage of a walkthrough in place of the one before.
    pub(super) fn keep(&self, walkthrough: &Walkthrough, stage: Arc<Stage>) {
        let before = self.lock().insert(walkthrough.id.clone(), stage);
        // Its end is waited for without the lock.
        drop(before);
    }

    /// Lets go of all but these.
    pub(super) fn retain(&self, walkthroughs: &[Walkthrough]) {
        let wanted = |id: &str| walkthroughs.iter().any(|one| one.id == id);
        let gone: Vec<_> = self.lock().extract_if(|id, _| !wanted(id)).collect();
        // Their end is waited for without the lock.
        drop(gone);
    }
}

pub(super) fn no_folder(error: &std::io::Error) -> EnvironmentError {
    EnvironmentError::new(format!("no temporary folder: {error}"))
}
