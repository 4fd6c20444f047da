//! Places of a sample whose value differs from run to run: [`Hole`].

use super::standin;
use regex::Regex;
use std::sync::LazyLock;

/// A typed hole in a text. The name, where there is one, is the text that binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hole {
    /// A GUID; a mask has no name.
    Guid(Option<String>),
    /// Text without white space: a token, a version.
    Opaque(Option<String>),
    /// The 32 hexadecimal digits of a Key Vault object's version.
    Hex(String),
    /// `<name>`; names such as `<hidden>` do not bind.
    Placeholder(Option<String>),
    /// `...` inside a text.
    Elided,
    /// A date with a time.
    Moment,
}

impl Hole {
    /// The text by which the value is known in the whole article.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Guid(name) | Self::Opaque(name) | Self::Placeholder(name) => name.as_deref(),
            Self::Hex(name) => Some(name),
            Self::Elided | Self::Moment => None,
        }
    }

    /// What fits, in words.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Guid(_) => "a GUID",
            Self::Opaque(_) => "text without white space",
            Self::Hex(_) => "32 hexadecimal digits",
            Self::Placeholder(_) | Self::Elided => "text",
            Self::Moment => "a date with a time",
        }
    }

    /// Lengths in bytes of the beginnings of `rest` that fit, longest first. `alone` tells that the
    /// hole is the whole text: only then may it have a `/` (or, for a placeholder, white space).
    pub(super) fn fitting(&self, rest: &str, alone: bool) -> Vec<usize> {
        let exact = |length: usize, fits: fn(&str) -> bool| {
            rest.get(..length)
                .filter(|text| fits(text))
                .map(|_| vec![length])
                .unwrap_or_default()
        };
        match self {
            Self::Guid(_) => exact(36, standin::is_guid),
            Self::Hex(_) => exact(32, |text| text.bytes().all(|byte| byte.is_ascii_hexdigit())),
            Self::Moment => MOMENT
                .find(rest)
                .map(|found| vec![found.end()])
                .unwrap_or_default(),
            Self::Opaque(_) => run(rest, |c| {
                !(c.is_whitespace() || c.is_control() || (c == '/' && !alone))
            }),
            Self::Placeholder(_) if alone => run(rest, |c| c != '\n'),
            Self::Placeholder(_) => run(rest, |c| !(c.is_whitespace() || c == '/' || c == '"')),
            Self::Elided => run(rest, |c| c != '\n'),
        }
    }
}

fn run(rest: &str, fits: impl Fn(char) -> bool) -> Vec<usize> {
    let mut lengths: Vec<usize> = rest
        .char_indices()
        .take_while(|(_, c)| fits(*c))
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    lengths.reverse();
    lengths
}

/// A date with a time at the beginning of a text, as services and `az` write them.
pub(super) static MOMENT: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|UTC|[+-]\d{2}:?\d{2}))?")
});

/// `<name>` as authors write it: no HTML attribute, no operator.
pub(super) static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| constant(r"^<[A-Za-z][A-Za-z0-9 _.:-]*>"));

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, used by tests"
)]
fn constant(expression: &str) -> Regex {
    Regex::new(expression).expect("a constant expression compiles")
}
