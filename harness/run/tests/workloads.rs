//! Container groups as processes. `harness = false`, because a container is a sandbox.
#![expect(
    clippy::unwrap_used,
    reason = "a test, which clippy cannot tell without the standard harness"
)]

use docproof_emulator::workload::{
    Container, ContainerSpec, ContainerState, ImageConfig, ImageLayer, PulledImage, TokenEndpoint,
    WorkloadError, Workloads as _,
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
    let tests: [(&str, Test); 10] = [
        ("an_unknown_image_is_not_available", || run(unknown_image())),
        ("the_default_command_ends_without_a_terminal", || {
            run(default_command())
        }),
        ("servers_of_its_own_have_their_ports", || run(own_ports())),
        ("a_command_logs_and_reaches_the_metadata_endpoint", || {
            run(metadata())
        }),
        (
            "a_container_app_finds_tokens_elsewhere_and_has_its_own_port",
            || run(container_app()),
        ),
        ("a_port_is_reached_while_somebody_listens", || run(port())),
        ("exec_is_a_shell_on_a_terminal_until_stop", || run(exec())),
        ("an_image_that_cannot_be_unpacked_does_not_run", || {
            run(broken_image())
        }),
        ("a_pulled_image_lies_over_the_one_it_was_made_from", || {
            run(image_over_another())
        }),
        ("a_pulled_image_alone_sees_nothing_of_the_machine", || {
            run(image_alone())
        }),
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
    start_as(image, command, TokenEndpoint::Instance, None).await
}

async fn start_with(
    image: &str,
    command: &[&str],
    files: Option<PulledImage>,
) -> Result<Box<dyn Container>, WorkloadError> {
    start_as(image, command, TokenEndpoint::Instance, files).await
}

async fn start_as(
    image: &str,
    command: &[&str],
    tokens: TokenEndpoint,
    files: Option<PulledImage>,
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
        files: files.map(Arc::new),
        mounts: Vec::new(),
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

/// Servers of a group's own listen on 80 and 443 of every address, and the metadata endpoint and Azure
/// answer all the same.
async fn own_ports() -> Result<(), Failed> {
    let script = "for port in 80 443; do (python3 -m http.server $port >/dev/null 2>&1 & echo $! >pid$port); \
        until exec 3<>/dev/tcp/127.0.0.1/$port; do kill -0 $(cat pid$port) || break; done 2>/dev/null; \
        kill -0 $(cat pid$port) && echo served $port; done; \
        curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1/; \
        curl -s -o /dev/null -w '%{http_code}\\n' http://169.254.169.254/metadata/identity/oauth2/token; \
        curl -s -o /dev/null -w '%{http_code}\\n' https://management.azure.com/subscriptions; \
        kill $(cat pid80 pid443); echo end";
    let command = ["bash", "-c", script];
    let container = start("mcr.microsoft.com/azure-cli:latest", &command).await?;
    let (_, log) = end(&*container, "end\n").await;
    assert_eq!(log, "served 80\nserved 443\n200\n400\n401\nend\n");
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
    let container = start_as(
        "mcr.microsoft.com/azure-cli",
        &command,
        TokenEndpoint::App,
        None,
    )
    .await?;
    let (_, log) = end(&*container, "end\n").await;
    assert!(log.starts_with("app--1\n403\n7\n"), "{log}");
    assert!(log.contains("served\n"), "{log}");
    Ok(())
}

/// The stand-in of the hello-world images, as an ingress reaches it.
async fn port() -> Result<(), Failed> {
    let image = "mcr.microsoft.com/azuredocs/containerapps-helloworld:latest";
    let container = start_as(image, &[], TokenEndpoint::App, None).await?;
    assert!(container.connect(81).await.is_err());
    let mut connection = loop {
        match container.connect(80).await {
            Ok(connection) => break connection,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    assert!(answer.contains("Your container is running"), "{answer}");
    container.stop().await;
    assert!(container.connect(80).await.is_err());
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
    // The terminal of the command that could not be started may still be closing.
    for part in ["/dev/pts/", "20 90", "SandboxHost-"] {
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

/// An image of one layer: files with mode 0755, by name.
fn image(files: &[(&str, Vec<u8>)], config: ImageConfig) -> PulledImage {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        builder
            .append_data(&mut header, name, content.as_slice())
            .unwrap();
    }
    PulledImage {
        reference: "r.azurecr.io/app:v1".to_owned(),
        config,
        layers: vec![ImageLayer {
            media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
            digest: "sha256:00".to_owned(),
            bytes: builder.into_inner().unwrap().into(),
        }],
        ..PulledImage::default()
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

async fn broken_image() -> Result<(), Failed> {
    let mut image = image(&[("a", b"1".to_vec())], ImageConfig::default());
    image.config.diff_ids = words(&["sha256:11"]);
    let Err(error) = start_with("r.azurecr.io/app:v1", &["true"], Some(image)).await else {
        return Err("it started".into());
    };
    assert!(
        error.to_string().contains("could not be unpacked"),
        "{error}"
    );
    let image = self::image(&[("a", b"1".to_vec())], ImageConfig::default());
    assert!(
        start_with("r.azurecr.io/app:v1", &[], Some(image))
            .await
            .is_err()
    );
    Ok(())
}

const SCRIPT: &str = "#!/bin/bash
echo \"$1 $GREETING $OWN from $PWD\"
cat data
touch new && echo own is writable
touch /usr/lib/new 2>/dev/null || echo machine is not
command -v sed
grep nameserver /etc/resolv.conf
";

async fn image_over_another() -> Result<(), Failed> {
    let config = ImageConfig {
        entrypoint: words(&["/opt/app/run.sh"]),
        command: words(&["Hello"]),
        environment: vec![("OWN".to_owned(), "image".to_owned())],
        working_folder: "/opt/app".to_owned(),
        ..ImageConfig::default()
    };
    let files = [
        ("opt/app/run.sh", SCRIPT.into()),
        ("opt/app/data", b"data of the image\n".to_vec()),
        ("usr/bin/greet", b"#!/bin/sh\necho greeted\n".to_vec()),
    ];
    let mut image = image(&files, config);
    image.annotations.insert(
        "org.opencontainers.image.base.name".to_owned(),
        "mcr.microsoft.com/azure-cli:latest".to_owned(),
    );
    let container = start_with("r.azurecr.io/app:v1", &[], Some(image.clone())).await?;
    let (code, log) = end(&*container, "nameserver").await;
    assert_eq!(code, 0, "{log}");
    assert_eq!(
        log.replace("/bin/sed", "/usr/bin/sed")
            .replace("/usr/usr", "/usr"),
        "Hello hello image from /opt/app\ndata of the image\nown is writable\nmachine is not\n\
         /usr/bin/sed\nnameserver 127.0.0.1\n"
    );
    // A program of the image's in a folder that the machine has, too; and a command that was asked
    // for in the place of the image's own.
    let container = start_with("r.azurecr.io/app:v1", &["greet"], Some(image)).await?;
    let (code, log) = end(&*container, "greeted").await;
    assert_eq!((code, log.as_str()), (0, "greeted\n"));
    Ok(())
}

/// The machine's shell with the libraries that it needs; none if they cannot be told.
fn shell() -> Option<Vec<(String, Vec<u8>)>> {
    let told = std::process::Command::new("ldd")
        .arg("/bin/sh")
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let paths = told.split_whitespace().filter(|word| word.starts_with('/'));
    let mut files = vec![("bin/sh".to_owned(), std::fs::read("/bin/sh").ok()?)];
    for path in paths {
        files.push((
            path.trim_start_matches('/').to_owned(),
            std::fs::read(path).ok()?,
        ));
    }
    Some(files)
}

async fn image_alone() -> Result<(), Failed> {
    let Some(mut files) = shell() else {
        return Ok(()); // no ldd on this machine
    };
    let script = "echo alone as $HOME in $PWD; for path in /usr/bin/env /home /etc/passwd /proc/1 \
        /dev/null /etc/resolv.conf; do [ -e $path ] && echo $path; done; read line < /etc/own; \
        echo $line; echo x > /new && echo writable; cd /..; [ -e /etc/own ] && echo sealed";
    files.push(("etc/own".to_owned(), b"own file\n".to_vec()));
    let files: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(name, content)| (name.as_str(), content.clone()))
        .collect();
    let config = ImageConfig {
        entrypoint: words(&["sh", "-c"]),
        command: words(&[script]),
        ..ImageConfig::default()
    };
    let container = start_with("r.azurecr.io/app:v1", &[], Some(image(&files, config))).await?;
    let (code, log) = end(&*container, "sealed").await;
    assert_eq!(code, 0, "{log}");
    assert_eq!(
        log,
        "alone as /root in /\n/proc/1\n/dev/null\n/etc/resolv.conf\nown file\nwritable\nsealed\n"
    );
    assert!(!std::path::Path::new("/new").exists());
    Ok(())
}
