//! [`Attempts`]: goes through the steps of a walkthrough in a new environment, once or again.

use super::account::Account;
use super::ready::{NotReady, Ready, keep};
use super::step::{StepRun, Steps};
use crate::environment::{EnvironmentError, Target};
use crate::kept::Kept;
use docproof_core::event::{AppliedCorrection, StepOutcome};
use docproof_core::scenario::{CorrectionTarget, Requirement, Step, Walkthrough};
use std::collections::BTreeSet;

/// A correction: the step's index, and its number in the step.
pub(super) type CorrectionId = (usize, usize);

/// What holds from one attempt to the next.
pub(super) struct Attempts<'a> {
    pub(super) walkthrough: &'a Walkthrough,
    target: &'a dyn Target,
    pub(super) account: Account<'a>,
    /// For each step, the corrections it is run with.
    pub(super) chosen: Vec<BTreeSet<usize>>,
    /// Corrections of samples that the output did not need.
    pub(super) idle: BTreeSet<CorrectionId>,
    as_published: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// After the last step.
    Through,
    /// This step failed, and that is told.
    FailedAt(usize),
    /// The corrections that were tried do not mend the step they were tried for.
    NotMended,
    /// The target does not have what a step needs, or did not let it run; that is told.
    Stopped,
}

/// Where an attempt is.
struct Going<'a> {
    steps: Steps<'a>,
    chosen: Vec<BTreeSet<usize>>,
    from: usize,
    candidate: &'a [CorrectionId],
    /// The steps that were not run, by name.
    missed: Vec<String>,
}

impl Going<'_> {
    /// Whether the step was told before: as passed, or as the one to mend.
    fn is_known(&self, index: usize) -> bool {
        index < self.from || (index == self.from && !self.candidate.is_empty())
    }
}

impl<'a> Attempts<'a> {
    /// With all corrections, or as published with none.
    pub(super) fn new(
        walkthrough: &'a Walkthrough,
        target: &'a dyn Target,
        account: Account<'a>,
        as_published: bool,
    ) -> Self {
        let all = |step: &Step| match as_published {
            true => BTreeSet::new(),
            false => (0..step.corrections.len()).collect(),
        };
        Self {
            walkthrough,
            target,
            account,
            chosen: walkthrough.steps.iter().map(all).collect(),
            idle: BTreeSet::new(),
            as_published,
        }
    }

    /// Goes through all steps in a new environment. Those before `from` were told before; with a
    /// `candidate`, so was the failure of the step `from`, which these corrections are to mend.
    pub(super) async fn attempt(&mut self, from: usize, candidate: &[CorrectionId]) -> Ended {
        let mut ready = match Ready::open(self.walkthrough, self.target, &mut self.account).await {
            Ok(ready) => ready,
            Err(NotReady::Preparation) => return Ended::Stopped,
            Err(NotReady::Environment(error)) => {
                self.account.could_not_run(from, &error);
                return Ended::Stopped;
            }
        };
        let mut chosen = self.chosen.clone();
        for (step, number) in candidate {
            if let Some(chosen) = chosen.get_mut(*step) {
                chosen.insert(*number);
            }
        }
        let mut going = Going {
            steps: Steps::new(ready.environment.as_ref(), self.as_published),
            chosen,
            from,
            candidate,
            missed: Vec::new(),
        };
        let begins = match resumed(&ready, &mut going.steps) {
            Ok(begins) => begins,
            Err(error) => {
                self.account.could_not_run(from, &error);
                return Ended::Stopped;
            }
        };
        let mut ended = Ended::Through;
        for (index, step) in self.walkthrough.steps.iter().enumerate() {
            let none = BTreeSet::new();
            let form = step.corrected_by(going.chosen.get(index).unwrap_or(&none));
            if !going.is_known(index) {
                self.account.begin(index, step);
            }
            if index < begins {
                let run = StepRun::not_run("it ran before: this run goes on from there".to_owned());
                self.account.end(index, &form, run, Vec::new());
                continue;
            }
            let environment = ready.environment.as_ref();
            let written = keep(&mut ready.session, environment, &going.steps, index, step).await;
            if let Err(error) = written {
                self.account.could_not_run(index, &error);
                ended = Ended::Stopped;
                break;
            }
            let run = match self.keeps_from_running(step, &going.missed) {
                Some(reason) => StepRun::not_run(reason),
                None => going.steps.run(&mut ready.session, &form).await,
            };
            if run.outcome == StepOutcome::NotRun {
                going.missed.push(step.name.clone());
            }
            let (run, added) = self.look_again(&mut going, index, &form, run);
            let outcome = run.outcome;
            self.tell(&going, index, &form, run, added);
            match outcome {
                StepOutcome::Passed | StepOutcome::NotRun => continue,
                StepOutcome::Failed if going.is_known(index) => ended = Ended::NotMended,
                StepOutcome::Failed => ended = Ended::FailedAt(index),
                _ => ended = Ended::Stopped,
            }
            break;
        }
        if ended != Ended::NotMended {
            self.chosen = going.chosen;
        }
        ready.close(&mut self.account);
        ended
    }

