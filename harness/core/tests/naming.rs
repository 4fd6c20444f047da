//! Names that are unique in each run: what they look like, where they are put, and how they are put
//! back.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use docproof_core::naming::{Language, NameKind, Names, RunId};
use proptest::prelude::*;

const RUN: &str = "k3v9q2x7ma";

fn names(all: &[(&str, &str)]) -> Names {
    let all: Vec<(String, String)> = all
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
        .collect();
    Names::new(&RunId::parse(RUN).unwrap(), &all)
}

/// The names of the scenarios, two of which begin with another.
fn usual() -> Names {
    names(&[
        ("my-container-apps", "resource-group"),
        ("my-container-app", "container-app"),
        ("my-container-app-id", "managed-identity"),
        ("mykeyvault", "key-vault"),
        ("myRegistry", "container-registry"),
        ("myResourceGroup", "resource-group"),
    ])
}

#[test]
fn what_is_not_the_name_stays() {
    for text in [
        "az keyvault show --name mykeyvault2",
        "--name notmykeyvault --name my_mykeyvault --name mykeyvault-2",
        "--mykeyvault x",
        "ümykeyvault mykeyvaultü",
        "echo $mykeyvault ${mykeyvault} ${#mykeyvault} ${mykeyvault:-x}",
        "mykeyvault=1; export mykeyvault=2; read -r mykeyvault; unset mykeyvault",
        "mykeyvault+=1",
        "for mykeyvault in a b; do :; done",
        "--set-env-vars mykeyvault=1 'mykeyvault=2'",
        "Write-Host $env:mykeyvault ${env:mykeyvault}",
        r#"{"mykeyvault": 1, "x": "[parameters('mykeyvault')]"}"#,
        r#"echo "{\"mykeyvault\" : 1}""#,
        "my-container-app-idle my-container-apps2 my-container-app-",
        "",
    ] {
        assert_eq!(usual().rename(text, Language::Bash), text);
    }
    let other = [
        (Language::Cmd, "echo %mykeyvault%"),
        (Language::PowerShell, "New-AzThing @mykeyvault"),
        (
            Language::Python,
            "mykeyvault = f(mykeyvault)\nmykeyvault.get()",
        ),
        (Language::Data, "a:\n  mykeyvault:\n    - mykeyvault: 1"),
    ];
    for (language, text) in other {
        assert_eq!(usual().rename(text, language), text);
    }
    assert!(names(&[("a", "no-such-kind")]).all().is_empty());
    assert_eq!(names(&[]).rename("a", Language::Bash), "a");
    assert_eq!(names(&[]).restore("a"), "a");
}

