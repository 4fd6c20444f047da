//! [`Link`]: one end of the connection. Questions are answered in any order.

use super::message::{Answer, Asked, Message, Question, Refusal};
use super::wire::{self, LIMIT, MESSAGES};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::sync::{mpsc, oneshot, watch};

/// How many frames may wait to be sent.
const BACKLOG: usize = 64;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The other side is gone.
    #[error("the connection has ended")]
    Ended,
    /// The other side refused.
    #[error("{0:?}")]
    Refused(Refusal),
}

/// One end of the connection. Clones are the same end.
#[derive(Debug, Clone)]
pub struct Link {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    out: mpsc::Sender<Vec<u8>>,
    questions: AtomicU64,
    channels: AtomicU32,
    state: Mutex<State>,
    ended: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<u64, oneshot::Sender<Result<Answer, Refusal>>>,
    open: HashMap<u32, Incoming>,
}

/// The bytes of a channel: whoever takes them, or what came before somebody did.
#[derive(Debug)]
enum Incoming {
    Taken(mpsc::UnboundedSender<Bytes>),
    Waiting(mpsc::UnboundedSender<Bytes>, mpsc::UnboundedReceiver<Bytes>),
}

impl Link {
    /// Takes a connection over. The questions of the other side come out of the second part, until
    /// the connection ends. Needs a tokio runtime.
    pub fn open(
        reader: impl AsyncRead + Send + Unpin + 'static,
        mut writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> (Self, mpsc::UnboundedReceiver<Asked>) {
        let (out, mut frames) = mpsc::channel::<Vec<u8>>(BACKLOG);
        let (asked, questions) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            out,
            questions: AtomicU64::new(1),
            channels: AtomicU32::new(1),
            state: Mutex::default(),
            ended: watch::Sender::new(false),
        });
        let ended = Arc::downgrade(&shared);
        tokio::spawn(async move {
            while let Some(frame) = frames.recv().await {
                if writer.write_all(&frame).await.is_err() || writer.flush().await.is_err() {
                    break;
                }
            }
            if let Some(shared) = ended.upgrade() {
                shared.end();
            }
        });
        tokio::spawn(receive(reader, Arc::clone(&shared), asked));
        (Self { shared }, questions)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn ask(&self, question: Question) -> Result<Answer, LinkError> {
        let id = self.shared.questions.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.shared.state().waiting.insert(id, sender);
        self.say(&Message::Ask { id, question }).await?;
        match receiver.await {
            Ok(answer) => answer.map_err(LinkError::Refused),
            Err(_) => Err(LinkError::Ended),
        }
    }

    /// Answers what was asked.
    ///
    /// # Errors
    /// [`LinkError::Ended`].
    pub async fn answer(
        &self,
        asked: &Asked,
        answer: Result<Answer, Refusal>,
    ) -> Result<(), LinkError> {
        let id = asked.id;
        self.say(&Message::Answer { id, answer }).await
    }

