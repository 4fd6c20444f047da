//! `docproof doctor` tells what it finds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

#[test]
fn a_broken_az_on_the_path_is_told_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let az = folder.path().join("az");
    fs::write(&az, "#!/gone/bin/python3\nimport azure.cli\n").unwrap();
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_docproof"))
        .arg("doctor")
        .env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()))
        .env("DOCPROOF_CACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let told = format!(
        "  broken   az {}: its interpreter /gone/bin/python3 does not exist\n",
        az.display()
    );
    assert!(printed.contains(&told), "{printed}");
    assert!(
        printed.contains("`docproof run` fetches it once"),
        "{printed}"
    );
}

#[test]
fn whoever_stops_reading_is_no_error() {
    for verb in ["doctor", "list"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_docproof"))
            .arg(verb)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*told), (Some(0), ""), "{verb}");
    }
}
