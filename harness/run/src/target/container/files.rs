//! The reader's files: a volume of the run's own, reached through Docker alone ([`ReaderFiles`]).
//!
//! The engine may be on another machine or in a virtual one, so nothing of this machine's is bound into
//! a container. What stands beside the reader's container has the volume too, and its program answers
//! over the streams of a command there (`docproof-emulator files`).

use super::drive::drive;
use super::engine::Run;
use super::environment::Failure;
use super::error::{DockerError, Doing as _};
use crate::environment::BoxFuture;
use crate::files::{Ends, Files};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::query_parameters::UploadToContainerOptionsBuilder;
use docproof_emulator::remote::{Answer, Link, LinkError, Question};
use std::io;
use std::path::{Path, PathBuf};

/// Whose the reader's files are, and who the reader is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    uid: u32,
    gid: u32,
}

impl Reader {
    /// Whoever runs docproof.
    pub(super) fn new() -> Self {
        Self {
            uid: nix::unistd::getuid().as_raw(),
            gid: nix::unistd::getgid().as_raw(),
        }
    }

    /// As Docker is told it.
    pub(super) fn user(self) -> String {
        format!("{}:{}", self.uid, self.gid)
    }
}

/// Where the reader's folder is, in containers.
pub(super) fn folder(run: &Run) -> PathBuf {
    PathBuf::from(format!("/tmp/docproof-run-{}", run.id))
}

/// Makes the reader's folders in a volume that `container` has and that is new.
pub(super) async fn make_folders(
    run: &Run,
    container: &str,
    reader: Reader,
) -> Result<(), DockerError> {
    let doing = "make the reader's folders";
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |name: &str| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_mode(0o700);
        header.set_uid(reader.uid.into());
        header.set_gid(reader.gid.into());
        header.set_size(0);
        archive.append_data(&mut header, name, io::empty())
    };
    let made = ["home", "work", "session"]
        .iter()
        .try_for_each(|name| append(name));
    let archive = made.and_then(|()| archive.into_inner());
    let archive = archive.map_err(|error| DockerError::Refused {
        doing: doing.to_owned(),
        reason: error.to_string(),
    })?;
    let path = folder(run).display().to_string();
    let options = UploadToContainerOptionsBuilder::new().path(&path).build();
    let body = bollard::body_full(archive.into());
    let uploaded = run
        .docker
        .upload_to_container(container, Some(options), body);
    uploaded.await.doing(doing)
}

/// The files of a reader.
pub(super) struct ReaderFiles {
    link: Link,
    failure: Failure,
}

impl ReaderFiles {
    /// Connects to what stands beside the reader's container.
    pub(super) async fn connect(
        run: &Run,
        beside: &str,
        reader: Reader,
        failure: Failure,
    ) -> Result<Self, DockerError> {
        let (link, _asked) = drive(run, beside, "files", Some(reader.user())).await?;
        Ok(Self { link, failure })
    }

    async fn ask(&self, question: Question) -> io::Result<Answer> {
        let asked = self.link.ask(question);
        self.failure.patient(asked).await.map_err(error)
    }

    async fn channel(&self, question: Question) -> io::Result<u32> {
        match self.ask(question).await? {
            Answer::Channel(channel) => Ok(channel),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Files for ReaderFiles {
    fn write<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let (path, content) = (text(path), STANDARD.encode(content));
            self.ask(Question::Write { path, content }).await.map(drop)
        })
    }

    fn read<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        Box::pin(async move {
            let channel = self.channel(Question::Read { path: text(path) }).await?;
            let read = self.link.whole(channel);
            self.failure.patient(read).await.map_err(error)
        })
    }

    fn pipes<'a>(&'a self, folder: &'a Path) -> BoxFuture<'a, io::Result<Ends>> {
        Box::pin(async move {
            let folder = text(folder);
            let channel = self.channel(Question::Pipes { folder }).await?;
            let (status, control) = tokio::io::split(self.link.stream(channel));
            let (near, mut far) = tokio::io::simplex(PART);
            let (link, failure) = (self.link.clone(), self.failure.clone());
            tokio::spawn(async move {
                let mut status = status;
                let _ = tokio::io::copy(&mut status, &mut far).await;
                // It ends only with the connection; why, is known before anybody learns that it has.
                link.ended().await;
                failure.lost().await;
                drop(far);
            });
            Ok(Ends {
                control: Box::new(control),
                status: Box::new(near),
            })
        })
    }
}

/// How much of what the shell says may wait to be read.
const PART: usize = 64 * 1024;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn error(error: LinkError) -> io::Error {
    match error {
        LinkError::Ended => io::ErrorKind::NotConnected.into(),
        LinkError::Refused(_) => io::Error::other(error),
    }
}
