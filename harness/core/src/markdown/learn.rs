//! What Learn adds to Markdown, one line at a time: zones, includes, tab links, front matter.

use super::snippet::Snippet;
use std::ops::Range;

/// More characters than an include's title and path have.
const LONGEST_INCLUDE: usize = 500;

/// A line that opens or closes something of Learn's own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    /// `::: zone pivot="a,b"`: shown for these pivots.
    Zone(Vec<String>),
    /// `::: zone target="chromeless"`: never shown on Learn.
    Hidden,
    /// `::: zone target="docs"`: always shown on Learn.
    Shown,
    /// `::: zone-end`.
    ZoneEnd,
    /// `:::code source="…":::` or `[!code-bash[title](…)]`: a block that stands in another file.
    Code(Snippet),
    /// `:::image …:::` and whatever else is no text.
    Other,
}

/// The directive that a line holds, if it holds one. Quote and list marks may stand before it.
pub(crate) fn directive(line: &str) -> Option<Directive> {
    let line = without_containers(line);
    if let Some(snippet) = code_link(line) {
        return Some(Directive::Code(snippet));
    }
    let words = line.strip_prefix(":::")?.trim();
    let name: String = words
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    match name.to_ascii_lowercase().as_str() {
        "zone-end" => Some(Directive::ZoneEnd),
        "code" => {
            let [source, language, range, id] =
                ["source", "language", "range", "id"].map(|name| attribute(words, name));
            Some(Directive::Code(Snippet::new(
                &source.unwrap_or_default(),
                &language.unwrap_or_default(),
                range.as_deref(),
                id.as_deref(),
            )))
        }
        "zone" => Some(
            match (attribute(words, "pivot"), attribute(words, "target")) {
                (Some(pivots), _) => Directive::Zone(
                    pivots
                        .split(',')
                        .map(|p| p.trim().to_owned())
                        .filter(|p| !p.is_empty())
                        .collect(),
                ),
                (None, Some(target)) if target.eq_ignore_ascii_case("docs") => Directive::Shown,
                (None, Some(_)) => Directive::Hidden,
                (None, None) => Directive::Shown,
            },
        ),
        _ => Some(Directive::Other),
    }
}

/// The older way to take code from a file: `[!code-bash[title](path)]`.
fn code_link(line: &str) -> Option<Snippet> {
    const MARK: &str = "[!code";
    let mark = line.get(..MARK.len())?;
    let rest = line.get(MARK.len()..)?;
    let (language, _) = rest.split_once('[')?;
    let named = language.is_empty() || language.starts_with('-');
    let (_, path) = include_path(rest.get(language.len()..)?)?;
    (mark.eq_ignore_ascii_case(MARK) && named)
        .then(|| Snippet::from_link(language.trim_start_matches('-').trim(), &path))
}

/// An `[!INCLUDE [title](path)]`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Include {
    /// Where it stands in its line, in bytes.
    pub(crate) range: Range<usize>,
    /// As written.
    pub(crate) path: String,
}

/// The `[!INCLUDE [title](path)]`s in a line.
pub(crate) fn includes(line: &str) -> Vec<Include> {
    const MARK: &str = "[!include";
    if !line.contains("[!") {
        return Vec::new();
    }
    // ASCII lower-casing keeps every byte where it is.
    let lower = line.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    let mut in_code = false;
    while let Some(length) = lower.get(from..).and_then(|rest| rest.find(MARK)) {
        let at = from + length;
        let before = line.get(from..at).unwrap_or("");
        in_code ^= before.matches('`').count() % 2 == 1;
        from = at + MARK.len();
        let path = line.get(from..).and_then(include_path);
        if let (false, Some((length, path))) = (in_code, path) {
            let range = at..from + length;
            found.push(Include { range, path });
        }
    }
    found
}

/// What follows `[!INCLUDE`: `[title](path)]` or `[title](path "words")]`; how long it is, and the
/// path.
fn include_path(rest: &str) -> Option<(usize, String)> {
    // A line can be as long as the article, and hold many that never end.
    let limit = rest.char_indices().nth(LONGEST_INCLUDE);
    let rest = limit.map_or(Some(rest), |(end, _)| rest.get(..end))?;
    let after = rest.trim_start_matches(['-', ' ']).strip_prefix('[')?;
    let (_, after) = after.split_once("](")?;
    let (inside, after) = after.split_once(')')?;
    let end = rest.len() - after.strip_prefix(']').unwrap_or(after).len();
    let path = inside.trim();
    let path = match path.strip_prefix('<').and_then(|p| p.split_once('>')) {
        Some((path, _)) => path,
        None => path.split_whitespace().next()?,
    };
    (!path.is_empty()).then(|| (end, path.to_owned()))
}

