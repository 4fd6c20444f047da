//! How the harness reaches the files that a walkthrough's commands see: [`Files`].

use crate::environment::BoxFuture;
use nix::sys::stat::Mode;
use std::io;
use std::path::Path;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::unix::pipe;

/// Files, by the paths that the commands see them at; they need not be on this machine.
pub trait Files: Send + Sync {
    /// Writes a file, and makes the folders above it.
    ///
    /// # Errors
    /// If it cannot be written.
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>>;
    /// What is in a file now.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>>;
    /// Makes the pipes `control` (harness to commands) and `status` (commands to harness) in a folder,
    /// and opens the harness's end of each. Neither ends with the commands at its other end.
    ///
    /// # Errors
    /// If they cannot be made.
    fn pipes<'a>(&'a self, folder: &'a Path) -> BoxFuture<'a, io::Result<Ends>>;
}

/// The harness's ends of the pipes.
pub struct Ends {
    /// What is written here, the commands read.
    pub control: Box<dyn AsyncWrite + Send + Sync + Unpin>,
    /// What the commands write.
    pub status: Box<dyn AsyncRead + Send + Sync + Unpin>,
}

/// The files of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnFiles;

impl Files for OwnFiles {
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            match std::fs::write(path, content) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
                    std::fs::write(path, content)
                }
                written => written,
            }
        })
    }

    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(async move { std::fs::read(path) })
    }

    fn pipes<'a>(&'a self, folder: &'a Path) -> BoxFuture<'a, io::Result<Ends>> {
        Box::pin(async move {
            std::fs::create_dir_all(folder)?;
            for name in ["control", "status"] {
                nix::unistd::mkfifo(&folder.join(name), Mode::S_IRUSR | Mode::S_IWUSR)?;
            }
            // Opened for reading and writing, so that neither side waits for the other to open and
            // that the end of the shell is told by its exit status, not by a broken pipe.
            let mut options = pipe::OpenOptions::new();
            options.read_write(true);
            Ok(Ends {
                control: Box::new(options.open_sender(folder.join("control"))?),
                status: Box::new(options.open_receiver(folder.join("status"))?),
            })
        })
    }
}
