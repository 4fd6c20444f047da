//! Who sees what is being read: [`Places`] keeps the open zones and tabs.

use super::article::{Article, Tab, TabGroup, TabPlace, Visibility};
use super::text::{Problem, ProblemKind};
use crate::source::Span;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The zones and tabs that are open.
#[derive(Default)]
pub(super) struct Places {
    zones: Vec<OpenZone>,
    tabs: Vec<OpenTab>,
    /// Every pivot named so far.
    pivots: HashSet<String>,
    /// What the text that is being read may close: an include closes nothing around it.
    floor: Floor,
    /// How many headings came that are no tabs.
    headings: usize,
    /// Tabs that ended at their first heading: what follows it is to be moved out of them.
    ended: Vec<Ended>,
}

/// A tab that ended at its first heading.
struct Ended {
    tab: TabPlace,
    /// The tab around it.
    outer: Option<TabPlace>,
    heading: Heading,
    /// How much there was of everything when that was found.
    end: Counts,
}

/// The first heading in a tab.
struct Heading {
    /// Which heading it was.
    number: usize,
    /// How much there was of everything.
    start: Counts,
}

/// How many zones and tabs were open when a text began.
#[derive(Default, Clone, Copy)]
pub(super) struct Floor {
    zones: usize,
    tabs: usize,
}

struct OpenZone {
    opened: Span,
    /// The pivots for which it and every zone around it are shown; none if all of them are for all.
    shown: Option<Arc<[String]>>,
    /// How many tabs were open around it.
    tabs: usize,
}

struct OpenTab {
    place: TabPlace,
    /// How deep in lists and quotes the group stands.
    depth: usize,
    /// The heading of the tab.
    opened: Span,
    /// The tabs that the group has.
    known: HashSet<(Vec<String>, Option<String>)>,
    /// A tab before this one has headings of its own.
    earlier_headings: bool,
    /// The first heading in this tab.
    heading: Option<Heading>,
}

/// How much there is of everything that has a visibility.
struct Counts {
    blocks: usize,
    prose: usize,
    inline_code: usize,
    tables: usize,
    comments: usize,
    missing_includes: usize,
    tab_groups: usize,
}

impl Places {
    /// Who sees what comes next.
    pub(super) fn visibility(&self) -> Visibility {
        Visibility {
            tab: self.tabs.last().map(|tab| tab.place),
            pivots: self.zones.last().and_then(|zone| zone.shown.clone()),
        }
    }

    /// Begins a text within another.
    pub(super) fn enter(&mut self) -> Floor {
        let outer = self.floor;
        self.floor = Floor {
            zones: self.zones.len(),
            tabs: self.tabs.len(),
        };
        outer
    }

    /// Ends a text: what it left open is closed.
    pub(super) fn leave(&mut self, outer: Floor, article: &mut Article) {
        while self.zones.len() > self.floor.zones
            && let Some(zone) = self.zones.pop()
        {
            self.close_tabs(zone.tabs, article);
            let kind = ProblemKind::UnclosedZone;
            let span = zone.opened;
            article.problems.push(Problem { kind, span });
        }
        self.close_tabs(self.floor.tabs, article);
        self.floor = outer;
    }

    /// Opens a zone: for these pivots, or for everyone.
    pub(super) fn open_zone(
        &mut self,
        opened: Span,
        pivots: Option<Vec<String>>,
        article: &mut Article,
    ) {
        for pivot in pivots.iter().flatten() {
            if self.pivots.insert(pivot.clone()) {
                article.pivots.push(pivot.clone());
            }
        }
        let around = self.zones.last().and_then(|zone| zone.shown.clone());
        let shown = match (around, pivots) {
            (around, None) => around,
            (None, Some(own)) => Some(own.into()),
            (Some(around), Some(own)) => {
                let around: HashSet<&String> = around.iter().collect();
                let both = own.into_iter().filter(|pivot| around.contains(pivot));
                Some(both.collect())
            }
        };
        let tabs = self.tabs.len();
        self.zones.push(OpenZone {
            opened,
            shown,
            tabs,
        });
    }

    /// Closes the innermost zone, and the tabs in it.
    pub(super) fn close_zone(&mut self, at: Span, article: &mut Article) {
        if self.zones.len() > self.floor.zones
            && let Some(zone) = self.zones.pop()
        {
            self.close_tabs(zone.tabs, article);
        } else {
            let kind = ProblemKind::UnmatchedZoneEnd;
            article.problems.push(Problem { kind, span: at });
        }
    }

    /// Opens a tab: of the group that is open at this depth, or of a new one.
    pub(super) fn open_tab(&mut self, tab: Tab, depth: usize, at: Span, article: &mut Article) {
        let floor = self.tab_floor();
        while self.tabs.len() > floor && self.tabs.last().is_some_and(|open| open.depth > depth) {
            self.close_tabs(self.tabs.len() - 1, article);
        }
        let key = (tab.ids.clone(), tab.depends.clone());
        let joins =
            self.tabs.len() > floor && self.tabs.last().is_some_and(|open| open.depth == depth);
        if joins
            && self
                .tabs
                .last()
                .is_some_and(|open| open.known.contains(&key))
        {
            // The same tab again: the author has begun another group.
            if let Some(open) = self.tabs.pop() {
                self.end_early(open, article);
            }
        } else if joins
            && let Some(open) = self.tabs.last_mut()
            && let Some(group) = article.tab_groups.get_mut(open.place.group)
        {
            group.tabs.push(tab);
            open.place.tab = group.tabs.len() - 1;
            open.opened = at;
            open.known.insert(key);
            open.earlier_headings |= open.heading.take().is_some();
            return;
        }
        article.tab_groups.push(TabGroup {
            tabs: vec![tab],
            within: self.tabs.last().map(|open| open.place),
        });
        self.tabs.push(OpenTab {
            place: TabPlace {
                group: article.tab_groups.len() - 1,
                tab: 0,
            },
            depth,
            opened: at,
            known: HashSet::from([key]),
            earlier_headings: false,
            heading: None,
        });
    }

