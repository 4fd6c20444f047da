//! The Python that the pinned `az` is installed on: [`choose`].

use super::AzError;
use super::environment::AzEnvironment;
use super::probe::{Interpreter, Probe};

/// The first Python on PATH that azure-cli can run on; with `venv`, one that can also make virtual
/// environments by itself, which only matters where there is no uv.
pub(super) fn choose(environment: &AzEnvironment, venv: bool) -> Result<Probe, AzError> {
    let mut tried = Vec::new();
    let mut too_old: Option<Probe> = None;
    let mut bare = None;
    for name in &environment.pythons {
        for program in environment.programs(name) {
            let real = program.canonicalize().unwrap_or_else(|_| program.clone());
            if tried.contains(&real) {
                continue;
            }
            tried.push(real);
            // One that cannot answer, such as a shim without a version, is as good as none.
            let Ok(probe) = Interpreter::plain(program).probe(environment) else {
                continue;
            };
            if !probe.is_new_enough() {
                if too_old
                    .as_ref()
                    .is_none_or(|old| old.version < probe.version)
                {
                    too_old = Some(probe);
                }
            } else if venv && !probe.venv {
                bare.get_or_insert(probe.executable);
            } else {
                return Ok(probe);
            }
        }
    }
    Err(match bare {
        Some(python) => AzError::NoVenv { python },
        None => AzError::NoPython {
            found: too_old.map(|probe| probe.version_name()),
        },
    })
}
