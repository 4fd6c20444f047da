//! What `docproof run --target azure` and `docproof sweep` are told, and what they ask.
#![expect(
    clippy::print_stderr,
    reason = "questions and what is left behind belong on standard error"
)]

use crate::azure_cli;
use crate::exit::{CommandError, Exit};
use clap::Args;
use docproof_core::naming::{Language, Names};
use docproof_core::preflight::plan;
use docproof_core::scenario::{ShellKind, Walkthrough};
use docproof_run::patience::Patience;
use docproof_run::target::{Azure, AzureOptions};
use std::io::{BufRead as _, IsTerminal as _, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Which subscription, and where what is made there is written down.
#[derive(Args)]
pub(crate) struct SubscriptionArguments {
    /// On the azure target: the subscription's id or name; `docproof.toml` must allow it
    #[arg(long, value_name = "ID")]
    subscription: Option<String>,
    /// On the azure target: do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// On the azure target: show ids of subscription, tenant and people
    #[arg(long)]
    show_ids: bool,
    /// On the azure target: the folder of the ledgers
    #[arg(long, value_name = "FOLDER")]
    ledger: Option<PathBuf>,
}

/// What else a live run is told.
#[derive(Args)]
pub(crate) struct LiveArguments {
    #[command(flatten)]
    pub(crate) subscription: SubscriptionArguments,
    /// On the azure target: print what would be made, with which names, and end
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// On the azure target: leave what is made, and keep the state of the shell before each step
    #[arg(long)]
    pub(crate) keep: bool,
    /// On the azure target: go on with this step in the scenario's last run that was kept; it is removed
    /// in the end, unless it is kept again
    #[arg(long, value_name = "STEP", conflicts_with = "as_published")]
    pub(crate) from: Option<String>,
    /// On the azure target: a folder for recordings of what `az` and Azure say to each other, scrubbed
    #[arg(long, value_name = "FOLDER", conflicts_with = "show_ids")]
    record: Option<PathBuf>,
    /// On the azure target: run also what passed on the emulator, and tell where they differ; what
    /// failed is always compared
    #[arg(long)]
    pub(crate) compare: bool,
    /// On the azure target: how many seconds one step waits for Azure in all
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    patience: u64,
    /// On the azure target: how many seconds to wait before the first try again; twice as long each
    /// time, up to half a minute
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    pause: f64,
    /// On the azure target: how many seconds a scenario may take
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    scenario_timeout: u64,
    /// On the azure target: how many seconds all scenarios may take
    #[arg(long, value_name = "SECONDS")]
    run_timeout: Option<u64>,
}

impl SubscriptionArguments {
    fn options(&self) -> Result<AzureOptions, CommandError> {
        let Some(subscription) = self.subscription.clone() else {
            return Err(CommandError::usage("which subscription?")
                .help("name it with --subscription; nothing is taken from `az` by itself"));
        };
        let ledger = match &self.ledger {
            Some(folder) => std::path::absolute(folder)?,
            None => state_folder().ok_or_else(|| {
                CommandError::environment("there is no home folder to keep ledgers in")
                    .help("name a folder with --ledger")
            })?,
        };
        Ok(AzureOptions {
            subscription,
            folder: std::env::current_dir()?,
            ledger,
            keep: false,
            from: None,
            show_ids: self.show_ids,
            preloaded: false,
            record: None,
            patience: Patience::default(),
            scenario_timeout: None,
            until: None,
            expires_after: Duration::from_secs(12 * 3600),
        })
    }

    /// Signs in and looks at the subscription.
    pub(crate) fn connect(&self) -> Result<Azure, CommandError> {
        Ok(Azure::connect(&azure_cli::provide()?, self.options()?)?)
    }
}

impl LiveArguments {
    /// Signs in, and asks whether to go on; what is there before is noted.
    /// `preloaded` says whether one process answers the calls of `az`.
    pub(crate) fn connect(
        &self,
        walkthroughs: &[Walkthrough],
        preloaded: bool,
    ) -> Result<Azure, CommandError> {
        let mut options = self.subscription.options()?;
        options.keep = self.keep;
        options.preloaded = preloaded && !self.dry_run;
        options.from.clone_from(&self.from);
        if self.from.is_some() && walkthroughs.len() != 1 {
            return Err(CommandError::usage("--from goes on with one scenario")
                .help("name the scenario whose run was kept"));
        }
        options.record = match &self.record {
            Some(folder) => Some(std::path::absolute(folder)?),
            None => None,
        };
        options.patience.limit = Duration::from_secs(self.patience);
        options.patience.pause = Duration::try_from_secs_f64(self.pause)
            .map_err(|error| CommandError::usage(format!("--pause {}: {error}", self.pause)))?;
        options.scenario_timeout = Some(Duration::from_secs(self.scenario_timeout));
        options.until = self
            .run_timeout
            .map(|seconds| Instant::now() + Duration::from_secs(seconds));
        let azure = Azure::connect(&azure_cli::provide()?, options)?;
        if self.dry_run {
            return Ok(azure);
        }
        if !self.subscription.yes {
            let mut plan = Vec::new();
            for walkthrough in walkthroughs {
                resources(walkthrough, &Azure::names(walkthrough), &mut plan)?;
            }
            eprint!("{}", azure.redacted(&String::from_utf8_lossy(&plan)));
            let question = format!(
                "make these in the subscription '{}', and remove them again?",
                azure.subscription()
            );
            if !confirmed(&question)? {
                return Err(CommandError {
                    message: "nothing was made".to_owned(),
                    help: None,
                    exit: Exit::Interrupted,
                });
            }
        }
        azure.begin()?;
        Ok(azure)
    }
}

/// Prints what a run would make, and the commands as they would be typed.
pub(crate) fn dry_run(
    azure: &Azure,
    walkthroughs: &[Walkthrough],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "in the subscription '{}':", azure.subscription())?;
    for walkthrough in walkthroughs {
        let names = Azure::names(walkthrough);
        let mut text = Vec::new();
        resources(walkthrough, &names, &mut text)?;
        writeln!(text, "  commands")?;
        for step in &walkthrough.steps {
            let language = match step.shell {
                ShellKind::Python => Language::Python,
                _ => Language::Bash,
            };
            writeln!(text, "    # {}", step.name)?;
            for line in names.rename(&step.script.text(), language).lines() {
                writeln!(text, "    {line}")?;
            }
        }
        out.write_all(azure.redacted(&String::from_utf8_lossy(&text)).as_bytes())?;
    }
    Ok(())
}