    /// The number of a channel that nobody has. Only who is driven makes channels.
    pub fn new_channel(&self) -> u32 {
        self.shared.channels.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends bytes on a channel.
    ///
    /// # Errors
    /// [`LinkError::Ended`].
    pub async fn send(&self, channel: u32, bytes: &[u8]) -> Result<(), LinkError> {
        for part in bytes.chunks(LIMIT) {
            self.frame(channel, part).await?;
        }
        Ok(())
    }

    /// Says that nothing more comes on a channel.
    ///
    /// # Errors
    /// [`LinkError::Ended`].
    pub async fn finish(&self, channel: u32) -> Result<(), LinkError> {
        self.frame(channel, b"").await
    }

    /// What comes on a channel, from its beginning; an empty piece is its end.
    pub fn receiver(&self, channel: u32) -> mpsc::UnboundedReceiver<Bytes> {
        let mut state = self.shared.state();
        if let Some(Incoming::Waiting(sender, receiver)) = state.open.remove(&channel) {
            state.open.insert(channel, Incoming::Taken(sender));
            return receiver;
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        // Where the connection has ended, nothing comes.
        if !*self.shared.ended.borrow() {
            state.open.insert(channel, Incoming::Taken(sender));
        }
        receiver
    }

    /// Everything that comes on a channel up to its end.
    ///
    /// # Errors
    /// [`LinkError::Ended`].
    pub async fn whole(&self, channel: u32) -> Result<Vec<u8>, LinkError> {
        let mut receiver = self.receiver(channel);
        let mut all = Vec::new();
        loop {
            match receiver.recv().await {
                None => return Err(LinkError::Ended),
                Some(bytes) if bytes.is_empty() => break,
                Some(bytes) => all.extend_from_slice(&bytes),
            }
        }
        self.forget(channel);
        Ok(all)
    }

    /// A channel as a stream in both directions: what is written is sent, and what comes can be
    /// read. Dropping it ends the channel.
    pub fn stream(&self, channel: u32) -> DuplexStream {
        let (near, far) = tokio::io::duplex(LIMIT);
        let (mut from_far, mut to_far) = tokio::io::split(far);
        let mut receiver = self.receiver(channel);
        let link = self.clone();
        tokio::spawn(async move {
            let mut part = vec![0; LIMIT];
            while let Ok(length @ 1..) = from_far.read(&mut part).await {
                if link.send(channel, &part[..length]).await.is_err() {
                    return;
                }
            }
            let _ = link.finish(channel).await;
        });
        let link = self.clone();
        tokio::spawn(async move {
            while let Some(bytes) = receiver.recv().await {
                if bytes.is_empty() || to_far.write_all(&bytes).await.is_err() {
                    break;
                }
            }
            let _ = to_far.shutdown().await;
            link.forget(channel);
        });
        near
    }

    /// Waits until the other side is gone.
    pub async fn ended(&self) {
        let mut ended = self.shared.ended.subscribe();
        let _ = ended.wait_for(|ended| *ended).await;
    }

    fn forget(&self, channel: u32) {
        self.shared.state().open.remove(&channel);
    }

    async fn say(&self, message: &Message) -> Result<(), LinkError> {
        let text = serde_json::to_vec(message).map_err(|_| LinkError::Ended)?;
        // Never in parts: a message is read as a whole.
        self.frame(MESSAGES, &text).await
    }

    async fn frame(&self, channel: u32, payload: &[u8]) -> Result<(), LinkError> {
        if *self.shared.ended.borrow() {
            return Err(LinkError::Ended);
        }
        let frame = wire::encode(channel, payload);
        let sent = self.shared.out.send(frame).await;
        sent.map_err(|_| LinkError::Ended)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody gets an answer any more.
    fn end(&self) {
        self.ended.send_replace(true);
        let mut state = self.state();
        state.waiting.clear();
        state.open.clear();
    }
}

/// Reads until the connection ends.
async fn receive(
    mut reader: impl AsyncRead + Unpin,
    shared: Arc<Shared>,
    asked: mpsc::UnboundedSender<Asked>,
) {
    while let Ok(Some(frame)) = wire::read(&mut reader).await {
        if frame.channel != MESSAGES {
            let mut state = shared.state();
            let incoming = state.open.entry(frame.channel).or_insert_with(|| {
                let (sender, receiver) = mpsc::unbounded_channel();
                Incoming::Waiting(sender, receiver)
            });
            let (Incoming::Taken(sender) | Incoming::Waiting(sender, _)) = incoming;
            // Nobody listens any more; the other side will learn it by the channel's end.
            let _ = sender.send(frame.payload);
            continue;
        }
        match serde_json::from_slice(&frame.payload) {
            Ok(Message::Ask { id, question }) => {
                let _ = asked.send(Asked { id, question });
            }
            Ok(Message::Answer { id, answer }) => {
                if let Some(waiting) = shared.state().waiting.remove(&id) {
                    let _ = waiting.send(answer);
                }
            }
            Err(_) => break,
        }
    }
    shared.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (
        (Link, mpsc::UnboundedReceiver<Asked>),
        (Link, mpsc::UnboundedReceiver<Asked>),
    ) {
        let (one, other) = tokio::io::duplex(1024);
        let (reader, writer) = tokio::io::split(one);
        let first = Link::open(reader, writer);
        let (reader, writer) = tokio::io::split(other);
        (first, Link::open(reader, writer))
    }

    #[tokio::test]
    async fn who_waits_learns_that_the_other_side_is_gone() {
        let (one, other) = tokio::io::duplex(1024);
        let (reader, writer) = tokio::io::split(one);
        let (link, _asked) = Link::open(reader, writer);
        let waiting = tokio::spawn({
            let link = link.clone();
            async move { link.ask(Question::Hello).await }
        });
        drop(other);
        assert_eq!(waiting.await.unwrap().unwrap_err(), LinkError::Ended);
        link.ended().await;
        assert_eq!(link.whole(3).await.unwrap_err(), LinkError::Ended);
    }

    #[tokio::test]
    async fn answers_come_to_those_who_asked_and_bytes_on_their_channels() {
        let ((emulator, _none), (agent, mut asked)) = pair();
        let (layer, other) = (emulator.new_channel(), emulator.new_channel());
        let big = vec![7_u8; 300_000];
        let sending = tokio::spawn({
            let (emulator, big) = (emulator.clone(), big.clone());
            async move {
                emulator.send(layer, &big).await.unwrap();
                emulator.send(other, b"other").await.unwrap();
                emulator.finish(layer).await.unwrap();
            }
        });
        let refused = emulator.ask(Question::Stop { container: 9 });
        let answering = async {
            let question = asked.recv().await.unwrap();
            assert!(matches!(question.question, Question::Stop { container: 9 }));
            let refusal = Refusal::Unsupported("x".into());
            agent.answer(&question, Err(refusal.clone())).await.unwrap();
            refusal
        };
        let (refused, refusal) = tokio::join!(refused, answering);
        assert_eq!(refused.unwrap_err(), LinkError::Refused(refusal));
        assert_eq!(agent.whole(layer).await.unwrap(), big);
        sending.await.unwrap();
    }
}
