//! The `docproof.toml` of what is checked: [`Configuration`].

use crate::{Docset, Problem};
use docproof_core::diagnostic::{Diagnostic, Severity};
use docproof_core::lint::{Config, Rule, registry};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the file is called.
const NAME: &str = "docproof.toml";

/// A configuration, with what of it was of use.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The configuration file's name.
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
    /// The folder that its paths begin at.
    pub(crate) folder: PathBuf,
    config: Config,
    used: Vec<AtomicBool>,
}

impl Configuration {
    /// Reads a configuration file.
    pub(crate) fn read(docset: &Docset, path: &Path) -> Result<Self, Problem> {
        let file = docset.name(path);
        let text = docset.text(&file)?;
        let config = Config::parse(&file, &text).map_err(|error| Problem {
            message: error.to_string(),
            help: error.help,
        })?;
        let folder = docset.path(&file);
        let used = config
            .allow
            .iter()
            .map(|_| AtomicBool::new(false))
            .collect();
        Ok(Self {
            folder: folder.parent().unwrap_or(&folder).to_owned(),
            file,
            text,
            config,
            used,
        })
    }

    /// The configuration file for what is in `folder`: its own or that of the nearest folder above,
    /// up to where the docset's repository begins.
    pub(crate) fn find(docset: &Docset, folder: &Path) -> Option<PathBuf> {
        let roots = docset.roots.above(folder);
        let last = roots.last().map_or(folder, PathBuf::as_path);
        folder
            .ancestors()
            .take_while(|above| above.starts_with(last))
            .map(|above| above.join(NAME))
            .find(|path| path.is_file())
    }

    /// Takes away the findings that it allows, and changes how much the rest matters.
    pub(crate) fn apply(&self, findings: &mut Vec<Diagnostic>, docset: &Docset) {
        let path = |file: &str| {
            let path = docset.path(file);
            let inside = path.strip_prefix(&self.folder).ok()?;
            Some(inside.to_string_lossy().replace('\\', "/"))
        };
        for at in self.config.apply(findings, &path) {
            if let Some(used) = self.used.get(at) {
                used.store(true, Ordering::Relaxed);
            }
        }
    }

    /// A finding for each entry that allowed nothing.
    pub(crate) fn unused(&self) -> Vec<Diagnostic> {
        const RULE: &str = "unused-suppression";
        let Some(rule) = registry().find(|rule| rule.id() == RULE) else {
            return Vec::new();
        };
        let severity = self.severity(rule);
        let entries = self.config.allow.iter().zip(&self.used);
        entries
            .filter(|(_, used)| !used.load(Ordering::Relaxed))
            .map(|(entry, _)| Diagnostic {
                rule: rule.id(),
                severity,
                span: entry.span.clone(),
                message: format!("this entry for `{}` has nothing to allow", entry.rule),
                help: Some("take it out, or mend its `paths`".into()),
                related: Vec::new(),
                fix: None,
            })
            .collect()
    }

    fn severity(&self, rule: &dyn Rule) -> Severity {
        let own = self.config.severity.get(rule.id());
        own.copied().unwrap_or_else(|| rule.severity())
    }
}
