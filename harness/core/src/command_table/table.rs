//! The table in memory: [`Table`], and views of what is in it.

use super::error::TableError;
use super::read;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// The table of azure-cli that comes with docproof.
static BUILT_IN: &[u8] = include_bytes!("azure-cli.tbl");

static OPTIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| Table::built_in().option_names().collect());

/// Whether any command of azure-cli has an option that is written so.
pub fn is_option(option: &str) -> bool {
    OPTIONS.contains(option)
}

/// azure-cli's commands and their arguments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pub(super) version: String,
    pub(super) date: String,
    /// All names and values, one behind another; `starts` has one entry more than there are.
    pub(super) text: String,
    pub(super) starts: Vec<u32>,
    pub(super) choices: Vec<ChoicesRecord>,
    pub(super) deprecations: Vec<DeprecationRecord>,
    pub(super) options: Vec<OptionRecord>,
    pub(super) arguments: Vec<ArgumentRecord>,
    /// Groups and commands; the first is `az` itself, and the children of a group stand together
    /// in the order of their names.
    pub(super) nodes: Vec<NodeRecord>,
    /// The arguments of commands: indices into `arguments`.
    pub(super) lists: Vec<u32>,
    /// The list of what every command takes.
    pub(super) global: Range<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChoicesRecord {
    pub(super) any_case: bool,
    pub(super) values: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeprecationRecord {
    pub(super) redirect: Option<u32>,
    pub(super) expiration: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OptionRecord {
    pub(super) name: u32,
    pub(super) deprecated: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArgumentRecord {
    pub(super) arity: Arity,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) unless_ids: bool,
    pub(super) choices: Option<u32>,
    pub(super) default: Option<u32>,
    pub(super) deprecated: Option<u32>,
    pub(super) options: Range<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NodeRecord {
    pub(super) name: u32,
    pub(super) parent: u32,
    pub(super) deprecated: Option<u32>,
    pub(super) of: Of,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Of {
    Group(Range<u32>),
    Command(Range<u32>),
}

/// How many values an argument takes, as argparse counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arity {
    /// `nargs=None`: one.
    One,
    /// A flag.
    Zero,
    /// `?`
    Optional,
    /// `*`
    Any,
    /// `+`
    Some,
    /// Exactly so many.
    Exactly(u32),
}

/// What an argument's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, as far as azure-cli's parser is concerned.
    Text,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Anything, and the parser refuses it: a parameter of the command's code.
    Refused,
}

/// Something under `az` that has commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<'t> {
    pub(super) table: &'t Table,
    pub(super) node: u32,
}

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'t> {
    pub(super) table: &'t Table,
    pub(super) node: u32,
}

/// An argument of a command.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'t> {
    pub(super) table: &'t Table,
    pub(super) index: u32,
}

/// A way of writing an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionName<'t> {
    /// `--name` or `-n`; the name alone for a positional argument.
    pub name: &'t str,
    /// Set if this way of writing it is deprecated.
    pub deprecated: Option<Deprecation<'t>>,
}

/// The values that an argument takes.
#[derive(Debug, Clone, Copy)]
pub struct Choices<'t> {
    table: &'t Table,
    record: &'t ChoicesRecord,
}

/// That something will go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation<'t> {
    /// What to use instead, in azure-cli's words.
    pub redirect: Option<&'t str>,
    /// The version that takes it away.
    pub expiration: Option<&'t str>,
}

