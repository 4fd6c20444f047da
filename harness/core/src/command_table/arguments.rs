//! Reads the words behind a command's name as azure-cli's parser does, which is Python's
//! argparse: [`parse`]. Unlike it, this goes on behind what it does not understand.

use super::table::{Argument, Arity, Command, Kind};

/// A word of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What is written out of it: all, or what stands before the part that only running tells.
    pub text: String,
    /// Whether there is more than `text`.
    pub open: Open,
}

/// How much of a word only running tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Open {
    /// Nothing.
    No,
    /// What stands behind the text, within this one word.
    Rest,
    /// How many words there are: an unquoted variable, `"$@"`, an array.
    Words,
}

impl Given {
    /// A word that is written out.
    pub fn literal(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            open: Open::No,
        }
    }

    /// A word of which nothing is known but that it is one.
    pub fn value() -> Self {
        Self {
            text: String::new(),
            open: Open::Rest,
        }
    }
}

/// An argument with what was given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<'t> {
    /// The argument.
    pub argument: Argument<'t>,
    /// The word of the option; none for a positional argument.
    pub option: Option<usize>,
    /// The option as the table writes it, also where it is abbreviated.
    pub name: &'t str,
    /// The words that are its values.
    pub values: std::ops::Range<usize>,
    /// Where in the option's own word its value begins: `--name=value`, `-nvalue`.
    pub inline: Option<usize>,
}

/// What is wrong with a command's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem<'t> {
    /// An option that the command does not have.
    UnknownOption {
        /// The word.
        word: usize,
    },
    /// An abbreviation of several options.
    Ambiguous {
        /// The word.
        word: usize,
        /// The options it may mean.
        matches: Vec<&'t str>,
    },
    /// A value that belongs to nothing.
    Unexpected {
        /// The word.
        word: usize,
    },
    /// An option without a value, or with too few.
    MissingValue {
        /// The word of the option.
        word: usize,
        /// The argument.
        argument: Argument<'t>,
    },
    /// `--flag=value`
    FlagWithValue {
        /// The word.
        word: usize,
        /// The argument.
        argument: Argument<'t>,
    },
    /// A value that is not in the argument's list.
    InvalidChoice {
        /// The word.
        word: usize,
        /// The argument.
        argument: Argument<'t>,
        /// The value.
        value: String,
    },
    /// A value that is not a number.
    InvalidNumber {
        /// The word.
        word: usize,
        /// The argument.
        argument: Argument<'t>,
        /// The value.
        value: String,
    },
    /// An argument that must be given and is not.
    MissingRequired {
        /// The argument.
        argument: Argument<'t>,
        /// `--ids` would do as well.
        unless_ids: bool,
    },
}

/// A command's words, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed<'t> {
    /// What was given.
    pub bound: Vec<Bound<'t>>,
    /// What is wrong.
    pub problems: Vec<Problem<'t>>,
    /// There may be options that are not seen here.
    pub uncertain: bool,
    /// Help is asked for, so that nothing else counts.
    pub help: bool,
}

/// Reads the words behind a command's name.
pub fn parse<'t>(command: Command<'t>, words: &[Given]) -> Parsed<'t> {
    let mut options = Vec::new();
    let mut positional = None;
    for argument in command.arguments() {
        if argument.positional() {
            positional = Some(argument);
        } else {
            options.extend(argument.options().map(|option| (option.name, argument)));
        }
    }
    let mut reader = Reader {
        words,
        options,
        classes: Vec::with_capacity(words.len()),
        positional,
        parsed: Parsed::default(),
    };
    reader.classify();
    reader.consume();
    reader.require(command);
    reader.parsed
}

/// What a word is by its form.
#[derive(Debug, Clone, PartialEq)]
enum Class<'t> {
    /// A value.
    Value,
    /// `--`: what follows are values.
    Dashes,
    /// An option of the command; where a value begins in the same word.
    Option(&'t str, Argument<'t>, Option<usize>),
    /// `-h`, `--help`
    Help,
    /// An option, but none of this command; it has been reported.
    Unknown,
}

