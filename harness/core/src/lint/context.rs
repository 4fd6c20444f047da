//! What rules look at: [`Context`], made once for an article.

use super::facts::calls::{self, AzCall};
use super::facts::resources::Resources;
use super::facts::variables::{Undefined, Variables};
use super::paths;
use super::suppression::Suppressions;
use crate::command_table::Table;
use crate::markdown::{Article, Block, PathChoice, Role, View};
use crate::shell::{self, Script};
use crate::source::{Position, Span};
use std::cell::OnceCell;
use std::ops::Range;

/// An article with what several rules need to know about it.
pub struct Context<'a> {
    /// The article.
    pub article: &'a Article,
    /// Its blocks with their text, in the order of [`Article::blocks`].
    pub blocks: Vec<BlockText<'a>>,
    /// What its comments say is not to be reported.
    pub suppressions: Suppressions,
    /// It is a part that other articles include, read without them: what it uses may come from
    /// there, and what it sets may be used there.
    pub fragment: bool,
    /// Every way that a reader can take through it: each pivot with each tab. At least one, and of
    /// an article that has more than 32 the first of them.
    pub paths: Vec<ReaderPath>,
    resources: OnceCell<Resources>,
    variables: OnceCell<Variables>,
    undefined: OnceCell<Vec<Undefined>>,
    /// The table of azure-cli's commands.
    pub table: &'a Table,
    /// The calls of `az`, block by block.
    pub calls: Vec<AzCall<'a>>,
}

/// A block with its text.
pub struct BlockText<'a> {
    /// The block.
    pub block: &'a Block,
    /// Its lines, each with a line end.
    pub text: String,
    /// What it is there for.
    pub role: Role,
    /// Its commands, if its role is to hold commands.
    pub script: Option<Script>,
    /// Where in `text` each line begins.
    starts: Vec<usize>,
    /// Which bytes of `text` begin no character. With them a column is found without counting
    /// characters, which would make many findings on a long line slow.
    inner: Vec<usize>,
}

/// A way through an article.
#[derive(Debug, Clone)]
pub struct ReaderPath {
    /// What the reader chose: `pivot azure-cli, tab bash`; empty if there is no choice.
    pub label: String,
    /// The tabs and the pivot chosen.
    pub choice: PathChoice,
    /// What the choice shows.
    pub view: View,
    /// The blocks seen, in reading order: indices into [`Context::blocks`].
    pub blocks: Vec<usize>,
}

impl<'a> Context<'a> {
    /// Looks at an article.
    pub fn new(article: &'a Article) -> Self {
        Self::with_table(article, Table::built_in())
    }

    /// Looks at an article whose calls of `az` are those of another azure-cli.
    pub fn with_table(article: &'a Article, table: &'a Table) -> Self {
        let blocks: Vec<_> = article.blocks.iter().map(BlockText::new).collect();
        let calls = calls::of(&blocks, table);
        Self {
            article,
            blocks,
            suppressions: Suppressions::of(article),
            fragment: false,
            paths: paths::of(article),
            resources: OnceCell::new(),
            variables: OnceCell::new(),
            undefined: OnceCell::new(),
            table,
            calls,
        }
    }

    /// Which resources its commands make and name.
    pub fn resources(&self) -> &Resources {
        self.resources.get_or_init(|| Resources::new(&self.blocks))
    }

    /// What its blocks do with variables.
    pub fn variables(&self) -> &Variables {
        self.variables.get_or_init(|| Variables::new(&self.blocks))
    }

    /// The variables that are read before anything sets them.
    pub fn undefined(&self) -> &[Undefined] {
        self.undefined
            .get_or_init(|| self.variables().undefined(self))
    }
}

impl<'a> BlockText<'a> {
    fn new(block: &'a Block) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(block.lines.len());
        for line in &block.lines {
            starts.push(text.len());
            text.push_str(&line.text);
            text.push('\n');
        }
        let inner = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| byte & 0xC0 == 0x80)
            .map(|(at, _)| at)
            .collect();
        let role = block.role;
        let script = match role {
            Role::Commands(dialect) => Some(shell::parse(&text, dialect)),
            Role::Sample | Role::Listing => None,
        };
        Self {
            block,
            text,
            role,
            script,
            starts,
            inner,
        }
    }

    /// Where a byte of `text` stands in the article.
    pub fn position(&self, offset: usize) -> Position {
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let (Some(start), Some(of)) = (self.starts.get(line), self.block.lines.get(line)) else {
            return self.block.fence.clone();
        };
        let end = offset.min(start + of.text.len());
        let inner_before = |at: usize| self.inner.partition_point(|inner| *inner < at);
        let characters = end - start - (inner_before(end) - inner_before(*start));
        let columns = u32::try_from(characters);
        Position {
            column: of.position.column + columns.unwrap_or(0),
            ..of.position.clone()
        }
    }

    /// Where a range of `text` stands in the article.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::between(&self.position(range.start), &self.position(range.end))
    }
}
