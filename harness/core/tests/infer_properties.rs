//! Whatever an article is, the scenario that is written of it fits it.

use docproof_core::infer::{Chosen, Inferred, Settings, Subject, infer, update, ways};
use docproof_core::markdown::Article;
use docproof_core::scenario::ScenarioFile;
use proptest::prelude::*;

/// What articles are made of that scenarios are inferred from, and what stands in the way of writing one.
const PIECES: [&str; 56] = [
    "# Title\n\n",
    "## Create a vault\n\n",
    "## Create a vault\n\n",
    "### \"Quoted\" & 'single' \\ `code` é\n\n",
    "## Prerequisites\n\n",
    "## Clean up resources\n\n",
    "Replace `<vault-name>` with your own.\n\n",
    "Set the `NAME` variable to *yours*.\n\n",
    "1. First:\n\n    ",
    "> [!NOTE]\n> ",
    "The output is this:\n\n",
    "In the container's shell:\n\n",
    "# [Azure CLI](#tab/cli)\n\n",
    "# [Bash](#tab/bash/linux)\n\n",
    "# [PowerShell](#tab/powershell)\n\n",
    "---\n\n",
    "::: zone pivot=\"cli\"\n\n",
    "::: zone-end\n\n",
    "[!INCLUDE [sign in](../gone.md)]\n\n",
    "| a | `<b>` |\n|---|---|\n| 1 | 2 |\n\n",
    "```azurecli\n",
    "```azurecli-interactive\n",
    "```bash\n",
    "```console\n",
    "```azurepowershell\n",
    "```cmd\n",
    "```output\n",
    "```json\n",
    "```yaml\n",
    "```\n",
    "```\n\n",
    "```\n\n",
    "az group create --name myResourceGroup --location eastus\n",
    "az keyvault create -n <vault-name> -g $RG \\\n  --location \"$LOCATION\"\n",
    "az keyvault secret set --vault-name <vault-name> --name \"S '''x''' \\\\\" --value \"\"\"a\"\"\"\n",
    "ID=$(az identity show --name <identity> --query id -o tsv)\n",
    "export TOKEN=\"<YOUR_TOKEN>\"\n",
    "az container exec --name c --resource-group g --exec-command \"/bin/bash\"\n",
    "az container create -n c -g g --image mcr.microsoft.com/azure-cli --command-line \"tail -f /dev/null\" --assign-identity $ID\n",
    "az acr build --registry <registry> --image a:v1 .\n",
    "az aks get-credentials --name <aks>\nkubectl get pods\n",
    "curl 'http://169.254.169.254/metadata/identity/oauth2/token?x=1' -H Metadata:true\n",
    "cat <<'EOF' > a.yaml\nname: <name>\nEOF\n",
    "cd /tmp && exit\n",
    "exit\n",
    "$ az login\n",
    "New-AzResourceGroup -Name <name>\n",
    "nano app.yaml\n",
    "docker run -it image <a>\n",
    "az vm create --name \u{7f}\u{1}é\u{202e}\n",
    "if true; then\n",
    "{\n  \"name\": \"<name>\",\n  \"id\": \"/subscriptions/00000000-0000-0000-0000-000000000000\"\n}\n",
    "Name    Value\n------  -----\na       b\n",
    "Hello\n",
    "\n",
    "\t",
];

fn pieces() -> impl Strategy<Value = Vec<String>> {
    let block = (20..28_usize, 32..56_usize, 32..56_usize)
        .prop_map(|(open, one, two)| [PIECES[open], PIECES[one], PIECES[two], "```\n\n"].concat());
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
        6 => block,
        1 => "[ -~é\\n]{0,20}",
    ];
    prop::collection::vec(piece, 0..24)
}

fn article(text: &str) -> Article {
    Article::parse("docs/a.md", text, &|_| None)
}

fn inferred(article: &Article) -> Vec<Inferred> {
    let subject = Subject {
        article,
        id: "a",
        named: "docs/a.md",
    };
    // What cannot be chosen between is told.
    let ways = ways(article, &Chosen::default()).unwrap_or_default();
    let mut settings = Settings::default();
    ways.iter()
        .map(|way| infer(subject, way, &mut settings))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_inferred_fits(pieces in pieces()) {
        let article = article(&pieces.concat());
        for way in inferred(&article) {
            let walkthrough = way.walkthrough(&article);
            prop_assert!(walkthrough.is_ok(), "{:?}\n{}", walkthrough.err(), way.text);
            // Nothing has changed since.
            let again = update(&way.text, &way.text, &article);
            prop_assert_eq!(again.changes, Vec::<String>::new());
        }
    }

    #[test]
    fn what_is_brought_up_to_date_is_a_scenario_and_stays_so(pieces in pieces(), more in pieces(), at in 0..24_usize, gone in 0..24_usize) {
        let before = article(&pieces.concat());
        let mut pieces = pieces;
        pieces.drain(gone.min(pieces.len())..(gone + 1).min(pieces.len()));
        let at = at.min(pieces.len());
        pieces.splice(at..at, more.into_iter().take(2));
        let after = article(&pieces.concat());
        for (old, new) in inferred(&before).iter().zip(&inferred(&after)) {
            if old.id != new.id || old.nothing.is_some() || new.nothing.is_some() {
                continue;
            }
            let updated = update(&old.text, &new.text, &after).text;
            let scenario = ScenarioFile::parse("scenarios/a.toml", &updated);
            prop_assert!(scenario.is_ok(), "{:?}\n{}", scenario.err(), updated);
            let again = update(&updated, &new.text, &after);
            prop_assert_eq!(again.changes, Vec::<String>::new(), "{}", again.text);
        }
    }
}
