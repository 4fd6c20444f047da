//! The HTML report: nothing in it is asked of anybody, nothing of an article or an event gets out of its
//! place, no secret is in it, and everything that was said is there once.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

#[path = "html/markup.rs"]
mod markup;

use docproof_core::event::{
    AppliedCorrection, ArticleCoverage, BlockCoverage, BlockState, Coverage, Difference, Event,
    Failure, NoteKind, Outcome, PathCoverage, Printed, RequestLine, StepKind, StepNote,
    StepOutcome, Timing,
};
use docproof_core::markdown::PathChoice;
use docproof_core::report::{Html, Page, Source};
use docproof_core::source::Position;
use markup::{asks_for, letters, unbalanced, without_tags};
use proptest::prelude::*;

const ARTICLE: &str = "docs/a.md";

const TEXT: &str = "\
---
title: From the front matter
---
# Make a <vault>

Read [this](https://example.com/x), *then* go on<br>with `az`. <!-- a comment --> Use <name>.

> [!NOTE]
> It costs money.

# [Bash](#tab/bash)

```azurecli
az keyvault create --name mykeyvault --location eastus
```

# [PowerShell](#tab/powershell)

```powershell
New-AzKeyVault
```

---

## See it

1. Show it:

   ```azurecli
   az keyvault show --name mykeyvault
   ```

   ```output
   {
     \"name\": \"null\",
     \"region\": \"eastus\"
   }
   ```

2. Click on it.

[!INCLUDE [x](includes/more.md)]
[!INCLUDE [y](includes/missing.md)] behind the include.

Select :::image type=\"icon\" source=\"x_y_z.png\" alt-text=\"the plus\"::: *now*.
`x`:::image source=\"a_b\"::: goes on.

| a | |
|---|---|
| 1 | :::image |
";

fn at(line: u32, column: u32) -> Position {
    Position {
        file: ARTICLE.to_owned(),
        line,
        column,
    }
}

fn includes(path: &str) -> Option<(String, String)> {
    let text = "## More\n\n```bash\necho more\n```\n";
    (path == "docs/includes/more.md").then(|| (path.to_owned(), text.to_owned()))
}

fn started(scenario: &str, tab: &str) -> Event {
    Event::Started {
        scenario: scenario.to_owned(),
        title: "a <b> title".to_owned(),
        target: "embedded".to_owned(),
        article: ARTICLE.to_owned(),
        steps: 3,
        as_published: false,
        reader_roles: vec!["Key Vault Administrator".to_owned()],
        preparations: 0,
        stand_ins: Vec::new(),
        requires: Vec::new(),
        path: Some(PathChoice {
            tabs: vec![tab.to_owned()],
            pivot: None,
        }),
    }
}

struct Step<'a> {
    scenario: &'a str,
    name: &'a str,
    index: usize,
    at: Position,
    outcome: StepOutcome,
}

impl Step<'_> {
    fn event(&self, change: impl FnOnce(&mut Parts)) -> Event {
        let mut parts = Parts::default();
        change(&mut parts);
        Event::StepFinished {
            scenario: self.scenario.to_owned(),
            target: "embedded".to_owned(),
            name: self.name.to_owned(),
            index: self.index,
            position: self.at.clone(),
            kind: parts.kind,
            notes: parts.notes,
            outcome: self.outcome,
            timing: Timing {
                seconds: 1.25,
                ..Timing::default()
            },
            corrections: parts.corrections,
            filled_in: Vec::new(),
            failure: parts.failure,
            not_run: None,
            requests: parts.requests,
            printed: parts.printed,
        }
    }
}

#[derive(Default)]
struct Parts {
    kind: StepKind,
    notes: Vec<StepNote>,
    corrections: Vec<AppliedCorrection>,
    failure: Option<Failure>,
    requests: Vec<RequestLine>,
    printed: Option<Printed>,
}

