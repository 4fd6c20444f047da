//! What a reader has set, made and captured by the time a step uses it.

mod access_policy_on_rbac_vault;
mod captured_without_tsv;
mod name_differs;
mod placeholder_not_replaced;
mod set_does_not_assign;
mod shell_variable_in_powershell;
mod undefined_variable;
mod unused_variable;
mod variable_lost_in_container;
mod wrong_resource_kind;

use crate::lint::Rule;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &access_policy_on_rbac_vault::AccessPolicyOnRbacVault,
    &captured_without_tsv::CapturedWithoutTsv,
    &name_differs::NameDiffers,
    &placeholder_not_replaced::PlaceholderNotReplaced,
    &set_does_not_assign::SetDoesNotAssign,
    &shell_variable_in_powershell::ShellVariableInPowerShell,
    &undefined_variable::UndefinedVariable,
    &unused_variable::UnusedVariable,
    &variable_lost_in_container::VariableLostInContainer,
    &wrong_resource_kind::WrongResourceKind,
];
