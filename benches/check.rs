//! `cargo bench --bench check`: how fast articles are checked, and where the time goes.
//!
//! Makes a docset of 2,000 articles of about 12 kB each from the snapshots and the rules' fixtures:
//! each is mostly what is right, and has the defects of one rule. Prints a table; judges nothing. The
//! command is measured as a whole, by the clock, from the start of its process; the parts of the work
//! on one thread in this process, by the processor time that they take, so that other work on the
//! machine does not count. `DOCPROOF_ARTICLES` may name a folder with published articles: then the
//! command is measured on 1,000 of them, too, copies of each.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]

use docproof_core::lint::{self, Context, Options, Rule, registry};
use docproof_core::markdown::Article;
use docproof_core::report::findings::{FindingReporter, Human, Mask, Report, Texts, Totals};
use std::error::Error;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ARTICLES: usize = 2000;
const PUBLISHED: usize = 1000;
/// Rules are measured one by one, on a part of the articles.
const SAMPLE: usize = 10;
const SIZE: usize = 12_000;
const LONG: usize = 10_000_000;

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let pieces = pieces()?;
    let texts = articles(&pieces);
    for (number, text) in texts.iter().enumerate() {
        let part = folder.path().join(format!("part-{:02}", number / 100));
        std::fs::create_dir_all(&part)?;
        std::fs::write(part.join(format!("article-{number:04}.md")), text)?;
    }
    let size: usize = texts.iter().map(String::len).sum();
    println!(
        "{ARTICLES} articles, {:.1} kB each, of {} pieces",
        size as f64 / 1000.0 / ARTICLES as f64,
        pieces.right.len() + pieces.wrong.len()
    );
    let few = ["check", "part-00/article-0000.md"];
    command(folder.path(), ARTICLES, &few)?;
    if let Some(articles) = std::env::var_os("DOCPROOF_ARTICLES") {
        published(Path::new(&articles))?;
    }
    parts(folder.path(), &texts)?;
    long(&texts);
    Ok(())
}

/// What articles are made of.
struct Pieces {
    /// The snapshots, and what rules must not fire on.
    right: Vec<String>,
    /// What rules fire on.
    wrong: Vec<String>,
}

/// The snapshots, and what rules are proved on.
fn pieces() -> Result<Pieces> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = |of: &str| -> std::io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(root.join(of))?;
        let mut folders = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<Vec<_>>>()?;
        folders.sort();
        Ok(folders)
    };
    let read = |folders: &[PathBuf], name: &str| {
        let texts = folders.iter().map(|folder| folder.join(name));
        let texts = texts.filter(|path| path.is_file());
        texts
            .map(std::fs::read_to_string)
            .collect::<std::io::Result<Vec<_>>>()
    };
    let rules = folders("harness/core/tests/rules")?;
    let mut right = read(&folders("docs-snapshots")?, "article.md")?;
    right.extend(read(&rules, "does-not-fire.md")?);
    let mut wrong = read(&rules, "fires.md")?;
    // A piece that takes in everything behind it would leave nothing to be checked.
    for pieces in [&mut right, &mut wrong] {
        pieces.retain(|piece| {
            let article = Article::parse("piece.md", piece, &|_| None);
            article.problems.is_empty()
        });
    }
    Ok(Pieces { right, wrong })
}

/// Articles of the usual size, no two alike: a snapshot's sections or fixtures in turn.
fn articles(pieces: &Pieces) -> Vec<String> {
    let mut next = 0;
    let article = |number: usize| {
        let mut text = format!("---\ntitle: Article {number}\n---\n\n# Article {number}\n\n");
        let wrong = pieces.wrong.get(number % pieces.wrong.len());
        text.push_str(wrong.map_or("", String::as_str));
        while text.len() < SIZE {
            let piece = pieces.right.get(next % pieces.right.len());
            let piece = piece.map_or("", String::as_str);
            let body = piece
                .strip_prefix("---\n")
                .and_then(|rest| rest.split_once("\n---\n"));
            let body = body.map_or(piece, |(_, body)| body);
            let room = SIZE + 2000 - text.len();
            match body.get(..room).and_then(|part| part.rfind("\n## ")) {
                Some(end) if body.len() > room => text.push_str(body.get(..end).unwrap_or("")),
                _ => text.push_str(body),
            }
            text.push_str("\n\n");
            next += 7;
        }
        text
    };
    (0..ARTICLES).map(article).collect()
}

