//! How files are named in findings: [`of`] a path.

use std::path::{Component, Path, PathBuf};

/// The path from the folder docproof was started in, with `/` between folders; absolute if the
/// file is given so and lies elsewhere.
pub(crate) fn of(path: &Path, start: &Path) -> String {
    let path = tidy(path);
    let inside = path.strip_prefix(start).unwrap_or(&path);
    let parts: Vec<_> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    let name = parts.join("/");
    // The root is a part of its own.
    name.strip_prefix("//").map_or_else(
        || {
            if name.is_empty() {
                ".".to_owned()
            } else {
                name.clone()
            }
        },
        |rest| format!("/{rest}"),
    )
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
            ("/docs/a/x.md", "a/x.md"),
            ("/elsewhere/./x.md", "/elsewhere/x.md"),
            ("/../x.md", "/x.md"),
            ("/docs", "."),
            (".", "."),
        ] {
            assert_eq!(of(Path::new(path), Path::new("/docs")), name, "{path}");
        }
    }
}
