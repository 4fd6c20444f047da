//! What an article amounts to: [`Article`].

use super::scan;
use crate::scenario::{Line, ShellKind};
use crate::source::Position;

/// A published article with everything that can be run or compared in it.
#[derive(Debug, Clone)]
pub struct Article {
    /// The article's file, relative to the folder docproof was started in.
    pub file: String,
    /// The `#` heading, or the front matter's title, or nothing.
    pub title: String,
    /// The plain `key: value` lines of the front matter.
    pub front_matter: Vec<(String, String)>,
    /// The headings in reading order, those of includes at their place.
    pub sections: Vec<Section>,
    /// Every fence of the article in reading order, on every path through it.
    pub blocks: Vec<Block>,
    /// The tab groups in reading order; a [`TabPlace`] points into them.
    pub tab_groups: Vec<TabGroup>,
    /// Every pivot that a zone of the article names, in order of appearance.
    pub pivots: Vec<String>,
    /// What a reader of the source should know: unclosed fences, missing includes.
    pub diagnostics: Vec<Note>,
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

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The slug of the heading above it; empty above the first heading.
    pub section_slug: String,
    /// The first word after the fence, in lower case; empty if there is none.
    pub language: String,
    /// What the block is for.
    pub kind: BlockKind,
    /// Its lines, without the indentation of the list or quote they stand in.
    pub lines: Vec<Line>,
    /// Where the opening fence stands.
    pub fence: Position,
    /// The tab it is in, if it is in one.
    pub tab: Option<TabPlace>,
    /// The pivots of each zone around it: shown when every zone names the chosen pivot.
    pub zones: Vec<Vec<String>>,
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

/// What a block is for, told by its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// Commands to be typed into a shell.
    Command(ShellKind),
    /// What a command prints.
    Sample,
    /// Neither: a file's content, or a language that cannot be run.
    Other,
}

impl BlockKind {
    /// The kind that Learn's fence names stand for. `json` and `text` fences are samples when they
    /// follow a command; elsewhere nothing asks.
    pub fn of_language(language: &str) -> BlockKind {
        match language.strip_suffix("-interactive").unwrap_or(language) {
            "azurecli" | "bash" | "sh" | "shell" | "console" | "terminal" => {
                BlockKind::Command(ShellKind::Bash)
            }
            "output" | "json" | "text" | "plaintext" | "txt" => BlockKind::Sample,
            _ => BlockKind::Other,
        }
    }
}

/// A `# [Bash](#tab/bash)` … `---` group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TabGroup {
    /// Its tabs in reading order. Learn shows the first until the reader chooses.
    pub tabs: Vec<Tab>,
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

/// The tab that a block is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TabPlace {
    /// Index into [`Article::tab_groups`].
    pub group: usize,
    /// Index into [`TabGroup::tabs`].
    pub tab: usize,
}

/// Something odd about an article's source that did not keep it from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub position: Position,
    /// What, in lower case without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
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
