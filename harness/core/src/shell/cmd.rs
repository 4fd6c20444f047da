//! Reads cmd.

use super::script::{Dialect, Script};

pub(super) fn parse(_text: &str) -> Script {
    Script {
        dialect: Dialect::Cmd,
        commands: Vec::new(),
        regions: Vec::new(),
        continuations: Vec::new(),
        problems: Vec::new(),
    }
}
