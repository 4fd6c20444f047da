//! What stands beside a container of a run, and holds its network: the container joins it.
//!
//! It is there before the container's first instruction, and does what an image cannot do for itself:
//! names are asked for at the emulator, whatever the engine's own name server does on a network without
//! a way out; and what a container asks at the address where Azure has its token endpoint goes to the
//! emulator.

use crate::arguments::BesideOptions;
use docproof_emulator::workload::redirect;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};

/// Where a container looks up who is to be asked for names; its own file is this one.
const NAMES: &str = "/etc/resolv.conf";
/// The first of the ports on loopback behind which relayed addresses are.
const BEHIND: u16 = 42300;

/// Does so until it is told to end.
pub(crate) async fn run(options: BesideOptions) -> std::io::Result<()> {
    let mut ended = std::pin::pin!(crate::serve::ended()?);
    if let Some(names) = options.names {
        std::fs::write(NAMES, format!("nameserver {names}\n"))?;
    }
    for ((from, to), behind) in options.relays.into_iter().zip(BEHIND..) {
        let listener = TcpListener::bind(place(from, behind)).await?;
        tokio::spawn(relay(listener, to));
    }
    if let Some(folder) = options.az {
        docproof_az::install(&folder)?;
    }
    // Whoever started this waits for it.
    println!("ready");
    ended.as_mut().await;
    Ok(())
}

/// Where to listen for what is sent to an address: on loopback if the kernel leads it there, since a server
/// of the container's own could not listen on that port of every address otherwise.
fn place(from: SocketAddr, behind: u16) -> SocketAddr {
    match from {
        SocketAddr::V4(v4) if !v4.ip().is_loopback() && redirect(&[(v4, behind)]).is_ok() => {
            (Ipv4Addr::LOCALHOST, behind).into()
        }
        _ => from,
    }
}

async fn relay(listener: TcpListener, to: SocketAddr) {
    while let Ok((mut near, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut far) = TcpStream::connect(to).await {
                // A client that goes away in the middle is no concern of anybody's.
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
