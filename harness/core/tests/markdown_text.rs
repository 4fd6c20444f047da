//! What is read around the code: text, code within it, tables, comments, front matter.

use docproof_core::markdown::{Article, ProblemKind, ProseKind};

fn parse(text: &str) -> Article {
    Article::parse("a.md", text, &|_| None)
}

#[test]
fn text_is_read_line_by_line() {
    let text = "# Title `x`\n\nFirst *line* of\n  two `a b` lines.\n\n> [!NOTE]\n> 1. Set **this**.\n\n```bash\nx\n```\n\nLast.\n";
    let article = parse(text);
    let lines: Vec<_> = article
        .prose
        .iter()
        .map(|p| {
            (
                p.position.line,
                p.position.column,
                p.text.as_str(),
                p.blocks_before,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (1, 3, "Title `x`", 0),
            (3, 1, "First *line* of", 0),
            (4, 3, "two `a b` lines.", 0),
            (6, 3, "[!NOTE]", 0),
            (7, 6, "Set **this**.", 0),
            (13, 1, "Last.", 1),
        ]
    );
    let kinds: Vec<ProseKind> = article.prose.iter().map(|p| p.kind).collect();
    assert_eq!(kinds[0], ProseKind::Heading);
    assert!(kinds[1..].iter().all(|kind| *kind == ProseKind::Paragraph));
    let words: Vec<&str> = article.prose.iter().map(|p| p.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "Title    ",
            "First  line  of",
            "two       lines.",
            "[!NOTE]",
            "Set   this  .",
            "Last.",
        ]
    );
}

#[test]
fn words_are_what_a_reader_reads() {
    let words = |text: &str| parse(text).prose[0].words.clone();
    let see = words("see [the page](a.md \"TODO\") é<!-- TODO --> now");
    assert_eq!(see, "see  the page               é              now");
    assert_eq!(
        words("<https://a.b/?todo> \\<NAME\\> <b>x</b>"),
        format!("{} {} {}", " ".repeat(19), " <NAME >", "   x    ")
    );
    assert_eq!(words("a ![TODO alt](b.png)"), "a   TODO alt        ");
}

#[test]
fn lines_of_learns_own_are_no_text() {
    let text = ":::image source=\"a.png\" alt-text=\"TODO\":::\n\n[!INCLUDE [TODO](a.md)]\n\n::: zone pivot=\"a\"\n\n<div>TODO</div>\n\n::: zone-end\n\n    indented\n";
    assert_eq!(parse(text).prose, []);
}

#[test]
fn code_within_the_text_has_its_place() {
    let article =
        parse("Set `RG` and\n``a`b``, `two\nlines`.\n\n| `X` |\n|---|\n| y |\n\n## `H`\n");
    let code: Vec<_> = article
        .inline_code
        .iter()
        .map(|c| {
            (
                c.text.as_str(),
                c.span.line,
                c.span.column,
                c.span.end_line,
                c.span.end_column,
            )
        })
        .collect();
    assert_eq!(
        code,
        [
            ("RG", 1, 5, 1, 9),
            ("a`b", 2, 1, 2, 8),
            ("two lines", 2, 10, 3, 7),
            ("X", 5, 3, 5, 6),
            ("H", 9, 4, 9, 7),
        ]
    );
}

#[test]
fn tables_have_cells() {
    let text = "1. x\n\n    | Variable | Value |\n    |--|--|\n    |`RG`|the  group|\n    | é |  |\n\nafter\n";
    let article = parse(text);
    assert_eq!(article.tables.len(), 1);
    let rows: Vec<Vec<(String, String)>> = article.tables[0]
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|c| (c.text.clone(), c.position.to_string()))
                .collect()
        })
        .collect();
    let cell = |text: &str, place: &str| (text.to_owned(), format!("a.md:{place}"));
    assert_eq!(rows[0], [cell("Variable", "3:7"), cell("Value", "3:18")]);
    assert_eq!(rows[1], [cell("`RG`", "5:6"), cell("the  group", "5:11")]);
    assert_eq!(rows[2][0], cell("é", "6:7"));
    let kinds: Vec<_> = article
        .prose
        .iter()
        .map(|p| (p.kind, p.position.line))
        .collect();
    let (row, text) = (ProseKind::TableRow, ProseKind::Paragraph);
    assert_eq!(kinds, [(text, 1), (row, 3), (row, 5), (row, 6), (text, 8)]);
}

#[test]
fn comments_have_their_place() {
    let text = "<!-- docproof: allow x why -->\n\n- a <!-- b -->\n\n  <!--\n  long\n  -->\n\n`<!-- code -->`\n\n<div>\n<!-- in -->\n</div>\n";
    let article = parse(text);
    let comments: Vec<_> = article
        .comments
        .iter()
        .map(|c| {
            (
                c.text.trim(),
                c.span.to_string(),
                c.span.end_line,
                c.span.end_column,
            )
        })
        .collect();
    assert_eq!(
        comments,
        [
            ("docproof: allow x why", "a.md:1:1".to_owned(), 1, 31),
            ("b", "a.md:3:5".to_owned(), 3, 15),
            ("long", "a.md:5:3".to_owned(), 7, 6),
            ("in", "a.md:12:1".to_owned(), 12, 12),
        ]
    );
    assert_eq!(article.problems, []);
}

#[test]
fn a_comment_without_an_end_is_told() {
    let article = parse("a\n\n<!-- b\n\n```bash\nx\n```\n");
    assert!(article.blocks.is_empty());
    assert_eq!(article.problems.len(), 1);
    assert_eq!(article.problems[0].kind, ProblemKind::UnclosedComment);
    assert_eq!(article.problems[0].span.to_string(), "a.md:3:1");
    for text in [
        "<!-- a\n\nb -->\n\nc",
        "<div>\n<!-- b\n\nc -->\n",
        "a <!-- b",
        "`<!--`",
    ] {
        assert_eq!(parse(text).problems, [], "{text}");
    }
}

#[test]
fn tabs_and_zones_hide_text_too() {
    let text = "# [A](#tab/a)\n\nin `c`\n\n---\n\n::: zone pivot=\"p\"\n\nzone <!-- c -->\n\n::: zone-end\n\nall\n";
    let article = parse(text);
    let of = |words: &str| {
        &article
            .prose
            .iter()
            .find(|p| p.text.starts_with(words))
            .unwrap()
            .visibility
    };
    assert!(of("in").tab.is_some());
    assert_eq!(article.inline_code[0].visibility, *of("in"));
    assert_eq!(of("zone").pivots.as_deref().unwrap(), ["p".to_owned()]);
    assert_eq!(article.comments[0].visibility, *of("zone"));
    assert_eq!(*of("all"), docproof_core::markdown::Visibility::default());
}

#[test]
fn front_matter_is_kept_as_it_stands() {
    let article = parse("---\ntitle: 'T'\n# c\nms.custom:\n  - a\n---\n\nx\n");
    let lines: Vec<_> = article
        .front_matter_lines
        .iter()
        .map(|l| (l.text.as_str(), l.position.line))
        .collect();
    assert_eq!(
        lines,
        [
            ("title: 'T'", 2),
            ("# c", 3),
            ("ms.custom:", 4),
            ("  - a", 5)
        ]
    );
    assert_eq!(
        article.front_matter[0],
        ("title".to_owned(), "T".to_owned())
    );
    assert!(parse("---\ntitle: T\n").front_matter_lines.is_empty());
}
