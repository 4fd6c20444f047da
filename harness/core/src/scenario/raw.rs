//! The scenario file's keys as TOML has them; [`super::file`] makes sense of them.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
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
    pub(super) requires: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) placeholders: BTreeMap<String, Spanned<RawPlaceholder>>,
    #[serde(default)]
    pub(super) prepare: Vec<RawPrepare>,
    #[serde(default)]
    pub(super) step: Vec<RawStep>,
    #[serde(default)]
    pub(super) guess: Vec<RawGuess>,
}

/// What was guessed when the scenario was made from its article.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGuess {
    pub(super) line: u32,
    pub(super) file: Option<String>,
    pub(super) guess: Spanned<String>,
    pub(super) why: Spanned<String>,
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
    #[serde(default)]
    pub(super) section: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) without: Vec<Spanned<String>>,
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
pub(super) struct RawPrepare {
    pub(super) why: Spanned<String>,
    pub(super) run: Option<Spanned<String>>,
    pub(super) file: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) keep: Vec<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawStep {
    pub(super) name: Spanned<String>,
    pub(super) block: Option<Spanned<String>>,
    pub(super) run: Option<Spanned<String>>,
    pub(super) manual: Option<Spanned<String>>,
    pub(super) same_as: Option<Spanned<String>>,
    pub(super) proof: Option<Spanned<RawProof>>,
    pub(super) file: Option<Spanned<String>>,
    pub(super) into: Option<Spanned<String>>,
    pub(super) program: Option<Spanned<String>>,
    pub(super) then: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) requires: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) answer: Vec<RawAnswer>,
    #[serde(default)]
    pub(super) placeholders: BTreeMap<String, Spanned<RawPlaceholder>>,
    #[serde(rename = "in")]
    pub(super) place: Option<Spanned<String>>,
    pub(super) expect: Option<Spanned<RawExpect>>,
    pub(super) sample: Option<Spanned<bool>>,
    pub(super) why: Option<Spanned<String>>,
    pub(super) timeout: Option<Spanned<String>>,
    pub(super) skip: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) needs: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) correction: Vec<RawCorrection>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProof {
    pub(super) run: Spanned<String>,
    pub(super) expect: Spanned<RawExpect>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAnswer {
    pub(super) prompt: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) typed: Spanned<String>,
    #[serde(default)]
    pub(super) optional: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) json: Option<serde_json::Map<String, serde_json::Value>>,
    pub(super) text: Option<String>,
    pub(super) matches: Option<String>,
    pub(super) error: Option<String>,
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

/// What a reader fills in: a text, or what a step printed.
#[derive(Debug)]
pub(super) enum RawPlaceholder {
    Text(String),
    Printed(RawPrinted),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrinted {
    pub(super) from: String,
    pub(super) json: Option<String>,
    #[serde(rename = "as")]
    pub(super) form: Option<String>,
}

// By hand, since an untagged enum does not tell which key of the table is wrong.
impl<'de> Deserialize<'de> for RawPlaceholder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawPlaceholder;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or `{ from = \"a step's name\" }`")
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(RawPlaceholder::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                RawPrinted::deserialize(MapAccessDeserializer::new(map))
                    .map(RawPlaceholder::Printed)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
