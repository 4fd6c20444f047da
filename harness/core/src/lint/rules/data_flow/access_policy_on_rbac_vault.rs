//! `access-policy-on-rbac-vault`: see [`AccessPolicyOnRbacVault`].

use crate::diagnostic::Severity;
use crate::lint::facts::calls::{AzCall, Value};
use crate::lint::{Context, Findings, Rule};
use std::collections::{HashMap, HashSet};

/// An access policy for a vault that was made to use roles.
pub(super) struct AccessPolicyOnRbacVault;

/// How a vault is named: written out, or by a variable.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    Literal(String),
    Variable(String),
}

impl Rule for AccessPolicyOnRbacVault {
    fn id(&self) -> &'static str {
        "access-policy-on-rbac-vault"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "an access policy is set on a vault that was made to use roles"
    }

    fn explanation(&self) -> &'static str {
        "`az keyvault create` makes a vault that uses Azure roles unless it is told otherwise, and \
         `az keyvault set-policy` refuses such a vault: \"Cannot set policies to a vault with \
         '--enable-rbac-authorization' specified\".\n\n\
         Instead of\n\n\
         ```azurecli\naz keyvault create --name my-vault --resource-group my-group\naz keyvault set-policy --name my-vault --object-id $ID --secret-permissions get\n```\n\n\
         give a role\n\n\
         ```azurecli\naz keyvault create --name my-vault --resource-group my-group\naz role assignment create --assignee-object-id $ID --role \"Key Vault Secrets User\" --scope $VAULT_ID\n```\n\n\
         or make the vault with `--enable-rbac-authorization false`."
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let calls: Vec<Of<'_, '_>> = context.calls.iter().filter_map(Of::new).collect();
        let mut told = HashSet::new();
        for path in &context.paths {
            // Where each vault that uses roles was made to.
            let mut uses_roles: HashMap<&Name, &AzCall<'_>> = HashMap::new();
            // Both are in the order of the article.
            let mut blocks = path.blocks.iter().copied().peekable();
            for of in &calls {
                while blocks.next_if(|block| *block < of.call.block).is_some() {}
                if blocks.peek() != Some(&of.call.block) {
                    continue;
                }
                match of.act {
                    Act::UseRoles => {
                        uses_roles.insert(&of.name, of.call);
                    }
                    Act::UsePolicies => {
                        uses_roles.remove(&of.name);
                    }
                    Act::SetPolicy => {
                        if let Some(made) = uses_roles.get(&of.name)
                            && told.insert((of.call.block, of.call.range.start))
                        {
                            report(context, of.call, made, findings);
                        }
                    }
                }
            }
        }
    }
}

/// A call about a vault's policies and roles.
struct Of<'c, 't> {
    call: &'c AzCall<'t>,
    name: Name,
    act: Act,
}

enum Act {
    /// The vault uses roles from then on.
    UseRoles,
    /// It uses policies, or nobody knows.
    UsePolicies,
    /// It must use policies.
    SetPolicy,
}

impl<'c, 't> Of<'c, 't> {
    fn new(call: &'c AzCall<'t>) -> Option<Self> {
        let act = if call.is("keyvault create") || call.is("keyvault update") {
            if roles(call)? {
                Act::UseRoles
            } else {
                Act::UsePolicies
            }
        } else if call.is("keyvault set-policy") || call.is("keyvault delete-policy") {
            Act::SetPolicy
        } else {
            return None;
        };
        let name = named(&call.value("--name")?)?;
        Some(Self { call, name, act })
    }
}

fn named(value: &Value<'_>) -> Option<Name> {
    let literal = value.literal.map(|text| Name::Literal(text.to_lowercase()));
    literal.or_else(|| Some(Name::Variable(value.word.variable()?.to_owned())))
}

/// Whether a vault uses roles after this call; `None` if it does not say.
fn roles(call: &AzCall<'_>) -> Option<bool> {
    let unknown = call.parsed.uncertain || !call.cut_off.is_empty() || call.broken;
    match call.given("--enable-rbac-authorization") {
        // The option alone means true.
        Some(bound) => match call.values_of(bound).first() {
            None => Some(true),
            Some(value) => Some(!value.literal?.eq_ignore_ascii_case("false")),
        },
        // What cannot be read, and a managed HSM, are left alone.
        None if unknown || call.given("--hsm-name").is_some() => Some(false),
        None => call.is("keyvault create").then_some(true),
    }
}

fn report(context: &Context<'_>, call: &AzCall<'_>, made: &AzCall<'_>, findings: &mut Findings) {
    let (Some(here), Some(there)) = (
        context.blocks.get(call.block),
        context.blocks.get(made.block),
    ) else {
        return;
    };
    let there = there.span(made.title());
    findings
        .report(
            here.span(call.title()),
            format!(
                "`az {}` refuses this vault: it was made at line {} to use roles, not access policies",
                call.path(),
                there.line
            ),
        )
        .help(
            "give a role with `az role assignment create`, or make the vault with \
             `--enable-rbac-authorization false`",
        )
        .related(there, "made here, with roles unless it says otherwise");
}
