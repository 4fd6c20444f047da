//! Reads one text after another into an [`Article`]: CommonMark by `pulldown-cmark`, Learn's own
//! lines by [`learn`].

use super::article::{Article, Block, Note, Role, Section, Tab, TabGroup, TabPlace, Visibility};
use super::learn::{self, Directive};
use super::lines::LineIndex;
use super::role;
use super::slug::Slugs;
use crate::scenario::Line;
use crate::source::Position;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// Includes within includes beyond this are taken for a loop.
const DEEPEST_INCLUDE: usize = 16;

/// More includes than any article has: includes that each have two more would never end.
const MOST_INCLUDES: usize = 1000;

pub(super) fn article(
    file: &str,
    text: &str,
    includes: &dyn Fn(&str) -> Option<(String, String)>,
) -> Article {
    let mut scan = Scan {
        includes,
        slugs: Slugs::default(),
        zones: Vec::new(),
        pivots: HashSet::new(),
        tab: None,
        reading: vec![file.to_owned()],
        included: 0,
        article: Article {
            file: file.to_owned(),
            title: String::new(),
            front_matter: Vec::new(),
            sections: Vec::new(),
            blocks: Vec::new(),
            tab_groups: Vec::new(),
            pivots: Vec::new(),
            missing_includes: Vec::new(),
            diagnostics: Vec::new(),
        },
    };
    scan.text(file, text);
    scan.finish()
}

/// The state that goes on from a text into its includes.
struct Scan<'a> {
    includes: &'a dyn Fn(&str) -> Option<(String, String)>,
    slugs: Slugs,
    zones: Vec<OpenZone>,
    /// Every pivot named so far.
    pivots: HashSet<String>,
    tab: Option<OpenTab>,
    /// The files being read, the innermost last.
    reading: Vec<String>,
    /// How many includes were read.
    included: usize,
    article: Article,
}

struct OpenZone {
    opened: Position,
    /// The pivots for which it and every zone around it are shown; none if all of them are for all.
    shown: Option<Arc<[String]>>,
}

struct OpenTab {
    place: TabPlace,
    /// How deep in lists and quotes the group stands.
    depth: usize,
    opened: Position,
}

/// A heading whose words are still coming.
#[derive(Default)]
struct OpenHeading {
    level: u8,
    words: String,
    tab: Option<(Vec<String>, Option<String>)>,
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
        let text = &unify_line_ends(text);
        let index = LineIndex::new(text);
        let head = learn::front_matter((0..index.count()).map(|line| index.line(line)));
        if self.reading.len() == 1 {
            self.read_front_matter((1..head.saturating_sub(1)).map(|line| index.line(line)));
        }
        let mark = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let base = if head == 0 { mark } else { index.start(head) };
        let body = text.get(base..).unwrap_or("");

