//! A scenario on its article: [`ScenarioFile::resolve`] makes the [`Walkthrough`].

use super::correction::{Found, find_once, position_of};
use super::draft::{Draft, Edit};
use super::error::ResolveError;
use super::file::{Correction, CorrectionTarget, ScenarioFile, StepSpec};
use super::walkthrough::{Elsewhere, ShellKind, Step, Walkthrough};
use crate::event::{AppliedCorrection, Coverage};
use crate::markdown::{Addressed, Article, Block, Role};
use crate::shell::Dialect;
use crate::source::Position;
use crate::suggest::nearest;
use std::collections::{HashMap, HashSet};

impl ScenarioFile {
    /// Puts the scenario on its article, with all its corrections; [`Step::corrected_by`] takes some
    /// of them out again.
    ///
    /// # Errors
    /// Everything that does not fit: a path or a name the article does not have, an address without
    /// a block or with one that cannot be run, a stale correction.
    pub fn resolve(&self, article: &Article) -> Result<Walkthrough, Vec<ResolveError>> {
        let blocks = article.on_path(&self.path);
        let mut resolver = Resolver {
            scenario: self,
            article,
            addresses: addresses(&blocks),
            blocks,
            errors: vec![],
        };
        resolver.check_path();
        resolver.check_names();
        let mut used = HashSet::new();
        let mut compared = HashSet::new();
        let mut open = false;
        let mut steps = Vec::new();
        for spec in &self.steps {
            let Some((index, shell)) = resolver.block_of(spec) else {
                continue;
            };
            used.insert(index);
            let samples = if spec.sample {
                resolver.samples_of(index)
            } else {
                Vec::new()
            };
            compared.extend(samples.iter().copied());
            if let Some(step) = resolver.step(spec, index, shell, &samples, &mut open) {
                steps.push(step);
            }
        }
        if !resolver.errors.is_empty() {
            return Err(resolver.errors);
        }
        let unused =
            (0..resolver.blocks.len()).filter(|i| !used.contains(i) && !compared.contains(i));
        Ok(Walkthrough {
            id: self.id.clone(),
            title: self.title.clone(),
            article: article.file.clone(),
            names: self
                .names
                .iter()
                .map(|n| (n.name.clone(), n.kind.clone()))
                .collect(),
            reader_roles: self.reader_roles.clone(),
            steps,
            coverage: Coverage {
                run: used.len(),
                compared: compared.len(),
                unused: unused.count(),
            },
        })
    }
}

struct Resolver<'a> {
    scenario: &'a ScenarioFile,
    article: &'a Article,
    blocks: Vec<Addressed<'a>>,
    /// The index of each address's first block.
    addresses: HashMap<String, usize>,
    errors: Vec<ResolveError>,
}

impl<'a> Resolver<'a> {
    fn check_path(&mut self) {
        let article = self.article;
        let tabs = article.tab_groups.iter().flat_map(|group| &group.tabs);
        let tabs: Vec<&str> = tabs
            .flat_map(|tab| tab.ids.iter().chain(&tab.depends))
            .map(String::as_str)
            .collect();
        let pivots: Vec<&str> = article.pivots.iter().map(String::as_str).collect();
        let chosen = self
            .scenario
            .path
            .tabs
            .iter()
            .map(|tab| ("tab", tab, &tabs));
        let chosen = chosen.chain(
            self.scenario
                .path
                .pivot
                .iter()
                .map(|p| ("pivot", p, &pivots)),
        );
        for (what, choice, all) in chosen {
            if !all.contains(&choice.as_str()) {
                let message = format!("the article has no {what} `{choice}`");
                let help = suggestion(choice, all, &format!("{what}s"));
                self.errors.push(ResolveError {
                    position: self.scenario.path_position.clone(),
                    step: None,
                    message,
                    article: None,
                    help,
                });
            }
        }
    }

    fn check_names(&mut self) {
        for name in &self.scenario.names {
            let mut lines = self.blocks.iter().flat_map(|on| &on.block.lines);
            if !lines.any(|line| line.text.contains(&name.name)) {
                self.errors.push(ResolveError {
                    position: name.position.clone(),
                    step: None,
                    message: format!("no block of the article has the name `{}`", name.name),
                    article: None,
                    help: Some("take the name out, or write it as the article does".into()),
                });
            }
        }
    }

    /// The index of the step's block on the path, if it is there and can be run.
    fn block_of(&mut self, spec: &StepSpec) -> Option<(usize, ShellKind)> {
        let found = self.addresses.get(&spec.block).copied();
        let Some(index) = found else {
            let help = self.address_help(spec);
            let message = format!("there is no block `{}` on this path", spec.block);
            self.fail(spec, &spec.position, message, None, help);
            return None;
        };
        let block = self.blocks.get(index)?.block;
        let at = Some(block.position().clone());
        match block.role {
            Role::Commands(Dialect::Bash)
                if block.lines.iter().all(|line| line.text.trim().is_empty()) =>
            {
                let message = format!("`{}` is empty", spec.block);
                self.fail(spec, &spec.position, message, at, None);
                None
            }
            Role::Commands(Dialect::Bash) => Some((index, ShellKind::Bash)),
            Role::Commands(_) | Role::Sample | Role::Listing => {
                let language = match block.language.as_str() {
                    "" => "a block without a language",
                    language => &format!("a block of `{language}`"),
                };
                let message = format!("`{}` is {language}, which nobody can run", spec.block);
                let help =
                    Some("name a block of commands; samples are compared by themselves".into());
                self.fail(spec, &spec.position, message, at, help);
                None
            }
        }
    }

