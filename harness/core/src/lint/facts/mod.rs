//! What several rules want to know about an article, found out once.

pub mod calls;
pub mod resources;
pub mod variables;
