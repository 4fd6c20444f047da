//! The targets: where walkthroughs can run. One file each.

mod embedded;
mod folder;

pub use embedded::Embedded;
