//! Lexical rules on any text: they end, and what they want changed is there and can be changed.

use docproof_core::diagnostic::Diagnostic;
use docproof_core::fix;
use docproof_core::lint::{self, Options, rules};
use docproof_core::markdown::Article;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn check(text: &str) -> Vec<Diagnostic> {
    let only: Vec<&'static str> = rules::lexical::RULES.iter().map(|rule| rule.id()).collect();
    let options = Options {
        only: &only,
        ..Options::default()
    };
    let article = Article::parse("article.md", text, &|_| None);
    lint::check_with(&article, &options).findings
}

/// What commands are broken with, to be put together in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "az",
        "az ",
        "az group create",
        "kubectl ",
        "--name",
        "-name",
        "---name",
        "-n",
        " -- ",
        "-",
        "--",
        "–name",
        "-–",
        "—",
        "\\",
        "\\\n",
        "\\ \n",
        "^\n",
        "`\n",
        "`",
        "\"",
        "'",
        "“",
        "”",
        "‘",
        "\u{a0}",
        "\u{200b}",
        "\u{feff}",
        "$",
        "$ ",
        "$(",
        "${",
        ")",
        "}",
        "(",
        "<",
        ">",
        "<name>",
        "<<END\n",
        "END\n",
        "#",
        " # ",
        "NAME=",
        "$NAME=",
        "NAME = ",
        "=",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "é",
        "x",
        "PS C:\\> ",
        "me@host:~$ ",
        "|",
        "&&",
        ";",
        "$'",
        "'\\''",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn fences() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "azurecli",
        "bash",
        "console",
        "azurecli-interactive",
        "powershell",
        "azurepowershell",
        "cmd",
        "batch",
        "output",
        "",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_fix_can_be_made(code in pieces(), fence in fences(), indent in "( {0,4}|> )") {
        let block = format!("```{fence}\n{code}\n```\n");
        let text: String = block.lines().map(|line| format!("{indent}{line}\n")).collect();
        let found = check(&text);
        for finding in &found {
            let span = &finding.span;
            prop_assert!((span.line, span.column) <= (span.end_line, span.end_column));
            prop_assert!(span.line as usize <= text.lines().count() + 1, "{finding:?}");
            if let Some(fix) = &finding.fix {
                let mended = fix::mend(&text, &[fix]);
                prop_assert!(mended.skipped.is_empty(), "{finding:?}");
                prop_assert!(mended.text != text, "{finding:?}");
            }
        }
        let mut lines: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        lines.push(0);
        for edit in found.iter().filter_map(|f| f.fix.as_ref()).flat_map(|fix| &fix.edits) {
            let end = lines[edit.span.end_line as usize - 1];
            prop_assert!(edit.span.end_column as usize <= end + 1, "{edit:?}");
        }
    }

    #[test]
    fn any_text_is_checked(text in any::<String>()) {
        check(&text);
        check(&format!("```azurecli\n{text}"));
        check(&format!("```powershell\n{text}"));
    }
}

/// Time grows with the text and not with its square: ten times the text may take thirty times as
/// long on a busy machine, not a hundred times.
#[test]
fn long_blocks_take_time_in_proportion() {
    for piece in [
        "az --a\u{a0}",
        "\\\n",
        "# \\\n",
        "-–x ",
        "“a” ",
        "az --a-- b",
        "$ az x\n",
        "az x\n--name y\n",
        "\n",
        "az x \\\n\n",
        "<name> ",
        "$(",
        "\"$(",
        "\u{200b}",
    ] {
        let time = |count: usize| {
            let text = format!("```azurecli\n{}\n```\n", piece.repeat(count / piece.len()));
            let start = Instant::now();
            check(&text);
            start.elapsed()
        };
        let (short, long) = (time(20_000), time(200_000));
        assert!(
            long < short.max(Duration::from_millis(20)) * 40,
            "{piece:?}: {short:?}, and ten times as much {long:?}"
        );
    }
}
