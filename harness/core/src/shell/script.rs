//! What a shell's text amounts to, the same for every dialect: [`Script`]. All ranges are in
//! bytes of the text that was read.

use std::ops::Range;

/// The language of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `bash`, and what POSIX shells share with it.
    Bash,
    /// PowerShell 7 and Windows PowerShell.
    PowerShell,
    /// The command prompt of Windows.
    Cmd,
}

/// A text, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The language it was read as.
    pub dialect: Dialect,
    /// The commands in reading order; those inside a substitution hang on their word's part.
    pub commands: Vec<Command>,
    /// Comments, quoted texts and here-documents in reading order, those inside substitutions too.
    pub regions: Vec<Region>,
    /// Each line end that a continuation (`\`, `` ` ``, `^`) joins to the next line: from the
    /// continuation's character to behind the line end. With white space between the two the shell
    /// does not join the lines; where the next line goes on as if it did, it is recorded all the
    /// same and the command is read as its author meant it.
    pub continuations: Vec<Range<usize>>,
    /// What could not be understood, in reading order.
    pub problems: Vec<SyntaxProblem>,
}

/// A command, or a construct that uses words or sets variables as one does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// From its first character to its last, redirections included, the separator not.
    pub range: Range<usize>,
    /// Variables that it sets: `X=1` before the words or alone, the operands of `export`,
    /// `declare`, `local`, `readonly` and `set` (cmd), the variables of `for` and `read`.
    pub assignments: Vec<Assignment>,
    /// The command's name and its arguments; empty for an assignment alone.
    pub words: Vec<Word>,
    /// Its redirections.
    pub redirects: Vec<Redirect>,
    /// Where it stands among other commands.
    pub place: Place,
}

/// What a [`Command`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandKind {
    /// A command to be run, or an assignment alone.
    Simple,
    /// The head of a `for` or `foreach`: sets its variable to its words.
    For,
    /// The head of a function: its first word is the name.
    Function,
    /// `[[ … ]]`, `(( … ))`, the head of a `case`, or a PowerShell expression: words are read,
    /// nothing is run.
    Expression,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// It reads what the command before it writes.
    pub piped_from: bool,
    /// Another command reads what it writes.
    pub piped_into: bool,
    /// It may not run: after `&&` or `||`, in a branch or a loop.
    pub conditional: bool,
    /// It is in a function's body and runs when that is called.
    pub in_function: bool,
    /// It runs in the background (`&`).
    pub background: bool,
}

/// A variable that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The variable, without `$` or `%`; for PowerShell with its scope (`env:PATH`).
    pub name: String,
    /// Where the name stands, a `$` before it included.
    pub name_range: Range<usize>,
    /// Where the whole stands.
    pub range: Range<usize>,
    /// What it is set to. A PowerShell command on the right is one [`PartKind::Substitution`].
    pub value: Option<Word>,
    /// `+=`: what the variable held is kept.
    pub append: bool,
}

/// A word: what the shell hands on as one argument, or several where it is split or expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it stands.
    pub range: Range<usize>,
    /// What it is made of, in order, without gaps.
    pub parts: Vec<Part>,
}

/// A piece of a [`Word`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, its quotes or escape included where it begins or ends with one.
    pub range: Range<usize>,
    /// How it is quoted.
    pub quoting: Quoting,
    /// What it is.
    pub kind: PartKind,
}

/// How a [`Part`] is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quoting {
    /// Not at all.
    None,
    /// By the escape character.
    Escaped,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `$'…'`
    AnsiC,
}

