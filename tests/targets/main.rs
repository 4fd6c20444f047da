//! What every target promises, tried on each that this machine has: one trial each, named
//! `<target>::<promise>`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test, which clippy cannot tell without the standard harness"
)]

#[path = "../common/mod.rs"]
mod common;
mod containers;
mod docker;
mod killed;
mod preloaded;

use common::open::{Open, block_on};
use docproof_run::environment::Target;
use docproof_run::session::BlockOutcome;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, Embedded, EmulatorImage};
use std::net::{TcpListener, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;

type Make = fn() -> Result<Arc<dyn Target>, String>;
type OfDocker = fn() -> Result<(), String>;
type Promise = fn(Arc<dyn Target>) -> Result<(), String>;

const PROMISES: [(&str, Promise); 8] = [
    ("no_route_leads_out", no_route_leads_out),
    ("an_end_in_the_middle_is_told", an_end_in_the_middle_is_told),
    ("both_see_the_same_files", both_see_the_same_files),
    (
        "requests_are_seen_in_their_order",
        requests_are_seen_in_their_order,
    ),
    (
        "names_lead_to_the_emulator_and_its_certificate_is_trusted",
        names_lead_to_the_emulator,
    ),
    ("two_runs_do_not_disturb_each_other", two_runs),
    (
        "a_container_that_ends_is_started_again",
        containers::a_container_that_ends,
    ),
    (
        "a_container_has_its_ports",
        containers::a_container_has_its_ports,
    ),
];

fn main() -> ExitCode {
    let (arguments, refusal) = {
        docproof_run::sandbox::enter_if_helper();
        match std::env::args().nth(1).as_deref() {
            Some(killed::VICTIM) => return killed::victim(),
            Some(killed::NEXT) => return killed::next(),
            _ => {}
        }
        common::begin()
    };
    let no_containers = no_containers();
    let mut trials = Vec::new();
    let targets: [(&str, Make, &Option<String>); 2] = [
        ("embedded", embedded, &refusal),
        ("container", container, &no_containers),
    ];
    for (name, make, reason) in targets {
        for (promise, test) in PROMISES {
            let trial = move || test(make()?).map_err(Into::into);
            trials.push(common::trial(
                format!("{name}::{promise}"),
                reason.as_ref(),
                trial,
            ));
        }
    }
    let of_docker: [(&str, OfDocker); 10] = [
        (
            "nothing_is_left_of_a_killed_run",
            killed::nothing_is_left_of_a_killed_run,
        ),
        ("nothing_else_is_needed", docker::nothing_else_is_needed),
        (
            "ports_of_this_machine_may_be_taken",
            docker::ports_of_this_machine_may_be_taken,
        ),
        (
            "an_image_that_is_not_there_is_told",
            docker::an_image_that_is_not_there_is_told,
        ),
        (
            "an_image_of_az_that_is_not_there_is_told",
            docker::an_image_of_az_that_is_not_there_is_told,
        ),
        ("nobody_can_tell_a_preloaded_az", preloaded::nobody_can_tell),
        ("calls_of_az_are_answered", preloaded::calls_are_answered),
        (
            "a_preloaded_az_can_be_switched_off",
            preloaded::it_can_be_switched_off,
        ),
        (
            "calls_in_a_deployed_container_are_answered",
            preloaded::calls_in_a_deployed_container_are_answered,
        ),
        (
            "the_packages_az_is_known",
            preloaded::the_packages_az_is_known,
        ),
    ];
    for (name, test) in of_docker {
        let trial = move || test().map_err(Into::into);
        let name = format!("container::{name}");
        trials.push(common::trial(name, no_containers.as_ref(), trial));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn embedded() -> Result<Arc<dyn Target>, String> {
    Ok(Arc::new(Embedded::new(common::az()?)))
}

fn container() -> Result<Arc<dyn Target>, String> {
    let say = |said: &str| eprintln!("docker: {said}");
    Ok(Arc::new(Container::new(
        AZURE_CLI_IMAGE,
        EmulatorImage::find(),
        say,
    )))
}

/// Why containers cannot be run here.
fn no_containers() -> Option<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        match Container::probe().await {
            Err(error) => Some(error.to_string()),
            Ok(_) if Container::has(AZURE_CLI_IMAGE).await => None,
            Ok(_) => Some(format!("no image {AZURE_CLI_IMAGE}")),
        }
    })
}

fn expect(what: &str, is_so: bool, outcome: &BlockOutcome) -> Result<(), String> {
    match is_so {
        true => Ok(()),
        false => Err(format!("{what}: {outcome:?}")),
    }
}

