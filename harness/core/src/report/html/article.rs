//! The article as its reader sees it, with its blocks' verdicts: [`Rendering`].
//!
//! It is read a second time as `crate::markdown` reads it, and written as HTML; who sees what is looked up in
//! the [`Article`](crate::markdown::Article) that came of the first reading, place by place.

use super::block;
use super::findings::Findings;
use super::inline::{Inline, html_text};
use super::out::{Out, escape};
use super::result::{Above, result};
use super::sees::{Sees, tab_class};
use super::source::Source;
use super::walks::Walks;
use crate::markdown::learn::{self, Directive};
use crate::markdown::lines::LineIndex;
use crate::markdown::meant;
use crate::markdown::{TabPlace, Visibility};
use crate::source::Position;
use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use std::ops::Range;

/// How many lines of text ahead of the last one another is looked for.
const AHEAD: usize = 400;

/// Includes within includes beyond this are a loop.
const DEEPEST: usize = 16;

/// The article on its way into HTML.
pub(super) struct Rendering<'a, 'w, 'r> {
    pub(super) source: &'a Source,
    pub(super) walks: &'w mut Walks<'r>,
    pub(super) findings: Findings<'a>,
    pub(super) sees: Sees,
    pub(super) out: Out,
    next_block: usize,
    next_section: usize,
    /// The line of text that was found last.
    prose: usize,
    now: Visibility,
    /// How many lists and quotes are open.
    depth: usize,
    level: u8,
    /// How many tabs of each group came.
    begun: Vec<usize>,
    reading: usize,
}

/// What is being read of one text.
pub(super) struct Flow<'t> {
    pub(super) file: &'t str,
    pub(super) index: &'t LineIndex<'t>,
    /// Within a paragraph: whether its tag has been written.
    paragraph: Option<bool>,
    /// Parts of the text that are no text: Learn's own.
    pub(super) skipped: Vec<Range<usize>>,
    /// What stands on lines of Learn's own, and is written where no words are open: by where it stands.
    pending: Vec<(usize, Own)>,
    /// What is said of the images that stand within lines, by where they stand.
    pub(super) images: Vec<(usize, String)>,
    /// How many tags are open that hold words only.
    pub(super) inner: usize,
    next_line: usize,
    /// Within a heading that is shown.
    heading: bool,
    /// Within a fenced block, which is written already.
    fenced: bool,
    /// HTML that is being gathered.
    html: Option<String>,
    /// What the open links end with.
    pub(super) links: Vec<&'static str>,
    /// The tag of cells: `th` or `td`.
    cell: &'static str,
    open_cell: &'static str,
}

/// What a line of Learn's own puts into the text.
enum Own {
    Include(String),
    /// A block of another file; the line's place and the file.
    Code(Position, String),
    /// A paragraph of the report's own, with its class.
    Aside(&'static str, String),
}

impl<'a, 'w, 'r> Rendering<'a, 'w, 'r> {
    pub(super) fn new(source: &'a Source, walks: &'w mut Walks<'r>) -> Self {
        Self {
            findings: Findings::new(&source.findings, &source.mask),
            begun: vec![0; source.article.tab_groups.len()],
            source,
            walks,
            sees: Sees::default(),
            out: Out::default(),
            next_block: 0,
            next_section: 0,
            prose: 0,
            now: Visibility::default(),
            depth: 0,
            level: 1,
            reading: 0,
        }
    }

    /// Writes the whole article.
    pub(super) fn article(&mut self) {
        let source = self.source;
        let file = &source.article.file;
        self.out.raw("<section>\n");
        self.text(file, source.text(file).unwrap_or_default());
        self.out.raw("</section>\n");
    }

    fn text(&mut self, file: &str, text: &str) {
        self.reading += 1;
        meant::read(file, text, |index, head, _| self.body(file, index, head));
        self.reading -= 1;
    }

