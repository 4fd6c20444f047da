//! Why Azure may answer otherwise a little later: [`Cause`], and how long to wait for it
//! ([`Patience`]).
//!
//! Nothing is tried again blindly: only what Azure documents as passing, known by its own words, and
//! what propagates only if the walkthrough has made something that does.

use std::time::Duration;

/// Why the same command may pass a little later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// 429: too many requests.
    Throttled,
    /// 5xx.
    Unavailable,
    /// Another operation on the same resource goes on.
    Busy,
    /// A role that was given does not hold yet.
    Role,
    /// An access policy that was set does not hold yet.
    Policy,
    /// A new identity is not known everywhere yet.
    Identity,
    /// A new host name does not resolve yet.
    Name,
    /// What was deployed has not started yet.
    Starting,
    /// What a check looks at is still changing; told by no words.
    Settling,
}

/// Azure's words for each, in lower case.
const WORDS: [(Cause, &[&str]); 8] = [
    (
        Cause::Throttled,
        &[
            "(429)",
            "toomanyrequests",
            "too many requests",
            "(throttled)",
            "\"throttled\"",
            "requeststhrottled",
            "temporarily throttled",
        ],
    ),
    (
        Cause::Unavailable,
        &[
            "(servertimeout)",
            "service unavailable",
            "(serviceunavailable)",
            "\"serviceunavailable\"",
            "(internalservererror)",
            "internal server error(",
            "bad gateway(",
            "gateway timeout(",
            "(gatewaytimeout)",
            "\"servertimeout\"",
        ],
    ),
    (
        Cause::Busy,
        &[
            "operationinprogress",
            "another operation is in progress",
            "anotheroperationinprogress",
        ],
    ),
    (
        Cause::Identity,
        &[
            "principalnotfound",
            "does not exist in the directory",
            "cannot find user or service principal",
            "failedidentityoperation",
        ],
    ),
    (
        Cause::Role,
        &[
            "(authorizationfailed)",
            "does not have authorization to perform action",
            "forbiddenbyrbac",
            "caller is not authorized to perform action on resource",
            "unable to pull image using managed identity",
        ],
    ),
    (
        Cause::Policy,
        &[
            "permission on key vault",
            "(accessdenied)",
            "forbiddenbypolicy",
        ],
    ),
    (Cause::Starting, &["could not find a replica"]),
    (
        Cause::Name,
        &[
            "name or service not known",
            "could not resolve host",
            "nameresolutionerror",
            "failed to resolve",
        ],
    ),
];

/// What `az` says where there is nothing left to do, in lower case.
const DONE: [&str; 1] = ["has no system or user assigned identities"];

impl Cause {
    /// The cause that a text tells of.
    pub fn of(printed: &str) -> Option<Self> {
        let printed = printed.to_lowercase();
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|word| printed.contains(word)))
            .map(|(cause, _)| *cause)
    }

    /// The cause that the answers to a command's requests tell of, where its words do not: `az` has
    /// its own for some. What was asked again and answered then was no cause. Each as method, address
    /// and status.
    pub fn of_answers(answers: &[(&str, &str, u16)]) -> Option<Self> {
        answers
            .iter()
            .enumerate()
            .find_map(|(index, (method, url, status))| {
                let cause = match status {
                    429 => Self::Throttled,
                    500 | 502 | 503 | 504 => Self::Unavailable,
                    _ => return None,
                };
                let later = answers.iter().skip(index + 1);
                let answered = later
                    .filter(|(again, same, _)| again == method && same == url)
                    .any(|(_, _, status)| *status != 429 && *status < 500);
                (!answered).then_some(cause)
            })
    }

    /// Whether a command that is tried again finds done what its first try was there for: Azure had
    /// taken the change before it was too busy to say more.
    pub fn is_done(printed: &str) -> bool {
        let printed = printed.to_lowercase();
        DONE.iter().any(|words| printed.contains(words))
    }

    /// Whether it is Azure's own and nothing that the walkthrough did.
    pub fn is_busy(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::Busy)
    }

    /// What it is, for people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Throttled => "Azure had too many requests",
            Self::Unavailable => "Azure was unavailable for a moment",
            Self::Busy => "another operation on the same resource was going on",
            Self::Role => "a new role did not hold yet",
            Self::Policy => "a new access policy did not hold yet",
            Self::Identity => "a new identity was not known everywhere yet",
            Self::Starting => "what was deployed had not started yet",
            Self::Settling => "what was checked was still changing",
            Self::Name => "a new host name did not resolve yet",
        }
    }

    /// Which commands make what this cause waits for.
    fn made_by(self) -> &'static [&'static str] {
        match self {
            Self::Throttled | Self::Unavailable | Self::Busy => &[],
            Self::Role => &[
                "role assignment create",
                "--scope",
                "--registry-identity",
                "registry set",
                "deployment group create",
            ],
            Self::Policy => &["set-policy", "deployment group create"],
            Self::Identity => &[
                "identity create",
                "identity assign",
                "--assign-identity",
                "--system-assigned",
                "deployment group create",
                "ad sp create",
            ],
            Self::Starting | Self::Settling => &["containerapp create", "containerapp update"],
            Self::Name => &["keyvault create", "acr create", "containerapp create"],
        }
    }
}

