//! A walkthrough's state before each of its steps, kept in a folder to go on from: [`Kept`].
//!
//! What a reader's terminal holds: variables, functions, options, the folder it is in; and what the steps
//! before have printed and bound. Secrets may be among it, so the files are their owner's alone.

use crate::environment::EnvironmentError;
use docproof_core::matching::Bindings;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What the shell runs to say what it holds.
const TELL: &str = include_str!("kept.bash");

/// What the shell runs to copy a folder beside it.
const COPY: &str = include_str!("kept-folders.bash");

/// Where the state of a walkthrough is kept, and where the walkthrough begins.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
    from: usize,
    /// The folders that are kept too, as the shell sees them.
    places: Vec<PathBuf>,
}

/// What the steps so far have left with the harness.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// What samples have bound.
    pub(crate) bindings: Bindings,
    /// What each step printed, by name.
    pub(crate) printed: HashMap<String, String>,
}

impl Kept {
    /// In this folder, which is made if it is not there; begins with the step of this index.
    ///
    /// # Errors
    /// When the folder cannot be made, or nothing is kept of that step.
    pub fn new(folder: &Path, from: usize) -> Result<Self, EnvironmentError> {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        made.map_err(|error| unusable(folder, &error))?;
        let kept = Self {
            folder: folder.to_owned(),
            from,
            places: Vec::new(),
        };
        if from > 0 && !kept.has(from) {
            return Err(EnvironmentError::new(
                "nothing is kept of the terminal before that step",
            )
            .with_help(
                "the run did not get there, or the step is typed into the shell of a container: name an \
                 earlier one",
            ));
        }
        Ok(kept)
    }

    /// The same, with what is in these folders. Before that is put back they are empty.
    #[must_use]
    pub fn with_folders(mut self, places: &[PathBuf]) -> Self {
        self.places = places.to_vec();
        self
    }

    /// Whether everything is there to begin with this step.
    pub(crate) fn has(&self, step: usize) -> bool {
        self.shell(step).is_file() && self.progress(step).is_file()
    }

    /// The step to begin with; those before it have run.
    pub fn from(&self) -> usize {
        self.from
    }

    fn shell(&self, step: usize) -> PathBuf {
        self.folder.join(format!("{step}.bash"))
    }

    fn copies(&self, step: usize) -> PathBuf {
        self.folder.join(format!("{step}.folders"))
    }

    /// The commands that put the copies of folders back; one that was not there has none.
    fn putting_back(&self) -> String {
        let copies = self.copies(self.from);
        let commands = self.places.iter().enumerate().map(|(index, place)| {
            let copy = quoted_path(&copies.join(index.to_string()));
            let place = quoted_path(place);
            format!("{{ [[ ! -d {copy} ]] || command -p cp -axT -- {copy} {place}; }} && ")
        });
        commands.collect()
    }

    fn progress(&self, step: usize) -> PathBuf {
        self.folder.join(format!("{step}.json"))
    }

    /// What the shell runs to write down what it holds before a step.
    pub(crate) fn tell(&self, step: usize) -> String {
        let file = quoted_path(&self.shell(step));
        let mut script = TELL.replace("@FILE@", &file);
        if !self.places.is_empty() {
            let places: Vec<String> = self.places.iter().map(|one| quoted_path(one)).collect();
            let copy = COPY
                .replace("@FILE@", &file)
                .replace("@TO@", &quoted_path(&self.copies(step)))
                .replace("@PLACES@", &places.join(" "));
            script.push_str(&copy);
        }
        script
    }

    /// What the shell runs to hold that again.
    pub(crate) fn restore(&self) -> String {
        // The folders first, since the terminal was in one of them.
        let source = quoted_path(&self.shell(self.from));
        format!("{}source {source}", self.putting_back())
    }

    /// Writes down what the harness holds before a step.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, step: usize, progress: &Progress) -> Result<(), EnvironmentError> {
        let path = self.progress(step);
        let write = || -> std::io::Result<()> {
            let text = serde_json::to_vec(progress)?;
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(&text)
        };
        write().map_err(|error| unusable(&path, &error))
    }

    /// What the harness held before the step to begin with.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn load(&self) -> Result<Progress, EnvironmentError> {
        if self.from == 0 {
            return Ok(Progress::default());
        }
        let path = self.progress(self.from);
        let read =
            || -> std::io::Result<Progress> { Ok(serde_json::from_slice(&std::fs::read(&path)?)?) };
        read().map_err(|error| unusable(&path, &error))
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> EnvironmentError {
    EnvironmentError::new(format!(
        "the state of the run cannot be kept in {}: {error}",
        path.display()
    ))
}

