//! Why a sandbox could not be made or used, and what the machine's owner can change.

use super::wire::Failure;
use super::{Sandbox, SandboxConfig};
use std::fs;
use std::io;

/// Why a sandbox could not do something.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel refused a step of making the sandbox.
    #[error("the sandbox could not be made: {0}")]
    Refused(#[from] Refusal),
    /// A command could not be started, or a terminal opened.
    #[error("could not {step}: {}", reason(*.errno))]
    Command {
        /// What was tried, as a verb phrase.
        step: String,
        /// The kernel's reason.
        errno: i32,
    },
    /// The sandbox ended while it was asked.
    #[error("the sandbox has ended")]
    Ended,
    /// The helper could not be started or reached.
    #[error("the sandbox's helper could not be reached: {0}")]
    Helper(#[source] io::Error),
}

impl SandboxError {
    /// What can be done about it.
    pub fn help(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.help().to_owned(),
            Self::Command { .. } => "check that the program exists on this machine".to_owned(),
            Self::Ended => "look for the out-of-memory killer in the system's log".to_owned(),
            Self::Helper(_) => {
                "the program must call `sandbox::enter_if_helper` first in its `main`".to_owned()
            }
        }
    }

    pub(super) fn command(failure: Failure) -> Self {
        Self::Command {
            step: failure.step,
            errno: failure.errno,
        }
    }
}

/// A step of making a sandbox that this machine refuses.
#[derive(Debug, Clone, thiserror::Error)]
#[error("could not {step}: {}{}", reason(*.errno), cause(.setting.as_deref()))]
pub struct Refusal {
    /// What was tried, as a verb phrase.
    pub step: String,
    /// The kernel's reason; 0 if there is none.
    pub errno: i32,
    /// The setting that refuses, where it is known, as `name=value`.
    pub setting: Option<String>,
    help: String,
}

impl Refusal {
    /// What to change, or what else can be done.
    pub fn help(&self) -> &str {
        &self.help
    }

    pub(super) fn new(failure: Failure) -> Self {
        diagnose(failure, |path| fs::read_to_string(path).ok())
    }
}

/// Whether this machine can make a sandbox: makes one and drops it.
///
/// # Errors
/// The step that is refused, with the setting that refuses it.
pub fn probe() -> Result<(), Refusal> {
    let environment = |error: io::Error| {
        let errno = error.raw_os_error().unwrap_or(0);
        Refusal::new(Failure {
            step: "make a temporary folder".into(),
            errno,
        })
    };
    let folder = tempfile::tempdir().map_err(environment)?;
    let writable = folder.path().to_owned();
    match Sandbox::open(&SandboxConfig {
        writable,
        ..SandboxConfig::default()
    }) {
        Ok(_) => Ok(()),
        Err(SandboxError::Refused(refusal)) => Err(refusal),
        Err(other) => Err(Refusal {
            step: "start the sandbox's helper".into(),
            errno: 0,
            setting: None,
            help: format!("{other}: {}", other.help()),
        }),
    }
}

fn reason(errno: i32) -> String {
    if errno == 0 {
        "no reason given".into()
    } else {
        nix::errno::Errno::from_raw(errno).desc().into()
    }
}

fn cause(setting: Option<&str>) -> String {
    setting
        .map(|setting| format!(" ({setting})"))
        .unwrap_or_default()
}

/// A kernel setting that refuses namespaces.
struct Setting {
    name: &'static str,
    path: &'static str,
    refuses_at: &'static str,
    change: &'static str,
}

/// Debian's and Arch's switch, the limit of every kernel, and Ubuntu's since 24.04.
const SETTINGS: [Setting; 4] = [
    Setting {
        name: "kernel.unprivileged_userns_clone",
        path: "/proc/sys/kernel/unprivileged_userns_clone",
        refuses_at: "0",
        change: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    },
    Setting {
        name: "user.max_user_namespaces",
        path: "/proc/sys/user/max_user_namespaces",
        refuses_at: "0",
        change: "sudo sysctl -w user.max_user_namespaces=15000",
    },
    Setting {
        name: "user.max_net_namespaces",
        path: "/proc/sys/user/max_net_namespaces",
        refuses_at: "0",
        change: "sudo sysctl -w user.max_net_namespaces=15000",
    },
    Setting {
        name: "kernel.apparmor_restrict_unprivileged_userns",
        path: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        refuses_at: "1",
        change: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 \
                 (or an AppArmor profile with `userns,` for this program)",
    },
];

/// Finds out which setting refuses a step. `read` gives a file of `/proc`.
fn diagnose(failure: Failure, read: impl Fn(&str) -> Option<String>) -> Refusal {
    let Failure { step, errno } = failure;
    let found = SETTINGS
        .iter()
        .find(|setting| read(setting.path).is_some_and(|v| v.trim() == setting.refuses_at));
    if let Some(setting) = found {
        return Refusal {
            step,
            errno,
            setting: Some(format!("{}={}", setting.name, setting.refuses_at)),
            help: format!("run: {}", setting.change),
        };
    }
    let status = read("/proc/self/status").unwrap_or_default();
    let filtered = status.lines().any(|line| {
        line.strip_prefix("Seccomp:")
            .is_some_and(|mode| mode.trim() == "2")
    });
    let proc_covered = step == "mount a new /proc";
    let (setting, help) = match (filtered, proc_covered) {
        (_, true) => (
            None,
            "this container covers parts of /proc: start it with \
             `--security-opt systempaths=unconfined`, or run outside of it",
        ),
        (true, false) => (
            Some("seccomp filter of this container".to_owned()),
            "start the container with `--security-opt seccomp=unconfined` (and \
             `--security-opt systempaths=unconfined`), or run outside of it",
        ),
        (false, false) => (
            None,
            "see user_namespaces(7): a security module, a chroot or a container may refuse this",
        ),
    };
    Refusal {
        step,
        errno,
        setting,
        help: help.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &'static str, value: &'static str, step: &str) -> Refusal {
        let failure = Failure {
            step: step.into(),
            errno: libc::EPERM,
        };
        diagnose(failure, |asked| (asked == path).then(|| value.to_owned()))
    }

    #[test]
    fn each_setting_is_named_with_what_to_change() {
        for setting in &SETTINGS {
            let refusal = told(setting.path, setting.refuses_at, "make a user namespace");
            let message = refusal.to_string();
            assert!(
                message.starts_with("could not make a user namespace: "),
                "{message}"
            );
            assert!(message.contains(setting.name), "{message}");
            assert!(refusal.help().contains(setting.name));
        }
    }

    #[test]
    fn a_setting_that_allows_is_not_blamed() {
        let path = "/proc/sys/kernel/unprivileged_userns_clone";
        assert_eq!(told(path, "1\n", "make a user namespace").setting, None);
    }

    #[test]
    fn a_container_is_told_by_its_filter() {
        let refusal = told(
            "/proc/self/status",
            "Name:\tx\nSeccomp:\t2\n",
            "make a user namespace",
        );
        assert!(refusal.to_string().contains("seccomp"));
        let refusal = told("/proc/self/status", "Seccomp:\t2\n", "mount a new /proc");
        assert!(refusal.help().contains("systempaths"));
    }
}
