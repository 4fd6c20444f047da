//! Options that were renamed or taken away, and are still written: [`help`].

/// What to write instead of an option at a command whose words begin so.
const RENAMED: &[(&str, &str, &str)] = &[
    ("aks", "--uptime-sla", "write `--tier standard`"),
    ("aks", "--no-uptime-sla", "write `--tier free`"),
    (
        "aks",
        "--enable-rbac",
        "take it away: Kubernetes RBAC is on unless `--disable-rbac` is given",
    ),
    ("aks", "--node-zones", "write `--zones`"),
    (
        "aks",
        "--enable-network-observability",
        "write `--enable-acns`",
    ),
    (
        "aks nodepool",
        "--location",
        "take it away: a node pool is where its cluster is",
    ),
    (
        "aks nodepool",
        "-l",
        "take it away: a node pool is where its cluster is",
    ),
    (
        "containerapp",
        "--assign-identity",
        "write `--system-assigned`, or `--user-assigned` with the identity's resource id",
    ),
    (
        "containerapp",
        "--command-line",
        "write `--command` with the words of the command, and `--args` with its arguments",
    ),
    (
        "keyvault",
        "--enable-soft-delete",
        "take it away: soft delete is always on",
    ),
    ("ad sp create-for-rbac", "--sdk-auth", "write `--json-auth`"),
    (
        "ad sp create-for-rbac",
        "--skip-assignment",
        "take it away: no role is assigned unless `--role` is given",
    ),
    ("ad sp credential reset", "--name", "write `--id`"),
    ("ad sp credential reset", "-n", "write `--id`"),
    (
        "ad app create",
        "--reply-urls",
        "write `--web-redirect-uris`",
    ),
    ("ad user", "--upn-or-object-id", "write `--id`"),
    (
        "container",
        "--assign-identities",
        "write `--assign-identity`",
    ),
    ("vm list-skus", "--sku", "write `--size`"),
    (
        "webapp create",
        "--deployment-source",
        "write `--deployment-source-url`",
    ),
];

/// What to write instead of `option` at the command `path`.
pub(super) fn help(path: &str, option: &str) -> Option<&'static str> {
    RENAMED
        .iter()
        .filter(|(_, old, _)| *old == option)
        .find(|(at, ..)| {
            path.strip_prefix(at)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
        .map(|(.., help)| *help)
}

#[cfg(test)]
mod tests {
    use super::RENAMED;
    use crate::command_table::Table;

    /// What was renamed must be gone, and what to write instead must be there.
    #[test]
    fn what_is_renamed_is_gone() {
        for (at, old, help) in RENAMED {
            let of_group = Table::built_in().commands().filter(|command| {
                let path = command.path();
                path == *at || path.starts_with(&format!("{at} "))
            });
            let new = help.split('`').find(|text| text.starts_with("--"));
            let new = new.and_then(|text| text.split(' ').next());
            let (mut any, mut has_new) = (false, false);
            for command in of_group {
                any = true;
                has_new |= new.is_some_and(|new| command.argument(new).is_some());
            }
            assert!(any, "{at}");
            assert!(has_new || new.is_none(), "{at} has no {new:?} for {old}");
        }
    }
}
