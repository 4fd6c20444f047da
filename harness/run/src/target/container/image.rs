//! The images that a run needs: found, pulled, or made.

use super::cleanup;
use super::engine;
use super::error::{DockerError, Doing as _};
use super::load::{PlainLayer, hex, load};
use bollard::Docker;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The emulator's program, in its image.
pub(super) const PROGRAM: &str = "docproof-emulator";
/// What the emulator's images are labelled with.
const LABEL: &str = "net.docproof.image";

/// Which image the emulator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmulatorImage {
    /// One that is there, or can be pulled.
    Named(String),
    /// Built from docproof's sources in this folder, whenever they have changed.
    Built(PathBuf),
}

/// The images of a target.
#[derive(Debug, Clone)]
pub(super) struct Images {
    /// Where steps run.
    pub(super) azure_cli: String,
    /// The emulator.
    pub(super) emulator: String,
    /// Whether one process answers every call of `az`.
    pub(super) preload: bool,
}

/// What an engine does with an image that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Absent {
    /// Its registry says that there is none.
    NotFound(String),
    /// Its registry cannot be asked.
    Unreachable(String),
}

impl EmulatorImage {
    /// Built from the sources that this program was made from, where they still are; or else the
    /// image of this version.
    pub fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        match root.canonicalize() {
            Ok(root) if root.join("harness/standalone/Cargo.toml").is_file() => Self::Built(root),
            _ => Self::Named(format!("{PROGRAM}:{}", env!("CARGO_PKG_VERSION"))),
        }
    }

    /// The name under which the image is there.
    ///
    /// # Errors
    /// [`DockerError`]: it cannot be built, or is nowhere.
    pub async fn provide(&self, progress: &(dyn Fn(&str) + Sync)) -> Result<String, DockerError> {
        let docker = engine::connect()?;
        engine::version(&docker).await?;
        self.provide_on(&docker, progress).await
    }

    async fn provide_on(
        &self,
        docker: &Docker,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<String, DockerError> {
        match self {
            Self::Named(name) => {
                present(docker, name, progress).await?;
                Ok(name.clone())
            }
            Self::Built(root) => {
                let root = root.clone();
                let built = tokio::task::spawn_blocking(move || build(&root)).await;
                let program = built.map_err(|error| DockerError::Build(error.to_string()))??;
                make(docker, &program, progress).await
            }
        }
    }
}

