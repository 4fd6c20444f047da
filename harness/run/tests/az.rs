//! `az` found and fetched: with a uv and a Python that only pretend, in temporary folders.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its machine fails"
)]

#[path = "az/machine.rs"]
mod machine;

use docproof_run::az::{AzChoice, AzEnvironment, AzError, AzOrigin, OnPath, PINNED_VERSION};
use docproof_run::az::{Progress, find, on_path, provide};
use machine::Machine;
use std::fs;
use std::sync::mpsc;

#[test]
fn offline_nothing_is_fetched_and_the_error_says_what_to_install() {
    let machine = Machine::new();
    let environment = machine.environment_with(&[("DOCPROOF_OFFLINE", "1")]);
    let error = provide(AzChoice::Auto, &environment, &mut |_| {}).unwrap_err();
    assert!(matches!(error, AzError::Offline));
    assert!(
        error.help().contains("install azure-cli"),
        "{}",
        error.help()
    );
    assert_eq!(machine.log(), "");
    // What is there already is used all the same.
    machine.provide(AzChoice::Auto).0.unwrap();
    assert!(provide(AzChoice::Auto, &environment, &mut |_| {}).is_ok());
}

#[test]
fn an_index_out_of_reach_is_a_network_error_with_uvs_words() {
    let machine = Machine::new();
    machine.once("echo 'error: dns error for https://me:secret@index.example/simple' >&2; exit 2");
    let (result, told) = machine.provide(AzChoice::Auto);
    let error = result.unwrap_err();
    assert!(matches!(error, AzError::Network { .. }), "{error}");
    assert!(
        error.to_string().contains("https://****@index.example"),
        "{error}"
    );
    assert!(!format!("{told:?}").contains("secret"));
    assert!(error.help().contains("what was fetched is kept"));
    assert!(!machine.slot().join("complete.json").exists());
    assert!(machine.provide(AzChoice::Auto).0.is_ok());
}

#[test]
fn a_full_disk_and_an_unknown_failure_are_told_apart() {
    let machine = Machine::new();
    machine.once("echo 'failed to copy: No space left on device (os error 28)'; exit 2");
    assert!(matches!(
        machine.provide(AzChoice::Auto).0,
        Err(AzError::DiskFull { .. })
    ));
    machine.once("echo 'no solution found'; exit 1");
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::Install { .. }));
    assert!(error.to_string().contains("no solution found"));
}

#[test]
fn without_a_python_the_packages_to_install_are_named() {
    let machine = Machine::bare();
    machine.uv("uv", PINNED_VERSION);
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::NoPython { found: None }));
    assert!(
        error
            .help()
            .contains("apt-get install python3 python3-venv")
    );
    machine.python("python3", "3, 8, 10", true);
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(error.to_string().contains("Python 3.8.10"), "{error}");
    machine.python("python3.12", "3, 12, 0", true);
    assert!(machine.provide(AzChoice::Auto).0.is_ok());
}

#[test]
fn without_uv_and_venv_the_missing_module_is_named() {
    let machine = Machine::bare();
    machine.python("python3", "3, 11, 2", false);
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::NoVenv { .. }), "{error}");
    assert!(error.help().contains("python3-venv"));
}

#[test]
fn without_uv_an_environment_brings_it_once() {
    let machine = Machine::bare();
    machine.python("python3", "3, 11, 2", true);
    machine.uv("real-uv", PINNED_VERSION);
    let (result, told) = machine.provide(AzChoice::Auto);
    assert_eq!(result.unwrap().origin, AzOrigin::Cache);
    assert!(
        told.contains(&Progress::Output("Collecting uv".to_owned())),
        "{told:?}"
    );
    fs::remove_file(machine.slot().join("complete.json")).unwrap();
    let (result, told) = machine.provide(AzChoice::Auto);
    assert!(result.is_ok());
    assert!(
        !told.contains(&Progress::Output("Collecting uv".to_owned())),
        "{told:?}"
    );
}

#[test]
fn a_uv_that_does_not_start_is_passed_over() {
    let machine = Machine::bare();
    machine.python("python3", "3, 11, 2", true);
    machine.uv("real-uv", PINNED_VERSION);
    machine.script(
        &machine.tools().join("uv"),
        "#!/bin/sh\necho 'pyenv: uv: not found'; exit 127\n",
    );
    assert!(machine.provide(AzChoice::Auto).0.is_ok());
}

#[test]
fn what_was_cut_short_is_not_trusted_and_made_anew() {
    let machine = Machine::new();
    // Not SIGINT, which a job in the background of a shell inherits to ignore.
    machine.once("echo half >\"$packages/half.py\"; kill -TERM $$");
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::Interrupted), "{error}");
    assert!(find(AzChoice::Auto, &machine.environment()).is_none());
    assert!(machine.slot().join("packages/half.py").exists());
    let (result, told) = machine.provide(AzChoice::Auto);
    let az = result.unwrap();
    assert_eq!(az.program, machine.slot().join("bin/az"));
    assert!(!machine.slot().join("packages/half.py").exists());
    assert!(
        told.iter().any(|p| p.to_string().contains("not complete")),
        "{told:?}"
    );
    assert_eq!(machine.log(), "venv install venv install ");
}

