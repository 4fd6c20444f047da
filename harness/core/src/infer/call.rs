//! The calls of `az` on a way, with the values that they get: [`Call`].

use super::piece::Piece;
use crate::command_table::{Argument, Table};
use crate::lint::facts::calls::{self, AzCall};
use crate::preflight::{Known, Value};
use crate::shell::{self, Command, Dialect};
use crate::source::Position;

/// An option in all its spellings, with its values and how they are written.
type Given = (Vec<String>, Vec<(Value, String)>);

/// A call of `az` in a piece.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The command: `keyvault secret set`.
    pub(super) path: String,
    /// Where it begins.
    pub(super) position: Position,
    /// The last line that it stands on.
    pub(super) last_line: u32,
    /// Each option that is given, in all its spellings, with its values and how they are written.
    given: Vec<Given>,
    /// All options that the command has.
    has: Vec<String>,
}

impl Call {
    /// Whether an option is given.
    pub(super) fn has(&self, option: &str) -> bool {
        self.values(option).is_some()
    }

    /// Whether its command has an option.
    pub(super) fn takes(&self, option: &str) -> bool {
        self.has.iter().any(|name| name == option)
    }

    /// The values of an option.
    fn values(&self, option: &str) -> Option<&[(Value, String)]> {
        let given = self.given.iter().rev();
        let mut given = given.filter(|(names, _)| names.iter().any(|name| name == option));
        given.next().map(|(_, values)| values.as_slice())
    }

    /// The first value of an option, if it is known without running.
    pub(super) fn text(&self, option: &str) -> Option<&str> {
        self.values(option)?.first()?.0.known()
    }

    /// The first value of an option: what it comes to, or as it is written.
    pub(super) fn key(&self, option: &str) -> Option<String> {
        let (value, written) = self.values(option)?.first()?;
        let known = value.known().map(str::to_owned);
        known.or_else(|| Some(written.trim_matches('"').to_owned()))
    }

    /// Each option's longest spelling, and its values as they are written.
    pub(super) fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().flat_map(|(names, values)| {
            let name = names.iter().max_by_key(|name| name.len());
            let name = name.map_or("", String::as_str);
            values
                .iter()
                .map(move |(_, written)| (name, written.as_str()))
        })
    }

    /// Whether it begins with these words.
    pub(super) fn of(&self, words: &str) -> bool {
        self.path
            .strip_prefix(words)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// The last word of the command.
    pub(super) fn verb(&self) -> &str {
        self.path.rsplit(' ').next().unwrap_or_default()
    }
}

/// The commands of a text, in the order in which they run: `visit` gets each call of `az`, and each
/// other command.
pub(super) fn read(
    piece: &Piece<'_>,
    text: &str,
    known: &mut Known,
    visit: &mut dyn FnMut(Seen<'_>, &Known),
) {
    let script = shell::parse(text, Dialect::Bash);
    script.walk(&mut |command| {
        match calls::of_command(command, Dialect::Bash, Table::built_in()) {
            Some(call) => {
                let call = of(piece, text, &call, known);
                visit(Seen::Az(&call, command), known);
            }
            None => visit(Seen::Other(command), known),
        }
        known.learn(command, text, Dialect::Bash);
    });
}

/// A command.
pub(super) enum Seen<'s> {
    /// Of `az`.
    Az(&'s Call, &'s Command),
    /// Any other.
    Other(&'s Command),
}

fn of(piece: &Piece<'_>, text: &str, call: &AzCall<'_>, known: &Known) -> Call {
    let mut given = Vec::new();
    for bound in &call.parsed.bound {
        let names = bound
            .argument
            .options()
            .map(|option| option.name.to_owned());
        let values = call.values_of(bound).into_iter().map(|value| {
            let written = text.get(value.range.clone()).unwrap_or_default().to_owned();
            let value = match value.literal {
                Some(literal) => Value::Known(literal.to_owned()),
                // `--name=$X` is one word.
                None if value.word.range != value.range => Value::Written(written.clone()),
                None => known.value(value.word, text, Dialect::Bash),
            };
            (value, written)
        });
        given.push((names.collect(), values.collect()));
    }
    let has = call.command().map_or_else(Vec::new, |command| {
        let options = command.arguments().flat_map(Argument::options);
        options.map(|option| option.name.to_owned()).collect()
    });
    if call.command().is_none() {
        given = loose(call, text, known);
    }
    Call {
        path: call.path(),
        position: piece.position(call.name.start),
        last_line: piece.position(call.range.end.saturating_sub(1)).line,
        given,
        has,
    }
}

/// What is given to a command that azure-cli does not have: an extension's.
fn loose(call: &AzCall<'_>, text: &str, known: &Known) -> Vec<Given> {
    let mut given: Vec<Given> = Vec::new();
    for word in &call.shell_words {
        let written = word.source(text);
        if written.starts_with('-') {
            let name = match written {
                "-g" => "--resource-group",
                "-n" => "--name",
                "-r" => "--registry",
                "-l" => "--location",
                other => other,
            };
            given.push((vec![name.to_owned()], Vec::new()));
        } else if let Some((_, values)) = given.last_mut() {
            let value = known.value(word, text, Dialect::Bash);
            values.push((value, written.to_owned()));
        }
    }
    given
}
