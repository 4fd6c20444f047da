//! What a target promises of the containers that walkthroughs start.

use crate::common::open::{Open, block_on};
use crate::expect;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use docproof_run::environment::Target;
use std::sync::Arc;

/// One that fails at once is started twice more, waits then, and says so; one that ended well is not.
pub(crate) fn a_container_that_ends(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let sign_in = open.environment.sign_in().unwrap_or_default();
        let block = format!(
            "{sign_in}\naz group create --name g --location eastus --output none\n\
             make() {{ az container create --resource-group g --name $1 --os-type Linux --cpu 1 --memory 1 \
             --image mcr.microsoft.com/azure-cli --restart-policy OnFailure --output none \
             --command-line \"bash -c 'echo ran; exit $2'\"; }}\n\
             make failing 3\nmake fine 0\n\
             shown() {{ az container show --resource-group g --name $1 --output tsv --query \
             \"[[instanceView.state, containers[0].instanceView.currentState.state, \
             to_string(containers[0].instanceView.restartCount), \
             to_string(containers[0].instanceView.previousState.exitCode)]]\"; }}\n\
             until [[ $(shown failing) == *Waiting* ]]; do :; done\n\
             until [[ $(shown fine) == *Terminated* ]]; do :; done\n\
             shown failing; shown fine; az container logs --resource-group g --name failing\n"
        );
        let outcome = open.run(&block).await?;
        let wanted = "Running\tWaiting\t2\t3\nSucceeded\tTerminated\t0\tnull\nran\n";
        expect(
            "what is shown",
            outcome.stdout.trim_end() == wanted.trim_end(),
            &outcome,
        )?;
        open.close();
        Ok(())
    })
}

/// Asks its own server, and for a token.
const SERVER: &str = r#"
python3 -m http.server 80 2>/dev/null & server=$!
until (exec 3<>/dev/tcp/127.0.0.1/80) 2>/dev/null; do kill -0 $server || break; done
ask() { curl -s -H Metadata:true -o /dev/null -w '%{http_code}\n' "$1"; }
ask http://127.0.0.1/
ask 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net'
kill $server
"#;

/// A server on port 80 of every address, as nearly every image has one, and the metadata endpoint at its
/// own address.
pub(crate) fn a_container_has_its_ports(target: Arc<dyn Target>) -> Result<(), String> {
    block_on(async {
        let mut open = Open::new(target.as_ref()).await?;
        let sign_in = open.environment.sign_in().unwrap_or_default();
        // Encoded, since three shells would have it their way.
        let script = STANDARD.encode(SERVER);
        let block = format!(
            "{sign_in}\naz group create --name g --location eastus --output none\n\
             az container create --resource-group g --name c --os-type Linux --cpu 1 --memory 1 \
             --image mcr.microsoft.com/azure-cli --restart-policy Never --output none --assign-identity \
             --command-line \"bash -c 'echo {script} | base64 -d | bash'\"\n\
             until [[ $(az container show --resource-group g --name c --output tsv \
             --query instanceView.state) == Succeeded ]]; do :; done\n\
             az container logs --resource-group g --name c\n"
        );
        let outcome = open.run(&block).await?;
        let answered = outcome.stdout.lines().filter(|line| *line == "200").count();
        expect("both answer", answered == 2, &outcome)?;
        open.close();
        Ok(())
    })
}
