//! azure-cli's commands and their arguments, as a table that was derived from an installed
//! azure-cli: [`Table`]. Reading a command line against it behaves as azure-cli's parser does.
