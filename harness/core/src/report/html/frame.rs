//! The frame of a page: everything that it needs is in it, and it may ask for nothing else.

use super::out::escape;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A whole page. `rules` are those of this page alone; only a page with `scripted` has a script.
pub(super) fn page(title: &str, rules: &str, scripted: bool, body: &str) -> String {
    let style = format!("{STYLE}{rules}");
    let (script, may) = match scripted {
        true => (
            format!("<script>{SCRIPT}</script>\n"),
            format!(" script-src {};", hash(SCRIPT)),
        ),
        false => (String::new(), String::new()),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {};{may} \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}{script}</body>\n</html>\n",
        hash(&style),
        escape(title),
    )
}

/// As a policy names what may be in a page.
fn hash(text: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!("'sha256-{hash}'")
}
