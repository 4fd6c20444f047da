//! A [`Script`] as compact text: a line for each command, `(name word …)`.

use docproof_core::shell::{
    Assignment, Command, CommandKind, Part, PartKind, Quoting, Script, Word,
};
use std::fmt::Write as _;

/// The commands, then continuations, regions that are no quotes, and problems.
pub(crate) fn dump(script: &Script, text: &str) -> String {
    let mut out = String::new();
    for command in &script.commands {
        out.push_str(&self::command(command, text));
        out.push('\n');
    }
    if !script.continuations.is_empty() {
        let _ = writeln!(out, "continuations {}", script.continuations.len());
    }
    for region in &script.regions {
        use docproof_core::shell::RegionKind::{Comment, HereDocument};
        if matches!(region.kind, Comment | HereDocument) {
            let source = text.get(region.range.clone()).unwrap_or("?");
            let _ = writeln!(out, "{:?} {source:?}", region.kind);
        }
    }
    for problem in &script.problems {
        let line = text
            .get(..problem.range.start)
            .map_or(0, |t| t.matches('\n').count() + 1);
        let source = text.get(problem.range.clone()).unwrap_or("?");
        let _ = writeln!(out, "! line {line} {source:?} {:?}", problem.kind);
    }
    out
}

fn command(command: &Command, text: &str) -> String {
    let mut items = Vec::new();
    items.extend(command.assignments.iter().map(|a| assignment(a, text)));
    items.extend(command.words.iter().map(|w| word(w, text)));
    for redirect in &command.redirects {
        let mut item = redirect.operator.clone();
        if let Some(target) = &redirect.target {
            item.push_str(&word(target, text));
        }
        if let Some(here) = &redirect.here {
            let quoted = if here.quoted { "quoted " } else { "" };
            let _ = write!(item, "[{quoted}{}]", parts(&here.parts, text));
        }
        items.push(item);
    }
    let kind = match command.kind {
        CommandKind::Simple => "",
        CommandKind::For => "for: ",
        CommandKind::Function => "function: ",
        CommandKind::Expression => "expression: ",
    };
    let mut flags = String::new();
    for (set, flag) in [
        (command.place.piped_from, '<'),
        (command.place.piped_into, '>'),
        (command.place.conditional, '?'),
        (command.place.in_function, 'f'),
        (command.place.background, '&'),
    ] {
        if set {
            flags.push(flag);
        }
    }
    format!("{flags}({kind}{})", items.join(" "))
}

fn assignment(assignment: &Assignment, text: &str) -> String {
    let value = assignment.value.as_ref().map(|value| word(value, text));
    let equals = match (&value, assignment.append) {
        (_, true) => "+=",
        (Some(_), false) => "=",
        (None, false) => "",
    };
    format!("@{}{equals}{}", assignment.name, value.unwrap_or_default())
}

fn word(word: &Word, text: &str) -> String {
    if word.parts.is_empty() {
        "∅".to_owned()
    } else {
        parts(&word.parts, text)
    }
}

/// Parts side by side; `'…'` for quoted text of any kind, told by a letter before it.
fn parts(parts: &[Part], text: &str) -> String {
    let mut out = String::new();
    for part in parts {
        let quoting = match part.quoting {
            Quoting::None => "",
            Quoting::Escaped => "e",
            Quoting::Single => "s",
            Quoting::Double => "d",
            Quoting::AnsiC => "a",
        };
        let kind = match &part.kind {
            PartKind::Text(t) if part.quoting == Quoting::None => t.clone(),
            PartKind::Text(t) => format!("{t:?}"),
            PartKind::Variable {
                name,
                default,
                operator,
                nested,
            } => {
                let default = if *default { "?" } else { "" };
                let operator = operator
                    .as_ref()
                    .map_or_else(String::new, |o| format!("|{o}"));
                let nested = if nested.is_empty() {
                    String::new()
                } else {
                    format!(" {}", self::parts(nested, text))
                };
                format!("{{{name}{default}{operator}{nested}}}")
            }
            PartKind::Substitution { commands, .. } => {
                let inside: Vec<String> = commands.iter().map(|c| command(c, text)).collect();
                format!("$[{}]", inside.join(" "))
            }
            PartKind::Expression(inside) => {
                let source = text.get(part.range.clone()).unwrap_or("?");
                format!("~{source:?}[{}]", self::parts(inside, text))
            }
            PartKind::Placeholder { name } => format!("<{name}>"),
        };
        out.push_str(quoting);
        out.push_str(&kind);
    }
    out
}
