//! What is wrong with the comments that keep docproof from reporting something.

mod suppression_without_reason;
mod unknown_suppression;
mod unused_suppression;

use crate::lint::Rule;
pub(crate) use unused_suppression::UnusedSuppression;

/// The rules of this family.
pub const RULES: &[&dyn Rule] = &[
    &suppression_without_reason::SuppressionWithoutReason,
    &unknown_suppression::UnknownSuppression,
    &unused_suppression::UnusedSuppression,
];
