//! What comes behind a line that ends with a continuation: [`Joint`].

use super::code::{Code, Line, is_option};
use crate::shell::Dialect;
use std::ops::Range;

/// A line that ends with the dialect's continuation character.
pub(super) struct Joint {
    /// The white space before the character.
    pub(super) before: usize,
    /// The character.
    pub(super) at: usize,
    /// Behind the white space that follows it; more than one behind `at` if there is some.
    pub(super) end: usize,
    /// What comes next.
    pub(super) next: Next,
}

impl Joint {
    /// The character and what white space follows it.
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.end
    }
}

/// What stands behind a continuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// More of the command.
    More,
    /// Nothing: the block ends.
    End,
    /// An empty line, and then nothing of this command.
    Empty,
    /// A comment, and then nothing of this command.
    Comment,
    /// Another command.
    Command,
    /// Empty lines or comments, and then an option of this command.
    Cut,
}

/// Every line of a bash or cmd block that ends, white space left out, with a continuation
/// character outside quotes, comments and here-documents.
pub(super) fn joints(code: &Code<'_>) -> Vec<Joint> {
    let mark = match code.dialect() {
        Dialect::Bash => '\\',
        Dialect::Cmd => '^',
        Dialect::PowerShell => return Vec::new(),
    };
    if !code.text.contains(mark) {
        return Vec::new();
    }
    let lines: Vec<Line<'_>> = code.lines().collect();
    let mut joints = Vec::new();
    // The line that the current command begins with.
    let mut head: Option<Line<'_>> = None;
    for (index, line) in lines.iter().enumerate() {
        let kept = line.text.trim_end_matches([' ', '\t']);
        let bare = kept.trim_end_matches(mark);
        let at = line.start + kept.len().saturating_sub(1);
        let is_joint = (kept.len() - bare.len()) % 2 == 1 && code.is_code(at);
        if !is_joint {
            head = None;
            continue;
        }
        let head = *head.get_or_insert(*line);
        let rest = lines.get(index + 1..).unwrap_or(&[]);
        joints.push(Joint {
            before: line.start + bare.trim_end_matches([' ', '\t']).len(),
            at,
            end: line.end(),
            next: next(code, head, bare, rest),
        });
    }
    joints
}

fn next(code: &Code<'_>, head: Line<'_>, before: &str, rest: &[Line<'_>]) -> Next {
    let content = |line: &&Line<'_>| !line.text.trim().is_empty();
    let comment = |line: &Line<'_>| {
        let indent = line.text.len() - line.text.trim_start().len();
        line.text.trim_start().starts_with('#') && code.dialect() == Dialect::Bash
            || code.class(line.start + indent) == super::code::Class::Comment
    };
    // A text made to be slow has no more of them than this.
    let rest = rest.get(..rest.len().min(100)).unwrap_or(rest);
    let (Some(first), true) = (rest.first(), rest.iter().any(|line| content(&line))) else {
        return Next::End;
    };
    let empty = first.text.trim().is_empty();
    if !empty && !comment(first) {
        return if begins_command(head, before, first) {
            Next::Command
        } else {
            Next::More
        };
    }
    let beyond = rest.iter().filter(content).find(|line| !comment(line));
    let goes_on = beyond.is_some_and(|line| {
        let word = line.text.split_whitespace().next().unwrap_or("");
        is_option(word)
    });
    match (goes_on, empty) {
        (true, _) => Next::Cut,
        (false, true) => Next::Empty,
        (false, false) => Next::Comment,
    }
}

/// Whether a line begins another command although the line before it is continued.
fn begins_command(head: Line<'_>, before: &str, line: &Line<'_>) -> bool {
    let indent = |text: &str| text.len() - text.trim_start().len();
    let mut words = line.text.split_whitespace();
    let (name, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let last = before.split_whitespace().next_back().unwrap_or("");
    let starts = |text: &str| text.trim_start().starts_with("az ");
    // `az account show \` `az …`: nothing of az takes a word `az`. Other commands are told by
    // their name only where no option waits for a value.
    let is_command = match name {
        "az" => second.starts_with(|c: char| c.is_ascii_lowercase()),
        "kubectl" | "helm" | "docker" | "curl" | "export" => {
            !last.starts_with('-') && !second.is_empty()
        }
        _ => false,
    };
    is_command
        && starts(head.text)
        && indent(line.text) <= indent(head.text)
        && !last.ends_with(['|', '&', ';', '(', '{', '=', '`'])
        && last != "--"
}