#[test]
fn a_name_is_renamed_wherever_it_is_a_word() {
    for (text, expected) in [
        ("--name mykeyvault", "--name mykeyvault-RUN"),
        ("--name=mykeyvault", "--name=mykeyvault-RUN"),
        ("-nmykeyvault", "-nmykeyvault-RUN"),
        ("KEY_VAULT=mykeyvault", "KEY_VAULT=mykeyvault-RUN"),
        ("KEY_VAULT='mykeyvault' x", "KEY_VAULT='mykeyvault-RUN' x"),
        (
            "https://mykeyvault.vault.azure.net/secrets",
            "https://mykeyvault-RUN.vault.azure.net/secrets",
        ),
        (
            "https%3A%2F%2Fmykeyvault.vault",
            "https%3A%2F%2Fmykeyvault-RUN.vault",
        ),
        ("myregistry.azurecr.io/a:1", "myregistryRUN.azurecr.io/a:1"),
        ("--registry myRegistry", "--registry myRegistryRUN"),
        (
            "/resourceGroups/myresourcegroup/providers/x/my-container-app",
            "/resourceGroups/myresourcegroup-RUN/providers/x/my-container-app-RUN",
        ),
        (
            "printf 'a\\nmykeyvault\\n'",
            "printf 'a\\nmykeyvault-RUN\\n'",
        ),
        (
            "my-container-app my-container-apps my-container-app-id",
            "my-container-app-RUN my-container-apps-RUN my-container-app-id-RUN",
        ),
        ("my-container-app--v1", "my-container-app-RUN--v1"),
        (
            "--query \"[?name=='mykeyvault']\"",
            "--query \"[?name=='mykeyvault-RUN']\"",
        ),
        ("[[ $a == mykeyvault ]]", "[[ $a == mykeyvault-RUN ]]"),
        (
            "mykeyvault$RANDOM ${x}mykeyvault",
            "mykeyvault-RUN$RANDOM ${x}mykeyvault-RUN",
        ),
        (r#"{"name": "mykeyvault"}"#, r#"{"name": "mykeyvault-RUN"}"#),
        ("name: mykeyvault\n", "name: mykeyvault-RUN\n"),
    ] {
        let expected = expected.replace("RUN", RUN);
        assert_eq!(usual().rename(text, Language::Bash), expected);
        assert_eq!(
            usual().rename(&expected, Language::Bash),
            expected,
            "a second time"
        );
        assert_eq!(usual().restore(&expected), text);
    }
    let program =
        "client = C('https://mykeyvault.vault') # mykeyvault\nx = \"\"\"\nmykeyvault\\\"\"\"\"";
    let renamed = usual().rename(program, Language::Python);
    assert_eq!(renamed.matches(RUN).count(), 3);
    let set = "set mykeyvault=1 && echo mykeyvault";
    let renamed = usual().rename(set, Language::Cmd);
    assert_eq!(
        renamed,
        format!("set mykeyvault=1 && echo mykeyvault-{RUN}")
    );
    let powershell = "$mykeyvault = \"mykeyvault\"; $mykeyvault";
    let renamed = usual().rename(powershell, Language::PowerShell);
    assert_eq!(
        renamed,
        format!("$mykeyvault = \"mykeyvault-{RUN}\"; $mykeyvault")
    );
}

#[test]
fn what_azure_makes_of_a_name_is_put_back() {
    for (printed, expected) in [
        ("MYRESOURCEGROUP-RUN", "MYRESOURCEGROUP"),
        ("myresourcegroup-run", "myresourcegroup"),
        ("MyResourceGroup-RUN", "MyResourceGroup"),
        (
            "ME_x_myResourceGroup-RUN_eastus",
            "ME_x_myResourceGroup_eastus",
        ),
        ("my-container-app-RUN--abc1234", "my-container-app--abc1234"),
        (
            "myregistryRUN12345.azurecr.io",
            "myregistry12345.azurecr.io",
        ),
    ] {
        let printed = printed
            .replace("RUN", RUN)
            .replace("-run", &format!("-{RUN}"));
        assert_eq!(usual().restore(&printed), expected);
    }
    let long = names(&[("myVeryLongKeyVaultName", "key-vault")]);
    let [one] = long.all() else { panic!() };
    assert_eq!(one.run, format!("myVeryLongKey-{RUN}"));
    assert_eq!(
        long.restore(&one.run.to_lowercase()),
        "myverylongkeyvaultname"
    );
    assert_eq!(
        long.restore(&one.run.to_uppercase()),
        "MYVERYLONGKEYVAULTNAME"
    );
    assert_eq!(long.restore(&one.run), "myVeryLongKeyVaultName");
}

#[test]
fn tables_are_laid_out_anew() {
    let table = "Before mykeyvault-RUN\n\
        Name                   ResourceGroup               Ü\n\
        ---------------------  --------------------------  ---\n\
        mykeyvault-RUN  myResourceGroup-RUN  é\n\
        other                  x                           yes\n\
        \n\
        After  mykeyvault-RUN\n";
    let expected = "Before mykeyvault\n\
        Name        ResourceGroup    Ü\n\
        ----------  ---------------  ---\n\
        mykeyvault  myResourceGroup  é\n\
        other       x                yes\n\
        \n\
        After  mykeyvault\n";
    assert_eq!(usual().restore(&table.replace("RUN", RUN)), expected);
    // Nothing of the run's in it: not a byte changes.
    let other = format!("mykeyvault-{RUN}\n\nA   B\n--  --\n 1  2  \n");
    assert_eq!(
        usual().restore(&other),
        "mykeyvault\n\nA   B\n--  --\n 1  2  \n"
    );
}

#[test]
fn what_breaks_the_rules_goes_on_breaking_them() {
    for (name, kind) in [
        ("myApp", NameKind::ContainerApp),
        ("my--vault", NameKind::KeyVault),
        ("a-key-vault-with-a-name-too-long", NameKind::KeyVault),
        ("1vault", NameKind::KeyVault),
        ("a_vault_with_lines_name", NameKind::KeyVault),
        ("my-registry", NameKind::ContainerRegistry),
        ("myStorage", NameKind::StorageAccount),
        ("-group", NameKind::ContainerGroup),
        ("vault-", NameKind::KeyVault),
    ] {
        assert!(!kind.allows(name), "{name}");
        let renamed = names(&[(name, kind.name())]);
        assert!(!kind.allows(&renamed.all()[0].run), "{name}");
    }
}

#[test]
fn two_names_of_one_run_differ_after_they_were_cut() {
    let all = names(&[
        ("my-long-key-vault-one", "key-vault"),
        ("my-long-key-vault-two", "key-vault"),
        ("My-Long-Key-Vault-One", "managed-identity"),
    ]);
    let mut made: Vec<String> = all.all().iter().map(|one| one.run.to_lowercase()).collect();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 3);
    for one in all.all() {
        assert!(one.kind.allows(&one.run), "{}", one.run);
        assert_eq!(all.rename(&one.article, Language::Data), one.run);
        assert_eq!(all.restore(&one.run), one.article);
    }
}

