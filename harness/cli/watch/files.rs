//! Folders whose files are watched, by the kernel's inotify: [`Files`]. docproof runs on Linux only, so a
//! library for every system would bring nothing.

use super::Happening;
use crate::exit::CommandError;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify, WatchDescriptor};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// Folders deeper than this are taken for a loop of links.
const DEEPEST: usize = 64;

type Folders = Arc<Mutex<HashMap<WatchDescriptor, PathBuf>>>;

/// The folders that are watched.
pub(super) struct Files {
    inotify: Arc<Inotify>,
    folders: Folders,
}

impl Files {
    /// Watches nothing yet; tells of files through `sender`.
    pub(super) fn new(sender: UnboundedSender<Happening>) -> Result<Self, CommandError> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC).map_err(|error| {
            CommandError::environment(format!("this machine lets nothing be watched: {error}"))
                .help("look at fs.inotify.max_user_instances")
        })?;
        let files = Self {
            inotify: Arc::new(inotify),
            folders: Folders::default(),
        };
        let (inotify, folders) = (Arc::clone(&files.inotify), Arc::clone(&files.folders));
        std::thread::spawn(move || listen(&inotify, &folders, &sender));
        Ok(files)
    }

    /// Watches a folder's files, not those of the folders in it.
    pub(super) fn watch(&self, folder: &Path) {
        let flags = AddWatchFlags::IN_CLOSE_WRITE
            | AddWatchFlags::IN_MOVED_TO
            | AddWatchFlags::IN_MOVED_FROM
            | AddWatchFlags::IN_DELETE
            | AddWatchFlags::IN_CREATE
            | AddWatchFlags::IN_ONLYDIR;
        let mut folders = lock(&self.folders);
        // A folder that is watched already keeps its descriptor; one that is gone is not watched.
        if let Ok(watched) = self.inotify.add_watch(folder, flags) {
            folders.entry(watched).or_insert_with(|| folder.to_owned());
        }
    }

    /// Watches a folder with those in it that `check` looks into, or the folder that a file is in.
    pub(super) fn watch_below(&self, path: &Path) {
        if path.is_dir() {
            self.below(path, 0);
        } else if let Some(folder) = path.parent() {
            self.watch(folder);
        }
    }

    fn below(&self, folder: &Path, depth: usize) {
        self.watch(folder);
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !name.starts_with('.') && name != "node_modules" && depth < DEEPEST {
                self.below(&entry.path(), depth + 1);
            }
        }
    }
}

fn lock(folders: &Folders) -> MutexGuard<'_, HashMap<WatchDescriptor, PathBuf>> {
    folders.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells of every file, until nobody listens.
fn listen(inotify: &Inotify, folders: &Folders, sender: &UnboundedSender<Happening>) {
    while let Ok(events) = inotify.read_events() {
        for event in events {
            let is = |flag| event.mask.contains(flag);
            let folder = lock(folders).get(&event.wd).cloned();
            let happening = match (folder, event.name) {
                _ if is(AddWatchFlags::IN_Q_OVERFLOW) => Happening::Saved(None),
                // What is in a new folder is not known yet.
                _ if is(AddWatchFlags::IN_ISDIR) => Happening::Saved(None),
                // A new file is told of once it is written.
                _ if is(AddWatchFlags::IN_CREATE) => continue,
                (Some(folder), Some(name)) => Happening::Saved(Some(folder.join(name))),
                _ => continue,
            };
            if sender.send(happening).is_err() {
                return;
            }
        }
    }
}