    fn body(&mut self, file: &str, index: &LineIndex<'_>, head: usize) {
        let mut flow = Flow {
            file,
            index,
            paragraph: None,
            skipped: Vec::new(),
            pending: Vec::new(),
            images: Vec::new(),
            inner: 0,
            next_line: 0,
            heading: false,
            fenced: false,
            html: None,
            links: Vec::new(),
            cell: "td",
            open_cell: "td",
        };
        for (event, range) in meant::events(index, head) {
            if flow.fenced && !matches!(event, Event::End(TagEnd::CodeBlock)) {
                continue;
            }
            match event {
                Event::Start(tag) => self.start(&mut flow, tag, range),
                Event::End(tag) => self.end(&mut flow, tag, range),
                Event::Text(words) if flow.html.is_none() => {
                    self.learn(&mut flow, range.start);
                    self.inline(&mut flow, &range, Inline::Text(&words));
                }
                Event::Code(words) => self.inline(&mut flow, &range, Inline::Code(&words)),
                Event::InlineHtml(tag) => self.inline(&mut flow, &range, Inline::Html(&tag)),
                Event::Html(text) | Event::Text(text) => {
                    if let Some(html) = &mut flow.html {
                        html.push_str(&text);
                    }
                }
                Event::SoftBreak => self.inline(&mut flow, &range, Inline::Space),
                Event::HardBreak => self.inline(&mut flow, &range, Inline::Break),
                // What ends a group of tabs is no rule.
                Event::Rule if self.now.tab.is_none() => self.out.raw("<hr>\n"),
                _ => {}
            }
        }
    }

    fn start(&mut self, flow: &mut Flow<'_>, tag: Tag<'_>, range: Range<usize>) {
        if flow.inner == 0 {
            self.splice(flow, range.start);
        }
        flow.inner += usize::from(matches!(
            tag,
            Tag::Heading { .. }
                | Tag::Table(_)
                | Tag::Emphasis
                | Tag::Strong
                | Tag::Link { .. }
                | Tag::Image { .. }
        ));
        match tag {
            Tag::Paragraph => flow.paragraph = Some(false),
            Tag::Heading { level, .. } => self.heading(flow, level as u8, &range),
            Tag::BlockQuote(_) => self.quote(flow, &range),
            Tag::List(first) => {
                let see = self.see(flow, range.start);
                match first {
                    Some(first) if first != 1 => self.out.raw(&format!(
                        "<ol start=\"{first}\"{}>\n",
                        class_attribute(&see)
                    )),
                    Some(_) => self.out.open("ol", &see),
                    None => self.out.open("ul", &see),
                }
                self.depth += 1;
            }
            Tag::Item => {
                let see = self.see(flow, range.start);
                self.out.open("li", &see);
                self.depth += 1;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
                flow.fenced = true;
                let text = flow.index.rest(range.start);
                let indent = text.len() - text.trim_start().len();
                let fence = flow.index.position(flow.file, range.start + indent);
                self.block(&fence);
            }
            Tag::CodeBlock(CodeBlockKind::Indented) | Tag::HtmlBlock => {
                flow.html = Some(String::new());
            }
            Tag::Table(_) => {
                let see = self.see(flow, range.start);
                self.out.open("table", &see);
            }
            Tag::TableHead => {
                flow.cell = "th";
                self.out.raw("<thead><tr>");
            }
            Tag::TableRow => {
                flow.cell = "td";
                self.out.raw("<tr>");
            }
            Tag::TableCell => {
                let text = flow.index.slice(range);
                let empty = text.trim_matches(['|', ' ', '\t']).is_empty();
                flow.open_cell = if empty { "td" } else { flow.cell };
                let scope = match flow.open_cell {
                    "th" => " scope=\"col\"",
                    _ => "",
                };
                self.out.raw(&format!("<{}{scope}>", flow.open_cell));
            }
            Tag::Emphasis => self.inline(flow, &range, Inline::Open("em")),
            Tag::Strong => self.inline(flow, &range, Inline::Open("strong")),
            Tag::Link { dest_url, .. } => self.inline(flow, &range, Inline::Link(&dest_url)),
            Tag::Image { .. } => self.inline(flow, &range, Inline::Image),
            _ => {}
        }
    }

