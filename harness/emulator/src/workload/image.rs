//! An image as a registry served it: [`PulledImage`].

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an image names the one that it was made from (OCI image specification, annotations).
const BASE: &str = "org.opencontainers.image.base.name";

/// An image that was pulled: every part compared with its digest.
#[derive(Debug, Clone, Default)]
pub struct PulledImage {
    /// The image as it was asked for.
    pub reference: String,
    /// Registry, repository and digest: how events name it.
    pub canonical: String,
    /// The digest of the image's manifest.
    pub digest: String,
    /// The manifest's annotations.
    pub annotations: BTreeMap<String, String>,
    /// How it is to be run.
    pub config: ImageConfig,
    /// Its file system, lowest layer first.
    pub layers: Vec<ImageLayer>,
}

/// What an image says about running it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// What is run; the command comes behind it.
    pub entrypoint: Vec<String>,
    /// Arguments of the entry point, or what is run if there is none.
    pub command: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// The folder it starts in; empty for `/`.
    pub working_folder: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The digests of the layers as they are without compression, lowest first.
    pub diff_ids: Vec<String>,
}

/// One layer: an archive, compressed or not.
#[derive(Debug, Clone)]
pub struct ImageLayer {
    /// What kind of archive.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// The archive.
    pub bytes: Bytes,
}

impl PulledImage {
    /// The image that this one says it was made from, by an annotation or else by a label.
    pub fn base(&self) -> Option<&str> {
        self.annotations
            .get(BASE)
            .or_else(|| self.config.labels.get(BASE))
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }
}

impl ImageConfig {
    /// What is run, as Kubernetes and Container Apps put it together: `command` takes the place of
    /// the entry point and, with it, of the image's own arguments; `arguments` that of the image's
    /// arguments alone.
    pub fn command_line(&self, command: &[String], arguments: &[String]) -> Vec<String> {
        match (command, arguments) {
            ([], []) => [self.entrypoint.as_slice(), &self.command].concat(),
            ([], _) => [self.entrypoint.as_slice(), arguments].concat(),
            (_, _) => [command, arguments].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_takes_the_place_of_the_images_own() {
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let config = ImageConfig {
            entrypoint: words("run"),
            command: words("a b"),
            ..ImageConfig::default()
        };
        assert_eq!(config.command_line(&words("x"), &[]), words("x"));
        assert_eq!(config.command_line(&words("x"), &words("y")), words("x y"));
        assert_eq!(config.command_line(&[], &words("y")), words("run y"));
        assert_eq!(config.command_line(&[], &[]), words("run a b"));
    }

    #[test]
    fn an_annotation_goes_before_a_label() {
        let mut image = PulledImage::default();
        assert_eq!(image.base(), None);
        image.config.labels.insert(BASE.into(), "label".into());
        assert_eq!(image.base(), Some("label"));
        image.annotations.insert(BASE.into(), "annotation".into());
        assert_eq!(image.base(), Some("annotation"));
    }
}
