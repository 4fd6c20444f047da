//! Frames: the number of a channel, a length, and that many bytes.

use bytes::{Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The channel of messages; every other one carries bytes.
pub(super) const MESSAGES: u32 = 0;
/// The most that one frame carries: more is sent in several, so that nothing waits long.
pub(super) const LIMIT: usize = 64 * 1024;
/// The longest message that is read. Who sends a longer one speaks something else.
const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;

/// One frame. An empty one ends its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// The channel.
    pub(super) channel: u32,
    /// The bytes.
    pub(super) payload: Bytes,
}

/// A frame as it is sent.
pub(super) fn encode(channel: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(8 + payload.len());
    bytes.extend_from_slice(&channel.to_be_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The next frame; `None` where the connection ends between two.
///
/// # Errors
/// If the connection ends in the middle of one, or what comes is none.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
    let mut head = [0; 8];
    match from.read(&mut head[..1]).await? {
        0 => return Ok(None),
        _ => from.read_exact(&mut head[1..]).await?,
    };
    let number = |at: usize| {
        let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
        u32::from_be_bytes(bytes)
    };
    let (channel, length) = (number(0), number(4) as usize);
    if length > MESSAGE_LIMIT {
        return Err(io::Error::other("what comes is no frame"));
    }
    let mut payload = BytesMut::zeroed(length);
    from.read_exact(&mut payload).await?;
    Ok(Some(Frame {
        channel,
        payload: payload.freeze(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_cut_off_or_no_frame_is_an_error() {
        let whole = encode(7, b"seven");
        assert!(read(&mut &whole[..9]).await.is_err());
        assert!(read(&mut &whole[..3]).await.is_err());
        assert!(read(&mut &b"HTTP/1.1 200 OK\r\n"[..]).await.is_err());
        assert_eq!(read(&mut &b""[..]).await.unwrap(), None);
    }

    #[tokio::test]
    async fn frames_come_as_they_were_sent() {
        let sent = [encode(7, b"seven"), encode(8, b"")].concat();
        let mut from = &sent[..];
        let frame = read(&mut from).await.unwrap().unwrap();
        assert_eq!((frame.channel, &frame.payload[..]), (7, &b"seven"[..]));
        let frame = read(&mut from).await.unwrap().unwrap();
        assert_eq!((frame.channel, &frame.payload[..]), (8, &b""[..]));
    }
}
