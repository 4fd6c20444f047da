//! `az` without its start-up in containers: that it is, that nobody can tell, and that it can be
//! switched off.

use crate::common::both_ways::{self, WHICH, Way};
use crate::common::open::{Open, block_on};
use crate::{container, expect};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docproof_run::target::{AZURE_CLI_IMAGE, Container, EmulatorImage};
use std::process::{Command, Output, Stdio};

/// Command lines that a server could answer otherwise than `az` itself. `tests/az_both_ways` has
/// hundreds for the server as such; these are for how it is reached in a container.
/// Who is interrupted is so again if nothing comes of it: Python loses a signal that comes in the moment
/// before it begins to read. (So it does alone: 2 of 1500 signals sent up to 0.5 ms after a program of
/// three lines had opened a pipe to read; a second one ended it.)
const LINES: &str = r#"
az account show
az login --output none
az version --output tsv
az group nonsense
az group create --name both --location eastus
az group list --output table
az group show --name both | head -1
az --help | head -1
az group show --name nothing 2>error.txt; cat error.txt
az group show --name both >&-
az account show --query name <&-
az group create --name full --location eastus >/dev/full
echo n | az group delete --name both
az group delete --name both
printf 'n\n' | python3 -c 'import pty,sys; sys.exit(pty.spawn(["az","group","delete","--name","both"])>>8)'
python3 -c 'import pty,sys; sys.exit(pty.spawn(["az","group","list","--output","jsonc"])>>8)'
printf '{"location": "eastus"}' > body.json
id=$(az group show --name both --query id --output tsv); echo "[$id]"
az rest --method put --url "https://management.azure.com$id?api-version=2024-11-01" --body @<(cat body.json) --query name
az provider list --output json | wc -l
AZURE_CONFIG_DIR=$HOME/other az account list
ls -A ~/other | grep -v '^logs$\|^telemetry' | sort
HOME=$HOME/away az account show
AZURE_CORE_OUTPUT=table az account list --query '[].name'
LANG=C az account show --query name
AZ_INSTALLER=mine az group exists --name both
env -i "$(command -v az)" account list
mkdir -p sub/.azure && cd sub && printf '[core]\noutput = tsv\n' > .azure/config; az account show --query name; cd ..
(umask 077; az group list > private.json; stat -c %a private.json)
(ulimit -f 1000; az group exists --name both)
for i in 1 2 3 4; do az group exists --name g$i & done; wait
seq 4 | xargs -P 4 -I{} az group exists --name g{}
python3 -c 'import subprocess as s; p=s.Popen(["az","group","wait","--name","nothing","--created","--interval","60"]); p.terminate(); print(p.wait())'
python3 -c $'import os,subprocess as s\nos.mkfifo("interrupted"); p=s.Popen(["az","rest","--method","put","--url","https://management.azure.com/x","--body","@interrupted"],stderr=s.PIPE); f=open("interrupted","w"); p.send_signal(2)\nwhile p.poll() is None:\n  try: p.wait(5)\n  except s.TimeoutExpired: p.send_signal(2)\nprint(p.stderr.read().splitlines()[-1:],p.wait())\'
timeout --signal=KILL 0.01 az group wait --name nothing --created --interval 60; echo $?
ls -A ~ ~/.azure | grep -v '^logs$\|^telemetry' | sort
"#;

/// Ends when the server of a container listens.
const LISTENS: &str = "until grep -q @docproof-az /proc/net/unix; do :; done";

fn plain() -> Container {
    Container::new(AZURE_CLI_IMAGE, EmulatorImage::find(), |_| {}).with_preloaded(false)
}

/// Both ways print the same, end the same, and ask the same of Azure.
pub(crate) fn nobody_can_tell() -> Result<(), String> {
    let lines: Vec<String> = LINES.trim().lines().map(str::to_owned).collect();
    block_on(async {
        let (plain, preloaded) = (plain(), container()?);
        let ways = tokio::join!(Way::open(&plain), Way::open(preloaded.as_ref()));
        let (mut plain, mut preloaded) = (ways.0?, ways.1?);
        preloaded.run(LISTENS).await?;
        // Blocks have numbers, which messages of the shell show.
        plain.run("true").await?;
        both_ways::compare(plain, preloaded, &lines).await
    })
}

/// A call is answered, unless it cannot be as it would be, or nobody is there to answer it.
pub(crate) fn calls_are_answered() -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(container()?.as_ref()).await?;
        open.run(LISTENS).await?;
        for (setting, expected) in [
            ("export UNKNOWN=1", "answered"),
            ("export AZURE_CONFIG_DIR=$HOME/.azure", "answered"),
            ("export LANG=C", "plain"),
            ("export AZURE_EXTENSION_DIR=/nowhere", "plain"),
            ("export PYTHONPATH=/nowhere", "plain"),
            // A worker would not have it.
            ("ulimit -S -n 100", "plain"),
        ] {
            let outcome = open.run(&format!("({setting}\n{WHICH})")).await?;
            let wanted = format!("{expected}\n");
            expect(setting, outcome.stdout == wanted, &outcome)?;
        }
        // Nothing is left of what it was started with.
        let outcome = open.run("ls -d /tmp/docproof-az-* 2>&1").await?;
        let is_gone = outcome.stdout.contains("No such file");
        expect("its folder is gone", is_gone, &outcome)?;
        let block = format!("pkill -KILL -f '[s]erver.py'\n{WHICH}\naz group list --output tsv");
        let outcome = open.run(&block).await?;
        let is_plain = outcome.stdout == "plain\n" && outcome.stderr.contains("az login");
        expect("without a server", is_plain, &outcome)?;
        open.close();
        Ok(())
    })
}

