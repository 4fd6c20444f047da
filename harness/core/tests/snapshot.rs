//! The committed snapshots: pinned bytes, blocks where they are expected, and the two scenarios of the
//! first.

#![expect(clippy::panic, reason = "helpers of tests may panic as tests do")]

use docproof_core::diagnostic::Severity;
use docproof_core::markdown::Article;
use docproof_core::scenario::{Elsewhere, Expectation, ScenarioFile, Walkthrough};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

const SNAPSHOT: &str = "docs-snapshots/container-instances-managed-identity";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn article() -> Article {
    let file = format!("{SNAPSHOT}/article.md");
    Article::parse(&file, &read(&file), &|_| None)
}

fn walkthrough(id: &str, as_published: bool) -> Walkthrough {
    let path = format!("scenarios/{id}.toml");
    let scenario = ScenarioFile::parse(&path, &read(&path)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(format!("docs-snapshots/{}", scenario.article), SNAPSHOT);
    let walkthrough = scenario.resolve(&article());
    let walkthrough = walkthrough.unwrap_or_else(|errors| panic!("{errors:#?}"));
    if as_published {
        walkthrough.as_published()
    } else {
        walkthrough
    }
}

/// Line, place and number of expectations of each step.
fn outline(walk: &Walkthrough) -> Vec<(u32, Elsewhere, usize)> {
    let step =
        |s: &docproof_core::scenario::Step| (s.position.line, s.elsewhere, s.expectations.len());
    walk.steps.iter().map(step).collect()
}

#[test]
fn the_snapshot_is_the_one_that_was_restored() {
    let article = article();
    assert_eq!(article.problems, []);
    assert_eq!(article.missing_includes, []);
    let date = article
        .front_matter
        .iter()
        .find(|(key, _)| key == "ms.date");
    assert_eq!(date.map(|(_, date)| date.as_str()), Some("08/29/2024"));
}

#[test]
fn every_snapshot_is_the_one_that_its_description_tells_of() {
    let mut slugs: Vec<String> = std::fs::read_dir(root().join("docs-snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    slugs.sort();
    assert_eq!(slugs.len(), 4, "{slugs:?}");
    for slug in slugs {
        let folder = format!("docs-snapshots/{slug}");
        let about: toml::Table = read(&format!("{folder}/snapshot.toml")).parse().unwrap();
        let text = read(&format!("{folder}/article.md"));
        let hex: String = Sha256::digest(&text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // A snapshot that was not restored is the original, byte for byte.
        let pinned = about.get("restored_sha256").unwrap_or(&about["sha256"]);
        assert_eq!(pinned.as_str(), Some(hex.as_str()), "{slug}");
        let article = Article::parse(&slug, &text, &|_| None);
        let blocks = about["blocks"].as_integer();
        assert_eq!(blocks, Some(article.blocks.len() as i64), "{slug}");
        let titles = [
            Some(&article.title),
            article
                .front_matter
                .iter()
                .find(|(key, _)| key == "title")
                .map(|(_, t)| t),
        ];
        let title = about["title"].as_str();
        assert!(
            titles.iter().any(|own| own.map(String::as_str) == title),
            "{slug}: {titles:?}"
        );
        let licence = about["licence"].as_str().unwrap();
        assert!(
            ["CC-BY-4.0", "unknown"].contains(&licence),
            "{slug}: {licence}"
        );
        assert!(read(&format!("{folder}/LICENCE.md")).starts_with("# Licence of this snapshot\n"));
    }
}

#[test]
fn example_one_is_whole() {
    use Elsewhere::{Here, Inside, Opens};
    let walk = walkthrough("aci-user-assigned", false);
    assert_eq!(
        outline(&walk),
        [
            (53, Here, 0),
            (59, Here, 0),
            (68, Here, 0),
            (83, Here, 0),
            (91, Here, 0),
            (109, Here, 0),
            (123, Here, 0),
            (134, Here, 1),
            (162, Opens, 0),
            (171, Inside, 1),
            (184, Inside, 0),
            (190, Inside, 2),
        ]
    );
    assert_eq!(
        walk.steps
            .iter()
            .map(|step| step.corrections.len())
            .sum::<usize>(),
        5
    );
    let show = &walk.steps[7];
    let Expectation::Sample(sample) = &show.expectations[0] else {
        panic!("no sample")
    };
    assert_eq!(sample.lines[2].text, "    \"principalId\": null,");
    assert_eq!(sample.lines[2].position.line, 144);
    assert!(
        sample.lines[6]
            .text
            .contains("/resourcegroups/myResourceGroup/")
    );
    let Expectation::Json { values, .. } = &walk.steps[11].expectations[1] else {
        panic!("no json")
    };
    assert_eq!(
        values[0],
        ("/value".to_owned(), "Hello Container Instances".into())
    );
}

#[test]
fn example_two_is_whole() {
    use Elsewhere::{Here, Inside, Opens};
    let walk = walkthrough("aci-system-assigned", false);
    assert_eq!(
        outline(&walk),
        [
            (53, Here, 0),
            (59, Here, 0),
            (68, Here, 0),
            (208, Here, 0),
            (223, Here, 1),
            (244, Here, 0),
            (255, Here, 0),
            (267, Opens, 0),
            (276, Inside, 0),
            (282, Inside, 2),
        ]
    );
    let Expectation::Text { text, .. } = &walk.steps[9].expectations[1] else {
        panic!("no text")
    };
    assert_eq!(text, "\"Hello Container Instances\"");
}

#[test]
fn as_published_is_as_published() {
    for (id, line) in [("aci-user-assigned", 109), ("aci-system-assigned", 255)] {
        let walk = walkthrough(id, true);
        assert!(walk.steps.iter().all(|step| step.corrections.is_empty()));
        let vault = walk.steps[1].script.text();
        assert!(vault.ends_with("  --location eastus\n"), "{vault}");
        let policy = walk
            .steps
            .iter()
            .find(|step| step.position.line == line)
            .unwrap();
        assert_eq!(policy.script.lines[0].text, "az keyvault set-policy \\");
        for step in &walk.steps {
            for run in &step.script.lines {
                let article = read(&run.position.file);
                assert_eq!(
                    article.lines().nth(run.position.line as usize - 1),
                    Some(run.text.as_str())
                );
            }
        }
        let corrected = walkthrough(id, false).steps[1].script.text();
        assert!(corrected.contains("--location eastus --enable-rbac-authorization false\n"));
    }
}

/// What no machine here may be able to run is at least right as far as checking can tell.
#[test]
fn what_is_only_checked_has_no_error_left() {
    let folder = root().join("scenarios");
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file = format!("scenarios/{id}.toml");
        let scenario = ScenarioFile::parse(&file, &read(&file)).unwrap();
        let of_steps = scenario.steps.iter().any(|step| !step.requires.is_empty());
        if scenario.requires.is_empty() && !of_steps {
            continue;
        }
        let name = format!("docs-snapshots/{}/article.md", scenario.article);
        let include = |wanted: &str| {
            // Where the snapshot keeps what the article takes from elsewhere.
            let file = wanted.rsplit_once("includes/").map(|(_, file)| file)?;
            let kept = format!("docs-snapshots/{}/includes/{file}", scenario.article);
            let text = std::fs::read_to_string(root().join(&kept)).ok()?;
            Some((kept, text))
        };
        let article = Article::parse(&name, &read(&name), &include);
        let files = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let walkthrough = scenario.resolve_with(&article, &files);
        let walkthrough = walkthrough.unwrap_or_else(|errors| panic!("{id}: {errors:#?}"));
        let found = walkthrough.checked.unwrap();
        assert!(!found.published.is_empty(), "{id}");
        let left: Vec<_> = found
            .corrected
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .collect();
        assert!(left.is_empty(), "{id}: {left:#?}");
        checked += 1;
    }
    assert!(checked >= 4, "{checked}");
}
