//! Keys, without the line end that a terminal waits for: [`Keys`].

use super::Happening;
use nix::sys::termios::{self, LocalFlags, SetArg, Termios};
use std::io::{IsTerminal as _, Read as _};
use tokio::sync::mpsc::UnboundedSender;

/// The terminal as it was; dropped, it is so again.
pub(super) struct Keys {
    before: Option<Termios>,
}

impl Keys {
    /// Tells of each key through `sender`. Ctrl-C stays what it is.
    pub(super) fn listen(sender: UnboundedSender<Happening>) -> Self {
        let stdin = std::io::stdin();
        let before = stdin.is_terminal().then(|| termios::tcgetattr(&stdin).ok());
        let before = before.flatten();
        if let Some(before) = &before {
            let mut own = before.clone();
            own.local_flags
                .remove(LocalFlags::ICANON | LocalFlags::ECHO);
            let _ = termios::tcsetattr(&stdin, SetArg::TCSANOW, &own);
        }
        std::thread::spawn(move || {
            for key in std::io::stdin().lock().bytes().map_while(Result::ok) {
                if sender.send(Happening::Key(key)).is_err() {
                    return;
                }
            }
        });
        Self { before }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = termios::tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
    }
}