fn verdict(scenario: &str, outcome: Outcome, compared: u32) -> Event {
    Event::Verdict {
        scenario: scenario.to_owned(),
        target: "embedded".to_owned(),
        outcome,
        corrections: 1,
        steps: Vec::new(),
        timing: Timing {
            seconds: 4.5,
            ..Timing::default()
        },
        preparation_seconds: 0.0,
        coverage: Coverage {
            run: 2,
            compared: 1,
            blocks: vec![BlockCoverage {
                file: ARTICLE.to_owned(),
                line: compared,
                path: String::new(),
                on_path: true,
                state: BlockState::Compared,
            }],
            ..Coverage::default()
        },
        not_run: None,
        checked: None,
        failures: Vec::new(),
        not_needed: Vec::new(),
    }
}

/// One walkthrough that fails at a sample, and one of the other tab.
fn events() -> Vec<Event> {
    let step = |name, index, at, outcome| Step {
        scenario: "one",
        name,
        index,
        at,
        outcome,
    };
    vec![
        started("one", "bash"),
        step("create", 0, at(14, 1), StepOutcome::Passed).event(|parts| {
            parts.corrections.push(AppliedCorrection {
                position: at(14, 38),
                find: "--location eastus".to_owned(),
                replace: "--location eastus --rbac <false>".to_owned(),
                why: "a vault is `RBAC` now".to_owned(),
            });
            parts.requests.push(RequestLine {
                method: "PUT".to_owned(),
                url: "https://management.azure.com/vaults/v?api-version=1".to_owned(),
                status: 400,
                error: Some("BadRequest".to_owned()),
                answer: Some("no <such> thing".to_owned()),
                command: Some("keyvault create".to_owned()),
            });
        }),
        step("by hand", 1, at(40, 1), StepOutcome::Passed).event(|parts| {
            parts.kind = StepKind::Manual;
            parts.notes.push(StepNote {
                about: NoteKind::DoneBy,
                text: "az click".to_owned(),
                why: None,
                position: None,
            });
        }),
        step("show", 2, at(30, 4), StepOutcome::Failed).event(|parts| {
            parts.failure = Some(Failure {
                position: at(35, 6),
                message: "the output differs".to_owned(),
                command: None,
                expected: Some("/name: null".to_owned()),
                actual: Some("/name: v".to_owned()),
                help: Some("correct the sample".to_owned()),
            });
            parts.printed = Some(Printed {
                output: "{\"name\": \"v</code>\", \"region\": \"eastus\"}".to_owned(),
                differences: vec![Difference {
                    position: at(35, 14),
                    pointer: Some("/name".to_owned()),
                    expected: "\"null\"".to_owned(),
                    actual: "\"v</code>\"".to_owned(),
                    message: "differs".to_owned(),
                }],
            });
        }),
        Step {
            scenario: "one",
            name: "nowhere",
            index: 3,
            at: at(999, 1),
            outcome: StepOutcome::Skipped,
        }
        .event(|_| {}),
        verdict("one", Outcome::Failed, 34),
        started("two", "powershell"),
        Step {
            scenario: "two",
            name: "create it in PowerShell",
            index: 0,
            at: at(20, 1),
            outcome: StepOutcome::NotEmulated,
        }
        .event(|_| {}),
        verdict("two", Outcome::NotEmulated, 0),
        Event::Coverage {
            articles: vec![ArticleCoverage {
                article: ARTICLE.to_owned(),
                scenarios: vec!["one".to_owned(), "two".to_owned()],
                paths: vec![PathCoverage {
                    path: "tab bash".to_owned(),
                    run: 2,
                    unused: vec![at(14, 1)],
                    ..PathCoverage::default()
                }],
            }],
        },
    ]
}

fn pages(text: &str, events: &[Event]) -> Vec<Page> {
    let mut html = Html::new();
    for event in events {
        html.event(event);
    }
    html.pages(&|file| (file == ARTICLE).then(|| Source::read(file, text, &includes)))
}

