//! The ways in which a value can be written: [`forms`].

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::collections::BTreeSet;

/// Shorter than this, a form says nothing of its value, and stands anywhere by chance.
pub(super) const LEAST: usize = 4;
/// Longer values are tokens and keys without a character that any writer escapes twice.
const LONG: usize = 256;
/// Shorter than this, a form in base64 stands anywhere by chance.
const LEAST_IN_BASE64: usize = 6;

/// What RFC 3986 leaves as it is.
const RFC_3986: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What Python's `quote` leaves.
const PATH: &AsciiSet = &RFC_3986.remove(b'/');
/// What JavaScript's `encodeURIComponent` leaves.
const COMPONENT: &AsciiSet = &RFC_3986
    .remove(b'!')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*');
/// What a form leaves: `~` it does not.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*');

const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, NO_PAD);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, NO_PAD);

/// Everything that a value can look like, in lower or upper case, without line ends.
pub(super) fn forms(value: &str) -> BTreeSet<Vec<u8>> {
    let mut texts = BTreeSet::from([value.to_owned()]);
    texts.extend(percent(value));
    let long = value.len() > LONG;
    // Encoded twice, as an address in an address is.
    for once in percent(value).iter().filter(|_| !long) {
        texts.extend(percent(once));
    }
    for once in json(value) {
        if !long {
            texts.extend(json(&once));
        }
        texts.insert(once);
    }
    texts.extend(html(value));
    texts.extend(shell(value));
    let mut forms: BTreeSet<Vec<u8>> = BTreeSet::new();
    let wide = if long { Vec::new() } else { utf16(value) };
    for bytes in [value.as_bytes(), &wide] {
        for in_base64 in base64(bytes) {
            if !long {
                texts.extend(percent(&in_base64));
            }
            texts.insert(in_base64);
        }
    }
    forms.extend(texts.into_iter().map(String::into_bytes));
    forms
        .into_iter()
        .map(|form| {
            form.into_iter()
                .filter(|byte| !is_line_end(*byte))
                .collect()
        })
        .filter(|form: &Vec<u8>| form.len() >= LEAST)
        .collect()
}

/// What is passed over in texts and values: long values are broken into lines.
pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn percent(value: &str) -> Vec<String> {
    let mut encoded: Vec<String> = [NON_ALPHANUMERIC, RFC_3986, PATH, COMPONENT]
        .into_iter()
        .map(|set| percent_encode(value.as_bytes(), set).to_string())
        .collect();
    let form = percent_encode(value.as_bytes(), FORM).to_string();
    encoded.push(form.replace("%20", "+"));
    encoded
}

/// As JSON writers escape: the least, `/` too, what is dangerous in HTML too, all but ASCII too.
fn json(value: &str) -> Vec<String> {
    let escaped = |slash: bool, html: bool, ascii: bool| {
        let mut text = String::new();
        for c in value.chars() {
            match c {
                '"' if !html => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                '/' if slash => text.push_str("\\/"),
                '<' | '>' | '&' | '\'' | '+' | '"' | '`' if html => {
                    text.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c if c.is_control() || (ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        text.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                c => text.push(c),
            }
        }
        text
    };
    let mut all = Vec::new();
    for slash in [false, true] {
        for html in [false, true] {
            all.extend([false, true].map(|ascii| escaped(slash, html, ascii)));
        }
    }
    // What Go and Python's template engines escape: no more than these.
    all.push(
        escaped(false, false, false)
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026"),
    );
    all
}

fn html(value: &str) -> Vec<String> {
    let text = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let quoted = text.replace('"', "&quot;");
    vec![
        quoted.replace('\'', "&#39;"),
        quoted.replace('\'', "&#x27;"),
        quoted.replace('\'', "&apos;"),
        quoted,
        text,
    ]
}

/// In single and in double quotes, and each character escaped, as `printf %q` and `set -x` write it.
fn shell(value: &str) -> Vec<String> {
    let escaped = |special: &dyn Fn(char) -> bool| -> String {
        let escape = |c: char| if special(c) { vec!['\\', c] } else { vec![c] };
        value.chars().flat_map(escape).collect()
    };
    vec![
        value.replace('\'', r"'\''"),
        value.replace('\'', r#"'"'"'"#),
        value.replace('\'', "''"),
        escaped(&|c| matches!(c, '"' | '\\' | '$' | '`')),
        escaped(&|c| matches!(c, '\'' | '\\')),
        escaped(&|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"%+,-./:=@_".contains(c)),
    ]
}

fn utf16(value: &str) -> Vec<u8> {
    value.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// In base64, behind 0, 1 or 2 other bytes: those digits that depend on nothing but the value.
fn base64(bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    for engine in [&BASE64, &BASE64_URL] {
        for before in 0..3 {
            let mut text = vec![0; before];
            text.extend_from_slice(bytes);
            let digits = engine.encode(&text);
            // A digit has six bits: the first ones are of what stands before, the last one may be of
            // what stands behind.
            let first = (before * 8).div_ceil(6);
            let last = text.len() * 8 / 6;
            if let Some(own) = digits
                .get(first..last)
                .filter(|own| own.len() >= LEAST_IN_BASE64)
            {
                all.push(own.to_owned());
            }
        }
    }
    all
}