/// A server on this machine, and a gateway, are not there.
fn no_route_leads_out(target: Arc<dyn Target>) -> Result<(), String> {
    let server = TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = server.local_addr().unwrap().port();
    let socket = UdpSocket::bind(("0.0.0.0", 0)).unwrap();
    // Nothing is sent.
    let own = socket
        .connect(("192.0.2.77", 9))
        .and_then(|()| socket.local_addr())
        .map_or("127.0.0.1".to_owned(), |address| address.ip().to_string());
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let block = format!(
            "reach() {{ timeout 3 bash -c \"exec 3<>/dev/tcp/$1/$2\" 2>/dev/null && echo \"reached $1\"; }}\n\
             gateways=$(awk 'NR > 1 {{ print $3 }}' /proc/net/route | sort -u)\n\
             for hex in $gateways; do\n\
             reach $((16#${{hex:6:2}})).$((16#${{hex:4:2}})).$((16#${{hex:2:2}})).$((16#${{hex:0:2}})) {port}\n\
             done\n\
             reach {own} {port}\n\
             reach 192.0.2.77 80\n\
             true\n"
        );
        let outcome = open.run(&block).await?;
        expect(
            "something is reached",
            !outcome.stdout.contains("reached"),
            &outcome,
        )?;
        open.close();
        Ok(())
    })
}

fn an_end_in_the_middle_is_told(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let outcome = open.run("false\nx=1").await?;
        expect("one error", outcome.errors.len() == 1, &outcome)?;
        let outcome = open.run("echo $x; echo two >&2").await?;
        expect(
            "variables stay",
            outcome.stdout == "1\n" && outcome.stderr == "two\n",
            &outcome,
        )?;
        let ended = open.run("exit 7").await.unwrap_err();
        if !ended.contains('7') {
            return Err(ended);
        }
        open.close();
        Ok(())
    })
}

fn both_see_the_same_files(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let (work, files) = (open.environment.work(), open.environment.files());
        let ours = files.write(&work.join("below/ours"), b"ours").await;
        ours.map_err(|error| error.to_string())?;
        let outcome = open
            .run("cat below/ours; echo theirs >theirs; mkdir folder; touch folder/x")
            .await?;
        expect("the file is read", outcome.stdout == "ours", &outcome)?;
        let theirs = files.read(&work.join("theirs")).await;
        assert_eq!(theirs.unwrap(), b"theirs\n");
        assert!(files.read(&work.join("nobodys")).await.is_err());
        let folder = open.environment.folder().to_owned();
        open.close();
        match folder.exists() {
            true => Err(format!("{} is left", folder.display())),
            false => Ok(()),
        }
    })
}

fn requests_are_seen_in_their_order(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let ask = "curl -sS -o /dev/null https://management.azure.com/";
        open.run(&format!("{ask}before")).await?;
        let mark = open.environment.mark();
        let outcome = open.run(&format!("{ask}one\n{ask}two")).await?;
        let seen = open.environment.requests_since(mark);
        let urls: Vec<&str> = seen.iter().map(|request| request.url.as_str()).collect();
        let wanted = [
            "https://management.azure.com/one",
            "https://management.azure.com/two",
        ];
        expect(&format!("{urls:?}"), urls == wanted, &outcome)?;
        open.close();
        Ok(())
    })
}

fn names_lead_to_the_emulator(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let block = "curl -sS --fail -o /dev/null \
            https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration\n\
            env | grep -i -E 'proxy|bundle|ssl|docproof_'\ntrue";
        let outcome = open.run(block).await?;
        // The folder's own name is in variables; nothing else may tell.
        let folder = open.environment.folder().display().to_string();
        let told = outcome.stdout.replace(&folder, "");
        expect(
            "nothing tells",
            outcome.errors.iter().all(|e| e.line != 0) && told.is_empty(),
            &outcome,
        )?;
        open.close();
        Ok(())
    })
}

fn two_runs(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let (one, other) = tokio::join!(Open::new(target.as_ref()), Open::new(target.as_ref()));
        let (mut one, mut other) = (one?, other?);
        one.run("echo one >file").await?;
        let outcome = other.run("cat file").await?;
        expect("files are apart", outcome.status != 0, &outcome)?;
        one.close();
        let outcome = other
            .run("curl -sS -o /dev/null https://management.azure.com/")
            .await?;
        expect("the other goes on", outcome.status == 0, &outcome)?;
        other.close();
        Ok(())
    })
}
