//! `captured-without-tsv`: see [`CapturedWithoutTsv`].

use crate::diagnostic::{Edit, Fix, Severity};
use crate::lint::context::BlockText;
use crate::lint::facts::variables::{EventKind, Name};
use crate::lint::{Context, Findings, Rule};
use crate::shell::{Assignment, Command, Dialect, Part, PartKind, Script, Word};

/// A value taken from `az` with the quotes of its JSON around it.
pub(super) struct CapturedWithoutTsv;

impl Rule for CapturedWithoutTsv {
    fn id(&self) -> &'static str {
        "captured-without-tsv"
    }

    fn severity(&self) -> Severity {
        Severity::Error
    }

    fn summary(&self) -> &'static str {
        "a value is captured from `az` with its quotes"
    }

    fn explanation(&self) -> &'static str {
        "`az` prints JSON unless it is told otherwise: `--query id` prints the id between quotes, \
         and the variable holds the quotes too. `--output tsv` prints the bare value. Where the \
         value may be a number, or nothing uses it, it is a warning.\n\n\
         Instead of\n\n\
         ```azurecli\nID=$(az identity show --name app --resource-group rg --query id)\n```\n\n\
         write\n\n\
         ```azurecli\nID=$(az identity show --name app --resource-group rg --query id --output tsv)\n```"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Findings) {
        if context.blocks.iter().any(|block| sets_default(&block.text)) {
            return;
        }
        for block in &context.blocks {
            if let Some(script) = &block.script
                && script.dialect != Dialect::Cmd
            {
                script.walk(&mut |command| self.command(context, block, script, command, findings));
            }
        }
    }
}

impl CapturedWithoutTsv {
    fn command(
        &self,
        context: &Context<'_>,
        block: &BlockText<'_>,
        script: &Script,
        command: &Command,
        findings: &mut Findings,
    ) {
        for assignment in &command.assignments {
            let Some(az) = assignment.value.as_ref().and_then(captured) else {
                continue;
            };
            if let Some(text) = quoted_text(az) {
                let severity = match fate(context, script.dialect, assignment) {
                    Fate::Mended => continue,
                    Fate::Used if text == Text::Certainly => Severity::Error,
                    _ => Severity::Warning,
                };
                let message = format!(
                    "`{}` gets the quotes that `az` prints around the value",
                    assignment.name
                );
                report(block, az, message, severity, findings);
            }
        }
        // `az … --scope $(az … --query id)`
        if script.dialect == Dialect::Bash && command.name().as_deref() == Some("az") {
            for az in command.words.iter().filter_map(captured) {
                if let Some(text) = quoted_text(az) {
                    let severity = match text {
                        Text::Certainly => Severity::Error,
                        Text::Perhaps => Severity::Warning,
                    };
                    let message = "the argument gets the quotes that `az` prints around the value";
                    report(block, az, message.to_owned(), severity, findings);
                }
            }
        }
    }
}

fn report(
    block: &BlockText<'_>,
    az: &Command,
    message: String,
    severity: Severity,
    findings: &mut Findings,
) {
    let Some(last) = az.words.last() else { return };
    let end = last.range.end;
    let query = az.words.iter().find(|word| is_query(word));
    let start = query.map_or(az.range.start, |query| query.range.start);
    findings
        .report(block.span(start..end), message)
        .help("add `--output tsv`")
        .severity(severity)
        .fix(Fix {
            title: "add `--output tsv`".to_owned(),
            edits: vec![Edit {
                span: block.span(end..end),
                replacement: " --output tsv".to_owned(),
            }],
        });
}

/// Whether a block makes `az` print something else than JSON.
fn sets_default(text: &str) -> bool {
    text.contains("AZURE_CORE_OUTPUT")
        || text.contains("core.output=")
        || (text.contains("az configure") && text.contains("output="))
        || text.contains("az config set defaults.output")
}

/// The `az` command whose output a word is, and nothing else.
fn captured(word: &Word) -> Option<&Command> {
    let [
        Part {
            kind:
                PartKind::Substitution {
                    commands,
                    member: None,
                },
            ..
        },
    ] = word.parts.as_slice()
    else {
        return None;
    };
    let [command] = commands.as_slice() else {
        return None;
    };
    // PowerShell's `$x = $(az …)`.
    if command.words.len() == 1
        && let Some(inner) = command.words.first().and_then(captured)
    {
        return Some(inner);
    }
    (command.name().as_deref() == Some("az")).then_some(command)
}

fn is_query(word: &Word) -> bool {
    word.literal().as_deref() == Some("--query")
        || starts(word).is_some_and(|text| text.starts_with("--query="))
}

/// The text that a word begins with.
fn starts(word: &Word) -> Option<&str> {
    match &word.parts.first()?.kind {
        PartKind::Text(text) => Some(text),
        _ => None,
    }
}

#[derive(PartialEq, Eq)]
enum Text {
    Certainly,
    Perhaps,
}

