//! What of the article a scenario uses: blocks, and numbered instructions in their order.

use super::resolve::Resolver;
use super::spec::StepSpec;
use crate::coverage::{self, BlockCoverage, BlockState, BlockUse};
use crate::event::{NoteKind, StepNote};
use crate::markdown::Block;
use crate::source::Position;
use std::collections::{BTreeSet, HashSet};

impl Resolver<'_> {
    /// Notes for the instructions that a step follows. Their order is the article's.
    pub(super) fn follow(
        &mut self,
        spec: &StepSpec,
        section: &str,
        numbers: &[usize],
        step: usize,
    ) -> Option<Vec<StepNote>> {
        let mut notes = Vec::new();
        for number in numbers {
            let found = self
                .instructions
                .iter()
                .position(|(n, one)| n == number && one.section_slug == section);
            let Some(index) = found else {
                let message =
                    format!("`{section}` has no numbered instruction {number} on this path");
                let all = self.instructions.iter();
                let all = all.filter(|(_, one)| one.section_slug == section);
                let all: Vec<String> = all
                    .map(|(n, one)| format!("{n} (line {}: {})", one.position.line, one.text))
                    .collect();
                let slugs = self
                    .instructions
                    .iter()
                    .map(|(_, one)| one.section_slug.as_str());
                let help = match all.is_empty() {
                    false => Some(format!("the section has {}", all.join(", "))),
                    true => crate::suggest::nearest(section, slugs)
                        .map(|near| format!("did you mean `{near}`?")),
                };
                self.fail(spec, &spec.position, message, None, help);
                return None;
            };
            let (_, one) = *self.instructions.get(index)?;
            if self.last_instruction.is_some_and(|last| last >= index) {
                let message = format!(
                    "instruction {number} of `{section}` comes before the last one that was followed"
                );
                let help = Some("follow the instructions in the article's order, each once".into());
                self.fail(
                    spec,
                    &spec.position,
                    message,
                    Some(one.position.clone()),
                    help,
                );
                return None;
            }
            self.last_instruction = Some(index);
            self.followed.insert(index, step);
            notes.push(StepNote {
                about: NoteKind::Instruction,
                text: format!("{number}. {}", one.text),
                why: None,
                position: Some(one.position.clone()),
            });
        }
        Some(notes)
    }

    /// Every block of the article, with the steps that use it.
    pub(super) fn uses(&self) -> Vec<BlockUse> {
        let on_path: HashSet<*const Block> = self
            .blocks
            .iter()
            .map(|on| std::ptr::from_ref(on.block))
            .collect();
        let one = |block: &Block| {
            let here = std::ptr::from_ref(block);
            let of_it = self.used.iter().filter(|(_, index, _)| {
                self.blocks
                    .get(*index)
                    .is_some_and(|on| std::ptr::eq(on.block, here))
            });
            let steps: BTreeSet<usize> = of_it.clone().map(|(step, ..)| *step).collect();
            let at = block.position();
            BlockUse {
                block: BlockCoverage {
                    file: at.file.clone(),
                    line: at.line,
                    path: coverage::readers(self.article, &block.visibility),
                    on_path: on_path.contains(&here),
                    state: BlockState::Unused,
                },
                sample: !steps.is_empty() && of_it.clone().all(|(_, _, sample)| *sample),
                steps: steps.into_iter().collect(),
            }
        };
        self.article.blocks.iter().map(one).collect()
    }

    /// The instructions of the sections that are gone through, with the step that follows each.
    pub(super) fn instructions_used(&self) -> Vec<(Position, Option<usize>)> {
        let sections: HashSet<&str> = self
            .followed
            .keys()
            .filter_map(|index| self.instructions.get(*index))
            .map(|(_, one)| one.section_slug.as_str())
            .collect();
        let all = self.instructions.iter().enumerate();
        all.filter(|(_, (_, one))| sections.contains(one.section_slug.as_str()))
            .map(|(index, (_, one))| (one.position.clone(), self.followed.get(&index).copied()))
            .collect()
    }
}