/// What a [`Part`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind {
    /// Text as the command gets it: escapes resolved, quotes taken off.
    Text(String),
    /// A variable is read: `$x`, `${x…}`, `%x%`, `$env:x`.
    Variable {
        /// The variable, without `$`, braces or `%`.
        name: String,
        /// A value is given for the case that it is unset: `${x:-…}`, `${x:=…}`, `${x:?…}`.
        default: bool,
        /// What stands behind the name: `.Id` in PowerShell, `[0]`, `%%.*` in bash.
        operator: Option<String>,
        /// Variables and substitutions inside that operator.
        nested: Vec<Part>,
    },
    /// `$(…)`, `` `…` ``, `<(…)`, PowerShell's `(…)` and `$(…)`.
    Substitution {
        /// The commands inside.
        commands: Vec<Command>,
        /// What stands behind it: `.Id` in PowerShell.
        member: Option<String>,
    },
    /// Something whose value only running tells: `$((…))`, a glob, `{a,b}`, a PowerShell
    /// expression; with the variables and substitutions inside.
    Expression(Vec<Part>),
    /// `<name>` outside quotes: a stand-in that an article asks its reader to replace, and a
    /// redirection to the shell. Recognised where `<` is followed by a letter or digit and `>`
    /// follows on the same line with plain text between; inside quotes it is [`PartKind::Text`].
    Placeholder {
        /// What stands between `<` and `>`: one or several words.
        name: String,
    },
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// Operator and target.
    pub range: Range<usize>,
    /// The operator with its file descriptor: `>`, `2>&1`, `<<-`.
    pub operator: String,
    /// The word behind it.
    pub target: Option<Word>,
    /// What `<<` takes in.
    pub here: Option<HereDocument>,
}

/// The text of a here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HereDocument {
    /// The lines between the redirection's line and the delimiter.
    pub range: Range<usize>,
    /// The delimiter was quoted: nothing inside is expanded.
    pub quoted: bool,
    /// Variables and substitutions inside, in order.
    pub parts: Vec<Part>,
}

/// A stretch of text that is not read as commands and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Where, delimiters included.
    pub range: Range<usize>,
    /// What it is.
    pub kind: RegionKind,
}

/// What a [`Region`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// From `#` (`<#…#>`, `REM`, `::`) to its end.
    Comment,
    /// `'…'` or `$'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// A here-document or a PowerShell here-string.
    HereDocument,
}

/// Something that the dialect's grammar does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Where: for something unclosed its opening character.
    pub range: Range<usize>,
    /// What.
    pub kind: SyntaxProblemKind,
}

/// What a [`SyntaxProblem`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyntaxProblemKind {
    /// A quote without its partner; reading went on at the end of its line.
    UnbalancedQuote(char),
    /// `$(`, `` ` ``, `${`, `(`, `{` or `@{` without its end.
    Unclosed(&'static str),
    /// A here-document whose delimiter never comes.
    UnclosedHereDocument(String),
    /// A token where none can be: `)` alone, `<` or `>` without a target, `;;` outside `case`.
    Unexpected(String),
    /// A name that no variable can have: `$user-id=…`.
    InvalidVariableName(String),
    /// `$NAME=value` where the dialect assigns without `$`.
    DollarOnAssignment(String),
    /// `NAME = value` where the dialect allows no white space.
    SpaceAroundAssignment(String),
    /// `NAME= value`: legal in bash, where it runs `value` with an empty `NAME`, but what is run
    /// looks like a value. Read as an assignment.
    SpaceAfterEquals(String),
    /// `NAME=az group show …`: legal in bash, where it runs `group` with `NAME` set to `az`.
    /// Read as an assignment of no known value to `NAME`, and the command `az group show …`.
    CommandAsValue(String),
}

/// A variable that is read, found by [`Word::variables`] or [`Command::variables_read`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariableUse<'s> {
    /// The variable, without `$`, braces or `%`.
    pub name: &'s str,
    /// A value is given for the case that it is unset.
    pub default: bool,
    /// Where it is read; its kind is [`PartKind::Variable`].
    pub part: &'s Part,
}

impl Script {
    /// Calls `visit` on every command in the order in which they run: those inside a word's
    /// substitutions before the command that the word belongs to.
    pub fn walk<'s>(&'s self, visit: &mut dyn FnMut(&'s Command)) {
        for command in &self.commands {
            command.walk(visit);
        }
    }

    /// Every command in the order in which they run, as [`Script::walk`] visits them.
    pub fn commands_in_order(&self) -> Vec<&Command> {
        let mut commands = Vec::new();
        self.walk(&mut |command| commands.push(command));
        commands
    }