/// Whether a command prints one text between quotes.
fn quoted_text(az: &Command) -> Option<Text> {
    let has_output = az.words.iter().filter_map(starts).any(|text| {
        text.starts_with("--o") || (text.starts_with("-o") && !text.starts_with("-o-"))
    });
    let helps = az.words.iter().any(|word| {
        matches!(
            word.literal().as_deref(),
            Some("-h" | "--help" | "--debug" | "--verbose")
        )
    });
    if has_output
        || helps
        || az
            .redirects
            .iter()
            .any(|redirect| redirect.operator.starts_with(['>', '1']))
    {
        return None;
    }
    let Some(at) = az.words.iter().position(is_query) else {
        let last = az
            .words
            .iter()
            .map_while(Word::literal)
            .take_while(|word| !word.starts_with('-'))
            .last();
        return (last.as_deref() == Some("generate-sas")).then_some(Text::Certainly);
    };
    let word = az.words.get(at)?;
    let query = match word.literal()? {
        text if text == "--query" => az.words.get(at + 1)?.literal()?,
        text => text.strip_prefix("--query=")?.to_owned(),
    };
    what_prints(&query)
}

/// What a query's result is, told by its last step.
fn what_prints(query: &str) -> Option<Text> {
    let last = query.rsplit('|').next().unwrap_or(query).trim();
    let piped = last.len() < query.trim().len();
    // Lists and objects are JSON whatever they hold; `[0]` takes one out of a list.
    let projects = |text: &str| {
        text.contains(['{', '(', '?', '*', '&', '`', '\'', '@'])
            || text.contains("[]")
            || text.contains(':')
            || text.trim_start().starts_with('[') && text.contains(',')
    };
    if projects(last) || (piped && last.starts_with('[') && last.ends_with(']')) {
        return None;
    }
    // `[?…].id | [0]` is told above; an item without a member may be anything.
    let field = last.rsplit('.').next().unwrap_or(last).trim_matches('"');
    if field.is_empty() || field.ends_with(']') && !field.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    let bare = field.split('[').next().unwrap_or(field);
    let lower = bare.to_ascii_lowercase();
    if NOT_TEXTS.iter().any(|end| lower.ends_with(end)) {
        return None;
    }
    let text = TEXTS.iter().any(|end| lower.ends_with(end)) && !field.ends_with(']');
    Some(if text { Text::Certainly } else { Text::Perhaps })
}

/// Ends of the names of members that hold a text.
const TEXTS: &[&str] = &[
    "id",
    "name",
    "fqdn",
    "server",
    "endpoint",
    "uri",
    "url",
    "location",
    "password",
    "key",
    "connectionstring",
    "token",
    "ipaddress",
    "hostname",
    "domain",
    "suffix",
    "host",
];

/// Ends of the names of members that hold a number, a truth value, a list or an object.
const NOT_TEXTS: &[&str] = &[
    "count",
    "port",
    "size",
    "length",
    "enabled",
    "ids",
    "names",
    "keys",
    "tags",
    "identity",
    "properties",
    "outputs",
    "profile",
    "number",
    "gb",
    "days",
    "addresses",
    "zones",
    "expireson",
];

enum Fate {
    /// Something takes the quotes off, or nothing needs the value without them.
    Mended,
    Used,
    Unused,
}

/// What becomes of the variable that is assigned.
fn fate(context: &Context<'_>, dialect: Dialect, assignment: &Assignment) -> Fate {
    let variables = context.variables();
    let name = Name::new(dialect, &assignment.name);
    let Some(variable) = variables.variable(&name) else {
        return Fate::Unused;
    };
    let mut fate = Fate::Unused;
    for id in variable.readings.iter().take(100) {
        let Some(EventKind::Read(reading)) = variables.event(*id).map(|event| &event.kind) else {
            continue;
        };
        let operator = reading.operator.as_deref().unwrap_or("");
        let takes_off = operator.contains(['"', '\''])
            || operator.starts_with(":1")
            || ["Trim", "Replace", "Substring"]
                .iter()
                .any(|method| operator.contains(method));
        let text_tool = matches!(
            reading.command.as_deref(),
            Some("jq" | "tr" | "sed" | "eval" | "xargs" | "ConvertFrom-Json")
        );
        if takes_off
            || text_tool
            || piped_to_text_tool(context, id.block, reading.command.as_deref())
        {
            return Fate::Mended;
        }
        if !reading.in_here_document
            && !matches!(
                reading.command.as_deref(),
                Some("echo" | "printf" | "Write-Host" | "Write-Output")
            )
        {
            fate = Fate::Used;
        }
    }
    fate
}

/// Whether what `echo` writes of the variable may go through a tool that takes the quotes off.
fn piped_to_text_tool(context: &Context<'_>, block: usize, command: Option<&str>) -> bool {
    matches!(command, Some("echo" | "printf"))
        && context.blocks.get(block).is_some_and(|block| {
            [
                "| tr ", "| sed ", "| jq ", "|tr ", "|sed ", "|jq ", "| xargs",
            ]
            .iter()
            .any(|tool| block.text.contains(tool))
        })
}

#[cfg(test)]
mod tests {
    use super::{Text, what_prints};

    #[test]
    fn single_texts_are_told_from_lists_and_numbers() {
        for query in [
            "id",
            "identity.principalId",
            "[0].name",
            "loginServer",
            "a[0].value.id",
            "[?x].y | z.id",
        ] {
            assert!(what_prints(query) == Some(Text::Certainly), "{query}");
        }
        for query in [
            "value",
            "keys[0].value",
            "properties.state",
            "passwords[0].value",
        ] {
            assert!(what_prints(query) == Some(Text::Perhaps), "{query}");
        }
        for query in [
            "[].id",
            "{id:id}",
            "[?a=='b'].id",
            "length(@)",
            "nodeCount",
            "[id, name]",
            "agentPoolProfiles[*].name",
            "[?x] | [0]",
        ] {
            assert!(what_prints(query).is_none(), "{query}");
        }
    }
}
