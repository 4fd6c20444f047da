//! Fences that do not mean what their author did: [`mend`] finds them, and reads on as it was meant,
//! so that one slip does not turn the rest of an article upside down.

use super::lines::{LineIndex, Origin};
use super::meant::events;
use super::text::{Problem, ProblemKind};
use pulldown_cmark::{CodeBlockKind, Event, Tag};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Each mended place costs a reading of the whole text; what is beyond is left as it is.
const MOST_MENDED: usize = 8;

/// How far below a line of code outside its list the closing fence is looked for, in lines.
const FARTHEST_CLOSING: usize = 300;

/// A text after mending.
pub(crate) struct Mended {
    pub(crate) text: String,
    /// Where each line of it comes from.
    pub(crate) origins: Vec<Origin>,
    /// What was mended.
    pub(crate) problems: Vec<Problem>,
}

/// The text with its fences as they were meant, if it has some that are not, behind `head` lines of
/// front matter. Its lines all end with `\n`: places in bytes are others than before.
pub(crate) fn mend(file: &str, index: &LineIndex<'_>, head: usize) -> Option<Mended> {
    let mut mended = mend_once(file, index, head)?;
    for _ in 1..MOST_MENDED {
        let index = LineIndex::with_origins(&mended.text, mended.origins.clone());
        let Some(next) = mend_once(file, &index, head) else {
            break;
        };
        mended.problems.extend(next.problems);
        mended.text = next.text;
        mended.origins = next.origins;
    }
    Some(mended)
}

fn mend_once(file: &str, index: &LineIndex<'_>, head: usize) -> Option<Mended> {
    let trouble = first_trouble(index, head)?;
    let (text, origins) = trouble.apply(index);
    let problem = Problem {
        span: index.span(file, &trouble.range),
        kind: trouble.kind,
    };
    Some(Mended {
        text,
        origins,
        problems: vec![problem],
    })
}

/// A fence that is wrong, and what would mend it.
struct Trouble {
    kind: ProblemKind,
    /// Where, in bytes.
    range: Range<usize>,
    change: Change,
}

enum Change {
    /// A closing fence before this line.
    Insert { line: usize, fence: String },
    /// A line is two: code, and the closing fence.
    Split {
        line: usize,
        code: usize,
        fence: String,
    },
    /// Lines move to the right.
    MoveIn { lines: Range<usize>, prefix: String },
    /// A fence moves to where it is one.
    Place { line: usize, prefix: String },
}

impl Trouble {
    fn apply(&self, index: &LineIndex<'_>) -> (String, Vec<Origin>) {
        let mut text = String::new();
        let mut origins = Vec::with_capacity(index.count() + 1);
        let mut push = |line: &str, origin: Origin| {
            if !origins.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
            origins.push(origin);
        };
        for number in 0..index.count() {
            let line = index.line(number);
            let origin = index.origin(number);
            match &self.change {
                Change::Insert { line: at, fence } if *at == number => {
                    push(fence, origin);
                    push(line, origin);
                }
                Change::Split {
                    line: at,
                    code,
                    fence,
                } if *at == number => {
                    push(line.get(..*code).unwrap_or(line), origin);
                    push(fence, origin);
                }
                Change::MoveIn { lines, prefix } if lines.contains(&number) => {
                    let shift = origin.shift + signed(prefix.len());
                    push(&format!("{prefix}{line}"), Origin { shift, ..origin });
                }
                Change::MoveIn { lines, prefix } if lines.end == number => {
                    place(line, prefix, origin, &mut push);
                }
                Change::Place { line: at, prefix } if *at == number => {
                    place(line, prefix, origin, &mut push);
                }
                _ => push(line, origin),
            }
        }
        // A fence that belongs behind the last line.
        if let Change::Insert { line, fence } = &self.change
            && *line >= index.count()
        {
            push(fence, index.origin(index.count() - 1));
        }
        (text, origins)
    }
}

/// A line that begins with `prefix` instead of its own white space.
fn place(line: &str, prefix: &str, origin: Origin, push: &mut dyn FnMut(&str, Origin)) {
    let rest = line.trim_start_matches(is_container);
    let shift = origin.shift + signed(prefix.chars().count()) - signed(line.len() - rest.len());
    push(&format!("{prefix}{rest}"), Origin { shift, ..origin });
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(0)
}

fn first_trouble(index: &LineIndex<'_>, head: usize) -> Option<Trouble> {
    for (event, range) in events(index, head) {
        let trouble = match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                Fence::read(index, &range, &info).and_then(|fence| fence.trouble())
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => indented_fence(index, &range),
            _ => None,
        };
        if trouble.is_some() {
            return trouble;
        }
    }
    None
}

/// A fenced block, as the parser sees it.
struct Fence<'a> {
    index: &'a LineIndex<'a>,
    /// The opening fence with its info, in bytes.
    opening: Range<usize>,
    mark: char,
    length: usize,
    info: String,
    /// The line of the opening fence, and the last of the content.
    first: usize,
    last: usize,
    closed: bool,
    /// What a line of the same list or quote begins with.
    prefix: String,
}

