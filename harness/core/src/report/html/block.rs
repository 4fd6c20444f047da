//! A block of the article with what became of it in each walkthrough.

use super::code::Code;
use super::findings::{Findings, word};
use super::out::{Out, escape};
use super::result::{Above, result};
use super::source::Source;
use super::walks::{At, Walks, class, words};
use crate::event::{AppliedCorrection, BlockState, Difference};
use crate::markdown::{Block, Role};
use crate::report::collect::Done;
use std::collections::BTreeMap;

/// What a walkthrough shows in a block's code.
#[derive(Default)]
struct InCode<'r> {
    corrections: Vec<&'r AppliedCorrection>,
    differences: Vec<&'r Difference>,
}

/// Writes a block: its code as each walkthrough shows it, verdicts, results, findings.
pub(super) fn block(
    block: &Block,
    number: usize,
    see: &str,
    (source, walks, findings): (&Source, &mut Walks<'_>, &mut Findings<'_>),
    out: &mut Out,
) {
    let at = block.position();
    let steps = walks.take(&at.file, at.line);
    let found = findings.take(&block.fence.file, block.fence.line, block.last_line() + 1);
    let used = !steps.is_empty() || !found.is_empty() || is_used(block, walks);
    let kind = if used { "block" } else { "block unused" };
    out.raw(&format!(
        "<figure class=\"{}\" id=\"b{number}\" tabindex=\"-1\">\n<figcaption><span class=\"language\">{}</span> \
         <span class=\"place\">{}:{}</span>",
        escape(format!("{kind} {see}").trim()),
        escape(language(block)),
        escape(name(&at.file)),
        at.line
    ));
    chips(block, &steps, walks, out);
    out.raw("</figcaption>\n");
    code(block, source, walks, &found, out);
    let text: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
    let text = text.join("\n");
    for at in &steps {
        let shown = |correction: &AppliedCorrection| {
            walks
                .done(*at)
                .is_some_and(|done| is_here(correction, done))
                && Code::new(&block.lines).edit(correction)
        };
        let above = Above {
            code: &text,
            shows: &shown,
        };
        result(walks, *at, &above, out);
    }
    findings.write(&found, out);
    out.raw("</figure>\n");
}

/// Whether a correction is one that is shown in the code: of the step itself, not of one before it.
fn is_here(correction: &AppliedCorrection, done: &Done) -> bool {
    corrections(done).any(|one| one == correction)
}

fn corrections(done: &Done) -> impl Iterator<Item = &AppliedCorrection> {
    done.corrections.iter().chain(done.mended.iter().flatten())
}

fn is_used(block: &Block, walks: &Walks<'_>) -> bool {
    let at = block.position();
    let mut all = 0..walks.runs.len();
    all.any(|walk| {
        let state = walks.state(walk, &at.file, at.line);
        state.is_some_and(|state| state != BlockState::Unused)
    })
}

/// The code once as published, and once for each walkthrough in which something is shown of it.
fn code(
    block: &Block,
    source: &Source,
    walks: &Walks<'_>,
    found: &[&crate::diagnostic::Diagnostic],
    out: &mut Out,
) {
    let plain = Code::new(&block.lines);
    let mut shown: BTreeMap<usize, InCode<'_>> = BTreeMap::new();
    for (walk, run) in walks.runs.iter().enumerate() {
        for done in &run.done {
            for correction in corrections(done).filter(|one| plain.has(&one.position)) {
                shown.entry(walk).or_default().corrections.push(correction);
            }
            let differences = done.printed.iter().flat_map(|printed| &printed.differences);
            for difference in differences.filter(|one| plain.has(&one.position)) {
                shown.entry(walk).or_default().differences.push(difference);
            }
        }
    }
    let mark = |code: &mut Code<'_>| {
        for finding in found {
            if source.is_whole(&finding.span.file, finding.span.line) {
                code.mark_span(&finding.span, word(finding.severity));
            }
        }
    };
    let mut class = "v base".to_owned();
    for walk in (0..walks.runs.len()).filter(|walk| !shown.contains_key(walk)) {
        class.push_str(&format!(" v{walk}"));
    }
    let mut base = plain;
    mark(&mut base);
    base.write(&class, out);
    for (walk, shown) in shown {
        let mut code = Code::new(&block.lines);
        for correction in shown.corrections {
            code.edit(correction);
        }
        for difference in shown.differences {
            code.mark(&difference.position, &difference.expected, "differs");
        }
        mark(&mut code);
        code.write(&format!("v v{walk}"), out);
    }
}

/// What became of the block in each walkthrough.
fn chips(block: &Block, steps: &[At], walks: &Walks<'_>, out: &mut Out) {
    let at = block.position();
    let several = walks.runs.len() > 1;
    out.raw("<span class=\"chips\">");
    for (walk, run) in walks.runs.iter().enumerate() {
        let own = steps.iter().rev().find(|step| step.0 == walk);
        let done = own.and_then(|step| walks.done(*step));
        let differs = run.done.iter().any(|done| {
            let mut printed = done.printed.iter().flat_map(|printed| &printed.differences);
            printed.any(|one| Code::new(&block.lines).has(&one.position))
        });
        let (class, mark, word) = match (done, walks.state(walk, &at.file, at.line)) {
            (Some(done), _) => {
                let class = class(done.outcome);
                let (mark, word) = words(class);
                (class, mark, word)
            }
            (None, _) if differs => ("failed", "✗", "differs"),
            (None, Some(BlockState::Compared)) => ("passed", "✓", "compared"),
            (None, Some(BlockState::Run)) => ("passed", "✓", "run"),
            (None, Some(BlockState::Checked)) => ("not-run", "–", "only checked"),
            (None, Some(BlockState::Unused)) if !several => ("unused", "–", "not used"),
            (None, _) => continue,
        };
        out.raw(&format!(
            "<span class=\"chip {class} c{walk}\"><span aria-hidden=\"true\">{mark}</span> {word}"
        ));
        if several {
            out.raw(&format!(
                " <span class=\"of\">{}</span>",
                escape(&run.scenario)
            ));
        }
        out.raw("</span>");
    }
    out.raw("</span>");
}

/// What the block is, in a reader's words.
fn language(block: &Block) -> &str {
    match (block.role, block.language.as_str()) {
        (_, "azurecli" | "azurecli-interactive") => "Azure CLI",
        (_, "azurepowershell" | "azurepowershell-interactive" | "powershell") => "PowerShell",
        (_, "bash" | "bash-interactive" | "sh") => "Bash",
        (_, "json") => "JSON",
        (_, "yaml" | "yml") => "YAML",
        (Role::Sample, _) => "Output",
        (_, "") => "Text",
        (_, language) => language,
    }
}

/// The last part of a path.
pub(super) fn name(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
