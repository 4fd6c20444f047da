//! `undefined-variable`: see [`UndefinedVariable`].

use crate::diagnostic::Severity;
use crate::lint::facts::variables::{Cause, Certainty, Rival, Undefined};
use crate::lint::{Context, Findings, Rule};
use crate::shell::Dialect;
use std::collections::HashSet;

/// A variable that is read before anything sets it.
pub(super) struct UndefinedVariable;

impl Rule for UndefinedVariable {
    fn id(&self) -> &'static str {
        "undefined-variable"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a variable is read before anything sets it"
    }

    fn explanation(&self) -> &'static str {
        "The shell puts nothing in its place, and the command fails or does something else. Most \
         often the variable was set under another name, in another tab, or further down. What a \
         shell, Azure or a well-known tool sets is accepted, and so is everything where an include \
         is missing or a script is sourced, unless another variable was clearly meant. Where \
         something that the article does not show may set it, it is a warning.\n\n\
         Instead of\n\n\
         ```bash\nRESOURCE_GROUP=myResourceGroup\naz group show --name $RESOURCE_NAME\n```\n\n\
         write\n\n\
         ```bash\nRESOURCE_GROUP=myResourceGroup\naz group show --name $RESOURCE_GROUP\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        let mut told = HashSet::new();
        for undefined in context.undefined() {
            // A way that leaves a variable out is one defect, however often it reads it.
            if let (Cause::OtherWay(setting), Some(event)) = (
                &undefined.cause,
                context.variables().event(undefined.reading),
            ) && !told.insert((event.variable, *setting))
            {
                continue;
            }
            let _ = report(context, undefined, findings);
        }
    }
}

fn report(context: &Context<'_>, undefined: &Undefined, findings: &mut Findings) -> Option<()> {
    let variables = context.variables();
    let reading = undefined.reading;
    let name = variables.written(reading)?;
    let place = |id| variables.place(context, id, reading);
    let (message, help, related) = match &undefined.cause {
        Cause::NotInContainer(_) => return None,
        Cause::OtherShell(_)
            if variables.blocks.get(reading.block)?.dialect == Some(Dialect::PowerShell) =>
        {
            return None;
        }
        Cause::Later(setting) => (
            format!("`{name}` is set only later, at {}", place(*setting)?),
            "set it before this step".to_owned(),
            Some(*setting),
        ),
        Cause::OtherWay(setting) => {
            let way = undefined.paths.first();
            let way = way
                .and_then(|way| context.paths.get(*way))
                .map(|way| way.label.as_str());
            let on = match way {
                Some(way) if !way.is_empty() => format!(" on the way `{way}`"),
                _ => String::new(),
            };
            (
                format!(
                    "`{name}` is not set{on}, only at {}, which that way leaves out",
                    place(*setting)?
                ),
                "set it on every way that reads it".to_owned(),
                Some(*setting),
            )
        }
        Cause::OtherShell(setting) => (
            format!(
                "`{name}` is never set here, only in another shell at {}",
                place(*setting)?
            ),
            "set it in this shell too".to_owned(),
            Some(*setting),
        ),
        Cause::NotKept(setting) => (
            format!(
                "`{name}` is lost here: what sets it at {} runs in a shell of its own",
                place(*setting)?
            ),
            "set it in a command of its own".to_owned(),
            Some(*setting),
        ),
        Cause::Never(None) => (
            format!("`{name}` is never set"),
            "set it before this step, or write its value".to_owned(),
            None,
        ),
        Cause::Never(Some(rival)) => {
            let (message, help) = meant(&name, rival, rival.setting.and_then(place));
            (message, help, rival.setting)
        }
    };
    let mut report = findings
        .report(variables.span(context, reading)?, message)
        .help(help);
    if undefined.certainty == Certainty::Likely {
        report = report.severity(Severity::Warning);
    }
    if let Some(span) = related.and_then(|setting| variables.span(context, setting)) {
        report.related(span, "set here");
    }
    Some(())
}

/// What to say where another variable was probably meant.
fn meant(name: &str, rival: &Rival, place: Option<String>) -> (String, String) {
    let other = &rival.name;
    let message = match (&rival.option, &place) {
        (Some(option), _) => {
            format!("`{name}` is never set; elsewhere `{option}` is `${other}`")
        }
        (None, Some(place)) => format!("`{name}` is never set; `{other}` is, at {place}"),
        (None, None) => format!("`{name}` is never set; `{other}` is"),
    };
    let help = match place {
        Some(place) => format!("write `${other}`, which is set at {place}, if that is meant"),
        None => format!("write `${other}` if that is meant"),
    };
    (message, help)
}
