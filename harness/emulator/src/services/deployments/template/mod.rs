//! Resource Manager templates, without any I/O: text in, resources to be made out.
//!
//! [`Template::read`] takes a template apart, keeping the place of everything; [`Evaluator`] works
//! out its expressions. What an expression can only know from what is deployed is asked for by
//! [`Failure::Needs`] and given to the evaluator before it tries again.

mod document;
mod evaluate;
mod expression;
mod functions;
mod ids;
mod order;
mod parameters;
mod resource;
#[cfg(test)]
mod tests;

pub(super) use document::{Node, Place};
pub(super) use evaluate::{Evaluator, Failure, Need, Surroundings};
pub(super) use order::order;
pub(super) use parameters::resolve as resolve_parameters;
pub(super) use resource::{Resource, Template};
