//! Shell text read into commands, words and variables, each with its place: [`parse`] makes a
//! [`Script`].
//!
//! Articles hold broken commands, and finding them is what this is for: reading never fails, a
//! [`SyntaxProblem`] tells what is wrong, and reading goes on at the next line that can be
//! understood. A grammar made for whole programs gives up there.

mod bash;
mod cmd;
mod container;
mod powershell;
mod script;

pub use cmd::to_bash as cmd_to_bash;
pub use container::{last_command, opens_container_shell};
pub use powershell::{HashtableEntry, hashtable_entries};
pub use script::{
    Assignment, Command, CommandKind, Dialect, HereDocument, Part, PartKind, Place, Quoting,
    Redirect, Region, RegionKind, Script, SyntaxProblem, SyntaxProblemKind, VariableUse, Word,
};

/// Reads `text`, which is written in `dialect`. Never fails, whatever the text; takes time linear
/// in its length.
pub fn parse(text: &str, dialect: Dialect) -> Script {
    match dialect {
        Dialect::Bash => bash::parse(text),
        Dialect::PowerShell => powershell::parse(text),
        Dialect::Cmd => cmd::parse(text),
    }
}
