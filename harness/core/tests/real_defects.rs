//! Defects of published articles that their authors mended or readers reported: how many of them
//! `check` finds, and how many mended texts it still complains about.
//!
//! `DOCPROOF_DOC_BUGS` names a folder with `fixes.json`, `reported.json` and
//! `articles/<article>/{broken,fixed}.md`; without it these tests are reported as ignored. The
//! collection is input to measure with and no part of this repository.
//!
//! A defect is found when a finding (a warning at least) of a rule that fits its class covers a
//! line of the broken command. It is a false alarm when the same rule covers the mended command
//! too. Whatever is missed or told falsely is listed below with its cause; a list that is too long
//! fails as one that is too short does, so the figures only get better.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something it needs is missing"
)]
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]

use docproof_core::diagnostic::{Diagnostic, Severity};
use docproof_core::lint::{self, Rule, rules};
use docproof_core::markdown::Article;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Entries of `fixes.json` that no rule finds.
const MISSED_FIXES: &[(usize, &str)] = &[
    (9, "a command that an extension has"),
    (10, "a command that an extension has"),
    (34, "the command is right; the mended line is another one"),
    (
        57,
        "the fence is indented too far to be one: its code is shown as text",
    ),
    (115, "the command is right; its author added an option"),
];

/// Entries of `fixes.json` whose mended command still has the defect, or another of its kind.
const STILL_BROKEN: &[(usize, &str)] = &[
    (18, "an option is still glued to a variable"),
    (19, "options that the command does not have are still given"),
    (27, "another line still lacks its continuation"),
    (64, "no-break spaces are still there"),
    (
        80,
        "the mended command has an option that azure-cli gave up, in place of a required one",
    ),
    (99, "the command itself is deprecated, before and after"),
    (
        160,
        "another variable is still undefined; entry 159 mends it",
    ),
];

/// Entries of `reported.json` that no rule finds.
const MISSED_REPORTS: &[(usize, &str)] =
    &[(36, "right in bash; only Windows PowerShell breaks it")];

/// Entries of `reported.json` whose mended command still has the defect, or another of its kind.
const REPORTS_STILL_BROKEN: &[(usize, &str)] =
    &[(11, "a required option is left out, before and after")];

