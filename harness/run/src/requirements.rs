//! What scenarios require and docproof does not bring along: whether this machine has it, and whether
//! what runs in a sealed place can use it.

use docproof_core::scenario::Requirement;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Why this machine cannot run what requires this, if it cannot.
pub fn lacking(requirement: Requirement) -> Option<String> {
    let has = match requirement {
        Requirement::Pwsh => pwsh().is_some(),
        Requirement::AzPowershell => has_az_modules(),
        Requirement::Program(name) => program(name).is_some(),
    };
    match requirement {
        _ if !has => Some(requirement.lacking()),
        // Said here, so that no walkthrough passes of which nothing ran.
        Requirement::Pwsh => Some("docproof cannot type into pwsh yet".to_owned()),
        Requirement::AzPowershell | Requirement::Program(_) => None,
    }
}

/// The same for a sandbox or container of this machine, whose network ends at the emulator: what a
/// program there cannot do is told of the program, and never comes out as a failure of the article.
pub fn lacking_sealed(requirement: Requirement) -> Option<String> {
    let Requirement::Program(name) = requirement else {
        return lacking(requirement);
    };
    let reason = match name {
        "docker" | "podman" | "buildah" => {
            "needs a container engine, which a sealed sandbox has not"
        }
        "ssh" | "scp" => "needs a machine to sign in to, and there is none",
        "sudo" | "apt" | "apt-get" | "dnf" | "tdnf" | "yum" => {
            "installs or changes software, and nothing runs as root in a sandbox"
        }
        "brew" | "choco" => "installs software on the reader's machine",
        "code" | "nano" | "vi" | "vim" | "notepad" => {
            "opens an editor, and nobody is there to write"
        }
        "zip" | "make" => return lacking(requirement),
        _ => match lacking(requirement) {
            Some(reason) => return Some(reason),
            None => "reaches beyond Azure, and a sealed sandbox does not",
        },
    };
    Some(format!("`{name}` {reason}"))
}

/// The `pwsh` on PATH.
pub fn pwsh() -> Option<PathBuf> {
    program("pwsh")
}

/// The program of this name on PATH.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
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
