//! `invalid-json-sample`: see [`InvalidJsonSample`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::matching::{self, Slip};

/// A `json` fence that holds no JSON.
pub(super) struct InvalidJsonSample;

impl Rule for InvalidJsonSample {
    fn id(&self) -> &'static str {
        "invalid-json-sample"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a `json` block is not JSON"
    }

    fn explanation(&self) -> &'static str {
        "A reader who saves the block to a file, or compares it with what a command printed, is \
         misled: a comma or a brace is missing or too much, or the block is something else. \
         Elisions (`...`, `[...]`), comments, `<placeholders>` and fragments of an object are \
         accepted.\n\n\
         Instead of\n\n\
         ```json\n{\n  \"type\": \"UserAssigned\"\n  \"principalId\": null\n}\n```\n\n\
         write\n\n\
         ```json\n{\n  \"type\": \"UserAssigned\",\n  \"principalId\": null\n}\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for block in &context.blocks {
            let text = block.text.as_str();
            if block.block.language != "json"
                || text.trim().is_empty()
                || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
            {
                continue;
            }
            match matching::slips(text) {
                Ok(slips) => {
                    let whole = text.trim_start().starts_with(['{', '[']);
                    for (at, slip) in slips {
                        let (message, help) = match slip {
                            Slip::MissingComma => {
                                ("a comma is missing here", "put `,` between the two")
                            }
                            // Cut out of a larger text, a fragment may begin and end anywhere.
                            _ if !whole || text.contains("...") || text.contains('…') => continue,
                            Slip::TrailingComma => (
                                "nothing follows this comma, which JSON does not allow",
                                "take the comma away",
                            ),
                            Slip::NotOpened => {
                                ("this closes nothing", "take it away, or open it before")
                            }
                            Slip::NotClosed => ("this is never closed", "close it"),
                        };
                        let end = match slip {
                            Slip::MissingComma => at,
                            _ => at + 1,
                        };
                        findings.report(block.span(at..end), message).help(help);
                    }
                }
                Err(at) => {
                    let at = at.min(text.trim_end().len());
                    let first = text.get(at..).and_then(|rest| rest.chars().next());
                    let end = at + first.filter(|c| *c != '\n').map_or(0, char::len_utf8);
                    if text
                        .trim_start()
                        .starts_with(['{', '[', '"', '.', '/', '<'])
                    {
                        findings
                            .report(block.span(at..end), "this block is not JSON from here on")
                            .help("write it as JSON, or name the fence after what it is");
                    } else {
                        findings
                            .report(
                                block.span(at..end),
                                "the fence is named `json`, and this is not",
                            )
                            .help("name the fence after what it holds: `output`, `yaml`, `http`, …")
                            .severity(Severity::Note);
                    }
                }
            }
        }
    }
}
