//! What each kind of fence is taken for, by its name, its tab and its content.

use docproof_core::markdown::{Article, Role};
use docproof_core::shell::Dialect::{Bash, Cmd, PowerShell};

const BASH: Role = Role::Commands(Bash);
const POWERSHELL: Role = Role::Commands(PowerShell);
const CMD: Role = Role::Commands(Cmd);

fn roles(text: &str) -> Vec<Role> {
    let article = Article::parse("a.md", text, &|_| None);
    article.blocks.iter().map(|block| block.role).collect()
}

/// The role of one block with nothing around it.
fn role(language: &str, content: &str) -> Role {
    roles(&format!("```{language}\n{content}\n```\n"))[0]
}

/// The role of one block in a tab.
fn in_tab(tab: &str, language: &str, content: &str) -> Role {
    roles(&format!(
        "# {tab}\n\n```{language}\n{content}\n```\n\n---\n"
    ))[0]
}

#[test]
fn a_fences_name_says_most() {
    for name in [
        "azurecli",
        "azurecli-interactive",
        "azure-cli",
        "AzureCLI",
        "bash",
        "Bash",
        "bash-interactive",
        "sh",
        "shell",
        "console",
        "terminal",
        "zsh",
        "cli",
    ] {
        assert_eq!(role(name, "az login"), BASH, "{name}");
    }
    for name in [
        "powershell",
        "powershell-interactive",
        "azurepowershell",
        "azurepowershell-interactive",
        "pwsh",
        "ps1",
        "PowerShell",
    ] {
        assert_eq!(role(name, "az login"), POWERSHELL, "{name}");
        assert_eq!(role(name, "$x = 1"), POWERSHELL, "{name}");
    }
    for name in ["cmd", "bat", "batch", "dos"] {
        assert_eq!(role(name, "az login"), CMD, "{name}");
    }
    for name in ["output", "Output", "text", "plaintext"] {
        assert_eq!(role(name, "az login"), Role::Sample, "{name}");
    }
    for name in [
        "yaml",
        "json",
        "python",
        "http",
        "bicep",
        "copilot-prompt",
        "tf",
        "kusto",
    ] {
        assert_eq!(role(name, "az login"), Role::Listing, "{name}");
    }
}

#[test]
fn the_tab_says_which_shell() {
    for tab in [
        "[PowerShell](#tab/powershell)",
        "[Azure PowerShell](#tab/azure-powershell)",
        "[PowerShell](#tab/ps)",
        "[**PowerShell 7**](#tab/seven)",
        "[Core](#tab/pwsh)",
    ] {
        for name in ["azurecli", "azurecli-interactive", "bash", "console", ""] {
            assert_eq!(
                in_tab(tab, name, "az group list"),
                POWERSHELL,
                "{tab} {name}"
            );
        }
        assert_eq!(in_tab(tab, "cmd", "dir"), CMD);
        assert_eq!(in_tab(tab, "output", "{}"), Role::Sample);
    }
    assert_eq!(
        in_tab("[Azure CLI](#tab/cli)", "azurecli", "az login"),
        BASH
    );
    assert_eq!(in_tab("[Https](#tab/https)", "azurecli", "az login"), BASH);
    let pivot = "::: zone pivot=\"azure-powershell\"\n```console\naz login\n```\n::: zone-end\n";
    assert_eq!(roles(pivot), [POWERSHELL]);
    let pivots = "::: zone pivot=\"powershell,cli\"\n```console\naz login\n```\n::: zone-end\n";
    assert_eq!(roles(pivots), [BASH]);
}

