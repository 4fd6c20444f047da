//! What harness and shell say to each other, and the pseudo-terminal.

use crate::files::Ends;
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::Notify;

/// Wide and high enough that no client folds or pages its output.
const WINDOW: Winsize = Winsize {
    ws_row: 50,
    ws_col: 250,
    ws_xpixel: 0,
    ws_ypixel: 0,
};

/// Surrounds what the inner shell says to the harness: ASCII record separator. It is typed as an
/// escape, so that the terminal's echo of the typed line never looks like the word itself.
pub(super) const MARK: char = '\u{1e}';

/// The pipes `control` (harness to shell) and `status` (shell to harness).
pub(super) struct Pipes {
    control: Box<dyn AsyncWrite + Send + Sync + Unpin>,
    status: BufReader<Box<dyn AsyncRead + Send + Sync + Unpin>>,
}

impl Pipes {
    /// Takes the harness's ends.
    pub(super) fn new(ends: Ends) -> Self {
        Self {
            control: ends.control,
            status: BufReader::new(ends.status),
        }
    }

    /// Sends one line to the shell.
    pub(super) async fn send(&mut self, line: &str) -> io::Result<()> {
        self.control
            .write_all(format!("{line}\n").as_bytes())
            .await?;
        self.control.flush().await
    }

    /// The next line the shell says. Safe to cancel: a line read in part is kept in `partial`.
    pub(super) async fn line(&mut self, partial: &mut String) -> io::Result<String> {
        if self.status.read_line(partial).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(std::mem::take(partial).trim_end().to_owned())
    }
}

