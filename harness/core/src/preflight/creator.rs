//! The table of what commands make: [`creators`].

use super::creation::{Cost, Removal};
use std::sync::LazyLock;

/// A line of `creators.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creator {
    /// The command without `az`, or a cmdlet.
    pub command: &'static str,
    /// When it makes this.
    pub when: When,
    /// The type; nothing where the command makes nothing that stays.
    pub resource: Option<&'static str>,
    /// The options with the names, from the outermost on.
    pub names: Vec<&'static str>,
    /// The option with the resource group.
    pub group: Option<&'static str>,
    /// What it costs.
    pub cost: Cost,
    /// The quota that it counts against.
    pub quota: Option<&'static str>,
    /// What it takes to be rid of it.
    pub removal: Removal,
}

/// On which options it depends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// On none.
    Always,
    /// One of these is given.
    If(Vec<&'static str>),
    /// None of these is given.
    Unless(Vec<&'static str>),
}

/// What commands make.
pub fn creators() -> &'static [Creator] {
    &CREATORS
}

static CREATORS: LazyLock<Vec<Creator>> = LazyLock::new(|| {
    include_str!("creators.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(creator)
        .collect()
});

fn creator(line: &'static str) -> Option<Creator> {
    let mut fields = line.split(" | ").map(str::trim);
    let mut next = || fields.next();
    let given = |text: &'static str| Some(text).filter(|text| *text != "-");
    let several = |text: &'static str| -> Vec<&'static str> {
        given(text).map_or_else(Vec::new, |text| text.split(',').collect())
    };
    Some(Creator {
        command: next()?,
        when: match next()?.split_once(' ') {
            Some(("if", options)) => When::If(several(options)),
            Some(("unless", options)) => When::Unless(several(options)),
            _ => When::Always,
        },
        resource: Some(next()?).filter(|resource| *resource != "nothing"),
        names: several(next()?),
        group: given(next()?),
        cost: match next()? {
            "free" => Cost::Free,
            "by-use" => Cost::ByUse,
            "cents" => Cost::Cents,
            "dollars" => Cost::Dollars,
            _ => return None,
        },
        quota: given(next()?),
        removal: match next()? {
            "group" => Removal::Group,
            "parent" => Removal::Parent,
            "purge" => Removal::Purge,
            "apart" => Removal::Apart,
            "stays" => Removal::Stays,
            _ => return None,
        },
    })
}
