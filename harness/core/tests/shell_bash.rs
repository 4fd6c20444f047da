//! What bash text is read into, case by case: `shell_bash/cases.txt`.
//!
//! A case is a title line `=== title`, the text, `---`, and what it is read into. Set
//! `UPDATE_EXPECTED=1` to rewrite what is expected, and read the difference.

mod shell_bash {
    pub(crate) mod dump;
}

use docproof_core::shell::{Dialect, parse};
use shell_bash::dump::dump;
use std::fmt::Write as _;

#[test]
fn cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shell_bash/cases.txt");
    let file = std::fs::read_to_string(path).unwrap();
    let mut actual = String::new();
    for case in file.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').unwrap();
        let (text, _) = rest.split_once("\n---\n").unwrap();
        let read = unescape(text);
        let script = parse(&read, Dialect::Bash);
        write!(
            actual,
            "=== {title}\n{text}\n---\n{}\n",
            dump(&script, &read)
        )
        .unwrap();
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &actual).unwrap();
    }
    for (expected, actual) in file.split("=== ").zip(actual.split("=== ")) {
        assert_eq!(expected, actual);
    }
    assert_eq!(file.len(), actual.len());
}

/// The text of a case: `␠` for white space at the end of a line, `␍` for a carriage return.
fn unescape(text: &str) -> String {
    text.replace('␠', " ").replace('␍', "\r")
}
