//! Addresses of Azure in a workload's network, served without their ports: [`redirect`].
//!
//! A listener on `169.254.169.254:80` keeps every server of the workload's own from listening on port 80
//! of all addresses, as nearly every image does. So the kernel leads what is sent there to another port
//! of the workload's loopback, as `nft add rule … redirect to :PORT` does. The messages are those of
//! nf_tables (`linux/netfilter/nf_tables.h`), as far as such rules need them.

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};
use std::io;
use std::net::SocketAddrV4;
use std::os::fd::AsRawFd as _;

const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
/// nf_tables' part of netfilter's messages.
const TABLES: u16 = 10;
const NEW_TABLE: u16 = TABLES << 8;
const NEW_CHAIN: u16 = TABLES << 8 | 3;
const NEW_RULE: u16 = TABLES << 8 | 6;
const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;
const CREATE: u16 = 0x400;
const APPEND: u16 = 0x800;
const IPV4: u8 = 2;
const TCP: u8 = 6;
const NESTED: u16 = 0x8000;
/// An answer: an error, or none.
const ANSWER: u16 = 2;
/// The table's and the chain's name.
const NAME: &[u8] = b"docproof\0";

/// Leads what this network namespace sends to each address (TCP) to that port of its loopback: all of
/// them, or none. It takes the right to administer the namespace.
///
/// # Errors
///
/// What the kernel says: it has no nf_tables, or the caller has not the right.
pub fn redirect(rules: &[(SocketAddrV4, u16)]) -> io::Result<()> {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkNetFilter,
    )?;
    send(netlink.as_raw_fd(), &batch(rules), MsgFlags::empty())?;
    let mut answer = [0; 4096];
    let length = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    outcome(answer.get(..length).unwrap_or_default())
}

/// The first answer: its header of 16 bytes, then the error's number, negative, or zero.
fn outcome(answer: &[u8]) -> io::Result<()> {
    let short = || {
        io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "half an answer of the kernel's",
        )
    };
    let kind: [u8; 2] = answer
        .get(4..6)
        .and_then(|at| at.try_into().ok())
        .ok_or_else(short)?;
    let error: [u8; 4] = answer
        .get(16..20)
        .and_then(|at| at.try_into().ok())
        .ok_or_else(short)?;
    match (u16::from_ne_bytes(kind), i32::from_ne_bytes(error)) {
        (ANSWER, 0) => Ok(()),
        (ANSWER, error) => Err(io::Error::from_raw_os_error(-error)),
        (kind, _) => Err(io::Error::other(format!(
            "answer of an unknown kind, {kind}"
        ))),
    }
}

/// Table, chain and rules, made all or not at all. The last rule is acknowledged; what goes wrong before it
/// is answered instead.
fn batch(rules: &[(SocketAddrV4, u16)]) -> Vec<u8> {
    // Before what is sent is routed, where destinations are rewritten.
    let hook = [number(1, 3), number(2, -100_i32 as u32)].concat();
    let chain = [
        attribute(1, NAME),
        attribute(3, NAME),
        nested(4, &hook),
        attribute(7, b"nat\0"),
    ];
    let mut messages = vec![
        message(BATCH_BEGIN, REQUEST, 0, &[]),
        message(NEW_TABLE, REQUEST | CREATE, IPV4, &attribute(1, NAME)),
        message(NEW_CHAIN, REQUEST | CREATE, IPV4, &chain.concat()),
    ];
    for (number, (from, port)) in rules.iter().enumerate() {
        let acknowledge = if number + 1 == rules.len() {
            ACKNOWLEDGE
        } else {
            0
        };
        let flags = REQUEST | CREATE | APPEND | acknowledge;
        messages.push(message(NEW_RULE, flags, IPV4, &rule(*from, *port)));
    }
    messages.push(message(BATCH_END, REQUEST, 0, &[]));
    messages.concat()
}

fn rule(from: SocketAddrV4, port: u16) -> Vec<u8> {
    let expressions = [
        // The destination's address, then the protocol and the destination's port.
        load(1, 16, 4),
        compare(&from.ip().octets()),
        expression(b"meta\0", &[number(1, 1), number(2, 16)]),
        compare(&[TCP]),
        load(2, 2, 2),
        compare(&from.port().to_be_bytes()),
        expression(
            b"immediate\0",
            &[number(1, 1), nested(2, &attribute(1, &port.to_be_bytes()))],
        ),
        expression(b"redir\0", &[number(1, 1), number(3, 2)]),
    ];
    [
        attribute(1, NAME),
        attribute(2, NAME),
        nested(4, &expressions.concat()),
    ]
    .concat()
}

/// Loads bytes of a header (1: the network's, 2: the transport's) into the first register.
fn load(header: u32, offset: u32, length: u32) -> Vec<u8> {
    let data = [
        number(1, 1),
        number(2, header),
        number(3, offset),
        number(4, length),
    ];
    expression(b"payload\0", &data)
}

/// Goes on only if the first register holds these bytes.
fn compare(bytes: &[u8]) -> Vec<u8> {
    let value = nested(3, &attribute(1, bytes));
    expression(b"cmp\0", &[number(1, 1), number(2, 0), value])
}

fn expression(name: &[u8], data: &[Vec<u8>]) -> Vec<u8> {
    nested(1, &[attribute(1, name), nested(2, &data.concat())].concat())
}

fn message(kind: u16, flags: u16, family: u8, attributes: &[u8]) -> Vec<u8> {
    let resource = if family == 0 { TABLES } else { 0 };
    [
        // 16 bytes of header, 4 of netfilter's.
        &(20 + attributes.len() as u32).to_ne_bytes()[..],
        &kind.to_ne_bytes(),
        &flags.to_ne_bytes(),
        &[0; 8],
        &[family, 0],
        &resource.to_be_bytes(),
        attributes,
    ]
    .concat()
}

fn number(kind: u16, value: u32) -> Vec<u8> {
    attribute(kind, &value.to_be_bytes())
}

fn nested(kind: u16, attributes: &[u8]) -> Vec<u8> {
    attribute(kind | NESTED, attributes)
}

/// Each begins at a multiple of four bytes.
fn attribute(kind: u16, payload: &[u8]) -> Vec<u8> {
    let length = 4 + payload.len() as u16;
    let mut bytes = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), payload].concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
