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
}

/// A web server that says hello on port 80, as the images do that Container Apps documents begin
/// with. It is a stand-in: the page is not theirs, and nothing else of the images is there.
const HELLO: &[&str] = &["python3", "-c", include_str!("hello.py")];

/// The azure-cli image runs `bash`, as its Dockerfile says.
const IMAGES: [Image; 4] = [
    Image {
        name: "mcr.microsoft.com/azure-cli",
        command: &["bash"],
        az: true,
    },
    Image {
        name: "mcr.microsoft.com/azuredocs/containerapps-helloworld",
        command: HELLO,
        az: false,
    },
    Image {
        name: "mcr.microsoft.com/k8se/quickstart",
        command: HELLO,
        az: false,
    },
    Image {
        name: "mcr.microsoft.com/azuredocs/aci-helloworld",
        command: HELLO,
        az: false,
    },
];

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