#[test]
fn files_of_another_size_are_found_before_the_folder_is_trusted() {
    let machine = Machine::new();
    // The trap makes the damage after the fake has written everything.
    machine.once("trap 'printf x >\"$packages/azure_cli.py\"' EXIT");
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::Broken { .. }), "{error}");
    assert!(
        error.to_string().contains("azure_cli.py has 1 bytes"),
        "{error}"
    );
    assert!(machine.provide(AzChoice::Auto).0.is_ok());
}

#[test]
fn a_version_other_than_the_one_asked_for_is_refused() {
    let machine = Machine::new();
    machine.uv("uv", "2.90.0");
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(error.to_string().contains("2.90.0"), "{error}");
    assert!(find(AzChoice::Pinned, &machine.environment()).is_none());
}

#[test]
fn an_az_that_does_not_start_is_refused() {
    let machine = Machine::new();
    machine.once("trap 'printf \"#!/bin/sh\\necho oops >&2; exit 1\\n\" >\"$root/bin/az\"' EXIT");
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::Broken { .. }), "{error}");
    assert!(error.to_string().contains("oops"), "{error}");
}

#[test]
fn a_stamp_that_does_not_hold_is_not_believed() {
    let machine = Machine::new();
    let first = machine.provide(AzChoice::Auto).0.unwrap();
    let stamp = machine.slot().join("complete.json");
    let good = fs::read_to_string(&stamp).unwrap();
    let environment = machine.environment();
    assert_eq!(find(AzChoice::Auto, &environment), Some(first));
    let elsewhere = machine
        .slot()
        .to_str()
        .unwrap()
        .replace("/cache/", "/moved/");
    let bad = [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        good.replace(PINNED_VERSION, "2.90.0"),
        good.replace(machine.slot().to_str().unwrap(), &elsewhere),
        good.replace("\"record_sha256\": \"", "\"record_sha256\": \"0"),
    ];
    for text in bad {
        assert_ne!(text, good);
        fs::write(&stamp, &text).unwrap();
        assert_eq!(find(AzChoice::Auto, &environment), None, "{text}");
    }
    assert!(machine.provide(AzChoice::Auto).0.is_ok());
    assert_eq!(machine.log(), "venv install venv install ");
    // Nor is a folder whose packages were changed since.
    let record = machine
        .slot()
        .join("packages/azure_cli_core-2.91.0.dist-info/RECORD");
    fs::write(record, "changed").unwrap();
    assert_eq!(find(AzChoice::Auto, &environment), None);
}

