//! What the derivation script writes: [`Derived`], as JSON.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The command table of an azure-cli, as its own Python tells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Derived {
    /// The version of azure-cli.
    pub version: String,
    /// The arguments of every command.
    pub global: Vec<DerivedArgument>,
    /// The groups, and whether each is deprecated.
    pub groups: BTreeMap<String, Option<DerivedDeprecation>>,
    /// The commands by their words.
    pub commands: BTreeMap<String, DerivedCommand>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DerivedCommand {
    /// Whether it is deprecated.
    pub deprecated: Option<DerivedDeprecation>,
    /// Its arguments, the global ones left out.
    pub arguments: Vec<DerivedArgument>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DerivedArgument {
    /// The name that azure-cli's code has for it.
    pub dest: String,
    /// Its options, each with whether it is deprecated; none for a positional argument.
    pub options: Vec<(String, Option<DerivedDeprecation>)>,
    /// Whether it must be given.
    pub required: bool,
    /// `1`, `0`, `?`, `*`, `+`, a number, or argparse's name of something else.
    pub arity: String,
    /// The values it takes, if they are listed.
    pub choices: Option<DerivedChoices>,
    /// `int`, `float`, or `ignored` for what the parser knows only to refuse it.
    pub kind: Option<String>,
    /// The key of `az configure --defaults` that stands in for it.
    pub default: Option<String>,
    /// It must be given unless `--ids` is.
    pub unless_ids: bool,
    /// Whether it is deprecated.
    pub deprecated: Option<DerivedDeprecation>,
}

/// A list of values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct DerivedChoices {
    /// The values.
    pub values: Vec<String>,
    /// Whether upper and lower case are the same.
    pub any_case: bool,
}

/// That something is deprecated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct DerivedDeprecation {
    /// What to use instead.
    pub redirect: Option<String>,
    /// The version that takes it away.
    pub expiration: Option<String>,
}
