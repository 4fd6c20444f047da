//! `open-question`: see [`OpenQuestion`].

use crate::diagnostic::Severity;
use crate::lint::columns::ProseLine;
use crate::lint::{Context, Findings, Rule};
use crate::markdown::{Prose, ProseKind};

/// A question that the authors asked each other.
pub(super) struct OpenQuestion;

impl Rule for OpenQuestion {
    fn id(&self) -> &'static str {
        "open-question"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a question to the authors is still in the article"
    }

    fn explanation(&self) -> &'static str {
        "A note that does nothing but ask, or a question about what \"we\" are going to do, was \
         meant for the authors. A reader learns that they did not know either. Questions in \
         headings, lists and running text are accepted.\n\n\
         Instead of\n\n\
         ```markdown\n> [!IMPORTANT]\n> Are we going to support this for jobs too?\n```\n\n\
         write the answer:\n\n\
         ```markdown\n> [!IMPORTANT]\n> Jobs are not supported.\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut lines = context.article.prose.iter().peekable();
        while let Some(line) = lines.next() {
            if line.kind == ProseKind::Paragraph && is_callout(&line.text) {
                let mut note = Vec::new();
                let mut last = line;
                while let Some(next) = lines.next_if(|next| follows(last, next)) {
                    note.push(next);
                    last = next;
                }
                let asks = note.iter().filter(|line| is_question(line)).count();
                if asks > 0 && asks == note.len() {
                    for question in note {
                        report(question, findings);
                    }
                } else {
                    for question in note.into_iter().filter(|line| is_ours(line)) {
                        report(question, findings);
                    }
                }
            } else if is_ours(line) {
                report(line, findings);
            }
        }
    }
}

fn report(line: &Prose, findings: &mut Findings) {
    findings
        .report(
            ProseLine::new(line).span(0..line.text.trim_end().len()),
            "this question was meant for the authors",
        )
        .help("answer it in the article, or take it out");
}

/// `[!NOTE]` and its like, alone on their line.
fn is_callout(text: &str) -> bool {
    [
        "[!NOTE]",
        "[!IMPORTANT]",
        "[!TIP]",
        "[!WARNING]",
        "[!CAUTION]",
    ]
    .iter()
    .any(|start| text.trim().eq_ignore_ascii_case(start))
}

fn follows(line: &Prose, next: &Prose) -> bool {
    next.kind == ProseKind::Paragraph
        && next.position.file == line.position.file
        && next.position.line == line.position.line + 1
        && !is_callout(&next.text)
}

fn is_question(line: &Prose) -> bool {
    // A question that links its answer is for readers: "Need help? See [support](…)".
    line.text.trim_end().ends_with('?') && !line.text.contains("](")
}

/// Whether a line is a question about what the authors are going to do.
fn is_ours(line: &Prose) -> bool {
    if line.kind != ProseKind::Paragraph || !is_question(line) {
        return false;
    }
    let lower = line.words.trim().to_lowercase();
    let mut words = lower.split_whitespace();
    let (first, second, third) = (words.next(), words.next(), words.next());
    let verb = matches!(
        first,
        Some("are" | "should" | "do" | "will" | "can" | "shall")
    );
    verb && second == Some("we")
        && matches!(
            third,
            Some(
                "going"
                    | "supposed"
                    | "planning"
                    | "implement"
                    | "implementing"
                    | "document"
                    | "documenting"
                    | "mention"
                    | "include"
                    | "link"
                    | "remove"
                    | "keep"
                    | "say"
                    | "show"
                    | "ship"
                    | "shipping"
            )
        )
}