/// The command on articles as they are published.
fn published(articles: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(articles)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            texts.push(std::fs::read_to_string(path)?);
        }
    }
    let mut size = 0;
    for (number, text) in texts.iter().cycle().take(PUBLISHED).enumerate() {
        let part = folder.path().join(format!("part-{:02}", number / 100));
        std::fs::create_dir_all(&part)?;
        std::fs::write(part.join(format!("article-{number:04}.md")), text)?;
        size += text.len();
    }
    println!(
        "{PUBLISHED} published articles, {:.1} kB each, of {}",
        size as f64 / 1000.0 / PUBLISHED as f64,
        texts.len()
    );
    let few = ["check", "part-00/article-0000.md"];
    command(folder.path(), PUBLISHED, &few)
}

/// The command, as it is used.
fn command(folder: &Path, articles: usize, few: &[&str]) -> Result<()> {
    let program = env!("CARGO_BIN_EXE_docproof");
    let whole = median(5, || {
        let started = Instant::now();
        let output = Command::new(program)
            .args(["check", "."])
            .current_dir(folder)
            .output()?;
        black_box(output.stdout.len());
        Ok(started.elapsed())
    })?;
    println!(
        "docproof check, {} cores: {:.0} ms, {:.0} articles/s",
        std::thread::available_parallelism()?,
        ms(whole),
        articles as f64 / whole.as_secs_f64()
    );
    let first = |arguments: &[&str]| {
        median(21, || {
            let started = Instant::now();
            let mut child = Command::new(program)
                .args(arguments)
                .current_dir(folder)
                .stdout(Stdio::piped())
                .spawn()?;
            let mut byte = [0];
            child
                .stdout
                .take()
                .ok_or("no output")?
                .read_exact(&mut byte)?;
            let time = started.elapsed();
            child.kill()?;
            child.wait()?;
            Ok(time)
        })
    };
    println!(
        "from process start to the first finding: {:.1} ms",
        ms(first(&["check", "."])?)
    );
    let one = first(few)?;
    println!("  of a single article: {:.1} ms", ms(one));
    println!(
        "docproof check --help: {:.1} ms",
        ms(first(&["check", "--help"])?)
    );
    Ok(())
}

/// Where the time goes, on one thread.
fn parts(folder: &Path, texts: &[String]) -> Result<()> {
    let started = Processor::now();
    for number in 0..texts.len() {
        let name = format!("part-{:02}/article-{number:04}.md", number / 100);
        black_box(std::fs::read_to_string(folder.join(name))?);
    }
    let read = started.elapsed();
    let started = Processor::now();
    let parsed: Vec<Article> = texts
        .iter()
        .map(|text| Article::parse("article.md", text, &|_| None))
        .collect();
    let parse = started.elapsed();
    let looked = |parsed: &[Article]| {
        let started = Processor::now();
        for article in parsed {
            black_box(Context::new(article).blocks.len());
        }
        started.elapsed()
    };
    // The first look makes what is made once.
    lint::check(parsed.first().ok_or("no article")?);
    let context = looked(&parsed);
    let checked = |options: &Options<'_>| {
        let started = Processor::now();
        let found: Vec<_> = parsed
            .iter()
            .map(|a| lint::check_with(a, options))
            .collect();
        (started.elapsed(), found)
    };
    let (all, found) = checked(&Options::default());
    let findings: usize = found.iter().map(|checked| checked.findings.len()).sum();
    let started = Processor::now();
    let mut human = Human::new(false, true);
    let mut written = Vec::new();
    for (text, checked) in texts.iter().zip(found) {
        let mut all = Texts::default();
        all.add("article.md", text.as_str().into());
        let report = Report {
            file: "article.md".into(),
            mask: Mask::new(&all, &checked.concealed),
            findings: checked.findings,
            texts: all,
        };
        human.article(&report, &mut written)?;
    }
    human.finish(&Totals::default(), &mut written)?;
    let report = started.elapsed();
    let rules = all.saturating_sub(context);
    let sum = read + parse + context + rules + report;
    println!("one thread, per article ({findings} findings in all):");
    for (name, time) in [
        ("read the file", read),
        ("read the Markdown", parse),
        ("read the shells, look", context),
        ("ask the rules", rules),
        ("report", report),
        ("all", sum),
    ] {
        println!(
            "  {name:22} {:7.3} ms  {:3.0} %",
            ms(time) / texts.len() as f64,
            100.0 * time.as_secs_f64() / sum.as_secs_f64()
        );
    }
    let some = parsed.get(..texts.len() / SAMPLE).unwrap_or_default();
    slowest(some, context / u32::try_from(SAMPLE)?);
    Ok(())
}