/// The ids and the dependency of a tab's link target, `#tab/a+b/c`.
pub(crate) fn tab_link(target: &str) -> Option<(Vec<String>, Option<String>)> {
    let rest = target.strip_prefix("#tab/")?;
    let (ids, depends) = rest
        .split_once('/')
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    let ids: Vec<String> = ids
        .split('+')
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    let depends = depends.filter(|d| !d.is_empty()).map(str::to_owned);
    (!ids.is_empty()).then_some((ids, depends))
}

/// How many lines the front matter takes, both `---` counted: 0 if there is none or no end to it.
pub(crate) fn front_matter<'a>(mut lines: impl Iterator<Item = &'a str>) -> usize {
    match lines.next() {
        Some(first) if first.trim_start_matches('\u{feff}').trim_end() == "---" => {}
        _ => return 0,
    }
    lines
        .position(|line| matches!(line.trim_end(), "---" | "..."))
        .map_or(0, |end| end + 2)
}

/// The file that an include's path means, seen from the file that includes it.
pub(crate) fn include_file(from: &str, path: &str) -> String {
    if path.starts_with(['/', '~']) {
        return path.to_owned();
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// The line without the quote and list marks that it begins with.
fn without_containers(line: &str) -> &str {
    let mut rest = line.trim_start_matches('\u{feff}');
    loop {
        let trimmed = rest.trim_start();
        let marks = trimmed.strip_prefix('>').or_else(|| {
            let after = trimmed.strip_prefix(['-', '*', '+']).or_else(|| {
                let digits = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
                (digits.len() < trimmed.len())
                    .then(|| digits.strip_prefix(['.', ')']))
                    .flatten()
            })?;
            after.starts_with([' ', '\t']).then_some(after)
        });
        match marks {
            Some(after) => rest = after,
            None => return trimmed,
        }
    }
}

/// The value of `name="…"` among a directive's words.
pub(crate) fn attribute(words: &str, name: &str) -> Option<String> {
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, tail) = after.get(1..)?.split_once(quote)?;
        if before
            .split_whitespace()
            .next_back()
            .is_some_and(|n| n.eq_ignore_ascii_case(name))
        {
            return Some(value.to_owned());
        }
        rest = tail;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_directives_from_text() {
        assert_eq!(directive("see ::: zone-end"), None);
        assert_eq!(
            directive(":::image source=\"x\":::"),
            Some(Directive::Other)
        );
        assert_eq!(directive("1. > :::zone-end"), Some(Directive::ZoneEnd));
        assert_eq!(
            directive("::: zone target='docs' pivot=\"cli, portal\""),
            Some(Directive::Zone(vec!["cli".into(), "portal".into()]))
        );
        assert_eq!(
            directive("::: zone target=\"chromeless\""),
            Some(Directive::Hidden)
        );
        assert_eq!(directive("::: zone pivot="), Some(Directive::Shown));
    }

    #[test]
    fn finds_includes_outside_code() {
        assert!(includes("`[!INCLUDE [a](b.md)]`").is_empty());
        assert!(includes("[!INCLUDE [a](").is_empty());
        assert!(includes("[!INCLUDE [a]()]").is_empty());
        let found = includes("é [!Include [a b](<b c.md>)] [!INCLUDE-[x](y.md \"t\")]");
        let paths: Vec<_> = found.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(paths, ["b c.md", "y.md"]);
    }

    #[test]
    fn an_include_is_found_from_its_file() {
        assert_eq!(
            include_file("docs/a/article.md", "../includes/x.md"),
            "docs/includes/x.md"
        );
        assert_eq!(include_file("article.md", "../x.md"), "../x.md");
        assert_eq!(include_file("a/b.md", "~/x.md"), "~/x.md");
    }

    #[test]
    fn tab_links() {
        assert_eq!(tab_link("#tab/"), None);
        assert_eq!(tab_link("#table"), None);
        assert_eq!(
            tab_link("#tab/a+b/c"),
            Some((vec!["a".into(), "b".into()], Some("c".into())))
        );
    }
}
