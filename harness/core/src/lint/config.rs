//! `docproof.toml`: what a docset allows, and how much its rules matter, in [`Config`].

use super::rule::registry;
use crate::diagnostic::{Diagnostic, Severity};
use crate::markdown::lines::LineIndex;
use crate::source::{Position, Span};
use crate::suggest::{self, nearest};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// What a `docproof.toml` says about checks.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// What is not reported.
    pub allow: Vec<Allowed>,
    /// How much findings of a rule matter here.
    pub severity: BTreeMap<&'static str, Severity>,
}

/// A rule that is not reported for some files.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// The rule.
    pub rule: &'static str,
    /// Why.
    pub reason: String,
    /// Where the configuration says it.
    pub span: Span,
    /// All files if there are none.
    paths: GlobSet,
}

/// A `docproof.toml` that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct ConfigError {
    /// Where.
    pub position: Position,
    /// What is wrong, in lower case without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Config {
    /// Reads the `text` of the configuration `file`.
    ///
    /// # Errors
    /// What is not TOML, has a key or names a rule that there is not, or gives no reason.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let reader = Reader {
            file,
            lines: LineIndex::new(text),
        };
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let message = error.message().replace('\n', ", ");
            let help = suggest::for_unknown_field(&message);
            reader.error(&error.span().unwrap_or(0..0), message, help)
        })?;
        let allow = raw.check.allow.into_iter().map(|raw| reader.allowed(raw));
        let severity = raw.check.severity.iter().map(|(rule, severity)| {
            let rule = reader.rule(rule)?;
            Ok((rule, *severity.get_ref()))
        });
        Ok(Self {
            allow: allow.collect::<Result<_, _>>()?,
            severity: severity.collect::<Result<_, _>>()?,
        })
    }

    /// Takes away what is allowed and changes how much the rest matters. `path` tells the path of a
    /// finding's file from the configuration's folder, if it is in there. Answers which entries of
    /// [`Self::allow`] took something.
    pub fn apply(
        &self,
        findings: &mut Vec<Diagnostic>,
        path: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<usize> {
        let mut used = Vec::new();
        findings.retain_mut(|finding| {
            let allowed = self.allow.iter().position(|allowed| {
                allowed.rule == finding.rule
                    && path(&finding.span.file).is_some_and(|path| allowed.is_about(&path))
            });
            if let Some(severity) = self.severity.get(finding.rule) {
                finding.severity = *severity;
            }
            used.extend(allowed);
            allowed.is_none()
        });
        used.sort_unstable();
        used.dedup();
        used
    }
}

impl Allowed {
    fn is_about(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.is_match(path)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    check: RawCheck,
    /// Read by live runs.
    #[serde(default, rename = "azure")]
    _azure: serde::de::IgnoredAny,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    #[serde(default)]
    allow: Vec<RawAllowed>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Spanned<Severity>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllowed {
    rule: Spanned<String>,
    #[serde(default)]
    paths: Vec<Spanned<String>>,
    reason: Spanned<String>,
}

struct Reader<'a> {
    file: &'a str,
    lines: LineIndex<'a>,
}

impl Reader<'_> {
    fn error(&self, span: &Range<usize>, message: String, help: Option<String>) -> ConfigError {
        ConfigError {
            position: self.lines.position(self.file, span.start),
            message,
            help,
        }
    }

    fn rule(&self, name: &Spanned<String>) -> Result<&'static str, ConfigError> {
        let word = name.get_ref();
        registry()
            .map(super::Rule::id)
            .find(|id| id == word)
            .ok_or_else(|| {
                let help = match nearest(word, registry().map(super::Rule::id)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`docproof explain` lists the rules".to_owned(),
                };
                self.error(
                    &name.span(),
                    format!("there is no rule `{word}`"),
                    Some(help),
                )
            })
    }

    fn allowed(&self, raw: RawAllowed) -> Result<Allowed, ConfigError> {
        if raw.reason.get_ref().trim().is_empty() {
            let help = Some("say why what looks wrong is right there".into());
            return Err(self.error(&raw.reason.span(), "the reason is empty".into(), help));
        }
        let mut paths = GlobSetBuilder::new();
        for path in &raw.paths {
            let text = path.get_ref().trim_end_matches('/');
            // The path of a folder is about everything in it.
            for pattern in [text.to_owned(), format!("{text}/**")] {
                let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
                paths.add(glob.map_err(|error| {
                    let message = format!("`{text}` is not a pattern: {}", error.kind());
                    self.error(&path.span(), message, None)
                })?);
            }
        }
        let span = raw.rule.span();
        let paths = paths
            .build()
            .map_err(|error| self.error(&span, error.to_string(), None))?;
        Ok(Allowed {
            rule: self.rule(&raw.rule)?,
            reason: raw.reason.into_inner(),
            span: Span::between(
                &self.lines.position(self.file, span.start),
                &self.lines.position(self.file, span.end),
            ),
            paths,
        })
    }
}
