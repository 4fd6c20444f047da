//! Writes a script down so that a test can say in one line what it expects: [`render`].
//!
//! A command is its words in `[]`, with what it sets before them as `name={value}`. Text is as
//! the command gets it, `"…"` around it where it was in double quotes and `'…'` where in single
//! ones; `$name` is a variable, `<name>` a placeholder, `(…)` a substitution, `?(…)` an expression.
//! Behind `]`: `|` writes to the next, `?` may not run, `f` is in a function, `&` runs in the
//! background. Problems come last, behind `!`.

use docproof_core::shell::{
    Command, CommandKind, Part, PartKind, Quoting, Script, SyntaxProblemKind, Word,
};
use std::ops::Range;

/// The script in one line.
pub(crate) fn render(script: &Script) -> String {
    let mut said: Vec<String> = script.commands.iter().map(command).collect();
    said.extend(script.problems.iter().map(|problem| {
        let kind = match &problem.kind {
            SyntaxProblemKind::UnbalancedQuote(c) => format!("unbalanced {c}"),
            SyntaxProblemKind::Unclosed(opening) => format!("unclosed {opening}"),
            SyntaxProblemKind::UnclosedHereDocument(end) => format!("unclosed until {end}"),
            SyntaxProblemKind::Unexpected(token) => format!("unexpected {token}"),
            SyntaxProblemKind::InvalidVariableName(name) => format!("invalid {name}"),
            other => format!("{other:?}"),
        };
        format!("!{kind}@{}", problem.range.start)
    }));
    said.join(" ")
}

fn command(command: &Command) -> String {
    let mut said: Vec<String> = Vec::new();
    match command.kind {
        CommandKind::Simple => {}
        CommandKind::For => said.push("for".to_owned()),
        CommandKind::Function => said.push("function".to_owned()),
        CommandKind::Expression => said.push("expr".to_owned()),
    }
    for set in &command.assignments {
        let value = set.value.as_ref().map(word).unwrap_or_default();
        let plus = if set.append { "+" } else { "" };
        said.push(format!("{}{plus}={{{value}}}", set.name));
    }
    said.extend(command.words.iter().map(word));
    for redirect in &command.redirects {
        let target = redirect.target.as_ref().map(word).unwrap_or_default();
        said.push(format!("{}{target}", redirect.operator));
    }
    let place = &command.place;
    let flags: String = [
        (place.piped_into, '|'),
        (place.conditional, '?'),
        (place.in_function, 'f'),
        (place.background, '&'),
    ]
    .into_iter()
    .filter_map(|(on, flag)| on.then_some(flag))
    .collect();
    format!("[{}]{flags}", said.join(" "))
}

fn word(word: &Word) -> String {
    word.parts.iter().map(part).collect()
}

fn part(p: &Part) -> String {
    let kind = match &p.kind {
        PartKind::Text(text) => text.replace('\n', "\\n"),
        PartKind::Variable { name, operator, .. } => {
            format!("${name}{}", operator.as_deref().unwrap_or(""))
        }
        PartKind::Substitution { commands, member } => {
            let commands: Vec<String> = commands.iter().map(command).collect();
            format!(
                "({}){}",
                commands.join(" "),
                member.as_deref().unwrap_or("")
            )
        }
        PartKind::Expression(nested) => {
            let nested: Vec<String> = nested.iter().map(part).collect();
            format!("?({})", nested.join(" "))
        }
        PartKind::Placeholder { name } => format!("<{name}>"),
    };
    match p.quoting {
        Quoting::Double => format!("\"{kind}\""),
        Quoting::Single | Quoting::AnsiC => format!("'{kind}'"),
        Quoting::None | Quoting::Escaped => kind,
    }
}

/// Panics unless all ranges lie on character boundaries, in order, inside what holds them, and a
/// word's parts have no gaps.
pub(crate) fn assert_ranges(script: &Script, text: &str) {
    let whole = 0..text.len();
    let mut last = 0;
    for command in &script.commands {
        assert!(command.range.start >= last, "commands overlap in {text:?}");
        last = command.range.end;
        check_command(command, &whole, text);
    }
    let mut last = 0;
    for region in &script.regions {
        check(&region.range, &whole, text);
        assert!(
            region.range.start >= last,
            "regions out of order in {text:?}"
        );
        last = region.range.start;
    }
    for range in &script.continuations {
        check(range, &whole, text);
    }
    let mut last = 0;
    for problem in &script.problems {
        check(&problem.range, &whole, text);
        assert!(
            problem.range.start >= last,
            "problems out of order in {text:?}"
        );
        last = problem.range.start;
    }
}

fn check(range: &Range<usize>, outer: &Range<usize>, text: &str) {
    assert!(
        range.start <= range.end,
        "{range:?} is backwards in {text:?}"
    );
    assert!(
        outer.start <= range.start && range.end <= outer.end,
        "{range:?} is not inside {outer:?} in {text:?}"
    );
    assert!(
        text.get(range.clone()).is_some(),
        "{range:?} splits a character of {text:?}"
    );
}

fn check_command(command: &Command, outer: &Range<usize>, text: &str) {
    check(&command.range, outer, text);
    for set in &command.assignments {
        check(&set.range, &command.range, text);
        check(&set.name_range, &set.range, text);
        if let Some(value) = &set.value {
            check_word(value, &command.range, text);
        }
    }
    for word in &command.words {
        check_word(word, &command.range, text);
    }
    for redirect in &command.redirects {
        check(&redirect.range, &command.range, text);
        if let Some(target) = &redirect.target {
            check_word(target, &redirect.range, text);
        }
    }
}

fn check_word(word: &Word, outer: &Range<usize>, text: &str) {
    check(&word.range, outer, text);
    let mut at = word.range.start;
    for part in &word.parts {
        assert_eq!(part.range.start, at, "a gap in a word of {text:?}");
        at = part.range.end;
        check_part(part, &word.range, text);
    }
    assert_eq!(at, word.range.end, "a word's parts end early in {text:?}");
}

fn check_part(part: &Part, outer: &Range<usize>, text: &str) {
    check(&part.range, outer, text);
    match &part.kind {
        PartKind::Text(_) | PartKind::Placeholder { .. } => {}
        PartKind::Variable { nested, .. } | PartKind::Expression(nested) => {
            for inner in nested {
                check_part(inner, &part.range, text);
            }
        }
        PartKind::Substitution { commands, .. } => {
            for command in commands {
                check_command(command, &part.range, text);
            }
        }
    }
}
