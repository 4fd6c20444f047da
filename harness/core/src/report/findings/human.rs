//! For people: each finding with its line of the article, as a compiler shows it.

use super::excerpt::Excerpt;
use super::texts::Indexed;
use super::{FindingReporter, Mask, Report, Totals};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::style::{Style, Tone, count};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::io::{Result, Write};

/// Writes the findings of each article as it comes, and a summary in the last line.
#[derive(Debug)]
pub struct Human {
    renderer: Renderer,
    style: Style,
    summary: bool,
}

impl Human {
    /// A reporter that has written nothing yet. `colour` is for terminals; without `summary` only
    /// findings are written.
    pub fn new(colour: bool, summary: bool) -> Self {
        Self {
            renderer: if colour {
                Renderer::styled()
            } else {
                Renderer::plain()
            },
            style: Style { colour },
            summary,
        }
    }

    fn finding(&self, finding: &Diagnostic, texts: &Indexed<'_>, mask: &Mask) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let shown = Excerpt::of(&finding.span, texts, mask);
        let related: Vec<(String, Excerpt)> = finding
            .related
            .iter()
            .map(|related| {
                let shown = Excerpt::of(&related.span, texts, mask);
                (mask.apply(&related.message), shown)
            })
            .collect();
        let mut main = Group::with_title(
            level
                .primary_title(mask.apply(&finding.message))
                .id(finding.rule),
        )
        .element(shown.element(AnnotationKind::Primary));
        if let Some(help) = &finding.help {
            main = main.element(Level::HELP.message(mask.apply(help)));
        }
        if let Some(fix) = &finding.fix {
            let title = format!("{} (`--fix` does it)", mask.apply(&fix.title));
            main = main.element(Level::HELP.with_name("fix").message(title));
        }
        let mut groups = vec![main];
        for (message, shown) in &related {
            groups.push(
                Group::with_title(Level::NOTE.secondary_title(message))
                    .element(shown.element(AnnotationKind::Context)),
            );
        }
        self.renderer.render(&groups)
    }
}

impl FindingReporter for Human {
    fn article(&mut self, report: &Report, out: &mut dyn Write) -> Result<()> {
        let texts = report.texts.indexed();
        for finding in &report.findings {
            let shown = self.finding(finding, &texts, &report.mask);
            writeln!(out, "{shown}\n")?;
        }
        Ok(())
    }

    fn finish(&mut self, totals: &Totals, out: &mut dyn Write) -> Result<()> {
        if self.summary && totals.articles > 0 {
            writeln!(out, "{}", summary(totals, self.style))?;
        }
        Ok(())
    }
}

impl Excerpt {
    fn element(&self, kind: AnnotationKind) -> Element<'_> {
        match &self.lines {
            Some(lines) => Snippet::source(lines.text.as_str())
                .path(self.file.as_str())
                .line_start(self.line)
                .annotation(kind.span(lines.marked.clone()))
                .into(),
            None => Origin::path(self.file.as_str())
                .line(self.line)
                .char_column(self.column)
                .into(),
        }
    }
}

/// `3 errors, 1 warning in 2 of 28 articles, 12 ms; 2 can be fixed with --fix`
fn summary(totals: &Totals, style: Style) -> String {
    let counted = [
        (totals.errors, "error", Tone::Bad),
        (totals.warnings, "warning", Tone::Note),
        (totals.notes, "note", Tone::Strong),
    ];
    let found: Vec<String> = counted
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, tone)| style.paint(tone, &count(number, one)))
        .collect();
    let articles = count(totals.articles, "article");
    let milliseconds = totals.time.as_millis();
    let time = if milliseconds < 10_000 {
        format!("{milliseconds} ms")
    } else {
        format!("{:.1} s", totals.time.as_secs_f64())
    };
    if found.is_empty() {
        return format!(
            "{} in {articles}, {time}",
            style.paint(Tone::Good, "no findings")
        );
    }
    let found = found.join(", ");
    let with = totals.with_findings;
    let mut line = format!("{found} in {with} of {articles}, {time}");
    if totals.fixable > 0 {
        line.push_str(&format!("; {} can be fixed with --fix", totals.fixable));
    }
    line
}
