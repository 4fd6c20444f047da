//! What scenarios require and docproof does not bring along: whether this machine has it.

use docproof_core::scenario::Requirement;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Why this machine cannot run what requires this, if it cannot.
pub fn lacking(requirement: Requirement) -> Option<String> {
    let has = match requirement {
        Requirement::Pwsh => pwsh().is_some(),
        Requirement::AzPowershell => has_az_modules(),
    };
    match requirement {
        _ if !has => Some(requirement.lacking().to_owned()),
        // Said here, so that no walkthrough passes of which nothing ran.
        Requirement::Pwsh => Some("docproof cannot type into pwsh yet".to_owned()),
        Requirement::AzPowershell => None,
    }
}

/// The `pwsh` on PATH.
pub fn pwsh() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("pwsh"))
        .find(|program| program.is_file())
}

fn has_az_modules() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let Some(pwsh) = pwsh() else {
            return false;
        };
        let ask = "if (Get-Module -ListAvailable Az.Accounts) { exit 0 } else { exit 1 }";
        duct::cmd(pwsh, ["-NoProfile", "-NonInteractive", "-Command", ask])
            .stdin_null()
            .stdout_null()
            .stderr_null()
            .unchecked()
            .run()
            .is_ok_and(|ended| ended.status.success())
    })
}
