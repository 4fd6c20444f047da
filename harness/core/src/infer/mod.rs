//! A scenario for an article that has none.
//!
//! [`ways`] finds every way through the article, [`infer`] says what a reader of one does: as the text of
//! a scenario file, so that running an article and running the scenario that `docproof init` writes of
//! it are the same. What could not be read off the article is guessed, and each guess is in the
//! scenario, with its line. [`update()`] brings a scenario that people have worked on up to an article
//! that has changed.

mod around;
mod call;
mod fill;
mod kind;
mod name;
mod need;
mod piece;
mod plan;
mod prepare;
mod scan;
mod settings;
mod sketch;
mod supply;
mod update;
mod variable;
mod way;
mod world;
mod write;

pub use settings::Settings;
pub use update::{Updated, update};
pub use way::{Chosen, Way, ways};

use crate::markdown::{Article, Role};
use crate::scenario::{Does, ResolveError, ScenarioError, ScenarioFile, Walkthrough};
use crate::source::Position;

/// Something that the article does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InferError {
    /// What, in lower case without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// An article, and what it is called in a scenario.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The article.
    pub article: &'a Article,
    /// What its scenarios' names begin with.
    pub id: &'a str,
    /// What a scenario says in `article`.
    pub named: &'a str,
}

/// What a way through an article amounts to.
#[derive(Debug, Clone)]
pub struct Inferred {
    /// The scenario's id.
    pub id: String,
    /// The scenario file's text; empty if there is nothing to run.
    pub text: String,
    /// Why there is nothing to run.
    pub nothing: Option<String>,
    title: String,
    way: Way,
    /// Where in the article each preparation and each step belongs.
    preparations: Vec<Position>,
    steps: Vec<Option<Position>>,
}

/// Infers what a reader of this way does.
pub fn infer(subject: Subject<'_>, way: &Way, settings: &mut Settings) -> Inferred {
    let id = match way.suffix.as_str() {
        "" => subject.id.to_owned(),
        suffix => format!("{}-{suffix}", subject.id),
    };
    let sketch = plan::sketch(subject, way, settings);
    let nothing = sketch
        .steps
        .iter()
        .all(|step| step.block.is_none() || step.file.is_some());
    Inferred {
        id,
        nothing: nothing.then(|| nothing_to_run(subject.article, way)),
        text: if nothing {
            String::new()
        } else {
            write::text(&sketch)
        },
        title: sketch.title,
        way: way.clone(),
        preparations: sketch
            .preparations
            .into_iter()
            .map(|one| one.place)
            .collect(),
        steps: sketch.steps.into_iter().map(|step| step.place).collect(),
    }
}

impl Inferred {
    /// The walkthrough. What is not in the article has its place where the article needs it.
    ///
    /// # Errors
    /// None, unless what was inferred is no scenario: a mistake of docproof's.
    pub fn walkthrough(&self, article: &Article) -> Result<Walkthrough, Vec<String>> {
        let scenario = match &self.nothing {
            Some(_) => self.empty(article),
            None => self.scenario().map_err(|error| vec![error.to_string()])?,
        };
        let told = |errors: Vec<ResolveError>| -> Vec<String> {
            errors.iter().map(ToString::to_string).collect()
        };
        let mut walkthrough = scenario.resolve(article).map_err(told)?;
        walkthrough.nothing.clone_from(&self.nothing);
        Ok(walkthrough)
    }

    fn scenario(&self) -> Result<ScenarioFile, ScenarioError> {
        let mut scenario = ScenarioFile::parse(&format!("scenarios/{}.toml", self.id), &self.text)?;
        for (preparation, place) in scenario.preparations.iter_mut().zip(&self.preparations) {
            preparation.position.clone_from(place);
            for line in &mut preparation.lines {
                line.position.clone_from(place);
            }
        }
        for (step, place) in scenario.steps.iter_mut().zip(&self.steps) {
            if let (Does::Own { lines, .. }, Some(place)) = (&mut step.does, place) {
                step.position.clone_from(place);
                for line in lines {
                    line.position.clone_from(place);
                }
            }
        }
        Ok(scenario)
    }

    /// A scenario without steps, which no file can be.
    fn empty(&self, article: &Article) -> ScenarioFile {
        ScenarioFile {
            id: self.id.clone(),
            file: format!("scenarios/{}.toml", self.id),
            title: self.title.clone(),
            article: String::new(),
            path: self.way.path.clone(),
            path_position: write::nowhere(&article.file),
            names: Vec::new(),
            reader_roles: Vec::new(),
            requires: Vec::new(),
            placeholders: Vec::new(),
            preparations: Vec::new(),
            steps: Vec::new(),
            sections: self.way.sections.clone(),
            without: self.way.without.clone(),
            guesses: Vec::new(),
        }
    }
}

/// What is told of a way that has no commands.
fn nothing_to_run(article: &Article, way: &Way) -> String {
    let holds = way.holds(article);
    let by_hand = article.instructions_on_path(&way.path);
    let by_hand = by_hand
        .iter()
        .filter(|(_, one)| holds(&one.section_slug))
        .count();
    let blocks = article.on_path(&way.path);
    let blocks = blocks.iter().filter(|on| holds(&on.block.section_slug));
    let commands = blocks
        .filter(|on| matches!(on.block.role, Role::Commands(_)))
        .count();
    let missing = article.missing_includes.len();
    let mut reason = match commands {
        0 => "it has no block of commands".to_owned(),
        _ => "none of its blocks of commands does anything".to_owned(),
    };
    if by_hand > 0 {
        reason.push_str(&format!(", {by_hand} instructions are followed by hand"));
    }
    if missing > 0 {
        reason.push_str(&format!(", {missing} includes are not there"));
    }
    reason
}
