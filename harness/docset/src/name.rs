//! How files are named in findings: [`of`] a path.

use std::path::{Component, Path, PathBuf};

/// The path from the folder docproof was started in, with `/` between folders and `..` where it
/// leads out of that folder; absolute if the two have nothing in common.
pub(crate) fn of(path: &Path, start: &Path) -> String {
    let path = tidy(path);
    if path.is_relative() {
        return joined(path.components());
    }
    let shared = path
        .components()
        .zip(start.components())
        .take_while(|(a, b)| a == b)
        .count();
    if shared <= 1 {
        return format!("/{}", joined(path.components().skip(1)));
    }
    let up = start
        .components()
        .skip(shared)
        .map(|_| Component::ParentDir);
    joined(up.chain(path.components().skip(shared)))
}

fn joined<'p>(parts: impl Iterator<Item = Component<'p>>) -> String {
    let parts: Vec<_> = parts
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// The path without `.`, and without `..` where that is the folder before it.
pub(crate) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match (part, tidy.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                tidy.pop();
            }
            _ => tidy.push(part),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::of;
    use std::path::Path;

    #[test]
    fn a_name_leads_from_the_start_to_the_file() {
        for (path, name) in [
            ("./a/../b/x.md", "b/x.md"),
            ("../x.md", "../x.md"),
            ("/site/docs/a/x.md", "a/x.md"),
            ("/site/./other/x.md", "../other/x.md"),
            ("/elsewhere/./x.md", "/elsewhere/x.md"),
            ("/../x.md", "/x.md"),
            ("/site/docs", "."),
            (".", "."),
        ] {
            assert_eq!(of(Path::new(path), Path::new("/site/docs")), name, "{path}");
        }
    }
}
