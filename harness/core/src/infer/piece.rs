//! What a reader does with each block on a way: [`pieces`].

use super::way::Way;
use crate::markdown::{Article, Block, Role};
use crate::shell::{self, Dialect};
use crate::source::Position;
use regex::Regex;
use std::collections::HashSet;
use std::sync::LazyLock;

/// A block that a reader types or writes down.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    /// `section-slug#n`.
    pub(super) address: String,
    pub(super) block: &'a Block,
    /// The shell; of what is written to a file none.
    pub(super) dialect: Option<Dialect>,
    /// It is typed into the shell of a container.
    pub(super) inside: bool,
    /// The file that it is written to.
    pub(super) file: Option<String>,
    /// Its lines, each with a line end.
    pub(super) text: String,
}

impl Piece<'_> {
    /// Whether it is typed into the reader's own terminal, in bash.
    pub(super) fn is_typed(&self) -> bool {
        !self.inside && self.dialect == Some(Dialect::Bash)
    }

    /// Where a byte of the text stands in the article.
    pub(super) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or_default();
        let number = before.matches('\n').count();
        let line = self.block.lines.get(number);
        line.map_or(self.block.position(), |line| &line.position)
            .clone()
    }
}

/// The blocks that are typed or written, in reading order; what is left is for reading only.
pub(super) fn pieces<'a>(article: &'a Article, way: &Way) -> Vec<Piece<'a>> {
    let holds = way.holds(article);
    let blocks = article.on_path(&way.path);
    let mut all: Vec<Piece<'a>> = Vec::new();
    let mut listings: Vec<Piece<'a>> = Vec::new();
    // The section of the shell that was opened in a container.
    let mut container: Option<&str> = None;
    for on in &blocks {
        let block = on.block;
        if !holds(&block.section_slug) {
            continue;
        }
        if container.is_some_and(|section| section != block.section_slug) {
            container = None;
        }
        let text: String = block
            .lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect();
        if text.trim().is_empty() {
            continue;
        }
        let mut piece = Piece {
            address: on.address(),
            block,
            dialect: None,
            inside: false,
            file: None,
            text,
        };
        match block.role {
            Role::Sample => {}
            Role::Listing => listings.push(piece),
            Role::Commands(dialect) => {
                piece.dialect = Some(dialect);
                if says_nothing(&piece.text, dialect) {
                    continue;
                }
                let is_bash = dialect == Dialect::Bash;
                if is_bash && container.is_some() {
                    if piece.text.trim() == "exit" {
                        // The shell is left before the next step by itself.
                        container = None;
                        continue;
                    }
                    piece.inside = true;
                }
                let mut lines = block.lines.iter().map(|line| line.text.as_str());
                if !piece.inside {
                    // What is typed into another shell is not typed in the container.
                    let opens = is_bash && shell::opens_container_shell(&mut lines);
                    container = opens.then_some(block.section_slug.as_str());
                }
                all.push(piece);
            }
        }
    }
    write_files(article, listings, &mut all);
    all
}

/// Whether there are only comments.
fn says_nothing(text: &str, dialect: Dialect) -> bool {
    dialect == Dialect::Bash
        && text
            .lines()
            .map(str::trim)
            .all(|line| line.is_empty() || line.starts_with('#'))
}

/// Finds the file that each listing is written to: the one that the text before it names and a later
/// command uses, or the only one of its kind that a later command uses.
fn write_files<'a>(article: &Article, listings: Vec<Piece<'a>>, all: &mut Vec<Piece<'a>>) {
    static FILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"[A-Za-z0-9][\w.-]*\.(?:json|jsonc|ya?ml|bicep|bicepparam|tf|py|sh|cs|js|ts|txt|xml|toml|env|config)\b").ok()
    });
    let Some(pattern) = FILE.as_ref() else { return };
    let index_of = |block: &Block| {
        let mut blocks = article.blocks.iter();
        blocks.position(|one| std::ptr::eq(one, block))
    };
    let mut taken: HashSet<String> = HashSet::new();
    let mut written = Vec::new();
    for mut listing in listings {
        let Some(index) = index_of(listing.block) else {
            continue;
        };
        let later: Vec<&Piece<'_>> = all
            .iter()
            .filter(|piece| index_of(piece.block).is_some_and(|at| at > index))
            .collect();
        let used = |name: &str| later.iter().any(|piece| uses(&piece.text, name));
        let prose = article.prose.iter().rev();
        let prose = prose.filter(|prose| prose.blocks_before == index);
        let named = prose
            .flat_map(|prose| {
                let names: Vec<&str> = pattern.find_iter(&prose.text).map(|m| m.as_str()).collect();
                names.into_iter().rev()
            })
            .find(|name| used(name));
        // The editor that was opened right before it.
        let before = all
            .iter()
            .rev()
            .find(|piece| index_of(piece.block).is_some_and(|at| at < index));
        let edited = before.and_then(|piece| {
            let (program, name) = piece.text.trim().split_once(' ')?;
            let editor = ["code", "nano", "vim", "vi", "touch"].contains(&program);
            editor.then(|| name.trim())
        });
        let extension = extensions(&listing.block.language);
        let only = later
            .iter()
            .flat_map(|piece| pattern.find_iter(&piece.text).map(|m| m.as_str()))
            .find(|name| {
                let ends = |end: &&str| name.ends_with(*end);
                extension.iter().any(ends) && !taken.contains(*name)
            });
        let edited = edited.filter(|name| used(name));
        if let Some(name) = named.or(edited).or(only) {
            let written_before = all.iter().any(|piece| {
                index_of(piece.block).is_some_and(|at| at < index) && uses(&piece.text, name)
            });
            if written_before && edited.is_none() && named.is_none() {
                continue;
            }
            // What a command writes itself is only shown.
            if later.iter().any(|piece| writes(&piece.text, name)) {
                continue;
            }
            taken.insert(name.to_owned());
            listing.file = Some(name.to_owned());
            written.push((index, listing));
        }
    }
    for (index, listing) in written {
        let at = all.iter().position(|piece| {
            piece.file.is_none() && index_of(piece.block).is_some_and(|at| at > index)
        });
        let mut at = at.unwrap_or(all.len());
        // Nobody leaves a container's shell to write a file, and comes back.
        while all.get(at).is_some_and(|piece| piece.inside) && at > 0 {
            at -= 1;
        }
        all.insert(at, listing);
    }
}

/// Whether a text names a file as a word of its own.
fn uses(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !"-_.".contains(c));
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let before_slash = before == Some('/') || before == Some('@');
        let after = text.get(at + name.len()..);
        (edge(before) || before_slash) && edge(after.and_then(|text| text.chars().next()))
    })
}

/// Whether a command's output goes into the file.
pub(super) fn writes(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text
            .get(..at)
            .unwrap_or_default()
            .trim_end_matches(['"', '\'']);
        before.trim_end_matches("./").trim_end().ends_with('>')
    })
}

fn extensions(language: &str) -> &'static [&'static str] {
    match language {
        "json" | "jsonc" => &[".json"],
        "yaml" | "yml" => &[".yaml", ".yml"],
        "bicep" => &[".bicep"],
        "python" | "py" => &[".py"],
        "terraform" | "hcl" => &[".tf"],
        _ => &[],
    }
}
