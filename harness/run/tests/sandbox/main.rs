//! What a sandbox seals, and that nothing of it is left behind.
//!
//! `harness = false`: the sandbox re-executes this program, whose `main` must notice that first.
//! No test contacts an outside address; those named are reserved for documentation (RFC 5737).
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test, which clippy cannot tell without the standard harness"
)]

mod leftovers;
mod place;

use docproof_run::sandbox::{self, Sandbox, SandboxConfig, SandboxError};
use leftovers::{
    background_processes_end_with_the_sandbox, nothing_survives_a_killed_caller, victim,
};
use libtest_mimic::{Arguments, Failed, Trial};
use place::{CA, Place, null, shown_folder, wait};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Makes this program the caller that is killed in `nothing_survives_a_killed_caller`.
const VICTIM: &str = "__victim";
/// Nobody: a user other than the caller's.
const NOBODY: u32 = 65534;

type Test = fn() -> Result<(), Failed>;

const TESTS: [(&str, Test); 16] = [
    ("no_route_leads_out", no_route_leads_out),
    ("only_loopback_exists", only_loopback_exists),
    ("names_lead_to_the_emulator", names_lead_to_the_emulator),
    ("planted_files_are_safe", planted_files_are_safe),
    (
        "devices_and_kernel_settings_are_safe",
        devices_and_kernel_settings_are_safe,
    ),
    (
        "sockets_of_the_machine_are_hidden",
        sockets_of_the_machine_are_hidden,
    ),
    ("hidden_and_visible_folders", hidden_and_visible_folders),
    ("no_capability_is_left", no_capability_is_left),
    (
        "background_processes_end_with_the_sandbox",
        background_processes_end_with_the_sandbox,
    ),
    (
        "nothing_survives_a_killed_caller",
        nothing_survives_a_killed_caller,
    ),
    ("ten_at_once", ten_at_once),
    ("exit_codes_and_signals", exit_codes_and_signals),
    (
        "signals_that_the_caller_ignores_are_not_ignored_inside",
        signals_that_the_caller_ignores,
    ),
    ("errors_name_what_failed", errors_name_what_failed),
    ("a_terminal_is_a_terminal", a_terminal_is_a_terminal),
    (
        "the_authority_alone_is_in_every_bundle",
        the_authority_alone_is_in_every_bundle,
    ),
];

fn main() -> ExitCode {
    sandbox::enter_if_helper();
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() == Some(VICTIM.as_ref()) {
        return victim();
    }
    let refused = sandbox::probe().err();
    if let Some(refusal) = &refused {
        eprintln!("ignored: {refusal}; help: {}", refusal.help());
    }
    let mut trials: Vec<_> = TESTS
        .iter()
        .map(|(name, test)| Trial::test(*name, test).with_ignored_flag(refused.is_some()))
        .collect();
    if nix::unistd::geteuid().is_root() {
        trials.push(Trial::test("as_a_plain_user", as_a_plain_user));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn no_route_leads_out() -> Result<(), Failed> {
    let place = Place::new();
    for address in ["192.0.2.7", "198.51.100.1", "203.0.113.1"] {
        let printed = place.bad(&format!("exec 3<>/dev/tcp/{address}/443"));
        assert!(printed.contains("unreachable"), "{printed}");
    }
    let printed = place.bad("exec 3<>/dev/udp/198.51.100.1/53");
    assert!(printed.contains("unreachable"), "{printed}");
    // The emulator's own addresses accept.
    for target in [
        "192.0.2.1/443",
        "192.0.2.1/80",
        "192.0.2.1/19390",
        "169.254.169.254/80",
    ] {
        place.good(&format!("exec 3<>/dev/tcp/{target}"));
    }
    Ok(())
}

fn only_loopback_exists() -> Result<(), Failed> {
    let printed = Place::new().good("tail -n +3 /proc/net/dev | cut -d: -f1; ls /sys/class/net");
    assert!(
        printed.split_whitespace().all(|name| name == "lo"),
        "{printed}"
    );
    Ok(())
}

fn names_lead_to_the_emulator() -> Result<(), Failed> {
    let mut place = Place::new();
    let dns = place.network.dns_udp.take().unwrap();
    let address = place.network.address;
    // Answers each question with the emulator's address, as the emulator does; ends with `quit`.
    let server = std::thread::spawn(move || {
        let mut packet = [0; 512];
        while let Ok((length, from)) = dns.recv_from(&mut packet) {
            if &packet[..length] == b"quit" {
                break;
            }
            let mut answer = packet[..12].to_vec();
            let end = 12
                + packet[12..length]
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap()
                + 5;
            let is_a = packet[end - 3] == 1;
            answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]);
            answer.extend_from_slice(&packet[12..end]);
            if is_a {
                answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
                answer.extend_from_slice(&address.octets());
            }
            dns.send_to(&answer, from).unwrap();
        }
    });
    let printed = place.good("getent ahostsv4 mykeyvault.vault.azure.net; getent hosts localhost");
    place.good("printf quit > /dev/udp/127.0.0.1/53");
    server.join().unwrap();
    assert!(printed.starts_with("192.0.2.1"), "{printed}");
    Ok(())
}

