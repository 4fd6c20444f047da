//! `cargo bench -p docproof-core --bench markdown`: how long articles take to be read and checked, and that
//! ten times the text takes ten times as long.
//!
//! Prints a table; judges nothing.
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a benchmark is for"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark ends where something it needs is missing"
)]

use docproof_core::lint;
use docproof_core::markdown::Article;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs-snapshots");
    let mut folders: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    println!(
        "{:52} {:>9} {:>12} {:>12}",
        "article", "kB", "read", "checked"
    );
    let mut all = String::new();
    for folder in &folders {
        let text = std::fs::read_to_string(folder.join("article.md")).unwrap();
        line(&folder.file_name().unwrap().to_string_lossy(), &text, 50);
        // One front matter, one title: the rest is one article.
        all.push_str(&text.replace("\n---\n", "\n\n"));
    }
    let kinds = [
        ("all of them, again and again", all.as_str()),
        (
            "one line of code spans and links",
            "é `a` [b](c) [!INCLUDE [d](e.md)] ",
        ),
        (
            "tab groups that are not closed",
            "# [A](#tab/a)\n\n```bash\naz login\n```\n\n# [B](#tab/b)\n\nText.\n\n",
        ),
        (
            "zones within zones",
            "::: zone pivot=\"a,b\"\n\n```bash\nls\n```\n\n",
        ),
        ("fences behind code", "```bash\nls```\n\nText.\n\n"),
    ];
    for (name, unit) in kinds {
        for size in [1 << 20, 10 << 20] {
            let text = unit.repeat(size / unit.len() + 1);
            line(&format!("{name}, {} MB", size >> 20), &text, 1);
        }
    }
}

fn line(name: &str, text: &str, times: u32) {
    let parse = || Article::parse("a.md", text, &|_| None);
    let read = mean(times, || black_box(parse().blocks.len()));
    let article = parse();
    let checked = mean(times, || black_box(lint::check(&article).len()));
    println!(
        "{name:52} {:>9} {read:>12.2?} {checked:>12.2?}",
        text.len() >> 10
    );
}

fn mean(times: u32, act: impl Fn() -> usize) -> Duration {
    let (started, before) = (Instant::now(), processor_time());
    for _ in 0..times {
        act();
    }
    let used = processor_time()
        .zip(before)
        .map(|(after, before)| after - before);
    used.unwrap_or_else(|| started.elapsed()) / times
}

/// What this thread has used so far: a busy machine does not change it. Linux tells.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = stat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
