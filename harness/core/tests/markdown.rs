//! Learn Markdown into articles: odd texts first, then each of Learn's own constructs.

use docproof_core::markdown::{Article, IncludeKind, PathChoice, ProblemKind, Role};
use proptest::prelude::*;

fn parse(text: &str) -> Article {
    Article::parse("a/article.md", text, &|_| None)
}

fn texts(article: &Article, block: usize) -> Vec<&str> {
    article.blocks[block]
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect()
}

/// Each problem of an article, with its place.
fn problems(article: &Article) -> Vec<(String, ProblemKind)> {
    let problem = |p: &docproof_core::markdown::Problem| (p.span.to_string(), p.kind.clone());
    article.problems.iter().map(problem).collect()
}

fn path(tabs: &[&str], pivot: Option<&str>) -> PathChoice {
    PathChoice {
        tabs: tabs.iter().map(|tab| (*tab).to_owned()).collect(),
        pivot: pivot.map(str::to_owned),
    }
}

/// Address and first line of each block on a path.
fn on_path(article: &Article, choice: &PathChoice) -> Vec<(String, String)> {
    let first = |b: &docproof_core::markdown::Block| {
        b.lines.first().map_or(String::new(), |l| l.text.clone())
    };
    article
        .on_path(choice)
        .iter()
        .map(|on| (on.address(), first(on.block)))
        .collect()
}

#[test]
fn nothing_is_an_article_too() {
    for text in [
        "", "\u{feff}", "---", "---\n", "\r", "\0", "```", "~~~ x", "::: zone", "# [", "> ```",
    ] {
        let article = parse(text);
        assert!(
            article.sections.is_empty() || text.starts_with('#'),
            "{text:?}"
        );
    }
}

#[test]
fn an_unclosed_fence_is_read_and_told() {
    let article = parse("# T\n\n````bash\na\n```\nb");
    assert_eq!(texts(&article, 0), ["a", "```", "b"]);
    let unclosed = ProblemKind::UnclosedFence { swallows: false };
    assert_eq!(
        problems(&article),
        [("a/article.md:3:1".to_owned(), unclosed)]
    );
    for closed in [
        "```bash\na\n```",
        "> ~~~\n> a\n> ~~~~\n",
        "1. ```\n   a\n   ```\n",
    ] {
        assert_eq!(problems(&parse(closed)), [], "{closed}");
    }
    assert_eq!(problems(&parse("> ```\n> a\n\nb\n")).len(), 1);
}

#[test]
fn indented_code_and_inline_code_are_no_blocks() {
    let article = parse("a\n\n    ```bash\n    x\n    ```\n\n```a``` b\n");
    assert!(article.blocks.is_empty());
}

#[test]
fn a_missing_include_is_told() {
    let text =
        "x\n\n```bash\na\n```\n\n- See [!INCLUDE [t](../i/x.md)] and\n  [!INCLUDE [t](~/y.md)]\n";
    let article = Article::parse("a/b.md", text, &|_| None);
    let missing: Vec<_> = article
        .missing_includes
        .iter()
        .map(|m| {
            (
                m.path.as_str(),
                m.span.to_string(),
                m.span.end_column,
                m.blocks_before,
            )
        })
        .collect();
    assert_eq!(
        missing,
        [
            ("i/x.md", "a/b.md:7:7".to_owned(), 32, 1),
            ("~/y.md", "a/b.md:8:3".to_owned(), 25, 1),
        ]
    );
    assert_eq!(article.missing_includes[0].kind, IncludeKind::Markdown);
    assert_eq!(problems(&article), []);
}

#[test]
fn includes_that_include_themselves_come_to_an_end() {
    let is_loop = |article: &Article| {
        article.problems.len() == 1
            && matches!(article.problems[0].kind, ProblemKind::IncludeLoop(_))
    };
    let own = |path: &str| Some((path.to_owned(), "[!INCLUDE [t](b.md)]".to_owned()));
    assert!(is_loop(&Article::parse(
        "a/b.md",
        "[!INCLUDE [t](b.md)]",
        &own
    )));
    let deeper = |path: &str| {
        let text = format!("[!INCLUDE [t]({path}x)]");
        Some((path.to_owned(), text))
    };
    let article = Article::parse("b.md", "[!INCLUDE [t](c)]", &deeper);
    assert!(is_loop(&article), "{:?}", article.problems);
    let double = |path: &str| {
        let text = format!("[!INCLUDE [t]({path}a)]\n\n[!INCLUDE [t]({path}b)]\n");
        Some((format!("{path}x"), text))
    };
    let article = Article::parse("b.md", "[!INCLUDE [t](c)]", &double);
    let many =
        |p: &docproof_core::markdown::Problem| matches!(p.kind, ProblemKind::TooManyIncludes(_));
    assert!(article.problems.iter().any(many));
}