fn planted_files_are_safe() -> Result<(), Failed> {
    // One folder under /tmp, which is replaced, and one that the sandbox shows.
    let beside = shown_folder();
    let hidden = tempfile::tempdir().unwrap();
    let place = Place::new();
    for folder in [beside.path(), hidden.path()] {
        let file = folder.join("planted");
        fs::write(&file, "kept").unwrap();
        let (file, folder) = (file.display(), folder.display());
        for script in [
            format!("rm {file}"),
            format!("rm -rf {folder} && false"),
            format!("mkdir -p {folder}; echo lost > {file}; false"),
            format!("mount -o remount,rw,bind / && echo lost > {file}"),
            format!("unshare -Urm sh -c 'mount -o remount,rw,bind / && echo lost > {file}'"),
            format!("unshare -Urm sh -c 'mount -o remount,rw / && echo lost > {file}'"),
            format!("mkdir -p /tmp/x; unshare -Urm umount {folder}"),
        ] {
            place.bad(&script);
        }
    }
    for folder in [beside.path(), hidden.path()] {
        assert_eq!(fs::read_to_string(folder.join("planted")).unwrap(), "kept");
    }
    place.bad("touch /docproof-planted");
    place.bad("touch /etc/docproof-planted");
    place.good("mkdir home && echo new > home/file && rm -r home && echo new > file");
    place.good("echo x > /tmp/new && echo x > /var/tmp/x && echo x > /dev/shm/x");
    assert_eq!(
        fs::read_to_string(place.folder.path().join("file")).unwrap(),
        "new\n"
    );
    Ok(())
}

fn devices_and_kernel_settings_are_safe() -> Result<(), Failed> {
    let place = Place::new();
    let printed = place.good("find /dev -type b; find /dev -type c -not -path '/dev/pts/*'");
    for node in printed.lines() {
        let name = node.rsplit('/').next().unwrap();
        assert!(
            ["null", "zero", "full", "random", "urandom", "tty"].contains(&name),
            "{node}"
        );
    }
    place
        .good("echo x > /dev/null; head -c 4 /dev/urandom > /dev/null; echo <(true) > /dev/stdout");
    // Writes back what is there: harmless even if the sandbox let it.
    place
        .bad("set -e; old=$(cat /proc/sys/kernel/printk); echo \"$old\" > /proc/sys/kernel/printk");
    place.bad("mknod disk b 254 0");
    Ok(())
}

fn sockets_of_the_machine_are_hidden() -> Result<(), Failed> {
    let place = Place::new();
    assert_eq!(
        place.good("find /run /var/run/ -mindepth 1 -not -name systemd"),
        ""
    );
    // A socket like Docker's, where this user can plant one.
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    place.good(&format!("test ! -e {}", socket.display()));
    Ok(())
}

