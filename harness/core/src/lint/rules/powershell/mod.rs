//! Cmdlets and PowerShell's own grammar.

mod bash_option_on_cmdlet;
mod bash_syntax_in_powershell;
mod blocks;
mod invalid_variable_name;
mod missing_mandatory_parameter;
mod powershell_missing_continuation;
mod powershell_stray_continuation;
mod powershell_trailing_space_after_continuation;
mod unknown_cmdlet;
mod unknown_parameter;
mod unquoted_at_sign;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &bash_option_on_cmdlet::BashOptionOnCmdlet,
    &bash_syntax_in_powershell::BashSyntaxInPowershell,
    &invalid_variable_name::InvalidVariableName,
    &missing_mandatory_parameter::MissingMandatoryParameter,
    &powershell_missing_continuation::PowershellMissingContinuation,
    &powershell_stray_continuation::PowershellStrayContinuation,
    &powershell_trailing_space_after_continuation::PowershellTrailingSpaceAfterContinuation,
    &unknown_cmdlet::UnknownCmdlet,
    &unknown_parameter::UnknownParameter,
    &unquoted_at_sign::UnquotedAtSign,
];
