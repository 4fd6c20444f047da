//! What a name can name, and what Azure lets such a thing be called: [`NameKind`].
//!
//! The rules are those of "Naming rules and restrictions for Azure resources" in Azure's
//! documentation.

/// The kinds of thing that a hard-coded name can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A container app.
    ContainerApp,
    /// The environment that container apps run in.
    ContainerAppEnvironment,
    /// A container group of Container Instances.
    ContainerGroup,
    /// A container registry: alone in the world.
    ContainerRegistry,
    /// A label in front of a region's domain: alone in the region.
    DnsLabel,
    /// A vault: alone in the world, its deleted namesakes counted.
    KeyVault,
    /// A workspace of Log Analytics.
    LogAnalyticsWorkspace,
    /// A user-assigned identity.
    ManagedIdentity,
    /// A resource group.
    ResourceGroup,
    /// A storage account: alone in the world.
    StorageAccount,
}

/// What a name of some kind may look like.
struct Rules {
    least: usize,
    most: usize,
    /// Whether capital letters are allowed.
    capitals: bool,
    /// What is allowed beside letters and digits.
    others: &'static [char],
    begins_with_letter: bool,
    /// What it must not end with, of what is allowed.
    no_end: &'static [char],
    double_hyphen: bool,
}

impl NameKind {
    /// All of them.
    pub const ALL: [NameKind; 10] = [
        Self::ContainerApp,
        Self::ContainerAppEnvironment,
        Self::ContainerGroup,
        Self::ContainerRegistry,
        Self::DnsLabel,
        Self::KeyVault,
        Self::LogAnalyticsWorkspace,
        Self::ManagedIdentity,
        Self::ResourceGroup,
        Self::StorageAccount,
    ];

    /// As a scenario calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ContainerApp => "container-app",
            Self::ContainerAppEnvironment => "container-app-environment",
            Self::ContainerGroup => "container-group",
            Self::ContainerRegistry => "container-registry",
            Self::DnsLabel => "dns-label",
            Self::KeyVault => "key-vault",
            Self::LogAnalyticsWorkspace => "log-analytics-workspace",
            Self::ManagedIdentity => "managed-identity",
            Self::ResourceGroup => "resource-group",
            Self::StorageAccount => "storage-account",
        }
    }

    /// The kind that a scenario calls so.
    pub fn named(name: &str) -> Option<NameKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether Azure takes such a name for a thing of this kind.
    pub fn allows(self, name: &str) -> bool {
        let rules = self.rules();
        let allowed = |c: char| {
            c.is_ascii_lowercase()
                || c.is_ascii_digit()
                || (rules.capitals && c.is_ascii_uppercase())
                || rules.others.contains(&c)
        };
        (rules.least..=rules.most).contains(&name.len())
            && name.chars().all(allowed)
            && name.starts_with(|c: char| {
                c.is_ascii_alphabetic()
                    || (!rules.begins_with_letter
                        && (c.is_ascii_digit() || matches!(self, Self::ResourceGroup)))
            })
            && !name.ends_with(rules.no_end)
            && (rules.double_hyphen || !name.contains("--"))
    }

    /// The longest name.
    pub(super) fn most(self) -> usize {
        self.rules().most
    }

    /// What stands between the parts of a name.
    pub(super) fn separator(self) -> &'static str {
        if self.rules().others.contains(&'-') {
            "-"
        } else {
            ""
        }
    }

    /// Whether Azure makes further names of one with `--` behind it: revisions and replicas.
    pub(super) fn has_derived_names(self) -> bool {
        self == Self::ContainerApp
    }

    fn rules(self) -> Rules {
        let rules = |least, most| Rules {
            least,
            most,
            capitals: false,
            others: &['-'],
            begins_with_letter: false,
            no_end: &['-'],
            double_hyphen: false,
        };
        match self {
            Self::ContainerApp => Rules {
                begins_with_letter: true,
                ..rules(2, 32)
            },
            Self::ContainerAppEnvironment => Rules {
                begins_with_letter: true,
                capitals: true,
                ..rules(2, 60)
            },
            Self::ContainerGroup => rules(1, 63),
            Self::ContainerRegistry => Rules {
                capitals: true,
                others: &[],
                ..rules(5, 50)
            },
            Self::DnsLabel => Rules {
                begins_with_letter: true,
                double_hyphen: true,
                ..rules(3, 63)
            },
            Self::KeyVault => Rules {
                capitals: true,
                begins_with_letter: true,
                ..rules(3, 24)
            },
            Self::LogAnalyticsWorkspace => Rules {
                capitals: true,
                double_hyphen: true,
                ..rules(4, 63)
            },
            Self::ManagedIdentity => Rules {
                capitals: true,
                others: &['-', '_'],
                no_end: &[],
                double_hyphen: true,
                ..rules(3, 128)
            },
            Self::ResourceGroup => Rules {
                capitals: true,
                others: &['-', '_', '.', '(', ')'],
                no_end: &['.'],
                double_hyphen: true,
                ..rules(1, 90)
            },
            Self::StorageAccount => Rules {
                others: &[],
                ..rules(3, 24)
            },
        }
    }
}