struct Reader<'t, 'w> {
    words: &'w [Given],
    options: Vec<(&'t str, Argument<'t>)>,
    classes: Vec<Class<'t>>,
    positional: Option<Argument<'t>>,
    parsed: Parsed<'t>,
}

/// Of a text that is no command line, the first problems say enough.
const MOST_PROBLEMS: usize = 64;

const HELP: [&str; 2] = ["--help", "-h"];

impl<'t> Reader<'t, '_> {
    fn problem(&mut self, problem: Problem<'t>) {
        if self.parsed.problems.len() < MOST_PROBLEMS {
            self.parsed.problems.push(problem);
        }
    }

    fn classify(&mut self) {
        let mut values_only = false;
        for (at, word) in self.words.iter().enumerate() {
            let mut class = if values_only {
                Class::Value
            } else if word.text == "--" && word.open == Open::No {
                values_only = true;
                Class::Dashes
            } else {
                self.class(at, word)
            };
            if let Class::Option(_, argument, _) = &class
                && argument.kind() == Kind::Refused
            {
                let problem = Problem::UnknownOption { word: at };
                self.problem(problem);
                class = Class::Unknown;
            }
            self.classes.push(class);
        }
    }

    fn class(&mut self, at: usize, word: &Given) -> Class<'t> {
        let text = word.text.as_str();
        if !text.starts_with('-') {
            return Class::Value;
        }
        let find = |name: &str| self.options.iter().find(|(option, _)| *option == name);
        if word.open == Open::No {
            if let Some((name, argument)) = find(text) {
                return Class::Option(name, *argument, None);
            }
            if HELP.contains(&text) {
                return Class::Help;
            }
            if text.len() == 1 {
                return Class::Value;
            }
        }
        let (name, inline) = match text.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (text, None),
        };
        if inline.is_some()
            && let Some((name, argument)) = find(name)
        {
            return Class::Option(name, *argument, inline);
        }
        if word.open != Open::No && inline.is_none() {
            return self.open_option(text);
        }
        let mut matches = self.abbreviated(text, name, inline);
        // `az` itself looks at every word before the command does.
        if name == "--o" {
            matches.push(("--output", None, None));
        }
        match matches.as_slice() {
            [(name, Some(argument), inline)] => return Class::Option(name, *argument, *inline),
            // `-hx`
            [(_, None, Some(_))] if !text.starts_with("--") => {}
            [(_, None, _)] => return Class::Help,
            [] => {}
            several => {
                let mut matches: Vec<&str> = several.iter().map(|(name, ..)| *name).collect();
                matches.sort_unstable();
                matches.dedup();
                let problem = Problem::Ambiguous { word: at, matches };
                self.problem(problem);
                return Class::Unknown;
            }
        }
        if is_negative_number(text) || text.contains(' ') {
            return Class::Value;
        }
        let problem = Problem::UnknownOption { word: at };
        self.problem(problem);
        Class::Unknown
    }

    /// The options that a word may abbreviate, each with where a value begins in the word.
    fn abbreviated(
        &self,
        text: &str,
        name: &str,
        inline: Option<usize>,
    ) -> Vec<(&'t str, Option<Argument<'t>>, Option<usize>)> {
        let all = self
            .options
            .iter()
            .map(|(option, argument)| (*option, Some(*argument)))
            .chain(HELP.map(|option| (option, None)));
        if text.starts_with("--") {
            return all
                .filter(|(option, _)| option.starts_with(name))
                .map(|(option, argument)| (option, argument, inline))
                .collect();
        }
        let second = text.char_indices().nth(2).map_or(text.len(), |(at, _)| at);
        let short = text.get(..second).unwrap_or(text);
        all.filter_map(|(option, argument)| {
            if option == short {
                Some((option, argument, Some(second)))
            } else if option.starts_with(text) {
                Some((option, argument, None))
            } else {
                None
            }
        })
        .collect()
    }

    /// `-g$NAME` is an option with its value; of `--$NAME` nothing is known.
    fn open_option(&mut self, text: &str) -> Class<'t> {
        let glued = self.options.iter().find(|(option, _)| *option == text);
        if let Some((name, argument)) = glued
            && text.len() == 2
        {
            return Class::Option(name, *argument, Some(text.len()));
        }
        self.parsed.uncertain = true;
        Class::Unknown
    }

    fn values_from(&self, start: usize) -> usize {
        let rest = self.classes.get(start..).unwrap_or_default();
        rest.iter()
            .take_while(|class| **class == Class::Value)
            .count()
    }

    fn is_option(&self, at: usize) -> bool {
        !matches!(
            self.classes.get(at),
            None | Some(Class::Value | Class::Dashes)
        )
    }

    fn consume(&mut self) {
        let last = (0..self.classes.len()).rev().find(|at| self.is_option(*at));
        let mut at = 0;
        while let Some(last) = last
            && at <= last
        {
            let next = (at..=last).find(|at| self.is_option(*at)).unwrap_or(last);
            if at != next {
                let end = self.positionals(at);
                if end > at {
                    at = end;
                    continue;
                }
                self.strays(at, next);
                at = next;
            }
            at = self.option(at);
        }
        let end = self.positionals(at);
        self.strays(end, self.words.len());
    }

    /// Takes what the positional argument takes; where it ends.
    fn positionals(&mut self, start: usize) -> usize {
        let Some(argument) = self.positional else {
            return start;
        };
        let mut first = start;
        while self.classes.get(first) == Some(&Class::Dashes) {
            first += 1;
        }
        let there = self.values_from(first);
        let taken = match argument.arity() {
            Arity::One => there.min(1),
            Arity::Optional => there.min(1),
            Arity::Zero => 0,
            Arity::Any | Arity::Some => there,
            Arity::Exactly(count) if there >= count as usize => count as usize,
            Arity::Exactly(_) => 0,
        };
        let satisfied = taken > 0 || matches!(argument.arity(), Arity::Any | Arity::Optional);
        if !satisfied {
            return start;
        }
        self.positional = None;
        if taken == 0 {
            return start;
        }
        let mut end = first + taken;
        while self.classes.get(end) == Some(&Class::Dashes) {
            end += 1;
        }
        let bound = Bound {
            argument,
            option: None,
            name: argument.name(),
            values: first..first + taken,
            inline: None,
        };
        self.bind(bound);
        end
    }

    fn strays(&mut self, start: usize, end: usize) {
        for at in start..end {
            match self.words.get(at) {
                Some(word) if word.open != Open::No && word.text.is_empty() => {
                    self.parsed.uncertain = true;
                }
                Some(_) => self.problem(Problem::Unexpected { word: at }),
                None => {}
            }
        }
    }

    /// Takes the option at `at` and its values; where they end.
    fn option(&mut self, at: usize) -> usize {
        let Some(Class::Option(name, argument, inline)) = self.classes.get(at).cloned() else {
            if self.classes.get(at) == Some(&Class::Help) {
                self.parsed.help = true;
            }
            return at + 1;
        };
        let arity = argument.arity();
        if let Some(inline) = inline {
            return self.inline(at, name, argument, inline);
        }
        let there = self.values_from(at + 1);
        let taken = match arity {
            Arity::Zero => Some(0),
            Arity::One => (there > 0).then_some(1),
            Arity::Optional => Some(there.min(1)),
            Arity::Any => Some(there),
            Arity::Some => (there > 0).then_some(there),
            Arity::Exactly(count) => (there >= count as usize).then_some(count as usize),
        };
        let Some(taken) = taken else {
            let problem = Problem::MissingValue { word: at, argument };
            self.problem(problem);
            self.parsed.bound.push(Bound {
                argument,
                option: Some(at),
                name,
                values: at + 1..at + 1,
                inline: None,
            });
            return at + 1;
        };
        let values = at + 1..at + 1 + taken;
        let more = self.words.get(at + 2..values.end).unwrap_or_default();
        if more.iter().any(|word| word.open == Open::Words) {
            self.parsed.uncertain = true;
        }
        self.bind(Bound {
            argument,
            option: Some(at),
            name,
            values: values.clone(),
            inline: None,
        });
        values.end
    }

    /// `--name=value`, `-nvalue`, and flags in one word: `-yd`.
    fn inline(&mut self, at: usize, name: &'t str, argument: Argument<'t>, inline: usize) -> usize {
        let (mut name, mut argument, mut inline) = (name, argument, inline);
        loop {
            let one = match argument.arity() {
                Arity::Zero => false,
                Arity::Exactly(count) => count == 1,
                _ => true,
            };
            if one {
                let inline = Some(inline);
                self.bind(Bound {
                    argument,
                    option: Some(at),
                    name,
                    values: at + 1..at + 1,
                    inline,
                });
                return at + 1;
            }
            let text = self.words.get(at).map_or("", |word| word.text.as_str());
            let rest = text.get(inline..).unwrap_or("");
            let next = rest.chars().next();
            let short = next.map(|next| format!("-{next}"));
            let flags = argument.arity() == Arity::Zero && !name.starts_with("--");
            let found = short
                .filter(|_| flags)
                .and_then(|short| self.options.iter().find(|(option, _)| *option == short));
            let (Some((found, of)), Some(next)) = (found.copied(), next) else {
                let problem = if argument.arity() == Arity::Zero {
                    Problem::FlagWithValue { word: at, argument }
                } else {
                    Problem::MissingValue { word: at, argument }
                };
                self.problem(problem);
                return at + 1;
            };
            self.bind(Bound {
                argument,
                option: Some(at),
                name,
                values: at + 1..at + 1,
                inline: None,
            });
            (name, argument, inline) = (found, of, inline + next.len_utf8());
            if inline >= text.len() {
                return self.last_of_flags(at, name, argument);
            }
        }
    }

    /// The last flag of `-yd`, which may take values of its own.
    fn last_of_flags(&mut self, at: usize, name: &'t str, argument: Argument<'t>) -> usize {
        if let Some(class) = self.classes.get_mut(at) {
            *class = Class::Option(name, argument, None);
        }
        self.option(at)
    }

    fn bind(&mut self, bound: Bound<'t>) {
        let argument = bound.argument;
        let problems = &mut self.parsed.problems;
        let mut check = |word: usize, value: &str| {
            if let Some(problem) = wrong(argument, word, value)
                && problems.len() < MOST_PROBLEMS
            {
                problems.push(problem);
            }
        };
        if let (Some(option), Some(inline)) = (bound.option, bound.inline)
            && let Some(word) = self.words.get(option)
            && word.open == Open::No
        {
            check(option, word.text.get(inline..).unwrap_or(""));
        }
        for at in bound.values.clone() {
            if let Some(word) = self.words.get(at)
                && word.open == Open::No
            {
                check(at, &word.text);
            }
        }
        self.parsed.bound.push(bound);
    }

    fn require(&mut self, command: Command<'t>) {
        let given = |argument: Argument<'t>, parsed: &Parsed<'t>| {
            parsed.bound.iter().any(|bound| bound.argument == argument)
        };
        let ids = self.options.iter().find(|(name, _)| *name == "--ids");
        let by_ids = ids.is_some_and(|(_, ids)| given(*ids, &self.parsed));
        for argument in command.arguments() {
            let unless_ids = argument.required_unless_ids() && ids.is_some();
            let needed = argument.required() || unless_ids && !by_ids;
            if needed && !given(argument, &self.parsed) {
                self.parsed.problems.push(Problem::MissingRequired {
                    argument,
                    unless_ids,
                });
            }
        }
    }
}

/// What is wrong with a value.
fn wrong<'t>(argument: Argument<'t>, word: usize, value: &str) -> Option<Problem<'t>> {
    let number = match argument.kind() {
        Kind::Text | Kind::Refused => true,
        Kind::Int => value.trim().replace('_', "").parse::<i128>().is_ok(),
        Kind::Float => value.trim().replace('_', "").parse::<f64>().is_ok(),
    };
    if !number {
        let value = value.to_owned();
        return Some(Problem::InvalidNumber {
            word,
            argument,
            value,
        });
    }
    let accepted = argument.choices().is_none_or(|of| of.accept(value));
    (!accepted).then(|| Problem::InvalidChoice {
        word,
        argument,
        value: value.to_owned(),
    })
}

/// argparse's `^-\d+$|^-\d*\.\d+$`.
fn is_negative_number(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('-') else {
        return false;
    };
    let all = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, part)) => all(whole) && all(part) && !part.is_empty(),
        None => all(digits) && !digits.is_empty(),
    }
}
