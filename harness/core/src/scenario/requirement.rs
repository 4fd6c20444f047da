//! What a machine must have for a walkthrough beside `az`: [`Requirement`].

/// Something that docproof does not bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// PowerShell 7: `pwsh`.
    Pwsh,
    /// The Az modules of PowerShell.
    AzPowershell,
    /// A program that articles call, one of [`PROGRAMS`].
    Program(&'static str),
}

/// Programs that articles call and that a machine may lack. What every shell has (`curl`, `jq`,
/// `openssl`) is not among them: a block that calls those is run, and fails where one is missing.
pub const PROGRAMS: [&str; 53] = [
    "apt",
    "apt-get",
    "azd",
    "bicep",
    "brew",
    "buildah",
    "choco",
    "code",
    "cosign",
    "dnf",
    "docker",
    "dotnet",
    "func",
    "git",
    "go",
    "gradle",
    "helm",
    "istioctl",
    "java",
    "kind",
    "kubectl",
    "kubelogin",
    "kustomize",
    "make",
    "minikube",
    "mvn",
    "nano",
    "node",
    "notation",
    "notepad",
    "npm",
    "npx",
    "oras",
    "php",
    "pip",
    "pip3",
    "podman",
    "psql",
    "pulumi",
    "ruby",
    "scp",
    "skopeo",
    "sqlcmd",
    "ssh",
    "sudo",
    "tdnf",
    "terraform",
    "tofu",
    "trivy",
    "vi",
    "vim",
    "yum",
    "zip",
];

impl Requirement {
    /// All that are no programs.
    pub const ALL: [Self; 2] = [Self::Pwsh, Self::AzPowershell];

    /// Its name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pwsh => "pwsh",
            Self::AzPowershell => "az-powershell",
            Self::Program(name) => name,
        }
    }

    /// The requirement of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|known| known.name() == name)
            .or_else(|| Self::program(name))
    }

    /// The program of this name, if it is one that machines may lack.
    pub fn program(name: &str) -> Option<Self> {
        let known = PROGRAMS.into_iter().find(|known| *known == name);
        known.map(Self::Program)
    }

    /// What a report says of a machine without it.
    pub fn lacking(self) -> String {
        match self {
            Self::Pwsh => "pwsh is not installed".to_owned(),
            Self::AzPowershell => "the Az modules of PowerShell are not installed".to_owned(),
            Self::Program(name) => format!("{name} is not installed"),
        }
    }
}