/// Nothing of it is there.
pub(crate) fn it_can_be_switched_off() -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(&plain()).await?;
        let block = format!(
            "{WHICH}\ncommand -v az\nls -d /opt/docproof 2>/dev/null || echo nothing\n\
             grep -c docproof-az /proc/net/unix"
        );
        let outcome = open.run(&block).await?;
        let wanted = "plain\n/usr/bin/az\nnothing\n0\n";
        expect("all is plain", outcome.stdout == wanted, &outcome)?;
        open.close();
        Ok(())
    })?;
    run(&["--az", "plain"], WHICH, "plain")?;
    // What is tried with would not pass otherwise.
    let script = format!("{LISTENS}\n{WHICH}");
    match run(&[], &script, "plain") {
        Err(said) if said.contains("answered") => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// Those of a container that an article deploys are answered there, and by whoever they are made.
pub(crate) fn calls_in_a_deployed_container_are_answered() -> Result<(), String> {
    let script = format!(
        "cd /root\n{LISTENS}\n{WHICH}\ncommand -v az\n\
         az login --identity --allow-no-subscriptions --query '[0].state' --output tsv\n\
         setpriv --bounding-set -chown --inh-caps -chown -- bash -c {}\n\
         echo ended\n",
        shell_word(WHICH)
    );
    block_on(async {
        let mut open = Open::new(container()?.as_ref()).await?;
        let sign_in = open.environment.sign_in().unwrap_or_default();
        // Encoded, since three shells would have it their way.
        let script = STANDARD.encode(script);
        let block = format!(
            "{sign_in}\naz group create --name g --location eastus --output none\n\
             make() {{ az container create --resource-group g --name $1 --os-type Linux --cpu 1 --memory 1 \
             --image $2 --restart-policy Never --output none --assign-identity --command-line \"$3\"; }}\n\
             make calls mcr.microsoft.com/azure-cli \"bash -c 'echo {script} | base64 -d | bash'\"\n\
             until [[ $(az container show --resource-group g --name calls --output tsv \
             --query instanceView.state) == Succeeded ]]; do :; done\n\
             az container logs --resource-group g --name calls\n"
        );
        let outcome = open.run(&block).await?;
        let wanted = "answered\n/opt/docproof/bin/az\nEnabled\nplain\nended\n";
        let is_so = outcome.stdout.trim_end() == wanted.trim_end();
        expect("calls are answered", is_so, &outcome)?;
        open.close();
        Ok(())
    })
}

fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// As the package's script is in the image that Microsoft publishes, with the Python of this one.
const PACKAGED: &str = r#"
version=$(basename /opt/az/lib/python3*)
mkdir -p /usr/lib64/az/lib/$version
ln -s /opt/az/lib/$version/site-packages /usr/lib64/az/lib/$version/site-packages
rm /usr/bin/az
cat >/usr/bin/az <<END
#!/usr/bin/env bash
bin_dir=\`cd "\$(dirname "\$BASH_SOURCE[0]")"; pwd\`
python_cmd=python3
if command -v $version &>/dev/null; then python_cmd=$version; fi
AZ_INSTALLER=RPM PYTHONPATH="\$bin_dir/../lib64/az/lib/$version/site-packages" \$python_cmd -sm azure.cli "\$@"
END
chmod 755 /usr/bin/az
"#;

/// An image that is removed in the end.
struct Image(String);

impl Image {
    /// What a script makes of another image.
    fn made(script: &str) -> Result<Self, String> {
        let name = format!("docproof-test-{}", std::process::id());
        let run = ["run", "--name", &name, "--network", "none", "--entrypoint"];
        let made = docker(&[&run[..], &["bash", AZURE_CLI_IMAGE, "-ec", script]].concat());
        let image = Self(name);
        made?;
        let change = ["commit", "--change", "ENV AZ_INSTALLER=DOCKER"];
        docker(&[&change[..], &[&image.0, &image.0]].concat())?;
        Ok(image)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", &self.0]);
        let _ = docker(&["rmi", "--force", &self.0]);
    }
}

fn docker(words: &[&str]) -> Result<String, String> {
    let output = Command::new("docker").args(words).output();
    let output = output.map_err(|error| error.to_string())?;
    succeeded(&output)
}

fn succeeded(output: &Output) -> Result<String, String> {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(said),
        false => Err(said + &String::from_utf8_lossy(&output.stderr)),
    }
}

/// The command itself, on an article with this script and what it is to print.
fn run(options: &[&str], script: &str, sample: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    // Encoded, so that the article has one command.
    let script = STANDARD.encode(script);
    let text = format!(
        "---\ntitle: Which\n---\n# Which\n\n## Look\n\n```bash\necho {script} | base64 -d | bash\n\
         ```\n\n```output\n{sample}\n```\n"
    );
    std::fs::write(folder.path().join("which.md"), text).map_err(|error| error.to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    command
        .args(["run", "which.md", "--target", "container"])
        .args(options)
        .current_dir(folder.path())
        .stdin(Stdio::null());
    if options.contains(&"--az-image") {
        // What is remembered of an image that soon is gone is nobody's.
        command.env("XDG_CACHE_HOME", folder.path().join("cache"));
    }
    succeeded(&command.output().map_err(|error| error.to_string())?)
}

/// The script of the package, too, is stood in for.
pub(crate) fn the_packages_az_is_known() -> Result<(), String> {
    let image = Image::made(PACKAGED)?;
    let script = format!("{LISTENS}\n{WHICH}\naz version --query '\"azure-cli\"' --output tsv");
    let sample = format!("answered\n{}", docproof_run::az::PINNED_VERSION);
    run(&["--az-image", &image.0], &script, &sample).map(drop)
}
