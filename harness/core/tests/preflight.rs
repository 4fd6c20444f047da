//! What commands make in Azure, told before they run.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use docproof_core::command_table::Table;
use docproof_core::markdown::Article;
use docproof_core::naming::{Language, Names, RunId};
use docproof_core::preflight::{
    Cost, Creation, Known, Removal, Value, When, creations, creators, plan,
};
use docproof_core::scenario::{Expectation, ScenarioFile, Walkthrough};
use docproof_core::shell::Dialect;

fn of(text: &str) -> Vec<Creation> {
    creations(text, Dialect::Bash, &mut Known::default())
}

/// Each thing in one line: type, names, group, region.
fn told(text: &str) -> Vec<String> {
    told_of(&of(text))
}

fn told_of(all: &[Creation]) -> Vec<String> {
    all.iter()
        .map(|one| {
            let names: Vec<String> = one.names.iter().map(ToString::to_string).collect();
            let resource = one.resource.as_deref().unwrap_or("?");
            format!(
                "{resource} {} in {} at {}",
                names.join("/"),
                one.group,
                one.region
            )
        })
        .collect()
}

#[test]
fn what_makes_nothing_is_not_told() {
    for text in [
        "az group show --name a",
        "az container exec --name a --resource-group b --exec-command bash",
        "az login --identity; az account set --subscription x",
        "az keyvault set-policy --name v --secret-permissions get --object-id x",
        "az extension add --name containerapp --upgrade",
        "az group create --help",
        "az rest --method get --url https://management.azure.com/x",
        "curl https://management.azure.com/subscriptions?api-version=1",
        "curl -X POST https://example.com",
        "# az group create --name a --location b",
        "echo 'az group create --name a'",
        "terraform plan; kubectl create -f x",
        "create add up",
        "",
    ] {
        assert_eq!(told(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_nobody_knows_is_told_as_such() {
    for text in [
        "az sql server create --name a --resource-group b",
        "az nothing-of-this-name create --name a",
        "az nothing add a",
        "az acr connected-registry install renew-credentials; az x y up",
        "az rest --method PUT --url https://management.azure.com/x --body '{}'",
        "az rest --method $METHOD --url x",
        "curl -X PUT https://management.azure.com/subscriptions/x",
        "curl -XPUT -d @x https://management.azure.com/subscriptions/x",
        "terraform apply -auto-approve",
        "azd up",
    ] {
        let all = of(text);
        assert_eq!(all.len(), 1, "{text}");
        assert!(!all[0].is_known(), "{text}");
        assert_eq!(
            (all[0].cost, all[0].removal),
            (Cost::Unknown, Removal::Unknown)
        );
    }
    let all = creations(
        "New-AzSqlServer -Name a; Set-AzContext x",
        Dialect::PowerShell,
        &mut Known::default(),
    );
    assert_eq!(told_of(&all), ["?  in - at -"]);
    // A template that is not at hand.
    let text = "az deployment group create -g g --template-uri https://x/t.json";
    assert_eq!(
        told(text),
        [
            "Microsoft.Resources/deployments - in g at -",
            "?  in g at -"
        ]
    );
}

#[test]
fn what_a_command_makes_is_told_with_its_names() {
    let text = "\
RESOURCE_GROUP=\"my-group\"
export LOCATION=eastus APP=my-app
az group create -n $RESOURCE_GROUP --location \"$LOCATION\" --output none
ID=$(az identity create --resource-group=$RESOURCE_GROUP -n \"${APP}-id\" --query id -o tsv)
az keyvault create --name vault$RANDOM -g \"$RESOURCE_GROUP\"
az keyvault secret set --vault-name v --name s --value x
if true; then az container create -g g -n c --assign-identity --scope $ID; fi
az containerapp env create -n e -g $RESOURCE_GROUP -l \"$LOCATION\" --logs-destination none";
    assert_eq!(
        told(text),
        [
            "Microsoft.Resources/resourceGroups my-group in - at eastus",
            "Microsoft.ManagedIdentity/userAssignedIdentities my-app-id in my-group at -",
            "Microsoft.KeyVault/vaults vault$RANDOM in my-group at -",
            "Microsoft.KeyVault/vaults/secrets v/s in - at -",
            "Microsoft.ContainerInstance/containerGroups c in g at -",
            "Microsoft.Authorization/roleAssignments  in - at -",
            "Microsoft.App/managedEnvironments e in my-group at eastus",
        ]
    );
    let all = of(text);
    assert_eq!(all[2].names, [Value::Written("vault$RANDOM".into())]);
    assert_eq!(all[2].removal, Removal::Purge);
    assert!(all[4].conditional && !all[3].conditional);
    assert_eq!(
        &text[all[4].range.clone()],
        "az container create -g g -n c --assign-identity --scope $ID"
    );
}

#[test]
fn variables_that_are_not_sure_are_not_guessed() {
    for text in [
        "az group create --name $G",
        "if x; then G=a; fi; az group create --name $G",
        "G=a; read G; az group create --name $G",
        "G=a; for G in b c; do az group create --name $G; done",
        "G=a; G+=b; az group create --name $G",
        "G=$(cat x); az group create --name $G",
        "G=a true; az group create --name $G",
        "az group create --name ${G%x}",
    ] {
        let all = of(text);
        assert!(
            matches!(&all[0].names[..], [Value::Written(name)] if name.starts_with('$')),
            "{text}: {all:?}"
        );
    }
}

#[test]
fn what_earlier_texts_set_is_known_later() {
    let mut known = Known::default();
    known.set("G", "my-group");
    creations(
        "az configure --defaults location=westus group=$G other\naz config set defaults.group=d",
        Dialect::Bash,
        &mut known,
    );
    let all = creations("az identity create --name $G", Dialect::Bash, &mut known);
    assert_eq!(
        told_of(&all),
        ["Microsoft.ManagedIdentity/userAssignedIdentities my-group in d at westus"]
    );
    let mut known = Known::default();
    creations("$ResourceGroup = 'g'", Dialect::PowerShell, &mut known);
    let all = creations(
        "New-AzResourceGroup -Name $resourcegroup -Location 'eastus'",
        Dialect::PowerShell,
        &mut known,
    );
    assert_eq!(
        told_of(&all),
        ["Microsoft.Resources/resourceGroups g in - at eastus"]
    );
}

#[test]
fn a_template_tells_what_it_makes() {
    let mut known = Known::default();
    let template = r#"{
        "parameters": {"name": {"type": "string"}, "plan": {"defaultValue": "p"}},
        "resources": [
            {"type": "Microsoft.App/containerApps", "name": "[parameters('name')]", "location": "[resourceGroup().location]"},
            {"type": "Microsoft.Web/serverfarms", "name": "[parameters('plan')]", "location": "westus"},
            {"type": "Microsoft.New/things", "name": "[concat('a', 'b')]"}
        ]
    }"#;
    known.write("user.json", template);
    let text = "az deployment group create -g g --name d --template-file ./user.json --parameters name=user environment=e";
    let all = creations(text, Dialect::Bash, &mut known);
    assert_eq!(
        told_of(&all),
        [
            "Microsoft.Resources/deployments d in g at -",
            "Microsoft.App/containerApps user in g at -",
            "Microsoft.Web/serverfarms p in g at westus",
            "Microsoft.New/things [concat('a', 'b')] in g at -",
        ]
    );
    assert_eq!(all[3].cost, Cost::Unknown);
}

#[test]
fn ids_are_those_that_azure_gives() {
    let text = "az group create -n g; az acr token create --registry r --name t -g g; az keyvault secret set --vault-name v -n s --value x; az group create --name $X";
    let ids: Vec<Option<String>> = of(text).iter().map(|one| one.id("S")).collect();
    assert_eq!(ids[0].as_deref(), Some("/subscriptions/S/resourceGroups/g"));
    assert_eq!(
        ids[1].as_deref(),
        Some(
            "/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r/tokens/t"
        )
    );
    assert_eq!(ids[2..], [None, None]);
}

#[test]
fn what_others_may_have_is_told_apart() {
    let run = RunId::parse("k3v9q2x7ma").unwrap();
    let text = "az group create -n g; az group create -n g-K3v9q2x7ma; az identity create -n i -g g-k3v9q2x7ma; az identity create -n i -g g";
    let of_run = |text: &str| -> Vec<bool> { of(text).iter().map(|one| one.is_of(&run)).collect() };
    assert_eq!(of_run(text), [false, true, true, false]);
    let text = "az acr create -n r -g g-k3v9q2x7ma; az acr create -n rk3v9q2x7ma -g g-k3v9q2x7ma";
    assert_eq!(
        of_run(text),
        [false, true],
        "nobody else can have a registry of this name"
    );
}

fn read(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

#[test]
fn a_walkthrough_is_planned_with_the_names_of_its_run() {
    let path = "scenarios/aci-user-assigned.toml";
    let scenario = ScenarioFile::parse(path, &read(path)).unwrap();
    let file = format!("docs-snapshots/{}/article.md", scenario.article);
    let article = Article::parse(&file, &read(&file), &|_| None);
    let walkthrough = scenario.resolve(&article).unwrap();
    let run = RunId::parse("k3v9q2x7ma").unwrap();
    let planned = plan(&walkthrough, &Names::new(&run, &walkthrough.names));
    let lines: Vec<String> = planned
        .iter()
        .map(|one| {
            let told = told_of(std::slice::from_ref(&one.creation)).remove(0);
            format!("{} {told}", one.position.line)
        })
        .collect();
    let expected = "\
53 Microsoft.Resources/resourceGroups myResourceGroup-k3v9q2x7ma in - at eastus
59 Microsoft.KeyVault/vaults mykeyvault-k3v9q2x7ma in myResourceGroup-k3v9q2x7ma at eastus
68 Microsoft.KeyVault/vaults/secrets mykeyvault-k3v9q2x7ma/SampleSecret in - at -
83 Microsoft.ManagedIdentity/userAssignedIdentities myACIId-k3v9q2x7ma in myResourceGroup-k3v9q2x7ma at -
123 Microsoft.ContainerInstance/containerGroups mycontainer-k3v9q2x7ma in myResourceGroup-k3v9q2x7ma at -";
    assert_eq!(lines.join("\n"), expected);
    assert!(planned.iter().all(|one| one.creation.is_of(&run)));
}

#[test]
fn the_table_has_commands_and_options_that_az_has() {
    let mut lines = 0;
    let text = include_str!("../src/preflight/creators.txt");
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        lines += 1;
        assert_eq!(line.split(" | ").count(), 8, "{line}");
    }
    assert_eq!(creators().len(), lines, "a line was not understood");
    let mut wrong = Vec::new();
    for one in creators().iter().filter(|one| !one.command.contains("-Az")) {
        let Some(command) = Table::built_in().command(one.command) else {
            wrong.push(one.command.to_owned());
            continue;
        };
        let when: &[&str] = match &one.when {
            When::Always => &[],
            When::If(all) | When::Unless(all) => all,
        };
        for option in one.names.iter().chain(&one.group).chain(when) {
            if command.argument(option).is_none() {
                wrong.push(format!("{} {option}", one.command));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Every scenario, resolved.
fn scenarios() -> Vec<(String, Walkthrough)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root.join("scenarios")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !name.ends_with(".toml") {
            continue;
        }
        let path = format!("scenarios/{name}");
        let scenario = ScenarioFile::parse(&path, &read(&path)).unwrap();
        let folder = format!("docs-snapshots/{}", scenario.article);
        let article = Article::parse(
            &format!("{folder}/article.md"),
            &read(&format!("{folder}/article.md")),
            &|target| {
                let kept = format!("{folder}/includes/{}", target.rsplit('/').next()?);
                let text = std::fs::read_to_string(root.join(&kept)).ok()?;
                Some((kept, text))
            },
        );
        let files = |name: &str| std::fs::read_to_string(root.join("scenarios").join(name)).ok();
        all.push((name, scenario.resolve_with(&article, &files).unwrap()));
    }
    all
}

#[test]
fn the_names_of_every_scenario_can_be_put_back() {
    let run = RunId::parse("k3v9q2x7ma").unwrap();
    let mut renamed = 0;
    for (scenario, walkthrough) in scenarios() {
        let names = Names::new(&run, &walkthrough.names);
        for one in names.all() {
            assert_eq!(
                one.kind.allows(&one.article),
                one.kind.allows(&one.run),
                "{}",
                one.run
            );
        }
        for step in &walkthrough.steps {
            let language = Language::from(step.shell);
            let mut texts = vec![step.script.text()];
            texts.extend(step.file.as_ref().map(|file| file.content(&step.script)));
            texts.extend(step.expectations.iter().filter_map(|one| match one {
                Expectation::Sample(sample) => {
                    let lines = sample.lines.iter().map(|line| line.text.as_str());
                    Some(lines.collect::<Vec<_>>().join("\n"))
                }
                _ => None,
            }));
            for text in texts {
                let typed = names.rename(&text, language);
                renamed += usize::from(typed != text);
                assert_eq!(names.restore(&typed), text, "{scenario}: {}", step.name);
                assert_eq!(
                    names.rename(&typed, language),
                    typed,
                    "{scenario}: {}",
                    step.name
                );
            }
        }
    }
    assert!(renamed > 80, "{renamed}");
}

#[test]
fn no_scenario_makes_what_others_may_have() {
    let run = RunId::parse("k3v9q2x7ma").unwrap();
    let mut wrong = Vec::new();
    let mut planned_in_all = 0;
    for (name, walkthrough) in scenarios() {
        let planned = plan(&walkthrough, &Names::new(&run, &walkthrough.names));
        planned_in_all += planned.len();
        for one in planned {
            let creation = &one.creation;
            let told = told_of(std::slice::from_ref(creation)).remove(0);
            if !creation.is_known() {
                wrong.push(format!("{name}: {} is not known: {told}", creation.command));
            }
            let of_group = matches!(creation.removal, Removal::Parent | Removal::Stays);
            let named = creation.names.iter().any(|name| *name != Value::None);
            if !of_group && named && !creation.is_of(&run) {
                wrong.push(format!("{name}: {} {told}", one.position.line));
            }
        }
    }
    assert!(planned_in_all > 80, "{planned_in_all}");
    assert_eq!(wrong.join("\n"), "");
}
