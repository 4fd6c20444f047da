//! An article read from a docset, with the texts of its includes: [`Loaded`].

use crate::Docset;
use docproof_core::markdown::Article;
use docproof_core::report::findings::Texts;
use std::cell::RefCell;
use std::sync::Arc;

/// An article as rules read it, and every text it is made of.
pub(crate) struct Loaded {
    pub(crate) article: Article,
    pub(crate) texts: Texts,
}

impl Loaded {
    /// Reads `text`, that of the file `name`, and what it includes.
    pub(crate) fn new(docset: &Docset, name: &str, text: Arc<str>) -> Self {
        let texts = RefCell::new(Texts::default());
        texts.borrow_mut().add(name, Arc::clone(&text));
        let article = Article::parse(name, &text, &|wanted| {
            let (file, text) = docset.include(name, wanted)?;
            texts.borrow_mut().add(&file, Arc::clone(&text));
            Some((file, text.as_ref().to_owned()))
        });
        Self {
            article,
            texts: texts.into_inner(),
        }
    }
}

/// Whether a file is a part that articles include: by its folder, or because it says so.
pub(crate) fn is_fragment(name: &str, text: &str) -> bool {
    in_includes(name) || says_include(text)
}

/// Whether a file lies in a folder of includes.
pub(crate) fn in_includes(name: &str) -> bool {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| {
        let folder = folder.trim_start_matches('_');
        folder.eq_ignore_ascii_case("includes") || folder.eq_ignore_ascii_case("include")
    })
}

/// Whether the front matter holds `ms.topic: include`.
fn says_include(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return false;
    }
    lines
        .take_while(|line| !matches!(line.trim_end(), "---" | "..."))
        .filter_map(|line| line.strip_prefix("ms.topic:"))
        .any(|topic| topic.trim().trim_matches(['"', '\'']) == "include")
}

#[cfg(test)]
mod tests {
    use super::is_fragment;

    #[test]
    fn fragments_are_told_by_their_folder_or_their_topic() {
        assert!(is_fragment("a/includes/b/x.md", ""));
        assert!(is_fragment("a/_include/x.md", ""));
        assert!(is_fragment(
            "a.md",
            "\u{feff}---\r\ntitle: x\r\nms.topic: include\r\n---\r\n"
        ));
        assert!(!is_fragment(
            "includes.md",
            "---\nms.topic: how-to\n---\nms.topic: include\n"
        ));
        assert!(!is_fragment("a.md", "ms.topic: include\n"));
    }
}
