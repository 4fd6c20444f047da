//! A name server for a network that has nothing but the emulator: every name is at one address.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

/// How long an answer may be kept, in seconds.
const TTL: u32 = 60;
/// How long a client may keep a TCP connection without asking.
const IDLE: Duration = Duration::from_secs(10);
/// How many TCP clients are served at once; later ones wait.
const MAX_CLIENTS: usize = 64;

/// The answer to a message: `A` records have `address`, other types are empty (the name exists).
/// `None` if the message cannot be read or is itself an answer.
pub(crate) fn answer(message: &[u8], address: Ipv4Addr) -> Option<Vec<u8>> {
    let query = Message::from_vec(message).ok()?;
    if query.message_type() != MessageType::Query {
        return None;
    }
    let mut reply = Message::new();
    reply
        .set_id(query.id())
        .set_message_type(MessageType::Response)
        .set_op_code(query.op_code())
        .set_recursion_desired(query.recursion_desired())
        .set_recursion_available(true);
    if query.op_code() == OpCode::Query {
        reply.set_response_code(ResponseCode::NoError);
    } else {
        reply.set_response_code(ResponseCode::NotImp);
    }
    for question in query.queries() {
        reply.add_query(question.clone());
        if question.query_type() == RecordType::A && question.query_class() == DNSClass::IN {
            let data = RData::A(A(address));
            reply.add_answer(Record::from_rdata(question.name().clone(), TTL, data));
        }
    }
    if query.extensions().is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(1232);
        reply.set_edns(edns);
    }
    reply.to_vec().ok()
}

/// Answers datagrams until the task ends.
pub(crate) async fn serve_udp(socket: UdpSocket, address: Ipv4Addr) {
    let mut buffer = vec![0; 4096];
    loop {
        // An error here is a client that went away; the socket stays good.
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else {
            tokio::task::yield_now().await;
            continue;
        };
        if let Some(reply) = answer(&buffer[..length], address) {
            let _ = socket.send_to(&reply, client).await;
        }
    }
}

/// Answers streams until the task ends.
pub(crate) async fn serve_tcp(listener: Arc<TcpListener>, address: Ipv4Addr) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if clients.len() < MAX_CLIENTS => {
                if let Ok((stream, _)) = accepted {
                    clients.spawn(serve_client(stream, address));
                }
            }
            Some(_) = clients.join_next() => {}
        }
    }
}

async fn serve_client(mut stream: TcpStream, address: Ipv4Addr) {
    loop {
        let Ok(Ok(length)) = tokio::time::timeout(IDLE, stream.read_u16()).await else {
            return;
        };
        let mut message = vec![0; usize::from(length)];
        let read = tokio::time::timeout(IDLE, stream.read_exact(&mut message)).await;
        let (Ok(Ok(_)), Some(reply)) = (read, answer(&message, address)) else {
            return;
        };
        let Ok(length) = u16::try_from(reply.len()) else {
            return;
        };
        let framed = [&length.to_be_bytes()[..], &reply].concat();
        if stream.write_all(&framed).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Query;
    use hickory_proto::rr::Name;
    use std::str::FromStr as _;

    fn ask(kind: RecordType) -> Message {
        let mut message = Message::new();
        message
            .set_id(7)
            .set_message_type(MessageType::Query)
            .set_recursion_desired(true);
        message.add_query(Query::query(
            Name::from_str("myvault.vault.azure.net.").unwrap(),
            kind,
        ));
        message.set_edns(Edns::new());
        let reply = answer(&message.to_vec().unwrap(), Ipv4Addr::new(10, 0, 0, 1)).unwrap();
        Message::from_vec(&reply).unwrap()
    }

    #[test]
    fn garbage_gets_no_answer() {
        assert!(answer(b"", Ipv4Addr::LOCALHOST).is_none());
        assert!(answer(&[0xff; 40], Ipv4Addr::LOCALHOST).is_none());
    }

    #[test]
    fn there_is_no_ipv6_but_the_name_exists() {
        let reply = ask(RecordType::AAAA);
        assert_eq!(
            (reply.response_code(), reply.answers().len()),
            (ResponseCode::NoError, 0)
        );
    }

    #[test]
    fn every_name_is_at_the_address() {
        let reply = ask(RecordType::A);
        assert_eq!(reply.id(), 7);
        assert_eq!(
            reply.answers()[0].data(),
            &RData::A(A(Ipv4Addr::new(10, 0, 0, 1)))
        );
        assert!(reply.extensions().is_some());
    }
}