fn page() -> String {
    pages(TEXT, &events()).remove(0).text
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn pages_ask_nobody_for_anything() {
    for page in pages(TEXT, &events()) {
        assert_eq!(asks_for(&page.text), Vec::<String>::new(), "{}", page.name);
        assert!(page.text.contains("default-src 'none'; style-src 'sha256-"));
        assert_eq!(unbalanced(&page.text), None, "{}", page.name);
    }
    let asks = "<link href=x><img src='a'><p style='background:url(x)'>@import";
    assert_eq!(asks_for(asks).len(), 5);
}

#[test]
fn the_article_is_there_as_its_reader_sees_it() {
    let page = page();
    assert!(page.contains("<h1>Make a</h1>"), "{page}");
    assert!(
        page.contains(
            "<a href=\"https://example.com/x\" rel=\"noreferrer\">this</a>, <em>then</em>"
        )
    );
    assert!(page.contains("go on<br>with <code>az</code>.  Use &lt;name&gt;."));
    assert!(page.contains(
        "<div class=\"alert note\"><p class=\"alert-title\">Note</p><p>It costs money.</p>"
    ));
    assert!(
        page.contains("<span class=\"t0-0\">Bash</span> <span class=\"t0-1\">PowerShell</span>")
    );
    assert!(page.contains("<h2 id=\"s-see-it\" class=\"l2\">See it</h2>"));
    assert!(page.contains("id=\"s-more\"") && page.contains("echo more"));
    assert!(page.contains("An include that is not at hand: includes/missing.md"));
    assert!(!page.contains("[!INCLUDE") && !page.contains("[!NOTE]"));
    assert!(
        page.contains("Select <span class=\"icon\">Image: the plus</span> <em>now</em>."),
        "{page}"
    );
    assert!(
        page.contains("behind the include.") && page.contains("<code>x</code> goes on."),
        "{page}"
    );
    assert!(!page.contains("a comment"));
    // Once as published, once with the correction.
    let shown = without_tags(&page);
    assert_eq!(
        count(&shown, "az keyvault create --name mykeyvault"),
        2,
        "{page}"
    );
}

#[test]
fn every_step_is_shown_once_and_at_its_place() {
    let page = page();
    for id in ["r0-0", "r0-1", "r0-2", "r0-3", "r1-0"] {
        assert_eq!(count(&page, &format!("id=\"{id}\"")), 1, "{id}");
        assert!(page.contains(&format!("href=\"#{id}\"")), "{id}");
    }
    let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(place("id=\"b0\"") < place("id=\"r0-0\"") && place("id=\"r0-0\"") < place("id=\"b1\""));
    // Done by hand: at its instruction, behind the block of the instruction before it.
    assert!(
        place("id=\"r0-2\"") < place("Click on it.")
            && place("Click on it.") < place("id=\"r0-1\"")
    );
    assert!(place("Steps at places that the article does not have") < place("id=\"r0-3\""));
}

#[test]
fn what_differs_and_what_is_corrected_is_marked() {
    let page = page();
    assert!(
        page.contains("--location eastus<ins> --rbac &lt;false&gt;</ins>"),
        "{page}"
    );
    assert!(page.contains("<span class=\"why\">a vault is <code>RBAC</code> now</span>"));
    assert!(
        page.contains("<mark class=\"differs\">&quot;null&quot;</mark>,"),
        "{page}"
    );
    assert!(page.contains(
        "<mark class=\"differs\">  &quot;name&quot;: &quot;v&lt;/code&gt;&quot;,</mark>"
    ));
    assert!(page.contains("1 request to Azure, 1 refused"));
    assert!(page.contains("BadRequest: no &lt;such&gt; thing"));
    assert!(
        page.contains("✗</span> differs"),
        "the sample tells that it differs"
    );
}

#[test]
fn each_walkthrough_hides_what_its_reader_does_not_see() {
    let page = page();
    let rule = |walk: usize| {
        let begin = format!("body:has(#c{walk}:checked) :is(.w:not(.w{walk})");
        let line = page.lines().find(|line| line.starts_with(&begin));
        line.unwrap_or_else(|| panic!("no rule for {walk}"))
            .to_owned()
    };
    let class = |code: &str| {
        let at = page.find(code).unwrap();
        let before = &page[..at];
        let figure = before.rfind("<figure class=\"").unwrap();
        let classes = before[figure..].split('"').nth(1).unwrap();
        format!(".{}", classes.split(' ').next_back().unwrap())
    };
    let (bash, powershell) = (class("az keyvault create"), class("New-AzKeyVault"));
    assert_ne!(bash, powershell);
    assert!(
        rule(0).contains(&powershell) && !rule(0).contains(&bash),
        "{}",
        rule(0)
    );
    assert!(
        rule(1).contains(&bash) && !rule(1).contains(&powershell),
        "{}",
        rule(1)
    );
    // What failed is shown first.
    assert!(page.contains("id=\"c0\" checked"));
}

#[test]
fn an_article_that_is_not_at_hand_is_shown_by_its_steps() {
    let mut html = Html::new();
    for event in events() {
        html.event(&event);
    }
    let pages = html.pages(&|_| None);
    assert!(pages[0].text.contains("The article is not at hand"));
    assert_eq!(count(&pages[0].text, "id=\"r0-2\""), 1);
    assert_eq!(unbalanced(&pages[0].text), None);
    let names: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    assert_eq!(names, ["docs-a.html", "index.html"]);
}

#[test]
fn a_run_that_was_cut_off_is_told_as_that() {
    let events = &events()[..2];
    let pages = pages(TEXT, events);
    assert!(pages[0].text.contains("</span> interrupted</span>"));
    assert!(pages[1].text.contains("1 interrupted"));
}

/// Secrets of the forms that `mask_secrets` knows, and one that only a rule of `check` finds.
#[test]
fn no_secret_of_the_article_or_of_an_event_is_shown() {
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3ZhdWx0In0.c2lnbmF0dXJl";
    let key =
        "Zx81Kq+0aPmWc7Yt3uVd9Jr2Hs6Lb4NfGe5Io8QwTvXyBzAkCmDnEpFrGsHtJuKvLwMxNyPzQ1R2S3T4U5V6==";
    let text = format!(
        "# A\n\nText {token} and\n\n```bash\nexport AZURE_CLIENT_SECRET=abcd1234efgh\necho {token}\n```\n\n\
         ```output\n{{ \"primaryKey\": \"{key}\" }}\n```\n"
    );
    let mut events = events();
    for event in &mut events {
        if let Event::StepFinished {
            failure,
            printed,
            requests,
            notes,
            ..
        } = event
        {
            if let Some(failure) = failure {
                failure.actual = Some(format!("Bearer {token}"));
                failure.command = Some(format!("x --client-secret {key}"));
            }
            if let Some(printed) = printed {
                printed.output = format!("{{\"accessToken\": \"{token}\"}}");
                printed.differences[0].actual = token.to_owned();
            }
            for request in requests {
                request.answer = Some(format!("refused {token}"));
            }
            for note in notes {
                note.text = format!("curl -H 'Authorization: Bearer {token}'");
            }
        }
    }
    for page in pages(&text, &events) {
        for secret in [token, &token[..40], key, "abcd1234efgh"] {
            assert!(!page.text.contains(secret), "{}: {secret}", page.name);
        }
    }
}

#[test]
fn nothing_of_an_article_or_an_event_becomes_markup() {
    let evil = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'";
    let text = format!(
        "# {evil}\n\n{evil}\n\n<script>alert(2)</script>\n\n[x](javascript:alert(3)) ![{evil}](y)\n\n```{evil}\n{evil}\n```\n\n\
         # [{evil}](#tab/a)\n\n# [b](#tab/b)\n\n> [!NOTE] {evil}\n\n:::image alt-text=\"{}\":::\n\n[!INCLUDE [a](<{evil}>)]\n",
        evil.replace('"', "")
    );
    let json = serde_json::to_string(&events()).unwrap();
    let evil_json = serde_json::to_string(evil).unwrap();
    let evil_json = evil_json.trim_matches('"');
    let mut changed = json.clone();
    for word in [
        "create",
        "a <b> title",
        "one",
        "BadRequest",
        "az click",
        "/name",
        "tab bash",
    ] {
        changed = changed.replace(&format!("\"{word}\""), &format!("\"{evil_json}\""));
    }
    assert_ne!(json, changed);
    let events: Vec<Event> = serde_json::from_str(&changed).unwrap();
    for page in pages(&text, &events) {
        let scripts = usize::from(page.name != "index.html");
        assert_eq!(count(&page.text, "<script"), scripts, "{}", page.text);
        assert_eq!(asks_for(&page.text), Vec::<String>::new());
        assert_eq!(unbalanced(&page.text), None, "{}", page.name);
    }
}

#[test]
fn two_articles_have_two_pages_whatever_they_are_called() {
    let mut html = Html::new();
    for article in ["index.md", "a/b.md", "a-b.md", "../A/b.md", "Index"] {
        let mut event = started(article, "x");
        if let Event::Started { article: file, .. } = &mut event {
            *file = article.to_owned();
        }
        html.event(&event);
    }
    let pages = html.pages(&|_| None);
    let mut names: Vec<String> = pages.iter().map(|page| page.name.to_lowercase()).collect();
    assert!(
        names
            .iter()
            .all(|name| !name.contains(['/', '\\']) && !name.starts_with('.'))
    );
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6, "{names:?}");
}

