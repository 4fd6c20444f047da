//! `variable-lost-in-container`: see [`VariableLostInContainer`].

use crate::diagnostic::Severity;
use crate::lint::facts::variables::Cause;
use crate::lint::{Context, Findings, Rule};

/// A variable of the reader's own shell that is read in a container's.
pub(super) struct VariableLostInContainer;

impl Rule for VariableLostInContainer {
    fn id(&self) -> &'static str {
        "variable-lost-in-container"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a shell in a container reads a variable that was set outside"
    }

    fn explanation(&self) -> &'static str {
        "`az container exec` and its like open another shell, which knows nothing of the variables \
         of the one it was opened from. Up to the end of the section, or `exit`, steps are taken to \
         be typed there.\n\n\
         Instead of\n\n\
         ```azurecli\naz container exec --resource-group $RESOURCE_GROUP --name app --exec-command /bin/bash\naz keyvault secret show --vault-name $KEY_VAULT --name secret\n```\n\n\
         tell the reader to set the variable in the container as well:\n\n\
         ```azurecli\nKEY_VAULT=<key-vault-name>\naz keyvault secret show --vault-name $KEY_VAULT --name secret\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let variables = context.variables();
        for undefined in context.undefined() {
            let Cause::NotInContainer(setting) = undefined.cause else {
                continue;
            };
            let reading = undefined.reading;
            let (Some(span), Some(name), Some(place), Some(set)) = (
                variables.span(context, reading),
                variables.written(reading),
                variables.place(context, setting, reading),
                variables.span(context, setting),
            ) else {
                continue;
            };
            findings
                .report(
                    span,
                    format!(
                        "`{name}` has no value in the container: it was set outside, at {place}"
                    ),
                )
                .help("set it in the container, or write its value")
                .related(set, "set here");
        }
    }
}
