//! `server-requires-option`: see [`ServerRequiresOption`].

use super::common;
use crate::diagnostic::Severity;
use crate::lint::facts::calls::AzCall;
use crate::lint::{Context, Findings, Rule};

/// An option that azure-cli's parser does not insist on, and what runs behind it does.
pub(super) struct ServerRequiresOption;

/// What a call needs that the table does not tell.
struct Need {
    /// The commands.
    commands: &'static [&'static str],
    /// It needs something only if one of these is given; always if there are none.
    when: &'static [&'static str],
    /// Not if one of these is given.
    unless: &'static [&'static str],
    /// Each of these, written in one of its ways.
    needs: &'static [&'static [&'static str]],
    /// What happens otherwise.
    otherwise: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        commands: &["container create"],
        when: &["--image"],
        unless: &["--file"],
        needs: &[&["--os-type"], &["--cpu"], &["--memory"]],
        otherwise: "azure-cli fills nothing in, and the service answers 400",
    },
    Need {
        commands: &[
            "vm identity assign",
            "vmss identity assign",
            "vm create",
            "vmss create",
        ],
        when: &["--role"],
        unless: &[],
        needs: &[&["--scope"]],
        otherwise: "azure-cli takes the two together or neither",
    },
    Need {
        commands: &[
            "vm identity assign",
            "vmss identity assign",
            "vm create",
            "vmss create",
        ],
        when: &["--scope"],
        unless: &[],
        needs: &[&["--role"]],
        otherwise: "azure-cli takes the two together or neither",
    },
    Need {
        commands: &["ad sp create-for-rbac"],
        when: &["--role"],
        unless: &[],
        needs: &[&["--scopes"]],
        otherwise: "azure-cli takes the two together or neither",
    },
    Need {
        commands: &["ad sp create-for-rbac"],
        when: &["--scopes"],
        unless: &[],
        needs: &[&["--role"]],
        otherwise: "azure-cli takes the two together or neither",
    },
    Need {
        commands: &["role assignment create"],
        when: &[],
        unless: &["--assignee-principal-type"],
        needs: &[&["--assignee", "--assignee-object-id"]],
        otherwise: "azure-cli does not know whom to give the role",
    },
    Need {
        commands: &["role assignment create"],
        when: &["--assignee-principal-type"],
        unless: &[],
        needs: &[&["--assignee-object-id"]],
        otherwise: "azure-cli takes the type only together with an object id",
    },
    Need {
        commands: &[
            "keyvault create",
            "keyvault delete",
            "keyvault show",
            "keyvault purge",
        ],
        when: &[],
        unless: &["--id"],
        needs: &[&["--name", "--hsm-name"]],
        otherwise: "azure-cli does not know which",
    },
];

impl Rule for ServerRequiresOption {
    fn id(&self) -> &'static str {
        "server-requires-option"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "azure-cli's parser accepts the command, and the command or the service refuses it"
    }

    fn explanation(&self) -> &'static str {
        "Some options are needed though help does not call them required: the service fills \
         nothing in, or one option means nothing without another.\n\n\
         Instead of\n\n\
         ```azurecli\naz container create --name my-app --resource-group my-group --image nginx\n```\n\n\
         write\n\n\
         ```azurecli\naz container create --name my-app --resource-group my-group --image nginx \\\n    \
         --os-type Linux --cpu 1 --memory 1.5\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        for (call, command, block) in common::commands(context) {
            if call.parsed.uncertain || !call.cut_off.is_empty() {
                continue;
            }
            let path = command.path();
            let meant = common::meant(call, command);
            for need in NEEDS
                .iter()
                .filter(|need| need.commands.contains(&path.as_str()))
            {
                let given = |option: &&str| {
                    let argument = command.argument(option);
                    argument.is_some_and(|argument| {
                        call.bound(argument).is_some() || meant.contains(&argument)
                    })
                };
                let asked = need.when.is_empty() || need.when.iter().any(given);
                if !asked || need.unless.iter().any(given) {
                    continue;
                }
                let lacking = need.needs.iter().filter(|ways| !ways.iter().any(given));
                let lacking: Vec<String> = lacking
                    .map(|ways| common::list(ways.iter().copied(), "or"))
                    .collect();
                if !lacking.is_empty() {
                    report(call, block, &path, need, &lacking, findings);
                }
            }
        }
    }
}

fn report(
    call: &AzCall<'_>,
    block: &crate::lint::BlockText<'_>,
    path: &str,
    need: &Need,
    lacking: &[String],
    findings: &mut Findings,
) {
    let lacking = match lacking {
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
        [] => return,
    };
    let with = match need.when {
        [option] => format!(" with `{option}`"),
        _ => String::new(),
    };
    findings
        .report(
            block.span(call.title()),
            format!("`az {path}`{with} needs {lacking}: {}", need.otherwise),
        )
        .help(format!("add {lacking}"));
}
