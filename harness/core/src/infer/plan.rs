//! The steps of a way and all that goes with them: [`sketch`].

use super::around::{
    for_powershell, has_policies, includes, mistaken, names, prepare_variables, roles, variables,
};
use super::call::Call;
use super::fill;
use super::kind::Kind;
use super::need::{Thing, needs};
use super::piece::{Piece, pieces, writes};
use super::prepare::Maker;
use super::scan::{Scan, scan};
use super::settings::Settings;
use super::sketch::{Filling, Planned, Sketch};
use super::supply::Supply;
use super::way::Way;
use super::world::World;
use super::{Subject, name, write};
use crate::markdown::{Article, Role};
use crate::preflight::Known;
use crate::scenario::PROGRAMS;
use crate::shell::Dialect;
use regex::Regex;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What a reader of this way does.
pub(super) fn sketch(subject: Subject<'_>, way: &Way, settings: &mut Settings) -> Sketch {
    let article = subject.article;
    let pieces = pieces(article, way);
    let world = World::of(&pieces);
    let mut guesses = Vec::new();
    let fillings = fill::placeholders(article, &pieces, &world, settings, &mut guesses);
    let mut known = Known::default();
    let variables = variables(article, &pieces, &world, settings, &mut guesses);
    for (name, value, _) in &variables {
        if !value.contains('$') {
            known.set(name, value);
        }
    }
    let scans = scan(&pieces, &fillings, known);
    let calls: Vec<&Call> = scans.iter().flat_map(|scan| &scan.calls).collect();
    let mut supply = Supply::new(Maker {
        world: &world,
        policies: has_policies(&calls, &scans),
        makes_group: calls.iter().any(|call| call.path == "group create"),
    });
    let mut planner = Planner {
        article,
        way,
        pieces: &pieces,
        scans: &scans,
        steps: Vec::new(),
        left_variables: HashMap::new(),
        left_folder: None,
        written: HashSet::new(),
        stand_ins: fillings.iter().map(|(text, _)| text.clone()).collect(),
        chosen: HashSet::new(),
        left_world: None,
        left_section: None,
        signed_in: None,
        mistaken: mistaken(article),
    };
    for index in 0..pieces.len() {
        planner.add(index, &mut supply);
    }
    let steps = planner.steps;
    let mut preparations = std::mem::take(&mut supply.preparations);
    guesses.append(&mut supply.guesses);
    prepare_variables(variables, &world, &mut supply, &mut preparations);
    preparations.extend(std::mem::take(&mut supply.preparations));
    // A variable's value may have to be looked up of something that is made.
    preparations.sort_by_key(|one| !one.keep.is_empty());
    let mut roles = roles(&calls, &preparations, &mut guesses);
    includes(article, way, &mut guesses);
    let mut fillings = fillings;
    let by_address: HashMap<&str, &str> = steps
        .iter()
        .filter_map(|step| Some((step.block.as_deref()?, step.name.as_str())))
        .collect();
    for (_, filling) in &mut fillings {
        if let Filling::Printed(address) = filling
            && let Some(name) = by_address.get(address.as_str())
        {
            *filling = Filling::Printed((*name).to_owned());
        }
    }
    guesses.sort_by(|a, b| (&a.place.file, a.place.line).cmp(&(&b.place.file, b.place.line)));
    let mut title = match article.title.is_empty() {
        true => subject.id.to_owned(),
        false => article.title.clone(),
    };
    if !way.suffix.is_empty() {
        title.push_str(&format!(" ({})", way.suffix.replace('-', " ")));
    }
    let requires = for_powershell(&pieces);
    if !requires.is_empty() {
        // Nothing of it runs without PowerShell, so nothing is made ready for it.
        preparations.clear();
        guesses.clear();
        roles.clear();
    }
    let mut sketch = Sketch {
        title,
        article: subject.named.to_owned(),
        own_file: article.file.clone(),
        path: way.path.clone(),
        sections: way.sections.clone(),
        without: way.without.clone(),
        roles,
        requires,
        names: Vec::new(),
        placeholders: fillings,
        preparations,
        steps,
        guesses,
    };
    sketch.names = names(&sketch, &scans, &pieces);
    sketch
}

/// Makes a step of each piece.
struct Planner<'a> {
    article: &'a Article,
    way: &'a Way,
    pieces: &'a [Piece<'a>],
    scans: &'a [Scan],
    steps: Vec<Planned>,
    /// Variables that only a step sets which may not be run.
    left_variables: HashMap<String, String>,
    /// The step that may not be run, and makes files or goes to a folder.
    left_folder: Option<String>,
    /// Files that are there.
    written: HashSet<String>,
    /// Placeholders: what a block with one shows is the reader's own.
    stand_ins: Vec<String>,
    /// Variables whose values are the reader's own choice, or by chance.
    chosen: HashSet<String>,
    /// The step that may not be run, and makes what everything after it works on.
    left_world: Option<String>,
    /// The section that is gone through as somebody else, and the step that signs in.
    left_section: Option<(String, String)>,
    /// The section of the first sign-in.
    signed_in: Option<String>,
    /// Where `check` finds that the article names another thing than it makes: file and line.
    mistaken: Vec<(String, u32)>,
}

