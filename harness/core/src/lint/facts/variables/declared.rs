//! Variables that the text asks its reader to set, or that the article gives a program: [`find`].

use crate::lint::Context;
use crate::lint::context::BlockText;
use crate::markdown::{Article, ProseKind, Role};
use crate::shell::{PartKind, Script, Word};
use std::collections::HashSet;

/// The names, in lower case. A name alone is none; something must say that it has a value.
pub(super) fn find(context: &Context<'_>) -> HashSet<String> {
    let mut names = HashSet::new();
    for prose in &context.article.prose {
        by_line(&prose.text, &prose.words, prose.kind, &mut names);
    }
    by_tables(context.article, &mut names);
    for block in &context.blocks {
        match (&block.script, block.role) {
            (Some(script), _) => by_arguments(script, &mut names),
            (None, Role::Listing) => by_listing(block, &mut names),
            (None, _) => {}
        }
    }
    names
}

/// Words that say that a reader is to give something a value.
const ASKING: &[&str] = &[
    "assign",
    "change",
    "create",
    "declare",
    "define",
    "edit",
    "enter",
    "environment variable",
    "export",
    "fill",
    "provide",
    "replace",
    "save",
    "set ",
    "sets ",
    "specify",
    "store",
    "substitute",
    "update",
];

fn by_line(text: &str, words: &str, kind: ProseKind, names: &mut HashSet<String>) {
    let lower = words.to_lowercase();
    let asks = kind == ProseKind::Paragraph && ASKING.iter().any(|word| lower.contains(word));
    // `NAME`: what it is for.
    let listed = text.trim_start_matches(['*', '_']).starts_with('`');
    for (at, code) in text.split('`').enumerate() {
        if at % 2 == 0 {
            continue;
        }
        let given = code
            .trim_start_matches("export ")
            .trim_start_matches("set ")
            .split_once('=')
            .and_then(|(name, _)| name_alone(name));
        let named = name_alone(code).filter(|_| asks || (listed && at == 1));
        names.extend(given.or(named));
    }
    if asks {
        let shouted = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        names.extend(
            shouted
                .filter(|word| {
                    word.contains('_') && !word.contains(|c: char| c.is_ascii_lowercase())
                })
                .map(str::to_lowercase),
        );
    }
}

fn by_tables(article: &Article, names: &mut HashSet<String>) {
    for cell in article
        .tables
        .iter()
        .flat_map(|table| table.rows.iter().skip(1).flatten())
    {
        let bare = cell.text.trim_matches(['`', '*', '<', '>']);
        names.extend(name_alone(bare).filter(|name| name.len() > 1));
    }
}

/// `docker run -e NAME=value`, `--env-vars NAME=value`: a program gets it.
fn by_arguments(script: &Script, names: &mut HashSet<String>) {
    script.walk(&mut |command| {
        for word in &command.words {
            if let Some((name, _)) = beginning(word).and_then(|text| text.split_once('=')) {
                names.extend(name_alone(name));
            }
        }
    });
}

fn beginning(word: &Word) -> Option<&str> {
    match &word.parts.first()?.kind {
        PartKind::Text(text) => Some(text),
        _ => None,
    }
}

/// A file that gives a program variables: `ENV NAME value`, `NAME=value`, `NAME: value`,
/// `name: NAME`.
fn by_listing(block: &BlockText<'_>, names: &mut HashSet<String>) {
    for line in block.text.lines() {
        let line = line.trim().trim_start_matches("- ").trim_end_matches(',');
        for start in ["ENV ", "ARG ", "export ", "name: ", "\"name\": "] {
            let rest = line
                .strip_prefix(start)
                .unwrap_or("")
                .trim_start_matches('"');
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            names.extend(name_alone(
                rest.get(..end.unwrap_or(rest.len())).unwrap_or(""),
            ));
        }
        if let Some((name, _)) = line.split_once([':', '=']) {
            names.extend(name_alone(name.trim().trim_matches('"')));
        }
    }
}

/// The name, if a text is one and nothing else: `NAME`, `$NAME`, `${NAME}`, `$env:NAME`.
fn name_alone(text: &str) -> Option<String> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let text = text.strip_prefix("env:").unwrap_or(text);
    let text = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or(text);
    let mut chars = text.chars();
    let is_name = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::lint::Context;
    use crate::markdown::Article;

    fn declares(text: &str, name: &str) -> bool {
        let article = Article::parse("a.md", text, &|_| None);
        find(&Context::new(&article)).contains(name)
    }

    #[test]
    fn a_reader_is_asked_in_many_ways() {
        for text in [
            "Set the `APP_NAME` environment variable.",
            "Define `$APP_NAME` first.",
            "Run `export APP_NAME=app` first.",
            "1. `APP_NAME`: the name of the app.",
            "Set APP_NAME to the name of the app.",
            "| Variable | Value |\n|---|---|\n| `APP_NAME` | the name |",
            "| Variable | Value |\n|---|---|\n| $APP_NAME | the name |",
            "```dockerfile\nENV APP_NAME app\n```",
            "```yaml\nenv:\n- name: APP_NAME\n```",
            "```bash\ndocker run -e APP_NAME=app image\n```",
        ] {
            assert!(declares(text, "app_name"), "{text}");
        }
    }

    #[test]
    fn a_mention_says_nothing() {
        for text in [
            "The `$APP_NAME` variable holds the name.",
            "Read about APP_NAME.",
            "```bash\necho $APP_NAME\n```",
            "```yaml\nvalue: $APP_NAME\n```",
        ] {
            assert!(!declares(text, "app_name"), "{text}");
        }
    }
}
