//! What the article says that a command prints, and the files it shows.

mod invalid_identity_type;
mod invalid_json_sample;
mod leaked_id;
mod leaked_secret;
mod null_as_string;
mod sample_contradicts_command;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &invalid_identity_type::InvalidIdentityType,
    &invalid_json_sample::InvalidJsonSample,
    &leaked_id::LeakedId,
    &leaked_secret::LeakedSecret,
    &null_as_string::NullAsString,
    &sample_contradicts_command::SampleContradictsCommand,
];

/// Compiles an expression that is written out in a rule's file.
#[expect(
    clippy::expect_used,
    reason = "the expressions are constants, and every rule's fixtures use its own"
)]
fn constant(expression: &str) -> regex::Regex {
    regex::Regex::new(expression).expect("a constant expression compiles")
}
