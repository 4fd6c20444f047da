//! The block that a step points at, its samples, and what a correction changes in them.

use super::correction::{Found, find_once, position_of};
use super::draft::Edit;
use super::requirement::Requirement;
use super::resolve::Resolver;
use super::spec::{Correction, CorrectionTarget, Does, StepSpec};
use super::walkthrough::{Line, ShellKind};
use crate::event::AppliedCorrection;
use crate::markdown::{Addressed, Role};
use crate::shell::Dialect;
use crate::source::Position;
use crate::suggest::nearest;

impl Resolver<'_> {
    /// The index of the step's block on the path, if it is there and can be run.
    pub(super) fn block_of(
        &mut self,
        spec: &StepSpec,
        address: &str,
    ) -> Option<(usize, ShellKind)> {
        let found = self.addresses.get(address).copied();
        let Some(index) = found else {
            let help = self.address_help(address);
            let message = format!("there is no block `{}` on this path", address);
            self.fail(spec, &spec.position, message, None, help);
            return None;
        };
        let block = self.blocks.get(index)?.block;
        let at = Some(block.position().clone());
        let is_file = matches!(spec.does, Does::File { .. });
        if block.lines.iter().all(|line| line.text.trim().is_empty()) {
            let message = format!("`{address}` is empty");
            self.fail(spec, &spec.position, message, at, None);
            return None;
        }
        let is_python = matches!(block.language.as_str(), "python" | "python3" | "py");
        match block.role {
            _ if is_file => Some((index, ShellKind::Bash)),
            Role::Commands(_) | Role::Listing if spec.python => Some((index, ShellKind::Python)),
            Role::Listing if is_python => Some((index, ShellKind::Python)),
            Role::Commands(Dialect::Bash) => Some((index, ShellKind::Bash)),
            Role::Commands(Dialect::Cmd) => Some((index, ShellKind::Cmd)),
            Role::Commands(Dialect::PowerShell) if self.requires(spec, Requirement::Pwsh) => {
                Some((index, ShellKind::PowerShell))
            }
            Role::Commands(Dialect::PowerShell) => {
                let message = format!("`{address}` is PowerShell, which not every machine has");
                let help = "say `requires = [\"pwsh\"]`, in the step or for the whole scenario, or \
                            choose another tab under [path]";
                self.fail(spec, &spec.position, message, at, Some(help.into()));
                None
            }
            Role::Sample | Role::Listing => {
                let language = match block.language.as_str() {
                    "" => "a block without a language",
                    language => &format!("a block of `{language}`"),
                };
                let message = format!("`{address}` is {language}, which nobody can run");
                let help = "name a block of commands; samples are compared by themselves; what \
                            belongs into a file needs `file`, what a program reads `program`";
                self.fail(spec, &spec.position, message, at, Some(help.into()));
                None
            }
        }
    }

    fn address_help(&self, address: &str) -> Option<String> {
        let describe = |on: &Addressed<'_>| {
            let first = on.block.lines.first().map_or("", |line| line.text.as_str());
            format!(
                "`{}` (line {}: {first})",
                on.address(),
                on.block.position().line
            )
        };
        let section = address.rsplit_once('#').map_or(address, |(slug, _)| slug);
        let in_section = self
            .blocks
            .iter()
            .filter(|on| on.block.section_slug == section);
        let all: Vec<String> = in_section.map(describe).collect();
        if !all.is_empty() {
            return Some(format!("the section has {}", all.join(", ")));
        }
        let hidden = self
            .article
            .blocks
            .iter()
            .any(|block| block.section_slug == section);
        if hidden {
            return Some(
                "the section's blocks are on another tab or pivot: choose it under [path]".into(),
            );
        }
        let addresses: Vec<String> = self.blocks.iter().map(Addressed::address).collect();
        let near = nearest(address, addresses.iter().map(String::as_str))?;
        let on = self.blocks.iter().find(|on| on.address() == near)?;
        Some(format!("did you mean {}?", describe(on)))
    }

    /// The samples that the article shows for a block: those after it in its section, before the
    /// next block of commands.
    pub(super) fn samples_of(&self, index: usize) -> Vec<usize> {
        let section = self.blocks.get(index).map(|on| &on.block.section_slug);
        self.blocks
            .iter()
            .enumerate()
            .skip(index + 1)
            .take_while(|(_, on)| {
                Some(&on.block.section_slug) == section
                    && !matches!(on.block.role, Role::Commands(_))
            })
            .filter(|(_, on)| on.block.role == Role::Sample && !on.block.lines.is_empty())
            .map(|(index, _)| index)
            .collect()
    }

    /// Checks a correction against the article and the corrections before it.
    pub(super) fn correct(
        &mut self,
        spec: &StepSpec,
        correction: &Correction,
        parts: &[(Position, Vec<Line>)],
        edits: &[Edit],
    ) -> Option<Edit> {
        let (what, offset, parts) = match correction.target {
            CorrectionTarget::Command => ("block", 0, parts.get(..1)?),
            CorrectionTarget::Sample => ("sample", 1, parts.get(1..)?),
        };
        let first = parts.first().map(|(position, _)| position.clone());
        let lines = match (parts.first(), parts.last()) {
            (Some((from, _)), Some((to, lines))) => {
                let last = lines.last().map_or(to.line, |line| line.position.line);
                format!("lines {}-{last} of {}", from.line, from.file)
            }
            _ => format!("the step has no {what}"),
        };
        let mut found = Vec::new();
        let mut often = false;
        for (index, (_, lines)) in parts.iter().enumerate() {
            match find_once(lines, &correction.find) {
                Found::Never => {}
                Found::Once(range) => found.push((index, range)),
                Found::Often => often = true,
            }
        }
        let (index, range) = match (found.pop(), often || !found.is_empty()) {
            (Some(found), false) => found,
            (None, false) => {
                let message = format!(
                    "stale correction: the article's {what} no longer has `{}`",
                    correction.find
                );
                let help = format!("take it out, or compare its `find` with {lines}");
                self.fail(spec, &correction.position, message, first, Some(help));
                return None;
            }
            (_, true) => {
                let message = format!(
                    "the article's {what} has `{}` more than once",
                    correction.find
                );
                let help = format!("make `find` longer, so that only one place fits: {lines}");
                self.fail(spec, &correction.position, message, first, Some(help));
                return None;
            }
        };
        let position = position_of(&parts.get(index)?.1, range.start)?;
        let part = index + offset;
        let overlaps = |other: &Edit| {
            other.part == part && other.range.start < range.end && range.start < other.range.end
        };
        if edits.iter().any(overlaps) {
            let message = format!(
                "two corrections change the same text: `{}`",
                correction.find
            );
            let help = Some("make one correction of them".into());
            self.fail(spec, &correction.position, message, Some(position), help);
            return None;
        }
        Some(Edit {
            part,
            range,
            correction: AppliedCorrection {
                position,
                find: correction.find.clone(),
                replace: correction.replace.clone(),
                why: correction.why.clone(),
            },
        })
    }
}

/// What was probably meant, or what there is to choose from.
pub(super) fn suggestion(word: &str, all: &[&str], what: &str) -> Option<String> {
    if all.is_empty() {
        return Some(format!("it has no {what} at all"));
    }
    let near = nearest(word, all.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    near.or_else(|| Some(format!("its {what} are {}", all.join(", "))))
}
