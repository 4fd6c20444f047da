//! Which variables a reader's shell has by the time a command reads them: [`Variables`].

mod commands;
mod declared;
mod environment;
mod events;
mod judge;
mod likeness;
mod undefined;
mod walk;

pub use environment::is_known;
pub use events::{Event, EventKind, Reading, Scope, Setting};
pub use undefined::{Cause, Certainty, Rival, Undefined};

use crate::lint::context::BlockText;
use crate::lint::{Context, ReaderPath};
use crate::shell::Dialect;
use crate::source::Span;
use std::collections::HashMap;

/// What an article's blocks do with variables.
#[derive(Debug, Default)]
pub struct Variables {
    /// What each block does, in the order in which a shell runs it; in the order of
    /// [`Context::blocks`].
    pub blocks: Vec<BlockEvents>,
    /// Every variable; an [`Event`] points into them.
    pub all: Vec<Variable>,
    indices: HashMap<Name, usize>,
}

/// A variable of one of the shells that an article uses.
#[derive(Debug)]
pub struct Variable {
    /// The shell and the name.
    pub name: Name,
    /// Nobody has to set it.
    pub known: bool,
    /// Every place that sets it.
    pub settings: Vec<EventId>,
    /// Every place that reads it.
    pub readings: Vec<EventId>,
}

/// What a block does with variables.
#[derive(Debug, Default)]
pub struct BlockEvents {
    /// The shell that it is typed into; `None` for a block without commands.
    pub dialect: Option<Dialect>,
    /// What happens, in the order of execution.
    pub events: Vec<Event>,
}

/// A variable of a shell, spelled as the shell tells names apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The shell.
    pub dialect: Dialect,
    /// Its name, in lower case where the shell takes upper and lower case for the same.
    pub key: String,
}

impl Name {
    /// The variable that a shell means by `written`.
    pub fn new(dialect: Dialect, written: &str) -> Self {
        let key = match dialect {
            Dialect::Bash => written.to_owned(),
            Dialect::PowerShell | Dialect::Cmd => written.to_lowercase(),
        };
        Self { dialect, key }
    }
}

/// An event's place: the block, and the event in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// Index into [`Context::blocks`] and [`Variables::blocks`].
    pub block: usize,
    /// Index into [`BlockEvents::events`].
    pub event: usize,
}

impl Variables {
    /// Looks at an article's blocks.
    pub fn new(blocks: &[BlockText<'_>]) -> Self {
        let mut variables = Self::default();
        for (index, block) in blocks.iter().enumerate() {
            let mut of = BlockEvents::default();
            if let Some(script) = &block.script {
                of.dialect = Some(script.dialect);
                of.events = walk::events(script, &block.text);
                for (event, what) in of.events.iter_mut().enumerate() {
                    let place = EventId {
                        block: index,
                        event,
                    };
                    variables.add(script.dialect, place, what);
                }
            }
            variables.blocks.push(of);
        }
        variables
    }

    fn add(&mut self, dialect: Dialect, place: EventId, event: &mut Event) {
        if event.name.is_empty() {
            return;
        }
        let name = Name::new(dialect, &event.name);
        event.variable = *self.indices.entry(name).or_insert_with_key(|name| {
            self.all.push(Variable {
                name: name.clone(),
                known: is_known(dialect, &event.name),
                settings: Vec::new(),
                readings: Vec::new(),
            });
            self.all.len() - 1
        });
        let Some(variable) = self.all.get_mut(event.variable) else {
            return;
        };
        match event.kind {
            EventKind::Set(_) => variable.settings.push(place),
            EventKind::Read(_) => variable.readings.push(place),
            EventKind::MaySetAny | EventKind::EntersContainer | EventKind::Leaves => {}
        }
    }

    /// Everything that has no value where it is read, in the order of the blocks.
    pub fn undefined(&self, context: &Context<'_>) -> Vec<Undefined> {
        undefined::find(self, context)
    }

    /// What is known of a variable.
    pub fn variable(&self, name: &Name) -> Option<&Variable> {
        self.all.get(*self.indices.get(name)?)
    }

    /// The event at a place.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.blocks.get(id.block)?.events.get(id.event)
    }

    /// What a reader of `path` does with variables, in order.
    pub fn along<'v>(&'v self, path: &'v ReaderPath) -> impl Iterator<Item = (EventId, &'v Event)> {
        path.blocks.iter().flat_map(|block| {
            let events = self
                .blocks
                .get(*block)
                .into_iter()
                .flat_map(|of| &of.events);
            events.enumerate().map(|(event, what)| {
                let id = EventId {
                    block: *block,
                    event,
                };
                (id, what)
            })
        })
    }

    /// Where an event stands, in words for a message that is told of another place: `line 12`.
    pub fn place(&self, context: &Context<'_>, id: EventId, of: EventId) -> Option<String> {
        let from = self.span(context, of)?;
        let span = self.span(context, id)?;
        Some(if from.file == span.file {
            format!("line {}", span.line)
        } else {
            format!("line {} of {}", span.line, span.file)
        })
    }

    /// Where an event stands.
    pub fn span(&self, context: &Context<'_>, id: EventId) -> Option<Span> {
        let event = self.event(id)?;
        Some(context.blocks.get(id.block)?.span(event.range.clone()))
    }

    /// A variable as its shell reads it: `$name`, `%name%`.
    pub fn written(&self, id: EventId) -> Option<String> {
        let name = &self.event(id)?.name;
        Some(match self.blocks.get(id.block)?.dialect {
            Some(Dialect::Cmd) => format!("%{name}%"),
            _ => format!("${name}"),
        })
    }
}
