//! What stands beside a container of a run, and holds its network: the container joins it.
//!
//! It is there before the container's first instruction, and does what an image cannot do for itself:
//! names are asked for at the emulator, whatever the engine's own name server does on a network without
//! a way out; and what a container asks at the address where Azure has its token endpoint goes to the
//! emulator.

use crate::arguments::BesideOptions;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

/// Where a container looks up who is to be asked for names; its own file is this one.
const NAMES: &str = "/etc/resolv.conf";

/// Does so until it is told to end.
pub(crate) async fn run(options: BesideOptions) -> std::io::Result<()> {
    let mut ended = std::pin::pin!(crate::serve::ended()?);
    if let Some(names) = options.names {
        std::fs::write(NAMES, format!("nameserver {names}\n"))?;
    }
    for (from, to) in options.relays {
        let listener = TcpListener::bind(from).await?;
        tokio::spawn(relay(listener, to));
    }
    // Whoever started this waits for it.
    println!("ready");
    ended.as_mut().await;
    Ok(())
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
