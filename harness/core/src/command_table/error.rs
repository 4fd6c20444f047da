//! Why a table cannot be read: [`TableError`].

/// A file that is no table, or not one that this docproof reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It does not begin as a table does.
    #[error("this is not a command table")]
    NotATable,
    /// It was written by another docproof.
    #[error("this command table is of format {found}, and this docproof reads format {expected}")]
    Format {
        /// What it is.
        found: u8,
        /// What this docproof reads.
        expected: u8,
    },
    /// It is cut off or changed.
    #[error("this command table is damaged: {0}")]
    Damaged(&'static str),
    /// A derivation does not fit into a table.
    #[error("this cannot be written as a command table: {0}")]
    Unfit(String),
}

impl TableError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        "write one with `docproof az-table --output FILE`"
    }
}
