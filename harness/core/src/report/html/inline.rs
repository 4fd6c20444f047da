//! What stands in a line: words, code, links. An article's own HTML is shown as text, and its images
//! and addresses load nothing.

use super::article::{Flow, Rendering};
use super::out::escape;
use std::ops::Range;

/// A piece of a line.
pub(super) enum Inline<'t> {
    Text(&'t str),
    Code(&'t str),
    /// A tag as the article has it.
    Html(&'t str),
    Space,
    Break,
    Open(&'static str),
    Close(&'static str),
    Link(&'t str),
    LinkEnd,
    Image,
}

impl Rendering<'_, '_, '_> {
    /// Writes a piece of a line, unless it is Learn's own.
    pub(super) fn inline(&mut self, flow: &mut Flow<'_>, range: &Range<usize>, piece: Inline<'_>) {
        if flow.inner == 0 {
            self.splice(flow, range.start);
        }
        let image = flow.images.iter().any(|(at, _)| *at == range.start);
        if let Some(end) = flow.skipped_to(range.start).filter(|_| !image) {
            // Words may go on behind what is skipped.
            if let Inline::Text(words) = piece
                && end < range.end
                && flow.index.slice(range.clone()) == words
                && let Some(rest) = words.get(end - range.start..)
            {
                self.inline(flow, &(end..range.end), Inline::Text(rest));
            }
            return;
        }
        if let Inline::Text(words) = piece {
            return self.words(flow, range, words);
        }
        match piece {
            // What follows the mark of a note or an include on its line.
            Inline::Space | Inline::Break if Self::is_blank(flow) => return,
            _ => self.touch(flow, range.start),
        }
        let out = &mut self.out;
        match piece {
            Inline::Text(_) => {}
            Inline::Code(words) => out.element("code", "", words),
            Inline::Html(tag) => out.raw(&html_text(tag)),
            Inline::Space => out.raw("\n"),
            Inline::Break => out.raw("<br>\n"),
            Inline::Open(tag) => out.open(tag, ""),
            Inline::Close(tag) => out.close(tag),
            Inline::Link(target) => {
                let (open, close) = link(target);
                out.raw(&open);
                flow.links.push(close);
            }
            Inline::LinkEnd => out.raw(flow.links.pop().unwrap_or_default()),
            Inline::Image => out.raw("<span class=\"image\">Image: "),
        }
    }

    /// Writes words. Where the source has the image of Learn's among them, they end, and go on behind it.
    fn words(&mut self, flow: &mut Flow<'_>, range: &Range<usize>, words: &str) {
        let source = flow.index.slice(range.clone());
        let within = |(at, _): &(usize, String)| range.contains(at);
        let image = flow.images.iter().position(within);
        let cut = image.and_then(|image| {
            let (at, said) = flow.images.remove(image);
            let end = flow.skipped.iter().find(|skipped| skipped.start == at)?.end;
            // Only where the words are as in the source is it known where they end.
            let before = words.get(..at - range.start).filter(|_| source == words)?;
            Some((before.to_owned(), said, end))
        });
        if cut.is_none() && words.trim().is_empty() && Self::is_blank(flow) {
            return;
        }
        self.touch(flow, range.start);
        let Some((before, said, end)) = cut else {
            return self.out.text(words);
        };
        self.out.text(&before);
        if !said.is_empty() {
            self.out.element("span", "icon", &format!("Image: {said}"));
        }
        if let Some(rest) = words
            .get(end - range.start..)
            .filter(|rest| !rest.is_empty())
        {
            self.words(flow, &(end..range.end), rest);
        }
    }
}

/// The tags around a link's words. A link asks for nothing until a reader follows it; one that leads to
/// another file of the docset leads nowhere from here.
fn link(target: &str) -> (String, &'static str) {
    let lower = target.to_ascii_lowercase();
    let address = if lower.starts_with("https://") || lower.starts_with("http://") {
        target.to_owned()
    } else if target.starts_with('/') && !target.starts_with("//") {
        format!("https://learn.microsoft.com{target}")
    } else if let Some(anchor) = target.strip_prefix('#') {
        return (format!("<a href=\"#s-{}\">", escape(anchor)), "</a>");
    } else {
        return (
            format!("<span class=\"link\" title=\"{}\">", escape(target)),
            "</span>",
        );
    };
    (
        format!("<a href=\"{}\" rel=\"noreferrer\">", escape(&address)),
        "</a>",
    )
}

/// Tags that say how words look, or that hold others together: the words are shown, the tags are not.
const KNOWN: [&str; 38] = [
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "caption",
    "center",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "i",
    "iframe",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// An article's HTML as text: comments and known tags left out, `<br>` kept, everything else as it is
/// written, since a reader would not see it (`<key-vault-name>`).
pub(super) fn html_text(html: &str) -> String {
    let mut shown = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(&escape(before));
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let name: String = after
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        let end = after.find('>');
        match end.and_then(|end| after.get(end + 1..)) {
            Some(behind) if name == "br" => {
                shown.push_str("<br>");
                rest = behind;
            }
            Some(behind) if KNOWN.contains(&name.as_str()) && is_whole(after, &name) => {
                rest = behind;
            }
            _ => {
                shown.push_str("&lt;");
                rest = after;
            }
        }
    }
    shown + &escape(rest)
}

/// Whether a tag's name ends where it seems to: `<a-name>` is no `<a>`.
fn is_whole(after: &str, name: &str) -> bool {
    let rest = after.trim_start_matches('/').get(name.len()..);
    let next = rest.and_then(|rest| rest.chars().next());
    next.is_some_and(|c| c == '>' || c == '/' || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_of_the_article_does_nothing() {
        for evil in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href='javascript:x'>y</a>",
            "<svg/onload=x>",
            "<!-- <script> -->",
            "<!-- <b",
            "<",
        ] {
            let shown = html_text(evil);
            assert!(!shown.contains('<'), "{evil}: {shown}");
        }
        assert_eq!(html_text("a<br/>b <sub>c</sub>"), "a<br>b c");
        assert_eq!(html_text("<key-vault-name>"), "&lt;key-vault-name&gt;");
        assert_eq!(html_text("<a-name>"), "&lt;a-name&gt;");
    }

    #[test]
    fn only_a_web_address_is_a_link() {
        for target in [
            "javascript:alert(1)",
            "data:x",
            "//host/x",
            "../x.md",
            "JAVASCRIPT:x",
            "a\"b",
        ] {
            let (open, _) = link(target);
            assert!(open.starts_with("<span "), "{target}: {open}");
            assert!(!open.contains("a\"b"), "{open}");
        }
        assert!(
            link("/azure/x")
                .0
                .contains("https://learn.microsoft.com/azure/x")
        );
        assert!(link("#a").0.contains("\"#s-a\""));
    }
}
