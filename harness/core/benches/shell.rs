//! How fast bash is read, beside tree-sitter-bash in the same run: megabytes a second over the
//! blocks of `docs-snapshots/`, or of the articles below the folder that `DOCPROOF_ARTICLES` names.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../tests/shell_bash/texts.rs"]
mod texts;

use docproof_core::shell::{Dialect, parse};
use std::hint::black_box;
use std::time::{Duration, Instant};
use texts::Text;

fn main() {
    let texts = texts::published().unwrap_or_else(texts::own);
    let bytes: usize = texts.iter().map(|text| text.content.len()).sum();
    println!("{} texts, {bytes} bytes", texts.len());
    let ours = times(&texts, |text| {
        black_box(parse(text, Dialect::Bash));
    });
    let mut parser = tree_sitter::Parser::new();
    let language = tree_sitter_bash::LANGUAGE.into();
    if parser.set_language(&language).is_err() {
        return;
    }
    let theirs = times(&texts, |text| {
        black_box(parser.parse(text, None));
    });
    for (name, times) in [("docproof", &ours), ("tree-sitter-bash", &theirs)] {
        let time: Duration = times.iter().sum();
        let speed = bytes as f64 / 1e6 / time.as_secs_f64();
        println!("{name:<18} {time:>10.2?} {speed:8.1} MB/s");
    }
    if let Some((text, time)) = texts.iter().zip(&ours).max_by_key(|(_, time)| *time) {
        let length = text.content.len();
        println!("slowest: {} ({length} bytes), {time:.2?}", text.place);
    }
}

/// The shortest of some runs for each text, so that other work of the machine counts little.
fn times(texts: &[Text], mut run: impl FnMut(&str)) -> Vec<Duration> {
    let fastest = |text: &Text| {
        (0..10)
            .map(|_| {
                let start = Instant::now();
                run(&text.content);
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    texts.iter().map(fastest).collect()
}