#[test]
fn an_include_keeps_its_own_positions_and_the_articles_sections() {
    let include = |path: &str| {
        assert_eq!(path, "docs/includes/sign-in.md");
        Some((
            path.to_owned(),
            "---\nms.topic: include\n---\n\n```azurecli\naz login\n```\n".to_owned(),
        ))
    };
    let text = "## Sign in\n\n> [!NOTE]\n> [!INCLUDE [Sign in](../includes/sign-in.md)]\n\n```bash\nls\n```\n";
    let article = Article::parse("docs/a/article.md", text, &include);
    assert_eq!(
        on_path(&article, &path(&[], None)),
        [
            ("sign-in#1".to_owned(), "az login".to_owned()),
            ("sign-in#2".to_owned(), "ls".to_owned()),
        ]
    );
    assert_eq!(
        article.blocks[0].position().to_string(),
        "docs/includes/sign-in.md:6:1"
    );
    assert!(article.front_matter.is_empty());
}

#[test]
fn lists_and_quotes_lose_their_indentation_but_keep_columns() {
    let text = "1. First:\n\n   ```azurecli-interactive\n   az group create \\\n     --name x\n\n   ls\n   ```\n\n   * > ~~~Output\n     > { }\n     > ~~~\n";
    let article = parse(text);
    assert_eq!(
        texts(&article, 0),
        ["az group create \\", "  --name x", "", "ls"]
    );
    let places: Vec<String> = article.blocks[0]
        .lines
        .iter()
        .map(|l| l.position.to_string())
        .collect();
    assert_eq!(places[0], "a/article.md:4:4");
    assert_eq!(places[3], "a/article.md:7:4");
    assert_eq!(texts(&article, 1), ["{ }"]);
    assert_eq!(
        article.blocks[1].position().to_string(),
        "a/article.md:11:8"
    );
    assert_eq!(article.blocks[1].role, Role::Sample);
    assert_eq!(article.problems, []);
}

#[test]
fn line_ends_of_any_kind_and_a_byte_order_mark() {
    for end in ["\n", "\r\n", "\r"] {
        let text = "\u{feff}---\ntitle: \"T\"\nms.date: 08/29/2024\n---\n\n## A é\n\n```bash\né=1\n\n  b\n```\n".replace('\n', end);
        let article = parse(&text);
        assert_eq!(article.title, "T");
        assert_eq!(
            article.front_matter[1],
            ("ms.date".to_owned(), "08/29/2024".to_owned())
        );
        assert_eq!(article.sections[0].slug, "a-é");
        assert_eq!(texts(&article, 0), ["é=1", "", "  b"], "{end:?}");
        assert_eq!(
            article.blocks[0].lines[2].position.to_string(),
            "a/article.md:11:1"
        );
    }
}

#[test]
fn repeated_headings_and_numbers() {
    let text =
        "# T\n```bash\n0\n```\n## A\n```bash\n1\n```\n```output\n2\n```\nA\n-\n```bash\n3\n```\n";
    let addresses: Vec<String> = on_path(&parse(text), &path(&[], None))
        .into_iter()
        .map(|(a, _)| a)
        .collect();
    assert_eq!(addresses, ["t#1", "a#1", "a#2", "a-1#1"]);
}

const TABS: &str = "## S\n\n# [Bash](#tab/bash)\n\n```bash\nb\n```\n\n# [PowerShell](#tab/powershell)\n\n```powershell\np\n```\n\n---\n\n```bash\nafter\n```\n\n# [L](#tab/bash/linux)\n\n```bash\nbl\n```\n\n# [W](#tab/bash/windows)\n\n```bash\nbw\n```\n\n# [P](#tab/powershell+pwsh)\n\n```bash\npp\n```\n***\n";

