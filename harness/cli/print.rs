//! Texts that are printed whole.

use std::io::{self, ErrorKind, Write as _};

/// Prints a text on standard output. Whoever stops to read (`| head`) has read enough.
pub(crate) fn print(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
