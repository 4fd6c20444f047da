//! A block of commands as lexical rules look at it: [`Code`], which knows what each character is.

use crate::diagnostic::{Edit, Fix};
use crate::lint::columns::Columns;
use crate::lint::{BlockText, Context};
use crate::markdown::InlineCode;
use crate::shell::{self, Command, Dialect, Part, PartKind, RegionKind, Script, Word};
use crate::source::Span;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;

/// A block of commands.
pub(super) struct Code<'a> {
    place: Place<'a>,
    pub(super) text: &'a str,
    pub(super) script: &'a Script,
    outline: OnceCell<Outline<'a>>,
    classes: OnceCell<Vec<Class>>,
    line_ends: OnceCell<Vec<usize>>,
    columns: Columns<'a>,
    /// The command that was last asked about, by where it stands, and whether it is known: problems
    /// come in heaps.
    last_known: RefCell<Option<(Range<usize>, bool)>>,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Block(&'a BlockText<'a>),
    Inline(&'a InlineCode),
}

/// A command set as code within a sentence or a table.
pub(super) struct Inline<'a> {
    code: &'a InlineCode,
    script: Script,
}

/// What a character is to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Part of a command, outside quotes.
    Code,
    /// Inside quotes.
    Quoted,
    /// In a comment.
    Comment,
    /// In a here-document or here-string.
    Here,
}

/// A line of a block, without its line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Where it begins in the block's text.
    pub(super) start: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

#[derive(Default)]
struct Outline<'a> {
    /// Commands that follow one another: those of the script, and those of each substitution.
    lists: Vec<&'a [Command]>,
    substitutions: Vec<Range<usize>>,
}

/// The blocks that hold commands.
pub(super) fn blocks<'a>(context: &'a Context<'_>) -> impl Iterator<Item = Code<'a>> {
    context.blocks.iter().filter_map(|block| {
        let script = block.script.as_ref()?;
        Some(Code::new(Place::Block(block), &block.text, script))
    })
}

/// The calls of `az` within sentences and tables whose text is wanted.
pub(super) fn inline<'a>(
    context: &'a Context<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Vec<Inline<'a>> {
    let all = context.article.inline_code.iter();
    all.filter(|code| code.text.starts_with("az") && wanted(&code.text))
        .map(|code| Inline {
            code,
            script: shell::parse(&code.text, Dialect::Bash),
        })
        .collect()
}

impl Inline<'_> {
    pub(super) fn code(&self) -> Code<'_> {
        Code::new(Place::Inline(self.code), &self.code.text, &self.script)
    }
}

impl<'a> Code<'a> {
    fn new(place: Place<'a>, text: &'a str, script: &'a Script) -> Self {
        Self {
            place,
            text,
            script,
            outline: OnceCell::new(),
            classes: OnceCell::new(),
            line_ends: OnceCell::new(),
            columns: Columns::new(text),
            last_known: RefCell::new(None),
        }
    }