#[test]
fn ids_are_read_as_they_are_written() {
    for text in [
        "",
        "k3v9q2x7m",
        "k3v9q2x7maa",
        "13v9q2x7ma",
        "K3v9q2x7ma",
        "k3v9q2x7m-",
        "üübergabe1",
    ] {
        assert_eq!(RunId::parse(text), None, "{text}");
    }
    let id = RunId::from_seed(b"a run");
    assert_eq!(id, RunId::from_seed(b"a run"));
    assert_ne!(id, RunId::from_seed(b"another run"));
    assert_eq!(RunId::parse(id.as_str()), Some(id));
}

fn kind() -> impl Strategy<Value = NameKind> {
    prop::sample::select(NameKind::ALL.to_vec())
}

/// A name that its kind allows.
fn allowed() -> impl Strategy<Value = (String, NameKind)> {
    (kind(), "[a-zA-Z0-9._()-]{1,40}").prop_filter_map("not allowed", |(kind, name)| {
        let name: String = name
            .chars()
            .filter(|c| kind.allows(&format!("aaaa{c}a")))
            .collect();
        kind.allows(&name).then_some((name, kind))
    })
}

fn run_id() -> impl Strategy<Value = RunId> {
    any::<u64>().prop_map(|seed| RunId::from_seed(&seed.to_be_bytes()))
}

fn of(run: &RunId, all: &[(String, NameKind)]) -> Names {
    let all: Vec<(String, String)> = all
        .iter()
        .map(|(name, kind)| (name.clone(), kind.name().to_owned()))
        .collect();
    Names::new(run, &all)
}

proptest! {
    #[test]
    fn new_names_obey_the_rules_and_differ(
        all in prop::collection::vec(allowed(), 1..6), one in run_id(), other in run_id(),
    ) {
        prop_assume!(one != other);
        let (mine, others) = (of(&one, &all), of(&other, &all));
        let mut seen = std::collections::HashSet::new();
        for name in mine.all().iter().chain(others.all()) {
            prop_assert!(name.kind.allows(&name.run), "{} for {}", name.run, name.article);
            prop_assert!(seen.insert(name.run.to_ascii_lowercase()), "{} twice", name.run);
        }
    }

    #[test]
    fn renaming_and_putting_back_change_nothing(
        all in prop::collection::vec(allowed(), 1..6),
        run in run_id(),
        words in prop::collection::vec("[a-zA-Z0-9 ._$={}\"'/:%\\\\-]{0,6}|\n", 0..12),
        places in prop::collection::vec((0_usize..12, 0_usize..6, 0_usize..3), 0..8),
    ) {
        let names = of(&run, &all);
        let mut words = words;
        for (at, which, case) in places {
            let (name, _) = &all[which % all.len()];
            let name = match case {
                0 => name.to_ascii_lowercase(),
                1 => name.to_ascii_uppercase(),
                _ => name.clone(),
            };
            let at = at.min(words.len());
            words.insert(at, name);
        }
        let text = words.concat();
        // A name that was cut has its end back in one of three cases.
        for language in [Language::Bash, Language::PowerShell, Language::Python, Language::Data] {
            let renamed = names.rename(&text, language);
            prop_assert_eq!(&names.rename(&renamed, language), &renamed);
            let restored = names.restore(&renamed);
            prop_assert_eq!(restored.to_lowercase(), text.to_lowercase());
            if names.all().iter().all(|one| one.run.starts_with(&one.article)) {
                prop_assert_eq!(restored, text.clone());
            }
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>(), all in prop::collection::vec((any::<String>(), kind()), 0..4)) {
        let names = of(&RunId::from_seed(b""), &all);
        let renamed = names.rename(&text, Language::Python);
        names.restore(&renamed);
        names.restore(&text);
    }
}
