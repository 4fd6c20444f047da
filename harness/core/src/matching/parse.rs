//! JSON as articles show it → [`Document`]: elisions, trailing commas, missing outer braces.

use super::align::Item;
use super::hole::PLACEHOLDER;
use super::node::{Document, Kind, Member, Node, Object, holds_seconds};
use super::text::TextPattern;
use crate::scenario::Sample;
use crate::source::Position;

/// As deep as `serde_json` reads the output.
const MAX_DEPTH: usize = 128;

/// A sample's text, each byte with its place in the article.
pub(super) struct Source {
    text: String,
    starts: Vec<(usize, Position)>,
    start: Position,
}

impl Source {
    pub(super) fn new(sample: &Sample) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        for line in &sample.lines {
            starts.push((text.len(), line.position.clone()));
            text.push_str(&line.text);
            text.push('\n');
        }
        Self {
            text,
            starts,
            start: sample.position.clone(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|(start, _)| *start <= offset);
        let Some((start, position)) = line.checked_sub(1).and_then(|n| self.starts.get(n)) else {
            return self.start.clone();
        };
        let characters = self
            .text
            .get(*start..offset)
            .map_or(0, |text| text.chars().count());
        let column = position
            .column
            .saturating_add(u32::try_from(characters).unwrap_or(0));
        Position {
            column,
            ..position.clone()
        }
    }
}

/// What the sample says as JSON; `None` if it is something else.
pub(super) fn parse(source: &Source) -> Option<Document> {
    Parser::new(source).document()
}

/// What is wrong with JSON that can still be understood, at a byte of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// No comma between two members or items.
    MissingComma,
    /// A comma behind the last member or item.
    TrailingComma,
    /// `}` or `]` that closes nothing.
    NotOpened,
    /// `{` or `[` without its end.
    NotClosed,
}

/// Reads a text as the JSON of a sample and tells what it forgave, in no particular order.
///
/// # Errors
/// How far the text can be read, if it cannot be understood as JSON.
pub(crate) fn slips(text: &str) -> Result<Vec<(usize, Slip)>, usize> {
    let source = Source {
        text: text.to_owned(),
        starts: Vec::new(),
        start: Position {
            file: String::new(),
            line: 1,
            column: 1,
        },
    };
    let mut parser = Parser::new(&source);
    match parser.document() {
        Some(_) => Ok(parser.slips),
        None => Err(parser.at),
    }
}

/// The elision that a line is, or that stands at the beginning of a text: its length.
pub(super) fn elision(text: &str) -> Option<usize> {
    for (open, close) in [
        ("[", "]"),
        ("<", ">"),
        ("(", ")"),
        ("//", ""),
        ("#", ""),
        ("", ""),
    ] {
        let Some(inner) = text.strip_prefix(open) else {
            continue;
        };
        let inner = inner.trim_start_matches([' ', '\t']);
        let after = inner.trim_start_matches(['.', '…']);
        let dots = &inner[..inner.len() - after.len()];
        let rest = after.trim_start_matches([' ', '\t']);
        if (dots.len() >= 3 || dots.contains('…'))
            && let Some(rest) = rest.strip_prefix(close)
        {
            let rest = if close.is_empty() { after } else { rest };
            return Some(text.len() - rest.len());
        }
    }
    None
}

struct Parser<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    slips: Vec<(usize, Slip)>,
}

/// What stands before a member or item in its object or array.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    Gap,
    /// Another one, which ends here.
    Shown(usize),
}

enum Top {
    Gap,
    Member(Member),
    Value(Node),
}

impl<'s> Parser<'s> {
    fn new(source: &'s Source) -> Self {
        Self {
            source,
            text: &source.text,
            at: 0,
            slips: Vec::new(),
        }
    }

    fn document(&mut self) -> Option<Document> {
        let mut tops = Vec::new();
        loop {
            self.skip_filler();
            // A fragment may close what it did not open.
            while self.rest().starts_with(['}', ']']) {
                self.slips.push((self.at, Slip::NotOpened));
                self.at += 1;
                self.skip_filler();
            }
            if self.rest().is_empty() {
                break;
            }
            tops.push(if self.gap() { Top::Gap } else { self.top()? });
        }
        let members = tops.iter().any(|top| matches!(top, Top::Member(_)));
        let values = tops.iter().any(|top| matches!(top, Top::Value(_)));
        let gaps = tops.iter().any(|top| matches!(top, Top::Gap));
        if members == values {
            return None;
        }
        let mut groups = vec![Object {
            members: Vec::new(),
            open: true,
        }];
        let mut nodes = Vec::new();
        for top in tops {
            match top {
                Top::Gap => groups.push(Object {
                    members: Vec::new(),
                    open: true,
                }),
                Top::Member(member) => {
                    if let Some(group) = groups.last_mut() {
                        group.members.push(member);
                    }
                }
                Top::Value(node) => nodes.push(node),
            }
        }
        groups.retain(|group| !group.members.is_empty());
        Some(match (members, gaps) {
            (true, _) => Document::Members(groups),
            (false, true) => Document::Somewhere(nodes),
            (false, false) => Document::Values(nodes),
        })
    }

