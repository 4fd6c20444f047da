//! The `az` on the shell's PATH: has the call made by the server, and ends as that ends.
//!
//! Where there is no server, or it cannot take the call, the real `az` takes this process's place.

use crate::path::plain_az;
use crate::{AZ, PLAIN, SOCKET, SOCKET_FILE};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, UnixAddr, connect, sendmsg, socket,
};
use nix::sys::stat::{Mode, umask};
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, OsStr, OsString};
use std::io::{self, BufRead as _, BufReader, IoSlice, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};

/// The most descriptors that the kernel lets travel at once (`SCM_MAX_FD`).
const MOST_DESCRIPTORS: usize = 253;

/// A call. Bytes travel as characters of the same number, since names and values need not be UTF-8.
#[derive(Serialize)]
struct Call {
    argv: Vec<String>,
    env: Vec<String>,
    umask: u32,
    /// The caller's numbers of the descriptors that come along, after the working folder and, if
    /// there is one, the terminal.
    descriptors: Vec<RawFd>,
    /// The signals that the caller ignores.
    ignored: Vec<i32>,
    terminal: bool,
}

/// What the server says in the end.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reply {
    /// As wait(2) tells it.
    Status(i32),
    /// A worker was started; the end is still to come.
    #[expect(dead_code, reason = "it is always `true`")]
    Taken(bool),
    /// Why the call must be made by the real `az`.
    #[expect(dead_code, reason = "told for whoever looks at the socket")]
    Plain(String),
}

/// What the shell is to see.
enum End {
    Exited(i32),
    Killed(Signal),
    /// The server did not take the call.
    NotTaken,
}

/// Which of the standard streams were closed when the program began, as bits. Rust opens `/dev/null`
/// in their place before `main`.
static CLOSED: AtomicU8 = AtomicU8::new(0);

#[expect(unsafe_code, reason = "nothing else runs before Rust's own start")]
#[used]
// SAFETY: the loader calls what stands in this section, a function with this interface.
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = note_closed_streams;

extern "C" fn note_closed_streams() {
    let closed = (0..3).filter(|number| !is_open(*number));
    CLOSED.store(closed.map(|number| 1 << number).sum(), Ordering::Relaxed);
}

/// Makes the call and ends, if this process was started as `az`. To be called first in `main`.
pub fn enter_if_called() {
    let name = std::env::args_os().next();
    let name = name.as_deref().map(Path::new).and_then(Path::file_name);
    if name == Some(OsStr::new(AZ)) {
        std::process::exit(run());
    }
}

/// Makes the call; answers the exit code, if it does not end otherwise.
fn run() -> i32 {
    let signals = SigSet::all();
    let masked = signals.thread_block().is_ok();
    let end = if masked && CLOSED.load(Ordering::Relaxed) == 0 {
        call(&signals)
    } else {
        Ok(End::NotTaken)
    };
    // Whatever was sent meanwhile takes effect here, as it would have in the real `az`.
    let _ = SigSet::empty().thread_set_mask();
    match end {
        Ok(End::Exited(code)) => code,
        Ok(End::Killed(signal)) => {
            let usual = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
            die(signal, &usual)
        }
        Ok(End::NotTaken) | Err(_) => plain(),
    }
}

/// Ends by a signal, as the worker did.
#[expect(unsafe_code, reason = "sigaction(2) is unsafe for its handlers")]
fn die(signal: Signal, usual: &SigAction) -> i32 {
    // SAFETY: the default is no handler of ours.
    let _ = unsafe { sigaction(signal, usual) };
    let _ = raise(signal);
    128 + signal as i32
}

/// Becomes the real `az`; only returns if there is none.
fn plain() -> i32 {
    close_again();
    let program = real_az().unwrap_or_else(|| PathBuf::from(PLAIN));
    let error = Command::new(&program)
        .args(std::env::args_os().skip(1))
        .exec();
    let text = format!("az: {}: {error}\n", program.display());
    let _ = io::stderr().write_all(text.as_bytes());
    127
}

/// What a link beside this program's folder leads to, or else what the shell would have found.
fn real_az() -> Option<PathBuf> {
    let linked = beside().and_then(|folder| std::fs::read_link(folder.join(PLAIN)).ok());
    linked.or_else(|| plain_az(&std::env::var_os("PATH").unwrap_or_default()))
}

/// The folder that the one on PATH is in.
fn beside() -> Option<PathBuf> {
    called_as()?.parent()?.parent().map(Path::to_owned)
}

#[expect(unsafe_code, reason = "descriptors that nothing in this process owns")]
fn close_again() {
    let closed = CLOSED.load(Ordering::Relaxed);
    for number in (0..3).filter(|number| closed & (1 << number) != 0) {
        // SAFETY: takes a number only; what is open there was opened by Rust's start.
        let _ = unsafe { libc::close(number) };
    }
}

/// The path that this program was started by, links not followed.
#[expect(unsafe_code, reason = "only the auxiliary vector tells")]
fn called_as() -> Option<PathBuf> {
    // SAFETY: AT_EXECFN is the address of a string that lives as long as the process, or 0.
    let name = unsafe {
        let name = libc::getauxval(libc::AT_EXECFN) as *const libc::c_char;
        (!name.is_null()).then(|| CStr::from_ptr(name))?
    };
    std::path::absolute(Path::new(OsStr::from_bytes(name.to_bytes()))).ok()
}

