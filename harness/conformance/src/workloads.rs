//! Containers that run nothing ([`Still`]): a replay compares answers, and no recording says what
//! its programs did.

use crate::recording::Recording;
use docproof_emulator::Emulator;
use docproof_emulator::workload::{
    Container, ContainerSpec, ContainerState, Terminal, WorkloadError, Workloads,
};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;

/// The runtime. What the programs of a recording did is part of the recording.
#[derive(Debug, Clone, Default)]
pub struct Still {
    /// By the container's name: what it printed, and how it ended.
    programs: BTreeMap<String, (String, Option<i32>)>,
}

impl Still {
    /// A runtime whose programs do what those of the recording did.
    pub(crate) fn of(recording: &Recording) -> Self {
        let mut still = Self::default();
        for exchange in &recording.exchanges {
            let path: Vec<&str> = exchange.path().split('/').collect();
            if let [.., "containers", name, "logs"] = path.as_slice()
                && let Some(log) = exchange.response["content"].as_str()
            {
                log.clone_into(&mut still.programs.entry((*name).to_owned()).or_default().0);
            }
            let containers = exchange.response.pointer("/properties/containers");
            for container in containers.and_then(Value::as_array).into_iter().flatten() {
                let state = container.pointer("/properties/instanceView/currentState");
                let code = state.and_then(|state| state["exitCode"].as_i64());
                let code = code.and_then(|code| i32::try_from(code).ok());
                if let (Some(name), Some(code)) = (container["name"].as_str(), code) {
                    still.programs.entry(name.to_owned()).or_default().1 = Some(code);
                }
            }
        }
        still
    }
}

/// A container.
struct Standing {
    log: Vec<u8>,
    exit_code: Option<i32>,
}

impl Workloads for Still {
    fn start<'a>(
        &'a self,
        _emulator: Emulator,
        spec: ContainerSpec,
    ) -> BoxFuture<'a, Result<Box<dyn Container>, WorkloadError>> {
        let (log, exit_code) = self.programs.get(&spec.name).cloned().unwrap_or_default();
        let log = log.into_bytes();
        let container = Box::new(Standing { log, exit_code }) as Box<dyn Container>;
        Box::pin(std::future::ready(Ok(container)))
    }
}

impl Container for Standing {
    fn state(&self) -> ContainerState {
        match self.exit_code {
            None => ContainerState::Running,
            Some(exit_code) => ContainerState::Terminated { exit_code },
        }
    }

    fn log(&self) -> Vec<u8> {
        self.log.clone()
    }

    fn exec<'a>(
        &'a self,
        _command: Vec<String>,
        _columns: u16,
        _rows: u16,
    ) -> BoxFuture<'a, Result<Terminal, WorkloadError>> {
        let refusal = "nothing runs in this container".to_owned();
        Box::pin(std::future::ready(Err(WorkloadError::Environment(refusal))))
    }

    fn stop<'a>(&'a self) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}
