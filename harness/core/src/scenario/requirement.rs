//! What a machine must have for a walkthrough beside `az`: [`Requirement`].

/// Something that docproof does not bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// PowerShell 7: `pwsh`.
    Pwsh,
    /// The Az modules of PowerShell.
    AzPowershell,
}

impl Requirement {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Pwsh, Self::AzPowershell];

    /// Its name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pwsh => "pwsh",
            Self::AzPowershell => "az-powershell",
        }
    }

    /// The requirement of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// What a report says of a machine without it.
    pub fn lacking(self) -> &'static str {
        match self {
            Self::Pwsh => "pwsh is not installed",
            Self::AzPowershell => "the Az modules of PowerShell are not installed",
        }
    }
}