impl Table {
    /// Reads a table that [`Table::write`] wrote.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        read::read(bytes)
    }

    /// The table of azure-cli that comes with docproof. A build that holds a damaged one has no
    /// commands; a test keeps that from happening.
    pub fn built_in() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(BUILT_IN).unwrap_or_default());
        &TABLE
    }

    /// The bytes of [`Table::built_in`].
    pub fn built_in_bytes() -> &'static [u8] {
        BUILT_IN
    }

    /// The version of azure-cli that it is of.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The day on which it was derived: `2026-11-21`.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Whether the commands are the same, whenever they were derived.
    pub fn same_commands(&self, other: &Self) -> bool {
        let dated = Self {
            date: self.date.clone(),
            ..other.clone()
        };
        *self == dated
    }

    /// Every way of writing an argument of any command, some more than once.
    pub fn option_names(&self) -> impl Iterator<Item = &str> {
        self.options.iter().map(|record| self.string(record.name))
    }

    /// `az` itself.
    pub fn root(&self) -> Group<'_> {
        Group {
            table: self,
            node: 0,
        }
    }

    /// The command of that name, written as `group create`.
    pub fn command(&self, name: &str) -> Option<Command<'_>> {
        let mut words = name.split(' ').peekable();
        let mut group = self.root();
        while let Some(word) = words.next() {
            match group.child(word)? {
                Node::Group(inner) => group = inner,
                Node::Command(command) => return words.peek().is_none().then_some(command),
            }
        }
        None
    }

    /// Every command.
    pub fn commands(&self) -> impl Iterator<Item = Command<'_>> {
        (0u32..).zip(&self.nodes).filter_map(|(node, record)| {
            matches!(record.of, Of::Command(_)).then_some(Command { table: self, node })
        })
    }

    pub(super) fn string(&self, index: u32) -> &str {
        let index = index as usize;
        let (Some(start), Some(end)) = (self.starts.get(index), self.starts.get(index + 1)) else {
            return "";
        };
        self.text.get(*start as usize..*end as usize).unwrap_or("")
    }

    fn deprecation(&self, index: Option<u32>) -> Option<Deprecation<'_>> {
        let record = self.deprecations.get(index? as usize)?;
        Some(Deprecation {
            redirect: record.redirect.map(|string| self.string(string)),
            expiration: record.expiration.map(|string| self.string(string)),
        })
    }

    fn path(&self, node: u32) -> String {
        let mut names = Vec::new();
        let mut at = node;
        // A parent always stands before its children, which ends this for any bytes.
        while let Some(record) = self.nodes.get(at as usize)
            && at != 0
        {
            names.push(self.string(record.name));
            if record.parent >= at {
                break;
            }
            at = record.parent;
        }
        names.reverse();
        names.join(" ")
    }
}

/// A child of a [`Group`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node<'t> {
    /// A group.
    Group(Group<'t>),
    /// A command.
    Command(Command<'t>),
}

impl<'t> Node<'t> {
    fn of(table: &'t Table, node: u32) -> Option<Self> {
        Some(match table.nodes.get(node as usize)?.of {
            Of::Group(_) => Self::Group(Group { table, node }),
            Of::Command(_) => Self::Command(Command { table, node }),
        })
    }

    /// Its last word.
    pub fn name(self) -> &'t str {
        match self {
            Self::Group(group) => group.name(),
            Self::Command(command) => command.name(),
        }
    }
}

impl<'t> Group<'t> {
    /// Its last word; nothing for `az` itself.
    pub fn name(self) -> &'t str {
        let record = self.table.nodes.get(self.node as usize);
        record.map_or("", |record| self.table.string(record.name))
    }

    /// Its words: `network vnet`.
    pub fn path(self) -> String {
        self.table.path(self.node)
    }

    /// What is in it, in the order of names.
    pub fn children(self) -> impl Iterator<Item = Node<'t>> {
        self.range()
            .filter_map(move |node| Node::of(self.table, node))
    }

    /// What is in it under that name.
    pub fn child(self, name: &str) -> Option<Node<'t>> {
        let range = self.range();
        let (start, end) = (range.start as usize, range.end as usize);
        let children = self.table.nodes.get(start..end)?;
        let at = children
            .binary_search_by(|record| self.table.string(record.name).cmp(name))
            .ok()?;
        Node::of(self.table, range.start + u32::try_from(at).ok()?)
    }

    /// Set if it is deprecated.
    pub fn deprecated(self) -> Option<Deprecation<'t>> {
        let record = self.table.nodes.get(self.node as usize)?;
        self.table.deprecation(record.deprecated)
    }

    fn range(self) -> Range<u32> {
        match self.table.nodes.get(self.node as usize) {
            Some(NodeRecord {
                of: Of::Group(range),
                ..
            }) => range.clone(),
            _ => 0..0,
        }
    }
}

