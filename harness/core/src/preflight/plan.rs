//! What a whole walkthrough will make: [`plan`].

use super::creation::Creation;
use super::find::creations;
use super::known::Known;
use crate::naming::{Language, Names};
use crate::scenario::{Line, PlaceholderValue, Script, ShellKind, Step, Walkthrough, fill};
use crate::shell::Dialect;
use crate::source::Position;

/// Something that a walkthrough will make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The step's number, from 0; nothing for what is made ready before the first.
    pub step: Option<usize>,
    /// Where the command stands.
    pub position: Position,
    /// What it makes.
    pub creation: Creation,
}

/// What a walkthrough will make with these names, in the order in which it does.
pub fn plan(walkthrough: &Walkthrough, names: &Names) -> Vec<Planned> {
    let mut planned = Vec::new();
    let mut known = Known::default();
    let mut look = |step, lines: &[Line], dialect, known: &mut Known| {
        let script = Script {
            lines: lines.to_vec(),
        };
        let text = names.rename(&script.text(), language(dialect));
        for creation in creations(&text, dialect, known) {
            let before = text.get(..creation.range.start).unwrap_or_default();
            let line = lines.get(before.matches('\n').count()).or(lines.first());
            if let Some(line) = line {
                planned.push(Planned {
                    step,
                    position: line.position.clone(),
                    creation,
                });
            }
        }
    };
    for preparation in &walkthrough.preparations {
        // It runs in a subshell: what it sets is gone, but for what is kept.
        let mut inside = known.clone();
        look(None, &preparation.lines, Dialect::Bash, &mut inside);
        for name in &preparation.keep {
            known.take(name, &inside);
        }
    }
    for (number, step) in walkthrough.steps.iter().enumerate() {
        let lines = filled(step);
        if let Some(file) = &step.file {
            let content = file.content(&Script { lines });
            known.write(
                &file.path,
                &names.rename(&content, Language::of_file(&file.path)),
            );
        } else if let Some(dialect) = dialect(step.shell) {
            look(Some(number), &lines, dialect, &mut known);
        }
        if let Some(proof) = &step.proof {
            look(Some(number), &proof.script.lines, Dialect::Bash, &mut known);
        }
    }
    planned
}

/// The step's lines with those placeholders filled in whose values are written down.
fn filled(step: &Step) -> Vec<Line> {
    let texts: Vec<_> = step
        .placeholders
        .iter()
        .filter(|placeholder| matches!(placeholder.value, PlaceholderValue::Text(_)))
        .cloned()
        .collect();
    fill(&step.script.lines, &texts, &|_| None)
        .map_or_else(|_| step.script.lines.clone(), |(lines, _)| lines)
}

fn dialect(shell: ShellKind) -> Option<Dialect> {
    match shell {
        ShellKind::Bash => Some(Dialect::Bash),
        ShellKind::Cmd => Some(Dialect::Cmd),
        ShellKind::PowerShell => Some(Dialect::PowerShell),
        ShellKind::Python => None,
    }
}

fn language(dialect: Dialect) -> Language {
    match dialect {
        Dialect::Bash => Language::Bash,
        Dialect::Cmd => Language::Cmd,
        Dialect::PowerShell => Language::PowerShell,
    }
}
