//! Articles as reports show them, read from disk.

use docproof_core::report::Source;
use docproof_docset::Docset;
use docproof_run::project::Project;

/// An article by its name in events: one of the project's snapshots, or any other from here.
pub(crate) fn source(file: &str) -> Option<Source> {
    let start = std::env::current_dir().ok()?;
    if let Ok(project) = Project::find(&start) {
        let snapshot =
            project.read_article(file, |text, includes| Source::read(file, text, includes));
        if snapshot.is_some() {
            return snapshot;
        }
    }
    let docset = Docset::new(&start);
    let text = docset.text(file).ok()?;
    Some(Source::read(file, &text, &|wanted| {
        let (name, text) = docset.include(file, wanted)?;
        Some((name, text.as_ref().to_owned()))
    }))
}
