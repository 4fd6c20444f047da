//! The files of a container, for a harness that need not be on the same machine.
//!
//! It stands beside the reader's container and has its folder too, so that it works with every image.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docproof_emulator::remote::{Answer, Asked, Link, Question, Refusal};
use nix::sys::stat::Mode;
use std::io;
use std::path::Path;
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe;

/// Answers what is asked on standard input, until it ends.
pub(crate) async fn serve() -> io::Result<()> {
    let (link, mut asked) = Link::open(tokio::io::stdin(), tokio::io::stdout());
    while let Some(asked) = asked.recv().await {
        let link = link.clone();
        tokio::spawn(async move { answer(&link, &asked).await });
    }
    Ok(())
}

async fn answer(link: &Link, asked: &Asked) {
    let done = match &asked.question {
        Question::Write { path, content } => write(Path::new(path), content).map(|()| Answer::Done),
        Question::Read { path } => match std::fs::read(path) {
            Ok(bytes) => return send(link, asked, bytes).await,
            Err(error) => Err(error),
        },
        Question::Pipes { folder } => pipes(link, Path::new(folder)).map(Answer::Channel),
        _ => Err(io::ErrorKind::Unsupported.into()),
    };
    let done = done.map_err(|error| Refusal::Environment(error.to_string()));
    let _ = link.answer(asked, done).await;
}

/// The answer comes first: who asked takes a channel when it is told of it.
async fn send(link: &Link, asked: &Asked, bytes: Vec<u8>) {
    let channel = link.new_channel();
    let _ = link.answer(asked, Ok(Answer::Channel(channel))).await;
    if link.send(channel, &bytes).await.is_ok() {
        let _ = link.finish(channel).await;
    }
}

fn write(path: &Path, content: &str) -> io::Result<()> {
    let content = STANDARD.decode(content).map_err(io::Error::other)?;
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    std::fs::write(path, content)
}

/// Makes the pipes, and joins them to a channel.
fn pipes(link: &Link, folder: &Path) -> io::Result<u32> {
    std::fs::create_dir_all(folder)?;
    for name in ["control", "status"] {
        nix::unistd::mkfifo(&folder.join(name), Mode::S_IRUSR | Mode::S_IWUSR)?;
    }
    // For reading and writing, so that neither waits for the shell, nor ends with it.
    let mut options = pipe::OpenOptions::new();
    options.read_write(true);
    let mut control = options.open_sender(folder.join("control"))?;
    let mut status = options.open_receiver(folder.join("status"))?;
    let channel = link.new_channel();
    let (mut said, mut heard) = tokio::io::split(link.stream(channel));
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut said, &mut control).await;
        let _ = control.shutdown().await;
    });
    tokio::spawn(async move {
        let _ = tokio::io::copy(&mut status, &mut heard).await;
    });
    Ok(channel)
}
