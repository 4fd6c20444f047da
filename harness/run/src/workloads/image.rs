//! The images that can be run without their files, because this machine has their programs.

/// An image.
#[derive(Debug)]
pub(super) struct Image {
    /// Its name, without tag.
    name: &'static str,
    /// What it runs if it is not told.
    pub(super) command: &'static [&'static str],
    /// Whether its programs are those of the folder with `az`.
    pub(super) az: bool,
    /// Whether it is an image of Windows: its command is not run, and a shell in it is bash.
    pub(super) windows: bool,
    /// What is there in its place, if it is something else than the image.
    pub(super) stand_in: Option<&'static str>,
}

/// A web server that says hello on port 80, as the images do that Container Apps documents begin
/// with. It is a stand-in: the page is not theirs, and nothing else of the images is there.
const HELLO: &[&str] = &["python3", "-c", include_str!("hello.py")];

/// The azure-cli image runs `bash`, as its Dockerfile says.
const IMAGES: [Image; 6] = [
    Image {
        name: "mcr.microsoft.com/azure-cli",
        command: &["bash"],
        az: true,
        windows: false,
        stand_in: None,
    },
    Image {
        name: "mcr.microsoft.com/azuredocs/containerapps-helloworld",
        command: HELLO,
        az: false,
        windows: false,
        stand_in: Some("a web server of docproof's own that says hello"),
    },
    Image {
        name: "mcr.microsoft.com/k8se/quickstart",
        command: HELLO,
        az: false,
        windows: false,
        stand_in: Some("a web server of docproof's own that says hello"),
    },
    Image {
        name: "mcr.microsoft.com/azuredocs/aci-helloworld",
        command: HELLO,
        az: false,
        windows: false,
        stand_in: Some("a web server of docproof's own that says hello"),
    },
    Image {
        name: "mcr.microsoft.com/windows/servercore",
        command: KEPT,
        az: false,
        windows: true,
        stand_in: Some(WINDOWS),
    },
    Image {
        name: "mcr.microsoft.com/windows/nanoserver",
        command: KEPT,
        az: false,
        windows: true,
        stand_in: Some(WINDOWS),
    },
];

/// What runs in the place of a Windows container's command.
pub(super) const KEPT: &[&str] = &["sleep", "infinity"];
const WINDOWS: &str = "a Linux container with bash and curl: nothing of Windows is proved";

/// Finds an image by the name a command gives it, with or without tag or digest.
pub(super) fn find(name: &str) -> Option<&'static Image> {
    let name = name.split('@').next().unwrap_or(name);
    // A colon before a slash is a registry's port.
    let bare = match name.rsplit_once(':') {
        Some((bare, tag)) if !tag.contains('/') => bare,
        _ => name,
    };
    IMAGES.iter().find(|image| image.name == bare)
}

/// What another runtime of containers starts in the place of an image that it cannot get.
pub(crate) struct StandIn {
    /// The command, where none is asked for.
    pub(crate) command: Vec<String>,
    /// Whether it is for an image of Windows, whose command is not run.
    pub(crate) windows: bool,
    /// What it is, if it is something else than the image.
    pub(crate) what: Option<&'static str>,
}

/// What stands in for an image, in the image of azure-cli.
pub(crate) fn stand_in(name: &str) -> Option<StandIn> {
    let image = find(name)?;
    Some(StandIn {
        command: image.command.iter().map(|&word| word.to_owned()).collect(),
        windows: image.windows,
        what: image.stand_in,
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn other_images_are_not_found() {
        for name in [
            "",
            "azure-cli",
            "mcr.microsoft.com/azure-cli-extra",
            "example:80/azure-cli",
        ] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_tag_or_digest_does_not_matter() {
        for suffix in [
            "",
            ":latest",
            ":2.91.0",
            "@sha256:00",
            ":cbl-mariner2.0@sha256:00",
        ] {
            assert!(
                find(&format!("mcr.microsoft.com/azure-cli{suffix}")).is_some(),
                "{suffix}"
            );
        }
    }
}
