//! The cmdlets that articles use, and their parameters: [`CmdletTable`].
//!
//! `cmdlets.txt` says how it is written and where it comes from.

mod read;

use crate::suggest::{distance, nearest};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Cmdlets by name.
pub struct CmdletTable {
    cmdlets: HashMap<String, Cmdlet>,
}

/// A cmdlet.
pub struct Cmdlet {
    /// Its name, as its module writes it.
    pub name: &'static str,
    /// The table holds every cmdlet of its module.
    pub module_complete: bool,
    /// Its parameters without those that all cmdlets have; nothing if they are not known.
    pub parameters: Option<Vec<Parameter>>,
    /// Its parameters are those of a recent help: one that is not among them does not exist.
    pub current: bool,
    /// The letters of its name.
    letters: u32,
}

/// A parameter.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: Vec<&'static str>,
    /// It takes no value.
    pub switch: bool,
    /// Every way to call the cmdlet needs it.
    pub mandatory: bool,
}

/// What a parameter as written stands for.
pub enum Found<'c> {
    /// This one.
    Parameter(&'c Parameter),
    /// One that all cmdlets have.
    Common,
    /// The beginning of several.
    Ambiguous(Vec<&'static str>),
    /// None that the table knows.
    Unknown,
}

/// What all cmdlets have: the common parameters, those of cmdlets that change something, and those
/// of everything that is generated for Azure; the names in the second list take no value.
const COMMON: [&[&str]; 2] = [
    &[
        "ErrorAction",
        "ea",
        "ErrorVariable",
        "ev",
        "InformationAction",
        "infa",
        "InformationVariable",
        "iv",
        "OutBuffer",
        "ob",
        "OutVariable",
        "ov",
        "PipelineVariable",
        "pv",
        "ProgressAction",
        "proga",
        "WarningAction",
        "wa",
        "WarningVariable",
        "wv",
        "DefaultProfile",
        "AzContext",
        "AzureRmContext",
        "AzureCredential",
        "HttpPipelineAppend",
        "HttpPipelinePrepend",
        "Proxy",
        "ProxyCredential",
        "ChangeReference",
    ],
    &[
        "Debug",
        "db",
        "Verbose",
        "vb",
        "WhatIf",
        "wi",
        "Confirm",
        "cf",
        "UseTransaction",
        "usetx",
        "Break",
        "ProxyUseDefaultCredentials",
        "AcquirePolicyToken",
    ],
];

static TABLE: LazyLock<CmdletTable> =
    LazyLock::new(|| CmdletTable::read(include_str!("cmdlets.txt")));

impl CmdletTable {
    /// The table that docproof comes with.
    pub fn built_in() -> &'static Self {
        &TABLE
    }

    /// The cmdlet of that name, in any case.
    pub fn cmdlet(&self, name: &str) -> Option<&Cmdlet> {
        self.cmdlets.get(&name.to_ascii_lowercase())
    }

    /// The cmdlet that was certainly meant by a name that is none: it differs in a letter or two
    /// from a cmdlet of a module of which the table holds all.
    pub fn meant(&self, name: &str) -> Option<&Cmdlet> {
        let lower = name.to_ascii_lowercase();
        let letters = letters(&lower);
        self.cmdlets
            .iter()
            .filter(|(candidate, cmdlet)| {
                cmdlet.module_complete
                    && candidate.len().abs_diff(lower.len()) <= 2
                    && (cmdlet.letters ^ letters).count_ones() <= 4
            })
            .map(|(candidate, cmdlet)| (distance(candidate, &lower), cmdlet))
            .filter(|(distance, _)| *distance <= 2)
            .min_by_key(|(distance, cmdlet)| (*distance, cmdlet.name))
            .map(|(_, cmdlet)| cmdlet)
    }

    /// How many cmdlets it holds.
    pub fn len(&self) -> usize {
        self.cmdlets.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.cmdlets.is_empty()
    }
}

impl Cmdlet {
    /// What a parameter, written without its dash, stands for; PowerShell takes any beginning that
    /// only one parameter has.
    pub fn parameter(&self, written: &str) -> Found<'_> {
        let parameters = self.parameters.as_deref().unwrap_or(&[]);
        let is = |name: &str| name.eq_ignore_ascii_case(written);
        let begins = |name: &str| {
            name.get(..written.len())
                .is_some_and(|beginning| beginning.eq_ignore_ascii_case(written))
        };
        if let Some(exact) = parameters.iter().find(|p| p.names().any(is)) {
            return Found::Parameter(exact);
        }
        if common().any(is) {
            return Found::Common;
        }
        let mut some = parameters.iter().filter(|p| p.names().any(begins));
        let first = some.next();
        let others: Vec<&'static str> = some.map(|p| p.name).collect();
        let shared: Vec<&'static str> = common().filter(|name| begins(name)).collect();
        match (first, others.as_slice(), shared.as_slice()) {
            (Some(only), [], []) => Found::Parameter(only),
            (None, _, [_, ..]) => Found::Common,
            (Some(first), ..) => {
                let names = std::iter::once(first.name).chain(others).chain(shared);
                Found::Ambiguous(names.collect())
            }
            (None, ..) => Found::Unknown,
        }
    }

    /// Whether a parameter as written takes no value; where that is not known, it takes one.
    pub fn is_switch(&self, written: &str) -> bool {
        match self.parameter(written) {
            Found::Parameter(parameter) => parameter.switch,
            Found::Common => COMMON[1]
                .iter()
                .any(|name| name.eq_ignore_ascii_case(written)),
            Found::Ambiguous(_) | Found::Unknown => false,
        }
    }

    /// The parameter that is most like what was written, if one is alike.
    pub fn nearest(&self, written: &str) -> Option<&'static str> {
        let names = || self.parameters.iter().flatten().map(|p| p.name);
        nearest(written, names())
    }

    /// As [`Cmdlet::nearest`], where no more than two letters differ.
    pub fn misspelt(&self, written: &str) -> Option<&'static str> {
        let lower = written.to_ascii_lowercase();
        self.parameters
            .iter()
            .flatten()
            .flat_map(Parameter::names)
            .find(|name| name.len() > 4 && distance(&name.to_ascii_lowercase(), &lower) <= 2)
    }

    /// The only parameter whose name ends like an option of `az`: `SecretValue` for `value`.
    pub fn ending_in(&self, option: &str) -> Option<&'static str> {
        let plain: String = option.chars().filter(|c| *c != '-').collect();
        let plain = plain.to_ascii_lowercase();
        let names = self.parameters.iter().flatten().map(|p| p.name);
        let mut ending = names.filter(|name| name.to_ascii_lowercase().ends_with(&plain));
        ending.next().filter(|_| ending.next().is_none())
    }

    /// The parameter that an option of `az` stands for: `VaultName` for `vault-name`.
    pub fn for_option(&self, option: &str) -> Option<&'static str> {
        let plain: String = option.chars().filter(|c| *c != '-').collect();
        self.parameters
            .iter()
            .flatten()
            .flat_map(Parameter::names)
            .find(|name| name.eq_ignore_ascii_case(&plain))
    }
}

impl Parameter {
    /// Its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Which letters a name in lower case has, a bit for each: two changes of a name change no more
/// than four of them, which is told faster than how alike two names are.
fn letters(name: &str) -> u32 {
    name.bytes()
        .filter(u8::is_ascii_lowercase)
        .fold(0, |letters, byte| letters | 1 << (byte - b'a'))
}

fn common() -> impl Iterator<Item = &'static str> {
    COMMON.into_iter().flatten().copied()
}
