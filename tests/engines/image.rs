//! An image with a shell and little else, made of this machine's own programs: [`shell`].

use std::collections::BTreeMap;
use std::process::Command;

/// What a session needs of an image.
const PROGRAMS: [&str; 9] = [
    "bash", "cat", "dd", "env", "mkdir", "sh", "sleep", "stty", "touch",
];

/// The image's files, as an archive; an error if this machine cannot tell what its programs need.
pub(crate) fn shell() -> Result<Vec<u8>, String> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for name in PROGRAMS {
        let found = output("sh", &["-c", &format!("command -v {name}")])?;
        let told = output("ldd", &[found.trim()])?;
        let libraries = told.split_whitespace().filter(|word| word.starts_with('/'));
        let content = |path: &str| std::fs::read(path).map_err(|error| format!("{path}: {error}"));
        files.insert(format!("bin/{name}"), content(found.trim())?);
        for library in libraries {
            let path = library.trim_start_matches('/').to_owned();
            files.insert(path, content(library)?);
        }
    }
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        let added = archive.append_data(&mut header, path, &content[..]);
        added.map_err(|error| error.to_string())?;
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_mode(0o1777);
    header.set_size(0);
    let added = archive.append_data(&mut header, "tmp", std::io::empty());
    added.map_err(|error| error.to_string())?;
    archive.into_inner().map_err(|error| error.to_string())
}

fn output(program: &str, words: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(words).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
