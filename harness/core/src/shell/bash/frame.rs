//! What is open around a command: a stack of [`Frame`]s.

use std::ops::Range;

/// A compound command that is open.
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// What opened it, and where.
    pub(super) opening: &'static str,
    pub(super) open: Range<usize>,
    /// Its first command.
    pub(super) start: usize,
    /// It may itself not run.
    pub(super) outer: bool,
    /// What is read now is a branch or a body.
    pub(super) branch: bool,
    pub(super) in_function: bool,
    /// Where the and-or list that it is in begins.
    pub(super) list_start: usize,
}

/// What is open, the innermost last.
#[derive(Default)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    /// How many of each kind, so that one that is not there need not be looked for.
    count: [usize; 5],
}

impl Frames {
    pub(super) fn last(&self) -> Option<&Frame> {
        self.frames.last()
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn push(&mut self, frame: Frame) {
        self.change(frame.kind, |count| count + 1);
        self.frames.push(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop()?;
        self.change(frame.kind, |count| count - 1);
        Some(frame)
    }

    pub(super) fn has(&self, kind: FrameKind) -> bool {
        self.count.get(kind.index()).is_some_and(|count| *count > 0)
    }

    fn change(&mut self, kind: FrameKind, change: impl Fn(usize) -> usize) {
        if let Some(count) = self.count.get_mut(kind.index()) {
            *count = change(*count);
        }
    }

    /// Makes the innermost `for` a group: `for x in a; { …; }`.
    pub(super) fn loop_to_group(&mut self) {
        if let Some(mut frame) = self.pop() {
            frame.kind = FrameKind::Group;
            frame.branch = true;
            self.push(frame);
        }
    }
}

impl FrameKind {
    pub(super) fn index(self) -> usize {
        match self {
            Self::If => 0,
            Self::Loop => 1,
            Self::Case { .. } => 2,
            Self::Group => 3,
            Self::Subshell => 4,
        }
    }
}

/// What a [`Frame`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// `if … fi`
    If,
    /// `for`, `select`, `while` and `until` to `done`.
    Loop,
    /// `case … esac`; a pattern comes next, or commands.
    Case { pattern: bool },
    /// `{ … }`
    Group,
    /// `( … )`
    Subshell,
}

impl Frame {
    /// Whether a command inside may not run.
    pub(super) fn conditional(&self) -> bool {
        self.outer || self.branch
    }
}
