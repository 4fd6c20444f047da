//! `leaked-secret`: see [`LeakedSecret`].

use super::constant;
use super::leaked_id::is_somebodys;
use crate::diagnostic::Severity;
use crate::lint::columns::ProseLine;
use crate::lint::{Context, Findings, Rule};
use crate::source::Span;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A secret that looks as if it opened something.
pub(super) struct LeakedSecret;

struct Kind {
    name: &'static str,
    /// A text that every such secret has beside it or in it: cheaper to look for.
    hint: &'static str,
    /// Finds it; the first group is the secret itself.
    pattern: LazyLock<Regex>,
    real: fn(&str) -> bool,
    severity: Severity,
}

static KINDS: [Kind; 8] = [
    Kind {
        name: "an access token",
        hint: "eyJ",
        pattern: LazyLock::new(|| {
            constant(r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,})")
        }),
        real: is_token,
        severity: Severity::Error,
    },
    Kind {
        name: "the key of an account",
        hint: "==",
        pattern: LazyLock::new(|| {
            constant(
                r#"(?i)(?:key[0-9]?|password|value)["']?[ \t]*[:=][ \t]*["']?([A-Z0-9+/]{86}==)"#,
            )
        }),
        real: is_random,
        severity: Severity::Error,
    },
    Kind {
        name: "the key of a connection string",
        hint: "AccessKey=",
        pattern: LazyLock::new(|| constant(r"AccessKey=([A-Za-z0-9+/]{43}=)")),
        real: is_random,
        severity: Severity::Error,
    },
    Kind {
        name: "the secret of an application",
        hint: "Q~",
        pattern: LazyLock::new(|| constant(r"\b([A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34})")),
        real: is_random,
        severity: Severity::Error,
    },
    // Azure marks the keys it makes since 2022 in their middle, so that scanners find them.
    Kind {
        name: "the key of an Azure service",
        hint: "A",
        pattern: LazyLock::new(|| {
            constant(
                r"\b([A-Za-z0-9+/]{76}(?:APIM|ACDb|\+ABa|\+AMC|\+ASt)[A-Za-z0-9+/]{5}[AQgw]==|[A-Za-z0-9]{42}(?:AzSe|AzCa|\+ACR)[A-D][A-Za-z0-9+/]{5})",
            )
        }),
        real: is_random,
        severity: Severity::Error,
    },
    Kind {
        name: "a private key",
        hint: "PRIVATE KEY-----",
        pattern: LazyLock::new(|| {
            constant(
                r"(-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+(?:[A-Za-z0-9+/]{60,76}={0,2}\s+){3})",
            )
        }),
        real: is_random,
        severity: Severity::Error,
    },
    // It ends with its `se=`, which has mostly passed when the article is read.
    Kind {
        name: "a signature of shared access",
        hint: "sig=",
        pattern: LazyLock::new(|| constant(r"[?&]sig=((?:[A-Za-z0-9]|%2[BF]|%2[bf]){43}%3[Dd])")),
        real: is_random,
        severity: Severity::Warning,
    },
    Kind {
        name: "the password of a service principal",
        hint: "-",
        pattern: LazyLock::new(|| {
            constant(
                r#"(?i)(?:password|secret)["']?[ \t]*[:= ][ \t]*["']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"#,
            )
        }),
        real: is_somebodys,
        severity: Severity::Warning,
    },
];

/// What the emulators of storage and Cosmos DB are opened with, everywhere.
const KNOWN: &[&str] = &["Eby8vdM02xNOcqFl", "C2y6yDjf5/R+ob0N"];

impl Rule for LeakedSecret {
    fn id(&self) -> &'static str {
        "leaked-secret"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a key, token or password looks like a real one"
    }

    fn explanation(&self) -> &'static str {
        "A secret that was copied into an article is known to everybody from then on: take it out \
         of the article, and make it worthless where it came from. What is blotted out (`xxxx`, \
         `****`), elided, a `<placeholder>` or known anyway is accepted.\n\n\
         Instead of the secret itself\n\n\
         ```output\nAccountKey=q7Zr…\n```\n\n\
         write\n\n\
         ```output\nAccountKey=<account-key>\n```"
    }

    fn conceals(&self) -> bool {
        true
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for block in &context.blocks {
            for (range, kind) in secrets(&block.text) {
                tell(block.span(range), kind, findings);
            }
        }
        for line in &context.article.prose {
            let places = ProseLine::new(line);
            for (range, kind) in secrets(&line.text) {
                tell(places.span(range), kind, findings);
            }
        }
    }
}

fn tell(span: Span, kind: &Kind, findings: &mut Findings) {
    findings
        .report(span, format!("this looks like {} that is real", kind.name))
        .help("write a `<placeholder>`, and revoke what stood here")
        .severity(kind.severity);
}

/// The secrets of a text.
fn secrets(text: &str) -> Vec<(Range<usize>, &'static Kind)> {
    let kinds = KINDS.iter().filter(|kind| text.contains(kind.hint));
    kinds
        .flat_map(|kind| {
            let found = kind.pattern.captures_iter(text);
            found.filter_map(move |found| {
                let secret = found.get(1)?;
                (kind.real)(secret.as_str()).then(|| (secret.range(), kind))
            })
        })
        .collect()
}

/// Whether the letters and digits of a text look drawn by chance.
fn is_random(secret: &str) -> bool {
    let mut seen = [false; 256];
    let mut distinct = 0;
    let (mut same, mut rising) = (0, 0);
    let mut last = 0;
    for byte in secret.bytes() {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            distinct += usize::from(!std::mem::replace(seen, true));
        }
        same = if byte == last { same + 1 } else { 0 };
        rising = if byte == last + 1 { rising + 1 } else { 0 };
        // `xxxx` and `abcdef` stand for something that is not there.
        if (same >= 4 && byte != b'-') || rising >= 5 {
            return false;
        }
        last = byte.min(254);
    }
    distinct * 5 >= secret.len().min(100) * 2
        && !KNOWN.iter().any(|known| secret.starts_with(known))
}

/// Whether a text is a token that a service could have signed, and not the one of every tutorial.
fn is_token(token: &str) -> bool {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<serde_json::Value>(&bytes).ok()
    });
    let (Some(Some(header)), Some(Some(claims))) = (parts.next(), parts.next()) else {
        return false;
    };
    let known = claims.get("name").is_some_and(|name| name == "John Doe")
        || claims.get("sub").is_some_and(|sub| sub == "1234567890");
    header.get("alg").is_some() && claims.is_object() && !known
}
