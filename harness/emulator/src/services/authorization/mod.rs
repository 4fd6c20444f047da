//! Role definitions and role assignments: `Microsoft.Authorization`, at any scope.
//!
//! The main type is [`Authorization`]. What an assignment allows is weighed in `identity`; here is
//! only how ARM shows and changes assignments.

mod assignments;
mod definitions;
mod filter;
mod routes;

pub(crate) use routes::Authorization;