    fn top(&mut self) -> Option<Top> {
        let at = self.at;
        if self.rest().starts_with('"') {
            self.string()?;
            self.skip_space();
            let keyed = self.rest().starts_with(':');
            self.at = at;
            if keyed {
                return self.member(0).map(Top::Member);
            }
        } else if !self.rest().starts_with(['{', '[']) {
            // A lone word or number is text as well as JSON, and text is the stricter reading.
            return None;
        }
        self.value(None, 0).map(Top::Value)
    }

    fn member(&mut self, depth: usize) -> Option<Member> {
        let position = self.position();
        let key = self.string()?;
        self.skip_space();
        self.eat(':').then_some(())?;
        self.skip_space();
        let value = self.value(Some(&key), depth)?;
        Some(Member {
            position,
            key: TextPattern::new(&key),
            value,
        })
    }

    fn value(&mut self, key: Option<&str>, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let position = self.position();
        let rest = self.rest();
        let seconds = key.is_some_and(holds_seconds);
        let kind = match rest.chars().next()? {
            '{' => Kind::Object(self.object(depth)?),
            '[' => Kind::Array(self.array(depth)?),
            '"' => {
                let text = self.string()?;
                if seconds && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                    Kind::Seconds {
                        quoted: true,
                        source: format!("\"{text}\""),
                    }
                } else {
                    Kind::Text(TextPattern::new(&text))
                }
            }
            '-' | '0'..='9' => {
                let word = self.word(|c| c.is_ascii_digit() || "+-.eE".contains(c));
                let number: serde_json::Number = serde_json::from_str(word).ok()?;
                match number.is_u64() && seconds {
                    true => Kind::Seconds {
                        quoted: false,
                        source: word.to_owned(),
                    },
                    false => Kind::Number(number),
                }
            }
            '.' | '…' => {
                let length = elision(rest)?;
                self.at += length;
                Kind::Any(TextPattern::new("..."))
            }
            '<' => {
                let length = PLACEHOLDER.find(rest)?.len();
                self.at += length;
                Kind::Any(TextPattern::new(&rest[..length]))
            }
            _ => match self.word(|c| c.is_ascii_alphanumeric()) {
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                _ => return None,
            },
        };
        Some(Node { position, kind })
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        let mut object = Object {
            members: Vec::new(),
            open: false,
        };
        let open = self.at;
        self.eat('{');
        let mut before = Before::Nothing;
        loop {
            let comma = self.skip_filler();
            // A brace that is missing at the end of the sample was forgotten.
            if self.rest().is_empty() {
                self.slips.push((open, Slip::NotClosed));
                return Some(object);
            }
            if self.rest().starts_with('}') {
                self.end(before, comma);
                return Some(object);
            }
            if self.gap() {
                object.open = true;
                before = Before::Gap;
            } else {
                self.next(before, comma);
                object.members.push(self.member(depth + 1)?);
                before = Before::Shown(self.at);
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Vec<Item<Node>>> {
        let mut items = Vec::new();
        let open = self.at;
        self.eat('[');
        let mut before = Before::Nothing;
        loop {
            let comma = self.skip_filler();
            if self.rest().is_empty() {
                self.slips.push((open, Slip::NotClosed));
                return Some(items);
            }
            if self.rest().starts_with(']') {
                self.end(before, comma);
                return Some(items);
            }
            items.push(if self.gap() {
                before = Before::Gap;
                Item::Gap
            } else {
                self.next(before, comma);
                let value = self.value(None, depth + 1)?;
                before = Before::Shown(self.at);
                Item::Shown(value)
            });
        }
    }

    /// Steps over the end of an object or array.
    fn end(&mut self, before: Before, comma: Option<usize>) {
        if let (Before::Shown(_), Some(comma)) = (before, comma) {
            self.slips.push((comma, Slip::TrailingComma));
        }
        self.at += 1;
    }

    /// Looks at what stands before the next member or item.
    fn next(&mut self, before: Before, comma: Option<usize>) {
        if let (Before::Shown(end), None) = (before, comma) {
            self.slips.push((end, Slip::MissingComma));
        }
    }

    /// The text between the quotes that stand here.
    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let inner = rest.strip_prefix('"')?;
        let mut escaped = false;
        let end = inner.find(|c| {
            let found = (c == '"' && !escaped) || c == '\n';
            escaped = c == '\\' && !escaped;
            found
        })?;
        inner[end..].starts_with('"').then_some(())?;
        let whole = &rest[..end + 2];
        self.at += whole.len();
        // An escape that JSON does not know is taken as it is written.
        Some(serde_json::from_str(whole).unwrap_or_else(|_| inner[..end].to_owned()))
    }

    fn gap(&mut self) -> bool {
        let length = elision(self.rest());
        self.at += length.unwrap_or(0);
        length.is_some()
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn position(&self) -> Position {
        self.source.position(self.at)
    }

    fn word(&mut self, fits: impl Fn(char) -> bool) -> &'s str {
        let from = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !fits(c)).unwrap_or(rest.len());
        &self.text[from..self.at]
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// White space, commas and comments that are no elisions; tells where the first comma stands.
    fn skip_filler(&mut self) -> Option<usize> {
        let mut comma = None;
        loop {
            self.skip_space();
            let rest = self.rest();
            let at = self.at;
            if rest.starts_with("//") && elision(rest).is_none() {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if self.eat(',') {
                comma.get_or_insert(at);
            } else {
                return comma;
            }
        }
    }
}