fn hidden_and_visible_folders() -> Result<(), Failed> {
    let outer = shown_folder();
    let (secret, shown) = (outer.path().join("secret"), outer.path().join("a/shown"));
    fs::write(&secret, "secret").unwrap();
    fs::create_dir_all(&shown).unwrap();
    fs::write(shown.join("file"), "shown").unwrap();
    let place = Place::with(|config| {
        config.hidden = vec![outer.path().to_owned(), PathBuf::from("/no/such/folder")];
        config.visible = vec![shown.clone()];
    });
    place.bad(&format!("cat {}", secret.display()));
    assert_eq!(
        place.good(&format!("cat {}/file", shown.display())),
        "shown"
    );
    place.bad(&format!("echo lost > {}/file", shown.display()));
    // Below `/tmp` the hidden folder is one of the sandbox's own, where this may succeed.
    place.good(&format!("touch {}/new || true", outer.path().display()));
    assert!(!outer.path().join("new").exists());
    Ok(())
}

fn no_capability_is_left() -> Result<(), Failed> {
    for as_root in [false, true] {
        let place = Place::with(|config| config.as_root = as_root);
        let printed = place.good("grep -E '^(Cap|NoNewPrivs)' /proc/self/status");
        for line in printed.lines() {
            let value = line.split_whitespace().nth(1).unwrap();
            let wanted = if line.starts_with("NoNewPrivs") {
                "1"
            } else {
                "0000000000000000"
            };
            assert_eq!(value, wanted, "{line}");
        }
        let user = if as_root {
            0
        } else {
            nix::unistd::geteuid().as_raw()
        };
        assert_eq!(place.good("id -u").trim(), user.to_string());
        // Process 1 holds the control socket.
        place.bad("for fd in /proc/1/fd/*; do readlink $fd && exit 0; done; false");
        // Nothing that this program has open is inherited.
        let printed = place.good("ls -l /proc/self/fd | grep -c -- '->'");
        assert_eq!(
            printed.trim(),
            "4",
            "standard input and output, and the folder being read"
        );
        assert_eq!(
            place.good("kill -9 1; kill -STOP 1; echo here").trim(),
            "here"
        );
    }
    Ok(())
}

