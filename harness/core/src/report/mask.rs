//! Secrets do not reach a report: [`mask_secrets`].

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// What stands where a secret was.
const MASK: &str = "***";

/// Names of fields, parameters and variables whose value is a secret.
const NAMES: &str = "(?:access|refresh|id|auth|sas|bearer)[_-]?token|client[_-]?secret\
    |client[_-]?assertion|(?:[a-z]+[_-]?)?password|device[_-]?code|(?:account|access|primary\
    |secondary|storage|shared[_-]?access)[_-]?key|connection[_-]?string";

/// Replaces what gives access to something by `***`: JSON web tokens, bearer headers, the values of
/// fields, form parameters, variables and options such as `refresh_token` and `--client-secret`,
/// Entra refresh tokens and client secrets wherever they stand, signatures of shared access, private
/// keys. Everything else stays as it is, `$TOKEN` and `<password>` too. Masking twice changes
/// nothing more.
pub fn mask_secrets(text: &str) -> String {
    let text = PRIVATE_KEY.replace_all(text, MASK);
    let text = JSON_FIELD.replace_all(&text, format!("$1{MASK}"));
    let text = ASSIGNMENT.replace_all(&text, unless_named);
    let text = OPTION.replace_all(&text, unless_named);
    let text = HEADER.replace_all(&text, format!("${{1}}{MASK}"));
    let text = BEARER.replace_all(&text, |found: &Captures<'_>| {
        let secret = &found[2];
        let parameter = ["authorization=", "realm=", "error=", "resource=", "scope="];
        if parameter
            .iter()
            .any(|name| secret.to_ascii_lowercase().starts_with(name))
            || !(secret.len() >= 32 || secret.contains(|c: char| c.is_ascii_digit()))
        {
            found[0].to_owned()
        } else {
            format!("{}{MASK}", &found[1])
        }
    });
    let text = TOKEN.replace_all(&text, MASK);
    ENTRA.replace_all(&text, MASK).into_owned()
}

/// A variable or a placeholder is no secret; its name helps a reader.
fn unless_named(found: &Captures<'_>) -> String {
    let value = found[2].trim_start_matches(['"', '\'']);
    if value.starts_with(['$', '<', '-']) || value.is_empty() {
        found[0].to_owned()
    } else {
        format!("{}{MASK}", &found[1])
    }
}

static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)")
});

/// `"refresh_token": "…"`, also inside a string with `\"`, and `/refresh_token: "…"` as a mismatch
/// tells it.
static JSON_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r#"(?i)((?:\\?["']|/)(?:[a-z_]*[_-])?(?:{NAMES})(?:\\?["'])?\s*:\s*\\?["'])[^"'\\]+"#
    ))
});

/// `refresh_token=…` of a form or a query, `AZURE_CLIENT_SECRET=…` of a shell.
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r#"(?i)(\b(?:[a-z_]*_)?(?:{NAMES}|token|sig|accountkey|sharedaccesskey)=)("[^"]*"|'[^']*'|[^&\s"';,]+)"#
    ))
});

/// `--client-secret …` of a command.
static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    constant(&format!(
        r#"(?i)(--(?:{NAMES}|sas|federated-token)[ =]+)("[^"]*"|'[^']*'|[^\s"']+)"#
    ))
});

/// What a token endpoint wants to see: `X-IDENTITY-HEADER: …`, `secret: …`, as curl shows it.
static HEADER: LazyLock<Regex> =
    LazyLock::new(|| constant(r"(?i)(\b(?:x-identity-header|secret): ?)[0-9a-z-]{16,}"));

static BEARER: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"(?i)\b((?:bearer|pop|basic|sharedkey)\s+)([A-Za-z0-9._~+/:=-]{12,})")
});

/// A JSON web token, or the beginning of one that was cut off.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"\beyJ(?:[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)+|[A-Za-z0-9_-]{20,})")
});

/// Refresh tokens (`0.AX…`, `1.AX…`) and client secrets (`…8Q~…`) of Entra.
static ENTRA: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"\b[01]\.A[A-Za-z0-9_-]{30,}(?:\.[A-Za-z0-9_-]+)*|[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34}",
    )
});

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, used by tests"
)]
fn constant(expression: &str) -> Regex {
    Regex::new(expression).expect("a constant expression compiles")
}