    fn address_help(&self, spec: &StepSpec) -> Option<String> {
        let describe = |on: &Addressed<'_>| {
            let first = on.block.lines.first().map_or("", |line| line.text.as_str());
            format!(
                "`{}` (line {}: {first})",
                on.address(),
                on.block.position().line
            )
        };
        let section = spec
            .block
            .rsplit_once('#')
            .map_or(spec.block.as_str(), |(slug, _)| slug);
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
        let near = nearest(&spec.block, addresses.iter().map(String::as_str))?;
        let on = self.blocks.iter().find(|on| on.address() == near)?;
        Some(format!("did you mean {}?", describe(on)))
    }

    /// The samples that the article shows for a block: those after it in its section, before the
    /// next block of commands.
    fn samples_of(&self, index: usize) -> Vec<usize> {
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

    fn step(
        &mut self,
        spec: &StepSpec,
        index: usize,
        shell: ShellKind,
        samples: &[usize],
        open: &mut bool,
    ) -> Option<Step> {
        let block = self.blocks.get(index)?.block;
        let samples: Vec<&Block> = samples
            .iter()
            .filter_map(|i| self.blocks.get(*i))
            .map(|on| on.block)
            .collect();
        let mut parts = vec![block];
        parts.extend(samples);
        let mut edits = Vec::new();
        for correction in &spec.corrections {
            if let Some(edit) = self.correct(spec, correction, &parts, &edits) {
                edits.push(edit);
            }
        }
        let draft = Draft {
            parts: parts
                .iter()
                .map(|part| (part.position().clone(), part.lines.clone()))
                .collect(),
            expectations: spec.expectations.clone(),
            in_container: spec.in_container,
            edits,
        };
        let step = draft.into_step(
            spec.name.clone(),
            block.position().clone(),
            shell,
            spec.timeout,
        );
        self.check_place(spec, &step, open);
        Some(step)
    }

    /// Whether there is a shell for what is typed inside a container.
    fn check_place(&mut self, spec: &StepSpec, step: &Step, open: &mut bool) {
        match step.elsewhere {
            Elsewhere::Inside if !*open => {
                let message = "no step before this one opens a shell in a container".into();
                let help = "put the step with `az container exec` right before it";
                self.fail(spec, &spec.position, message, None, Some(help.into()));
            }
            Elsewhere::Inside => {}
            Elsewhere::Opens => *open = true,
            Elsewhere::Here => *open = false,
        }
    }

    /// Checks a correction against the article and the corrections before it.
    fn correct(
        &mut self,
        spec: &StepSpec,
        correction: &Correction,
        parts: &[&'a Block],
        edits: &[Edit],
    ) -> Option<Edit> {
        let (what, offset, parts) = match correction.target {
            CorrectionTarget::Command => ("block", 0, parts.get(..1)?),
            CorrectionTarget::Sample => ("sample", 1, parts.get(1..)?),
        };
        let first = parts.first().map(|block| block.position().clone());
        let lines = match (parts.first(), parts.last()) {
            (Some(from), Some(to)) => {
                format!(
                    "lines {}-{} of {}",
                    from.position().line,
                    to.last_line(),
                    from.fence.file
                )
            }
            _ => format!("the step has no {what}"),
        };
        let mut found = Vec::new();
        let mut often = false;
        for (index, block) in parts.iter().enumerate() {
            match find_once(&block.lines, &correction.find) {
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
        let position = position_of(&parts.get(index)?.lines, range.start)?;
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

    fn fail(
        &mut self,
        spec: &StepSpec,
        position: &Position,
        message: String,
        article: Option<Position>,
        help: Option<String>,
    ) {
        self.errors.push(ResolveError {
            position: position.clone(),
            step: Some(spec.name.clone()),
            message: format!("step \"{}\": {message}", spec.name),
            article,
            help,
        });
    }
}

fn addresses(blocks: &[Addressed<'_>]) -> HashMap<String, usize> {
    let each = blocks.iter().enumerate().rev();
    each.map(|(index, on)| (on.address(), index)).collect()
}

/// What was probably meant, or what there is to choose from.
fn suggestion(word: &str, all: &[&str], what: &str) -> Option<String> {
    if all.is_empty() {
        return Some(format!("it has no {what} at all"));
    }
    let near = nearest(word, all.iter().copied()).map(|near| format!("did you mean `{near}`?"));
    near.or_else(|| Some(format!("its {what} are {}", all.join(", "))))
}