#[test]
fn tabs_show_the_chosen_or_the_first() {
    let article = parse(TABS);
    let seen = |tabs: &[&str]| -> Vec<String> {
        on_path(&article, &path(tabs, None))
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    };
    assert_eq!(seen(&["powershell"]), ["p", "after", "pp"]);
    assert_eq!(seen(&["pwsh"]), ["b", "after", "pp"]);
    assert_eq!(seen(&["bash", "windows"]), ["b", "after", "bw"]);
    assert_eq!(seen(&["bash"]), ["b", "after", "bl"]);
    assert_eq!(seen(&[]), ["b", "after", "bl"]);
    assert_eq!(on_path(&article, &path(&["powershell"], None))[2].0, "s#3");
    assert_eq!(article.problems, []);
    assert_eq!(article.sections.len(), 1);
}

#[test]
fn zones_show_their_pivot_only() {
    let text = "::: zone pivot=\"cli,portal\"\n\n```bash\nboth\n```\n\n::: zone pivot=\"cli\"\n## In\n```bash\ncli\n```\n::: zone-end\n:::zone-end\n\n:::zone target=\"chromeless\"\n```bash\nnever\n```\n:::zone-end\n```bash\nall\n```\n:::zone-end\n";
    let article = parse(text);
    let seen = |pivot| -> Vec<(String, String)> { on_path(&article, &path(&[], pivot)) };
    let own = |all: &[(&str, &str)]| -> Vec<(String, String)> {
        all.iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    };
    assert_eq!(seen(None), own(&[("in#1", "all")]));
    assert_eq!(
        seen(Some("portal")),
        own(&[("#1", "both"), ("in#1", "all")])
    );
    assert_eq!(
        seen(Some("cli")),
        own(&[("#1", "both"), ("in#1", "cli"), ("in#2", "all")])
    );
    assert_eq!(article.pivots, ["cli", "portal"]);
    let unmatched = (
        "a/article.md:23:1".to_owned(),
        ProblemKind::UnmatchedZoneEnd,
    );
    assert_eq!(problems(&article), [unmatched]);
    let open = parse("x\n\n::: zone pivot=\"a\"\n");
    assert_eq!(
        problems(&open),
        [("a/article.md:3:1".to_owned(), ProblemKind::UnclosedZone)]
    );
}

#[test]
fn zones_within_zones_show_what_all_of_them_do() {
    let text = "::: zone pivot=\"a,b\"\n\n::: zone pivot=\"b,c\"\n\n```bash\nx\n```\n\n::: zone-end\n\n::: zone-end\n";
    let article = parse(text);
    let seen = |pivot| on_path(&article, &path(&[], Some(pivot))).len();
    assert_eq!((seen("a"), seen("b"), seen("c")), (0, 1, 0));
}

/// First line and tab of each block.
fn tabs(article: &Article) -> Vec<(&str, Option<&str>)> {
    let tab = |block: &docproof_core::markdown::Block| {
        let place = block.visibility.tab?;
        Some(article.tab_groups[place.group].tabs[place.tab].ids[0].as_str())
    };
    let blocks = article.blocks.iter();
    blocks.map(|b| (b.lines[0].text.as_str(), tab(b))).collect()
}

const UNCLOSED: ProblemKind = ProblemKind::UnclosedTabGroup;

#[test]
fn a_group_without_an_end_ends_where_the_next_begins() {
    let pair = "# [A](#tab/a)\n\n```bash\na\n```\n\n# [B](#tab/b)\n\n```bash\nb\n```\n\n";
    let text = format!("{pair}text\n\n{pair}## Heading\n\n```bash\nall\n```\n\n{pair}---\n");
    let article = parse(&text);
    let ab = [("a", Some("a")), ("b", Some("b"))];
    let expected = [&ab[..], &ab, &[("all", None)], &ab].concat();
    assert_eq!(tabs(&article), expected);
    assert_eq!(article.tab_groups.len(), 3);
    let told = |line| (format!("a/article.md:{line}:1"), UNCLOSED);
    assert_eq!(problems(&article), [told(7), told(21)]);
    // The text after the last heading is for everyone too.
    let last = article
        .prose
        .iter()
        .find(|p| p.text == "## Heading" || p.text == "Heading")
        .unwrap();
    assert_eq!(last.visibility.tab, None);
}

