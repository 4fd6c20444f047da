//! Reads one text after another into an [`Article`]: CommonMark by `pulldown-cmark`, Learn's own
//! lines by [`learn`].

use super::article::{Article, Block, Instruction, Role, Section, Tab};
use super::learn::{self, Directive};
use super::lines::LineIndex;
use super::meant::{self, unify_line_ends};
use super::mend;
use super::places::Places;
use super::prose::Gather;
use super::role;
use super::slug::Slugs;
use super::snippet::Snippet;
use super::text::{IncludeKind, MissingInclude, Problem, ProblemKind, ProseKind};
use crate::scenario::Line;
use crate::source::Position;
use crate::source::Span;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// Includes within includes beyond this are taken for a loop.
const DEEPEST_INCLUDE: usize = 16;

/// More includes than any article has: includes that each have two more would never end.
const MOST_INCLUDES: usize = 1000;

/// More bytes than the includes of any article have together, for the same reason.
const MOST_INCLUDED_BYTES: usize = 32 << 20;

pub(super) fn article(
    file: &str,
    text: &str,
    includes: &dyn Fn(&str) -> Option<(String, String)>,
) -> Article {
    let mut scan = Scan {
        includes,
        slugs: Slugs::default(),
        places: Places::default(),
        reading: vec![file.to_owned()],
        included: 0,
        included_bytes: 0,
        article: Article {
            file: file.to_owned(),
            title: String::new(),
            front_matter: Vec::new(),
            front_matter_lines: Vec::new(),
            sections: Vec::new(),
            blocks: Vec::new(),
            tab_groups: Vec::new(),
            pivots: Vec::new(),
            prose: Vec::new(),
            instructions: Vec::new(),
            inline_code: Vec::new(),
            tables: Vec::new(),
            comments: Vec::new(),
            missing_includes: Vec::new(),
            problems: Vec::new(),
        },
    };
    scan.text(file, text);
    scan.finish()
}

/// The state that goes on from a text into its includes.
struct Scan<'a> {
    includes: &'a dyn Fn(&str) -> Option<(String, String)>,
    slugs: Slugs,
    places: Places,
    /// The files being read, the innermost last.
    reading: Vec<String>,
    /// How many includes were read.
    included: usize,
    included_bytes: usize,
    article: Article,
}

/// A heading whose words are still coming.
#[derive(Default)]
struct OpenHeading {
    level: u8,
    words: String,
    tab: Option<(Vec<String>, Option<String>)>,
}

/// The lists that are open. A line can open as many as it is long.
#[derive(Default)]
struct Lists {
    /// Whether each of them has numbers.
    numbered: Vec<bool>,
    /// How many have.
    count: usize,
}

impl Lists {
    fn open(&mut self, numbered: bool) {
        self.numbered.push(numbered);
        self.count += usize::from(numbered);
    }

    fn close(&mut self) {
        let numbered = self.numbered.pop() == Some(true);
        self.count -= usize::from(numbered);
    }

    /// Whether the innermost has numbers and is in no other one that has.
    fn is_outer_numbered(&self) -> bool {
        self.count == 1 && self.numbered.last() == Some(&true)
    }
}

/// The code block that is being read.
enum OpenCode {
    No,
    /// Indented code: a reader does not copy it, so it is no block.
    Indented,
    Fenced(Block),
}

