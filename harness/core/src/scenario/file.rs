//! A scenario file: [`ScenarioFile`].

use super::error::ScenarioError;
use super::expect::expectations;
use super::raw::{RawCorrection, RawFile, RawStep, RawTabs};
use super::walkthrough::Expectation;
use crate::markdown::PathChoice;
use crate::markdown::lines::LineIndex;
use crate::source::Position;
use crate::suggest::{self, nearest};
use std::ops::Range;
use std::time::Duration;

/// What a step may take if it does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// The kinds of thing that a hard-coded name can name.
const NAME_KINDS: [&str; 9] = [
    "container-app",
    "container-app-environment",
    "container-group",
    "container-registry",
    "dns-label",
    "key-vault",
    "managed-identity",
    "resource-group",
    "storage-account",
];

/// One way through an article, as its file says it; nothing of the article is in it.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// The scenario's id: its file's name without `.toml`.
    pub id: String,
    /// The scenario file.
    pub file: String,
    /// What the walkthrough shows.
    pub title: String,
    /// The snapshot's folder name under `docs-snapshots/`.
    pub article: String,
    /// The tabs and the pivot.
    pub path: PathChoice,
    /// Where the file says the path, or where it begins.
    pub path_position: Position,
    /// Hard-coded names of the article.
    pub names: Vec<Name>,
    /// Roles that the reader has on the subscription beside Owner.
    pub reader_roles: Vec<String>,
    /// The steps; at least one.
    pub steps: Vec<StepSpec>,
}

/// A hard-coded name of the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name as the article writes it.
    pub name: String,
    /// What kind of thing it names.
    pub kind: String,
    /// Where the scenario says so.
    pub position: Position,
}

/// One step as the scenario file says it.
#[derive(Debug, Clone)]
pub struct StepSpec {
    /// What the step does; unique in the scenario.
    pub name: String,
    /// The address of its block: `section-slug#n`.
    pub block: String,
    /// Where the scenario says the address.
    pub position: Position,
    /// Whether it is typed into the shell that an earlier step opened in a container.
    pub in_container: bool,
    /// What must hold beyond the article's samples.
    pub expectations: Vec<Expectation>,
    /// Whether the samples that follow the block are compared.
    pub sample: bool,
    /// How long it may take.
    pub timeout: Duration,
    /// What it changes in the article.
    pub corrections: Vec<Correction>,
}

/// A change to the article, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What is changed.
    pub target: CorrectionTarget,
    /// The article's text, which must be there exactly once.
    pub find: String,
    /// What takes its place.
    pub replace: String,
    /// Why the article's own text does not work.
    pub why: String,
    /// Where the scenario says it.
    pub position: Position,
}

/// What a correction changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionTarget {
    /// The commands of the step's block.
    Command,
    /// The samples that follow it.
    Sample,
}

impl ScenarioFile {
    /// Reads the `text` of the scenario file at `path`.
    ///
    /// # Errors
    /// What is not TOML, has a key no scenario has, or contradicts itself; with its place.
    pub fn parse(path: &str, text: &str) -> Result<ScenarioFile, ScenarioError> {
        let reader = Reader {
            path,
            index: LineIndex::new(text),
        };
        let raw: RawFile = toml::from_str(text).map_err(|error| reader.toml_error(&error))?;
        reader.file(raw)
    }
}

struct Reader<'a> {
    path: &'a str,
    index: LineIndex<'a>,
}