#[test]
fn the_end_of_the_article_ends_a_group() {
    let text = "# [A](#tab/a)\n\n```bash\na\n```\n\n# [B](#tab/b)\n\n```bash\nb\n```\n";
    assert_eq!(problems(&parse(text)), []);
    let more = format!("{text}\n## Next\n\n```bash\nall\n```\n");
    let article = parse(&more);
    assert_eq!(
        problems(&article),
        [("a/article.md:7:1".to_owned(), UNCLOSED)]
    );
    assert_eq!(tabs(&article)[2], ("all", None));
    // Where every tab has headings, those of the last are its own.
    let each = "# [A](#tab/a)\n\n## One\n\n# [B](#tab/b)\n\n## Two\n\n```bash\nb\n```\n";
    let article = parse(each);
    assert_eq!(problems(&article), []);
    assert_eq!(tabs(&article), [("b", Some("b"))]);
    // And with its end, so is every heading.
    let closed = "# [A](#tab/a)\n\nx\n\n# [B](#tab/b)\n\n## Two\n\n```bash\nb\n```\n\n---\n";
    assert_eq!(problems(&parse(closed)), []);
    assert_eq!(tabs(&parse(closed)), [("b", Some("b"))]);
}

#[test]
fn lists_zones_and_includes_end_their_own_groups_only() {
    let group = "# [A](#tab/a)\n\n```bash\na\n```\n";
    let in_list = format!(
        "1. x\n\n   {}\n```bash\nall\n```\n",
        group.replace('\n', "\n   ")
    );
    assert_eq!(tabs(&parse(&in_list)), [("a", Some("a")), ("all", None)]);
    let in_zone = format!(":::zone pivot=\"p\"\n\n{group}\n:::zone-end\n\n```bash\nall\n```\n");
    assert_eq!(tabs(&parse(&in_zone)), [("a", Some("a")), ("all", None)]);
    let include = |path: &str| {
        Some((
            path.to_owned(),
            "```bash\ni\n```\n\n---\n\n:::zone-end\n".to_owned(),
        ))
    };
    let text = format!(
        ":::zone pivot=\"p\"\n\n{group}\n[!INCLUDE [i](i.md)]\n\n```bash\nin\n```\n\n---\n\n:::zone-end\n"
    );
    let article = Article::parse("a.md", &text, &include);
    assert_eq!(
        tabs(&article),
        [("a", Some("a")), ("i", Some("a")), ("in", Some("a"))]
    );
    assert_eq!(
        problems(&article),
        [("i.md:7:1".to_owned(), ProblemKind::UnmatchedZoneEnd)]
    );
}

#[test]
fn a_group_that_ends_early_within_one_that_does() {
    let inner = "- # [C](#tab/c)\n\n  # [D](#tab/d)\n\n  ## In\n\n  ```bash\n  d\n  ```\n\n";
    let outer = "# [A](#tab/a)\n\n# [B](#tab/b)\n\n";
    let after = "```bash\nall\n```\n";
    let before = parse(&format!("{outer}## Out\n\n{inner}{after}"));
    assert_eq!(tabs(&before), [("d", None), ("all", None)]);
    // What comes before the outer group's heading is still in its tab.
    let behind = parse(&format!("{outer}{inner}## Out\n\n{after}"));
    assert_eq!(tabs(&behind), [("d", Some("b")), ("all", None)]);
}

#[test]
fn a_group_within_a_tab_is_seen_with_it() {
    let inner = "- x\n\n  # [I](#tab/i)\n\n  ```bash\n  i\n  ```\n\n  # [J](#tab/j)\n\n  ```bash\n  j\n  ```\n\n  ---\n\n";
    let text = format!(
        "# [A](#tab/a)\n\n{inner}```bash\na\n```\n\n# [B](#tab/b)\n\n```bash\nb\n```\n\n---\n"
    );
    let article = parse(&text);
    let seen = |tabs: &[&str]| -> Vec<String> {
        on_path(&article, &path(tabs, None))
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    };
    assert_eq!(seen(&["a"]), ["i", "a"]);
    assert_eq!(seen(&["j"]), ["j", "a"]);
    assert_eq!(seen(&["b", "j"]), ["b"]);
}