impl<'t> Command<'t> {
    /// Its last word.
    pub fn name(self) -> &'t str {
        let record = self.table.nodes.get(self.node as usize);
        record.map_or("", |record| self.table.string(record.name))
    }

    /// Its words: `group create`.
    pub fn path(self) -> String {
        self.table.path(self.node)
    }

    /// Whether its path has this among its words and their pieces between hyphens.
    pub(super) fn has_piece(self, piece: &str) -> bool {
        let mut at = self.node;
        while let Some(record) = self.table.nodes.get(at as usize).filter(|_| at != 0) {
            if self
                .table
                .string(record.name)
                .split('-')
                .any(|own| own == piece)
            {
                return true;
            }
            // A parent always stands before its children, which ends this for any bytes.
            if record.parent >= at {
                break;
            }
            at = record.parent;
        }
        false
    }

    /// Whether this is its name, as [`Command::path`] gives it.
    pub fn is(self, path: &str) -> bool {
        let mut at = self.node;
        for word in path.rsplit(' ') {
            let Some(record) = self.table.nodes.get(at as usize).filter(|_| at != 0) else {
                return false;
            };
            if self.table.string(record.name) != word {
                return false;
            }
            at = record.parent;
        }
        at == 0
    }

    /// The group it is in.
    pub fn group(self) -> Group<'t> {
        let record = self.table.nodes.get(self.node as usize);
        Group {
            table: self.table,
            node: record.map_or(0, |record| record.parent),
        }
    }

    /// Set if it is deprecated, or a group that it is in.
    pub fn deprecated(self) -> Option<Deprecation<'t>> {
        let record = self.table.nodes.get(self.node as usize)?;
        let own = self.table.deprecation(record.deprecated);
        let mut group = self.group();
        let mut inherited = own;
        while inherited.is_none() && group.node != 0 {
            inherited = group.deprecated();
            let parent = self.table.nodes.get(group.node as usize)?.parent;
            if parent >= group.node {
                break;
            }
            group.node = parent;
        }
        inherited
    }

    /// Its arguments, and then those of every command.
    pub fn arguments(self) -> impl Iterator<Item = Argument<'t>> + Clone {
        let table = self.table;
        let own = match table.nodes.get(self.node as usize) {
            Some(NodeRecord {
                of: Of::Command(range),
                ..
            }) => range.clone(),
            _ => 0..0,
        };
        [own, table.global.clone()]
            .into_iter()
            .filter_map(|range| table.lists.get(range.start as usize..range.end as usize))
            .flatten()
            .map(move |index| Argument {
                table,
                index: *index,
            })
    }

    /// The argument that is written so.
    pub fn argument(self, option: &str) -> Option<Argument<'t>> {
        self.arguments()
            .filter(|argument| argument.kind() != Kind::Refused)
            .find(|argument| argument.options().any(|name| name.name == option))
    }
}

impl PartialEq for Argument<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.table, other.table)
    }
}

impl Eq for Argument<'_> {}

impl<'t> Argument<'t> {
    fn record(self) -> Option<&'t ArgumentRecord> {
        self.table.arguments.get(self.index as usize)
    }

    /// The ways of writing it; its name alone if it is positional.
    pub fn options(self) -> impl Iterator<Item = OptionName<'t>> {
        let table = self.table;
        let range = self.record().map_or(0..0, |record| record.options.clone());
        let records = table
            .options
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default();
        records.iter().map(move |record| OptionName {
            name: table.string(record.name),
            deprecated: table.deprecation(record.deprecated),
        })
    }

    /// The way of writing it that documentation uses: the first that is long and not deprecated.
    pub fn name(self) -> &'t str {
        let long = self
            .options()
            .filter(|option| option.deprecated.is_none())
            .find(|option| option.name.starts_with("--"));
        long.or_else(|| self.options().next())
            .map_or("", |option| option.name)
    }

    /// Whether it is written without an option.
    pub fn positional(self) -> bool {
        self.options().all(|option| !option.name.starts_with('-'))
    }

    /// Whether azure-cli's parser insists on it.
    pub fn required(self) -> bool {
        self.record().is_some_and(|record| record.required)
    }

    /// Whether azure-cli insists on it where `--ids` is not given.
    pub fn required_unless_ids(self) -> bool {
        self.record().is_some_and(|record| record.unless_ids)
    }

    /// How many values it takes.
    pub fn arity(self) -> Arity {
        self.record().map_or(Arity::Any, |record| record.arity)
    }

    /// What its values are.
    pub fn kind(self) -> Kind {
        self.record().map_or(Kind::Text, |record| record.kind)
    }

    /// The values that it takes, if they are listed.
    pub fn choices(self) -> Option<Choices<'t>> {
        let record = self.table.choices.get(self.record()?.choices? as usize)?;
        Some(Choices {
            table: self.table,
            record,
        })
    }

    /// The key of `az configure --defaults` that stands in for it.
    pub fn default_key(self) -> Option<&'t str> {
        self.record()?.default.map(|key| self.table.string(key))
    }

    /// Set if it is deprecated, however it is written.
    pub fn deprecated(self) -> Option<Deprecation<'t>> {
        self.table.deprecation(self.record()?.deprecated)
    }
}

impl<'t> Choices<'t> {
    /// The values.
    pub fn values(self) -> impl Iterator<Item = &'t str> {
        let table = self.table;
        self.record.values.iter().map(move |id| table.string(*id))
    }

    /// Whether upper and lower case are the same.
    pub fn any_case(self) -> bool {
        self.record.any_case
    }

    /// Whether azure-cli's parser takes this value.
    pub fn accept(self, value: &str) -> bool {
        self.values().any(|choice| {
            choice == value || self.record.any_case && choice.to_lowercase() == value.to_lowercase()
        })
    }
}
