//! What a script does with variables, in the order of execution: [`events`].

use super::commands::{enters_container, exports, is_temporary, option_of, tests};
use super::events::{Event, EventKind, Reading, Scope, Setting};
use crate::shell::{
    Assignment, Command, CommandKind, Dialect, Part, PartKind, Quoting, Script, SyntaxProblemKind,
    Word,
};
use std::collections::HashSet;
use std::ops::Range;

/// The events of a script.
pub(super) fn events(script: &Script, text: &str) -> Vec<Event> {
    let mut walker = Walker {
        dialect: script.dialect,
        text,
        events: Vec::new(),
    };
    for command in &script.commands {
        walker.command(command, false);
    }
    walker.meant(script);
    walker.events
}

struct Walker<'t> {
    dialect: Dialect,
    text: &'t str,
    events: Vec<Event>,
}

/// What the readings of one word have in common.
#[derive(Clone, Default)]
struct Around<'c> {
    command: Option<&'c str>,
    optional: bool,
    deferred: bool,
    option: Option<String>,
    here: bool,
}

impl Walker<'_> {
    fn command(&mut self, command: &Command, inside: bool) {
        let name = command.name();
        let name = name.as_deref();
        let mut around = Around {
            command: name,
            optional: tests(command, name),
            deferred: command.place.in_function,
            ..Around::default()
        };
        for word in command.assignments.iter().filter_map(|a| a.value.as_ref()) {
            self.parts(&word.parts, &around);
        }
        for (at, word) in command.words.iter().enumerate() {
            around.option = option_of(command, at);
            self.parts(&word.parts, &around);
        }
        around.option = None;
        for redirect in &command.redirects {
            if let Some(word) = &redirect.target {
                self.parts(&word.parts, &around);
            }
            if let Some(here) = &redirect.here {
                around.here = true;
                self.parts(&here.parts, &around);
                around.here = false;
            }
        }
        let temporary = is_temporary(self.dialect, command, name);
        let exported = exports(command, name);
        for assignment in &command.assignments {
            self.assignment(command, assignment, exported, inside, temporary);
        }
        self.by_command(command, name, inside);
    }

    fn assignment(
        &mut self,
        command: &Command,
        assignment: &Assignment,
        exported: bool,
        inside: bool,
        temporary: bool,
    ) {
        let (scope, unscoped) = match assignment.name.split_once(':') {
            Some((scope, rest)) if self.dialect == Dialect::PowerShell => (scope, rest),
            _ => ("", assignment.name.as_str()),
        };
        let environment = scope.eq_ignore_ascii_case("env");
        let kept = if environment {
            assignment.name.as_str()
        } else {
            unscoped
        };
        // `$x.Member = …` and `x[1]=…` change what is there.
        let kept = kept.split(['.', '[']).next().unwrap_or(kept);
        let value = match command.kind {
            CommandKind::Simple if !assignment.append => assignment.value.as_ref(),
            _ => None,
        };
        // `+=` keeps what was there, and bash takes nothing for an unset variable.
        self.set(
            kept,
            assignment.name_range.clone(),
            Setting {
                scope: match () {
                    () if temporary => Scope::Command,
                    () if inside || self.forks(command) => Scope::Subshell,
                    () => Scope::Shell,
                },
                exported: environment || exported,
                loops: command.kind == CommandKind::For,
                value: value.and_then(Word::literal),
            },
        );
    }

    /// Whether bash runs a command in a shell of its own.
    fn forks(&self, command: &Command) -> bool {
        let place = &command.place;
        self.dialect == Dialect::Bash && (place.piped_from || place.piped_into || place.background)
    }

    /// Commands that set variables which they name in their arguments.
    fn by_command(&mut self, command: &Command, name: Option<&str>, inside: bool) {
        let Some(name) = name else { return };
        let literal = |at: usize| command.words.get(at).and_then(Word::literal);
        let behind = |options: &[&str]| {
            let at = command.words.iter().position(|word| {
                word.literal().is_some_and(|text| {
                    options
                        .iter()
                        .any(|option| option.eq_ignore_ascii_case(&text))
                })
            });
            at.and_then(|at| Some((literal(at + 1)?, command.words.get(at + 1)?.range.clone())))
        };
        let mut named = Vec::new();
        match (self.dialect, name) {
            (Dialect::Bash, "source" | "." | "eval")
            | (Dialect::PowerShell, "." | "Invoke-Expression" | "iex") => {
                self.event(command.range.clone(), EventKind::MaySetAny);
            }
            (Dialect::Cmd, "call") => self.event(command.range.clone(), EventKind::MaySetAny),
            (Dialect::Bash, "exit" | "logout") if command.words.len() == 1 && !inside => {
                self.event(command.range.clone(), EventKind::Leaves);
            }
            (Dialect::Bash, "getopts") => {
                named.extend(literal(2).map(|text| (text, command.range.clone())));
            }
            (Dialect::Bash, "printf") => named.extend(behind(&["-v"])),
            (Dialect::Bash, "mapfile" | "readarray") => {
                let last = command.words.last().filter(|_| command.words.len() > 1);
                named.extend(last.and_then(|word| Some((word.literal()?, word.range.clone()))));
            }
            (Dialect::Bash, "unset" | "export" | "read" | "readonly" | "declare" | "local") => {
                // Names alone: they are asked of the reader, or set elsewhere.
                for word in command.words.iter().skip(1) {
                    let text = word.literal().filter(|text| !text.starts_with('-'));
                    named.extend(text.map(|text| (text, word.range.clone())));
                }
            }
            (Dialect::Bash, "let") => {
                for word in command.words.iter().skip(1) {
                    let text = word.literal().unwrap_or_default();
                    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
                    let text = text.get(..end.unwrap_or(0)).unwrap_or("").to_owned();
                    named.push((text, word.range.clone()));
                }
            }
            // `name = value`, which lacks its `$`.
            (Dialect::PowerShell, _) if literal(1).as_deref() == Some("=") => {
                let range = command.words.first().map(|word| word.range.clone());
                named.extend(range.map(|range| (name.to_owned(), range)));
            }
            // `set NAME=value` of the command prompt.
            (Dialect::Bash, "set") => {
                for word in command.words.iter().skip(1) {
                    let text = match word.parts.first().map(|part| &part.kind) {
                        Some(PartKind::Text(text)) => text.as_str(),
                        _ => "",
                    };
                    let set = text.split_once('=').map(|(name, _)| name.to_owned());
                    named.extend(set.map(|name| (name, word.range.clone())));
                }
            }
            (Dialect::PowerShell, _) => {
                if name.eq_ignore_ascii_case("Set-Variable")
                    || name.eq_ignore_ascii_case("New-Variable")
                {
                    named.extend(
                        behind(&["-Name"])
                            .or_else(|| Some((literal(1)?, command.words.get(1)?.range.clone()))),
                    );
                }
                named.extend(behind(&["-OutVariable", "-ov"]));
                named.extend(behind(&["-ErrorVariable", "-ev"]));
                named.extend(behind(&["-PipelineVariable", "-pv"]));
                named.extend(behind(&["-ResponseHeadersVariable", "-rhv"]));
                named.extend(behind(&["-SessionVariable", "-sv"]));
                named.extend(behind(&["-StatusCodeVariable"]));
            }
            _ => {}
        }
        if !named.is_empty() {
            // Some of them the shell's reader has found already.
            let assignments = command.assignments.iter();
            let found: HashSet<&str> = assignments.map(|found| found.name.as_str()).collect();
            named.retain(|(text, _)| !found.contains(text.as_str()));
        }
        for (text, range) in named {
            self.set(
                text.trim_start_matches('+'),
                range,
                Setting {
                    scope: match inside || self.forks(command) {
                        true => Scope::Subshell,
                        false => Scope::Shell,
                    },
                    exported: name == "export",
                    loops: false,
                    value: None,
                },
            );
        }
        if self.dialect != Dialect::Cmd && enters_container(command) {
            self.event(command.range.clone(), EventKind::EntersContainer);
        }
    }

    fn set(&mut self, name: &str, range: Range<usize>, setting: Setting) {
        if !name.is_empty() {
            self.events.push(Event {
                range,
                name: name.to_owned(),
                variable: 0,
                kind: EventKind::Set(setting),
            });
        }
    }

    /// Assignments that are written wrongly: another rule tells of them, and those who read the
    /// variable are not to blame.
    fn meant(&mut self, script: &Script) {
        let set = self
            .events
            .iter()
            .filter(|event| matches!(event.kind, EventKind::Set(_)));
        let set: HashSet<&str> = set.map(|event| event.name.as_str()).collect();
        let meant = script.problems.iter().filter_map(|problem| {
            let (SyntaxProblemKind::DollarOnAssignment(name)
            | SyntaxProblemKind::SpaceAroundAssignment(name)
            | SyntaxProblemKind::SpaceAfterEquals(name)
            | SyntaxProblemKind::CommandAsValue(name)
            | SyntaxProblemKind::InvalidVariableName(name)) = &problem.kind
            else {
                return None;
            };
            let kind = EventKind::Set(Setting {
                scope: Scope::Shell,
                exported: false,
                loops: false,
                value: None,
            });
            (!set.contains(name.as_str())).then(|| Event {
                range: problem.range.clone(),
                name: name.clone(),
                variable: 0,
                kind,
            })
        });
        let meant: Vec<Event> = meant.collect();
        if meant.is_empty() {
            return;
        }
        let mut meant = meant.into_iter().peekable();
        let mut events = Vec::with_capacity(self.events.len() + 1);
        for event in std::mem::take(&mut self.events) {
            while let Some(before) = meant.next_if(|m| m.range.start <= event.range.start) {
                events.push(before);
            }
            events.push(event);
        }
        events.extend(meant);
        self.events = events;
    }

    fn event(&mut self, range: Range<usize>, kind: EventKind) {
        self.events.push(Event {
            range,
            name: String::new(),
            variable: usize::MAX,
            kind,
        });
    }

    fn parts(&mut self, parts: &[Part], around: &Around<'_>) {
        for part in parts {
            match &part.kind {
                PartKind::Text(_) | PartKind::Placeholder { .. } => {}
                PartKind::Expression(inside) => {
                    self.arithmetic(part);
                    self.parts(inside, around);
                }
                PartKind::Substitution { commands, .. } => {
                    for command in commands {
                        self.command(command, true);
                    }
                }
                PartKind::Variable {
                    name,
                    default,
                    operator,
                    nested,
                } => {
                    self.parts(nested, around);
                    self.read(part, name, *default, operator.as_deref(), around);
                }
            }
        }
    }

    fn read(
        &mut self,
        part: &Part,
        name: &str,
        default: bool,
        operator: Option<&str>,
        around: &Around<'_>,
    ) {
        let name = match (self.dialect, name.split_once(':')) {
            (Dialect::PowerShell, Some((scope, rest))) if !scope.eq_ignore_ascii_case("env") => {
                rest
            }
            _ => name,
        };
        self.events.push(Event {
            range: part.range.clone(),
            name: name.to_owned(),
            variable: 0,
            kind: EventKind::Read(Reading {
                optional: default || around.optional,
                deferred: around.deferred,
                option: around.option.clone(),
                in_here_document: around.here,
                operator: operator.map(str::to_owned),
                command: around.command.map(str::to_owned),
            }),
        });
        // `${x:=value}` sets it, and `${x:?}` ends the script where it is unset.
        if default && part.quoting != Quoting::Single {
            self.set(
                name,
                part.range.clone(),
                Setting {
                    scope: Scope::Shell,
                    exported: false,
                    loops: false,
                    value: None,
                },
            );
        }
    }

    /// `$((x = 1))`, `((x++))`: bash's arithmetic sets variables too.
    fn arithmetic(&mut self, part: &Part) {
        if self.dialect != Dialect::Bash {
            return;
        }
        let text = self.text.get(part.range.clone()).unwrap_or("");
        let Some((before, _)) = text.split_once('=') else {
            return;
        };
        let name: String = before
            .trim_start_matches(['$', '(', ' '])
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if text.starts_with("$((") || text.starts_with("((") {
            self.set(
                &name,
                part.range.clone(),
                Setting {
                    scope: Scope::Shell,
                    exported: false,
                    loops: false,
                    value: None,
                },
            );
        }
    }
}
