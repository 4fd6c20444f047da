//! Learn Markdown into articles: odd texts first, then each of Learn's own constructs.

use docproof_core::markdown::{Article, PathChoice, Role};
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
    assert_eq!(article.diagnostics.len(), 1);
    assert_eq!(
        article.diagnostics[0].position.to_string(),
        "a/article.md:3:1"
    );
    assert_eq!(parse("```bash\na\n```").diagnostics, []);
    assert_eq!(parse("> ~~~\n> a\n> ~~~~\n").diagnostics, []);
    assert_eq!(parse("> ```\n> a\n\nb\n").diagnostics.len(), 1);
}

#[test]
fn indented_code_and_inline_code_are_no_blocks() {
    let article = parse("a\n\n    ```bash\n    x\n    ```\n\n```a``` b\n");
    assert!(article.blocks.is_empty());
}

#[test]
fn a_missing_or_endless_include_is_told() {
    let article = Article::parse("a/b.md", "x\n\n[!INCLUDE [t](../i/x.md)]\n", &|_| None);
    assert_eq!(
        article.diagnostics[0].message,
        "there is no such include: i/x.md"
    );
    assert_eq!(article.diagnostics[0].position.to_string(), "a/b.md:3:1");
    let own = |path: &str| Some((path.to_owned(), "[!INCLUDE [t](b.md)]".to_owned()));
    let article = Article::parse("a/b.md", "[!INCLUDE [t](b.md)]", &own);
    assert!(article.diagnostics[0].message.contains("includes itself"));
    let deeper = |path: &str| {
        Some((
            format!("{path}.md"),
            format!("[!INCLUDE [t](../{path}.md)]"),
        ))
    };
    assert_eq!(
        Article::parse("b.md", "[!INCLUDE [t](c)]", &deeper)
            .diagnostics
            .len(),
        1
    );
}

#[test]
fn includes_that_double_come_to_an_end() {
    let double = |path: &str| {
        let name = format!("{path}x");
        Some((
            name,
            format!("[!INCLUDE [t]({path}a)]\n\n[!INCLUDE [t]({path}b)]\n"),
        ))
    };
    let article = Article::parse("b.md", "[!INCLUDE [t](c)]", &double);
    assert!(
        article
            .diagnostics
            .iter()
            .any(|note| note.message.contains("one too many"))
    );
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
    assert_eq!(article.diagnostics, []);
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
    assert_eq!(article.diagnostics, []);
    assert_eq!(article.sections.len(), 1);
    assert_eq!(parse("# [A](#tab/a)\n\nx\n").diagnostics.len(), 1);
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
    assert_eq!(article.diagnostics.len(), 1, "{:?}", article.diagnostics);
    assert_eq!(parse("::: zone pivot=\"a\"\n").diagnostics.len(), 1);
}

/// Pieces that texts are made of, so that random texts reach Learn's constructs.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "```bash\n", "```\n", "~~~\n", "    ", "> ", "* ", "1. ", "\n", "\r\n", "\r", "\t", "---\n",
            "# [A](#tab/a)\n", "# [B](#tab/b/c)\n", "## H\n", "::: zone pivot=\"p\"\n", "::: zone-end\n",
            "[!INCLUDE [x](y.md)]\n", ":::code source=\"x\":::\n", "`", "|a|b|\n|-|-|\n", "<!--", "-->",
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
                prop_assert_eq!(&rest, &line.text);
            }
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
