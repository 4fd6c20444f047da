//! Names and placeholders: what a scenario says of the article's texts must be there.

use super::error::ResolveError;
use super::placeholder::{Placeholder, PlaceholderValue};
use super::resolve::Resolver;
use super::spec::Does;
use super::walkthrough::Step;
use crate::event::{NoteKind, StepKind, StepNote};

impl Resolver<'_> {
    /// A name is one that the article writes, or that the scenario fills in or makes itself.
    pub(super) fn check_names(&mut self) {
        let scenario = self.scenario;
        let own = scenario.steps.iter().flat_map(|step| match &step.does {
            Does::Own { lines, .. } | Does::Manual { lines, .. } => lines.as_slice(),
            Does::Block { .. } | Does::File { .. } => &[],
        });
        let of_steps = scenario.steps.iter().flat_map(|step| &step.placeholders);
        let values = scenario.placeholders.iter().chain(of_steps);
        let values = values.filter_map(|placeholder| match &placeholder.value {
            PlaceholderValue::Text(text) => Some(text.as_str()),
            PlaceholderValue::Printed { .. } => None,
        });
        let prepared = scenario.preparations.iter().flat_map(|one| &one.lines);
        let texts: Vec<&str> = own
            .chain(prepared)
            .map(|line| line.text.as_str())
            .chain(values)
            .collect();
        for name in &scenario.names {
            let mut lines = self.blocks.iter().flat_map(|on| &on.block.lines);
            if !lines.any(|line| line.text.contains(&name.name))
                && !texts.iter().any(|text| text.contains(&name.name))
            {
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

    /// Puts each guess where every report shows it: with the step whose block it is about, or the
    /// nearest one before that.
    pub(super) fn tell_guesses(&self, steps: &mut [Step]) {
        for guess in &self.scenario.guesses {
            let mut position = guess.position.clone();
            if position.file.is_empty() {
                position.file.clone_from(&self.article.file);
            }
            let note = StepNote {
                about: NoteKind::Guessed,
                text: guess.guess.clone(),
                why: Some(guess.why.clone()),
                position: Some(position.clone()),
            };
            let starts = |step: &Step| {
                step.position.file == position.file && step.position.line <= position.line
            };
            let at = steps.iter().rposition(starts).unwrap_or(0);
            if let Some(step) = steps.get_mut(at) {
                step.notes.push(note);
            }
        }
    }

    /// What the scenario fills in must be there to be filled in.
    pub(super) fn check_placeholders(&mut self, steps: &[Step]) {
        let stands = |step: &Step, placeholder: &Placeholder| {
            let lines = step.draft.parts.first().map(|(_, lines)| lines.as_slice());
            let mut lines = lines.unwrap_or_default().iter();
            lines.any(|line| line.text.contains(&placeholder.text))
        };
        let of_article = |step: &Step| matches!(step.kind, StepKind::Block | StepKind::File);
        let mut stale = Vec::new();
        for placeholder in &self.scenario.placeholders {
            let used = steps.iter().any(|step| {
                of_article(step)
                    && step.placeholders.contains(placeholder)
                    && stands(step, placeholder)
            });
            if !used {
                stale.push((None, placeholder.clone()));
            }
        }
        for (spec, step) in self.scenario.steps.iter().zip(steps) {
            let own = spec.placeholders.iter();
            let own = own.filter(|placeholder| !stands(step, placeholder));
            stale.extend(own.map(|placeholder| (Some(spec.name.clone()), placeholder.clone())));
        }
        for (step, placeholder) in stale {
            let text = &placeholder.text;
            let message = match &step {
                None => format!("stale placeholder: no block that is used has `{text}`"),
                Some(step) => {
                    format!("step \"{step}\": stale placeholder: its block has no `{text}`")
                }
            };
            self.errors.push(ResolveError {
                position: placeholder.position.clone(),
                step,
                message,
                article: None,
                help: Some("take it out, or write it as the article does".into()),
            });
        }
    }
}
