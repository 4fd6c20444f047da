//! Writes a file so that it is never seen half-written: [`replace`].

use crate::Problem;
use std::io::Write;
use std::path::Path;

/// Puts `new` in the place of `old` in a file, if the file still holds `old`. Permissions stay; a
/// symbolic link still leads to the file.
pub(crate) fn replace(name: &str, path: &Path, old: &str, new: &str) -> Result<(), Problem> {
    let failed = |error: std::io::Error| {
        Problem::new(format!("{name} cannot be written: {error}")).help("nothing of it was changed")
    };
    let path = std::fs::canonicalize(path).map_err(failed)?;
    if std::fs::read(&path).map_err(failed)? != old.as_bytes() {
        return Err(
            Problem::new(format!("{name} was changed by somebody else meanwhile"))
                .help("run the command again"),
        );
    }
    let metadata = std::fs::metadata(&path).map_err(failed)?;
    if metadata.permissions().readonly() {
        return Err(Problem::new(format!("{name} is read-only")).help("nothing of it was changed"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".docproof-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(new.as_bytes()).map_err(failed)?;
    let written = file.as_file();
    written
        .set_permissions(metadata.permissions())
        .map_err(failed)?;
    written.sync_all().map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}
