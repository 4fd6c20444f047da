//! Builtins that set variables.

use super::cursor::is_name;
use crate::shell::script::{Assignment, Command, PartKind, Word};

/// Whether the operands of a command can be assignments.
pub(super) fn declares(name: &str) -> bool {
    matches!(
        name,
        "export" | "declare" | "typeset" | "local" | "readonly"
    )
}

/// Adds the variables that a command sets by being run: those that `read` and its like are given,
/// those that `export` and its like name without a value, and those of `${x:=…}`.
pub(super) fn finish(command: &mut Command) {
    let mut set = Vec::new();
    for word in &command.words {
        for used in word.variables() {
            if let PartKind::Variable {
                operator: Some(operator),
                ..
            } = &used.part.kind
                && (operator.starts_with(":=") || operator.starts_with('='))
            {
                set.push(Assignment {
                    name: used.name.to_owned(),
                    name_range: used.part.range.clone(),
                    range: used.part.range.clone(),
                    value: None,
                    append: false,
                });
            }
        }
    }
    let name = command.name();
    let arguments = command.words.get(1..).unwrap_or(&[]);
    match name.as_deref() {
        Some("read") => set.extend(read(arguments)),
        Some("mapfile" | "readarray") => {
            set.extend(operands(arguments, "dnOsuCc").next_back().and_then(named));
        }
        Some("printf") => set.extend(option(arguments, "-v").and_then(named)),
        Some("getopts") => set.extend(arguments.get(1).and_then(named)),
        Some("let") => set.extend(arguments.iter().filter_map(expression)),
        Some(name) if declares(name) && !is_function(arguments) => {
            set.extend(operands(arguments, "").filter_map(named));
        }
        _ => {}
    }
    command.assignments.extend(set);
}

/// The variables of `read`: its operands and the array of `-a`.
fn read(arguments: &[Word]) -> impl Iterator<Item = Assignment> {
    operands(arguments, "dinNptu")
        .chain(option(arguments, "-a"))
        .filter_map(named)
}

/// The arguments that are no options, nor values of the options `with_value`.
fn operands<'w>(
    arguments: &'w [Word],
    with_value: &str,
) -> impl DoubleEndedIterator<Item = &'w Word> {
    let mut skip = false;
    let mut operands = Vec::new();
    for word in arguments {
        let text = word.literal();
        if std::mem::take(&mut skip) {
            continue;
        }
        match text.as_deref() {
            Some(option) if option.starts_with('-') => {
                skip = option.len() > 1 && option.ends_with(|c| with_value.contains(c));
            }
            _ => operands.push(word),
        }
    }
    operands.into_iter()
}

/// The value of an option.
fn option<'w>(arguments: &'w [Word], name: &str) -> Option<&'w Word> {
    let at = arguments
        .iter()
        .position(|word| word.literal().as_deref() == Some(name))?;
    arguments.get(at + 1)
}

/// Whether `export -f` and the like are meant.
fn is_function(arguments: &[Word]) -> bool {
    arguments.first().is_some_and(|word| {
        word.literal()
            .is_some_and(|text| text.starts_with('-') && text.contains(['f', 'F']))
    })
}

/// A variable that a word names.
fn named(word: &Word) -> Option<Assignment> {
    variable(&word.literal()?, word)
}

fn variable(name: &str, word: &Word) -> Option<Assignment> {
    is_name(name).then(|| Assignment {
        name: name.to_owned(),
        name_range: word.range.clone(),
        range: word.range.clone(),
        value: None,
        append: false,
    })
}

/// The variable that an operand of `let` sets.
fn expression(word: &Word) -> Option<Assignment> {
    let text = word.literal()?;
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    variable(text.get(..end)?, word)
}
