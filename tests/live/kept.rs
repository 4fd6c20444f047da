//! A run that is kept is gone on with: `--keep`, then `--from`.

use crate::common;
use crate::place::{Day, Place};
use crate::subscription::Subscription;
use libtest_mimic::{Failed, Trial};
use std::path::Path;

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    vec![common::trial("kept::a_run_goes_on", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(goes_on())
    })]
}

async fn goes_on() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::ordinary(20.0, 5))?;
    place.sign_in().await;
    let before = Subscription::of(&place.emulator).await.inventory().await;
    let nothing = place
        .live("aci-user-assigned", &["--from", "show the container group"])
        .await;
    assert_eq!(nothing.code, 3, "{}", nothing.told());
    assert!(
        nothing
            .told()
            .contains("no run of aci-user-assigned was kept"),
        "{}",
        nothing.told()
    );
    let first = place.live("aci-user-assigned", &["--keep"]).await;
    assert_eq!(first.code, 0, "{}", first.told());
    assert!(first.stderr.contains("--from STEP"), "{}", first.told());
    let between = Subscription::of(&place.emulator).await.inventory().await;
    assert_ne!(between, before);
    // The shell's state is there, and nobody's sign-in.
    let mut files = Vec::new();
    all_files(&place.path().join("state/docproof/runs"), &mut files);
    assert!(files.iter().any(|name| name == "7.bash"), "{files:?}");
    assert!(
        !files
            .iter()
            .any(|name| name.contains("msal") || name.contains("azureProfile")),
        "{files:?}"
    );
    for (step, told) in [
        ("no such step", "has no step \"no such step\""),
        ("keep the access token", "nothing is kept of the terminal"),
    ] {
        let refused = place.live("aci-user-assigned", &["--from", step]).await;
        assert_eq!(refused.code, 3, "{}", refused.told());
        assert!(refused.told().contains(told), "{}", refused.told());
    }
    assert_eq!(
        Subscription::of(&place.emulator).await.inventory().await,
        between
    );
    // `$RESOURCE_ID` and the like are what they were, and so are the names.
    let mark = place.emulator.mark();
    let again = place
        .live(
            "aci-user-assigned",
            &[
                "--from",
                "create the container group with the identity",
                "--az",
                "preloaded",
            ],
        )
        .await;
    assert_eq!(again.code, 0, "{}", again.told());
    assert!(again.stdout.contains("it ran before"), "{}", again.told());
    let asked = place.emulator.requests_since(mark);
    let of = |part: &str| {
        asked
            .iter()
            .any(|one| one.method == "PUT" && one.url.contains(part))
    };
    assert!(of("containerGroups") && !of("vaults"), "{}", again.told());
    let after = Subscription::of(&place.emulator).await.inventory().await;
    assert_eq!(after, before, "{}", again.told());
    let mut files = Vec::new();
    all_files(&place.path().join("state/docproof/runs"), &mut files);
    assert!(files.is_empty(), "{files:?}");
    Ok(())
}

fn all_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => all_files(&path, found),
            _ => found.push(entry.file_name().to_string_lossy().into_owned()),
        }
    }
}
