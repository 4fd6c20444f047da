//! What holds for every text that is read as bash.

use docproof_core::shell::{Command, Dialect, Part, PartKind, Script, Word, parse};
use proptest::prelude::*;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Pieces that mean something, so that they meet in every order.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "$",
    "$(",
    "((",
    "$((",
    "))",
    ")",
    "(",
    "${",
    "}",
    "{",
    "[",
    "]",
    "[[",
    "]]",
    "\\",
    "\n",
    "\r\n",
    " ",
    "\t",
    "#",
    ";",
    ";;",
    "&",
    "&&",
    "|",
    "||",
    "<",
    ">",
    "<<",
    "<<-",
    "<<<",
    "<(",
    ">(",
    "EOF",
    "=",
    "+=",
    "X=",
    "$X=",
    "x",
    "-y",
    "--z",
    "az ",
    "if ",
    "then ",
    "else ",
    "fi",
    "for ",
    "in ",
    "do ",
    "done",
    "case ",
    "esac",
    "function ",
    "f() ",
    "export ",
    "read ",
    "*",
    "?",
    ",",
    "..",
    "!",
    "~",
    "é",
    "–",
    "\u{a0}",
    "𝄞",
    "<name>",
    "$'",
    "$\"",
    ":-",
    "1",
    "2>&1",
    "\\\n",
    "\\ \n",
    "a-b=c",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(proptest::sample::select(PIECES), 0..60)
            .prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read(text in text()) {
        check(&parse(&text, Dialect::Bash), &text);
    }
}

/// Ranges lie in the text, on character boundaries, and inside each other as they should.
fn check(script: &Script, text: &str) {
    let all = 0..text.len();
    for command in &script.commands {
        check_command(command, text, &all);
    }
    let mut last = 0;
    for region in &script.regions {
        inside(&region.range, &all, text);
        assert!(last <= region.range.start, "regions in order");
        last = region.range.start;
    }
    let mut last = 0;
    for range in &script.continuations {
        inside(range, &all, text);
        assert!(last <= range.start, "continuations do not overlap");
        last = range.end;
        assert!(text[range.clone()].ends_with('\n'));
    }
    for problem in &script.problems {
        inside(&problem.range, &all, text);
    }
    for command in script.commands_in_order() {
        for used in command.variables_read() {
            inside(&used.part.range, &all, text);
        }
    }
}

fn inside(range: &Range<usize>, outer: &Range<usize>, text: &str) {
    assert!(
        range.start <= range.end && outer.start <= range.start && range.end <= outer.end,
        "{range:?} in {outer:?} of {text:?}"
    );
    assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
}

fn check_command(command: &Command, text: &str, outer: &Range<usize>) {
    inside(&command.range, outer, text);
    for assignment in &command.assignments {
        inside(&assignment.range, &command.range, text);
        inside(&assignment.name_range, &assignment.range, text);
        if let Some(value) = &assignment.value {
            inside(&value.range, &assignment.range, text);
            check_word(value, text);
        }
    }
    let mut last = command.range.start;
    for word in &command.words {
        inside(&word.range, &command.range, text);
        assert!(last <= word.range.start, "words in order in {text:?}");
        last = word.range.end;
        check_word(word, text);
        assert!(!word.parts.is_empty(), "a word of nothing in {text:?}");
    }
    for redirect in &command.redirects {
        inside(&redirect.range, &command.range, text);
        if let Some(target) = &redirect.target {
            inside(&target.range, &redirect.range, text);
            check_word(target, text);
        }
        if let Some(here) = &redirect.here {
            inside(&here.range, &(redirect.range.end..text.len()), text);
            check_parts(&here.parts, text, &here.range);
        }
    }
}

fn check_word(word: &Word, text: &str) {
    check_parts(&word.parts, text, &word.range);
    let mut last = word.range.start;
    for part in &word.parts {
        assert_eq!(part.range.start, last, "a gap in {word:?} of {text:?}");
        last = part.range.end;
    }
    assert_eq!(last, word.range.end, "a gap in {word:?} of {text:?}");
}

