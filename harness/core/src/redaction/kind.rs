//! What is tracked: [`Kind`].

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What gives access to something.
    Secret,
    /// A subscription's id.
    Subscription,
    /// A tenant's id.
    Tenant,
    /// The object id of a user, a service principal, a managed identity.
    Principal,
    /// The client id of an application or a managed identity.
    Client,
    /// The name that somebody signs in with.
    Account,
}

impl Kind {
    /// Whether it tells who or where, and gives no access.
    pub fn is_id(self) -> bool {
        self != Self::Secret
    }

    /// What stands in place of the `number`-th such value, from 1.
    pub(super) fn mask(self, number: usize) -> String {
        let name = match self {
            Self::Secret => return "***".to_owned(),
            Self::Subscription => "subscription-id",
            Self::Tenant => "tenant-id",
            Self::Principal => "object-id",
            Self::Client => "client-id",
            Self::Account => "account",
        };
        match number {
            1 => format!("<{name}>"),
            _ => format!("<{name}-{number}>"),
        }
    }
}

/// What became of a value that a tracker was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracked {
    /// It is replaced from now on.
    Yes,
    /// It was already, or is an id and ids are shown.
    Already,
    /// It is public: the article says it.
    Public,
    /// It is so short that replacing it would leave nothing readable.
    TooShort,
}
