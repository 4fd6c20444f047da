//! What must hold for every input: each place is inside its text, and time grows with length only.

use super::mutate::Unit;
use super::stopwatch::time;
use docproof_core::lint::{self, Context, Options};
use docproof_core::markdown::{Article, PathChoice};
use docproof_core::scenario::ScenarioFile;
use docproof_core::shell::{self, Dialect, Script};
use docproof_core::source::Span;
use std::time::Duration;

const DIALECTS: [Dialect; 3] = [Dialect::Bash, Dialect::PowerShell, Dialect::Cmd];

/// What hands out includes.
type Includes<'a> = dyn Fn(&str) -> Option<(String, String)> + 'a;

/// Reads an input as everything that it could be.
pub(crate) fn examine(input: &str) -> Result<(), String> {
    for dialect in DIALECTS {
        let script = shell::parse(input, dialect);
        script_is_inside(&script, input).map_err(|what| format!("{dialect:?}: {what}"))?;
    }
    let part: String = input.chars().take(2000).collect();
    let include = |path: &str| Some((path.to_owned(), part.clone()));
    let includes: [&Includes<'_>; 2] = [&|_| None, &include];
    for includes in includes {
        let article = Article::parse("a.md", input, includes);
        spans_are_inside(&article, input)?;
    }
    if let Ok(scenario) = ScenarioFile::parse("a.toml", input) {
        let article = Article::parse("a.md", input, &|_| None);
        let _ = scenario.resolve(&article);
    }
    Ok(())
}

fn script_is_inside(script: &Script, text: &str) -> Result<(), String> {
    let mut wrong = None;
    script.walk(&mut |command| {
        let words = command.words.iter().map(|word| &word.range);
        let assignments = command
            .assignments
            .iter()
            .flat_map(|a| [&a.range, &a.name_range]);
        let redirects = command.redirects.iter().map(|redirect| &redirect.range);
        for range in words
            .chain(assignments)
            .chain(redirects)
            .chain([&command.range])
        {
            if text.get(range.clone()).is_none() {
                wrong = Some(range.clone());
            }
        }
    });
    let regions = script.regions.iter().map(|region| &region.range);
    let problems = script.problems.iter().map(|problem| &problem.range);
    for range in regions.chain(problems).chain(&script.continuations) {
        if text.get(range.clone()).is_none() {
            wrong = Some(range.clone());
        }
    }
    wrong.map_or(Ok(()), |range| Err(format!("{range:?} is not in the text")))
}

fn spans_are_inside(article: &Article, text: &str) -> Result<(), String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lengths: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    let inside = |span: &Span| {
        let fits = |line: u32, column: u32| {
            let length = lengths.get(line as usize - 1);
            column > 0 && length.is_some_and(|length| column as usize <= length + 1)
        };
        span.file != "a.md"
            || fits(span.line, span.column)
                && fits(span.end_line, span.end_column)
                && (span.line, span.column) <= (span.end_line, span.end_column)
    };
    for found in lint::check(article) {
        let edits = found
            .fix
            .iter()
            .flat_map(|fix| &fix.edits)
            .map(|edit| &edit.span);
        let related = found.related.iter().map(|related| &related.span);
        for span in edits.chain(related).chain([&found.span]) {
            if !inside(span) {
                return Err(format!("{}: {span:?} is not in the text", found.rule));
            }
        }
    }
    Ok(())
}

/// Something that reads a text.
type Reader = (&'static str, fn(&str));

const READERS: [Reader; 6] = [
    ("bash", |text| read_as(text, Dialect::Bash)),
    ("powershell", |text| read_as(text, Dialect::PowerShell)),
    ("cmd", |text| read_as(text, Dialect::Cmd)),
    ("scenario", |text| {
        std::hint::black_box(ScenarioFile::parse("a.toml", text).is_ok());
    }),
    ("markdown", |text| {
        let article = Article::parse("a.md", text, &|_| None);
        let choice = PathChoice::default();
        std::hint::black_box(article.on_path(&choice).len());
    }),
    ("check", |text| {
        let article = Article::parse("a.md", text, &|_| None);
        std::hint::black_box(lint::check(&article).len());
    }),
];

fn read_as(text: &str, dialect: Dialect) {
    std::hint::black_box(shell::parse(text, dialect).commands.len());
}

const SHORT: usize = 16 << 10;
const LONG: usize = 8 * SHORT;

/// Which reader takes more than linear time for a repeated text.
pub(crate) fn superlinear(unit: &Unit, tick: &dyn Fn()) -> Option<String> {
    READERS.iter().find_map(|(name, read)| {
        tick();
        let unit = seen_by(name, unit);
        let (short, long) = (unit.pump(SHORT), unit.pump(LONG));
        let is_slow = || {
            let (first, second) = (time(|| read(&short)), time(|| read(&long)));
            // Linear is 8 times; caches and allocation add to that, a square is 64 times.
            let slow = second > Duration::from_millis(60) && second > first * 24;
            slow.then_some((first, second))
        };
        // A busy machine can spoil a measurement, but not all of them.
        let mut measured = is_slow()?;
        for _ in 0..3 {
            tick();
            measured = is_slow()?;
        }
        let (first, second) = measured;
        let slowest = if *name == "check" {
            slowest(&long)
        } else {
            String::new()
        };
        Some(format!(
            "{name} takes {first:?} for {SHORT} bytes and {second:?} for {LONG}{slowest}"
        ))
    })
}

/// Prints how each reader's time grows with a repeated text.
pub(crate) fn growth(unit: &Unit) {
    for (name, read) in READERS {
        let unit = seen_by(name, unit);
        let times = (0..6).map(|doubled| {
            let text = unit.pump(SHORT << doubled);
            time(|| read(&text)).as_secs_f64() * 1000.0
        });
        let times: Vec<String> = times.map(|ms| format!("{ms:9.2}")).collect();
        println!("{name:>10} {} ms", times.join(" "));
    }
    println!("{}", slowest(&unit.pump(LONG)));
}

/// A shell sees what is in a fence, without it.
fn seen_by(reader: &str, unit: &Unit) -> Unit {
    if matches!(reader, "markdown" | "check") {
        unit.clone()
    } else {
        unit.without_fence()
    }
}

/// What takes most of the time of checking a text.
fn slowest(text: &str) -> String {
    let article = Article::parse("a.md", text, &|_| None);
    let context = time(|| drop(Context::new(&article)));
    let rules = lint::registry().map(|rule| {
        let only = [rule.id()];
        let options = Options {
            only: &only,
            ..Options::default()
        };
        let all = time(|| drop(lint::check_with(&article, &options)));
        (all.saturating_sub(context), rule.id())
    });
    let (longest, rule) = rules.max().unwrap_or_default();
    format!(": {rule} {longest:?}, what rules share {context:?}")
}
