//! Files beside a scenario: what blocks are put into, and preparations that scenarios share.

use super::error::ResolveError;
use super::resolve::Resolver;
use super::spec::{Preparation, StepSpec};
use super::walkthrough::{Line, TEMPLATE_MARK, Template};
use crate::source::Position;

impl Resolver<'_> {
    /// The file that a block is put into.
    pub(super) fn template(
        &mut self,
        spec: &StepSpec,
        name: &str,
        position: &Position,
    ) -> Option<Template> {
        let file = self.beside(name);
        let Some(text) = (self.files)(name) else {
            let message = format!("there is no file {file}");
            self.fail(spec, position, message, None, None);
            return None;
        };
        let marks = text.matches(TEMPLATE_MARK).count();
        if marks != 1 {
            let mark = TEMPLATE_MARK;
            let message = match marks {
                0 => format!("{file} has no `{mark}`"),
                _ => format!("{file} has `{mark}` more than once"),
            };
            let help = Some("write it once, where the article's block belongs".into());
            self.fail(spec, position, message, None, help);
            return None;
        }
        Some(Template { file, text })
    }

    /// The preparations, with the commands of those that are in files.
    pub(super) fn preparations(&mut self) -> Vec<Preparation> {
        let mut all = self.scenario.preparations.clone();
        for preparation in &mut all {
            let Some(name) = &preparation.file else {
                continue;
            };
            let file = self.beside(name);
            let Some(text) = (self.files)(name) else {
                self.errors.push(ResolveError {
                    position: preparation.position.clone(),
                    step: None,
                    message: format!("there is no file {file}"),
                    article: None,
                    help: None,
                });
                continue;
            };
            let lines = text.lines().zip(1..);
            preparation.lines = lines
                .map(|(text, line)| Line {
                    text: text.to_owned(),
                    position: Position {
                        file: file.clone(),
                        line,
                        column: 1,
                    },
                })
                .collect();
        }
        all
    }

    /// The path of a file beside the scenario.
    fn beside(&self, name: &str) -> String {
        match self.scenario.file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.to_owned(),
        }
    }
}
