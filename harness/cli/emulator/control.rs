//! Asking a running emulator about itself.
#![expect(
    clippy::print_stdout,
    reason = "what was done is what the command is for"
)]

use super::listen::Place;
use crate::exit::{CommandError, Exit};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an emulator on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets a running emulator forget: the one at this port, or the only one.
pub(super) fn reset(port: Option<u16>) -> Result<Exit, CommandError> {
    let ports = match port {
        Some(port) => vec![port],
        None => Place::ports()
            .into_iter()
            .filter(|port| ask("GET", "/docproof", *port).is_ok())
            .collect(),
    };
    match ports.as_slice() {
        [] => Err(CommandError::environment("no emulator is running").help(
            "start one with `docproof emulator`; one of another user is found with --http-port",
        )),
        [port] => {
            ask("POST", "/docproof/reset", *port)?;
            println!("the emulator at port {port} has forgotten everything");
            Ok(Exit::Passed)
        }
        several => {
            let named: Vec<String> = several.iter().map(u16::to_string).collect();
            Err(
                CommandError::usage("several emulators are running").help(format!(
                    "say which one with --http-port: {}",
                    named.join(", ")
                )),
            )
        }
    }
}

fn ask(method: &str, path: &str, port: u16) -> Result<(), CommandError> {
    let absent = |error: std::io::Error| {
        CommandError::environment(format!("no emulator answers at port {port}: {error}"))
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(absent)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(absent)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).map_err(absent)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(absent)?;
    if answer.starts_with(b"HTTP/1.1 2") {
        return Ok(());
    }
    Err(CommandError::environment(format!(
        "what answers at port {port} is no emulator of docproof's"
    )))
}
