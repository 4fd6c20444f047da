//! Sample output → [`Pattern`]; pattern against what really came.
//!
//! A sample is what an article shows after a command. [`Pattern::compile`] reads it and never fails:
//! what is not JSON, however loosely written, is compared line by line. Values that cannot be the
//! same on two runs (stand-in GUIDs, `<name>`, masked tokens, times) become typed holes; a hole with
//! a name binds, in [`Bindings`], to one value for the whole article.
//!
//! | in the sample | compared as |
//! |---|---|
//! | `[...]`, `...`, `…` | anything may stand here: members, items, lines |
//! | `"a": 1` without outer braces | a fragment of the object that has these keys |
//! | `aaaabbbb-0000-cccc-1111-dddd2222eeee` | a GUID, always the same one |
//! | `xxxxxxxx-xxxx-…`, `00000000-0000-…` | a GUID |
//! | `<name>` | text, always the same one |
//! | `xxxxxxxx`, `eyJ0…`, `***` | text without white space |
//! | a date with a time | a date with a time |
//! | an integer, or digits in quotes, in `created`, `expires_on` and such | the same type |
//! | anything else | itself |

mod align;
mod bindings;
mod compare;
mod fragment;
mod hole;
mod lines;
mod mismatch;
mod node;
mod parse;
mod pattern;
mod scan;
mod standin;
mod text;

pub use bindings::Bindings;
pub use mismatch::{Mismatch, MismatchKind, failure};
pub(crate) use parse::{Slip, slips};
pub use pattern::Pattern;
pub(crate) use standin::{GuidClass, classify as classify_guid};
