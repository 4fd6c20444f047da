//! Whether a name in a text is that name: a word of its own, and no variable or key that happens to
//! be called so.

use super::kind::NameKind;
use super::language::Language;

/// Commands of shells that take the names of variables.
const TAKE_VARIABLES: [&str; 9] = [
    "declare", "export", "for", "foreach", "local", "read", "readonly", "typeset", "unset",
];

/// A name found in a text.
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) language: Language,
    pub(super) kind: NameKind,
}

impl Place<'_> {
    /// Whether the name stands here.
    pub(super) fn is_name(&self) -> bool {
        self.begins_word() && self.ends_word() && !self.is_variable() && !self.is_key()
    }

    fn before(&self) -> &str {
        self.text.get(..self.start).unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.text.get(self.end..).unwrap_or_default()
    }

    /// Whether no longer word reaches into it from the left. An escape (`\n`, `%2F`) and an option
    /// with its value behind it (`-gmyGroup`) are no part of the word.
    fn begins_word(&self) -> bool {
        let mut before = self.before().chars().rev();
        let Some(last) = before.next().filter(|last| is_word(*last)) else {
            return true;
        };
        match (before.next(), before.next()) {
            (Some('\\'), _) => matches!(last, 'n' | 'r' | 't'),
            (Some('-'), behind) => {
                last.is_ascii_alphabetic() && behind.is_none_or(char::is_whitespace)
            }
            (Some(high), Some('%')) => high.is_ascii_hexdigit() && last.is_ascii_hexdigit(),
            _ => false,
        }
    }

    /// Whether no longer word goes on behind it. What Azure makes of an app's name, `app--revision`,
    /// is another use of the name.
    fn ends_word(&self) -> bool {
        let after = self.after();
        !after.starts_with(is_word)
            || (self.kind.has_derived_names()
                && after
                    .strip_prefix("--")
                    .is_some_and(|revision| revision.starts_with(|c: char| is_word(c) || c == '$')))
    }

    /// Whether it is a variable of the shell: `$name`, `${name}`, `$env:name`, `name=`, `read name`.
    fn is_variable(&self) -> bool {
        let (before, after) = (self.before(), self.after());
        let referred = before.trim_end_matches(['#', '!']);
        if before.ends_with('$') || referred.ends_with("${") {
            return true;
        }
        if let Some(scope) = before.strip_suffix(':') {
            let scope = scope.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            if scope.ends_with('$') || scope.ends_with("${") {
                return true;
            }
        }
        match self.language {
            Language::Cmd if before.ends_with('%') && after.starts_with('%') => return true,
            Language::PowerShell if before.ends_with('@') => return true,
            _ => {}
        }
        let identifier = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !self.name().chars().all(identifier) {
            return false;
        }
        let assigned = after.strip_prefix('+').unwrap_or(after);
        if assigned.starts_with('=') && !assigned.starts_with("==") && !assigned.starts_with("=~") {
            return true;
        }
        let line = before
            .rsplit(['\n', ';', '|', '&', '('])
            .next()
            .unwrap_or_default();
        let mut words = line.split_whitespace();
        let shell = matches!(self.language, Language::Bash | Language::PowerShell);
        let whole = line.is_empty() || line.ends_with(char::is_whitespace);
        shell
            && whole
            && words
                .next()
                .is_some_and(|first| TAKE_VARIABLES.contains(&first))
    }

    /// Whether it is a key of JSON or YAML, or what a template calls a parameter.
    fn is_key(&self) -> bool {
        let (before, after) = (self.before(), self.after());
        let quoted = before
            .strip_suffix('"')
            .map(|before| if before.ends_with('\\') { "\\\"" } else { "\"" })
            .and_then(|quote| after.strip_prefix(quote));
        if quoted.is_some_and(|after| after.trim_start().starts_with(':')) {
            return true;
        }
        if ["parameters('", "variables('"]
            .iter()
            .any(|call| before.ends_with(call))
        {
            return true;
        }
        let line = before.rsplit('\n').next().unwrap_or_default();
        let leads = line.trim_start().trim_start_matches("- ").trim().is_empty();
        let value = after.strip_prefix(':');
        self.language == Language::Data
            && leads
            && value.is_some_and(|value| value.is_empty() || value.starts_with(char::is_whitespace))
    }
}

/// What a word is made of.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}
