//! Which service an exchange is with ([`service_of`]).

use crate::recording::Exchange;

/// Providers and the services that stand for them, named as the emulator's folders are.
const PROVIDERS: [(&str, &str); 9] = [
    ("microsoft.app", "container_apps"),
    ("microsoft.authorization", "authorization"),
    ("microsoft.containerinstance", "container_instances"),
    ("microsoft.containerregistry", "container_registry"),
    ("microsoft.managedidentity", "managed_identity"),
    ("microsoft.network", "network"),
    ("microsoft.operationalinsights", "operational_insights"),
    ("microsoft.resources", "resources"),
    ("microsoft.storage", "storage"),
];

/// The service that a request is for.
pub fn service_of(exchange: &Exchange) -> String {
    let host = exchange.host().to_ascii_lowercase();
    let path = exchange.path().to_ascii_lowercase();
    let name = match host.as_str() {
        "169.254.169.254" => "metadata",
        "graph.microsoft.com" => "graph",
        "graph.windows.net" => "graph_windows_net",
        "login.microsoftonline.com" | "login.windows.net" => "entra",
        "management.azure.com" => return of_arm(&path),
        host if host.ends_with(".azurecr.io") => "container_registry",
        host if host.ends_with(".vault.azure.net") || host.contains("vault") => {
            match path.split('/').nth(1).unwrap_or_default() {
                "secrets" | "deletedsecrets" => "key_vault_secrets",
                _ => "key_vault_keys_certificates",
            }
        }
        other => return other.to_owned(),
    };
    name.to_owned()
}

fn of_arm(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let provider = segments.iter().rposition(|part| *part == "providers");
    let Some(rest) = provider.and_then(|at| segments.get(at + 1..)) else {
        return "resources".to_owned();
    };
    let namespace = rest.first().copied().unwrap_or_default();
    // A provider itself, and its registration, are Resource Manager's own.
    if rest.len() < 2 || matches!(rest[1], "register" | "unregister") {
        return "resources".to_owned();
    }
    const PARTS: [&str; 11] = [
        "exportpipelines",
        "generatecredentials",
        "importimage",
        "importpipelines",
        "operations",
        "privatelinkresources",
        "replications",
        "scopemaps",
        "tokens",
        "webhooks",
        "connectedregistries",
    ];
    if namespace == "microsoft.containerregistry"
        && (rest.iter().any(|part| PARTS.contains(part))
            || rest
                .last()
                .is_some_and(|id| id.starts_with("token-") || id.starts_with("replications-")))
    {
        return "container_registry_extras".to_owned();
    }
    if namespace == "microsoft.keyvault" {
        let keys = rest.get(3).is_some_and(|part| *part == "keys");
        return if keys {
            "key_vault_keys_certificates"
        } else {
            "key_vault"
        }
        .to_owned();
    }
    PROVIDERS
        .iter()
        .find(|(known, _)| *known == namespace)
        .map_or(namespace, |(_, name)| name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn service(url: &str) -> String {
        service_of(
            &serde_json::from_value(json!({"method": "GET", "url": url, "status": 200})).unwrap(),
        )
    }

    #[test]
    fn the_last_provider_decides_and_registration_is_of_no_provider() {
        let arm = "https://management.azure.com/subscriptions/s";
        assert_eq!(
            service(&format!("{arm}/providers/Microsoft.App")),
            "resources"
        );
        assert_eq!(
            service(&format!("{arm}/providers/Microsoft.App/register")),
            "resources"
        );
        assert_eq!(
            service(&format!(
                "{arm}/resourceGroups/g/providers/Microsoft.App/containerApps/a/providers/Microsoft.Authorization/roleAssignments/r"
            )),
            "authorization"
        );
        assert_eq!(
            service("https://v.vault.azure.net/keys/k/create"),
            "key_vault_keys_certificates"
        );
        assert_eq!(
            service("https://fakevault.local/secrets?x=y"),
            "key_vault_secrets"
        );
    }
}