/// A path in single quotes, as bash reads them.
fn quoted_path(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn bash(script: &str) -> String {
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-c", script])
            .env("FROM_OUTSIDE", "theirs")
            .env("CHANGED", "theirs")
            .output()
            .unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_terminal_holds_again_what_it_held() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(&folder.path().join("it's state"), 0).unwrap();
        let place = folder.path().join("a folder");
        std::fs::create_dir(&place).unwrap();
        let before = format!(
            "TEXT=$'two\\nlines and '\\''quotes'\\'; LIST=(a 'b c'); export SEEN=1; readonly FIXED=f; CHANGED=mine\n\
             greet() {{ echo \"hello $1\"; }}\nshopt -s extglob nullglob; set -o pipefail; set -u; IFS=,\ncd '{}'\n{}",
            place.display(),
            kept.tell(3)
        );
        bash(&before);
        kept.save(3, &Progress::default()).unwrap();
        let resumed = Kept::new(&folder.path().join("it's state"), 3).unwrap();
        assert_eq!(resumed.from(), 3);
        assert!(resumed.load().unwrap().printed.is_empty());
        let after = format!(
            "{}\nprintf '%s|' \"$TEXT\" \"${{LIST[1]}}\" \"$FIXED\" \"$CHANGED\" \"$FROM_OUTSIDE\" \"$IFS\"; greet you; \
             bash -c 'echo $SEEN'; pwd; shopt -q nullglob && echo nullglob; echo $-; set -o | grep pipefail",
            resumed.restore()
        );
        let told = bash(&after);
        let wanted = format!(
            "two\nlines and 'quotes'|b c|f|mine|theirs|,|hello you\n1\n{}\nnullglob\n",
            place.display()
        );
        assert!(told.starts_with(&wanted), "{told}");
        assert!(told.contains("u") && told.ends_with("on\n"), "{told}");
        let text = std::fs::read_to_string(resumed.shell(3)).unwrap();
        assert!(!text.contains("FROM_OUTSIDE"), "{text}");
        use std::os::unix::fs::PermissionsExt as _;
        for path in [resumed.shell(3), resumed.progress(3)] {
            let mode = std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }

    #[test]
    fn folders_hold_again_what_they_held() {
        let folder = tempfile::tempdir().unwrap();
        let places = ["home", "it's work", "nowhere"].map(|name| folder.path().join(name));
        let fill = |text: &str| {
            for place in &places[..2] {
                std::fs::create_dir_all(place.join("in")).unwrap();
                std::fs::write(place.join("in/.file"), text).unwrap();
            }
        };
        fill("before");
        let state = folder.path().join("state");
        let kept = Kept::new(&state, 0).unwrap().with_folders(&places);
        let twice = format!("{0}{0}", kept.tell(2));
        bash(&format!(
            "set -eu; cd '{}/in'\n{twice}",
            places[0].display()
        ));
        kept.save(2, &Progress::default()).unwrap();
        fill("after");
        for place in &places[..2] {
            std::fs::write(place.join("new"), "").unwrap();
            std::fs::remove_dir_all(place).unwrap();
            std::fs::create_dir(place).unwrap();
        }
        let resumed = Kept::new(&state, 2).unwrap().with_folders(&places);
        let told = bash(&format!("{}\npwd; cat .file", resumed.restore()));
        assert_eq!(told, format!("{}/in\nbefore", places[0].display()));
        let file = std::fs::read_to_string(places[1].join("in/.file")).unwrap();
        assert_eq!(file, "before");
        assert!(!places[1].join("new").exists() && !places[2].exists());
    }

    #[test]
    fn what_cannot_be_copied_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("place");
        std::fs::create_dir(&place).unwrap();
        let state = folder.path().join("state");
        let kept = Kept::new(&state, 0).unwrap().with_folders(&[place]);
        kept.save(1, &Progress::default()).unwrap();
        bash(&kept.tell(1));
        assert!(kept.has(1));
        // The folder cannot be copied into one that is a file.
        std::fs::remove_dir_all(kept.copies(1)).unwrap();
        let blocked = kept.tell(1).replace("cp -axT", "false");
        bash(&blocked);
        assert!(!kept.has(1));
    }

    #[test]
    fn a_folder_that_is_gone_is_no_place_to_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(&folder.path().join("state"), 0).unwrap();
        let place = folder.path().join("place");
        std::fs::create_dir(&place).unwrap();
        bash(&format!("cd '{}'\n{}", place.display(), kept.tell(1)));
        kept.save(1, &Progress::default()).unwrap();
        let resumed = Kept::new(&folder.path().join("state"), 1).unwrap();
        bash(&resumed.restore());
        std::fs::remove_dir(&place).unwrap();
        let told = bash(&format!("{} || echo refused", resumed.restore()));
        assert_eq!(told, "refused\n");
    }

    #[test]
    fn nothing_is_gone_on_with_that_was_not_reached() {
        let folder = tempfile::tempdir().unwrap();
        let error = Kept::new(folder.path(), 2).unwrap_err();
        assert!(error.help.unwrap().contains("did not get there"));
    }
}
