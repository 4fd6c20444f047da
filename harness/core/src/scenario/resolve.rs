//! A scenario on its article: [`ScenarioFile::resolve`] makes the [`Walkthrough`].

use super::check::static_check;
use super::draft::Draft;
use super::error::ResolveError;
use super::file::ScenarioFile;
use super::requirement::Requirement;
use super::resolve_block::suggestion;
use super::spec::{Does, StepSpec};
use super::walkthrough::{Elsewhere, Line, Script, ShellKind, Step, Walkthrough, WrittenFile};
use crate::event::{NoteKind, StepKind, StepNote};
use crate::markdown::{Addressed, Article, Block, Instruction};
use crate::source::Position;
use std::collections::{HashMap, HashSet};

impl ScenarioFile {
    /// Puts the scenario on its article, with all its corrections; [`Step::corrected_by`] takes some
    /// of them out again.
    ///
    /// # Errors
    /// Everything that does not fit: a path or a name the article does not have, an address without
    /// a block or with one that cannot be run, a stale correction.
    pub fn resolve(&self, article: &Article) -> Result<Walkthrough, Vec<ResolveError>> {
        self.resolve_with(article, &|_| None)
    }

    /// As [`ScenarioFile::resolve`]; `files` gives the text of a file beside the scenario.
    ///
    /// # Errors
    /// As there, and for a file that is missing or has no mark.
    pub fn resolve_with(
        &self,
        article: &Article,
        files: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Walkthrough, Vec<ResolveError>> {
        let blocks = article.on_path(&self.path);
        let mut resolver = Resolver {
            scenario: self,
            article,
            files,
            addresses: addresses(&blocks),
            blocks,
            instructions: article.instructions_on_path(&self.path),
            last_instruction: None,
            followed: HashMap::new(),
            used: vec![],
            errors: vec![],
        };
        resolver.check_path();
        resolver.check_names();
        let mut open = false;
        let mut steps = Vec::new();
        for spec in &self.steps {
            if let Some(step) = resolver.step(spec, steps.len()) {
                resolver.check_place(spec, &step, &mut open);
                steps.push(step);
            }
        }
        resolver.check_placeholders(&steps);
        resolver.tell_guesses(&mut steps);
        let preparations = resolver.preparations();
        if !resolver.errors.is_empty() {
            return Err(resolver.errors);
        }
        let may_not_run = |step: &&Step| {
            !self.requires.is_empty()
                || !step.requires.is_empty()
                || step.skip.is_some()
                || !step.needs.is_empty()
        };
        let required: Vec<&Step> = steps.iter().filter(may_not_run).collect();
        let checked = (!required.is_empty()).then(|| static_check(article, &required));
        Ok(Walkthrough {
            id: self.id.clone(),
            title: self.title.clone(),
            article: article.file.clone(),
            path: self.path.clone(),
            names: self
                .names
                .iter()
                .map(|n| (n.name.clone(), n.kind.clone()))
                .collect(),
            reader_roles: self.reader_roles.clone(),
            requires: self.requires.clone(),
            preparations,
            stand_ins: Vec::new(),
            blocks: resolver.uses(),
            instructions: resolver.instructions_used(),
            checked,
            steps,
            nothing: None,
        })
    }
}

pub(super) struct Resolver<'a> {
    pub(super) scenario: &'a ScenarioFile,
    pub(super) article: &'a Article,
    pub(super) files: &'a dyn Fn(&str) -> Option<String>,
    pub(super) blocks: Vec<Addressed<'a>>,
    /// The index of each address's first block.
    pub(super) addresses: HashMap<String, usize>,
    /// The numbered instructions on the path, with their numbers in their sections.
    pub(super) instructions: Vec<(usize, &'a Instruction)>,
    /// The last instruction that a step follows.
    pub(super) last_instruction: Option<usize>,
    /// The step that follows each instruction.
    pub(super) followed: HashMap<usize, usize>,
    /// Step, block on the path, and whether it is a sample.
    pub(super) used: Vec<(usize, usize, bool)>,
    pub(super) errors: Vec<ResolveError>,
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
        let slugs: Vec<&str> = article
            .sections
            .iter()
            .map(|one| one.slug.as_str())
            .collect();
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
        let sections = self.scenario.sections.iter().chain(&self.scenario.without);
        let chosen = chosen.chain(sections.map(|slug| ("section", slug, &slugs)));
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

    /// A step on its block, with all its corrections; `number` is its own.
    fn step(&mut self, spec: &StepSpec, number: usize) -> Option<Step> {
        let mut file = None;
        let (kind, shell, lines, notes) = match &spec.does {
            Does::Block { address } => {
                let (index, shell) = self.block_of(spec, address)?;
                self.used.push((number, index, false));
                (StepKind::Block, shell, None, Vec::new())
            }
            Does::File {
                address,
                file: path,
                into,
            } => {
                let (index, _) = self.block_of(spec, address)?;
                self.used.push((number, index, false));
                let template = match into {
                    Some((name, position)) => Some(self.template(spec, name, position)?),
                    None => None,
                };
                let note = StepNote {
                    about: NoteKind::Written,
                    text: path.clone(),
                    why: template.as_ref().map(|template| {
                        format!("into {}, which is not the article's", template.file)
                    }),
                    position: None,
                };
                file = Some(WrittenFile {
                    path: path.clone(),
                    into: template,
                });
                (StepKind::File, ShellKind::Bash, None, vec![note])
            }
            Does::Own { lines, why } => {
                let note = own(NoteKind::Added, lines, Some(why.clone()));
                (StepKind::Added, ShellKind::Bash, Some(lines), vec![note])
            }
            Does::Manual {
                section,
                numbers,
                lines,
            } => {
                let mut notes = self.follow(spec, section, numbers, number)?;
                notes.push(own(NoteKind::DoneBy, lines, None));
                (StepKind::Manual, ShellKind::Bash, Some(lines), notes)
            }
        };
        self.draft(spec, number, (kind, shell, lines, notes), file)
    }

    fn draft(
        &mut self,
        spec: &StepSpec,
        number: usize,
        (kind, shell, lines, mut notes): (StepKind, ShellKind, Option<&Vec<Line>>, Vec<StepNote>),
        file: Option<WrittenFile>,
    ) -> Option<Step> {
        let parts: Vec<(Position, Vec<Line>)> = match lines {
            Some(lines) => {
                let first = notes.first().and_then(|note| note.position.clone());
                let at = first.unwrap_or_else(|| spec.position.clone());
                vec![(at, lines.clone())]
            }
            None => {
                let index = self.used.last().map(|(_, index, _)| *index)?;
                let mut blocks: Vec<&Block> = vec![self.blocks.get(index)?.block];
                if spec.sample && kind == StepKind::Block {
                    for sample in self.samples_of(index) {
                        self.used.push((number, sample, true));
                        blocks.extend(self.blocks.get(sample).map(|on| on.block));
                    }
                }
                let part = |block: &&Block| (block.position().clone(), block.lines.clone());
                blocks.iter().map(part).collect()
            }
        };
        let mut edits = Vec::new();
        for correction in &spec.corrections {
            if let Some(edit) = self.correct(spec, correction, &parts, &edits) {
                edits.push(edit);
            }
        }
        if !spec.then.is_empty() {
            notes.push(own(NoteKind::Added, &spec.then, None));
        }
        if let Some(proof) = &spec.proof {
            notes.push(own(NoteKind::Proof, &proof.script.lines, None));
        }
        let own_texts: HashSet<&str> = spec.placeholders.iter().map(|p| p.text.as_str()).collect();
        let everywhere = self.scenario.placeholders.iter();
        let everywhere = everywhere.filter(|other| !own_texts.contains(other.text.as_str()));
        let step = Step {
            name: spec.name.clone(),
            position: parts.first().map(|(position, _)| position.clone())?,
            kind,
            script: Script { lines: Vec::new() },
            shell,
            elsewhere: Elsewhere::Here,
            expectations: Vec::new(),
            corrections: Vec::new(),
            timeout: spec.timeout,
            notes,
            placeholders: spec
                .placeholders
                .iter()
                .chain(everywhere)
                .cloned()
                .collect(),
            answers: spec.answers.clone(),
            requires: spec.requires.clone(),
            then: spec.then.clone(),
            proof: spec.proof.clone(),
            file,
            skip: spec.skip.clone(),
            needs: spec.needs.clone(),
            draft: Draft {
                parts,
                expectations: spec.expectations.clone(),
                in_container: spec.in_container,
                edits,
            },
        };
        Some(step.corrected())
    }

    /// Whether the step, or all of the scenario, requires this.
    pub(super) fn requires(&self, spec: &StepSpec, what: Requirement) -> bool {
        self.scenario.requires.contains(&what) || spec.requires.contains(&what)
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

    pub(super) fn fail(
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

/// A note of commands that are the scenario's.
fn own(about: NoteKind, lines: &[Line], why: Option<String>) -> StepNote {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    StepNote {
        about,
        text: texts.join("\n"),
        why,
        position: lines.first().map(|line| line.position.clone()),
    }
}
