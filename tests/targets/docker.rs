//! What the container target alone promises.

use crate::common::open::{Open, block_on, told};
use crate::{container, expect};
use docproof_run::target::{Container, EmulatorImage};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;

/// Neither `az` nor Python nor anything else is on the PATH, and the home folder is empty.
pub(crate) fn nothing_else_is_needed() -> Result<(), String> {
    let image = block_on(async {
        let provided = EmulatorImage::find().provide(&|_| {}).await;
        provided.map_err(|error| error.to_string())
    })?;
    let (home, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    command
        .args(["run", "aci-user-assigned", "--target", "container"])
        .args(["--emulator-image", &image])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("PATH", empty.path())
        .env("HOME", home.path());
    if let Some(host) = std::env::var_os("DOCKER_HOST") {
        command.env("DOCKER_HOST", host);
    }
    let output = command.output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// No port of this machine is used, so none can be taken.
pub(crate) fn ports_of_this_machine_may_be_taken() -> Result<(), String> {
    // One that is taken already is as good.
    let taken = [53, 80, 443, 19390].map(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)));
    block_on(async {
        let mut open = Open::new(container()?.as_ref()).await?;
        let outcome = open
            .run("curl -sS -o /dev/null https://management.azure.com/")
            .await?;
        drop(taken);
        expect("it is answered", outcome.status == 0, &outcome)?;
        open.close();
        Ok(())
    })
}

/// A registry on this machine that has no image at all, as Docker may ask it without TLS.
fn registry() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let name = format!("localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream);
        }
    });
    name
}

fn answer(mut stream: TcpStream) {
    let mut asked = [0; 4096];
    let length = stream.read(&mut asked).unwrap_or_default();
    let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
    let (status, body) = match asked.split(' ').nth(1) {
        Some("/v2/") => ("200 OK", "{}"),
        Some(_) => (
            "404 Not Found",
            r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
        ),
        // TLS, which Docker tries first.
        None => return,
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         docker-distribution-api-version: registry/2.0\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes());
}

/// One that its registry does not have is refused as Azure does; one whose registry cannot be asked
/// says nothing of the article.
pub(crate) fn an_image_that_is_not_there_is_told() -> Result<(), String> {
    let registry = registry();
    block_on(async {
        let mut open = Open::new(container()?.as_ref()).await?;
        let sign_in = open.environment.sign_in().unwrap_or_default();
        let outcome = open
            .run(&format!(
                "{sign_in}\naz group create --name g --location eastus --output none\n\
                 make() {{ az container create --resource-group g --name c --os-type Linux --cpu 1 \
                 --memory 1 --image $1; }}\n\
                 make {registry}/none:1\nmake registry.invalid/none:1\n"
            ))
            .await?;
        let absent = format!("(InaccessibleImage) The image '{registry}/none:1'");
        expect("it is absent", outcome.stderr.contains(&absent), &outcome)?;
        let unknown = "(NotEmulated) docproof does not emulate the image 'registry.invalid/none:1'";
        expect("it is unknown", outcome.stderr.contains(unknown), &outcome)?;
        open.close();
        Ok(())
    })
}

/// The same for the image that steps run in.
pub(crate) fn an_image_of_az_that_is_not_there_is_told() -> Result<(), String> {
    let image = format!("{}/azure-cli:0.0.0", registry());
    let target = Container::new(&image, EmulatorImage::find(), |_| {});
    block_on(async {
        use docproof_run::environment::Target as _;
        let refused = target.prepare(&[]).await.err().map(told);
        let refused = refused.ok_or("it is there")?;
        let wanted = format!("there is no image {image}: manifest ");
        let help = "help: its registry has no such image; --az-image names another one";
        match refused.starts_with(&wanted) && refused.ends_with(help) {
            true => Ok(()),
            false => Err(refused),
        }
    })
}
