//! The texts that are held against other readers.

use std::path::{Path, PathBuf};

/// A piece of bash.
#[derive(Clone)]
pub(crate) struct Text {
    /// `file:line`, or the case's title.
    pub(crate) place: String,
    pub(crate) content: String,
}

/// Our own cases, and the blocks of our snapshots.
pub(crate) fn own() -> Vec<Text> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = read(&root.join("tests/shell_bash/cases.txt"));
    let mut texts: Vec<Text> = cases
        .split("=== ")
        .filter_map(|case| {
            let (title, rest) = case.split_once('\n')?;
            let (text, _) = rest.split_once("\n---\n")?;
            Some(Text {
                place: title.to_owned(),
                content: text.replace('␠', " ").replace('␍', "\r") + "\n",
            })
        })
        .collect();
    texts.extend(blocks_below(&root.join("../../docs-snapshots")));
    texts
}

/// The blocks of the articles below the folder that `DOCPROOF_ARTICLES` names.
pub(crate) fn published() -> Option<Vec<Text>> {
    let folder = std::env::var_os("DOCPROOF_ARTICLES")?;
    Some(blocks_below(Path::new(&folder)))
}

fn blocks_below(folder: &Path) -> Vec<Text> {
    let mut files = Vec::new();
    markdown_files(folder, &mut files);
    files.sort();
    files.iter().flat_map(|file| blocks(file)).collect()
}

fn markdown_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            markdown_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "md") {
            files.push(path);
        }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// The fenced blocks that are said to be bash.
fn blocks(file: &Path) -> Vec<Text> {
    let content = read(file);
    let mut blocks = Vec::new();
    let mut open: Option<(usize, bool, Text)> = None;
    for (number, line) in content.lines().enumerate() {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        let Some(name) = bare.strip_prefix("```") else {
            if let Some((indent, _, text)) = &mut open {
                let blanks = line.len() - bare.len();
                text.content
                    .push_str(line.get(blanks.min(*indent)..).unwrap_or(line));
                text.content.push('\n');
            }
            continue;
        };
        match open.take() {
            Some((_, is_bash, text)) => blocks.extend(is_bash.then_some(text)),
            None => {
                let name = name.trim().to_lowercase();
                let name = name.split([' ', '{']).next().unwrap_or("");
                let is_bash = [
                    "azurecli",
                    "azurecli-interactive",
                    "bash",
                    "bash-interactive",
                    "sh",
                    "shell",
                    "azure-cli",
                ];
                let text = Text {
                    place: format!("{}:{}", place(file), number + 1),
                    content: String::new(),
                };
                open = Some((line.len() - bare.len(), is_bash.contains(&name), text));
            }
        }
    }
    blocks
}

/// A file with its folder.
fn place(file: &Path) -> String {
    let mut parts: Vec<_> = file.components().rev().take(2).collect();
    parts.reverse();
    parts.iter().collect::<PathBuf>().display().to_string()
}
