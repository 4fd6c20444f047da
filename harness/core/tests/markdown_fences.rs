//! Fences that do not mean what their author did: what is told, and how the article is read on.

use docproof_core::markdown::{Article, ProblemKind};

const UNCLOSED: ProblemKind = ProblemKind::UnclosedFence { swallows: true };

/// Problems with their places, and each block's lines. Front matter and other line ends only move them.
fn read(text: &str) -> (Vec<(String, ProblemKind)>, Vec<String>) {
    for end in ["\n", "\r\n", "\r"] {
        let below = format!("---\ntitle: é\n\n---\n{text}").replace('\n', end);
        let below = read_from(4, &below);
        assert_eq!(below, read_from(0, text), "{end:?}");
    }
    read_from(0, text)
}

/// The same, with its lines counted from the one behind `above`.
fn read_from(above: u32, text: &str) -> (Vec<(String, ProblemKind)>, Vec<String>) {
    let article = Article::parse("a.md", text, &|_| None);
    let problems = article.problems.iter().map(|p| {
        let (line, column) = (p.span.line - above, p.span.column);
        (format!("a.md:{line}:{column}"), p.kind.clone())
    });
    let block = |block: &docproof_core::markdown::Block| {
        let lines: Vec<String> = block
            .lines
            .iter()
            .map(|l| {
                let (line, column) = (l.position.line - above, l.position.column);
                format!("{line}:{column} {}", l.text)
            })
            .collect();
        lines.join(" / ")
    };
    (
        problems.collect(),
        article.blocks.iter().map(block).collect(),
    )
}

fn told(place: &str, kind: ProblemKind) -> (String, ProblemKind) {
    (format!("a.md:{place}"), kind)
}

#[test]
fn a_fence_that_the_next_one_opens_into() {
    let text = "```bash\naz login\n\naz logout\n\nThe output is this:\n\n```output\nx\n```\n\n## Next\n\n```bash\nls\n```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("1:1", UNCLOSED)]);
    assert_eq!(
        blocks,
        ["2:1 az login / 3:1  / 4:1 az logout", "9:1 x", "15:1 ls"]
    );
}

#[test]
fn a_fence_that_takes_in_the_rest_of_the_article() {
    let text = "1. A\n\n```azurecli\naz login\n## Next steps\n\nMore.\n\n[a]: b\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("3:1", UNCLOSED)]);
    assert_eq!(blocks, ["4:1 az login"]);
    let text = "```bash\n# a comment\naz login\n";
    let (problems, blocks) = read(text);
    let harmless = ProblemKind::UnclosedFence { swallows: false };
    assert_eq!(problems, [told("1:1", harmless)]);
    assert_eq!(blocks, ["2:1 # a comment / 3:1 az login"]);
}

#[test]
fn a_closing_fence_behind_the_code() {
    let kind = ProblemKind::FenceAfterCode;
    for (line, code) in [
        ("  --name x```", "  --name x"),
        ("  --name x \\ ```", "  --name x \\"),
        ("  --name x ```  ", "  --name x"),
    ] {
        let text =
            format!("```azurecli\naz group create \\\n{line}\n\nThen:\n\n```output\ny\n```\n");
        let (problems, blocks) = read(&text);
        let column = line.trim_end().len() - 2;
        assert_eq!(
            problems,
            [told(&format!("3:{column}"), kind.clone())],
            "{line}"
        );
        assert_eq!(
            blocks,
            [
                format!("2:1 az group create \\ / 3:1 {code}"),
                "8:1 y".to_owned()
            ]
        );
    }
    // In a list, and where the next fence has no name.
    let text = "1. A\n\n    ```bash\n    ls```\n\n1. B\n\n    ```\n    y\n    ```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("4:7", kind.clone())]);
    assert_eq!(blocks, ["4:5 ls", "9:5 y"]);
    let text = "```bash\nls```\n\nThis:\n\n```\ny\n```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("2:3", kind)]);
    assert_eq!(blocks, ["2:1 ls", "7:1 y"]);
}

