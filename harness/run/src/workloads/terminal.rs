//! The controlling end of a pseudo-terminal as asynchronous input and output.

use docproof_emulator::workload::Terminal;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::{read, write};
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Splits a terminal's controlling end into its output and its input. Dropping both closes it,
/// which hangs up the commands on it.
pub(crate) fn open(controlling: OwnedFd) -> io::Result<Terminal> {
    let flags = OFlag::from_bits_retain(fcntl(&controlling, FcntlArg::F_GETFL)?);
    fcntl(&controlling, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    let end = Arc::new(register(controlling)?);
    Ok(Terminal {
        output: Box::new(End(Arc::clone(&end))),
        input: Box::new(End(end)),
    })
}

#[expect(unsafe_code, reason = "the safe constructor is deprecated")]
fn register(controlling: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` names the same open descriptor for as long as it lives.
    unsafe { AsyncFd::register(controlling) }.map_err(Into::into)
}

struct End(Arc<AsyncFd<OwnedFd>>);

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready(cx))?;
            let free = buffer.initialize_unfilled();
            let result = guard.try_io(|fd| match read(fd.get_ref(), free) {
                // How Linux says that no command has the terminal open any more.
                Err(Errno::EIO) => Ok(0),
                done => Ok(done?),
            });
            match result {
                Ok(length) => return Poll::Ready(length.map(|length| buffer.advance(length))),
                Err(_would_block) => {}
            }
        }
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready(cx))?;
            if let Ok(done) = guard.try_io(|fd| Ok(write(fd.get_ref(), bytes)?)) {
                return Poll::Ready(done);
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
