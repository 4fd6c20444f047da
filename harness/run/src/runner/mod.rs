//! Takes a [`Walkthrough`] through an [`Environment`], step by step, and says what happens.
//!
//! The entry is [`run`]; everything it has to say goes out as [`Event`]s.
//!
//! [`Walkthrough`]: docproof_core::scenario::Walkthrough
//! [`Environment`]: crate::environment::Environment
//! [`Event`]: docproof_core::event::Event

mod account;
mod attempt;
mod execute;
mod judge;
mod live;
mod prepare;
mod published;
mod ready;
mod step;
mod typed;
mod walkthrough;

pub use walkthrough::run;