    /// Where a range of the text stands in the article.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self.place {
            Place::Block(block) => block.span(range),
            Place::Inline(code) => self
                .within(code, range)
                .unwrap_or_else(|| code.span.clone()),
        }
    }

    /// The first word after the fence.
    pub(super) fn language(&self) -> &'a str {
        match self.place {
            Place::Block(block) => &block.block.language,
            Place::Inline(_) => "",
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.script.dialect
    }

    /// What the byte at `offset` is.
    pub(super) fn class(&self, offset: usize) -> Class {
        let classes = self.classes.get_or_init(|| self.classify());
        classes.get(offset).copied().unwrap_or(Class::Code)
    }

    pub(super) fn is_code(&self, offset: usize) -> bool {
        self.class(offset) == Class::Code
    }

    /// Lists of commands that follow one another.
    pub(super) fn lists(&self) -> &[&'a [Command]] {
        &self.outline().lists
    }

    /// Every command, those inside substitutions too.
    pub(super) fn commands(&self) -> impl Iterator<Item = &'a Command> {
        self.lists().iter().flat_map(|list| list.iter())
    }

    /// The `az` commands with their words from `az` on; a prompt before it is passed over.
    pub(super) fn az_commands(&self) -> impl Iterator<Item = &'a [Word]> {
        self.commands().filter_map(|command| {
            let words = after_prompt(&command.words, self.text);
            let name = words.first()?.source(self.text);
            (name == "az").then_some(words)
        })
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let mut start = 0;
        self.text.split('\n').map(move |text| {
            let line = Line { start, text };
            start += text.len() + 1;
            line
        })
    }

    /// Whether a reader certainly types what stands at `offset`: it belongs to a command that is
    /// known, or sets a variable. Fences that show a session hold output too.
    pub(super) fn is_typed(&self, offset: usize) -> bool {
        let commands = &self.script.commands;
        let next = commands.partition_point(|command| command.range.start <= offset);
        let Some(command) = next.checked_sub(1).and_then(|at| commands.get(at)) else {
            return false;
        };
        // A command that ended on an earlier line says nothing about this one.
        !self.has_line_end(command.range.end..offset) && self.is_known(command)
    }

    fn has_line_end(&self, range: Range<usize>) -> bool {
        let ends = self.line_ends.get_or_init(|| {
            let ends = self.text.match_indices('\n');
            ends.map(|(at, _)| at).collect()
        });
        let next = ends.partition_point(|end| *end < range.start);
        ends.get(next).is_some_and(|end| *end < range.end)
    }

    /// Whether this is a command that articles ask a reader to type.
    pub(super) fn is_known(&self, command: &Command) -> bool {
        if let Some((range, known)) = &*self.last_known.borrow()
            && *range == command.range
        {
            return *known;
        }
        let known = self.names_known(command);
        *self.last_known.borrow_mut() = Some((command.range.clone(), known));
        known
    }

    fn names_known(&self, command: &Command) -> bool {
        let words = after_prompt(&command.words, self.text);
        match words.first() {
            None => !command.assignments.is_empty(),
            Some(name) => {
                let name = name.source(self.text);
                KNOWN.contains(&name)
                    || name.starts_with("./")
                    || (name.starts_with("az") && name.contains('-'))
                    || (self.dialect() == Dialect::PowerShell && is_cmdlet(name))
            }
        }
    }

    /// A change of the text; each range is replaced by its text.
    /// None where the text is not written as it is read.
    pub(super) fn fix<const N: usize>(
        &self,
        title: &str,
        edits: [(Range<usize>, &str); N],
    ) -> Option<Fix> {
        let edit = |(range, replacement): (Range<usize>, &str)| {
            Some(Edit {
                span: match self.place {
                    Place::Block(block) => block.span(range),
                    Place::Inline(code) => self.within(code, range)?,
                },
                replacement: replacement.to_owned(),
            })
        };
        Some(Fix {
            title: title.to_owned(),
            edits: edits.into_iter().map(edit).collect::<Option<_>>()?,
        })
    }

    /// Where a range of inline code stands, if the code is written as it is read, between equally
    /// long marks on one line.
    fn within(&self, code: &InlineCode, range: Range<usize>) -> Option<Span> {
        let all = self.columns.before(self.text.len());
        let marks = code.span.end_column.checked_sub(code.span.column)?;
        let marks = marks.checked_sub(all)?;
        if code.span.line != code.span.end_line || marks % 2 == 1 {
            return None;
        }
        let first = code.span.column + marks / 2;
        self.text.get(range.clone())?;
        Some(Span {
            column: first + self.columns.before(range.start),
            end_column: first + self.columns.before(range.end),
            ..code.span.clone()
        })
    }

    fn outline(&self) -> &Outline<'a> {
        self.outline.get_or_init(|| Outline::of(self.script))
    }

    fn classify(&self) -> Vec<Class> {
        let regions = self.script.regions.iter().map(|region| {
            let class = match region.kind {
                RegionKind::Comment => Class::Comment,
                RegionKind::SingleQuoted | RegionKind::DoubleQuoted => Class::Quoted,
                RegionKind::HereDocument => Class::Here,
            };
            (region.range.clone(), class)
        });
        let inside = self.outline().substitutions.iter();
        let mut all: Vec<_> = regions
            .chain(inside.map(|range| (range.clone(), Class::Code)))
            .collect();
        // Stable: a substitution that fills its quotes comes behind them and counts.
        all.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut classes = vec![Class::Code; self.text.len()];
        let mut open: Vec<(usize, Class)> = Vec::new();
        let mut at = 0;
        let mut paint = |at: &mut usize, to: usize, class: Class| {
            if let Some(bytes) = classes.get_mut(*at..to) {
                bytes.fill(class);
                *at = to;
            }
        };
        for (range, class) in all {
            while let Some((end, of)) = open.last().copied().filter(|(end, _)| *end <= range.start)
            {
                paint(&mut at, end, of);
                open.pop();
            }
            paint(
                &mut at,
                range.start,
                open.last().map_or(Class::Code, |(_, of)| *of),
            );
            open.push((range.end, class));
        }
        while let Some((end, of)) = open.pop() {
            paint(&mut at, end, of);
        }
        classes
    }
}