impl<'a> Fence<'a> {
    fn read(index: &'a LineIndex<'a>, range: &Range<usize>, info: &str) -> Option<Self> {
        let rest = index.rest(range.start);
        let start = range.start + rest.len() - rest.trim_start_matches(is_blank).len();
        let opening = start..range.start + rest.trim_end_matches(is_blank).len();
        let mark = index.rest(start).chars().next()?;
        let length = run(index.rest(start), mark);
        let first = index.line_of(start);
        let last = index.line_of(range.end.saturating_sub(1).max(start));
        let closed = last > first
            && closes(
                index.line(last).trim_start_matches(is_container),
                mark,
                length,
            );
        let before = index.slice(index.start(first)..start);
        Some(Self {
            index,
            opening,
            mark,
            length,
            info: info.trim_matches(is_blank).to_ascii_lowercase(),
            first,
            last: if closed { last - 1 } else { last },
            closed,
            prefix: before
                .trim_start_matches('\u{feff}')
                .chars()
                .map(|c| if c == '>' || c == '\t' { c } else { ' ' })
                .collect(),
        })
    }

    fn trouble(&self) -> Option<Trouble> {
        // Markdown about Markdown shows fences, and longer fences are there to hold others.
        let shows_fences =
            self.length > 3 || self.info.starts_with("markdown") || self.info.starts_with("md");
        if shows_fences {
            return None;
        }
        let inner = self.find(|text| opens(text, self.mark, self.length));
        let content = self.first + 1..inner.unwrap_or(self.last + 1);
        let is_wrong = !self.closed || inner.is_some();
        let glued = self.find_in(content.clone(), |text| self.glued(text).is_some());
        let deep = self.find_in(content.clone(), |text| closes(text, self.mark, self.length));
        let (glued, deep) = match (glued, deep) {
            (Some(glued), Some(deep)) if glued < deep => (Some(glued), None),
            (_, Some(deep)) => (None, Some(deep)),
            (glued, None) => (glued, None),
        };
        if let Some(line) = glued.filter(|_| is_wrong || runs(&self.info)) {
            return self.split(line);
        }
        if !is_wrong {
            return None;
        }
        if let Some(line) = deep {
            let change = Change::Place {
                line,
                prefix: self.prefix.clone(),
            };
            return Some(Trouble {
                kind: ProblemKind::FenceTooDeep,
                range: self.words(line),
                change,
            });
        }
        if !self.closed
            && let Some(trouble) = self.outside_list()
        {
            return Some(trouble);
        }
        let end = self.find_in(content, is_markdown).or(inner)?;
        Some(Trouble {
            kind: ProblemKind::UnclosedFence { swallows: true },
            range: self.opening.clone(),
            change: Change::Insert {
                line: self.before_text(end),
                fence: self.closing(),
            },
        })
    }

    /// The line after the block is code further left than the list, and the closing fence is below.
    fn outside_list(&self) -> Option<Trouble> {
        let next = self.last + 1;
        let outside = self.index.line(next);
        let own = outside.len() - outside.trim_start_matches(is_blank).len();
        let follows = next < self.index.count()
            && !outside.trim_matches(is_blank).is_empty()
            && (self.last == self.first
                || !self.index.line(self.last).trim_matches(is_blank).is_empty());
        if !follows
            || self.prefix.contains('>')
            || own >= self.prefix.len()
            || opens(outside.trim_matches(is_blank), self.mark, self.length)
        {
            return None;
        }
        let below = next..self.index.count().min(next + FARTHEST_CLOSING);
        let closing = below.clone().find(|line| {
            let text = self.index.line(*line).trim_matches(is_blank);
            closes(text, self.mark, self.length)
                || opens(text, self.mark, self.length)
                || is_markdown(text)
        })?;
        let is_closing = closes(
            self.index.line(closing).trim_matches(is_blank),
            self.mark,
            self.length,
        );
        is_closing.then(|| Trouble {
            kind: ProblemKind::CodeOutsideList,
            range: self.words(next),
            change: Change::MoveIn {
                lines: next..closing,
                prefix: self.prefix.clone(),
            },
        })
    }

    fn split(&self, line: usize) -> Option<Trouble> {
        let text = self.index.line(line).trim_end_matches(is_blank);
        let code = self.glued(text)?;
        let start = self.index.start(line);
        Some(Trouble {
            kind: ProblemKind::FenceAfterCode,
            range: start + text.trim_end_matches(self.mark).len()..start + text.len(),
            change: Change::Split {
                line,
                code,
                fence: self.closing(),
            },
        })
    }

    /// How long the code is that a fence stands behind.
    fn glued(&self, text: &str) -> Option<usize> {
        let text = text.trim_end_matches(is_blank);
        let code = text.trim_end_matches(self.mark);
        let fence: String = std::iter::repeat_n(self.mark, self.length).collect();
        let is_glued = text.len() - code.len() >= self.length
            && !code.trim_matches(is_container).is_empty()
            && !code.contains(&fence);
        is_glued.then(|| code.trim_end_matches(is_blank).len())
    }

