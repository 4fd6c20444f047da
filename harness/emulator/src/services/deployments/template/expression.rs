//! The expressions of templates, `[concat('a', parameters('b'))]`, taken apart: [`parse`].

use std::fmt;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Text(String),
    Number(i64),
    /// `name(arguments)`.
    Call {
        name: String,
        arguments: Vec<Expression>,
    },
    /// `of.name`, and `of.?name` which is null where there is no such member.
    Member {
        of: Box<Expression>,
        name: String,
        safe: bool,
    },
    /// `of[index]`.
    Index {
        of: Box<Expression>,
        index: Box<Expression>,
    },
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// What was expected.
    pub(super) expected: &'static str,
    /// What is there instead; empty at the end.
    pub(super) actual: String,
    /// The byte of the text, behind its bracket, where it is.
    pub(super) at: usize,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actual = if self.actual.is_empty() {
            "the end"
        } else {
            &self.actual
        };
        write!(
            f,
            "expected {} at position {}, and there is {actual}",
            self.expected, self.at
        )
    }
}

/// More levels than any template has.
const DEEPEST: usize = 64;

/// What a text in a template is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning<'t> {
    /// Itself, without the bracket that `[[` escapes.
    Literal(&'t str),
    /// What this comes to.
    Expression(&'t str),
}

/// Tells expressions from other texts.
pub(super) fn meaning(text: &str) -> Meaning<'_> {
    match text.strip_prefix('[') {
        Some(rest) if rest.starts_with('[') => Meaning::Literal(rest),
        Some(rest) => match rest.strip_suffix(']') {
            Some(inner) => Meaning::Expression(inner),
            None => Meaning::Literal(text),
        },
        None => Meaning::Literal(text),
    }
}

/// Reads what stands between the brackets.
pub(super) fn parse(text: &str) -> Result<Expression, SyntaxError> {
    let mut parser = Parser { text, at: 0 };
    let expression = parser.expression(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.expected("the end of the expression")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character that is not white space.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.at += wanted.len_utf8();
        }
        there
    }

    fn expected(&self, expected: &'static str) -> SyntaxError {
        SyntaxError {
            expected,
            actual: self.rest().chars().take(16).collect(),
            at: self.at,
        }
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        if depth > DEEPEST {
            return Err(self.expected("an expression with fewer levels"));
        }
        let mut of = match self.peek() {
            Some('\'') => Expression::Text(self.quoted()?),
            Some(c) if c.is_ascii_digit() || c == '-' => Expression::Number(self.number()?),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => self.call(depth)?,
            _ => return Err(self.expected("a function, a text or a number")),
        };
        loop {
            if self.take('.') {
                let safe = self.take('?');
                let name = self.name();
                if name.is_empty() {
                    return Err(self.expected("the name of a member"));
                }
                of = Expression::Member {
                    of: Box::new(of),
                    name,
                    safe,
                };
            } else if self.take('[') {
                let index = self.expression(depth + 1)?;
                if !self.take(']') {
                    return Err(self.expected("`]`"));
                }
                of = Expression::Index {
                    of: Box::new(of),
                    index: Box::new(index),
                };
            } else {
                return Ok(of);
            }
        }
    }

    fn call(&mut self, depth: usize) -> Result<Expression, SyntaxError> {
        let mut name = self.name();
        // A function of the template's own: `contoso.unique('a')`.
        while self.rest().starts_with('.') {
            self.at += 1;
            name = format!("{name}.{}", self.name());
        }
        if !self.take('(') {
            return Err(self.expected("`(`"));
        }
        let mut arguments = Vec::new();
        while !self.take(')') {
            if !arguments.is_empty() && !self.take(',') {
                return Err(self.expected("`,` or `)`"));
            }
            arguments.push(self.expression(depth + 1)?);
        }
        Ok(Expression::Call { name, arguments })
    }

    fn name(&mut self) -> String {
        let name: String = self
            .rest()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        self.at += name.len();
        name
    }

    fn number(&mut self) -> Result<i64, SyntaxError> {
        let digits = |c: &char| c.is_ascii_digit();
        let sign = usize::from(self.rest().starts_with('-'));
        let length = sign + self.rest().chars().skip(sign).take_while(digits).count();
        let number = self.rest().get(..length).and_then(|text| text.parse().ok());
        let number = number.ok_or_else(|| self.expected("a whole number"))?;
        self.at += length;
        Ok(number)
    }

    /// A text in single quotes, which stand for one where there are two.
    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else {
                self.at = start;
                return Err(self.expected("a text with its closing quote"));
            };
            text.push_str(rest.get(..end).unwrap_or_default());
            let doubled = rest
                .get(end + 1..)
                .is_some_and(|rest| rest.starts_with('\''));
            self.at += end + 1;
            if !doubled {
                return Ok(text);
            }
            text.push('\'');
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_is_told_with_its_place() {
        for (text, expected, at) in [
            ("", "a function, a text or a number", 0),
            ("concat('a'", "`,` or `)`", 10),
            ("concat('a' 'b')", "`,` or `)`", 11),
            ("parameters", "`(`", 10),
            ("concat('a)", "a text with its closing quote", 7),
            ("f().", "the name of a member", 4),
            ("f()[0", "`]`", 5),
            ("f() g()", "the end of the expression", 4),
            ("concat(,)", "a function, a text or a number", 7),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.expected, error.at), (expected, at), "{text}");
        }
        assert!(parse(&"f(".repeat(1000)).is_err());
    }

    #[test]
    fn brackets_are_escaped_by_doubling() {
        assert_eq!(meaning("[[a]"), Meaning::Literal("[a]"));
        assert_eq!(meaning("[a] b"), Meaning::Literal("[a] b"));
        assert_eq!(meaning("[f()]"), Meaning::Expression("f()"));
    }

    #[test]
    fn calls_members_and_indices_nest() {
        let text = |text: &str| Expression::Text(text.to_owned());
        let call = |name: &str, arguments| Expression::Call {
            name: name.to_owned(),
            arguments,
        };
        assert_eq!(
            parse("concat( 'it''s', string(-1) )").unwrap(),
            call(
                "concat",
                vec![text("it's"), call("string", vec![Expression::Number(-1)])]
            )
        );
        assert_eq!(
            parse("a().b[0].?c").unwrap(),
            Expression::Member {
                of: Box::new(Expression::Index {
                    of: Box::new(Expression::Member {
                        of: Box::new(call("a", vec![])),
                        name: "b".to_owned(),
                        safe: false,
                    }),
                    index: Box::new(Expression::Number(0)),
                }),
                name: "c".to_owned(),
                safe: true,
            }
        );
    }
}
