//! azure-cli's commands and their arguments, as a table that was derived from an installed
//! azure-cli: [`Table`]. Reading a command line against it behaves as azure-cli's parser does.
//!
//! [`Table::look_up`] finds the command that words name, [`parse`] what the words behind it mean.

mod arguments;
mod error;
mod extensions;
mod lookup;
mod nearest;
mod read;
mod record;
mod removed;
mod table;
mod write;

pub use arguments::{Bound, Given, Open, Parsed, Problem, parse};
pub use error::TableError;
pub use extensions::{extension_of, option_of_extension, overrides};
pub use lookup::Lookup;
pub use nearest::{command_like, distance, nearest, reordered};
pub use record::Derived;
pub use removed::{was_command, was_option};
pub use table::{
    Argument, Arity, Choices, Command, Deprecation, Group, Kind, Node, OptionName, Table, is_option,
};
