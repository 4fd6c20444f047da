//! The network of a sandbox: loopback alone, with the emulator's sockets on it.

use super::wire::{Failure, Step};
use docproof_emulator::workload::{TokenEndpoint, redirect};
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};

/// Where every name leads: TEST-NET-1 of RFC 5737, which no network uses.
pub(super) const EMULATOR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// Where Azure serves a workload's metadata.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// Where a container app finds tokens.
const APP_TOKENS: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 42356);
/// Where a Windows container finds tokens.
const WINDOWS_TOKENS: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 2377);
/// The first of the ports on loopback behind which Azure's addresses are where servers of the workload's
/// own may want theirs.
const BEHIND: u16 = 42300;

/// The listeners for streams, in the order in which they are opened: where, and whether TLS is
/// spoken there. The first one is for names.
///
/// A container app has no metadata address, and nothing of Azure is asked without TLS there.
pub(super) fn listeners(tokens: TokenEndpoint) -> Vec<((Ipv4Addr, u16), bool)> {
    let dns = ((Ipv4Addr::LOCALHOST, 53), false);
    let plain = match tokens {
        TokenEndpoint::Instance => vec![((EMULATOR, 80), false), ((METADATA, 80), false)],
        TokenEndpoint::App => vec![(APP_TOKENS, false)],
        TokenEndpoint::WindowsInstance => {
            vec![((EMULATOR, 80), false), (WINDOWS_TOKENS, false)]
        }
    };
    let secure = [((EMULATOR, 443), true), ((EMULATOR, 19390), true)];
    std::iter::once(dns).chain(plain).chain(secure).collect()
}

/// Lets a server in a container listen on port 80, as user 0 may in a real one: commands have no
/// capability here. To be called while `/proc` can be written to. Where the machine refuses, such a
/// server says so itself.
pub(super) fn allow_low_ports() {
    let _ = std::fs::write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
}

/// Brings loopback up and opens the listening sockets: one for datagrams with names, then the
/// [`listeners`]. A workload may have servers that listen on every address, so Azure's keep off their
/// ports there; where the kernel has no nf_tables such a server finds 80 and 443 taken.
pub(super) fn open(tokens: TokenEndpoint, is_workload: bool) -> Result<Vec<OwnedFd>, Failure> {
    let step = "bring up loopback";
    let family = AddressFamily::Inet;
    let control = socket(family, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None).step(step)?;
    raise(&control).step(step)?;
    let metadata = (tokens == TokenEndpoint::Instance).then_some(("lo:2", METADATA));
    for (alias, address) in std::iter::once(("lo:1", EMULATOR)).chain(metadata) {
        let step = || format!("give loopback the address {address}");
        set(&control, alias, libc::SIOCSIFADDR, address).step(step())?;
        set(&control, alias, libc::SIOCSIFNETMASK, Ipv4Addr::BROADCAST).step(step())?;
    }
    let dns = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).step("listen on UDP port 53")?;
    let mut sockets = vec![dns.into()];
    let public: Vec<(Ipv4Addr, u16)> = listeners(tokens).into_iter().map(|(at, _)| at).collect();
    let rules: Vec<(SocketAddrV4, u16)> = (public.iter().zip(BEHIND..))
        .filter(|((address, _), _)| is_workload && !address.is_loopback())
        .map(|((address, port), behind)| (SocketAddrV4::new(*address, *port), behind))
        .collect();
    let redirected = !rules.is_empty() && redirect(&rules).is_ok();
    for ((address, port), behind) in public.into_iter().zip(BEHIND..) {
        let (address, port) = if redirected && !address.is_loopback() {
            (Ipv4Addr::LOCALHOST, behind)
        } else {
            (address, port)
        };
        let listener = TcpListener::bind((address, port));
        sockets.push(
            listener
                .step(format!("listen on {address} port {port}"))?
                .into(),
        );
    }
    Ok(sockets)
}

fn request(name: &str) -> libc::ifreq {
    let mut name_bytes = [0; libc::IFNAMSIZ];
    for (to, from) in name_bytes
        .iter_mut()
        .zip(name.bytes().take(libc::IFNAMSIZ - 1))
    {
        *to = from as libc::c_char;
    }
    libc::ifreq {
        ifr_name: name_bytes,
        ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_flags: 0 },
    }
}

fn raise(control: &OwnedFd) -> nix::Result<()> {
    let mut request = request("lo");
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    ioctl(control, libc::SIOCSIFFLAGS, &mut request)
}

#[expect(
    unsafe_code,
    reason = "interface requests carry an untyped socket address"
)]
fn set(
    control: &OwnedFd,
    alias: &str,
    operation: libc::Ioctl,
    address: Ipv4Addr,
) -> nix::Result<()> {
    let mut request = request(alias);
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: 0,
        sin_addr: libc::in_addr {
            s_addr: u32::from(address).to_be(),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: both structures are plain bytes of the same size (16), and every bit pattern is a
    // valid `sockaddr`.
    request.ifr_ifru.ifru_addr =
        unsafe { std::mem::transmute::<libc::sockaddr_in, libc::sockaddr>(address) };
    ioctl(control, operation, &mut request)
}

#[expect(unsafe_code, reason = "nix does not wrap interface requests")]
fn ioctl(control: &OwnedFd, operation: libc::Ioctl, request: &mut libc::ifreq) -> nix::Result<()> {
    // SAFETY: the descriptor is open, and these operations read and write one `ifreq`.
    let result = unsafe { libc::ioctl(control.as_raw_fd(), operation, &raw mut *request) };
    Errno::result(result).map(drop)
}
