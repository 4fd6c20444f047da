//! Command lines against azure-cli's own table of commands.

mod ambiguous_option;
mod common;
mod deprecated_command;
mod deprecated_option;
mod incomplete_command;
mod invalid_choice;
mod missing_required_option;
mod missing_value;
mod refused_option;
mod renamed;
mod server_requires_option;
mod unexpected_argument;
mod unknown_command;
mod unknown_option;
mod wrong_case;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &unknown_command::UnknownCommand,
    &incomplete_command::IncompleteCommand,
    &unknown_option::UnknownOption,
    &ambiguous_option::AmbiguousOption,
    &wrong_case::WrongCase,
    &missing_required_option::MissingRequiredOption,
    &missing_value::MissingValue,
    &unexpected_argument::UnexpectedArgument,
    &invalid_choice::InvalidChoice,
    &server_requires_option::ServerRequiresOption,
    &refused_option::RefusedOption,
    &deprecated_command::DeprecatedCommand,
    &deprecated_option::DeprecatedOption,
];
