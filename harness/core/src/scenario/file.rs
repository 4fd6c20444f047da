//! A scenario file: [`ScenarioFile`]. What it says of each step is read in [`super::step`].

use super::error::ScenarioError;
use super::placeholder::{Placeholder, PlaceholderValue};
use super::raw::{RawFile, RawGuess, RawPlaceholder, RawPrepare, RawTabs};
use super::requirement::{PROGRAMS, Requirement};
use super::spec::{Guess, Name, Preparation, StepSpec};
use super::walkthrough::Line;
use crate::markdown::PathChoice;
use crate::markdown::lines::LineIndex;
use crate::naming::NameKind;
use crate::source::Position;
use crate::suggest::{self, nearest};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;

/// What a step may take if it does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// One way through an article, as its file says it; nothing of the article is in it.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// The scenario's id: its file's name without `.toml`.
    pub id: String,
    /// The scenario file.
    pub file: String,
    /// What the walkthrough shows.
    pub title: String,
    /// The snapshot's folder name under `docs-snapshots/`; or the article's file, which ends with
    /// `.md`, from the folder that `scenarios` is in.
    pub article: String,
    /// The tabs and the pivot.
    pub path: PathChoice,
    /// Where the file says the path, or where it begins.
    pub path_position: Position,
    /// Hard-coded names of the article.
    pub names: Vec<Name>,
    /// Roles that the reader has on the subscription beside Owner.
    pub reader_roles: Vec<String>,
    /// What a machine must have for any of it.
    pub requires: Vec<Requirement>,
    /// What the reader fills in, wherever it stands.
    pub placeholders: Vec<Placeholder>,
    /// What is made ready before the first step.
    pub preparations: Vec<Preparation>,
    /// The steps; at least one.
    pub steps: Vec<StepSpec>,
    /// The sections that it was made for; of all if there are none.
    pub sections: Vec<String>,
    /// The sections that it leaves out.
    pub without: Vec<String>,
    /// What was guessed when it was made from its article.
    pub guesses: Vec<Guess>,
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

/// What is read, so that places in it can be told.
pub(super) struct Reader<'a> {
    path: &'a str,
    index: LineIndex<'a>,
}

