//! The scenario file's keys as TOML has them; [`super::file`] makes sense of them.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) title: Spanned<String>,
    pub(super) article: Spanned<String>,
    #[serde(default)]
    pub(super) path: RawPath,
    #[serde(default)]
    pub(super) names: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) reader: RawReader,
    #[serde(default)]
    pub(super) step: Vec<RawStep>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReader {
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPath {
    pub(super) tab: Option<Spanned<RawTabs>>,
    pub(super) pivot: Option<Spanned<String>>,
}

/// One tab, or one of several groups each.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawTabs {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) name: Spanned<String>,
    pub(super) block: Spanned<String>,
    #[serde(rename = "in")]
    pub(super) place: Option<Spanned<String>>,
    pub(super) expect: Option<Spanned<RawExpect>>,
    pub(super) sample: Option<Spanned<bool>>,
    pub(super) why: Option<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) correction: Vec<RawCorrection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) json: Option<serde_json::Map<String, serde_json::Value>>,
    pub(super) text: Option<String>,
    pub(super) matches: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCorrection {
    #[serde(rename = "in")]
    pub(super) place: Option<Spanned<String>>,
    pub(super) find: Spanned<String>,
    pub(super) replace: String,
    pub(super) why: Spanned<String>,
}