    /// The region that `offset` is in, the innermost if there are several.
    pub fn region(&self, offset: usize) -> Option<&Region> {
        let end = self.regions.partition_point(|r| r.range.start <= offset);
        self.regions
            .get(..end)?
            .iter()
            .rev()
            .find(|region| region.range.contains(&offset))
    }
}

impl Command {
    /// As [`Script::walk`], for this command and those inside it.
    pub fn walk<'s>(&'s self, visit: &mut dyn FnMut(&'s Command)) {
        for assignment in &self.assignments {
            for part in assignment.value.iter().flat_map(|word| &word.parts) {
                part.walk(visit);
            }
        }
        for part in self.words.iter().flat_map(|word| &word.parts) {
            part.walk(visit);
        }
        for redirect in &self.redirects {
            for part in redirect.target.iter().flat_map(|word| &word.parts) {
                part.walk(visit);
            }
            for part in redirect.here.iter().flat_map(|here| &here.parts) {
                part.walk(visit);
            }
        }
        visit(self);
    }

    /// The command's name, if it is written out.
    pub fn name(&self) -> Option<String> {
        self.words.first().and_then(Word::literal)
    }

    /// The variables that it reads in its words, values, redirections and here-documents, and in
    /// operators and expressions there; not those that commands inside its substitutions read,
    /// which [`Script::walk`] visits as commands of their own.
    pub fn variables_read(&self) -> Vec<VariableUse<'_>> {
        let values = self.assignments.iter().filter_map(|a| a.value.as_ref());
        let targets = self.redirects.iter().filter_map(|r| r.target.as_ref());
        let here = self.redirects.iter().filter_map(|r| r.here.as_ref());
        let mut uses = Vec::new();
        for part in values
            .chain(&self.words)
            .chain(targets)
            .flat_map(|word| &word.parts)
            .chain(here.flat_map(|here| &here.parts))
        {
            part.variables(&mut uses);
        }
        uses
    }
}

impl Part {
    fn variables<'s>(&'s self, uses: &mut Vec<VariableUse<'s>>) {
        let inside = match &self.kind {
            PartKind::Variable {
                name,
                default,
                nested,
                ..
            } => {
                uses.push(VariableUse {
                    name,
                    default: *default,
                    part: self,
                });
                nested
            }
            PartKind::Expression(inside) => inside,
            PartKind::Text(_) | PartKind::Placeholder { .. } | PartKind::Substitution { .. } => {
                return;
            }
        };
        for part in inside {
            part.variables(uses);
        }
    }

    fn walk<'s>(&'s self, visit: &mut dyn FnMut(&'s Command)) {
        match &self.kind {
            PartKind::Text(_) | PartKind::Placeholder { .. } => {}
            PartKind::Variable { nested, .. } | PartKind::Expression(nested) => {
                for part in nested {
                    part.walk(visit);
                }
            }
            PartKind::Substitution { commands, .. } => {
                for command in commands {
                    command.walk(visit);
                }
            }
        }
    }
}

impl Word {
    /// The word as the command gets it, if it is written out: no variable, no substitution, no
    /// expression.
    pub fn literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match &part.kind {
                PartKind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The variables that it reads, those inside operators (`${x:-$y}`) and expressions too, in
    /// order; not those that commands inside its substitutions read.
    pub fn variables(&self) -> Vec<VariableUse<'_>> {
        let mut uses = Vec::new();
        for part in &self.parts {
            part.variables(&mut uses);
        }
        uses
    }

    /// The variable that it consists of, if it is one and nothing else: `$x`, `"$x"`, `${x}`.
    pub fn variable(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [
                Part {
                    kind: PartKind::Variable { name, .. },
                    ..
                },
            ] => Some(name),
            _ => None,
        }
    }

    /// Whether it is one variable and nothing else, outside quotes: bash splits its value at white
    /// space and drops the word if the value is empty.
    pub fn is_unquoted_variable(&self) -> bool {
        self.variable().is_some() && self.parts.iter().all(|p| p.quoting == Quoting::None)
    }

    /// The word as it stands in the text that was read.
    pub fn source<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.range.clone()).unwrap_or("")
    }
}
