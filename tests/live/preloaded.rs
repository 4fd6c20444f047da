//! Who makes the calls of `az`: `az` itself, unless somebody asks for the process that has imported it.

use crate::common;
use crate::common::both_ways::WHICH;
use crate::place::{Day, Place};
use libtest_mimic::{Failed, Trial};

pub(crate) fn trials(refusal: Option<&String>) -> Vec<Trial> {
    vec![common::trial("preloaded::only_when_asked", refusal, || {
        tokio::runtime::Runtime::new()?.block_on(only_when_asked())
    })]
}

async fn only_when_asked() -> Result<(), Failed> {
    let place = Place::open(&common::az()?, None, Day::without_faults())?;
    place.sign_in().await;
    // The last call is made when nobody answers any more.
    let article = format!(
        "# W\n\n## Which\n\n```bash\n{WHICH}```\n\n```bash\npkill -KILL -f '[s]erver.py' || true\n\
         az account show --query state --output tsv\n```\n"
    );
    place.write("project/which.md", &article);
    for (asked, expected) in [
        (&[][..], "plain"),
        (&["--az", "plain"], "plain"),
        (&["--az", "preloaded"], "answered"),
    ] {
        let scenario = format!(
            "title = \"W\"\narticle = \"which.md\"\n\n\
             [[step]]\nname = \"which\"\nblock = \"which#1\"\nexpect = {{ text = \"{expected}\" }}\n\n\
             [[step]]\nname = \"last\"\nblock = \"which#2\"\nexpect = {{ text = \"Enabled\" }}\n"
        );
        place.write("project/scenarios/which.toml", &scenario);
        let ended = place.live("which", asked).await;
        if ended.code != 0 {
            return Err(format!("{asked:?}: {}", ended.told()).into());
        }
    }
    Ok(())
}