#[test]
fn the_continuation_says_which_shell() {
    let backtick = "az group create `\n  --name a";
    assert_eq!(role("azurecli", backtick), POWERSHELL);
    assert_eq!(role("", backtick), POWERSHELL);
    assert_eq!(
        role("azurecli", "az group create ` \n  --name a"),
        POWERSHELL
    );
    // The author's slip, which a rule tells.
    assert_eq!(role("bash", backtick), BASH);
    assert_eq!(in_tab("[Bash](#tab/bash)", "azurecli", backtick), BASH);
    // A substitution, which ends with a backtick too.
    assert_eq!(
        role("azurecli", "ID=`az identity show \\\n  --query id`"),
        BASH
    );
    assert_eq!(
        role("console", "ID=`az identity show --query id `\necho $ID"),
        BASH
    );
    let caret = "az group create ^\n  --name a";
    assert_eq!(role("console", caret), CMD);
    assert_eq!(role("azurecli", caret), CMD);
    assert_eq!(role("bash", caret), BASH);
    assert_eq!(role("console", "echo %NAME%"), CMD);
    assert_eq!(role("console", "set NAME=<name>"), CMD);
    assert_eq!(role("console", "set NAME=x\nls $NAME"), BASH);
    assert_eq!(role("console", "set -e"), BASH);
    assert_eq!(
        role("console", "curl https://x/?r=https%3A%2F%2Fvault&a=%20b%20"),
        BASH
    );
    assert_eq!(role("console", "date +%Y%m%d"), BASH);
    assert_eq!(
        role("console", "New-AzResourceGroup -Name a -Location b"),
        POWERSHELL
    );
}

#[test]
fn what_a_command_prints_is_no_command() {
    for sample in [
        "{",
        "{ }",
        "{\"access_token\":\"x\"}",
        "[",
        "[]",
        "[...]\n\"identity\": {",
        "[ {",
        "...\"a\"",
        "\"identity\": {\n}",
        "\"Hello\"",
        "HTTP/1.1 200 OK",
        "<html>",
        "<?xml version=\"1.0\"?>",
        "/subscriptions/a/resourceGroups/b",
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        "NAME         READY   STATUS",
        "NAME   CLUSTER-IP   PORT(S)",
        "RUN ID    TASK     PLATFORM",
        "Name    ResourceGroup\n------  --------------",
        "web-1   1/1     Running   0          48s",
    ] {
        let expected = if sample.starts_with("...") {
            BASH
        } else {
            Role::Sample
        };
        for name in ["bash", "console", "azurecli-interactive"] {
            assert_eq!(role(name, sample), expected, "{name} {sample}");
        }
        if expected == Role::Sample {
            assert_eq!(
                role("", sample),
                Role::Listing,
                "nothing printed it: {sample}"
            );
            let after = format!("```bash\nls\n```\n\n```\n{sample}\n```\n");
            assert_eq!(roles(&after), [BASH, Role::Sample], "{sample}");
        }
    }
    for command in [
        "[ -f x ] && ls",
        "[[ -f x ]] && ls",
        "{ ls; }",
        "\"$HOME/bin/tool\" --x",
        "(ls)",
        "<EOF cat",
        "NAME=x",
        "az group list  --name a  --tag b  --output c",
        "for i in a  b  c  d; do ls $i; done",
        "GROUP  --help",
        "/usr/bin/tool run",
        "$ az login",
        "<name> --x",
        "https://example.org:8080/x",
        "ssh user@host",
        "C:\\x.exe",
    ] {
        assert_eq!(role("bash", command), BASH, "{command}");
    }
    assert_eq!(role("bash", "apiVersion: v1\nkind: Pod"), Role::Listing);
    assert_eq!(role("bash", "---\nkind: Pod"), Role::Listing);
}

#[test]
fn json_is_a_sample_where_a_command_printed_it() {
    let json = "```json\n{}\n```\n";
    assert_eq!(roles(json), [Role::Listing]);
    let after = format!("## A\n\n```azurecli\naz login\n```\n\n{json}\n{json}\n## B\n\n{json}");
    assert_eq!(
        roles(&after),
        [BASH, Role::Sample, Role::Sample, Role::Listing]
    );
}

#[test]
fn a_fence_without_a_name_runs_only_if_it_plainly_can() {
    for command in [
        "az login",
        "$ az login",
        "# sign in\naz login",
        "X=1\naz login -t $X",
        "kubectl get pods",
        "ID=$(az account show)",
        "export X=1",
        "curl https://x",
        "docker run x",
    ] {
        assert_eq!(role("", command), BASH, "{command}");
    }
    assert_eq!(role("", "$x = Get-AzContext"), POWERSHELL);
    assert_eq!(role("", "Connect-AzAccount"), POWERSHELL);
    for listing in [
        "",
        "# only a comment",
        "X=1\nY=2",
        "from azure.identity import X",
        "azure-common",
        "{",
        "git",
    ] {
        let expected = if listing == "git" {
            BASH
        } else {
            Role::Listing
        };
        assert_eq!(role("", listing), expected, "{listing}");
    }
}
