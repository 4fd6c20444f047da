//! Finds the calls of `az` in an article: [`of`].

use super::call::AzCall;
use super::words;
use crate::command_table::{Given, Lookup, Parsed, Table, parse};
use crate::lint::BlockText;
use crate::shell::{
    Command, CommandKind, Dialect, Part, PartKind, Script, SyntaxProblemKind, Word,
};
use std::cell::OnceCell;

/// Every call of `az` in the blocks, in the order in which a reader runs them.
pub fn of<'t>(blocks: &[BlockText<'_>], table: &'t Table) -> Vec<AzCall<'t>> {
    let mut calls = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let Some(script) = &block.script else {
            continue;
        };
        // Most blocks of other tools are told by this.
        if !block.text.contains("az") {
            continue;
        }
        let first = calls.len();
        script.walk(&mut |command| {
            if let Some(at) = az(command) {
                calls.push(call(index, command, at, script.dialect, table));
            }
        });
        let unclosed: Vec<usize> = script
            .problems
            .iter()
            .filter(|problem| {
                matches!(
                    problem.kind,
                    SyntaxProblemKind::UnbalancedQuote(_) | SyntaxProblemKind::Unclosed(_)
                )
            })
            .map(|problem| problem.range.start)
            .collect();
        for call in calls.get_mut(first..).unwrap_or_default() {
            let next = unclosed.partition_point(|at| *at < call.range.start);
            call.broken = unclosed.get(next).is_some_and(|at| *at < call.range.end);
            call.cut_off = cut_off(script, &block.text, call.range.end);
        }
    }
    calls
}

/// The call of `az` that a command is, if it is one; it is in no block.
pub fn of_command<'t>(command: &Command, dialect: Dialect, table: &'t Table) -> Option<AzCall<'t>> {
    az(command).map(|at| call(0, command, at, dialect, table))
}

/// Which word of a command is `az`.
fn az(command: &Command) -> Option<usize> {
    if command.kind != CommandKind::Simple {
        return None;
    }
    for (at, word) in command.words.iter().enumerate().take(4) {
        let text = word.literal()?;
        match text.as_str() {
            "az" | "az.cmd" | "az.exe" => return Some(at),
            "sudo" | "winpty" | "time" | "command" | "exec" | "nohup" | "&" => {}
            text if at > 0 && text.starts_with('-') => {}
            _ => return None,
        }
    }
    None
}

fn call<'t>(
    block: usize,
    command: &Command,
    at: usize,
    dialect: Dialect,
    table: &'t Table,
) -> AzCall<'t> {
    let behind = command.words.get(at + 1..).unwrap_or_default();
    let shell_words: Vec<Word> = behind.iter().map(shallow).collect();
    let mut words = words::read(&shell_words, dialect);
    let mut rest = words.len();
    let mut parsed = Parsed::default();
    let given = |words: &[words::AzWord]| -> Vec<Given> {
        words.iter().map(|word| word.given.clone()).collect()
    };
    let lookup = table.look_up(&given(&words));
    match lookup {
        Lookup::Command { command, rest: at } => {
            rest = at;
            let mut arguments = words.split_off(at.min(words.len()));
            words::mend(&mut arguments, command);
            parsed = parse(command, &given(&arguments));
            words.append(&mut arguments);
        }
        Lookup::Group { rest: at, .. } | Lookup::Unknown { word: at, .. } => rest = at,
        Lookup::Help | Lookup::Open => {}
    }
    AzCall {
        block,
        range: command.range.clone(),
        name: command.words.get(at).map_or(0..0, |az| az.range.clone()),
        place: command.place,
        shell_words,
        words,
        lookup,
        rest,
        parsed,
        broken: false,
        cut_off: Vec::new(),
        meant: OnceCell::new(),
    }
}

/// The word without the commands inside it: calls in substitutions are calls of their own, and
/// copying them at every level would take time in square of the depth.
fn shallow(word: &Word) -> Word {
    let parts = word.parts.iter().map(|part| Part {
        range: part.range.clone(),
        quoting: part.quoting,
        kind: match &part.kind {
            PartKind::Substitution { member, .. } => PartKind::Substitution {
                commands: Vec::new(),
                member: member.clone(),
            },
            PartKind::Expression(_) => PartKind::Expression(Vec::new()),
            PartKind::Variable {
                name,
                default,
                operator,
                ..
            } => PartKind::Variable {
                name: name.clone(),
                default: *default,
                operator: operator.clone(),
                nested: Vec::new(),
            },
            plain => plain.clone(),
        },
    });
    Word {
        range: word.range.clone(),
        parts: parts.collect(),
    }
}

/// More lines than this do not belong to one command.
const MOST_CUT_OFF: usize = 40;

/// The words of the commands right behind `end` that begin with an option: no command does, so
/// they were meant to belong to what stands before.
fn cut_off(script: &Script, text: &str, end: usize) -> Vec<words::AzWord> {
    let behind = text.get(end..).unwrap_or("");
    let next = behind.trim_start_matches([' ', '\t', '\r', '\n', ')', '"', '\\', '`', '^']);
    if !next.starts_with('-') {
        return Vec::new();
    }
    let from = text.len() - next.len();
    let commands = &script.commands;
    let first = commands.partition_point(|command| command.range.start < from);
    let later = commands.get(first..).unwrap_or_default().iter();
    let meant = later.take(MOST_CUT_OFF).take_while(|command| {
        let first = command.words.first();
        first.is_some_and(|word| word.source(text).starts_with('-'))
    });
    meant
        .flat_map(|command| words::read(&command.words, script.dialect))
        .collect()
}
