//! HTML as it is written: [`Out`]. Nothing gets into it unescaped but what this program itself says.

/// A text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A text of this program or of an article in which `` `code` `` is set as code.
pub(super) fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mut html = String::new();
    for (number, part) in parts.iter().enumerate() {
        if number % 2 == 0 {
            html.push_str(&escape(part));
        } else {
            html.push_str(&format!("<code>{}</code>", escape(part)));
        }
    }
    html
}

/// A path or an address, which may be broken behind its slashes.
pub(super) fn breakable(text: &str) -> String {
    escape(text).replace('/', "/<wbr>")
}

/// HTML that is being written.
#[derive(Debug, Default)]
pub(super) struct Out(pub(super) String);

impl Out {
    /// Markup of this program.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Text from anywhere.
    pub(super) fn text(&mut self, text: &str) {
        self.0.push_str(&escape(text));
    }

    /// `<tag class="…">`, without the attribute if there is no class.
    pub(super) fn open(&mut self, tag: &str, class: &str) {
        if class.is_empty() {
            self.raw(&format!("<{tag}>"));
        } else {
            self.raw(&format!("<{tag} class=\"{}\">", escape(class)));
        }
    }

    /// `</tag>`
    pub(super) fn close(&mut self, tag: &str) {
        self.raw(&format!("</{tag}>"));
    }

    /// An element with a text.
    pub(super) fn element(&mut self, tag: &str, class: &str, text: &str) {
        self.open(tag, class);
        self.text(text);
        self.close(tag);
    }

    /// Lines of code as they are.
    pub(super) fn code(&mut self, class: &str, text: &str) {
        self.open("pre", class);
        self.element("code", "", text);
        self.close("pre");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_text_or_an_attribute() {
        let evil = "</code><script>'\"&";
        let escaped = escape(evil);
        assert!(!escaped.contains(['<', '>', '"', '\'']), "{escaped}");
        let mut out = Out::default();
        out.element("p", "a\" onclick=\"b", evil);
        assert!(!out.0.contains("<script") && !out.0.contains("onclick=\"b\""));
    }

    #[test]
    fn words_between_backticks_are_code_only_in_pairs() {
        assert_eq!(with_code("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(with_code("a ` b"), "a ` b");
    }
}
