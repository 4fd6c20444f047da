//! Container groups as processes. `harness = false`, because a container is a sandbox.
#![expect(
    clippy::unwrap_used,
    reason = "a test, which clippy cannot tell without the standard harness"
)]

use docproof_emulator::workload::{
    Container, ContainerSpec, ContainerState, TokenEndpoint, WorkloadError, Workloads as _,
};
use docproof_emulator::{Config, Emulator, WorkloadId};
use docproof_run::sandbox;
use docproof_run::workloads::{ProcessWorkloads, WorkloadEnvironment};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

type Test = fn() -> Result<(), Failed>;

fn main() -> ExitCode {
    sandbox::enter_if_helper();
    let tests: [(&str, Test); 5] = [
        ("an_unknown_image_is_not_available", || run(unknown_image())),
        ("the_default_command_ends_without_a_terminal", || {
            run(default_command())
        }),
        ("a_command_logs_and_reaches_the_metadata_endpoint", || {
            run(metadata())
        }),
        (
            "a_container_app_finds_tokens_elsewhere_and_has_its_own_port",
            || run(container_app()),
        ),
        ("exec_is_a_shell_on_a_terminal_until_stop", || run(exec())),
    ];
    let refused = sandbox::probe().is_err();
    let trials = tests.map(|(name, test)| Trial::test(name, test).with_ignored_flag(refused));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn run(test: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let deadline = Duration::from_secs(60);
    runtime.block_on(async { tokio::time::timeout(deadline, test).await })?
}

async fn start(image: &str, command: &[&str]) -> Result<Box<dyn Container>, WorkloadError> {
    start_as(image, command, TokenEndpoint::Instance).await
}

async fn start_as(
    image: &str,
    command: &[&str],
    tokens: TokenEndpoint,
) -> Result<Box<dyn Container>, WorkloadError> {
    let workloads = || ProcessWorkloads::new(WorkloadEnvironment::default());
    let emulator = Emulator::start(Config::default(), Arc::new(workloads())).unwrap();
    let spec = ContainerSpec {
        id: WorkloadId("/subscriptions/s/test".to_owned()),
        name: "test".to_owned(),
        image: image.to_owned(),
        command: command.iter().map(|&word| word.to_owned()).collect(),
        environment: vec![("GREETING".to_owned(), "hello".to_owned())],
        hostname: (tokens == TokenEndpoint::App).then(|| "app--1".to_owned()),
        tokens,
    };
    workloads().start(emulator, spec).await
}

/// Waits until the main command has ended and its output is in the log.
async fn end(container: &dyn Container, marker: &str) -> (i32, String) {
    loop {
        let state = container.state();
        let log = String::from_utf8_lossy(&container.log()).into_owned();
        if let ContainerState::Terminated { exit_code } = state
            && log.contains(marker)
        {
            return (exit_code, log);
        }
        tokio::task::yield_now().await;
    }
}

async fn unknown_image() -> Result<(), Failed> {
    let Err(error) = start("nginx", &[]).await else {
        return Err("it started".into());
    };
    assert!(matches!(error, WorkloadError::ImageNotAvailable(name) if name == "nginx"));
    Ok(())
}

async fn default_command() -> Result<(), Failed> {
    let container = start("mcr.microsoft.com/azure-cli", &[]).await?;
    assert_eq!(end(&*container, "").await.0, 0);
    assert!(
        container
            .exec(vec!["/bin/bash".to_owned()], 80, 24)
            .await
            .is_err()
    );
    Ok(())
}

async fn metadata() -> Result<(), Failed> {
    let script = "id -u; echo $GREETING; exec 3<>/dev/tcp/169.254.169.254/80; \
        printf 'GET /metadata/identity/oauth2/token HTTP/1.1\\r\\nHost: 169.254.169.254\\r\\n\
        Connection: close\\r\\n\\r\\n' >&3; head -1 <&3; echo end >&2; exit 4";
    let command = ["bash", "-c", script];
    let container = start("mcr.microsoft.com/azure-cli:latest", &command).await?;
    let (code, log) = end(&*container, "end\n").await;
    assert_eq!(code, 4, "{log}");
    assert!(log.starts_with("0\nhello\nHTTP/1.1 400 "), "{log}");
    Ok(())
}

/// Port 42356 refuses who has no header, the metadata address is not there, and a server of the
/// app's own may listen on every address.
async fn container_app() -> Result<(), Failed> {
    let script = "hostname; curl -s -o /dev/null -w '%{http_code}\\n' \
        http://localhost:42356/msi/token; curl -s -m 5 http://169.254.169.254/; echo $?; \
        (python3 -m http.server 80 & echo $! >pid) 2>/dev/null; \
        until curl -s -o /dev/null http://127.0.0.1/; do kill -0 $(cat pid) || break; done; \
        kill $(cat pid) && echo served; echo end";
    let command = ["bash", "-c", script];
    let container = start_as("mcr.microsoft.com/azure-cli", &command, TokenEndpoint::App).await?;
    let (_, log) = end(&*container, "end\n").await;
    assert!(log.starts_with("app--1\n403\n7\n"), "{log}");
    assert!(log.contains("served\n"), "{log}");
    Ok(())
}

async fn exec() -> Result<(), Failed> {
    let container = start("mcr.microsoft.com/azure-cli", &["sleep", "1000"]).await?;
    assert_eq!(container.state(), ContainerState::Running);
    assert!(
        container
            .exec(vec!["/no/such".to_owned()], 80, 24)
            .await
            .is_err()
    );
    let mut terminal = container.exec(vec!["/bin/bash".to_owned()], 90, 20).await?;
    terminal
        .input
        .write_all(b"tty; stty size; hostname; exit\n")
        .await?;
    let mut printed = String::new();
    terminal.output.read_to_string(&mut printed).await?;
    for part in ["/dev/pts/0", "20 90", "SandboxHost-"] {
        assert!(printed.contains(part), "{printed}");
    }
    let mut left = container.exec(vec!["/bin/bash".to_owned()], 80, 24).await?;
    container.stop().await;
    assert_eq!(
        container.state(),
        ContainerState::Terminated { exit_code: 137 }
    );
    left.output.read_to_string(&mut printed).await?;
    assert!(
        container
            .exec(vec!["/bin/bash".to_owned()], 80, 24)
            .await
            .is_err()
    );
    Ok(())
}