impl Reader<'_> {
    pub(super) fn at(&self, span: &Range<usize>) -> Position {
        self.index.position(self.path, span.start)
    }

    pub(super) fn error(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<&'static str>>,
    ) -> ScenarioError {
        self.error_with(span, message, help.into().map(str::to_owned))
    }

    pub(super) fn error_with(
        &self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> ScenarioError {
        ScenarioError {
            position: self.at(span),
            message: message.into(),
            help,
        }
    }

    fn toml_error(&self, error: &toml::de::Error) -> ScenarioError {
        let message = error.message().replace('\n', ", ");
        let help = suggest::for_unknown_field(&message);
        self.error_with(&error.span().unwrap_or(0..0), message, help)
    }

    fn file(&self, raw: RawFile) -> Result<ScenarioFile, ScenarioError> {
        let file_name = self.path.rsplit('/').next().unwrap_or(self.path);
        let path_span = raw.path.tab.as_ref().map(Spanned::span);
        let path_span = path_span.or(raw.path.pivot.as_ref().map(Spanned::span));
        let tabs = raw
            .path
            .tab
            .map_or_else(Vec::new, |tabs| match tabs.into_inner() {
                RawTabs::One(tab) => vec![tab],
                RawTabs::Several(tabs) => tabs,
            });
        let names = self.names(raw.names)?;
        if raw.step.is_empty() {
            let help = "add a `[[step]]` with a `name` and a `block`";
            return Err(self.error(&raw.title.span(), "the scenario has no step", help));
        }
        let mut steps: Vec<StepSpec> = Vec::new();
        for step in raw.step {
            let span = step.name.span();
            let step = self.step(step, &steps)?;
            if steps.iter().any(|earlier| earlier.name == step.name) {
                let message = format!("two steps are called \"{}\"", step.name);
                return Err(self.error(&span, message, "give each step its own name"));
            }
            steps.push(step);
        }
        self.not_empty(&raw.article, "article")?;
        let prepare = raw.prepare.into_iter().map(|raw| self.prepare(raw));
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
                pivot: raw.path.pivot.map(Spanned::into_inner),
            },
            path_position: self.at(&path_span.unwrap_or(0..0)),
            names,
            reader_roles: raw.reader.roles,
            requires: self.requires(&raw.requires)?,
            // A step's name is known only after all steps are read.
            placeholders: self.placeholders(raw.placeholders, &steps)?,
            preparations: prepare.collect::<Result<_, _>>()?,
            steps,
            sections: texts(raw.path.section),
            without: texts(raw.path.without),
            guesses: raw
                .guess
                .into_iter()
                .map(|raw| self.guess(raw))
                .collect::<Result<_, _>>()?,
        })
    }

    fn names(&self, raw: BTreeMap<String, Spanned<String>>) -> Result<Vec<Name>, ScenarioError> {
        let mut names = Vec::new();
        for (name, kind) in raw {
            if NameKind::named(kind.get_ref()).is_none() {
                let kinds = NameKind::ALL.map(NameKind::name);
                let message = format!("`{}` is no kind of name", kind.get_ref());
                let help = among(kind.get_ref(), &kinds, "kinds");
                return Err(self.error_with(&kind.span(), message, Some(help)));
            }
            names.push(Name {
                name,
                position: self.at(&kind.span()),
                kind: kind.into_inner(),
            });
        }
        Ok(names)
    }

    /// A guess; its file is the article's unless it says another.
    fn guess(&self, raw: RawGuess) -> Result<Guess, ScenarioError> {
        Ok(Guess {
            position: Position {
                file: raw.file.unwrap_or_default(),
                line: raw.line,
                column: 1,
            },
            guess: self.not_empty(&raw.guess, "guess")?,
            why: self.not_empty(&raw.why, "why")?,
        })
    }

    fn prepare(&self, raw: RawPrepare) -> Result<Preparation, ScenarioError> {
        let mut keep = Vec::new();
        for name in &raw.keep {
            let is_variable = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let text = name.get_ref();
            if text.is_empty()
                || !text.chars().all(is_variable)
                || text.starts_with(|c: char| c.is_ascii_digit())
            {
                let message = format!("`{text}` is not a variable's name");
                let help = "write the name alone, without `$`";
                return Err(self.error(&name.span(), message, help));
            }
            keep.push(text.clone());
        }
        let (lines, file, span) = match (&raw.run, &raw.file) {
            (Some(run), None) => (self.lines(run, "run")?, None, run.span()),
            (None, Some(file)) => (Vec::new(), Some(self.relative(file, "file")?), file.span()),
            (Some(_), Some(file)) => {
                let message = "a preparation has either `run` or `file`";
                return Err(self.error(&file.span(), message, "make two preparations of it"));
            }
            (None, None) => {
                let message = "the preparation has no commands";
                let help = "write them in `run`, or name a file beside the scenario in `file`";
                return Err(self.error(&raw.why.span(), message, help));
            }
        };
        Ok(Preparation {
            why: self.not_empty(&raw.why, "why")?,
            position: self.at(&span),
            lines,
            file,
            keep,
            timeout: self.timeout(raw.timeout.as_ref())?,
        })
    }

    /// Placeholders; those that are filled in with what a step printed name one of `steps`.
    pub(super) fn placeholders(
        &self,
        raw: BTreeMap<String, Spanned<RawPlaceholder>>,
        steps: &[StepSpec],
    ) -> Result<Vec<Placeholder>, ScenarioError> {
        let mut all = Vec::new();
        for (text, value) in raw {
            let span = value.span();
            if text.trim().is_empty() {
                let help = "write it as the article does: \"<NAME>\" = \"…\"";
                return Err(self.error(&span, "a placeholder without a text", help));
            }
            let value = match value.into_inner() {
                RawPlaceholder::Text(text) => PlaceholderValue::Text(text),
                RawPlaceholder::Printed(printed) => {
                    if !steps.iter().any(|step| step.name == printed.from) {
                        let names: Vec<&str> =
                            steps.iter().map(|step| step.name.as_str()).collect();
                        let message =
                            format!("no step before this one is called \"{}\"", printed.from);
                        let help = nearest(&printed.from, names)
                            .map(|near| format!("did you mean \"{near}\"?"));
                        return Err(self.error_with(&span, message, help));
                    }
                    if let Some(pointer) =
                        printed.json.as_ref().filter(|text| !text.starts_with('/'))
                    {
                        let message = format!("`{pointer}` is not a JSON pointer");
                        let help = format!("write `/{pointer}`");
                        return Err(self.error_with(&span, message, Some(help)));
                    }
                    let form = printed.form.unwrap_or_else(|| "{}".to_owned());
                    if !form.contains("{}") {
                        let help = "put `{}` where the value belongs";
                        return Err(self.error(&span, "`as` has no place for the value", help));
                    }
                    PlaceholderValue::Printed {
                        step: printed.from,
                        pointer: printed.json,
                        form,
                    }
                }
            };
            all.push(Placeholder {
                text,
                value,
                position: self.at(&span),
            });
        }
        Ok(all)
    }

    pub(super) fn requires(
        &self,
        raw: &[Spanned<String>],
    ) -> Result<Vec<Requirement>, ScenarioError> {
        let known = Requirement::ALL.map(Requirement::name).into_iter();
        let known: Vec<&str> = known.chain(PROGRAMS).collect();
        raw.iter()
            .map(|name| {
                Requirement::named(name.get_ref()).ok_or_else(|| {
                    let message = format!("`{}` is nothing that can be required", name.get_ref());
                    let help = among(name.get_ref(), &known, "requirements");
                    self.error_with(&name.span(), message, Some(help))
                })
            })
            .collect()
    }

    pub(super) fn timeout(&self, raw: Option<&Spanned<String>>) -> Result<Duration, ScenarioError> {
        let Some(text) = raw else {
            return Ok(DEFAULT_TIMEOUT);
        };
        duration(text.get_ref()).ok_or_else(|| {
            let message = format!("`{}` is not a time", text.get_ref());
            let help = "write whole seconds or minutes above zero: \"120s\", \"5m\"";
            self.error(&text.span(), message, help)
        })
    }

    /// The lines of a text, each with its place in the scenario. A text with escapes for line ends
    /// has all its lines where it begins.
    pub(super) fn lines(
        &self,
        text: &Spanned<String>,
        key: &str,
    ) -> Result<Vec<Line>, ScenarioError> {
        let value = self.not_empty(text, key)?;
        let span = text.span();
        let written = self.index.slice(span.clone());
        let quotes = ["'''", "\"\"\""]
            .into_iter()
            .find(|quotes| written.starts_with(quotes));
        let mut start = self.at(&span);
        if let Some(quotes) = quotes {
            let behind = written.get(quotes.len()..).unwrap_or_default();
            if behind.starts_with(['\n', '\r']) {
                start.line += 1;
                start.column = 1;
            } else {
                start.column += 3;
            }
        } else {
            start.column += 1;
        }
        let lines = value.trim_end().split('\n').enumerate();
        let lines = lines.map(|(number, line)| {
            let further = u32::try_from(number).unwrap_or(u32::MAX);
            let position = match quotes {
                Some(_) if number > 0 => Position {
                    file: start.file.clone(),
                    line: start.line.saturating_add(further),
                    column: 1,
                },
                _ => start.clone(),
            };
            Line {
                text: line.trim_end_matches('\r').to_owned(),
                position,
            }
        });
        Ok(lines.collect())
    }

    pub(super) fn not_empty(
        &self,
        text: &Spanned<String>,
        key: &str,
    ) -> Result<String, ScenarioError> {
        if text.get_ref().trim().is_empty() {
            return Err(self.error(&text.span(), format!("`{key}` is empty"), None::<&str>));
        }
        Ok(text.get_ref().clone())
    }
}

fn texts(all: Vec<Spanned<String>>) -> Vec<String> {
    all.into_iter().map(Spanned::into_inner).collect()
}

/// What was probably meant, or everything that there is.
fn among(word: &str, all: &[&str], what: &str) -> String {
    nearest(word, all.iter().copied())
        .map(|near| format!("did you mean `{near}`?"))
        .unwrap_or_else(|| format!("the {what} are {}", all.join(", ")))
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
