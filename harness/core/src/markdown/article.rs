//! What an article amounts to: [`Article`].

use super::scan;
use super::text::{Comment, InlineCode, MissingInclude, Problem, Prose, Table};
use crate::scenario::Line;
use crate::shell::Dialect;
use crate::source::Position;
use std::sync::Arc;

/// A published article with everything that can be run or compared in it, and what is said around
/// that. What comes from an include has its place in the include's file.
#[derive(Debug, Clone)]
pub struct Article {
    /// The article's file, relative to the folder docproof was started in.
    pub file: String,
    /// The `#` heading, or the front matter's title, or nothing.
    pub title: String,
    /// The plain `key: value` lines of the front matter.
    pub front_matter: Vec<(String, String)>,
    /// The front matter's lines as they stand there, without the `---` around them.
    pub front_matter_lines: Vec<Line>,
    /// The headings in reading order, those of includes at their place.
    pub sections: Vec<Section>,
    /// Every fence of the article in reading order, on every path through it.
    pub blocks: Vec<Block>,
    /// The tab groups in reading order; a [`TabPlace`] points into them.
    pub tab_groups: Vec<TabGroup>,
    /// Every pivot that a zone of the article names, in order of appearance.
    pub pivots: Vec<String>,
    /// The lines of text in reading order: paragraphs, headings, rows of tables.
    pub prose: Vec<Prose>,
    /// The items of numbered lists, those within another numbered list left out.
    pub instructions: Vec<Instruction>,
    /// Words set as code within the text.
    pub inline_code: Vec<InlineCode>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The HTML comments.
    pub comments: Vec<Comment>,
    /// Texts that the article takes from files that are not there.
    pub missing_includes: Vec<MissingInclude>,
    /// What is wrong with the Markdown itself.
    pub problems: Vec<Problem>,
}

/// A heading and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The anchor that Learn gives the heading, unique in the article.
    pub slug: String,
    /// The heading's words.
    pub heading: String,
    /// 1 for `#` up to 6.
    pub level: u8,
    /// Where the heading stands.
    pub position: Position,
}

/// An item of a numbered list: mostly something that a reader is told to do by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The slug of the heading above it; empty above the first heading.
    pub section_slug: String,
    /// Its first line, without the number.
    pub text: String,
    /// Where its number stands.
    pub position: Position,
    /// Who sees it.
    pub visibility: Visibility,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The slug of the heading above it; empty above the first heading.
    pub section_slug: String,
    /// The first word after the fence, in lower case; empty if there is none.
    pub language: String,
    /// What the block is there for.
    pub role: Role,
    /// Its lines, without the indentation of the list or quote they stand in.
    pub lines: Vec<Line>,
    /// Where the opening fence stands.
    pub fence: Position,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Block {
    /// Where the first line of code stands, or the fence if there is none.
    pub fn position(&self) -> &Position {
        self.lines
            .first()
            .map_or(&self.fence, |line| &line.position)
    }

    /// The last line of the block, counted from 1 in its file.
    pub fn last_line(&self) -> u32 {
        self.lines
            .last()
            .map_or(self.fence.line, |line| line.position.line)
    }
}

/// What a block is there for: its fence's name says much of it, its tab and content the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Commands that a reader types.
    Commands(Dialect),
    /// What a command prints.
    Sample,
    /// A file's content or anything else.
    Listing,
}

/// Who sees a piece of an article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// The tab it is in, the innermost if there are several.
    pub tab: Option<TabPlace>,
    /// The pivots for which it is shown; everyone sees what has none, nobody what has an empty list.
    pub pivots: Option<Arc<[String]>>,
}

/// A `# [Bash](#tab/bash)` … `---` group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TabGroup {
    /// Its tabs in reading order. Learn shows the first until the reader chooses.
    pub tabs: Vec<Tab>,
    /// The tab that the whole group is in; it is of an earlier group.
    pub within: Option<TabPlace>,
}

/// One tab of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The words on the tab.
    pub title: String,
    /// The ids that choose it: `#tab/a+b` has two.
    pub ids: Vec<String>,
    /// The tab of another group it depends on: the `b` of `#tab/a/b`.
    pub depends: Option<String>,
}

impl Tab {
    /// It is for readers who use PowerShell.
    pub fn is_powershell(&self) -> bool {
        let mut texts = self.ids.iter().chain([&self.title]);
        texts.any(|text| {
            let text = text.to_ascii_lowercase();
            text.contains("powershell") || text == "pwsh" || text == "ps"
        })
    }
}

/// The tab that a block is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TabPlace {
    /// Index into [`Article::tab_groups`].
    pub group: usize,
    /// Index into [`TabGroup::tabs`].
    pub tab: usize,
}

impl Article {
    /// Reads `text`, the content of `file`.
    ///
    /// `includes` is asked for each `[!INCLUDE]` with its path, relative to the same folder as
    /// `file` (a path that begins with `/` or `~` is handed on as written), and answers the
    /// include's file name and text. Never fails, whatever the text.
    pub fn parse(
        file: &str,
        text: &str,
        includes: &dyn Fn(&str) -> Option<(String, String)>,
    ) -> Article {
        scan::article(file, text, includes)
    }
}