fn call(signals: &SigSet) -> io::Result<End> {
    let numbers = open_descriptors()?;
    let folder = open(".", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
    let terminal = open(
        "/dev/tty",
        OFlag::O_RDWR | OFlag::O_CLOEXEC | OFlag::O_NOCTTY,
        Mode::empty(),
    );
    let terminal = terminal.ok();
    let mut all = vec![folder.as_raw_fd()];
    all.extend(terminal.iter().map(OwnedFd::as_raw_fd));
    all.extend(&numbers);
    if all.len() > MOST_DESCRIPTORS {
        return Ok(End::NotTaken);
    }
    let call = Call {
        argv: std::env::args_os().skip(1).map(as_characters).collect(),
        env: std::env::vars_os()
            .map(|(mut name, value)| {
                name.push("=");
                name.push(value);
                as_characters(name)
            })
            .collect(),
        umask: current_umask(),
        descriptors: numbers,
        ignored: ignored()?,
        terminal: terminal.is_some(),
    };
    let mut server = connect_to_server()?;
    let body = serde_json::to_vec(&call).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let rights = [ControlMessage::ScmRights(&all)];
    let first = [IoSlice::new(b"c")];
    sendmsg::<()>(
        server.as_raw_fd(),
        &first,
        &rights,
        MsgFlags::MSG_NOSIGNAL,
        None,
    )?;
    server.write_all(&length.to_be_bytes())?;
    server.write_all(&body)?;
    // The worker has them now; a pipe must see its end with the worker's.
    drop((folder, terminal));
    wait(server, signals)
}

/// Passes signals on until the server says how the call ended.
fn wait(server: UnixStream, signals: &SigSet) -> io::Result<End> {
    let signals = SignalFd::with_flags(signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
    let mut replies = BufReader::new(server.try_clone()?);
    let mut taken = false;
    loop {
        let mut ready = [
            PollFd::new(server.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let [answered, signalled] = ready.map(|fd| fd.any().unwrap_or(true));
        if answered {
            // Both lines may have come at once, and then the socket has nothing more to tell.
            loop {
                let mut line = String::new();
                replies.read_line(&mut line)?;
                if let Some(end) = ended(&line, taken) {
                    return Ok(end);
                }
                taken = true;
                if replies.buffer().is_empty() {
                    break;
                }
            }
        }
        if signalled {
            while let Ok(Some(information)) = signals.read_signal() {
                pass_on(&server, information.ssi_signo.cast_signed())?;
            }
        }
    }
}

/// What a line of the server's means; `None` if the end is still to come.
fn ended(line: &str, taken: bool) -> Option<End> {
    Some(match serde_json::from_str(line) {
        Ok(Reply::Taken(_)) => return None,
        Ok(Reply::Status(status)) if libc::WIFEXITED(status) => {
            End::Exited(libc::WEXITSTATUS(status))
        }
        Ok(Reply::Status(status)) => {
            Signal::try_from(libc::WTERMSIG(status)).map_or(End::Exited(1), End::Killed)
        }
        // The server's part of the call was killed, and the worker with it.
        Err(_) if taken => End::Killed(Signal::SIGKILL),
        Ok(Reply::Plain(_)) | Err(_) => End::NotTaken,
    })
}

/// The worker is in a session of its own, so no key and nobody else signals it.
fn pass_on(mut server: &UnixStream, signal: i32) -> io::Result<()> {
    let send =
        |mut server: &UnixStream, signal: i32| server.write_all(format!("{signal}\n").as_bytes());
    match Signal::try_from(signal) {
        Ok(Signal::SIGCHLD | Signal::SIGPIPE) | Err(_) => Ok(()),
        Ok(Signal::SIGTSTP | Signal::SIGTTIN | Signal::SIGTTOU) => {
            // A session without a terminal ignores these; both stop until the shell goes on.
            send(server, Signal::SIGSTOP as i32)?;
            server.flush()?;
            raise(Signal::SIGSTOP)?;
            Ok(())
        }
        Ok(_) => send(server, signal),
    }
}

fn connect_to_server() -> io::Result<UnixStream> {
    let file = beside().map(|folder| folder.join(SOCKET_FILE));
    if let Some(file) = file.filter(|file| file.exists()) {
        return UnixStream::connect(file);
    }
    let address = UnixAddr::new_abstract(SOCKET)?;
    let socket = socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    connect(socket.as_raw_fd(), &address)?;
    Ok(socket.into())
}

/// Every descriptor that the caller left open, `<(…)` of a shell among them.
fn open_descriptors() -> io::Result<Vec<RawFd>> {
    let listing = std::fs::read_dir("/proc/self/fd")?;
    let mut numbers = Vec::new();
    for entry in listing {
        let name = entry?.file_name();
        if let Some(number) = name.to_str().and_then(|name| name.parse().ok()) {
            numbers.push(number);
        }
    }
    // What the listing was read from is closed by now.
    numbers.retain(|number| is_open(*number));
    numbers.sort_unstable();
    Ok(numbers)
}

#[expect(unsafe_code, reason = "descriptors that nothing in this process owns")]
fn is_open(number: RawFd) -> bool {
    // SAFETY: takes numbers only.
    unsafe { libc::fcntl(number, libc::F_GETFD) >= 0 }
}

fn current_umask() -> u32 {
    let mask = umask(Mode::empty());
    umask(mask);
    mask.bits()
}

/// The signals that this process was started with ignored, but for what Rust ignores itself.
fn ignored() -> io::Result<Vec<i32>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    let is_ignored = |signal: &i32| mask & (1 << (signal - 1)) != 0 && *signal != libc::SIGPIPE;
    Ok((1..=64).filter(is_ignored).collect())
}

fn as_characters(bytes: OsString) -> String {
    bytes.into_vec().into_iter().map(char::from).collect()
}
