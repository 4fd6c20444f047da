//! Serving: names, HTTP and HTTPS on every address of this host.

use crate::arguments::ServeOptions;
use crate::client;
use docproof_emulator::remote::{self, Link, RemoteWorkloads};
use docproof_emulator::{Clients, Config, Emulator, Network};
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// HTTPS, and where `az container exec` finds its websocket.
const SECURE: [u16; 2] = [443, 19390];

/// Serves until it is told to end.
pub(crate) async fn run(options: ServeOptions) -> io::Result<()> {
    let mut ended = std::pin::pin!(ended()?);
    let clients = Arc::new(Clients::default());
    let workloads = RemoteWorkloads::new(Arc::clone(&clients));
    let config = Config {
        reader_roles: options.roles,
        operation_seconds: options.operation_seconds,
        control: !options.driven,
        ..Config::default()
    };
    let user = config.user_principal_name.clone();
    let emulator =
        Emulator::start(config, Arc::new(workloads.clone())).map_err(io::Error::other)?;
    let address = match options.address {
        Some(address) => address,
        None => own_address()?,
    };
    let listen = |port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port));
    let network = Network {
        dns_udp: Some(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 53))?),
        dns_tcp: Some(listen(53)?),
        http: vec![listen(80)?],
        https: SECURE.into_iter().map(listen).collect::<io::Result<_>>()?,
        address,
    };
    // Listened for before anybody is told that the emulator is there.
    let door = UnixListener::bind_addr(&client::door()?)?;
    door.set_nonblocking(true)?;
    let door = tokio::net::UnixListener::from_std(door)?;
    let serving = emulator
        .serve_by_address(network, clients)
        .map_err(io::Error::other)?;
    if options.driven {
        println!("ready");
    } else {
        println!(
            "Azure at {address}: names (53), HTTP (80), HTTPS (443)\n\
             user {user}, Owner of {}\n\
             ready",
            emulator.subscription_id()
        );
    }
    loop {
        tokio::select! {
            biased;
            () = &mut ended => break,
            come = door.accept() => {
                let (stream, _) = come?;
                let (reader, writer) = stream.into_split();
                let (link, asked) = Link::open(reader, writer);
                let (emulator, workloads) = (emulator.clone(), workloads.clone());
                tokio::spawn(async move { remote::drive(&emulator, &workloads, link, asked).await });
            }
        }
    }
    drop(serving);
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM; the first process of a container has no default for either.
pub(crate) fn ended() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The address that others on this network know this host by: the one that a route leads away from.
/// Nothing is sent.
fn own_address() -> io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
    match socket.local_addr()?.ip() {
        std::net::IpAddr::V4(address) => Ok(address),
        std::net::IpAddr::V6(_) => Err(io::Error::other(
            "this host has no IPv4 address that others reach; say one with --address",
        )),
    }
}