fn check_parts(parts: &[Part], text: &str, outer: &Range<usize>) {
    let mut last = outer.start;
    for part in parts {
        inside(&part.range, outer, text);
        assert!(last <= part.range.start, "parts in order in {text:?}");
        last = part.range.end;
        match &part.kind {
            PartKind::Text(_) | PartKind::Placeholder { .. } => {}
            PartKind::Variable { nested, .. } | PartKind::Expression(nested) => {
                check_parts(nested, text, &part.range);
            }
            PartKind::Substitution { commands, .. } => {
                for command in commands {
                    check_command(command, text, &part.range);
                }
            }
        }
    }
}

/// Texts that never close what they open, or close it again and again.
#[test]
fn time_is_linear() {
    for half in [
        ("if ", "done "),
        ("{ ", "} | "),
        ("( ", ") & "),
        ("'{\n", "}\n"),
        ("$(<<A\n", "\n"),
    ] {
        let text = |size: usize| {
            let count = size / 8;
            format!("{}{}", half.0.repeat(count), half.1.repeat(count))
        };
        let [small, large] = [20_000, 80_000].map(|size| {
            let text = text(size);
            let start = Instant::now();
            drop(parse(&text, Dialect::Bash));
            start.elapsed()
        });
        assert!(
            large < Duration::from_millis(200) || large < 12 * small,
            "{half:?}: {small:?}, four times as much: {large:?}"
        );
    }
    for piece in [
        "$(",
        "\"",
        "'",
        "`",
        "${",
        "((",
        "$((",
        "{",
        "[[",
        "<a",
        "<<A\n",
        "\"$(\n",
        "x=\"$(a\n",
        "x=$(a\n",
        "a\"\naz b ",
        "'\naz \"\n--x ",
        "\\\n",
        "\\ \n",
        "a[",
        "{a,",
        "[?",
        "if ",
        "case a in ",
        "f() ",
        "`\n-",
        "a && ",
        "$'\\'",
        "cat <<A <<B\n",
        "for x in ",
        "a | ",
        "( ",
        "\"\n\"x",
        "A=(",
        "A=(\n",
        "a-",
        "1",
        "${x:-",
        "\"${x:-\"",
        "az a --b c\n",
        "<(a\n<<EOF\n",
        "<<A\n A\n",
        "<<-A\n A\n<<B\n",
    ] {
        let mut times = Vec::new();
        for size in [20_000, 80_000] {
            let text = piece.repeat(size / piece.len());
            let start = Instant::now();
            let script = parse(&text, Dialect::Bash);
            times.push(start.elapsed());
            drop(script);
        }
        let [small, large] = times.as_slice() else {
            unreachable!()
        };
        assert!(
            *large < Duration::from_millis(200) || *large < 12 * *small,
            "{piece:?}: {small:?}, four times as much: {large:?}"
        );
    }
}

/// How deep constructs are open must not matter to what looks for their ends. What it may look
/// through has a bound, so a short text takes long too: the long one is longer than above.
#[test]
fn time_is_linear_in_depth() {
    for piece in ["'''${", "${\\\n'@\n", "\"${'", "$(${'"] {
        let [small, large] = [20_000, 160_000].map(|size| {
            let text = piece.repeat(size / piece.len());
            let start = Instant::now();
            drop(parse(&text, Dialect::Bash));
            start.elapsed()
        });
        assert!(
            large < Duration::from_millis(200) || large < 24 * small,
            "{piece:?}: {small:?}, eight times as much: {large:?}"
        );
    }
}

/// A walk over what was read recurses as deep as reading did.
#[test]
fn nesting_has_an_end() {
    for (open, close) in [
        ("$(", ")"),
        ("\"$(", ")\""),
        ("${x:-", "}"),
        ("{a,", "}"),
        ("( ", ")"),
        ("{ ", "}"),
        ("$((", "))"),
        ("[?", "]"),
        ("`", "`"),
        ("X=(", ")"),
        ("<(", ")"),
        ("if ", "fi "),
    ] {
        for text in [
            open.repeat(100_000),
            format!("{}{}", open.repeat(20_000), close.repeat(20_000)),
        ] {
            let text = text.as_str();
            std::thread::scope(|scope| {
                let small = std::thread::Builder::new().stack_size(1 << 20);
                let checked = small.spawn_scoped(scope, || {
                    check(&parse(text, Dialect::Bash), text);
                });
                checked.unwrap().join().unwrap();
            });
        }
    }
}