impl Scan<'_> {
    fn text(&mut self, file: &str, text: &str) {
        meant::read(file, text, |index, head, problems| {
            if self.reading.len() == 1 {
                self.read_front_matter(file, index, 1..head.saturating_sub(1));
            }
            self.article.problems.extend(problems);
            let outer = self.places.enter();
            self.body(file, index, head);
            self.places.leave(outer, &mut self.article);
        });
    }

    /// Reads what comes after the `head` lines of front matter.
    fn body(&mut self, file: &str, index: &LineIndex<'_>, head: usize) {
        let mut gather = Gather::new(file, index);
        let mut depth = 0_usize;
        let mut lists = Lists::default();
        let mut heading: Option<OpenHeading> = None;
        let mut code = OpenCode::No;
        let mut next_line = 0_usize;
        for (event, range) in meant::events(index, head) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    gather.flush(&mut self.article);
                    code = match kind {
                        CodeBlockKind::Fenced(info) => {
                            OpenCode::Fenced(self.open_block(file, index, &range, &info))
                        }
                        CodeBlockKind::Indented => {
                            self.indented(file, index, &range);
                            OpenCode::Indented
                        }
                    };
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let OpenCode::Fenced(block) = std::mem::replace(&mut code, OpenCode::No) {
                        self.article.blocks.push(block);
                    }
                }
                Event::Start(tag @ (Tag::List(_) | Tag::BlockQuote(_) | Tag::Item)) => {
                    match tag {
                        Tag::List(first) => lists.open(first.is_some()),
                        Tag::Item if lists.is_outer_numbered() => {
                            self.instruction(file, index, range.start);
                        }
                        _ => {}
                    }
                    depth += 1;
                }
                Event::End(tag @ (TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::Item)) => {
                    if matches!(tag, TagEnd::List(_)) {
                        lists.close();
                    }
                    gather.flush(&mut self.article);
                    depth = depth.saturating_sub(1);
                    self.places.container_end(depth, &mut self.article);
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    gather.flush(&mut self.article);
                    gather.kind = ProseKind::Heading;
                    heading = Some(OpenHeading {
                        level: level as u8,
                        ..OpenHeading::default()
                    });
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some(heading) = heading.take() {
                        let end = range.start + index.rest(range.start).trim_end().len();
                        self.close_heading(heading, index.span(file, &(range.start..end)), depth);
                    }
                    gather.flush(&mut self.article);
                    gather.kind = ProseKind::Paragraph;
                }
                Event::End(TagEnd::Paragraph) => gather.flush(&mut self.article),
                Event::Start(Tag::Table(_)) => {
                    gather.open_table(self.places.visibility(), &mut self.article);
                }
                Event::Start(Tag::TableHead | Tag::TableRow) => gather.open_row(),
                Event::Start(Tag::TableCell) => gather.cell(&range),
                Event::End(TagEnd::Table) => gather.close_table(&mut self.article),
                Event::Start(Tag::HtmlBlock) => {
                    gather.flush(&mut self.article);
                    gather.html(&range, &self.places.visibility(), &mut self.article);
                }
                Event::InlineHtml(_) => {
                    gather.touch(range.start, &self.places, &mut self.article);
                    gather.html(&range, &self.places.visibility(), &mut self.article);
                }
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    ..
                }) => {
                    gather.touch(range.start, &self.places, &mut self.article);
                    gather.in_address = matches!(link_type, LinkType::Autolink | LinkType::Email);
                    if let Some(heading) = &mut heading {
                        heading.tab = learn::tab_link(&dest_url);
                    }
                }
                Event::End(TagEnd::Link) => gather.in_address = false,
                Event::Start(Tag::Emphasis | Tag::Strong | Tag::Image { .. }) => {
                    gather.touch(range.start, &self.places, &mut self.article);
                }
                Event::Rule => {
                    gather.flush(&mut self.article);
                    self.places.rule(depth);
                }
                Event::Text(words) => match (&mut code, &mut heading) {
                    (OpenCode::Fenced(block), _) => add_code(block, file, index, &range),
                    (OpenCode::Indented, _) => {}
                    (OpenCode::No, heading) => {
                        if let Some(heading) = heading {
                            heading.words.push_str(&words);
                        }
                        gather.touch(range.start, &self.places, &mut self.article);
                        gather.words(&range);
                        // A line's directives are taken once, at the first words on it.
                        let line = index.line_of(range.start);
                        if line >= next_line {
                            next_line = line + 1;
                            if self.learn_line(file, index, line) {
                                gather.drop_line(line);
                            }
                        }
                    }
                },
                Event::Code(words) => {
                    gather.touch(range.start, &self.places, &mut self.article);
                    gather.code(&words, &range, self.places.visibility(), &mut self.article);
                    if let Some(heading) = &mut heading {
                        heading.words.push_str(&words);
                    }
                }
                Event::SoftBreak | Event::HardBreak => {
                    if let Some(heading) = &mut heading {
                        heading.words.push(' ');
                    }
                }
                _ => {}
            }
        }
        gather.flush(&mut self.article);
    }

    /// Indented code that is a fenced block, with both of its fences.
    fn indented(&mut self, file: &str, index: &LineIndex<'_>, range: &Range<usize>) {
        let (first, last) = (
            index.line_of(range.start),
            index.line_of(range.end.max(1) - 1),
        );
        let is_fence = |line: usize| {
            let text = index.line(line).trim();
            text.starts_with("```") || text.starts_with("~~~")
        };
        let mut lines = (first..=last).filter(|line| !index.line(*line).trim().is_empty());
        let (Some(opening), Some(closing)) = (lines.next(), lines.next_back()) else {
            return;
        };
        // An article about Markdown shows fences that say nothing of their language.
        let info = index.line(opening).trim().trim_start_matches(['`', '~']);
        if !is_fence(opening) || !is_fence(closing) || info.is_empty() {
            return;
        }
        let text = index.line(opening);
        let start = index.start(opening);
        let indent = text.len() - text.trim_start().len();
        self.article.problems.push(Problem {
            kind: ProblemKind::BlockTooDeep,
            span: index.span(file, &(start + indent..start + text.trim_end().len())),
        });
    }

    /// Keeps an item of a numbered list that is in no other one.
    fn instruction(&mut self, file: &str, index: &LineIndex<'_>, start: usize) {
        let line = index.rest(start);
        let indent = line.len() - line.trim_start().len();
        let text = line
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        let section = self.article.sections.last();
        self.article.instructions.push(Instruction {
            section_slug: section.map_or_else(String::new, |section| section.slug.clone()),
            text: text.trim_start_matches(['.', ')']).trim().to_owned(),
            position: index.position(file, start + indent),
            visibility: self.places.visibility(),
        });
    }

    fn read_front_matter(&mut self, file: &str, index: &LineIndex<'_>, lines: Range<usize>) {
        for number in lines {
            let line = index.line(number);
            self.article.front_matter_lines.push(Line {
                text: line.to_owned(),
                position: index.position(file, index.start(number)),
            });
            if line.starts_with([' ', '\t', '#', '-']) {
                continue;
            }
            if let Some((key, value)) = line.split_once(':') {
                let value = value.trim().trim_matches(['"', '\'']).to_owned();
                let key = key.trim().to_owned();
                self.article.front_matter.push((key, value));
            }
        }
    }

    fn open_block(
        &mut self,
        file: &str,
        index: &LineIndex<'_>,
        range: &Range<usize>,
        info: &str,
    ) -> Block {
        let opening = index.rest(range.start);
        let indent = opening.len() - opening.trim_start().len();
        let fence = index.position(file, range.start + indent);
        if !is_closed(index, range) {
            self.article.problems.push(Problem {
                kind: ProblemKind::UnclosedFence { swallows: false },
                span: index.span(file, &(range.start + indent..range.start + opening.len())),
            });
        }
        let language = info.split_whitespace().next().unwrap_or("");
        let language = language.trim_matches(['{', '}', '.']).to_ascii_lowercase();
        self.block(language, fence)
    }

    /// A block at this place, still without lines.
    fn block(&self, language: String, fence: Position) -> Block {
        let section = self.article.sections.last();
        Block {
            section_slug: section.map_or_else(String::new, |section| section.slug.clone()),
            role: Role::Listing,
            language,
            lines: Vec::new(),
            fence,
            visibility: self.places.visibility(),
        }
    }

    fn close_heading(&mut self, heading: OpenHeading, span: Span, depth: usize) {
        let words = heading.words.trim().to_owned();
        if let Some((ids, depends)) = heading.tab {
            let tab = Tab {
                title: words,
                ids,
                depends,
            };
            self.places.open_tab(tab, depth, span, &mut self.article);
            return;
        }
        self.places.heading(&self.article);
        if heading.level == 1 && self.article.title.is_empty() {
            self.article.title.clone_from(&words);
        }
        self.article.sections.push(Section {
            slug: self.slugs.next(&words),
            heading: words,
            level: heading.level,
            position: span.start(),
        });
    }

    /// Does what a line of Learn's own says. Whether it is one.
    fn learn_line(&mut self, file: &str, index: &LineIndex<'_>, line: usize) -> bool {
        let text = index.line(line);
        let start = index.start(line);
        let indent = text.len() - text.trim_start().len();
        let here = index.span(file, &(start + indent..start + text.trim_end().len()));
        match learn::directive(text) {
            Some(Directive::Zone(pivots)) => {
                self.places.open_zone(here, Some(pivots), &mut self.article);
            }
            Some(Directive::Hidden) => {
                self.places
                    .open_zone(here, Some(Vec::new()), &mut self.article);
            }
            Some(Directive::Shown) => self.places.open_zone(here, None, &mut self.article),
            Some(Directive::ZoneEnd) => self.places.close_zone(here, &mut self.article),
            Some(Directive::Code(snippet)) => self.snippet(file, &snippet, here),
            Some(Directive::Other) => {}
            None => {
                let includes = learn::includes(text);
                let only = includes
                    .first()
                    .is_some_and(|first| first.range.start == indent);
                for include in includes {
                    let range = start + include.range.start..start + include.range.end;
                    self.include(file, &include.path, index.span(file, &range));
                }
                return only;
            }
        }
        true
    }

    fn include(&mut self, file: &str, path: &str, span: Span) {
        let wanted = learn::include_file(file, path);
        let Some((name, text)) = (self.includes)(&wanted) else {
            self.missing(wanted, IncludeKind::Markdown, span);
            return;
        };
        if self.reading.contains(&name) || self.reading.len() > DEEPEST_INCLUDE {
            let kind = ProblemKind::IncludeLoop(name);
            self.article.problems.push(Problem { kind, span });
            return;
        }
        if !self.affords(&text) {
            self.missing(wanted, IncludeKind::Markdown, span.clone());
            let kind = ProblemKind::TooManyIncludes(name);
            self.article.problems.push(Problem { kind, span });
            return;
        }
        self.reading.push(name.clone());
        self.text(&name, &text);
        self.reading.pop();
    }

    /// Takes a block out of another file.
    fn snippet(&mut self, file: &str, snippet: &Snippet, span: Span) {
        let wanted = learn::include_file(file, &snippet.source);
        let found = (self.includes)(&wanted);
        let Some((name, text)) = found.filter(|(_, text)| self.affords(text)) else {
            self.missing(wanted, IncludeKind::Code, span);
            return;
        };
        let text = unify_line_ends(text.strip_prefix('\u{feff}').unwrap_or(&text));
        let Some(lines) = snippet.lines(&text) else {
            self.missing(wanted, IncludeKind::Code, span);
            return;
        };
        let mut block = self.block(snippet.language.clone(), span.start());
        let line = |(number, text): (usize, &str)| Line {
            text: text.to_owned(),
            position: Position {
                file: name.clone(),
                line: u32::try_from(number + 1).unwrap_or(u32::MAX),
                column: 1,
            },
        };
        block.lines = lines.into_iter().map(line).collect();
        self.article.blocks.push(block);
    }

    /// Counts a file that is read beside the article; whether it is not one too many.
    fn affords(&mut self, text: &str) -> bool {
        self.included += 1;
        self.included_bytes += text.len();
        self.included <= MOST_INCLUDES && self.included_bytes <= MOST_INCLUDED_BYTES
    }

    fn missing(&mut self, path: String, kind: IncludeKind, span: Span) {
        let blocks_before = self.article.blocks.len();
        self.article.missing_includes.push(MissingInclude {
            path,
            kind,
            span,
            visibility: self.places.visibility(),
            blocks_before,
        });
    }

    fn finish(mut self) -> Article {
        if self.article.title.is_empty() {
            let mut front_matter = self.article.front_matter.iter();
            let title = front_matter.find(|(key, _)| key == "title");
            self.article.title = title.map_or_else(String::new, |(_, value)| value.clone());
        }
        self.places.finish(&mut self.article);
        role::assign(&mut self.article);
        self.article
    }
}

/// Adds the lines of a piece of code. The text is taken from the source, not from the event, so
/// that a position always points at exactly the text it stands for.
fn add_code(block: &mut Block, file: &str, index: &LineIndex<'_>, range: &Range<usize>) {
    let last = index.line_of(range.end.saturating_sub(1).max(range.start));
    for line in index.line_of(range.start)..=last {
        let start = range.start.max(index.own(line));
        let position = index.position(file, start);
        if block
            .lines
            .last()
            .is_none_or(|before| before.position.line < position.line)
        {
            block.lines.push(Line {
                text: index.rest(start).to_owned(),
                position,
            });
        }
    }
}

/// Whether the last line of a fenced block is its closing fence.
fn is_closed(index: &LineIndex<'_>, range: &Range<usize>) -> bool {
    let opening = index.rest(range.start).trim_start();
    let Some(mark) = opening.chars().next() else {
        return false;
    };
    let first = index.line_of(range.start);
    let last = index.line_of(range.end.saturating_sub(1).max(range.start));
    let closing = index.line(last).trim_start_matches(mend::is_container);
    last > first && mend::closes(closing, mark, mend::run(opening, mark))
}
