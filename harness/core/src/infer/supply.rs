//! What an article takes for granted, found as its steps come to need it: [`Supply`].

use super::kind::Kind;
use super::need::Thing;
use super::prepare::Maker;
use super::sketch::{Guessed, Planned, Prepared};
use crate::source::Position;
use std::collections::HashMap;

/// Where a thing comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    /// It is made ready before the first step.
    Prepared,
    /// A step makes it; it may be one that is not run.
    Step { name: String, may_be_left: bool },
}

/// What is there, and what is made so that it is.
pub(super) struct Supply<'a> {
    maker: Maker<'a>,
    there: HashMap<(Kind, String), From>,
    pub(super) preparations: Vec<Prepared>,
    pub(super) guesses: Vec<Guessed>,
}

impl<'a> Supply<'a> {
    pub(super) fn new(maker: Maker<'a>) -> Self {
        Self {
            maker,
            there: HashMap::new(),
            preparations: Vec::new(),
            guesses: Vec::new(),
        }
    }

    /// A step makes a thing.
    pub(super) fn made(&mut self, thing: &Thing, step: &Planned) {
        let from = From::Step {
            name: step.name.clone(),
            may_be_left: step.may_be_left(),
        };
        // What was there stays there, also where a step that is not run makes it again.
        if !(step.may_be_left() && self.there.contains_key(&thing.key())) {
            self.there.insert(thing.key(), from);
        }
    }

    /// Whether a thing is there, by itself or with what it is part of.
    pub(super) fn has(&self, thing: &Thing) -> bool {
        self.from(thing).is_some()
    }

    fn from(&self, thing: &Thing) -> Option<&From> {
        if let Some(from) = self.there.get(&thing.key()) {
            return Some(from);
        }
        let of = thing.of.as_ref()?.to_ascii_lowercase();
        match thing.kind {
            // A command that makes a network makes its subnets.
            Kind::Subnet => self.there.get(&(Kind::Vnet, of)),
            // Any image will do.
            Kind::Image if thing.name == "*" => {
                let image = self.there.iter().find(|((kind, key), _)| {
                    *kind == Kind::Image && key.starts_with(&format!("{of}/"))
                });
                image.map(|(_, from)| from)
            }
            _ => None,
        }
    }

    /// Sees to it that a thing is there for a step: before the first step, or by a step of its own,
    /// which is given back, where only the article's steps make what it is part of.
    pub(super) fn ensure(
        &mut self,
        thing: &Thing,
        step: &mut Planned,
        place: &Position,
    ) -> Option<Planned> {
        if let Some(from) = self.from(thing) {
            if let From::Step {
                name,
                may_be_left: true,
            } = from
                && !step.needs.contains(name)
                && *name != step.name
            {
                step.needs.push(name.clone());
            }
            return None;
        }
        if !thing.is_known() || thing.kind == Kind::Vnet {
            return None;
        }
        let made = self.maker.make(thing)?;
        let mut late = false;
        for part in self.maker.parts(thing) {
            if part.kind == Kind::Group && matches!(self.from(&part), Some(From::Step { .. })) {
                // Before the first step there is none yet, and making it twice does no harm.
                self.there.remove(&part.key());
            }
            self.ensure(&part, step, place);
            late |= matches!(self.from(&part), Some(From::Step { .. }));
            if !self.has(&part) {
                return None;
            }
        }
        if late && !step.needs.is_empty() {
            return None;
        }
        let what = match &thing.of {
            Some(of) => format!("the {} {} in {of}", thing.kind.said(), thing.name),
            None => format!("the {} {}", thing.kind.said(), thing.name),
        };
        let named = made.renamed.as_ref().map_or(String::new(), |name| {
            format!(", as {name}: it cannot be made under that name")
        });
        let line = place.line;
        if !late {
            self.there.insert(thing.key(), From::Prepared);
            self.guesses.push(Guessed {
                place: place.clone(),
                guess: format!("{what} is made before the first step{named}"),
                why: "this command takes it for granted".to_owned(),
            });
            self.preparations.push(Prepared {
                why: format!("the article takes {what} for granted (line {line})"),
                run: made.command,
                keep: Vec::new(),
                place: place.clone(),
            });
            return None;
        }
        let own = Planned {
            name: format!("make {what}"),
            run: Some(made.command),
            why: Some(format!(
                "the article takes {what} for granted (line {line})"
            )),
            place: Some(place.clone()),
            ..Planned::default()
        };
        self.guesses.push(Guessed {
            place: place.clone(),
            guess: format!("{what} is made before this step{named}"),
            why: "this command takes it for granted".to_owned(),
        });
        self.there.insert(
            thing.key(),
            From::Step {
                name: own.name.clone(),
                may_be_left: false,
            },
        );
        Some(own)
    }
}
