//! The sockets and files of a running emulator ([`Place`]).

use crate::exit::CommandError;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

/// How the folders of running emulators begin, in the system's folder for temporary files.
const FOLDER: &str = "docproof-emulator-";
/// In such a folder: the port for HTTP.
const PORT_FILE: &str = "http-port";

/// A socket on loopback.
///
/// # Errors
/// If the port was asked for and is not to be had.
pub(super) fn listen(
    asked: Option<u16>,
    usual: u16,
    option: &str,
) -> Result<TcpListener, CommandError> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match asked {
        // Nobody insisted on 443 or 80.
        None => Ok(bind(usual).or_else(|_| bind(0))?),
        Some(port) => bind(port).map_err(|error| {
            let (message, help) = match error.kind() {
                ErrorKind::AddrInUse => (
                    format!("port {port} is taken"),
                    format!("choose another one with {option}, or 0 for any"),
                ),
                ErrorKind::PermissionDenied => (
                    format!("port {port} may not be used by this user"),
                    format!("choose one from 1024 on with {option}, or 0 for any"),
                ),
                _ => (
                    format!("port {port} cannot be used: {error}"),
                    format!("choose another one with {option}, or 0 for any"),
                ),
            };
            CommandError::environment(message).help(help)
        }),
    }
}

/// The folder of a running emulator, removed at its end.
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    /// Makes it, and notes where the emulator listens.
    pub(super) fn make(http_port: u16) -> Result<Self, CommandError> {
        let folder = std::env::temp_dir().join(format!("{FOLDER}{}", std::process::id()));
        // What an emulator of the same number left behind that was killed.
        let _ = std::fs::remove_dir_all(&folder);
        private(&folder)?;
        let place = Self { folder };
        std::fs::write(place.folder.join(PORT_FILE), http_port.to_string())?;
        Ok(place)
    }

    /// Where the certificate goes if nobody said it.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The HTTP ports of emulators that may be running.
    pub(super) fn ports() -> Vec<u16> {
        let entries = std::fs::read_dir(std::env::temp_dir())
            .into_iter()
            .flatten();
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(FOLDER))
            .filter_map(|entry| std::fs::read_to_string(entry.path().join(PORT_FILE)).ok())
            .filter_map(|text| text.trim().parse().ok())
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What cannot be removed is in the system's folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Makes a folder that nobody else can look into.
fn private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}