fn ten_at_once() -> Result<(), Failed> {
    let threads: Vec<_> = (0..10)
        .map(|number| {
            std::thread::spawn(move || {
                let place = Place::new();
                place.good(&format!(
                    "echo {number} > own; exec 3<>/dev/tcp/192.0.2.1/443"
                ));
                assert_eq!(place.good("cat own").trim(), number.to_string());
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "one of ten failed")?;
    }
    Ok(())
}

fn exit_codes_and_signals() -> Result<(), Failed> {
    let place = Place::new();
    assert_eq!(place.bash("exit 7").0, 7);
    assert_eq!(place.bash("kill -TERM $$").0, 143);
    // An environment longer than a datagram of the control socket.
    let mut command = place.command(&["bash", "-c", "exit $((${#LONG0} / 1000))"], null());
    for number in 0..9 {
        command
            .env
            .push((format!("LONG{number}").into(), "x".repeat(100_000).into()));
    }
    assert_eq!(wait(&place.sandbox.spawn(command)?), 100);

    let (mut reader, writer) = std::io::pipe()?;
    let process = place
        .sandbox
        .spawn(place.command(&["bash", "-c", "sleep 1000 & wait"], writer.into()))?;
    assert_eq!(process.try_exit(), None);
    process.signal(libc::SIGKILL)?;
    assert_eq!(wait(&process), 137);
    assert_eq!(process.try_exit(), Some(137));
    // The whole group is gone: nobody holds the pipe.
    reader.read_to_end(&mut Vec::new())?;
    process.signal(libc::SIGKILL)?;

    let process = place
        .sandbox
        .spawn(place.command(&["sleep", "1000"], null()))?;
    drop(place);
    assert_eq!(wait(&process), 137);
    assert!(matches!(
        process.signal(libc::SIGTERM),
        Err(SandboxError::Ended)
    ));
    Ok(())
}

fn errors_name_what_failed() -> Result<(), Failed> {
    let place = Place::new();
    let error = place
        .sandbox
        .spawn(place.command(&["no-such-program"], null()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not run no-such-program: No such file or directory"
    );
    let error = place
        .sandbox
        .spawn(place.command(&["/etc/hosts"], null()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not run /etc/hosts: Permission denied"
    );
    let mut command = place.command(&["true"], null());
    command.cwd = PathBuf::from("/no/such/folder");
    let error = place.sandbox.spawn(command).unwrap_err();
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
    let config = SandboxConfig {
        writable: "/no/such/folder".into(),
        ..SandboxConfig::default()
    };
    let error = Sandbox::open(&config).unwrap_err();
    assert!(
        error.to_string().contains("open /no/such/folder"),
        "{error}"
    );
    assert_eq!(place.good("echo still works").trim(), "still works");
    Ok(())
}

#[expect(unsafe_code, reason = "signal(2) is unsafe for its handlers")]
fn signals_that_the_caller_ignores() -> Result<(), Failed> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: neither is a handler of ours, and nothing here uses the signal.
    let set = |handler| unsafe { signal(Signal::SIGUSR2, handler) };
    set(SigHandler::SigIgn)?;
    let place = Place::new();
    set(SigHandler::SigDfl)?;
    let told = place.good("grep SigIgn /proc/self/status");
    let ignored = told.split_whitespace().nth(1).unwrap_or_default();
    // Signals from 32 on are the C library's own and nobody's to set.
    let ignored = u64::from_str_radix(ignored, 16)? & 0x7fff_ffff;
    assert_eq!(ignored, 0, "{told}");
    Ok(())
}

fn a_terminal_is_a_terminal() -> Result<(), Failed> {
    let place = Place::new();
    let (controlling, end) = place.sandbox.open_terminal(100, 30)?;
    let script = "tty; stty size; read line; echo \"got $line\"; : > /dev/tty && exit 3";
    let mut command = place.command(&["bash", "-c", script], end.try_clone()?);
    command.stdio[0] = end;
    command.terminal = true;
    let process = place.sandbox.spawn(command)?;
    let mut terminal = fs::File::from(controlling);
    terminal.write_all(b"typed\n")?;
    assert_eq!(wait(&process), 3);
    let mut printed = Vec::new();
    let _ = terminal.read_to_end(&mut printed); // ends with EIO
    let printed = String::from_utf8_lossy(&printed);
    for part in ["/dev/pts/0", "30 100", "got typed"] {
        assert!(printed.contains(part), "{printed}");
    }

    // Closing the controlling end hangs up.
    let (controlling, end) = place.sandbox.open_terminal(80, 24)?;
    let mut command = place.command(&["sleep", "1000"], end.try_clone()?);
    command.stdio[0] = end;
    command.terminal = true;
    let process = place.sandbox.spawn(command)?;
    drop(controlling);
    assert_eq!(wait(&process), 128 + libc::SIGHUP);
    Ok(())
}

fn the_authority_alone_is_in_every_bundle() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let bundle = folder.path().join("cacert.pem");
    fs::write(&bundle, "others")?;
    let place = Place::with(|config| config.ca_bundles = vec![bundle.clone()]);
    let mut bundles = vec![bundle];
    let system = Path::new("/etc/ssl/certs/ca-certificates.crt");
    bundles.extend(system.exists().then(|| system.to_owned()));
    for bundle in bundles {
        assert_eq!(place.good(&format!("cat {}", bundle.display())), CA);
        place.bad(&format!("echo > {}", bundle.display()));
    }
    Ok(())
}

/// Runs every other test again as a user who is not root.
fn as_a_plain_user() -> Result<(), Failed> {
    // The program and its folder for files may be out of that user's reach where they are.
    let folder = tempfile::tempdir()?;
    let shown = shown_folder();
    let program = folder.path().join("sandbox-tests");
    fs::copy("/proc/self/exe", &program)?;
    for folder in [&folder, &shown] {
        std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
    }
    let mut command = Command::new(&program);
    command
        .env("TMPDIR", folder.path())
        .env("DOCPROOF_TEST_FOLDER", shown.path())
        .uid(NOBODY)
        .gid(NOBODY)
        .current_dir("/");
    let output = command.output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{printed}{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    assert!(
        printed.contains(&format!("{} passed", TESTS.len())),
        "{printed}"
    );
    Ok(())
}