    fn end(&mut self, flow: &mut Flow<'_>, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => {
                self.splice(flow, usize::MAX);
                if flow.paragraph.take() == Some(true) {
                    self.out.raw("</p>\n");
                }
                self.found(flow, &range);
            }
            TagEnd::Heading(_) => {
                flow.inner = flow.inner.saturating_sub(1);
                if std::mem::take(&mut flow.heading) {
                    self.out.raw(&format!("</h{}>\n", self.level));
                }
                self.splice(flow, usize::MAX);
                self.found(flow, &range);
            }
            TagEnd::BlockQuote(_) => {
                self.out.raw(match self.alert(flow, range.start) {
                    Some(_) => "</div>\n",
                    None => "</blockquote>\n",
                });
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::List(numbered) => {
                self.out.close(if numbered { "ol" } else { "ul" });
                self.out.raw("\n");
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::Item => {
                self.splice(flow, usize::MAX);
                self.found(flow, &range);
                self.done(flow, &range);
                self.out.raw("</li>\n");
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                flow.fenced = false;
                if let Some(text) = flow.html.take() {
                    let see = self.see(flow, range.start);
                    self.out.code(&see, text.trim_end());
                    self.found(flow, &range);
                }
            }
            TagEnd::HtmlBlock => {
                let html = html_text(&flow.html.take().unwrap_or_default());
                if !html.trim().is_empty() {
                    let see = self.see(flow, range.start);
                    self.out.open("div", &see);
                    self.out.raw(html.trim());
                    self.out.raw("</div>\n");
                }
                self.found(flow, &range);
            }
            TagEnd::Table => {
                flow.inner = flow.inner.saturating_sub(1);
                self.out.raw("</tbody></table>\n");
                self.splice(flow, usize::MAX);
                self.found(flow, &range);
            }
            TagEnd::TableHead => self.out.raw("</tr></thead><tbody>\n"),
            TagEnd::TableRow => self.out.raw("</tr>\n"),
            TagEnd::TableCell => self.out.close(flow.open_cell),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => {
                let end = match tag {
                    TagEnd::Emphasis => Inline::Close("em"),
                    TagEnd::Strong => Inline::Close("strong"),
                    TagEnd::Link => Inline::LinkEnd,
                    _ => Inline::Close("span"),
                };
                self.inline(flow, &range, end);
                flow.inner = flow.inner.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Opens the paragraph that something in a line is in, if it is not open yet.
    pub(super) fn touch(&mut self, flow: &mut Flow<'_>, offset: usize) {
        if flow.paragraph == Some(false) {
            flow.paragraph = Some(true);
            let see = self.see(flow, offset);
            self.out.open("p", &see);
        }
    }

    /// Whether a paragraph is waited for, or its tag written.
    pub(super) fn is_blank(flow: &Flow<'_>) -> bool {
        flow.paragraph == Some(false)
    }

    /// The class of those who see what stands at a place.
    fn see(&mut self, flow: &Flow<'_>, offset: usize) -> String {
        let at = flow.index.position(flow.file, offset);
        let prose = self.source.article.prose.iter().enumerate();
        let mut ahead = prose.skip(self.prose).take(AHEAD);
        let found = ahead
            .find(|(_, prose)| prose.position.line == at.line && prose.position.file == at.file);
        if let Some((number, prose)) = found {
            self.prose = number;
            self.now = prose.visibility.clone();
        }
        self.sees.class(&self.now)
    }

    fn heading(&mut self, flow: &mut Flow<'_>, level: u8, range: &Range<usize>) {
        let see = self.see(flow, range.start);
        let source = flow.index.rest(range.start);
        let tab = source.split_once("](#tab/").map(|(_, rest)| rest);
        if let Some((target, _)) = tab.and_then(|rest| rest.split_once(')')) {
            let whole = range.start..range.start + source.len();
            flow.skipped.push(whole);
            if let Some((ids, depends)) = learn::tab_link(&format!("#tab/{target}")) {
                self.tab(&ids, depends.as_deref());
            }
            return;
        }
        let section = self.source.article.sections.get(self.next_section);
        self.next_section += 1;
        if self.depth == 0 {
            self.out.raw("</section>\n<section>\n");
        }
        // The page itself has the title.
        if level == 1 && self.next_section == 1 {
            flow.skipped.push(range.clone());
            return;
        }
        flow.heading = true;
        self.level = level.clamp(2, self.level + 1);
        let slug = section.map_or("", |section| section.slug.as_str());
        self.out.raw(&format!(
            "<h{} id=\"s-{}\"{}>",
            self.level,
            escape(slug),
            class_attribute(format!("l{level} {see}").trim())
        ));
    }

    /// The title of a tab; with the first of a group, those of all.
    fn tab(&mut self, ids: &[String], depends: Option<&str>) {
        let groups = &self.source.article.tab_groups;
        let is = |group: usize, tab: usize| {
            let tab = groups.get(group).and_then(|group| group.tabs.get(tab));
            tab.is_some_and(|tab| tab.ids == ids && tab.depends.as_deref() == depends)
        };
        let begun = self.begun.iter().enumerate();
        let mut open = begun.clone().filter(|(_, begun)| **begun > 0).rev();
        let found = open.find(|(group, begun)| is(*group, **begun));
        let found = found.or_else(|| {
            let mut fresh = begun.filter(|(_, begun)| **begun == 0);
            fresh.find(|(group, _)| is(*group, 0))
        });
        let Some((group, tab)) = found.map(|(group, begun)| (group, *begun)) else {
            return;
        };
        if let Some(begun) = self.begun.get_mut(group) {
            *begun += 1;
        }
        let Some(all) = groups.get(group) else {
            return;
        };
        if tab == 0 {
            let visibility = Visibility {
                tab: all.within,
                pivots: self.now.pivots.clone(),
            };
            let see = self.sees.class(&visibility);
            self.out.open("p", format!("tabs {see}").trim());
            self.out.raw("<span class=\"hidden\">Tabs: </span>");
            for (tab, one) in all.tabs.iter().enumerate() {
                let class = tab_class(TabPlace { group, tab });
                self.out.element("span", &class, &one.title);
                self.out.raw(" ");
            }
            self.out.raw("</p>\n");
        }
        if let Some(one) = all.tabs.get(tab) {
            let title = format!("Tab: {}", one.title);
            self.out.element("p", "label", &title);
        }
    }

    fn quote(&mut self, flow: &mut Flow<'_>, range: &Range<usize>) {
        let see = self.see(flow, range.start);
        match self.alert(flow, range.start) {
            Some((kind, mark)) => {
                flow.skipped.push(mark);
                let title = match kind {
                    "note" => "Note",
                    "tip" => "Tip",
                    "important" => "Important",
                    "warning" => "Warning",
                    "caution" => "Caution",
                    _ => "",
                };
                self.out.open("div", format!("alert {kind} {see}").trim());
                if !title.is_empty() {
                    self.out.element("p", "alert-title", title);
                }
            }
            None => self.out.open("blockquote", &see),
        }
        self.depth += 1;
    }

    /// What a quote is, if it is one of Learn's own: `[!NOTE]`; and where that stands.
    fn alert(&self, flow: &Flow<'_>, start: usize) -> Option<(&'static str, Range<usize>)> {
        let line = flow.index.rest(start);
        let rest = line.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
        let inside = rest.strip_prefix("[!")?;
        let (words, _) = inside.split_once(']')?;
        let name = words.split([' ', '\t']).next().unwrap_or_default();
        let kind = match name.to_ascii_lowercase().as_str() {
            "note" => "note",
            "tip" => "tip",
            "important" => "important",
            "warning" => "warning",
            "caution" => "caution",
            "div" => "div",
            _ => return None,
        };
        let at = start + line.len() - rest.len();
        Some((kind, at..at + "[!".len() + words.len() + "]".len()))
    }

    /// Does what a line of Learn's own says, once, at the first words on it.
    fn learn(&mut self, flow: &mut Flow<'_>, offset: usize) {
        let line = flow.index.line_of(offset);
        if line < flow.next_line || flow.is_skipped(offset) {
            return;
        }
        flow.next_line = line + 1;
        let (text, start) = (flow.index.line(line), flow.index.start(line));
        let indent = text.len() - text.trim_start().len();
        let Some(directive) = learn::directive(text) else {
            for include in learn::includes(text) {
                let at = start + include.range.start;
                flow.skipped.push(at..start + include.range.end);
                flow.pending.push((at, Own::Include(include.path)));
            }
            flow.images_in(text, start);
            return;
        };
        flow.skipped.push(start..start + text.len().max(1));
        let own = match directive {
            Directive::Zone(pivots) => {
                Own::Aside("label", format!("Pivot: {}", pivots.join(" or ")))
            }
            Directive::Code(snippet) => {
                let at = flow.index.position(flow.file, start + indent);
                Own::Code(at, snippet.source)
            }
            Directive::Other => match learn::attribute(text, "alt-text") {
                Some(words) => Own::Aside("image", format!("Image: {words}")),
                None => return,
            },
            Directive::Hidden | Directive::Shown | Directive::ZoneEnd => return,
        };
        flow.pending.push((start, own));
    }

    /// A paragraph of the report's own.
    fn aside(&mut self, class: &str, text: &str, flow: &mut Flow<'_>) {
        self.close_paragraph(flow);
        let see = match class {
            "label" => String::new(),
            _ => self.sees.class(&self.now),
        };
        self.out.element("p", format!("{class} {see}").trim(), text);
        self.out.raw("\n");
    }

    fn close_paragraph(&mut self, flow: &mut Flow<'_>) {
        if flow.paragraph == Some(true) {
            self.out.raw("</p>\n");
            flow.paragraph = Some(false);
        }
    }

    /// Writes what lines of Learn's own, up to a place, put into the text.
    pub(super) fn splice(&mut self, flow: &mut Flow<'_>, before: usize) {
        while flow.pending.first().is_some_and(|(at, _)| *at <= before) {
            let (_, own) = flow.pending.remove(0);
            self.close_paragraph(flow);
            let path = match own {
                Own::Include(path) => path,
                Own::Aside(class, text) => {
                    self.aside(class, &text, flow);
                    continue;
                }
                Own::Code(at, source) => {
                    if !self.block(&at) {
                        let missing = format!("Code that is not at hand: {source}");
                        self.aside("missing", &missing, flow);
                    }
                    continue;
                }
            };
            let wanted = learn::include_file(flow.file, &path);
            match self.source.include(&wanted) {
                Some((name, text)) if self.reading < DEEPEST => self.text(&name, &text),
                _ => {
                    let missing = format!("An include that is not at hand: {path}");
                    self.aside("missing", &missing, flow);
                }
            }
        }
    }

    /// Writes the block whose fence stands here, if there is one.
    fn block(&mut self, fence: &Position) -> bool {
        let blocks = self.source.article.blocks.iter().enumerate();
        let mut ahead = blocks.skip(self.next_block);
        let Some((number, block)) = ahead.find(|(_, block)| block.fence == *fence) else {
            return false;
        };
        self.next_block = number + 1;
        self.now = block.visibility.clone();
        let see = self.sees.class(&block.visibility);
        let parts = (self.source, &mut *self.walks, &mut self.findings);
        block::block(block, number, &see, parts, &mut self.out);
        true
    }

    /// Writes what was found in some lines.
    fn found(&mut self, flow: &Flow<'_>, range: &Range<usize>) {
        let (first, last) = flow.lines(range);
        let found = self.findings.take(flow.file, first, last);
        self.findings.write(&found, &mut self.out);
    }

    /// Writes how the steps went that stand for instructions in some lines.
    fn done(&mut self, flow: &Flow<'_>, range: &Range<usize>) {
        let (first, last) = flow.lines(range);
        for line in first..=last {
            for at in self.walks.take(flow.file, line) {
                result(self.walks, at, &Above::NOTHING, &mut self.out);
            }
        }
    }
}

impl Flow<'_> {
    /// Keeps the images that stand within a line, `:::image …:::`, among its words.
    fn images_in(&mut self, line: &str, start: usize) {
        const MARK: &str = ":::";
        let mut from = 0;
        while let Some(at) = line.get(from..).and_then(|rest| rest.find(":::image")) {
            let at = from + at;
            let inside = line.get(at + MARK.len()..).unwrap_or_default();
            let Some(length) = inside.find(MARK) else {
                return;
            };
            let words = inside.get(..length).unwrap_or_default();
            from = at + MARK.len() + length + MARK.len();
            self.skipped.push(start + at..start + from);
            let said = learn::attribute(words, "alt-text").unwrap_or_default();
            self.images.push((start + at, said));
        }
    }

    fn is_skipped(&self, offset: usize) -> bool {
        self.skipped_to(offset).is_some()
    }

    /// Where what is skipped here ends.
    pub(super) fn skipped_to(&self, offset: usize) -> Option<usize> {
        let mut here = self.skipped.iter().filter(|range| range.contains(&offset));
        here.next().map(|range| range.end)
    }

    /// The first and the last line of a range, as the file has them.
    fn lines(&self, range: &Range<usize>) -> (u32, u32) {
        let first = self.index.position(self.file, range.start).line;
        let last = range.end.saturating_sub(1).max(range.start);
        (first, self.index.position(self.file, last).line)
    }
}

fn class_attribute(class: &str) -> String {
    match class {
        "" => String::new(),
        class => format!(" class=\"{}\"", escape(class)),
    }
}