impl Images {
    /// Everything that a run needs; also removes what killed runs left.
    pub(super) async fn provide(
        azure_cli: &str,
        emulator: &EmulatorImage,
        preload: bool,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, DockerError> {
        let docker = engine::connect()?;
        engine::version(&docker).await?;
        cleanup::sweep(&docker).await;
        present(&docker, azure_cli, progress).await?;
        let emulator = emulator.provide_on(&docker, progress).await?;
        Ok(Self {
            azure_cli: azure_cli.to_owned(),
            emulator,
            preload,
        })
    }
}

/// An image is there, or is pulled.
async fn present(
    docker: &Docker,
    image: &str,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<(), DockerError> {
    if docker.inspect_image(image).await.is_ok() {
        return Ok(());
    }
    progress(&format!("pulling {image}"));
    pull(docker, image).await.map_err(|absent| {
        let (Absent::NotFound(reason) | Absent::Unreachable(reason)) = absent;
        DockerError::NoImage {
            image: image.to_owned(),
            reason,
        }
    })
}

/// Pulls an image.
pub(super) async fn pull(docker: &Docker, image: &str) -> Result<(), Absent> {
    let is_tag = |tag: &str| !tag.contains('/');
    let (name, tag) = match image.rsplit_once(':') {
        _ if image.contains('@') => (image, ""),
        Some((name, tag)) if is_tag(tag) => (name, tag),
        _ => (image, "latest"),
    };
    let options = CreateImageOptionsBuilder::new()
        .from_image(name)
        .tag(tag)
        .build();
    let mut said = docker.create_image(Some(options), None, None);
    while let Some(part) = said.next().await {
        let reason = match part {
            Ok(part) => part.error_detail.and_then(|error| error.message),
            Err(error) => match DockerError::of("pull", &error) {
                DockerError::Refused { reason, .. } => Some(reason),
                other => Some(other.to_string()),
            },
        };
        if let Some(reason) = reason {
            return Err(absent(reason));
        }
    }
    Ok(())
}

/// Registries say it in different words; whoever does not say it could not be asked.
fn absent(reason: String) -> Absent {
    const NONE: [&str; 5] = [
        "manifest unknown",
        "manifest for ",
        "does not exist",
        "name unknown",
        "invalid reference format",
    ];
    if NONE.iter().any(|words| reason.contains(words)) {
        Absent::NotFound(reason)
    } else {
        Absent::Unreachable(reason)
    }
}

/// Builds the program, statically linked; what is built already takes no time. Blocks.
fn build(root: &Path) -> Result<Vec<u8>, DockerError> {
    let failed = |error: &dyn std::fmt::Display| DockerError::Build(error.to_string());
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = [
        "build",
        "--locked",
        "--quiet",
        "--package",
        "docproof-standalone",
        "--profile",
        "image",
        "--message-format",
        "json-render-diagnostics",
        "--target",
        &target,
    ];
    // What cargo says to the program that it runs is not for the one that is built.
    let variables = std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        ![
            "CARGO_PKG_",
            "CARGO_BIN_",
            "CARGO_MANIFEST_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
            && !["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].contains(&name.as_ref())
    });
    // Part of the whole: what is set around `full_env` is lost in it.
    let flags = (
        "CARGO_ENCODED_RUSTFLAGS".into(),
        "-Ctarget-feature=+crt-static".into(),
    );
    let output = duct::cmd(cargo, arguments)
        .dir(root)
        .full_env(variables.chain([flags]))
        .stdin_null()
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(|error| failed(&format!("cargo does not start: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = said.trim().lines().rev().take(12).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(failed(&last.join("\n")));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let program = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .ok_or_else(|| failed(&"cargo names no program"))?;
    std::fs::read(&program).map_err(|error| failed(&format!("{}: {error}", program.display())))
}

/// Makes the image of a program, unless it is there. Older ones that nothing uses go.
async fn make(
    docker: &Docker,
    program: &[u8],
    progress: &(dyn Fn(&str) + Sync),
) -> Result<String, DockerError> {
    let config = json!({
        "Entrypoint": [format!("/{PROGRAM}")],
        "User": "65534:65534",
        "ExposedPorts": { "53/tcp": {}, "53/udp": {}, "80/tcp": {}, "443/tcp": {} },
        // Nanoseconds.
        "Healthcheck": {
            "Test": ["CMD", format!("/{PROGRAM}"), "health"],
            "Interval": 2_000_000_000_u64, "Timeout": 2_000_000_000_u64,
            "StartPeriod": 1_000_000_000_u64, "Retries": 3,
        },
        "Labels": { LABEL: "emulator" },
    });
    let digest = Sha256::new()
        .chain_update(config.to_string())
        .chain_update(program)
        .finalize();
    let name = format!("{PROGRAM}:{}", &hex(&digest)[..16]);
    if docker.inspect_image(&name).await.is_ok() {
        return Ok(name);
    }
    progress("making the emulator's image");
    let layer = PlainLayer::of_program(PROGRAM, program)
        .map_err(|error| DockerError::Build(error.to_string()))?;
    load(docker, &name, config, &[layer]).await?;
    let filters = HashMap::from([("label".to_owned(), vec![format!("{LABEL}=emulator")])]);
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let all = docker
        .list_images(Some(options))
        .await
        .doing("list images")?;
    for tag in all.into_iter().flat_map(|image| image.repo_tags) {
        // An image that somebody named is theirs; one that a run uses is refused.
        if tag != name && tag.starts_with(PROGRAM) && tag.len() == name.len() {
            let options = RemoveImageOptionsBuilder::new().build();
            let _ = docker.remove_image(&tag, Some(options), None).await;
        }
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registry_that_says_so_has_no_image() {
        let unreachable = "Get \"https://mcr.microsoft.com/v2/\": dial tcp: lookup: no such host";
        assert!(matches!(absent(unreachable.into()), Absent::Unreachable(_)));
        let refused = "toomanyrequests: You have reached your pull rate limit";
        assert!(matches!(absent(refused.into()), Absent::Unreachable(_)));
        let none = "manifest for x:y not found: manifest unknown: manifest unknown";
        assert!(matches!(absent(none.into()), Absent::NotFound(_)));
    }
}