#[test]
fn a_byte_order_mark_is_no_indentation() {
    let text = "- ```bash\naz login\n  ```\n\n```bash\nls\n```\n";
    assert_eq!(read_from(0, &format!("\u{feff}{text}")), read_from(0, text));
    let moved = ["2:1 az login".to_owned(), "6:1 ls".to_owned()];
    assert_eq!(read(text).1, moved);
}

#[test]
fn only_spaces_and_tabs_are_indentation() {
    for before in ["", "\u{205f}", "\u{a0}"] {
        let (problems, blocks) = read(&format!("A:\n\n    ```bash\n{before}az login\n"));
        let harmless = ProblemKind::UnclosedFence { swallows: false };
        assert_eq!(
            problems,
            [
                told("3:5", ProblemKind::FenceTooDeep),
                told("3:5", harmless)
            ]
        );
        assert_eq!(blocks, [format!("4:1 {before}az login")]);
    }
}

#[test]
fn a_line_that_is_moved_in_has_no_indentation_but_its_own() {
    let (_, blocks) = read("   - ```bash\n* ```\n* ```bash\n ls\n```\n");
    assert_eq!(blocks, ["2:1 *", "4:1  ls"]);
    let (_, blocks) = read("1.\n      ```\n    ```bash\n ls\n\n      ```\n");
    assert_eq!(blocks, ["", "4:1  ls / 5:1 "]);
}

#[test]
fn fences_that_are_indented_too_far() {
    let kind = ProblemKind::FenceTooDeep;
    let text = "1. A\n\n    ```bash\n    ls\n        ```\n\n1. B\n\n    ```bash\n    ps\n    ```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("5:9", kind.clone())]);
    assert_eq!(blocks, ["4:5 ls", "10:5 ps"]);
    let text = "1. A\n\n        ```bash\n    ls\n    ```\n\n1. B\n\n    ```bash\n    ps\n    ```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("3:9", kind)]);
    assert_eq!(blocks, ["4:5 ls", "10:5 ps"]);
}

#[test]
fn a_block_that_is_indented_too_far_is_text() {
    let text = "Text\n\n    ```bash\n    ls\n    ```\n\nText\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("3:5", ProblemKind::BlockTooDeep)]);
    assert!(blocks.is_empty(), "{blocks:?}");
}

#[test]
fn code_that_stands_outside_of_its_list() {
    let text = "1. A\n\n    ```bash\ncat <<EOF\n  a\n\nEOF\n    ```\n\n1. B\n\n    ```bash\n    ps\n    ```\n";
    let (problems, blocks) = read(text);
    assert_eq!(problems, [told("4:1", ProblemKind::CodeOutsideList)]);
    assert_eq!(
        blocks,
        ["4:1 cat <<EOF / 5:1   a / 6:1  / 7:1 EOF", "13:5 ps"]
    );
}

#[test]
fn what_is_right_stays_as_it_is() {
    for text in [
        // A longer fence that holds others.
        "````bash\n```bash\nls\n```\n````\n",
        // Markdown about Markdown.
        "```markdown\n```bash\nls\n```\n",
        // Code that ends with backticks of its own.
        "```powershell\necho \"```\"\n```\n",
        "```bash\nX=`ls`\n```\n",
        "```bash\n## a comment\nls\n```\n",
        "```python\ns = 1\n```\n",
        // Indented code that shows how Markdown is written.
        "Text\n\n    ```\n    ls\n    ```\n\nText\n",
        // Fences in lists, at the marker and below it.
        "1. ```bash\n   ls\n   ```\n\n   ~~~\n   a\n   ~~~\n",
        "> ```bash\n> ls\n> ```\n",
        "```bash\nls\n   ```\n",
    ] {
        assert_eq!(read(text).0, [], "{text}");
    }
}

#[test]
fn mending_comes_to_an_end() {
    let text = "```bash\nls```\n\nText.\n\n".repeat(40);
    let (problems, blocks) = read(&text);
    assert!(problems.len() >= 8 && blocks.len() >= 8, "{problems:?}");
}