    /// A heading that is no tab.
    pub(super) fn heading(&mut self, article: &Article) {
        self.headings += 1;
        if let Some(tab) = self.tabs.last_mut()
            && tab.heading.is_none()
        {
            tab.heading = Some(Heading {
                number: self.headings,
                start: Counts::of(article),
            });
        }
    }

    /// A `---`: closes the innermost group.
    pub(super) fn rule(&mut self, depth: usize) {
        if self.tabs.len() > self.tab_floor()
            && self.tabs.last().is_some_and(|tab| depth <= tab.depth)
        {
            self.tabs.pop();
        }
    }

    /// A list or quote has ended: what is now deeper than `depth` is over.
    pub(super) fn container_end(&mut self, depth: usize, article: &mut Article) {
        let floor = self.tab_floor();
        while self.tabs.len() > floor && self.tabs.last().is_some_and(|tab| tab.depth > depth) {
            self.close_tabs(self.tabs.len() - 1, article);
        }
    }

    fn tab_floor(&self) -> usize {
        let zone = self.zones.last().map_or(0, |zone| zone.tabs);
        zone.max(self.floor.tabs)
    }

    /// Closes groups that have no `---` until `left` are open. That is no defect where nothing
    /// follows; but where only the last tab has headings, they are no part of it.
    fn close_tabs(&mut self, left: usize, article: &mut Article) {
        while self.tabs.len() > left
            && let Some(open) = self.tabs.pop()
        {
            if open.place.tab > 0 && !open.earlier_headings && open.heading.is_some() {
                self.end_early(open, article);
            }
        }
    }

    /// Ends a group where its author most likely meant to: at the first heading in its last tab.
    fn end_early(&mut self, open: OpenTab, article: &mut Article) {
        if let Some(heading) = open.heading {
            self.ended.push(Ended {
                tab: open.place,
                outer: self.tabs.last().map(|tab| tab.place),
                heading,
                end: Counts::of(article),
            });
        }
        article.problems.push(Problem {
            kind: ProblemKind::UnclosedTabGroup,
            span: open.opened,
        });
    }

    /// Moves what stands behind the first heading of a tab that ended there to the tab around it.
    /// All of them at once: what stands in many would be moved many times.
    pub(super) fn finish(self, article: &mut Article) {
        let mut moves = Moves::new();
        // A tab ends before the one around it, which may have ended early too.
        for ended in self.ended.into_iter().rev() {
            let around = ended.outer.and_then(|outer| moves.get(&outer));
            let around = around.filter(|around| around.number < ended.heading.number);
            let to = around.map_or(ended.outer, |around| around.to);
            let Heading { number, start } = ended.heading;
            let end = ended.end;
            let one = Move {
                number,
                start,
                end,
                to,
            };
            moves.insert(ended.tab, one);
        }
        if moves.is_empty() {
            return;
        }
        let blocks = article.blocks.iter_mut().map(|block| &mut block.visibility);
        move_each(blocks, &moves, |counts| counts.blocks);
        let prose = article.prose.iter_mut().map(|prose| &mut prose.visibility);
        move_each(prose, &moves, |counts| counts.prose);
        let inline_code = article.inline_code.iter_mut();
        let inline_code = inline_code.map(|code| &mut code.visibility);
        move_each(inline_code, &moves, |counts| counts.inline_code);
        let tables = article.tables.iter_mut().map(|table| &mut table.visibility);
        move_each(tables, &moves, |counts| counts.tables);
        let comments = article.comments.iter_mut();
        let comments = comments.map(|comment| &mut comment.visibility);
        move_each(comments, &moves, |counts| counts.comments);
        let missing = article.missing_includes.iter_mut();
        let missing = missing.map(|missing| &mut missing.visibility);
        move_each(missing, &moves, |counts| counts.missing_includes);
        let groups = article.tab_groups.iter_mut().map(|group| &mut group.within);
        move_tabs(groups, &moves, |counts| counts.tab_groups);
    }
}

impl Counts {
    fn of(article: &Article) -> Self {
        Self {
            blocks: article.blocks.len(),
            prose: article.prose.len(),
            inline_code: article.inline_code.len(),
            tables: article.tables.len(),
            comments: article.comments.len(),
            missing_includes: article.missing_includes.len(),
            tab_groups: article.tab_groups.len(),
        }
    }
}

/// What moves out of a tab.
struct Move {
    /// The heading that it begins at.
    number: usize,
    start: Counts,
    end: Counts,
    to: Option<TabPlace>,
}

type Moves = HashMap<TabPlace, Move>;

fn move_each<'a>(
    all: impl Iterator<Item = &'a mut Visibility>,
    moves: &Moves,
    count: fn(&Counts) -> usize,
) {
    move_tabs(all.map(|visibility| &mut visibility.tab), moves, count);
}

fn move_tabs<'a>(
    all: impl Iterator<Item = &'a mut Option<TabPlace>>,
    moves: &Moves,
    count: fn(&Counts) -> usize,
) {
    for (index, tab) in all.enumerate() {
        if let Some(one) = tab.and_then(|tab| moves.get(&tab))
            && (count(&one.start)..count(&one.end)).contains(&index)
        {
            *tab = one.to;
        }
    }
}
