//! Log Analytics: `Microsoft.OperationalInsights/workspaces` and their keys. Nothing is logged
//! there, and queries are not emulated.

mod model;
mod routes;

pub(crate) use routes::OperationalInsights;
