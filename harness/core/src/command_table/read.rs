//! Reads the file of a table: [`read`]. The format is that of [`super::write`].

use super::error::TableError;
use super::table::{
    ArgumentRecord, Arity, ChoicesRecord, DeprecationRecord, Kind, NodeRecord, Of, OptionRecord,
    Table,
};
use std::ops::Range;

/// What a table begins with.
pub(super) const MAGIC: &[u8; 7] = b"az-tbl\0";
/// The format that is read and written.
pub(super) const FORMAT: u8 = 1;
/// No table is larger than this; a file that claims to be is damaged.
const LIMIT: usize = 64 << 20;

type Read<T> = Result<T, TableError>;

pub(super) fn read(bytes: &[u8]) -> Read<Table> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(TableError::NotATable)?;
    let (format, packed) = rest.split_first().ok_or(TableError::NotATable)?;
    if *format != FORMAT {
        return Err(TableError::Format {
            found: *format,
            expected: FORMAT,
        });
    }
    let inner = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, LIMIT)
        .map_err(|_| TableError::Damaged("it cannot be unpacked"))?;
    table(&mut Bytes(&inner))
}

struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn byte(&mut self) -> Read<u8> {
        let (first, rest) = self
            .0
            .split_first()
            .ok_or(TableError::Damaged("it ends too early"))?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Read<u32> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value)
                    .map_err(|_| TableError::Damaged("a number is too large"));
            }
        }
        Err(TableError::Damaged("a number does not end"))
    }

    /// How many of something follow: never more than there are bytes.
    fn count(&mut self) -> Read<usize> {
        let count = self.number()? as usize;
        if count > self.0.len() {
            return Err(TableError::Damaged("it says that it has more than it has"));
        }
        Ok(count)
    }

    /// The number of something there may be none of.
    fn optional(&mut self, limit: usize) -> Read<Option<u32>> {
        match self.number()? {
            0 => Ok(None),
            number => below(number - 1, limit).map(Some),
        }
    }

    fn index(&mut self, limit: usize) -> Read<u32> {
        below(self.number()?, limit)
    }

    fn text(&mut self, length: usize) -> Read<&'b str> {
        let bytes = self
            .0
            .get(..length)
            .ok_or(TableError::Damaged("it ends too early"))?;
        self.0 = self.0.get(length..).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| TableError::Damaged("a name is not text"))
    }
}

fn below(number: u32, limit: usize) -> Read<u32> {
    if (number as usize) < limit {
        Ok(number)
    } else {
        Err(TableError::Damaged("it refers to something that it lacks"))
    }
}

fn length<T>(list: &[T]) -> Read<u32> {
    u32::try_from(list.len()).map_err(|_| TableError::Damaged("it is too large"))
}

fn table(bytes: &mut Bytes<'_>) -> Read<Table> {
    let mut table = Table::default();
    let size = bytes.count()?;
    table.version = bytes.text(size)?.to_owned();
    let size = bytes.count()?;
    table.date = bytes.text(size)?.to_owned();
    strings(bytes, &mut table)?;
    let names = table.starts.len().saturating_sub(1);
    for _ in 0..bytes.count()? {
        let head = bytes.number()?;
        let values = (0..head >> 1).map(|_| bytes.index(names));
        table.choices.push(ChoicesRecord {
            any_case: head & 1 == 1,
            values: values.collect::<Read<_>>()?,
        });
    }
    for _ in 0..bytes.count()? {
        table.deprecations.push(DeprecationRecord {
            redirect: bytes.optional(names)?,
            expiration: bytes.optional(names)?,
        });
    }
    for _ in 0..bytes.count()? {
        let argument = argument(bytes, &mut table, names)?;
        table.arguments.push(argument);
    }
    table.global = list(bytes, &mut table)?;
    nodes(bytes, &mut table, names)?;
    Ok(table)
}