/// The rules that take longest. Those that conceal secrets are asked with each of them, so they are
/// measured first and taken off.
fn slowest(parsed: &[Article], context: Duration) {
    let time = |options: &Options<'_>| {
        let started = Processor::now();
        for article in parsed {
            black_box(lint::check_with(article, options).findings.len());
        }
        started.elapsed().saturating_sub(context)
    };
    let ids: Vec<&'static str> = registry().map(Rule::id).collect();
    let always = time(&Options {
        skip: &ids,
        ..Options::default()
    });
    let mut times: Vec<(Duration, &str)> = registry()
        .filter(|rule| rule.id() != "unused-suppression")
        .map(|rule| {
            let taken = time(&Options {
                only: &[rule.id()],
                ..Options::default()
            });
            (taken.saturating_sub(always), rule.id())
        })
        .collect();
    times.sort_by(|a, b| b.cmp(a));
    println!("the slowest of {} rules, per article:", times.len());
    println!(
        "  {:42} {:7.3} ms",
        "those that conceal secrets",
        ms(always) / parsed.len() as f64
    );
    for (time, id) in times.iter().take(10) {
        println!("  {id:42} {:7.3} ms", ms(*time) / parsed.len() as f64);
    }
}

/// One article that is far too long.
fn long(texts: &[String]) {
    let mut text = String::with_capacity(LONG + 2 * SIZE);
    for one in texts.iter().cycle() {
        if text.len() >= LONG {
            break;
        }
        let body = one.split_once("\n---\n").map_or("", |(_, body)| body);
        text.push_str(body);
    }
    let started = Processor::now();
    let article = Article::parse("long.md", &text, &|_| None);
    let parse = started.elapsed();
    let context = Context::new(&article);
    black_box(context.blocks.len());
    let look = started.elapsed() - parse;
    let rules = Processor::now();
    let found = lint::check(&article).len();
    println!(
        "an article of {:.1} MB: Markdown {:.0} ms, shells {:.0} ms, rules {:.0} ms, {found} findings",
        text.len() as f64 / 1e6,
        ms(parse),
        ms(look),
        ms(rules.elapsed().saturating_sub(look))
    );
}

/// A point in the processor time that this thread has taken.
struct Processor(Duration);

impl Processor {
    fn now() -> Self {
        Self(Self::taken().unwrap_or_default())
    }

    /// Nanoseconds are the first of what Linux tells of a thread's scheduling.
    fn taken() -> Option<Duration> {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
    }

    fn elapsed(&self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

fn median(times: usize, mut measure: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut all = (0..times).map(|_| measure()).collect::<Result<Vec<_>>>()?;
    all.sort();
    Ok(all.get(times / 2).copied().unwrap_or_default())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
