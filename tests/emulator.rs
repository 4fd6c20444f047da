//! `docproof emulator`, as a person starts it.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail the test; clippy excuses only test functions themselves"
)]

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    listening: Value,
}

fn docproof(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    command.arg("emulator").args(arguments);
    command
}

impl Running {
    /// Starts one at free ports, and waits until it says that it listens.
    fn start() -> Self {
        let mut child = docproof(&["--https-port", "0", "--http-port", "0", "--log=json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self {
            child,
            out,
            listening: Value::Null,
        };
        running.listening = running.line();
        assert_eq!(running.listening["event"], "listening");
        running
    }

    /// The next line that it prints.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn port(&self) -> String {
        let address = self.listening["http"].as_str().unwrap();
        address.split(':').nth(1).unwrap().to_owned()
    }

    /// Asks one of Azure's hosts by HTTP: status line and body.
    fn ask(&self, method: &str, host: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.listening["http"].as_str().unwrap()).unwrap();
        let kind = if body.starts_with('{') {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// A token of the user, by device code.
    fn sign_in(&self) -> String {
        const CLIENT: &str = "client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46";
        let login = "login.microsoftonline.com";
        let scope = "scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
        let path = "/organizations/oauth2/v2.0";
        let asked = format!("{CLIENT}&{scope}");
        let (_, code) = self.ask("POST", login, &format!("{path}/devicecode"), "", &asked);
        let form = format!(
            "{asked}&grant_type=device_code&device_code={}",
            code["device_code"].as_str().unwrap()
        );
        let (_, token) = self.ask("POST", login, &format!("{path}/token"), "", &form);
        token["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks it to stop, as a terminal or a service manager does.
    fn stop(mut self) -> i32 {
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_cannot_be_is_refused_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = docproof(&["--https-port", &port]).output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(error(&refused).contains(&format!("port {port} is taken")));
    assert!(error(&refused).contains("--https-port"));
    let refused = docproof(&["--role", "Nobody", "--https-port", "0", "--http-port", "0"]);
    let refused = { refused }.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let nothing = docproof(&["--reset", "--http-port", &port]);
    drop(taken);
    assert_eq!({ nothing }.output().unwrap().status.code(), Some(3));
    let nowhere = docproof(&["conformance", "/nowhere"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn it_answers_by_host_forgets_when_told_and_leaves_nothing() {
    let mut running = Running::start();
    let certificate = running.listening["certificate"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        std::fs::read_to_string(&certificate)
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    let token = running.sign_in();
    let path = format!(
        "/subscriptions/{}/resourcegroups/rg?api-version=2024-11-01",
        running.listening["subscriptionId"].as_str().unwrap()
    );
    let arm = "management.azure.com";
    let (status, _) = running.ask("PUT", arm, &path, &token, "{\"location\":\"eastus\"}");
    assert_eq!(status, 201);
    let (status, body) = running.ask("GET", "vault.example.com", "/", &token, "");
    assert_eq!(
        (status, &body["error"]["code"]),
        (501, &Value::from("NotEmulated"))
    );
    let reset = docproof(&["--reset", "--http-port", &running.port()])
        .output()
        .unwrap();
    assert!(reset.status.success(), "{}", error(&reset));
    let (status, _) = running.ask("GET", arm, &path, &token, "");
    assert_eq!(
        status, 404,
        "the group is forgotten, and the token still good"
    );
    // Two requests to sign in, then these.
    let lines: Vec<Value> = (0..6).map(|_| running.line()).collect();
    assert_eq!(lines[2]["method"], "PUT");
    assert_eq!(
        (&lines[3]["notEmulated"], &lines[3]["status"]),
        (&Value::from(true), &Value::from(501))
    );
    assert_eq!(lines[5]["error"], "ResourceGroupNotFound");
    assert_eq!(running.stop(), 0);
    assert!(!std::path::Path::new(&certificate).exists());
}

#[test]
fn recordings_are_replayed_and_what_differs_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let group = "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000\
                 /resourcegroups/rg?api-version=2024-11-01";
    let line = |location: &str| {
        serde_json::json!({
            "method": "PUT", "url": group, "status": 201, "request": {"location": "eastus"},
            "headers": {"content-type": "application/json; charset=utf-8"},
            "response": {
                "id": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg",
                "name": "rg", "type": "Microsoft.Resources/resourceGroups", "location": location,
                "properties": {"provisioningState": "Succeeded"},
            },
        })
        .to_string()
    };
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("one.jsonl"), line("eastus")).unwrap();
    let same = docproof(&["conformance", path, "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(same.status.code(), Some(0), "{}", error(&same));
    let report: Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!(report["services"]["resources"]["matched"], 1);
    std::fs::write(folder.path().join("two.jsonl"), line("westus")).unwrap();
    let other = docproof(&["conformance", path]).output().unwrap();
    assert_eq!(other.status.code(), Some(1));
    let text = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(
        text.contains("two #0") && text.contains("/body/location"),
        "{text}"
    );
    std::fs::write(folder.path().join("two.jsonl"), "{}").unwrap();
    let broken = docproof(&["conformance", path]).output().unwrap();
    assert_eq!(broken.status.code(), Some(2));
    assert!(error(&broken).contains("two.jsonl:1"));
}