impl Reader<'_> {
    fn at(&self, span: &Range<usize>) -> Position {
        self.index.position(self.path, span.start)
    }

    fn error(&self, span: &Range<usize>, message: String, help: Option<String>) -> ScenarioError {
        ScenarioError {
            position: self.at(span),
            message,
            help,
        }
    }

    fn toml_error(&self, error: &toml::de::Error) -> ScenarioError {
        let message = error.message().replace('\n', ", ");
        let help = suggest::for_unknown_field(&message);
        self.error(&error.span().unwrap_or(0..0), message, help)
    }

    fn file(&self, raw: RawFile) -> Result<ScenarioFile, ScenarioError> {
        let file_name = self.path.rsplit('/').next().unwrap_or(self.path);
        let path_span = raw.path.tab.as_ref().map(toml::Spanned::span);
        let path_span = path_span.or(raw.path.pivot.as_ref().map(toml::Spanned::span));
        let tabs = raw
            .path
            .tab
            .map_or_else(Vec::new, |tabs| match tabs.into_inner() {
                RawTabs::One(tab) => vec![tab],
                RawTabs::Several(tabs) => tabs,
            });
        let mut names = Vec::new();
        for (name, kind) in raw.names {
            if !NAME_KINDS.contains(&kind.get_ref().as_str()) {
                let message = format!("`{}` is no kind of name", kind.get_ref());
                let help = nearest(kind.get_ref(), NAME_KINDS)
                    .map(|near| format!("did you mean `{near}`?"))
                    .unwrap_or_else(|| format!("the kinds are {}", NAME_KINDS.join(", ")));
                return Err(self.error(&kind.span(), message, Some(help)));
            }
            names.push(Name {
                name,
                position: self.at(&kind.span()),
                kind: kind.into_inner(),
            });
        }
        if raw.step.is_empty() {
            let help = Some("add a `[[step]]` with a `name` and a `block`".into());
            return Err(self.error(&raw.title.span(), "the scenario has no step".into(), help));
        }
        let mut steps: Vec<StepSpec> = Vec::new();
        for step in raw.step {
            let span = step.name.span();
            let step = self.step(step)?;
            if steps.iter().any(|earlier| earlier.name == step.name) {
                let message = format!("two steps are called \"{}\"", step.name);
                return Err(self.error(&span, message, Some("give each step its own name".into())));
            }
            steps.push(step);
        }
        self.not_empty(&raw.article, "article")?;
        Ok(ScenarioFile {
            id: file_name
                .strip_suffix(".toml")
                .unwrap_or(file_name)
                .to_owned(),
            file: self.path.to_owned(),
            title: self.not_empty(&raw.title, "title")?,
            article: raw.article.into_inner(),
            path: PathChoice {
                tabs,
                pivot: raw.path.pivot.map(toml::Spanned::into_inner),
            },
            path_position: self.at(&path_span.unwrap_or(0..0)),
            names,
            reader_roles: raw.reader.roles,
            steps,
        })
    }

    fn step(&self, raw: RawStep) -> Result<StepSpec, ScenarioError> {
        let sample = raw.sample.as_ref().is_none_or(|sample| *sample.get_ref());
        match (&raw.sample, &raw.why) {
            (Some(off), None) if !sample => {
                let help = Some("say in `why` what is wrong with the article's sample".into());
                return Err(self.error(
                    &off.span(),
                    "`sample = false` needs a reason".into(),
                    help,
                ));
            }
            (_, Some(why)) if sample => {
                let help = Some("take `why` out, or set `sample = false`".into());
                return Err(self.error(
                    &why.span(),
                    "there is nothing to give a reason for".into(),
                    help,
                ));
            }
            (_, Some(why)) => drop(self.not_empty(why, "why")?),
            _ => {}
        }
        let expect = match raw.expect {
            Some(expect) => {
                let span = expect.span();
                expectations(expect.into_inner(), &self.at(&span))
                    .map_err(|(message, help)| self.error(&span, message, help))?
            }
            None => Vec::new(),
        };
        let in_container = self.place(raw.place.as_ref(), "container")?;
        let timeout = match &raw.timeout {
            Some(text) => duration(text.get_ref()).ok_or_else(|| {
                let message = format!("`{}` is not a time", text.get_ref());
                let help = "write whole seconds or minutes above zero: \"120s\", \"5m\"";
                self.error(&text.span(), message, Some(help.into()))
            })?,
            None => DEFAULT_TIMEOUT,
        };
        let corrections = raw
            .correction
            .into_iter()
            .map(|raw| self.correction(raw, sample));
        Ok(StepSpec {
            name: self.not_empty(&raw.name, "name")?,
            position: self.at(&raw.block.span()),
            block: self.not_empty(&raw.block, "block")?,
            in_container,
            expectations: expect,
            sample,
            timeout,
            corrections: corrections.collect::<Result<_, _>>()?,
        })
    }

    fn correction(&self, raw: RawCorrection, sample: bool) -> Result<Correction, ScenarioError> {
        let in_sample = self.place(raw.place.as_ref(), "sample")?;
        let find = self.not_empty(&raw.find, "find")?;
        if *raw.find.get_ref() == raw.replace {
            let help = Some("take the correction out".into());
            return Err(self.error(
                &raw.find.span(),
                "this correction changes nothing".into(),
                help,
            ));
        }
        if in_sample && !sample {
            let help = Some("take the correction or `sample = false` out".into());
            let message = "this corrects a sample that is not compared".into();
            return Err(self.error(&raw.find.span(), message, help));
        }
        Ok(Correction {
            target: if in_sample {
                CorrectionTarget::Sample
            } else {
                CorrectionTarget::Command
            },
            position: self.at(&raw.find.span()),
            find,
            replace: raw.replace,
            why: self.not_empty(&raw.why, "why")?,
        })
    }

    /// Whether an `in` is there; it can only say `allowed`.
    fn place(
        &self,
        raw: Option<&toml::Spanned<String>>,
        allowed: &str,
    ) -> Result<bool, ScenarioError> {
        match raw {
            None => Ok(false),
            Some(place) if place.get_ref() == allowed => Ok(true),
            Some(place) => {
                let message = format!("`in` cannot be `{}` here", place.get_ref());
                let help = Some(format!("write `in = \"{allowed}\"` or leave it out"));
                Err(self.error(&place.span(), message, help))
            }
        }
    }

    fn not_empty(&self, text: &toml::Spanned<String>, key: &str) -> Result<String, ScenarioError> {
        if text.get_ref().trim().is_empty() {
            return Err(self.error(&text.span(), format!("`{key}` is empty"), None));
        }
        Ok(text.get_ref().clone())
    }
}

/// Whole seconds (`120s`) or minutes (`5m`).
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match (text.strip_suffix('s'), text.strip_suffix('m')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 60),
        (None, None) => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}