    fn closing(&self) -> String {
        let fence = std::iter::repeat_n(self.mark, self.length);
        self.prefix.chars().chain(fence).collect()
    }

    /// The words of a line, in bytes.
    fn words(&self, line: usize) -> Range<usize> {
        let text = self.index.line(line);
        let start = self.index.start(line);
        start + text.len() - text.trim_start_matches(is_blank).len()
            ..start + text.trim_end_matches(is_blank).len()
    }

    fn find(&self, is: impl Fn(&str) -> bool) -> Option<usize> {
        self.find_in(self.first + 1..self.last + 1, is)
    }

    fn find_in(&self, mut lines: Range<usize>, is: impl Fn(&str) -> bool) -> Option<usize> {
        lines.find(|line| is(self.content(*line)))
    }

    /// A line of the content without what its list or quote puts before it.
    fn content(&self, line: usize) -> &'a str {
        let text = self.index.line(line);
        if self.prefix.contains('>') {
            text.trim_start_matches(is_container)
        } else {
            text.trim_start_matches(is_blank)
        }
    }

    /// The first line of the paragraphs of text right above `line`.
    fn before_text(&self, line: usize) -> usize {
        let is_empty = |line: usize| self.content(line).trim_matches(is_blank).is_empty();
        let mut found = line;
        loop {
            let mut last = found;
            while last > self.first + 1 && is_empty(last - 1) {
                last -= 1;
            }
            let mut first = last;
            while first > self.first + 1 && !is_empty(first - 1) {
                first -= 1;
            }
            if first == last || !is_text(self.content(first), self.content(last - 1)) {
                return last;
            }
            found = first;
        }
    }
}

/// A fence in indented code, whose closing fence is not: the code was not meant to be indented.
fn indented_fence(index: &LineIndex<'_>, range: &Range<usize>) -> Option<Trouble> {
    let first = index.line_of(range.start);
    let last = index.line_of(range.end.saturating_sub(1).max(range.start));
    let trimmed = |line: usize| index.line(line).trim_matches(is_blank);
    let opening = (first..=last).find(|line| {
        ['`', '~']
            .iter()
            .any(|mark| opens(trimmed(*line), *mark, 3))
    })?;
    let mark = trimmed(opening).chars().next()?;
    if (opening + 1..=last).any(|line| closes(trimmed(line), mark, 3)) {
        return None;
    }
    let next = (opening + 1..index.count()).find(|line| !trimmed(*line).is_empty())?;
    let indent = |line: usize| {
        let text = index.line(line);
        text.get(..text.len() - text.trim_start_matches(is_blank).len())
            .unwrap_or("")
    };
    let text = index.line(opening);
    let start = index.start(opening);
    (indent(next).len() < indent(opening).len()).then(|| Trouble {
        kind: ProblemKind::FenceTooDeep,
        range: start + indent(opening).len()..start + text.trim_end_matches(is_blank).len(),
        change: Change::Place {
            line: opening,
            prefix: indent(next).to_owned(),
        },
    })
}

/// What Markdown knows as indentation, and behind a fence. Other white space is text to it.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub(super) fn is_container(c: char) -> bool {
    is_blank(c) || c == '>'
}

/// How many of a mark a text begins with.
pub(super) fn run(text: &str, mark: char) -> usize {
    text.chars().take_while(|c| *c == mark).count()
}

/// A closing fence.
pub(super) fn closes(text: &str, mark: char, length: usize) -> bool {
    let text = text.trim_end_matches(is_blank);
    run(text, mark) >= length && text.chars().all(|c| c == mark)
}

/// A fence that can only open: it names a language.
fn opens(text: &str, mark: char, length: usize) -> bool {
    let info = text.trim_start_matches(mark).trim_matches(is_blank);
    run(text, mark) >= length
        && info.starts_with(|c: char| c.is_ascii_alphabetic())
        && info.split_whitespace().count() == 1
        && !info.contains(mark)
}

/// A language in which a fence behind a command can be nothing else.
fn runs(info: &str) -> bool {
    let name = info.split_whitespace().next().unwrap_or("");
    let name = name.strip_suffix("-interactive").unwrap_or(name);
    [
        "azurecli",
        "azure-cli",
        "bash",
        "sh",
        "shell",
        "console",
        "terminal",
        "powershell",
        "azurepowershell",
        "cmd",
    ]
    .contains(&name)
}

/// What no shell's text holds: a heading (one `#` may be a comment), a link's target.
fn is_markdown(text: &str) -> bool {
    static MARKDOWN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(#{2,6} [A-Z]|\[[^\]]+\]: \S|\[!INCLUDE|> \[!)").ok());
    MARKDOWN.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Whether a paragraph with these first and last lines is text, not code.
fn is_text(first: &str, last: &str) -> bool {
    let word = first.split_whitespace().next().unwrap_or("");
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && !word.contains(['-', '=', '_'])
        && first.trim_matches(is_blank).contains(' ')
        && last
            .trim_end_matches(is_blank)
            .ends_with(['.', ':', '!', '?'])
}