        let mut depth = 0_usize;
        let mut heading: Option<OpenHeading> = None;
        let mut code = OpenCode::No;
        let mut next_line = 0_usize;
        for (event, range) in Parser::new_ext(body, Options::ENABLE_TABLES).into_offset_iter() {
            let range = range.start + base..range.end + base;
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    code = OpenCode::Fenced(self.open_block(file, &index, &range, &info));
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => code = OpenCode::Indented,
                Event::End(TagEnd::CodeBlock) => {
                    if let OpenCode::Fenced(block) = std::mem::replace(&mut code, OpenCode::No) {
                        self.article.blocks.push(block);
                    }
                }
                Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::Item) => depth += 1,
                Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::Item) => {
                    depth = depth.saturating_sub(1);
                }
                Event::Start(Tag::Heading { level, .. }) => {
                    heading = Some(OpenHeading {
                        level: level as u8,
                        ..OpenHeading::default()
                    });
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    if let Some(heading) = &mut heading {
                        heading.tab = learn::tab_link(&dest_url);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some(heading) = heading.take() {
                        self.close_heading(heading, index.position(file, range.start), depth);
                    }
                }
                Event::Rule if self.tab.as_ref().is_some_and(|tab| depth <= tab.depth) => {
                    self.tab = None;
                }
                Event::Text(words) => match (&mut code, &mut heading) {
                    (OpenCode::Fenced(block), _) => add_code(block, file, &index, &range),
                    (OpenCode::Indented, _) => {}
                    (OpenCode::No, heading) => {
                        if let Some(heading) = heading {
                            heading.words.push_str(&words);
                        }
                        // A line's directives are taken once, at the first words on it.
                        let line = index.line_of(range.start);
                        if line >= next_line {
                            next_line = line + 1;
                            self.learn_line(file, &index, line);
                        }
                    }
                },
                Event::Code(words) => {
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
    }

    fn read_front_matter<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        for line in lines.filter(|line| !line.starts_with([' ', '\t', '#', '-'])) {
            if let Some((key, value)) = line.split_once(':') {
                let value = value.trim().trim_matches(['"', '\'']).to_owned();
                self.article
                    .front_matter
                    .push((key.trim().to_owned(), value));
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
            self.note(
                fence.clone(),
                "this fence is not closed".into(),
                "add a closing fence",
            );
        }
        let language = info.split_whitespace().next().unwrap_or("");
        let language = language.trim_matches(['{', '}', '.']).to_ascii_lowercase();
        Block {
            section_slug: self
                .article
                .sections
                .last()
                .map_or_else(String::new, |s| s.slug.clone()),
            role: Role::Listing,
            language,
            lines: Vec::new(),
            fence,
            visibility: Visibility {
                tab: self.tab.as_ref().map(|tab| tab.place),
                pivots: self.zones.last().and_then(|zone| zone.shown.clone()),
            },
        }
    }

    fn close_heading(&mut self, heading: OpenHeading, position: Position, depth: usize) {
        let words = heading.words.trim().to_owned();
        let Some((ids, depends)) = heading.tab else {
            if heading.level == 1 && self.article.title.is_empty() {
                self.article.title.clone_from(&words);
            }
            let slug = self.slugs.next(&words);
            let level = heading.level;
            self.article.sections.push(Section {
                slug,
                heading: words,
                level,
                position,
            });
            return;
        };
        let group = match &self.tab {
            Some(open) if open.depth == depth => open.place.group,
            _ => {
                self.article.tab_groups.push(TabGroup::default());
                self.article.tab_groups.len() - 1
            }
        };
        let Some(tabs) = self
            .article
            .tab_groups
            .get_mut(group)
            .map(|group| &mut group.tabs)
        else {
            return;
        };
        tabs.push(Tab {
            title: words,
            ids,
            depends,
        });
        let place = TabPlace {
            group,
            tab: tabs.len() - 1,
        };
        self.tab = Some(OpenTab {
            place,
            depth,
            opened: position,
        });
    }

    fn learn_line(&mut self, file: &str, index: &LineIndex<'_>, line: usize) {
        let text = index.line(line);
        let here = || {
            index.position(
                file,
                index.start(line) + text.len() - text.trim_start().len(),
            )
        };
        match learn::directive(text) {
            Some(Directive::Zone(pivots)) => self.open_zone(here(), Some(pivots)),
            Some(Directive::Hidden) => self.open_zone(here(), Some(Vec::new())),
            Some(Directive::Shown) => self.open_zone(here(), None),
            Some(Directive::ZoneEnd) => {
                if self.zones.pop().is_none() {
                    let help = "take it out, or open the zone above it";
                    self.note(
                        here(),
                        "there is no zone for this zone-end to close".into(),
                        help,
                    );
                }
            }
            Some(Directive::Code(source)) => {
                let message = format!("code from another repository is not read: {source}");
                self.note(here(), message, "it cannot be a step; a fence can");
            }
            None => {
                for (at, path) in learn::includes(text) {
                    self.include(file, &path, index.position(file, index.start(line) + at));
                }
            }
        }
    }

    fn open_zone(&mut self, opened: Position, pivots: Option<Vec<String>>) {
        for pivot in pivots.iter().flatten() {
            if self.pivots.insert(pivot.clone()) {
                self.article.pivots.push(pivot.clone());
            }
        }
        let around = self.zones.last().and_then(|zone| zone.shown.clone());
        let shown = match (around, pivots) {
            (around, None) => around,
            (None, Some(own)) => Some(own.into()),
            (Some(around), Some(own)) => {
                let around: HashSet<&String> = around.iter().collect();
                Some(
                    own.into_iter()
                        .filter(|pivot| around.contains(pivot))
                        .collect(),
                )
            }
        };
        self.zones.push(OpenZone { opened, shown });
    }

    fn include(&mut self, file: &str, path: &str, position: Position) {
        let wanted = learn::include_file(file, path);
        let Some((name, text)) = (self.includes)(&wanted) else {
            let message = format!("there is no such include: {wanted}");
            self.note(position, message, "capture it together with the article");
            self.article.missing_includes.push(wanted);
            return;
        };
        if self.reading.contains(&name) || self.reading.len() > DEEPEST_INCLUDE {
            let message = format!("this include includes itself: {name}");
            self.note(position, message, "take one of the includes out");
            return;
        }
        self.included += 1;
        if self.included > MOST_INCLUDES {
            let message = format!("this include is one too many, and not read: {name}");
            self.note(position, message, "an article can have 1000 of them");
            self.article.missing_includes.push(wanted);
            return;
        }
        self.reading.push(name.clone());
        self.text(&name, &text);
        self.reading.pop();
    }

    fn note(&mut self, position: Position, message: String, help: &str) {
        self.article.diagnostics.push(Note {
            position,
            message,
            help: Some(help.to_owned()),
        });
    }

    fn finish(mut self) -> Article {
        for zone in std::mem::take(&mut self.zones) {
            self.note(
                zone.opened,
                "this zone is not closed".into(),
                "add `::: zone-end`",
            );
        }
        if let Some(tab) = self.tab.take() {
            self.note(
                tab.opened,
                "this tab group is not closed".into(),
                "add a line `---`",
            );
        }
        if self.article.title.is_empty() {
            let title = self
                .article
                .front_matter
                .iter()
                .find(|(key, _)| key == "title");
            self.article.title = title.map_or_else(String::new, |(_, value)| value.clone());
        }
        role::assign(&mut self.article);
        self.article
    }
}

/// The text with `\n` for each lone `\r`, which the parser does not take for a line end everywhere.
/// No byte moves.
fn unify_line_ends(text: &str) -> Cow<'_, str> {
    if !text.replace("\r\n", "").contains('\r') {
        return Cow::Borrowed(text);
    }
    let mut chars = text.chars().peekable();
    let mut unified = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        unified.push(if c == '\r' && chars.peek() != Some(&'\n') {
            '\n'
        } else {
            c
        });
    }
    Cow::Owned(unified)
}

/// Adds the lines of a piece of code. The text is taken from the source, not from the event, so
/// that a position always points at exactly the text it stands for.
fn add_code(block: &mut Block, file: &str, index: &LineIndex<'_>, range: &Range<usize>) {
    let last = index.line_of(range.end.saturating_sub(1).max(range.start));
    for line in index.line_of(range.start)..=last {
        let start = range.start.max(index.start(line));
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
    let length = opening.chars().take_while(|c| *c == mark).count();
    let first = index.line_of(range.start);
    let last = index.line_of(range.end.saturating_sub(1).max(range.start));
    let closing = index
        .line(last)
        .trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    let closing = closing.trim_end();
    last > first && closing.chars().count() >= length && closing.chars().all(|c| c == mark)
}
