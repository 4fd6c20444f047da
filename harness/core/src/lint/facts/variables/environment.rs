//! Variables that nobody has to set: [`is_known`].

use crate::shell::Dialect;

/// Whether a shell, the system it runs on, Azure or a well-known tool sets a variable.
pub fn is_known(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Bash => bash(name),
        Dialect::PowerShell => powershell(&name.to_lowercase()),
        Dialect::Cmd => cmd(&name.to_uppercase()),
    }
}

fn bash(name: &str) -> bool {
    let mut chars = name.chars();
    let plain = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    // `$1`, `$@`, `$?`, and what is no variable of bash at all (`${{ … }}` of a CI system).
    !plain || BASH.contains(&name) || everywhere(name)
}

fn everywhere(upper: &str) -> bool {
    EVERYWHERE.contains(&upper) || PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
}

fn powershell(lower: &str) -> bool {
    let unscoped = lower.split_once(':').map_or(lower, |(_, name)| name);
    // The environment of a reader holds what it holds.
    lower.starts_with("env:")
        || unscoped.is_empty()
        || unscoped.ends_with("preference")
        || POWERSHELL.contains(&unscoped)
        || !unscoped.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn cmd(upper: &str) -> bool {
    CMD.contains(&upper)
        || everywhere(upper)
        // `%1`, `%~dp0`, and `%i` of a `for`.
        || !upper.starts_with(|c: char| c.is_alphabetic() || c == '_')
        || upper.chars().count() == 1
}

const BASH: &[&str] = &[
    "_",
    "BASH",
    "BASHOPTS",
    "BASHPID",
    "BASH_SOURCE",
    "BASH_VERSION",
    "BASH_VERSINFO",
    "BASH_REMATCH",
    "BASH_LINENO",
    "BASH_COMMAND",
    "BASH_ENV",
    "COLUMNS",
    "COMP_WORDS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTFILE",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PIPESTATUS",
    "PPID",
    "PS1",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "UID",
];

/// What systems, Azure (in its shell, apps and containers) and well-known tools set.
const EVERYWHERE: &[&str] = &[
    "APPDATA",
    "COMPUTERNAME",
    "DISPLAY",
    "EDITOR",
    "GOBIN",
    "GOPATH",
    "GOROOT",
    "HOME",
    "HOSTNAME",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "JAVA_HOME",
    "KUBECONFIG",
    "LANG",
    "LC_ALL",
    "LOCALAPPDATA",
    "LOGNAME",
    "MAIL",
    "PATH",
    "PROGRAMFILES",
    "PWD",
    "PYTHONPATH",
    "SHELL",
    "SUDO_USER",
    "TERM",
    "TMP",
    "TMPDIR",
    "TEMP",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "VIRTUAL_ENV",
    "WINDIR",
];

const PREFIXES: &[&str] = &[
    "ACC_",
    "AZ_BATCH_",
    "AZUREPS_",
    "BUILD_",
    "CODESPACE",
    "CONTAINER_APP_",
    "FUNCTIONS_",
    "GITHUB_",
    "MSI_",
    "RUNNER_",
    "SSH_",
    "SYSTEM_",
    "WEBSITE_",
    "XDG_",
];

const POWERSHELL: &[&str] = &[
    "_",
    "args",
    "error",
    "event",
    "eventargs",
    "eventsubscriber",
    "executioncontext",
    "false",
    "foreach",
    "home",
    "host",
    "input",
    "iscoreclr",
    "islinux",
    "ismacos",
    "iswindows",
    "lastexitcode",
    "matches",
    "maximumhistorycount",
    "myinvocation",
    "nestedpromptlevel",
    "null",
    "ofs",
    "outputencoding",
    "pid",
    "profile",
    "psboundparameters",
    "pscmdlet",
    "pscommandpath",
    "psculture",
    "psdebugcontext",
    "psedition",
    "pshome",
    "psitem",
    "psscriptroot",
    "pssenderinfo",
    "psuiculture",
    "psversiontable",
    "pwd",
    "sender",
    "shellid",
    "stacktrace",
    "switch",
    "this",
    "true",
];

const CMD: &[&str] = &[
    "ALLUSERSPROFILE",
    "CD",
    "CMDCMDLINE",
    "COMSPEC",
    "DATE",
    "ERRORLEVEL",
    "HOMEDRIVE",
    "HOMEPATH",
    "NUMBER_OF_PROCESSORS",
    "OS",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES(X86)",
    "PROMPT",
    "PUBLIC",
    "RANDOM",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TIME",
    "USERDOMAIN",
];

#[cfg(test)]
mod tests {
    use super::is_known;
    use crate::shell::Dialect;

    #[test]
    fn what_shells_set_is_known() {
        for name in [
            "HOME",
            "RANDOM",
            "1",
            "@",
            "?",
            "IDENTITY_ENDPOINT",
            "MSI_SECRET",
        ] {
            assert!(is_known(Dialect::Bash, name), "{name}");
        }
        for name in [
            "_",
            "true",
            "PSScriptRoot",
            "env:ANY",
            "global:Error",
            "ErrorActionPreference",
        ] {
            assert!(is_known(Dialect::PowerShell, name), "{name}");
        }
        for name in ["errorlevel", "i", "1", "ProgramFiles(x86)"] {
            assert!(is_known(Dialect::Cmd, name), "{name}");
        }
    }

    #[test]
    fn what_articles_set_is_not() {
        for dialect in [Dialect::Bash, Dialect::PowerShell, Dialect::Cmd] {
            for name in ["RESOURCE_GROUP", "location", "env", "home_page"] {
                assert!(!is_known(dialect, name), "{name}");
            }
        }
        assert!(!is_known(Dialect::Bash, "true"));
        assert!(!is_known(Dialect::PowerShell, "script:name"));
    }
}
