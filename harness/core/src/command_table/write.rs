//! Writes the file of a table: [`Table::write`].
//!
//! Behind [`MAGIC`] and the format's number comes one deflated stream: version and date; all
//! names and values, each once, the most used first; lists of choices; deprecations; arguments,
//! each once however many commands have it, the most used first; and the tree level by level, a
//! command with the numbers of its arguments. Numbers are LEB128, so that what is used much is
//! one byte.

use super::error::TableError;
use super::read::{FORMAT, MAGIC};
use super::record::{Derived, DerivedArgument, DerivedChoices, DerivedDeprecation};
use super::table::Table;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

impl Table {
    /// The file that holds what was derived on `date`.
    pub fn write(derived: &Derived, date: &str) -> Result<Vec<u8>, TableError> {
        let mut inner = Vec::new();
        text(&mut inner, &derived.version);
        text(&mut inner, date);
        Writer::new(derived).write(&mut inner, derived)?;
        let mut file = MAGIC.to_vec();
        file.push(FORMAT);
        file.extend(miniz_oxide::deflate::compress_to_vec(&inner, 10));
        Ok(file)
    }
}

/// Things by their number, the most used first, equally used ones in their own order.
struct Numbered<T>(HashMap<T, usize>, Vec<T>);

impl<T: Ord + Hash + Clone> Numbered<T> {
    fn new(all: impl Iterator<Item = T>) -> Self {
        let mut uses: BTreeMap<T, usize> = BTreeMap::new();
        for item in all {
            *uses.entry(item).or_default() += 1;
        }
        let mut order: Vec<_> = uses.into_iter().collect();
        order.sort_by_key(|(_, uses)| std::cmp::Reverse(*uses));
        let order: Vec<T> = order.into_iter().map(|(item, _)| item).collect();
        let numbers = order.iter().cloned().zip(0..).collect();
        Self(numbers, order)
    }

    fn number(&self, item: &T) -> Result<usize, TableError> {
        let number = self.0.get(item).copied();
        number.ok_or_else(|| TableError::Unfit("it is not what it was".to_owned()))
    }
}

/// An argument as the file has it: what decides whether two are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key {
    options: Vec<(String, Option<Deprecated>)>,
    required: bool,
    unless_ids: bool,
    arity: String,
    kind: Option<String>,
    choices: Option<(Vec<String>, bool)>,
    default: Option<String>,
    deprecated: Option<Deprecated>,
}

type Deprecated = (Option<String>, Option<String>);

fn deprecated(of: &Option<DerivedDeprecation>) -> Option<Deprecated> {
    let of = of.as_ref()?;
    Some((of.redirect.clone(), of.expiration.clone()))
}

fn choices(of: &DerivedChoices) -> (Vec<String>, bool) {
    (of.values.clone(), of.any_case)
}

fn key(of: &DerivedArgument) -> Key {
    let mut options: Vec<_> = of
        .options
        .iter()
        .map(|(name, info)| (name.clone(), deprecated(info)))
        .collect();
    if options.is_empty() {
        options.push((of.dest.clone(), None));
    }
    Key {
        options,
        required: of.required,
        unless_ids: of.unless_ids,
        arity: of.arity.clone(),
        kind: of.kind.clone(),
        choices: of.choices.as_ref().map(choices),
        default: of.default.clone(),
        deprecated: deprecated(&of.deprecated),
    }
}

struct Writer {
    names: Numbered<String>,
    choices: Numbered<(Vec<String>, bool)>,
    deprecations: Numbered<Deprecated>,
    arguments: Numbered<Key>,
    /// Each group's children by name; `None` for a command.
    tree: BTreeMap<String, BTreeMap<String, bool>>,
}

impl Writer {
    fn new(derived: &Derived) -> Self {
        let own = derived.commands.values().flat_map(|c| &c.arguments);
        let arguments = Numbered::new(own.chain(&derived.global).map(key));
        let mut tree: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
        tree.entry(String::new()).or_default();
        for command in derived.commands.keys() {
            let mut path = command.as_str();
            let mut leaf = true;
            while !path.is_empty() {
                let (group, name) = path.rsplit_once(' ').unwrap_or(("", path));
                let children = tree.entry(group.to_owned()).or_default();
                *children.entry(name.to_owned()).or_insert(leaf) &= leaf;
                (path, leaf) = (group, false);
            }
        }
        let of_commands = derived.commands.values().map(|c| deprecated(&c.deprecated));
        let of_groups = derived.groups.values().map(deprecated);
        let of_arguments = arguments.1.iter().flat_map(|key| {
            let options = key.options.iter().map(|(_, info)| info.clone());
            options.chain([key.deprecated.clone()])
        });
        let deprecations =
            Numbered::new(of_commands.chain(of_groups).chain(of_arguments).flatten());
        let choices = Numbered::new(arguments.1.iter().filter_map(|key| key.choices.clone()));
        let names = [String::new()].into_iter();
        let names = names
            .chain(tree.values().flat_map(BTreeMap::keys).cloned())
            .chain(choices.1.iter().flat_map(|(values, _)| values.clone()))
            .chain(
                deprecations
                    .1
                    .iter()
                    .flat_map(|(a, b)| [a.clone(), b.clone()])
                    .flatten(),
            )
            .chain(arguments.1.iter().flat_map(|key| {
                let options = key.options.iter().map(|(name, _)| name.clone());
                options.chain(key.default.clone())
            }));
        Self {
            names: Numbered::new(names),
            choices,
            deprecations,
            arguments,
            tree,
        }
    }