/// The harness's end of the session's terminal; what is printed there collects in a buffer.
pub(super) struct Pty {
    master: Arc<AsyncFd<OwnedFd>>,
    screen: Arc<Screen>,
    reader: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Screen {
    bytes: Mutex<Vec<u8>>,
    changed: Notify,
    /// Changed, and what came has [`MARK`] in it.
    marked: Notify,
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Pty {
    /// Opens a terminal and returns the shell's end of it.
    pub(super) fn open() -> io::Result<(Self, OwnedFd)> {
        let OpenptyResult { master, slave } = openpty(Some(&WINDOW), None)?;
        use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
        for fd in [&master, &slave] {
            fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        fcntl(&master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        // Nobody looks at the screen while typing; without echo, what shows up was printed.
        let mut attributes = tcgetattr(&slave)?;
        attributes.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(&slave, SetArg::TCSANOW, &attributes)?;
        #[expect(unsafe_code, reason = "tokio has no safe way to register a descriptor")]
        // SAFETY: the descriptor is owned by the `AsyncFd`, so it stays open while registered.
        let master = Arc::new(unsafe { AsyncFd::register(master) }?);
        let screen = Arc::new(Screen::default());
        let reader = tokio::spawn(collect(Arc::clone(&master), Arc::clone(&screen)));
        Ok((
            Self {
                master,
                screen,
                reader,
            },
            slave,
        ))
    }

    /// Types text.
    pub(super) async fn type_text(&self, text: &str) -> io::Result<()> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let mut ready = self.master.writable().await?;
            match ready.try_io(|fd| Ok(nix::unistd::write(fd.get_ref(), rest)?)) {
                Ok(written) => rest = &rest[written?..],
                Err(_would_block) => {}
            }
        }
        Ok(())
    }

    /// How much was printed so far.
    pub(super) fn printed(&self) -> usize {
        self.screen
            .bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// What was printed since `from`, carriage returns left out.
    pub(super) fn since(&self, from: usize) -> String {
        let bytes = self
            .screen
            .bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).replace('\r', "")
    }

    /// Waits until `found` sees what it looks for in what was printed since `from`. Asked each time
    /// that something is printed.
    pub(super) async fn wait_for<T>(&self, from: usize, found: impl FnMut(&str) -> Option<T>) -> T {
        self.wait(&self.screen.changed, from, found).await
    }

    /// The same for what ends with a [`MARK`]: asked only when one was printed, so that a long
    /// output is not gone through again for each piece of it.
    pub(super) async fn wait_for_mark<T>(
        &self,
        from: usize,
        found: impl FnMut(&str) -> Option<T>,
    ) -> T {
        self.wait(&self.screen.marked, from, found).await
    }

    /// Waits until a command seems to wait for an answer: a question stands at the end of what was
    /// printed since `from`, and where it may be no question, nothing followed it for `quiet`.
    pub(super) async fn wait_for_question(&self, from: usize, quiet: Duration) -> String {
        loop {
            let changed = self.screen.changed.notified();
            match question(&self.since(from)) {
                Question::Certain(text) => return text,
                Question::Likely(text) => {
                    if tokio::time::timeout(quiet, changed).await.is_err() {
                        return text;
                    }
                }
                Question::None => changed.await,
            }
        }
    }

    async fn wait<T>(
        &self,
        what: &Notify,
        from: usize,
        mut found: impl FnMut(&str) -> Option<T>,
    ) -> T {
        loop {
            let notified = what.notified();
            if let Some(found) = found(&self.since(from)) {
                return found;
            }
            notified.await;
        }
    }
}

/// Whether what was printed ends with a question.
#[derive(Debug, PartialEq, Eq)]
enum Question {
    None,
    /// It may also be a line that is still being printed.
    Likely(String),
    Certain(String),
}

fn question(shown: &str) -> Question {
    let last = shown.rsplit('\n').next().unwrap_or_default();
    let text = last.trim().to_owned();
    let words = text.trim_end_matches([':', '?', ' ']).to_ascii_lowercase();
    if ["(y/n)", "[y/n]", "(yes/no)", "[yes/no]"]
        .iter()
        .any(|end| words.ends_with(end))
    {
        Question::Certain(text)
    } else if text.ends_with([':', '?', '>', ']', ')']) {
        Question::Likely(text)
    } else {
        Question::None
    }
}

/// Reads the terminal until nobody holds its other end.
async fn collect(master: Arc<AsyncFd<OwnedFd>>, screen: Arc<Screen>) {
    let mut buffer = [0_u8; 4096];
    loop {
        let Ok(mut ready) = master.readable().await else {
            return;
        };
        match ready.try_io(|fd| Ok(nix::unistd::read(fd.get_ref(), &mut buffer)?)) {
            Ok(Ok(read)) if read > 0 => {
                let mut bytes = screen.bytes.lock().unwrap_or_else(PoisonError::into_inner);
                let new = &buffer[..read];
                bytes.extend_from_slice(new);
                drop(bytes);
                screen.changed.notify_waiters();
                if new.contains(&(MARK as u8)) {
                    screen.marked.notify_waiters();
                }
            }
            // The end, or EIO: the last process on the other side is gone.
            Ok(_) => return,
            Err(_would_block) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_line_that_has_ended_is_no_question() {
        assert_eq!(question("Continue? (y/n): \n"), Question::None);
        assert_eq!(question("working on it"), Question::None);
        let likely = Question::Likely("Name:".to_owned());
        assert_eq!(question("one\nName: "), likely);
        let certain = Question::Certain("Are you sure? (y/N):".to_owned());
        assert_eq!(question("Are you sure? (y/N): "), certain);
    }

    #[tokio::test]
    async fn a_long_output_is_not_gone_through_for_each_piece_of_it() {
        const LINES: usize = 20_000;
        let (pty, terminal) = Pty::open().unwrap();
        let printer = std::thread::spawn(move || {
            let mut terminal = std::fs::File::from(terminal);
            for _ in 0..LINES {
                terminal.write_all(b"0123456789abcdef\n").unwrap();
            }
            terminal.write_all(b"\x1eend\x1e").unwrap();
            // Kept open: what a terminal holds is lost with its last user.
            terminal
        });
        let mut asked = 0;
        let length = pty
            .wait_for_mark(0, |shown| {
                asked += 1;
                shown.ends_with("\u{1e}end\u{1e}").then_some(shown.len())
            })
            .await;
        drop(printer.join().unwrap());
        assert_eq!(length, LINES * 17 + 5);
        // At the start, and for the marks, which may come in two pieces.
        assert!(asked <= 4, "asked {asked} times");
    }
}