impl Planner<'_> {
    fn add(&mut self, index: usize, supply: &mut Supply<'_>) {
        let (Some(piece), Some(scan)) = (self.pieces.get(index), self.scans.get(index)) else {
            return;
        };
        let first = piece.text.lines().map(str::trim);
        let first = first
            .clone()
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .or_else(|| first.clone().next());
        let mut step = Planned {
            name: self.unique(name::of_piece(piece)),
            block: Some(piece.address.clone()),
            comment: write::comment(first.unwrap_or_default()),
            inside: piece.inside,
            file: piece.file.clone(),
            place: Some(piece.block.position().clone()),
            ..Planned::default()
        };
        self.written.extend(piece.file.clone());
        if piece.dialect == Some(Dialect::PowerShell) {
            step.requires.push("pwsh".to_owned());
            if piece.text.contains("-Az") {
                step.requires.push("az-powershell".to_owned());
            }
        }
        for program in &scan.programs {
            let program = program.trim_start_matches("./");
            if PROGRAMS.contains(&program) && !step.requires.iter().any(|one| one == program) {
                step.requires.push(program.to_owned());
            }
        }
        let signs_in = |call: &&Call| call.path == "acr login" && !call.has("--expose-token");
        if scan.calls.iter().any(|call| signs_in(&call))
            && !step.requires.iter().any(|one| one == "docker")
        {
            step.requires.push("docker".to_owned());
        }
        let bicep = [".bicep", ".bicepparam"];
        if scan.calls.iter().any(|call| {
            call.of("bicep")
                || (call.of("deployment")
                    && call
                        .written()
                        .any(|(_, text)| bicep.iter().any(|end| text.ends_with(end))))
        }) {
            step.requires.push("bicep".to_owned());
        }
        step.skip = self
            .skip(piece, scan)
            .or_else(|| self.signs_in_again(piece));
        if let Some((_, signing)) = self
            .left_section
            .as_ref()
            .filter(|(section, _)| *section == piece.block.section_slug)
        {
            step.needs.push(signing.clone());
        }
        if let Some(maker) = self
            .left_world
            .as_ref()
            .filter(|_| step.requires.is_empty())
        {
            step.needs.push(maker.clone());
        }
        for name in &scan.reads {
            if let Some(setter) = self
                .left_variables
                .get(name)
                .filter(|_| !scan.sets.contains(name))
                && !step.needs.contains(setter)
            {
                step.needs.push(setter.clone());
            }
        }
        step.needs.sort();
        step.needs.dedup();
        let works_in_folder = scan.calls.is_empty() && !piece.inside && uses_files(&scan.programs);
        if let Some(maker) = self.left_folder.as_ref().filter(|_| works_in_folder) {
            step.needs.push(maker.clone());
        }
        if !piece.inside && step.skip.is_none() && step.requires.is_empty() {
            let made: HashSet<_> = scan.makes.iter().map(Thing::key).collect();
            for call in &scan.calls {
                let named_wrongly = self.mistaken.iter().any(|(file, line)| {
                    *file == call.position.file
                        && (call.position.line..=call.last_line).contains(line)
                });
                for mut thing in needs(call) {
                    if named_wrongly && thing.kind != Kind::Group {
                        continue;
                    }
                    if made.contains(&thing.key()) {
                        continue;
                    }
                    if thing.kind == Kind::Image {
                        self.complete(index, &mut thing);
                    }
                    if let Some(own) = supply.ensure(&thing, &mut step, &call.position) {
                        self.steps.push(own);
                    }
                }
            }
        }
        if !piece.inside {
            for thing in &scan.makes {
                supply.made(thing, &step);
            }
            let asking = scan.calls.iter().filter(|call| asks(call));
            step.asks = asking.count();
        }
        if let Some(error) = self.error_shown(piece) {
            step.error = Some(error);
            step.why = Some("what the article shows after it is an error".to_owned());
        }
        if step.error.is_none() && self.shows_own_names(piece, scan) {
            step.sample_off = true;
            step.why = Some("what the article shows has names that its reader chooses".to_owned());
        }
        self.keep_count(piece, scan, &step);
        self.steps.push(step);
    }

    /// Whether the sample after a block shows names that are the reader's own choice, so that they
    /// differ for every reader.
    fn shows_own_names(&mut self, piece: &Piece<'_>, scan: &Scan) -> bool {
        static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r#"(?i)"(id|name|resourceGroup|loginServer|kid|[a-z]*ur[il])"\s*:|/resourcegroups/|\.azure|^-{3,}|^\s*\[?\s*$"#).ok()
        });
        let by_chance = [
            "--dnl-scope",
            "$RANDOM",
            "openssl rand",
            "uuidgen",
            "shuf ",
            "$(date",
        ];
        let own = self
            .stand_ins
            .iter()
            .any(|text| piece.text.contains(text.as_str()))
            || by_chance.iter().any(|source| piece.text.contains(source))
            || scan.reads.iter().any(|name| self.chosen.contains(name));
        if !own {
            return false;
        }
        self.chosen.extend(scan.sets.iter().cloned());
        let blocks = self.article.on_path(&self.way.path);
        let at = blocks
            .iter()
            .position(|on| std::ptr::eq(on.block, piece.block));
        let after = blocks.iter().skip(at.map_or(blocks.len(), |at| at + 1));
        let samples = after
            .take_while(|on| {
                on.block.section_slug == piece.block.section_slug
                    && !matches!(on.block.role, Role::Commands(_))
            })
            .filter(|on| on.block.role == Role::Sample);
        let mut lines = samples.flat_map(|on| &on.block.lines);
        lines.any(|line| {
            NAMES
                .as_ref()
                .is_some_and(|names| names.is_match(&line.text))
        })
    }

    /// Why a sign-in cannot be gone through: it is as somebody else than the first one.
    fn signs_in_again(&mut self, piece: &Piece<'_>) -> Option<String> {
        if piece.inside || piece.dialect != Some(Dialect::Bash) || piece.text.trim() != "az login" {
            return None;
        }
        let section = &piece.block.section_slug;
        match &self.signed_in {
            None => {
                self.signed_in = Some(section.clone());
                None
            }
            Some(first) if first == section => None,
            Some(_) => Some(
                "the article has its reader sign in as somebody else, and there is one reader here"
                    .to_owned(),
            ),
        }
    }

    /// What later steps miss if this one is not run.
    fn keep_count(&mut self, piece: &Piece<'_>, scan: &Scan, step: &Planned) {
        if !step.may_be_left() {
            for name in &scan.sets {
                self.left_variables.remove(name);
            }
        } else {
            for name in &scan.sets {
                self.left_variables.insert(name.clone(), step.name.clone());
            }
            let makers = ["azd", "bicep", "pulumi", "terraform", "tofu"];
            if makers
                .iter()
                .any(|maker| step.requires.iter().any(|one| one == maker))
            {
                self.left_world = Some(step.name.clone());
            }
            if piece.text.trim() == "az login" {
                self.left_section = Some((piece.block.section_slug.clone(), step.name.clone()));
            }
            if !piece.inside && (uses_files(&scan.programs) || makes_files(&scan.programs)) {
                self.left_folder = Some(step.name.clone());
            }
        }
    }

    /// Why a block cannot be run anywhere without its reader.
    fn skip(&self, piece: &Piece<'_>, scan: &Scan) -> Option<String> {
        let endpoint = ["IDENTITY_ENDPOINT", "MSI_ENDPOINT"];
        if !piece.inside
            && piece.dialect != Some(Dialect::PowerShell)
            && endpoint.iter().any(|name| piece.text.contains(name))
        {
            let reason = "it is typed inside of a container, and the article does not say how to \
                          get there";
            return Some(reason.to_owned());
        }
        if piece.dialect != Some(Dialect::Bash) {
            return None;
        }
        if scan.elided {
            return Some("the article leaves out a part of the command (`...`)".to_owned());
        }
        for call in &scan.calls {
            if call.of("container attach") || call.has("--follow") {
                return Some(format!(
                    "`az {}` goes on until it is interrupted",
                    call.path
                ));
            }
            if let Some(file) = self.file_not_given(piece, call) {
                return Some(format!(
                    "`az {}` reads {file}, a file of the reader's that the article does not give",
                    call.path
                ));
            }
        }
        None
    }

    /// A file that a command reads and that nothing before it writes.
    fn file_not_given(&self, piece: &Piece<'_>, call: &Call) -> Option<String> {
        const READING: [&str; 8] = [
            "--file",
            "--template-file",
            "--src-path",
            "--role-assignment",
            "--yaml",
            "--certificate-file",
            "--bicep-file",
            "--source",
        ];
        // What stands in a repository is read there.
        let remote = call
            .text("--context")
            .is_some_and(|context| context.contains("://"));
        if remote {
            return None;
        }
        let at = self
            .pieces
            .iter()
            .position(|one| std::ptr::eq(one, piece))?;
        let earlier = self.pieces.get(..=at)?;
        let there = |name: &str| {
            let base = name.rsplit('/').next().unwrap_or(name);
            self.written.contains(base)
                || earlier.iter().any(|piece| writes(&piece.text, base))
                || matches!(name, "/dev/null" | "-" | "/dev/stdin")
        };
        call.written().find_map(|(option, written)| {
            let text = written.trim_matches(['"', '\'']);
            let name = match text.strip_prefix('@') {
                Some(name) => name,
                None if READING.contains(&option) => text,
                None => return None,
            };
            let is_file = !name.is_empty()
                && !name.contains(['$', '{', ' ', '(', '\n'])
                && !name.contains("://")
                && (name.contains('.') || name.contains('/'))
                && (option != "--source" || name.starts_with(['.', '/']));
            (is_file && !there(name)).then(|| name.to_owned())
        })
    }

    /// An image's name and tag, as far as the article says them.
    fn complete(&self, index: usize, thing: &mut Thing) {
        if thing.name == "*" {
            let of = thing.of.clone();
            let later = self.scans.get(index..).unwrap_or_default();
            let named = later
                .iter()
                .flat_map(|scan| scan.calls.iter().flat_map(needs))
                .find(|other| other.kind == Kind::Image && other.of == of && other.name != "*");
            if let Some(named) = named {
                *thing = named;
            } else {
                return;
            }
        }
        if thing.tag.is_some() {
            return;
        }
        let marked = format!("{}:", thing.name);
        let texts = self.article.blocks.iter().flat_map(|block| &block.lines);
        let texts = texts.map(|line| line.text.as_str());
        let prose = self.article.prose.iter().map(|prose| prose.text.as_str());
        let tag = texts.chain(prose).find_map(|text| {
            let (_, behind) = text.split_once(&marked)?;
            let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c));
            let tag = behind
                .get(..end.unwrap_or(behind.len()))?
                .trim_end_matches(['.', '-']);
            (!tag.is_empty()).then(|| tag.to_owned())
        });
        thing.tag = tag.or_else(|| self.tag_shown());
    }

    /// The tag in the sample that shows an image's tags.
    fn tag_shown(&self) -> Option<String> {
        let blocks = self.article.on_path(&self.way.path);
        let at = blocks.iter().position(|on| {
            let mut lines = on.block.lines.iter();
            lines.any(|line| line.text.contains("acr repository show-tags"))
        })?;
        let sample = blocks.get(at + 1)?;
        let last = sample.block.lines.iter().rev().map(|line| line.text.trim());
        let mut last = last.filter(|line| !line.is_empty());
        let tag = last.next()?.trim_matches(['"', ',', ']']);
        let plain = tag
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        (sample.block.role != Role::Commands(Dialect::Bash) && plain && !tag.starts_with('-'))
            .then(|| tag.to_owned())
    }

    /// The error that the article shows after a block, as it must come.
    fn error_shown(&self, piece: &Piece<'_>) -> Option<String> {
        static ERROR: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"^(?:ERROR:\s*)?\(([A-Z][A-Za-z]+)\) ").ok());
        let blocks = self.article.on_path(&self.way.path);
        let at = blocks
            .iter()
            .position(|on| std::ptr::eq(on.block, piece.block))?;
        let next = blocks.get(at + 1)?;
        if next.block.role != Role::Sample || next.block.section_slug != piece.block.section_slug {
            return None;
        }
        let first = next.block.lines.iter().map(|line| line.text.trim());
        let mut first = first.filter(|line| !line.is_empty());
        let found = ERROR.as_ref()?.captures(first.next()?)?;
        found.get(1).map(|code| code.as_str().to_owned())
    }

    /// The name, or the name with a number, if another step is called so.
    fn unique(&self, name: String) -> String {
        let taken = |name: &str| self.steps.iter().any(|step| step.name == name);
        let mut unique = name.clone();
        let mut number = 2;
        while taken(&unique) {
            unique = format!("{name} ({number})");
            number += 1;
        }
        unique
    }
}

/// Whether a command asks whether it may go on.
fn asks(call: &Call) -> bool {
    let deletes = matches!(call.verb(), "delete" | "purge" | "remove");
    deletes && call.takes("--yes") && !call.has("--yes")
}

/// Whether programs work on the files of a folder.
fn uses_files(programs: &[String]) -> bool {
    const FILES: [&str; 15] = [
        "cat", "cd", "chmod", "cp", "ls", "mkdir", "mv", "pushd", "rm", "sed", "source", "tar",
        "touch", "unzip", "zip",
    ];
    programs
        .iter()
        .any(|name| FILES.contains(&name.as_str()) || name.starts_with("./"))
}

/// Whether programs leave files behind.
fn makes_files(programs: &[String]) -> bool {
    ["git", "helm", "dotnet", "npm", "npx", "func", "azd", "mvn"]
        .iter()
        .any(|maker| programs.iter().any(|name| name == maker))
}