    fn write(&self, out: &mut Vec<u8>, derived: &Derived) -> Result<(), TableError> {
        number(out, self.names.1.len());
        for name in &self.names.1 {
            number(out, name.len());
        }
        for name in &self.names.1 {
            out.extend(name.as_bytes());
        }
        number(out, self.choices.1.len());
        for (values, any_case) in &self.choices.1 {
            number(out, values.len() << 1 | usize::from(*any_case));
            for value in values {
                number(out, self.names.number(value)?);
            }
        }
        number(out, self.deprecations.1.len());
        for (redirect, expiration) in &self.deprecations.1 {
            for text in [redirect, expiration] {
                let text = text.as_ref().map(|text| self.names.number(text));
                number(out, text.transpose()?.map_or(0, |index| index + 1));
            }
        }
        number(out, self.arguments.1.len());
        for argument in &self.arguments.1 {
            self.argument(out, argument)?;
        }
        self.list(out, &derived.global)?;
        self.nodes(out, derived)
    }

    fn argument(&self, out: &mut Vec<u8>, of: &Key) -> Result<(), TableError> {
        let kind = match of.kind.as_deref() {
            Some("int") => 0b0100,
            Some("float") => 0b1000,
            Some("ignored") => 0b1100,
            _ => 0,
        };
        out.push(
            u8::from(of.required)
                | u8::from(of.unless_ids) << 1
                | kind
                | u8::from(of.choices.is_some()) << 4
                | u8::from(of.default.is_some()) << 5
                | u8::from(of.deprecated.is_some()) << 6,
        );
        let unfit = || TableError::Unfit(format!("nargs {:?}", of.arity));
        number(
            out,
            match of.arity.as_str() {
                "0" => 0,
                "1" => 1,
                "?" => 2,
                "*" => 3,
                "+" => 4,
                more => more.parse::<usize>().map_err(|_| unfit())? + 5,
            },
        );
        number(out, of.options.len());
        for (name, info) in &of.options {
            number(
                out,
                self.names.number(name)? << 1 | usize::from(info.is_some()),
            );
            if let Some(info) = info {
                number(out, self.deprecations.number(info)?);
            }
        }
        if let Some(choices) = &of.choices {
            number(out, self.choices.number(choices)?);
        }
        if let Some(default) = &of.default {
            number(out, self.names.number(default)?);
        }
        if let Some(info) = &of.deprecated {
            number(out, self.deprecations.number(info)?);
        }
        Ok(())
    }

    fn list(&self, out: &mut Vec<u8>, of: &[DerivedArgument]) -> Result<(), TableError> {
        let numbers = of.iter().map(|of| self.arguments.number(&key(of)));
        let mut numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        numbers.sort_unstable();
        numbers.dedup();
        number(out, numbers.len());
        let mut next = 0;
        for index in numbers {
            number(out, index - next);
            next = index + 1;
        }
        Ok(())
    }

    fn nodes(&self, out: &mut Vec<u8>, derived: &Derived) -> Result<(), TableError> {
        let count: usize = 1 + self.tree.values().map(BTreeMap::len).sum::<usize>();
        number(out, count);
        let mut level = vec![(String::new(), String::new(), false)];
        while !level.is_empty() {
            let mut below = Vec::new();
            for (path, name, leaf) in level {
                let command = derived.commands.get(&path).filter(|_| leaf);
                let info = match command {
                    Some(command) => deprecated(&command.deprecated),
                    None => derived.groups.get(&path).and_then(deprecated),
                };
                out.push(u8::from(!leaf) | u8::from(info.is_some()) << 1);
                number(out, self.names.number(&name)?);
                if let Some(info) = &info {
                    number(out, self.deprecations.number(info)?);
                }
                if let Some(command) = command {
                    self.list(out, &command.arguments)?;
                    continue;
                }
                let children = self.tree.get(&path).into_iter().flatten();
                number(out, children.clone().count());
                below.extend(children.map(|(name, leaf)| {
                    let path = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path} {name}")
                    };
                    (path, name.clone(), *leaf)
                }));
            }
            level = below;
        }
        Ok(())
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend(text.as_bytes());
}

fn number(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
