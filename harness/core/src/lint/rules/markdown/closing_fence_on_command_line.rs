//! `closing-fence-on-command-line`: see [`ClosingFenceOnCommandLine`].

use super::problems;
use crate::diagnostic::Severity;
use crate::diagnostic::{Edit, Fix};
use crate::lint::{Context, Findings, Rule};
use crate::markdown::ProblemKind;
use crate::scenario::Line;
use crate::source::Span;

/// A closing fence that stands behind code on its line, where it closes nothing.
pub(super) struct ClosingFenceOnCommandLine;

impl Rule for ClosingFenceOnCommandLine {
    fn id(&self) -> &'static str {
        "closing-fence-on-command-line"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a closing fence stands behind code on its line"
    }

    fn explanation(&self) -> &'static str {
        "A fence closes a block only on a line of its own. Behind code it is part of the code, and all that \
         follows is shown as code, too.\n\n\
         Instead of\n\n\
         \x20   ```azurecli\n    az group list --output table```\n\n\
         write\n\n\
         ````markdown\n```azurecli\naz group list --output table\n```\n````"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for problem in problems(context, |kind| *kind == ProblemKind::FenceAfterCode) {
            let fence = &problem.span;
            let report = findings
                .report(
                    fence.clone(),
                    "this fence stands behind code and closes nothing",
                )
                .help("put the closing fence on a line of its own");
            let ends_here =
                |line: &&Line| line.position.file == fence.file && line.position.line == fence.line;
            let mut blocks = context.article.blocks.iter();
            let block = blocks.find(|block| block.lines.last().iter().any(ends_here));
            // Within a list or a quote, the line would have to begin as the others do.
            if let Some(block) = block
                && let Some(code) = block.lines.last()
                && block.fence.column == 1
            {
                let length = u32::try_from(code.text.chars().count()).unwrap_or(0);
                let span = Span {
                    column: code.position.column + length,
                    end_column: fence.column,
                    ..fence.clone()
                };
                report.fix(Fix {
                    title: "put the closing fence on a line of its own".to_owned(),
                    edits: vec![Edit {
                        span,
                        replacement: "\n".to_owned(),
                    }],
                });
            }
        }
    }
}