impl<'a> Outline<'a> {
    fn of(script: &'a Script) -> Self {
        let mut outline = Outline::default();
        let mut lists: Vec<&'a [Command]> = vec![&script.commands];
        let mut parts: Vec<&'a Part> = Vec::new();
        while let Some(list) = lists.pop() {
            outline.lists.push(list);
            for command in list {
                let values = command.assignments.iter().filter_map(|a| a.value.as_ref());
                let targets = command.redirects.iter().filter_map(|r| r.target.as_ref());
                let here = command.redirects.iter().filter_map(|r| r.here.as_ref());
                parts.extend(
                    values
                        .chain(&command.words)
                        .chain(targets)
                        .flat_map(|word| &word.parts)
                        .chain(here.flat_map(|here| &here.parts)),
                );
            }
            while let Some(part) = parts.pop() {
                match &part.kind {
                    PartKind::Substitution { commands, .. } => {
                        outline.substitutions.push(part.range.clone());
                        lists.push(commands);
                    }
                    PartKind::Variable { nested, .. } | PartKind::Expression(nested) => {
                        parts.extend(nested);
                    }
                    _ => {}
                }
            }
        }
        outline
    }
}

/// The words behind a prompt that was copied with the command.
fn after_prompt<'w>(words: &'w [Word], text: &str) -> &'w [Word] {
    match words.split_first() {
        Some((first, rest)) if matches!(first.source(text), "$" | "sudo") => rest,
        _ => words,
    }
}

/// Whether a word can only be an option: `--name`, `--name=value`, `-n`.
pub(super) fn is_option(word: &str) -> bool {
    let Some(name) = word.strip_prefix('-') else {
        return false;
    };
    match name.strip_prefix('-') {
        Some(long) => {
            let long = long.split_once('=').map_or(long, |(long, _)| long);
            long.starts_with(|c: char| c.is_ascii_lowercase())
                && long.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        }
        None => {
            name.len() <= 2 && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic())
        }
    }
}

/// `Verb-Noun`
pub(super) fn is_cmdlet(name: &str) -> bool {
    let letters = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphanumeric())
    };
    name.split_once('-')
        .is_some_and(|(verb, noun)| letters(verb) && letters(noun))
}

/// Commands that articles ask a reader to type.
const KNOWN: &[&str] = &[
    "apt",
    "apt-get",
    "az",
    "azd",
    "bash",
    "cat",
    "cd",
    "chmod",
    "cosign",
    "cp",
    "curl",
    "docker",
    "dotnet",
    "echo",
    "envsubst",
    "export",
    "func",
    "gh",
    "git",
    "go",
    "grep",
    "helm",
    "istioctl",
    "jq",
    "kubectl",
    "kubelogin",
    "ls",
    "mkdir",
    "mv",
    "mvn",
    "mysql",
    "node",
    "notation",
    "npm",
    "openssl",
    "oras",
    "pip",
    "pip3",
    "podman",
    "printf",
    "psql",
    "pwd",
    "python",
    "python3",
    "read",
    "rm",
    "scp",
    "sed",
    "sftp",
    "sh",
    "sleep",
    "source",
    "sqlcmd",
    "ssh",
    "ssh-keygen",
    "sudo",
    "tar",
    "tee",
    "terraform",
    "touch",
    "unset",
    "unzip",
    "watch",
    "wget",
];
