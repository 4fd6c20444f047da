//! The targets: where walkthroughs can run. One file each.

mod embedded;

pub use embedded::Embedded;
