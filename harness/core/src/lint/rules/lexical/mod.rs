//! How the text of a command is broken, seen without knowing the command.

mod code;
mod command_as_value;
mod continuation;
mod dollar_on_assignment;
mod glued_option;
mod missing_continuation;
mod no_break_space;
mod options;
mod placeholder_redirect;
mod prompt_character;
mod single_dash_option;
mod space_after_dashes;
mod space_around_assignment;
mod stray_continuation;
mod syntax;
mod trailing_space_after_continuation;
mod unbalanced_quote;
mod unclosed_substitution;
mod unexpected_token;
mod unicode_dash;
mod unicode_quote;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &trailing_space_after_continuation::TrailingSpaceAfterContinuation,
    &missing_continuation::MissingContinuation,
    &stray_continuation::StrayContinuation,
    &unicode_dash::UnicodeDash,
    &unicode_quote::UnicodeQuote,
    &no_break_space::NoBreakSpace,
    &glued_option::GluedOption,
    &single_dash_option::SingleDashOption,
    &space_after_dashes::SpaceAfterDashes,
    &prompt_character::PromptCharacter,
    &placeholder_redirect::PlaceholderRedirect,
    &unbalanced_quote::UnbalancedQuote,
    &unclosed_substitution::UnclosedSubstitution,
    &unexpected_token::UnexpectedToken,
    &dollar_on_assignment::DollarOnAssignment,
    &space_around_assignment::SpaceAroundAssignment,
    &command_as_value::CommandAsValue,
];
