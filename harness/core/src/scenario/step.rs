//! What a scenario file says of one step.

use super::error::ScenarioError;
use super::expect::expectations;
use super::file::Reader;
use super::manual::numbers;
use super::raw::{RawAnswer, RawCorrection, RawExpect, RawProof, RawStep};
use super::spec::{Correction, CorrectionTarget, Does, StepSpec};
use super::walkthrough::{Answer, Expectation, Proof, Script};
use crate::source::Position;
use crate::suggest::nearest;
use toml::Spanned;

impl Reader<'_> {
    /// Reads a step that comes after these.
    pub(super) fn step(
        &self,
        mut raw: RawStep,
        earlier: &[StepSpec],
    ) -> Result<StepSpec, ScenarioError> {
        let sample = raw.sample.as_ref().is_none_or(|sample| *sample.get_ref());
        let (does, position) = self.does(&raw)?;
        self.check_why(&raw, &does, sample)?;
        let of_article = matches!(does, Does::Block { .. } | Does::File { .. });
        if let (false, Some(first)) = (of_article, raw.correction.first()) {
            let message = "there is nothing of the article to correct in this step";
            let help = "write the command as it should be";
            return Err(self.error(&first.find.span(), message, help));
        }
        let python = self.python(&raw, &does)?;
        let expect = match raw.expect.take() {
            Some(expect) => self.expectations(expect)?,
            None => Vec::new(),
        };
        let proof = raw.proof.take().map(|raw| self.proof(raw)).transpose()?;
        if matches!(does, Does::Manual { .. }) && proof.is_none() && expect.is_empty() {
            let help = "add a `proof` with the command that shows it, or `expect`";
            let message = "nothing proves that these instructions were followed";
            return Err(self.error(&raw.name.span(), message, help));
        }
        let then = match &raw.then {
            Some(then) if python => self.lines(then, "then")?,
            Some(then) => {
                let help = "give what comes after the block a step with `run`";
                let message = "`then` only goes with a program's block";
                return Err(self.error(&then.span(), message, help));
            }
            None => Vec::new(),
        };
        let corrections = std::mem::take(&mut raw.correction).into_iter();
        let corrections = corrections.map(|raw| self.correction(raw, sample));
        if let (Some(place), Some(_)) = (&raw.place, raw.answer.first()) {
            let message = "`answer` only goes with a command in the reader's own terminal";
            return Err(self.error(&place.span(), message, None::<&str>));
        }
        let answers = raw.answer.iter().map(|raw| self.answer(raw));
        let mut needs = Vec::new();
        for name in &raw.needs {
            if !earlier.iter().any(|step| step.name == *name.get_ref()) {
                let message = format!("no step before this one is called \"{}\"", name.get_ref());
                let names = earlier.iter().map(|step| step.name.as_str());
                let help =
                    nearest(name.get_ref(), names).map(|near| format!("did you mean \"{near}\"?"));
                return Err(self.error_with(&name.span(), message, help));
            }
            needs.push(name.get_ref().clone());
        }
        let skip = match &raw.skip {
            Some(why) => Some(self.not_empty(why, "skip")?),
            None => None,
        };
        Ok(StepSpec {
            name: self.not_empty(&raw.name, "name")?,
            does,
            position,
            in_container: self.place(raw.place.as_ref(), "container")?,
            expectations: expect,
            sample,
            timeout: self.timeout(raw.timeout.as_ref())?,
            corrections: corrections.collect::<Result<_, _>>()?,
            answers: answers.collect::<Result<_, _>>()?,
            placeholders: self.placeholders(std::mem::take(&mut raw.placeholders), earlier)?,
            requires: self.requires(&raw.requires)?,
            python,
            then,
            proof,
            skip,
            needs,
        })
    }

    /// What the step runs or writes, and where the file says so.
    fn does(&self, raw: &RawStep) -> Result<(Does, Position), ScenarioError> {
        let said = [
            ("block", &raw.block),
            ("run", &raw.run),
            ("manual", &raw.manual),
        ];
        let mut said = said
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?)));
        let Some((key, value)) = said.next() else {
            let message = "the step has no `block`";
            let help = "point at a block of the article; or say `run`, for a command that is not in \
                        it, or `manual`, for its numbered instructions";
            return Err(self.error(&raw.name.span(), message, help));
        };
        if let Some((other, value)) = said.next() {
            let message = format!("a step has either `{key}` or `{other}`");
            return Err(self.error(&value.span(), message, "make two steps of it"));
        }
        let only = [
            ("same-as", &raw.same_as, key == "manual", "manual"),
            ("file", &raw.file, key == "block", "block"),
            ("into", &raw.into, raw.file.is_some(), "file"),
        ];
        for (name, value, allowed, with) in only {
            if let (Some(value), false) = (value, allowed) {
                let message = format!("`{name}` only goes with `{with}`");
                return Err(self.error(&value.span(), message, None::<&str>));
            }
        }
        let position = self.at(&value.span());
        let does = match key {
            "run" => Does::Own {
                lines: self.lines(value, "run")?,
                why: match &raw.why {
                    Some(why) => self.not_empty(why, "why")?,
                    None => {
                        let message = "a command that is not in the article needs a reason";
                        let help = "say in `why` what the article leaves to its reader";
                        return Err(self.error(&value.span(), message, help));
                    }
                },
            },
            "manual" => {
                let (section, numbers) = numbers(value.get_ref()).map_err(|message| {
                    let help = "write the section and its numbered instructions: \
                                \"create-a-container-app#1-7\"";
                    self.error(&value.span(), message, help)
                })?;
                let Some(same) = &raw.same_as else {
                    let message = "nobody clicks here: these instructions need a command";
                    let help = "say in `same-as` which command does the same";
                    return Err(self.error(&value.span(), message, help));
                };
                Does::Manual {
                    section,
                    numbers,
                    lines: self.lines(same, "same-as")?,
                }
            }
            _ => {
                let address = self.not_empty(value, "block")?;
                match &raw.file {
                    None => Does::Block { address },
                    Some(file) => Does::File {
                        address,
                        file: self.relative(file, "file")?,
                        into: match &raw.into {
                            Some(into) => {
                                Some((self.relative(into, "into")?, self.at(&into.span())))
                            }
                            None => None,
                        },
                    },
                }
            }
        };
        Ok((does, position))
    }

    /// A path that stays in its folder.
    pub(super) fn relative(
        &self,
        path: &Spanned<String>,
        key: &str,
    ) -> Result<String, ScenarioError> {
        let text = self.not_empty(path, key)?;
        if text.starts_with('/') || text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let message = format!("`{text}` is not a file below the folder");
            let help = "write its path from the folder, without `..`";
            return Err(self.error(&path.span(), message, help));
        }
        Ok(text)
    }

    /// `why` gives the reason for a command of the scenario's own, or for a sample that is left out.
    fn check_why(&self, raw: &RawStep, does: &Does, sample: bool) -> Result<(), ScenarioError> {
        if matches!(does, Does::Own { .. }) {
            return Ok(());
        }
        match (&raw.sample, &raw.why) {
            (Some(off), None) if !sample => {
                let help = "say in `why` what is wrong with the article's sample";
                Err(self.error(&off.span(), "`sample = false` needs a reason", help))
            }
            (_, Some(why)) if sample => {
                let help = "take `why` out, or set `sample = false`";
                Err(self.error(&why.span(), "there is nothing to give a reason for", help))
            }
            (_, Some(why)) => self.not_empty(why, "why").map(drop),
            _ => Ok(()),
        }
    }

    fn python(&self, raw: &RawStep, does: &Does) -> Result<bool, ScenarioError> {
        let Some(program) = &raw.program else {
            return Ok(false);
        };
        if !matches!(does, Does::Block { .. }) {
            let message = "`program` only goes with `block`";
            return Err(self.error(&program.span(), message, None::<&str>));
        }
        if program.get_ref() != "python3" {
            let message = format!("`{}` is no program that runs blocks", program.get_ref());
            let help = "write `program = \"python3\"` or leave it out";
            return Err(self.error(&program.span(), message, help));
        }
        Ok(true)
    }

    fn expectations(&self, raw: Spanned<RawExpect>) -> Result<Vec<Expectation>, ScenarioError> {
        let span = raw.span();
        expectations(raw.into_inner(), &self.at(&span))
            .map_err(|(message, help)| self.error_with(&span, message, help))
    }

    fn proof(&self, raw: Spanned<RawProof>) -> Result<Proof, ScenarioError> {
        let raw = raw.into_inner();
        Ok(Proof {
            script: Script {
                lines: self.lines(&raw.run, "run")?,
            },
            expectations: self.expectations(raw.expect)?,
        })
    }

    fn answer(&self, raw: &RawAnswer) -> Result<Answer, ScenarioError> {
        Ok(Answer {
            prompt: self.not_empty(&raw.prompt, "prompt")?,
            typed: raw.typed.get_ref().clone(),
            optional: raw.optional,
        })
    }

    fn correction(&self, raw: RawCorrection, sample: bool) -> Result<Correction, ScenarioError> {
        let in_sample = self.place(raw.place.as_ref(), "sample")?;
        let find = self.not_empty(&raw.find, "find")?;
        if *raw.find.get_ref() == raw.replace {
            let message = "this correction changes nothing";
            return Err(self.error(&raw.find.span(), message, "take the correction out"));
        }
        if in_sample && !sample {
            let help = "take the correction or `sample = false` out";
            let message = "this corrects a sample that is not compared";
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
    fn place(&self, raw: Option<&Spanned<String>>, allowed: &str) -> Result<bool, ScenarioError> {
        match raw {
            None => Ok(false),
            Some(place) if place.get_ref() == allowed => Ok(true),
            Some(place) => {
                let message = format!("`in` cannot be `{}` here", place.get_ref());
                let help = format!("write `in = \"{allowed}\"` or leave it out");
                Err(self.error_with(&place.span(), message, Some(help)))
            }
        }
    }
}