/// Every block of the published snapshots is on its page, and the page is whole.
#[test]
fn the_snapshots_are_shown_whole() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs-snapshots");
    for entry in std::fs::read_dir(root).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path().join("article.md")).unwrap();
        let article = docproof_core::markdown::Article::parse(ARTICLE, &text, &includes);
        let page = pages(&text, &[started("one", "bash")]).remove(0).text;
        assert_eq!(unbalanced(&page), None, "{}", article.title);
        for number in 0..article.blocks.len() {
            assert_eq!(
                count(&page, &format!("id=\"b{number}\"")),
                1,
                "{}",
                article.title
            );
        }
        let shown = letters(&without_tags(&page));
        for prose in &article.prose {
            let is_learn = prose.text.starts_with(":::") || prose.text.contains("[!");
            // Code is blank in `words`; so are marks, of one character.
            for part in prose.words.split("  ").filter(|_| !is_learn) {
                let part = letters(part);
                assert!(shown.contains(&part), "{}: {part}", prose.position);
            }
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("```azurecli\naz a\n```\n"),
        Just("```\n"),
        Just("# [Bash](#tab/bash)\n"),
        Just("# [B](#tab/b)\n"),
        Just("## Heading *x* `y`\n"),
        Just("---\n"),
        Just("::: zone pivot=\"a\"\n"),
        Just("::: zone-end\n"),
        Just("1. one\n"),
        Just("* two\n"),
        Just("   text **bold** [l](x) <br> <b>\n"),
        Just("> [!NOTE]\n"),
        Just("> quote\n"),
        Just("[!INCLUDE [x](includes/more.md)] after\n"),
        Just("before [!INCLUDE [x](includes/more.md)]\n"),
        Just("|a|b|\n|--|--|\n|1|<c>|\n"),
        Just("<!-- open\n"),
        Just("-->\n"),
        Just("<div>\n"),
        Just("    indented\n"),
        Just("\n"),
        Just(":::image source=\"x\" alt-text=\"y\":::\n"),
        Just("![alt *x*](y)\n"),
        Just("see :::image source=\"x\" alt-text=\"y_z\"::: and :::image source=\"x\"::: *on*\n"),
        Just("é “quoted” – &amp; \\<\n"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_an_article_is_its_page_is_whole(text in pieces()) {
        let page = pages(&text, &events()).remove(0).text;
        prop_assert_eq!(unbalanced(&page), None);
        prop_assert_eq!(asks_for(&page), Vec::<String>::new());
        let blocks = docproof_core::markdown::Article::parse(ARTICLE, &text, &includes).blocks;
        for number in 0..blocks.len() {
            prop_assert_eq!(count(&page, &format!("id=\"b{number}\"")), 1);
        }
        for id in ["r0-0", "r0-1", "r0-2", "r0-3", "r1-0"] {
            let id = format!("id=\"{id}\"");
            prop_assert_eq!(count(&page, &id), 1);
        }
    }
}