/// What a run waits for, and how long.
#[derive(Debug, Clone)]
pub struct Patience {
    /// How long one command may be waited for in all.
    pub limit: Duration,
    /// How long to wait before the first try after the first; twice as long each time.
    pub pause: Duration,
}

impl Patience {
    /// The longest wait between two tries.
    const LONGEST: Duration = Duration::from_secs(30);

    /// How long to wait before the next try, after this many.
    pub fn pause_after(&self, tries: u32) -> Duration {
        let doubled = self
            .pause
            .saturating_mul(2_u32.saturating_pow(tries.min(8)));
        doubled.min(Self::LONGEST)
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(600),
            pause: Duration::from_secs(3),
        }
    }
}

/// What a walkthrough has made so far that takes time until it holds.
#[derive(Debug, Default)]
pub struct Made {
    commands: String,
}

impl Made {
    /// These commands ran, or are about to.
    pub fn by(&mut self, commands: &str) {
        // Continued lines are one command.
        self.commands.push_str(&commands.replace("\\\n", " "));
        self.commands.push('\n');
    }

    /// Whether there is something that this cause would be waiting for.
    pub fn awaits(&self, cause: Cause) -> bool {
        let words = cause.made_by();
        cause.is_busy() || words.iter().any(|word| self.commands.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_azure_says_is_known_by_its_words() {
        let words = [
            ("ERROR: (ResourceNotFound) The Resource was not found", None),
            ("ERROR: unrecognized arguments: --x", None),
            (
                "Too Many Requests({\"error\":{\"code\":\"429\"}})",
                Some(Cause::Throttled),
            ),
            (
                "ERROR: (ServerTimeout) The request timed out.",
                Some(Cause::Unavailable),
            ),
            (
                "ERROR: (Forbidden) Caller is not authorized to perform action on resource.\r\n\
              If role assignments",
                Some(Cause::Role),
            ),
            (
                "does not have secrets get permission on key vault 'v;location=eastus'",
                Some(Cause::Policy),
            ),
            (
                "Principal 123 does not exist in the directory 4. Check",
                Some(Cause::Identity),
            ),
        ];
        for (text, cause) in words {
            assert_eq!(Cause::of(text), cause, "{text}");
        }
    }

    #[test]
    fn an_answer_that_az_has_its_own_words_for_is_a_cause_unless_it_was_asked_again() {
        let answers = [("GET", "/a", 200), ("GET", "/b", 429)];
        assert_eq!(Cause::of_answers(&answers), Some(Cause::Throttled));
        let answers = [("GET", "/b", 503), ("GET", "/a", 404), ("GET", "/b", 200)];
        assert_eq!(Cause::of_answers(&answers), None);
        let answers = [("PUT", "/b", 503), ("GET", "/b", 200)];
        assert_eq!(Cause::of_answers(&answers), Some(Cause::Unavailable));
    }

    #[test]
    fn nobody_waits_for_what_nobody_made() {
        let mut made = Made::default();
        made.by("az keyvault secret set --name s");
        assert!(!made.awaits(Cause::Role) && !made.awaits(Cause::Policy));
        assert!(made.awaits(Cause::Throttled));
        made.by("az role assignment \\\n  create --role acrpull");
        made.by("az role assignment create --role acrpull");
        assert!(made.awaits(Cause::Role) && !made.awaits(Cause::Policy));
    }

    #[test]
    fn waits_grow_and_have_an_end() {
        let patience = Patience::default();
        assert_eq!(patience.pause_after(0), Duration::from_secs(3));
        assert_eq!(patience.pause_after(1), Duration::from_secs(6));
        assert_eq!(patience.pause_after(100), Duration::from_secs(30));
    }
}
