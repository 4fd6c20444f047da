//! Storage accounts: `Microsoft.Storage/storageAccounts`, as far as a role can be given at one. What is
//! stored in them is not emulated.

mod handlers;
mod model;
mod routes;

pub(crate) use routes::Storage;