#[test]
fn code_of_other_files_is_a_block_where_the_file_is_there() {
    let file = |path: &str| {
        let text = "#!/bin/bash\n# <make>\naz group create\n# </make>\naz login\n".to_owned();
        path.ends_with("run.sh").then(|| (path.to_owned(), text))
    };
    let text = "## A\n\n:::code language=\"azurecli\" source=\"../s/run.sh\" id=\"make\":::\n\n1. x\n\n   :::code language=\"bash\" source=\"~/r/run.sh\" range=\"5\" :::\n\n   [!code-bash[Run](../s/run.sh#L3 \"t\")]\n\n:::code source=\"../gone.sh\":::\n\n:::code source=\"../s/run.sh\" id=\"other\":::\n";
    let article = Article::parse("docs/a/b.md", text, &file);
    let blocks: Vec<_> = article
        .blocks
        .iter()
        .map(|b| (b.language.as_str(), b.fence.line, b.position().to_string()))
        .collect();
    assert_eq!(
        blocks,
        [
            ("azurecli", 3, "docs/s/run.sh:3:1".to_owned()),
            ("bash", 7, "~/r/run.sh:5:1".to_owned()),
            ("bash", 9, "docs/s/run.sh:3:1".to_owned()),
        ]
    );
    assert_eq!(texts(&article, 0), ["az group create"]);
    let missing: Vec<_> = article
        .missing_includes
        .iter()
        .map(|m| (m.path.as_str(), m.kind))
        .collect();
    let code = IncludeKind::Code;
    assert_eq!(missing, [("docs/gone.sh", code), ("docs/s/run.sh", code)]);
    assert_eq!(
        article
            .prose
            .iter()
            .map(|p| p.text.as_str())
            .collect::<Vec<_>>(),
        ["A", "x"]
    );
}

/// Pieces that texts are made of, so that random texts reach Learn's constructs.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "```bash\n", "```\n", "~~~\n", "x```\n", "   - ", "      ```\n", "Text.\n", "    ", "> ", "* ", "1. ", "\n", "\r\n", "\r", "\t", "---\n",
            "# [A](#tab/a)\n", "# [B](#tab/b/c)\n", "## H\n", "::: zone pivot=\"p\"\n", "::: zone-end\n",
            "[!INCLUDE [x](y.md)]\n", ":::code source=\"x\":::\n", "`", "|a|b|\n|-|-|\n", "<!--", "-->", "<!-- c -->", "**b**", "<https://x>",
            "[!code-bash[a](b?range=1-2)]\n", ":::code source=\"x\" range=\"1\":::\n", "![i](j)", "\\<A\\>",
            "<div>\n", "[a]: b\n", "\u{feff}", "title: x\n",
        ]).prop_map(str::to_owned),
        2 => any::<String>(),
        2 => "[a-zé \\\\\"]{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn any_text_is_read_and_every_line_is_where_it_says(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let include = text.clone();
        let article = Article::parse("a.md", &text, &|path| Some((path.to_owned(), include.clone())));
        let unified = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = unified.split('\n').collect();
        for block in &article.blocks {
            for line in &block.lines {
                let mut source = lines[line.position.line as usize - 1];
                if line.position.line == 1 {
                    source = source.strip_prefix('\u{feff}').unwrap_or(source);
                }
                let rest: String = source.chars().skip(line.position.column as usize - 1).collect();
                // A closing fence behind the code is cut off.
                prop_assert!(rest.starts_with(&line.text), "{:?} {:?}", rest, line);
            }
        }
        for prose in &article.prose {
            let line = lines[prose.position.line as usize - 1];
            let line = if prose.position.line == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
            let rest: String = line.chars().skip(prose.position.column as usize - 1).collect();
            prop_assert_eq!(&rest, &prose.text);
            prop_assert_eq!(prose.words.chars().count(), prose.text.chars().count());
            for (word, text) in prose.words.chars().zip(prose.text.chars()) {
                prop_assert!(word == text || word == ' ');
            }
        }
        let size = |line: u32| lines.get(line as usize - 1).map(|line| line.chars().count() as u32 + 1);
        let spans = article.inline_code.iter().map(|code| &code.span);
        let spans = spans.chain(article.comments.iter().map(|comment| &comment.span));
        let spans = spans.chain(article.problems.iter().map(|problem| &problem.span));
        for span in spans.chain(article.missing_includes.iter().map(|missing| &missing.span)) {
            prop_assert!(Some(span.column) <= size(span.line) && Some(span.end_column) <= size(span.end_line), "{:?}", span);
            prop_assert!((span.line, span.column) <= (span.end_line, span.end_column), "{:?}", span);
        }
        for choice in [path(&[], None), path(&["a", "c"], Some("p"))] {
            let mut addresses: Vec<String> = on_path(&article, &choice).into_iter().map(|(a, _)| a).collect();
            let all = addresses.len();
            addresses.sort();
            addresses.dedup();
            prop_assert_eq!(addresses.len(), all);
        }
    }
}
