//! Asking the emulator of the same container.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::os::fd::AsFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where an emulator is driven from: a name in its own network, so that nobody outside of its
/// container sees it.
pub(crate) fn door() -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name("docproof-emulator")
}

/// Joins standard input and output to the emulator, until either ends.
pub(crate) fn drive() -> io::Result<()> {
    let mut typed = UnixStream::connect_addr(&door()?)?;
    let said = typed.try_clone()?;
    // Files: what the standard streams keep back until a line ends are no lines here.
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    std::thread::spawn(move || {
        let _ = carry(input, &typed);
        let _ = typed.shutdown(Shutdown::Both);
        typed.flush()
    });
    carry(said, output)
}

/// Reads and writes until either ends. `io::copy` splices, and what Docker writes to a pipe was seen
/// not to wake who waits in a splice.
fn carry(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut part = vec![0; 64 * 1024];
    loop {
        match from.read(&mut part)? {
            0 => return Ok(()),
            length => to.write_all(&part[..length])?,
        }
    }
}

/// An error unless the emulator answers.
pub(crate) async fn health() -> io::Result<()> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, 80)).await?;
    Ok(())
}

/// The certificate that clients must trust.
pub(crate) async fn certificate() -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, 80)).await?;
    stream
        .write_all(
            b"GET /docproof/certificate HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        )
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, pem)) if head.starts_with("HTTP/1.1 200") => Ok(pem.to_owned()),
        _ => Err(io::Error::other("the emulator does not tell")),
    }
}