    /// Why a step is not run here: by itself, for want of something, or since it needs a step that
    /// was not run.
    fn keeps_from_running(&self, step: &Step, missed: &[String]) -> Option<String> {
        let lacks = |requirement: &Requirement| self.target.lacks(*requirement);
        let needs = || {
            let needed = step.needs.iter().find(|name| missed.contains(name))?;
            Some(format!(
                "it needs what \"{needed}\" makes, which was not run"
            ))
        };
        step.skip
            .clone()
            .or_else(|| step.requires.iter().find_map(lacks))
            .or_else(needs)
    }

    /// Says how a step ended, unless that is known: whether corrections mend a failure is told only
    /// if they do. `added` are corrections that came in after the step ran.
    fn tell(
        &mut self,
        going: &Going<'_>,
        index: usize,
        form: &Step,
        run: StepRun,
        added: Vec<AppliedCorrection>,
    ) {
        let told = match run.outcome {
            StepOutcome::Passed | StepOutcome::NotRun => index < going.from,
            StepOutcome::Failed => going.is_known(index),
            StepOutcome::NotEmulated | StepOutcome::CouldNotRun | StepOutcome::Skipped => false,
        };
        if told {
            self.account.spend(&run);
            return;
        }
        let corrections = match added.is_empty() {
            false => added,
            true => self.corrections_of(going, index, form),
        };
        self.account.end(index, form, run, corrections);
    }

    /// The corrections that a step is told with.
    fn corrections_of(
        &self,
        going: &Going<'_>,
        index: usize,
        form: &Step,
    ) -> Vec<AppliedCorrection> {
        match going.is_known(index) {
            true => self.corrections(going.candidate),
            false => form.corrections.clone(),
        }
    }

    /// As published: a sample that does not fit is told, and corrected without running the block
    /// again; gives these corrections too. Also finds out which corrections of samples the output
    /// does not need.
    fn look_again(
        &mut self,
        going: &mut Going<'_>,
        index: usize,
        form: &Step,
        run: StepRun,
    ) -> (StepRun, Vec<AppliedCorrection>) {
        let numbers = form.corrections_of(CorrectionTarget::Sample);
        if !self.as_published || numbers.is_empty() {
            return (run, Vec::new());
        }
        let mut chosen = going.chosen.get(index).cloned().unwrap_or_default();
        let mut now = run;
        let mut added = Vec::new();
        if now.outcome == StepOutcome::Failed {
            let ids: Vec<CorrectionId> = numbers
                .difference(&chosen)
                .map(|number| (index, *number))
                .collect();
            chosen.extend(&numbers);
            let Some(better) = going.steps.judge_again(&form.corrected_by(&chosen)) else {
                return (now, added);
            };
            added = self.corrections(&ids);
            if index >= going.from {
                let corrections = self.corrections_of(going, index, form);
                self.account.end(index, form, now, corrections);
                self.account.again(index, form, added.clone());
            }
            now = better;
        }
        for number in &numbers {
            let mut without = chosen.clone();
            let is_idle = now.outcome == StepOutcome::Passed
                && (!without.remove(number)
                    || going.steps.would_pass(&form.corrected_by(&without)));
            if is_idle {
                self.idle.insert((index, *number));
            } else {
                self.idle.remove(&(index, *number));
            }
        }
        if let Some(kept) = going.chosen.get_mut(index) {
            *kept = chosen;
        }
        (now, added)
    }

    /// The corrections of these ids.
    pub(super) fn corrections(&self, ids: &[CorrectionId]) -> Vec<AppliedCorrection> {
        ids.iter()
            .filter_map(|(step, number)| {
                let step = self.walkthrough.steps.get(*step)?;
                step.correction(*number).cloned()
            })
            .collect()
    }
}

/// The step to begin with, the steps holding what those before it have left.
fn resumed(ready: &Ready, steps: &mut Steps<'_>) -> Result<usize, EnvironmentError> {
    let kept = ready.environment.kept();
    if let Some(kept) = kept.filter(|kept| kept.from() > 0) {
        steps.resume(kept.load()?);
    }
    Ok(kept.map_or(0, Kept::from))
}