#[test]
fn two_at_once_install_once() {
    let machine = Machine::new();
    let gate = machine.tools().join("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (first, second) = (machine.environment(), machine.environment());
    let (tell, told) = mpsc::channel();
    let (wait, waiting) = mpsc::channel();
    std::thread::scope(|scope| {
        let one = scope.spawn(move || {
            provide(AzChoice::Auto, &first, &mut |progress| {
                let _ = tell.send(progress);
            })
        });
        // Output comes only from an installation, so the first one has the lock now.
        assert!(
            told.iter()
                .any(|progress| matches!(progress, Progress::Output(_)))
        );
        let two = scope.spawn(move || {
            provide(AzChoice::Auto, &second, &mut |progress| {
                let _ = wait.send(progress);
            })
        });
        assert!(matches!(waiting.recv(), Ok(Progress::Waiting { .. })));
        fs::write(&gate, "go\n").unwrap();
        let (one, two) = (one.join().unwrap().unwrap(), two.join().unwrap().unwrap());
        assert_eq!(one, two);
    });
    assert_eq!(machine.log(), "venv install ");
    assert_eq!(waiting.iter().count(), 0);
}

#[test]
fn the_index_of_pip_reaches_uv_and_an_active_environment_does_not() {
    let machine = Machine::new();
    let more = [
        ("PIP_INDEX_URL", "https://index.example"),
        ("VIRTUAL_ENV", "/elsewhere"),
    ];
    provide(
        AzChoice::Auto,
        &machine.environment_with(&more),
        &mut |_| {},
    )
    .unwrap();
    let settings = fs::read_to_string(machine.tools().join("settings")).unwrap();
    let expected = format!(
        "index=https://index.example venv={}\n",
        machine.slot().display()
    );
    assert_eq!(settings, expected);
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let machine = Machine::new();
    fs::write(machine.root.path().join("cache/az"), "").unwrap();
    let error = machine.provide(AzChoice::Auto).0.unwrap_err();
    assert!(matches!(error, AzError::Cache { .. }), "{error}");
    assert!(error.help().contains("DOCPROOF_CACHE"));
}

#[test]
fn an_az_on_path_is_used_and_another_version_is_told() {
    let machine = Machine::new();
    let program = machine.az_on_path("2.60.0");
    let (result, told) = machine.provide(AzChoice::Auto);
    let az = result.unwrap();
    assert_eq!((az.version.as_str(), az.origin), ("2.60.0", AzOrigin::Path));
    assert_eq!((az.program, az.bin), (program, machine.tools()));
    assert!(
        matches!(&told[..], [Progress::Note(text)] if text.contains("2.60.0")),
        "{told:?}"
    );
    assert_eq!(machine.log(), "");
    // Pinned looks past it.
    assert_eq!(
        machine.provide(AzChoice::Pinned).0.unwrap().version,
        PINNED_VERSION
    );
}

#[test]
fn what_is_known_of_an_az_on_path_lasts_until_it_changes() {
    let machine = Machine::new();
    machine.az_on_path("2.60.0");
    let environment = machine.environment();
    let first = find(AzChoice::PathOnly, &environment).unwrap();
    // A Python that would answer nothing now is not asked.
    machine.script(&first.python, "#!/bin/sh\nexit 1\n");
    assert_eq!(find(AzChoice::PathOnly, &environment), Some(first));
    fs::rename(
        machine
            .root
            .path()
            .join("own/packages/azure_cli-2.60.0.dist-info"),
        machine
            .root
            .path()
            .join("own/packages/azure_cli-2.61.0.dist-info"),
    )
    .unwrap();
    assert_eq!(find(AzChoice::PathOnly, &environment), None);
    machine.az_on_path("2.61.0");
    assert_eq!(
        find(AzChoice::PathOnly, &environment).unwrap().version,
        "2.61.0"
    );
}

#[test]
fn a_broken_az_on_path_is_told_and_the_cache_is_used() {
    let machine = Machine::new();
    let az = machine.tools().join("az");
    machine.script(&az, "#!/gone/python3\n");
    assert!(matches!(
        on_path(&machine.environment()),
        OnPath::Broken { .. }
    ));
    let error = machine.provide(AzChoice::PathOnly).0.unwrap_err();
    assert!(error.to_string().contains("/gone/python3"), "{error}");
    let (result, told) = machine.provide(AzChoice::Auto);
    assert_eq!(result.unwrap().origin, AzOrigin::Cache);
    assert!(matches!(&told[0], Progress::Note(text) if text.contains("/gone/python3")));
    // A Python that has no azure-cli is as broken.
    machine.script(
        &az,
        &format!("#!{}\n", machine.tools().join("python3").display()),
    );
    let OnPath::Broken { reason, .. } = on_path(&machine.environment()) else {
        panic!()
    };
    assert!(reason.contains("has no azure-cli"), "{reason}");
}

#[test]
fn a_wrapper_that_hides_its_python_is_asked() {
    let machine = Machine::new();
    machine.az_on_path("2.60.0");
    let python = machine.root.path().join("own/bin/python3");
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && printf \"Python location '%s%s'\\n\" {} {}\n",
        python.parent().unwrap().display(),
        "/python3"
    );
    machine.script(&machine.tools().join("az"), &text);
    let found = find(AzChoice::PathOnly, &machine.environment()).unwrap();
    assert_eq!((found.version.as_str(), found.python), ("2.60.0", python));
}

#[test]
fn nothing_on_path_is_nothing() {
    let machine = Machine::new();
    assert_eq!(on_path(&machine.environment()), OnPath::None);
    assert!(matches!(
        machine.provide(AzChoice::PathOnly).0,
        Err(AzError::NotOnPath)
    ));
    assert_eq!(find(AzChoice::Auto, &machine.environment()), None);
}

#[test]
#[ignore = "fetches about 65 MB; run with --ignored"]
fn the_real_azure_cli_installs_and_starts() {
    let root = tempfile::tempdir().unwrap();
    let mut environment = AzEnvironment::from_process();
    environment.cache = root.path().join("cache");
    environment.offline = false;
    let show = &mut |progress: Progress| eprintln!("{progress}");
    let az = provide(AzChoice::Pinned, &environment, show).unwrap();
    assert_eq!(az.version, PINNED_VERSION);
    assert!(
        az.ca_bundles
            .iter()
            .any(|bundle| bundle.ends_with("certifi/cacert.pem"))
    );
    let start = std::time::Instant::now();
    assert_eq!(find(AzChoice::Pinned, &environment), Some(az.clone()));
    eprintln!("found again in {:?}: {az:#?}", start.elapsed());
    environment.path = az.bin.clone().into();
    let start = std::time::Instant::now();
    let on_path = find(AzChoice::PathOnly, &environment).unwrap();
    let seen = start.elapsed();
    assert_eq!(on_path.ca_bundles, az.ca_bundles);
    let start = std::time::Instant::now();
    assert_eq!(find(AzChoice::PathOnly, &environment), Some(on_path));
    eprintln!("on PATH: {seen:?}, then {:?}", start.elapsed());
}
