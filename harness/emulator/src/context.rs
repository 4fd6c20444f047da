//! What every service shares: time, resources, people, tokens, permissions, workloads.

use crate::clock::Clock;
use crate::faults::FaultInjector;
use crate::identity::{Access, Directory, EndpointSecrets, Tokens};
use crate::store::Resources;
use crate::workload::Workloads;
use std::sync::Arc;

/// The one tenant and subscription of an emulator, and everything in it.
pub(crate) struct Context {
    /// The tenant's id.
    pub(crate) tenant: String,
    /// The subscription's id.
    pub(crate) subscription: String,
    /// The emulator's time.
    pub(crate) clock: Arc<Clock>,
    /// ARM resources, groups included, by id.
    pub(crate) resources: Resources,
    /// Users, service principals and managed identities.
    pub(crate) directory: Arc<Directory>,
    /// Signs and verifies tokens.
    pub(crate) tokens: Tokens,
    /// Role assignments, and what they allow.
    pub(crate) access: Access,
    /// What containers must send to their token endpoint, where that asks for a secret.
    pub(crate) endpoint_secrets: EndpointSecrets,
    /// What runs container groups and apps.
    pub(crate) workloads: Arc<dyn Workloads>,
    /// How long a long-running operation takes, in seconds of the emulator's clock; usually 0.
    pub(crate) operation_seconds: u64,
    /// How long changes take until they hold, and which requests fail.
    pub(crate) faults: Arc<FaultInjector>,
    /// The emulator itself, for sockets of new workloads.
    pub(crate) emulator: std::sync::OnceLock<crate::emulator::WeakEmulator>,
}

impl Context {
    /// When an operation that begins now is over, in seconds since 1970.
    pub(crate) fn operation_end(&self) -> i64 {
        self.clock
            .now()
            .as_second()
            .saturating_add_unsigned(self.operation_seconds)
    }

    /// Whether a time in seconds since 1970 is reached.
    pub(crate) fn is_reached(&self, time: i64) -> bool {
        time <= self.clock.now().as_second()
    }

    /// The emulator itself, unless it is ending.
    pub(crate) fn emulator(&self) -> Option<crate::emulator::Emulator> {
        self.emulator
            .get()
            .and_then(crate::emulator::WeakEmulator::upgrade)
    }
}