fn strings(bytes: &mut Bytes<'_>, table: &mut Table) -> Read<()> {
    let count = bytes.count()?;
    table.starts.reserve(count + 1);
    let mut end = 0u32;
    table.starts.push(0);
    for _ in 0..count {
        end = end
            .checked_add(bytes.number()?)
            .ok_or(TableError::Damaged("it is too large"))?;
        table.starts.push(end);
    }
    table.text = bytes.text(end as usize)?.to_owned();
    let whole = table
        .starts
        .iter()
        .all(|start| table.text.is_char_boundary(*start as usize));
    if whole {
        Ok(())
    } else {
        Err(TableError::Damaged("a name is cut in two"))
    }
}

fn argument(bytes: &mut Bytes<'_>, table: &mut Table, names: usize) -> Read<ArgumentRecord> {
    let flags = bytes.byte()?;
    let arity = match bytes.number()? {
        0 => Arity::Zero,
        1 => Arity::One,
        2 => Arity::Optional,
        3 => Arity::Any,
        4 => Arity::Some,
        more => Arity::Exactly(more - 5),
    };
    let kind = match flags & 0b1100 {
        0b0100 => Kind::Int,
        0b1000 => Kind::Float,
        0b1100 => Kind::Refused,
        _ => Kind::Text,
    };
    let first = length(&table.options)?;
    for _ in 0..bytes.count()? {
        let head = bytes.number()?;
        let deprecated = match head & 1 {
            1 => Some(bytes.index(table.deprecations.len())?),
            _ => None,
        };
        table.options.push(OptionRecord {
            name: below(head >> 1, names)?,
            deprecated,
        });
    }
    let choices = table.choices.len();
    let deprecations = table.deprecations.len();
    let mut further = |bit: u8, limit: usize| match flags & bit {
        0 => Ok(None),
        _ => bytes.index(limit).map(Some),
    };
    Ok(ArgumentRecord {
        arity,
        kind,
        required: flags & 1 != 0,
        unless_ids: flags & 2 != 0,
        choices: further(0x10, choices)?,
        default: further(0x20, names)?,
        deprecated: further(0x40, deprecations)?,
        options: first..length(&table.options)?,
    })
}

/// The arguments of a command: ascending, so what is written is how far each is from the last.
fn list(bytes: &mut Bytes<'_>, table: &mut Table) -> Read<Range<u32>> {
    let first = length(&table.lists)?;
    let mut next = 0u32;
    for _ in 0..bytes.count()? {
        let index = next.saturating_add(bytes.number()?);
        table.lists.push(below(index, table.arguments.len())?);
        next = index.saturating_add(1);
    }
    Ok(first..length(&table.lists)?)
}

/// The tree, level by level: the children of the first group come behind all of its level.
fn nodes(bytes: &mut Bytes<'_>, table: &mut Table, names: usize) -> Read<()> {
    let count = bytes.count()?;
    if count == 0 {
        return Err(TableError::Damaged("it has no commands"));
    }
    table.nodes.reserve(count);
    let mut end = 1u32;
    for at in 0..count {
        let flags = bytes.byte()?;
        let name = bytes.index(names)?;
        let deprecated = match flags & 2 {
            0 => None,
            _ => Some(bytes.index(table.deprecations.len())?),
        };
        let of = if flags & 1 == 1 {
            let start = end;
            end = end
                .checked_add(bytes.number()?)
                .filter(|end| *end as usize <= count)
                .ok_or(TableError::Damaged("a group has more than there is"))?;
            Of::Group(start..end)
        } else {
            Of::Command(list(bytes, table)?)
        };
        if at as u64 >= u64::from(end) {
            return Err(TableError::Damaged("a command is in no group"));
        }
        table.nodes.push(NodeRecord {
            name,
            parent: 0,
            deprecated,
            of,
        });
    }
    let groups: Vec<_> = (0u32..)
        .zip(&table.nodes)
        .filter_map(|(at, node)| match &node.of {
            Of::Group(children) => Some((at, children.clone())),
            Of::Command(_) => None,
        })
        .collect();
    for (at, children) in groups {
        let range = children.start as usize..children.end as usize;
        for node in table.nodes.get_mut(range).unwrap_or_default() {
            node.parent = at;
        }
    }
    Ok(())
}