/// Entries of `reported.json` that aren't measured.
const NOT_MEASURED: &[(usize, &str)] = &[
    (29, "the name of a variable, not a command"),
    (
        30,
        "one line of a command; it is entry 139 of the mended ones",
    ),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = std::env::var_os("DOCPROOF_DOC_BUGS").map(PathBuf::from);
    let tests: [(&str, Measure); 2] = [
        ("mended_by_authors", mended),
        ("reported_by_readers", reported),
    ];
    let trials = tests
        .into_iter()
        .map(|(name, test)| match folder.clone() {
            Some(folder) => Trial::test(name, move || test(&folder)),
            None => Trial::test(name, || Ok(()))
                .with_kind("DOCPROOF_DOC_BUGS names no folder")
                .with_ignored_flag(true),
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

type Measure = fn(&Path) -> Result<(), Failed>;

/// The rules that can be meant for a defect of a class, by family or by name.
struct Fits {
    families: &'static [&'static [&'static dyn Rule]],
    rules: &'static [&'static str],
}

impl Fits {
    /// Classes were assigned by script: what is called a missing argument may be an option with a
    /// dash too few, so that what is wrong with a call of `az` is for both families.
    fn of(class: &str) -> Option<Fits> {
        let class = class.split('(').next().unwrap_or(class);
        let fits = |families, rules| Some(Fits { families, rules });
        match class {
            "missing_continuation"
            | "trailing_ws_after_continuation"
            | "stray_continuation"
            | "unicode_dash"
            | "unbalanced_quote"
            | "missing_space"
            | "dash_count"
            | "other"
            | "missing_required_arg"
            | "unrecognized_argument"
            | "unknown_command"
            | "arity"
            | "invalid_choice"
            | "rejected_now_reference_ok_then"
            | "command_typo"
            | "unknown_flag"
            | "cli_drift_flag_removed" => {
                fits(&[rules::lexical::RULES, rules::command_table::RULES], &[])
            }
            "dollar_on_assignment" => fits(&[], &["dollar-on-assignment", "command-as-value"]),
            "undefined_variable" => fits(&[], &["undefined-variable"]),
            "missing_tsv" => fits(&[], &["captured-without-tsv"]),
            _ => None,
        }
    }

    fn has(&self, rule: &str) -> bool {
        let mut of_families = self.families.iter().flat_map(|rules| rules.iter());
        let fits = self.rules.contains(&rule) || of_families.any(|r| r.id() == rule);
        // Conventions that go with every kind of command.
        fits && !matches!(rule, "placeholder-redirect" | "prompt-character")
    }
}

#[derive(Default)]
struct Figures {
    classes: BTreeMap<String, [usize; 3]>,
    missed: BTreeSet<usize>,
    alarms: BTreeSet<usize>,
    complaints: Vec<String>,
}

impl Figures {
    fn count(&mut self, index: usize, class: &str, broken: &[String], fixed: &[String]) {
        let row = self.classes.entry(class.to_owned()).or_default();
        row[0] += 1;
        if broken.is_empty() {
            self.missed.insert(index);
        } else {
            row[1] += 1;
        }
        if broken.iter().any(|rule| fixed.contains(rule)) {
            row[2] += 1;
            self.alarms.insert(index);
        }
    }

    fn print(&self, title: &str) {
        println!(
            "\n{title:<48} {:>5} {:>5} {:>6} {:>7}",
            "total", "found", "missed", "alarms"
        );
        let mut sum = [0; 3];
        for (class, row) in &self.classes {
            println!(
                "{class:<48} {:>5} {:>5} {:>6} {:>7}",
                row[0],
                row[1],
                row[0] - row[1],
                row[2]
            );
            sum = [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]];
        }
        let percent = 100.0 * f64::from(u32::try_from(sum[1]).unwrap())
            / f64::from(u32::try_from(sum[0]).unwrap());
        println!(
            "{:<48} {:>5} {:>5} {:>6} {:>7}   {percent:.1} %\n",
            "all",
            sum[0],
            sum[1],
            sum[0] - sum[1],
            sum[2]
        );
    }

    /// Compares what was missed with the list of it.
    fn hold(&mut self, what: &str, found: &BTreeSet<usize>, listed: &[(usize, &str)]) {
        let listed: BTreeSet<usize> = listed.iter().map(|(index, _)| *index).collect();
        for index in found.difference(&listed) {
            self.complaints
                .push(format!("entry {index} is {what} and not listed"));
        }
        for index in listed.difference(found) {
            self.complaints
                .push(format!("entry {index} is listed as {what} and is not"));
        }
    }

    fn end(self) -> Result<(), Failed> {
        if self.complaints.is_empty() {
            Ok(())
        } else {
            Err(self.complaints.join("\n").into())
        }
    }
}

fn mended(folder: &Path) -> Result<(), Failed> {
    let mut figures = Figures::default();
    let mut checked: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for (index, entry) in entries(&folder.join("fixes.json")).iter().enumerate() {
        let class = entry["class"].as_str().unwrap();
        let Some(fits) = Fits::of(class) else {
            figures
                .complaints
                .push(format!("entry {index} has an unknown class {class}"));
            continue;
        };
        let mut side = |name: &str| {
            let article = entry["article"].as_str().unwrap();
            let path = folder
                .join("articles")
                .join(article)
                .join(format!("{name}.md"));
            let found = checked.entry(path.clone()).or_insert_with(|| {
                let text = std::fs::read_to_string(&path).unwrap();
                lint::check(&Article::parse(name, &text, &|_| None))
            });
            let first = u32::try_from(entry[&format!("line_{name}")].as_u64().unwrap()).unwrap();
            let lines = entry[name].as_str().unwrap().lines().count().max(1);
            let last = first + u32::try_from(lines).unwrap() - 1;
            rules_at(found, &fits, first, last)
        };
        let (broken, fixed) = (side("broken"), side("fixed"));
        tell(index, class, &broken, &fixed);
        figures.count(index, class, &broken, &fixed);
    }
    figures.print("mended by authors");
    let (missed, alarms) = (figures.missed.clone(), figures.alarms.clone());
    figures.hold("missed", &missed, MISSED_FIXES);
    figures.hold("a false alarm", &alarms, STILL_BROKEN);
    figures.end()
}

fn reported(folder: &Path) -> Result<(), Failed> {
    let mut figures = Figures::default();
    for (index, entry) in entries(&folder.join("reported.json")).iter().enumerate() {
        let class = entry["class"].as_str().unwrap();
        let broken = entry["broken"].as_str().unwrap_or("");
        let fixed = entry["fix"].as_str().unwrap_or("");
        if class == "NEGATIVE" {
            let Some(fits) = Fits::of("unknown_command") else {
                continue;
            };
            let errors = rules_in(broken, &fits, Severity::Error);
            if !errors.is_empty() && !broken.contains("...") {
                figures
                    .complaints
                    .push(format!("entry {index} is no defect: {errors:?}"));
            }
            continue;
        }
        let Some(fits) = Fits::of(class) else {
            continue;
        };
        // A description in parentheses is no command.
        if broken.starts_with('(') || NOT_MEASURED.iter().any(|(of, _)| *of == index) {
            continue;
        }
        let found = rules_in(broken, &fits, Severity::Warning);
        let after = if fixed.starts_with('(') {
            Vec::new()
        } else {
            rules_in(fixed, &fits, Severity::Warning)
        };
        tell(index, class, &found, &after);
        figures.count(index, class, &found, &after);
    }
    figures.print("reported by readers");
    let missed = figures.missed.clone();
    figures.hold("missed", &missed, MISSED_REPORTS);
    let alarms = figures.alarms.clone();
    figures.hold("a false alarm", &alarms, REPORTS_STILL_BROKEN);
    figures.end()
}

fn entries(path: &Path) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The rules that find something in these lines of an article.
fn rules_at(found: &[Diagnostic], fits: &Fits, first: u32, last: u32) -> Vec<String> {
    let covers = |finding: &&Diagnostic| {
        let related = finding.related.iter().map(|related| &related.span);
        std::iter::once(&finding.span)
            .chain(related)
            .any(|span| span.line <= last && span.end_line >= first)
    };
    let found = found
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning && fits.has(finding.rule))
        .filter(covers);
    let rules: BTreeSet<String> = found.map(|finding| finding.rule.to_owned()).collect();
    rules.into_iter().collect()
}

/// The rules that find something in a command. What names a command and gives it nothing is a
/// fragment, of which nothing can be missing.
fn rules_in(command: &str, fits: &Fits, least: Severity) -> Vec<String> {
    let fragment = !command.contains(" -");
    let text = format!("# Title\n\n```azurecli\n{command}\n```\n");
    let found = lint::check(&Article::parse("article.md", &text, &|_| None));
    let rules: BTreeSet<String> = found
        .iter()
        .filter(|finding| finding.severity >= least && fits.has(finding.rule))
        .filter(|finding| !fragment || finding.rule != "missing-required-option")
        .map(|finding| finding.rule.to_owned())
        .collect();
    rules.into_iter().collect()
}

/// With `DOCPROOF_VERBOSE`, what was found of each entry.
fn tell(index: usize, class: &str, broken: &[String], fixed: &[String]) {
    if std::env::var_os("DOCPROOF_VERBOSE").is_some() {
        let mark = if broken.is_empty() { "MISSED" } else { "" };
        println!("{index:>4} {class:<32} {mark:<6} {broken:?} / {fixed:?}");
    }
}
