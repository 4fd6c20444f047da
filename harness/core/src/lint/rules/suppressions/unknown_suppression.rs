//! `unknown-suppression`: see [`UnknownSuppression`].

use crate::diagnostic::Severity;
use crate::lint::{Context, Findings, Rule, registry};
use crate::suggest::nearest;

/// A comment to docproof that it does not understand.
pub(super) struct UnknownSuppression;

impl Rule for UnknownSuppression {
    fn id(&self) -> &'static str {
        "unknown-suppression"
    }

    fn severity(&self) -> Severity {
        Severity::Warning
    }

    fn summary(&self) -> &'static str {
        "a suppression names no rule that there is"
    }

    fn explanation(&self) -> &'static str {
        "A comment that begins with `docproof:` has to say `allow`, the id of a rule (or several, \
         with commas between them), and a reason. `docproof explain` lists the rules.\n\n\
         Instead of\n\n\
         ```markdown\n<!-- docproof: allow leaked-ids these ids are made up -->\n```\n\n\
         write\n\n\
         ```markdown\n<!-- docproof: allow leaked-id these ids are made up -->\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        const FORM: &str = "write `<!-- docproof: allow RULE WHY -->`";
        for (span, verb) in &context.suppressions.malformed {
            let message = match verb.as_str() {
                "allow" => "this suppression names no rule".to_owned(),
                "" => "this comment says nothing to docproof".to_owned(),
                verb => format!("docproof does not know `{verb}`"),
            };
            findings.report(span.clone(), message).help(FORM);
        }
        for suppression in &context.suppressions.found {
            if registry().any(|rule| rule.id() == suppression.rule) {
                continue;
            }
            let help = match nearest(&suppression.rule, registry().map(Rule::id)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`docproof explain` lists the rules".to_owned(),
            };
            findings
                .report(
                    suppression.span.clone(),
                    format!("there is no rule `{}`", suppression.rule),
                )
                .help(help);
        }
    }
}