fn resources(walkthrough: &Walkthrough, names: &Names, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}", walkthrough.id, walkthrough.title)?;
    for one in plan(walkthrough, names) {
        let creation = &one.creation;
        let Some(resource) = &creation.resource else {
            writeln!(out, "  {}: what it makes is not known", creation.command)?;
            continue;
        };
        let name: Vec<String> = creation.names.iter().map(ToString::to_string).collect();
        write!(out, "  {resource}  {}", name.join("/"))?;
        if let Some(region) = creation.region.known() {
            write!(out, "  in {region}")?;
        }
        write!(out, "  {}", creation.cost)?;
        if let Some(quota) = &creation.quota {
            write!(out, "; counts against {quota}")?;
        }
        writeln!(out)?;
    }
    for role in &walkthrough.reader_roles {
        writeln!(
            out,
            "  role of whoever runs this    {role}, in the resource group"
        )?;
    }
    Ok(())
}

/// Asks a person.
pub(crate) fn confirmed(question: &str) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::usage("nobody is there to be asked")
            .help("--yes goes on without a question"));
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Tells what could not be removed, and what else is new; the exit that it leads to.
pub(crate) fn ended(azure: &Azure, keep: bool) -> Exit {
    use docproof_run::environment::Target as _;
    let left = azure.left_behind();
    for one in &left {
        eprintln!("left behind: {one}");
    }
    if !left.is_empty() {
        eprintln!("  help: `docproof sweep` removes it");
    }
    if keep {
        eprintln!(
            "kept: --from STEP goes on with the run, with the same scenario; `docproof sweep --kept` removes it"
        );
        return Exit::Passed;
    }
    match azure.new_since() {
        Ok(new) => {
            for one in &new {
                eprintln!("new in the subscription since the start: {one}");
            }
        }
        Err(error) => eprintln!("what is new in the subscription is not known: {error}"),
    }
    match left.is_empty() {
        true => Exit::Passed,
        false => Exit::CouldNotRun,
    }
}

/// Where ledgers are if nobody says where.
fn state_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = set("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(set("HOME")?).join(".local/state")))?;
    Some(state.join("docproof/runs"))
}
