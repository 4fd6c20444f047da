//! The table of cmdlets: how a parameter that an article writes is understood.

use docproof_core::cmdlet_table::{CmdletTable, Found};

#[track_caller]
fn means(cmdlet: &str, written: &str, expected: &str) {
    let found =
        CmdletTable::built_in()
            .cmdlet(cmdlet)
            .map(|cmdlet| match cmdlet.parameter(written) {
                Found::Parameter(parameter) => parameter.name.to_owned(),
                Found::Common => "common".to_owned(),
                Found::Ambiguous(names) => names.join("|"),
                Found::Unknown => "unknown".to_owned(),
            });
    assert_eq!(found.as_deref(), Some(expected), "{cmdlet} -{written}");
}

#[test]
fn understands_parameters_as_powershell_does() {
    means("New-AzKeyVault", "Name", "Name");
    means("new-azkeyvault", "VAULTNAME", "Name");
    means("New-AzKeyVault", "Loc", "Location");
    means("New-AzKeyVault", "ErrorAction", "common");
    means("New-AzKeyVault", "Verb", "common");
    means("Remove-AzResourceGroup", "Force", "Force");
    means("Remove-AzResourceGroup", "For", "Force|ForceDeletionType");
    means("New-AzContainerApp", "IdentityType", "unknown");
    means("New-AzContainerApp", "NoWait", "NoWait");
}

#[test]
fn guesses_only_what_is_nearly_right() {
    let table = CmdletTable::built_in();
    let meant = |name| table.meant(name).map(|cmdlet| cmdlet.name);
    assert_eq!(meant("Get-AzKeyVaultSecrets"), Some("Get-AzKeyVaultSecret"));
    assert_eq!(meant("Get-AzSqlServer"), None);
    // Not every cmdlet of that module is in the table.
    assert_eq!(meant("Get-AzVMs"), None);
}

#[test]
fn every_line_of_the_table_is_understood() {
    let text = include_str!("../src/cmdlet_table/cmdlets.txt");
    let cmdlets = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '@']))
        .collect::<Vec<_>>();
    assert_eq!(CmdletTable::built_in().len(), cmdlets.len());
    for line in cmdlets {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        assert!(name.contains('-'), "{line}");
        assert!(matches!(words.next(), None | Some(":" | "~")), "{line}");
        let mut names: Vec<String> = words
            .flat_map(|word| word.trim_end_matches(['?', '!']).split(['=', ',']))
            .map(str::to_ascii_lowercase)
            .collect();
        assert!(
            names
                .iter()
                .all(|name| name.chars().all(char::is_alphanumeric)),
            "{line}"
        );
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "a name stands twice in {line}");
    }
}
