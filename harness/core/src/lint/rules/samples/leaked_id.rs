//! `leaked-id`: see [`LeakedId`].

use super::constant;
use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule};
use crate::matching::{GuidClass, classify_guid};
use regex::Regex;
use std::sync::LazyLock;

/// A subscription or tenant id that looks like somebody's own.
pub(super) struct LeakedId;

static GUID: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
});

/// What stands before an id and says what it is of.
static OF: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"(?i)(?:(subscription)s?/|(tenant)s?/|-{1,2}(subscription|tenant)(?:-?id)?["']?[ =]+["']?|(?:\b|_)(tenant|subscription)(?:_?id)?["']?[ \t]*[:=][ \t]*["']?|(?:microsoftonline\.com|sts\.windows\.net)/)$"#,
    )
});

/// Tenants that everybody knows: Microsoft's own, and those of personal accounts.
const KNOWN: &[&str] = &[
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    "9188040d-6c67-4c5b-b112-36a304b66dad",
    "33e01921-4d64-4f8c-a055-5bdaffd5e33d",
];

/// Whether a GUID is neither made up, nor blotted out, nor known to everybody.
pub(super) fn is_somebodys(guid: &str) -> bool {
    classify_guid(guid) == GuidClass::Real
        && !guid.contains("-0000-0000-")
        && !guid.starts_with("00000000-")
        && !KNOWN.iter().any(|known| {
            // An author who changes the last digits blots it out in a way of their own.
            guid.get(..23)
                .zip(known.get(..23))
                .is_some_and(|(guid, known)| guid.eq_ignore_ascii_case(known))
        })
}

impl Rule for LeakedId {
    fn id(&self) -> &'static str {
        "leaked-id"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a subscription or tenant id looks like a real one"
    }

    fn explanation(&self) -> &'static str {
        "An id that was copied from a terminal names somebody's subscription or tenant. Use the \
         stand-ins of Microsoft's contributor guide, or blot it out.\n\n\
         Instead of\n\n\
         ```output\n\"id\": \"/subscriptions/5b9a2ef4-7c31-4d0e-9f86-2ad17c3e8b40/resourceGroups/myResourceGroup\"\n```\n\n\
         write\n\n\
         ```output\n\"id\": \"/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/myResourceGroup\"\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for block in &context.blocks {
            for found in GUID.find_iter(&block.text) {
                let before = block.text.get(..found.start()).unwrap_or("");
                let line = before.rsplit('\n').next().unwrap_or("");
                let near: usize = line.char_indices().rev().nth(39).map_or(0, |(at, _)| at);
                let Some(of) = OF.captures(line.get(near..).unwrap_or("")) else {
                    continue;
                };
                if !is_somebodys(found.as_str()) {
                    continue;
                }
                let named = of.iter().skip(1).flatten().next();
                let (what, stand_in) = match named.map(|of| of.as_str().to_ascii_lowercase()) {
                    Some(of) if of == "subscription" => {
                        ("subscription", "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e")
                    }
                    _ => ("tenant", "aaaabbbb-0000-cccc-1111-dddd2222eeee"),
                };
                findings
                    .report(
                        block.span(found.range()),
                        format!("this looks like the id of a real {what}"),
                    )
                    .help(format!("write the stand-in `{stand_in}`"));
            }
        }
    }
}
