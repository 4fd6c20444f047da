//! The messages, as JSON.

use crate::Exchange;
use crate::workload::{ContainerSpec, ImageConfig, Mount, TokenEndpoint};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is said on the channel of messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Message {
    /// Somebody wants to know or to have done something.
    Ask {
        /// The number that the answer has.
        id: u64,
        /// What.
        question: Question,
    },
    /// What came of it.
    Answer {
        /// The question's number.
        id: u64,
        /// The answer, or why there is none.
        answer: Result<Answer, Refusal>,
    },
}

/// What one side wants of the other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// To the emulator: who it is.
    Hello,
    /// To the emulator: the requests since a mark.
    Requests {
        /// The mark.
        since: usize,
    },
    /// To the emulator: a container that it asked for is at these addresses. Asked before the
    /// container's first instruction.
    At {
        /// The number that the emulator gave the container.
        container: u32,
        /// Its addresses.
        addresses: Vec<IpAddr>,
    },
    /// To the emulator: a container's command has ended.
    Exited {
        /// The container.
        container: u32,
        /// 128 + n for signal n.
        exit_code: i32,
    },
    /// To whoever has the reader's files: write one.
    Write {
        /// Where.
        path: String,
        /// What, in base64.
        content: String,
    },
    /// To whoever has the reader's files: what is in one.
    Read {
        /// Where.
        path: String,
    },
    /// To whoever has the reader's files: make the pipes `control` and `status`.
    Pipes {
        /// Where.
        folder: String,
    },
    /// From the emulator: start a container.
    Start(Box<RemoteContainer>),
    /// From the emulator: stop a container, and leave nothing of it.
    Stop {
        /// The container.
        container: u32,
    },
    /// From the emulator: run a command on a terminal in a container.
    Exec {
        /// The container.
        container: u32,
        /// The command and its arguments.
        command: Vec<String>,
        /// Width of the terminal, in characters.
        columns: u16,
        /// Height of the terminal, in lines.
        rows: u16,
        /// The channel of what is typed and printed.
        channel: u32,
    },
}

/// A question that came, to be answered.
#[derive(Debug)]
pub struct Asked {
    /// Its number.
    pub(super) id: u64,
    /// What is asked.
    pub question: Question,
}

/// What came of a question.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is done.
    Done,
    /// Who the emulator is.
    Hello(Hello),
    /// Requests.
    Requests(Vec<Exchange>),
    /// Bytes come on this channel, or go both ways.
    Channel(u32),
}

/// Who an emulator is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// The certificate that clients must trust, as PEM.
    pub certificate_authority: String,
    /// The version of docproof that it was built from.
    pub version: String,
}

/// A container to be started.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemoteContainer {
    /// The number that both sides know it by.
    pub container: u32,
    /// The container's name.
    pub name: String,
    /// The image as the command names it.
    pub image: String,
    /// The command and its arguments; empty for the image's own.
    pub command: Vec<String>,
    /// Environment variables, secure ones included.
    pub environment: Vec<(String, String)>,
    /// The host's name, if the service gives one.
    pub hostname: Option<String>,
    /// Where the container finds tokens.
    pub tokens: TokenEndpoint,
    /// Folders of small files.
    pub mounts: Vec<Mount>,
    /// The image itself, if a registry of the emulator has it.
    pub files: Option<Files>,
    /// The channel that its output comes back on.
    pub log: u32,
}

/// An image that the emulator sends.
#[derive(Debug, Serialize, Deserialize)]
pub struct Files {
    /// The image as it was asked for.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
    /// How it is to be run.
    pub config: ImageConfig,
    /// Its layers, lowest first.
    pub layers: Vec<Layer>,
}

/// A layer, whose bytes come on a channel.
#[derive(Debug, Serialize, Deserialize)]
pub struct Layer {
    /// Its digest.
    pub digest: String,
    /// The channel.
    pub channel: u32,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The image is not there, and no registry that could have it can be asked.
    ImageNotAvailable(String),
    /// Its registry says that there is no such image.
    ImageNotFound(String),
    /// The engine does not have something that is needed.
    Unsupported(String),
    /// The engine refused.
    Environment(String),
}

impl RemoteContainer {
    /// What is asked for, without the image itself.
    pub(super) fn new(spec: &ContainerSpec, container: u32, log: u32) -> Self {
        Self {
            container,
            name: spec.name.clone(),
            image: spec.image.clone(),
            command: spec.command.clone(),
            environment: spec.environment.clone(),
            hostname: spec.hostname.clone(),
            tokens: spec.tokens,
            mounts: spec.mounts.clone(),
            files: None,
            log,
        }
    }
}
