//! Looks at markup as a browser would: whether it is whole, and what it would ask for.

use regex::Regex;

/// Elements without an end.
const VOID: [&str; 7] = ["br", "hr", "img", "input", "link", "meta", "wbr"];

/// The first tag that is not closed, or closes nothing; and what must not be in a paragraph.
pub(crate) fn unbalanced(html: &str) -> Option<String> {
    let blocks = Regex::new("<style>.*?</style>|<script>.*?</script>").unwrap();
    let flat = html.replace('\n', " ");
    let html = blocks.replace_all(&flat, "");
    let tags = Regex::new(r#"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:"[^"]*"|[^">])*)>"#).unwrap();
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.captures_iter(&html) {
        let all = tag.get(0).map_or("", |all| all.as_str());
        let name = tag.get(2).map_or("", |name| name.as_str());
        if VOID.contains(&name) {
            continue;
        }
        if &tag[1] == "/" {
            if open.pop() != Some(name) {
                return Some(format!("{all} after {open:?}"));
            }
            continue;
        }
        let block = matches!(
            name,
            "p" | "div"
                | "ul"
                | "ol"
                | "li"
                | "table"
                | "figure"
                | "section"
                | "pre"
                | "h2"
                | "h3"
                | "details"
        );
        if block && open.last() == Some(&"p") {
            return Some(format!("{all} in a paragraph"));
        }
        open.push(name);
    }
    let stray = Regex::new(r"<[^/a-zA-Z!]").unwrap();
    let stray = stray.find(&html).map(|found| found.as_str().to_owned());
    open.pop().map(str::to_owned).or(stray)
}

/// What a browser would fetch, or run, for this page.
pub(crate) fn asks_for(html: &str) -> Vec<String> {
    let asking = Regex::new(
        r#"(?i)<(?:link|iframe|object|embed|base)\b|<[^>]*\s(?:src|srcset|poster|data|action|on[a-z]+|style)\s*=|url\(|@import|http-equiv="refresh"|\shref="(?:javascript|data):"#,
    );
    let found = asking.unwrap();
    found
        .find_iter(html)
        .map(|found| found.as_str().to_owned())
        .collect()
}

/// What a reader sees of it, more or less.
pub(crate) fn without_tags(html: &str) -> String {
    let tags = Regex::new(r#"<(?:"[^"]*"|[^">])*>"#).unwrap();
    let text = tags.replace_all(html, "");
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

/// Letters and digits alone.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
