//! The parts of a scenario file, as text: [`Part`].

/// A part of a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// `[[step]]`, or nothing for what comes first.
    pub(super) head: String,
    pub(super) text: String,
}

impl Part {
    /// The value of a key that is on one line, with its comment behind it.
    pub(super) fn key(&self, key: &str) -> Option<(String, Option<String>)> {
        let line = self.line(key)?;
        let (_, value) = line.split_once('=')?;
        let value = value.trim().strip_prefix('"')?;
        let (value, behind) = split_quoted(value)?;
        let comment = behind
            .trim()
            .strip_prefix('#')
            .map(|comment| comment.trim().to_owned());
        Some((value.to_owned(), comment))
    }

    /// The name of a step, written as in the file.
    pub(super) fn name(&self) -> String {
        self.key("name").map(|(name, _)| name).unwrap_or_default()
    }

    /// The line that sets a key.
    pub(super) fn line(&self, key: &str) -> Option<&str> {
        self.text.lines().find(|line| {
            let rest = line.trim_start().strip_prefix(key);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    }

    pub(super) fn rename(&mut self, to: &str) {
        let from = format!("\"{}\"", self.name());
        self.text = self.text.replacen(&from, &format!("\"{to}\""), 1);
    }

    /// Changes the names of the steps that it needs, where they stand on one line; without a name, one is left out.
    pub(super) fn change_needs(&mut self, mut new: impl FnMut(&str) -> Option<String>) {
        let Some(line) = self.line("needs").map(str::to_owned) else {
            return;
        };
        let list = line
            .split_once('[')
            .and_then(|(_, rest)| rest.rsplit_once(']'));
        let Some((list, behind)) = list else { return };
        let mut names = Vec::new();
        let mut rest = list;
        while let Some((_, quoted)) = rest.split_once('"') {
            let Some((name, after)) = split_quoted(quoted) else {
                return;
            };
            names.extend(new(name).map(|name| format!("\"{name}\"")));
            rest = after;
        }
        let changed = match names.as_slice() {
            [] => String::new(),
            names => format!("needs = [{}]{behind}\n", names.join(", ")),
        };
        self.text = self.text.replacen(&format!("{line}\n"), &changed, 1);
    }
}

/// What stands before the quotation mark that ends a string, and what behind it.
fn split_quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}

/// The parts of a file. What stands in a text of several lines begins none.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = vec![Part {
        head: String::new(),
        text: String::new(),
    }];
    let mut quotes: Option<&str> = None;
    let mut comments = String::new();
    for line in text.lines() {
        if let Some(end) = quotes {
            if line.contains(end) {
                quotes = None;
            }
        } else {
            let trimmed = line.trim();
            let heads = [
                "[[step]]",
                "[[prepare]]",
                "[[guess]]",
                "[path]",
                "[names]",
                "[reader]",
                "[placeholders]",
            ];
            let head = heads.iter().find(|head| line.starts_with(**head));
            if trimmed.starts_with('#') || trimmed.is_empty() {
                comments.push_str(line);
                comments.push('\n');
                continue;
            }
            if let Some(head) = head {
                parts.push(Part {
                    head: (*head).to_owned(),
                    text: std::mem::take(&mut comments)
                        .trim_start_matches('\n')
                        .to_owned(),
                });
            }
            quotes = ["'''", "\"\"\""]
                .into_iter()
                .find(|quote| line.matches(quote).count() % 2 == 1);
        }
        if let Some(part) = parts.last_mut() {
            part.text.push_str(&std::mem::take(&mut comments));
            part.text.push_str(line);
            part.text.push('\n');
        }
    }
    if let Some(part) = parts.last_mut() {
        part.text.push_str(&comments);
    }
    parts.retain(|part| !part.text.trim().is_empty());
    parts
}
