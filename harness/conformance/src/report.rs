//! What a replay comes down to, by service ([`Report`]).

use crate::known::Known;
use crate::replay::{Outcome, Verdict};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The exchanges of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceCount {
    /// Exchanges that only repeat the one before them, so they were not sent.
    pub collapsed: usize,
    /// Exchanges that were sent.
    pub sent: usize,
    /// Of these, those that were answered as recorded.
    pub matched: usize,
    /// Those that were answered otherwise.
    pub differing: usize,
    /// Those that the emulator does not have.
    pub not_emulated: usize,
    /// Of those that did not match, those without a known reason.
    pub unexplained: usize,
}

/// Outcomes with their reasons, counted.
#[derive(Debug)]
pub struct Report {
    counts: BTreeMap<String, ServiceCount>,
    outcomes: Vec<(Outcome, Option<String>)>,
}

impl ServiceCount {
    fn add(&mut self, other: &Self) {
        self.collapsed += other.collapsed;
        self.sent += other.sent;
        self.matched += other.matched;
        self.differing += other.differing;
        self.not_emulated += other.not_emulated;
        self.unexplained += other.unexplained;
    }

    /// Matched of those sent, in percent; 100 if none was.
    pub fn percent(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "thousands of exchanges at most")]
        let share = |part: usize, whole: usize| part as f64 * 100.0 / whole as f64;
        if self.sent == 0 {
            100.0
        } else {
            share(self.matched, self.sent)
        }
    }
}

impl Report {
    /// Counts outcomes, and finds the reasons of those that did not match.
    pub fn new(outcomes: Vec<Outcome>, known: &Known) -> Self {
        let mut counts: BTreeMap<String, ServiceCount> = BTreeMap::new();
        let outcomes: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| {
                let reason = known.reason(&outcome);
                let (matched, differing, missing) = match outcome.verdict {
                    Verdict::Collapsed => (0, 0, 0),
                    Verdict::Matched => (1, 0, 0),
                    Verdict::Differs(_) => (0, 1, 0),
                    Verdict::NotEmulated => (0, 0, 1),
                };
                let sent = matched + differing + missing;
                counts
                    .entry(outcome.service.clone())
                    .or_default()
                    .add(&ServiceCount {
                        collapsed: 1 - sent,
                        sent,
                        matched,
                        differing,
                        not_emulated: missing,
                        unexplained: usize::from(differing + missing > 0 && reason.is_none()),
                    });
                (outcome, reason)
            })
            .collect();
        Self { counts, outcomes }
    }

    /// The count of one service.
    pub fn service(&self, name: &str) -> Option<&ServiceCount> {
        self.counts.get(name)
    }

    /// Every service that was asked, by name.
    pub fn services(&self) -> impl Iterator<Item = (&str, &ServiceCount)> {
        self.counts
            .iter()
            .map(|(name, count)| (name.as_str(), count))
    }

    /// All services together.
    pub fn total(&self) -> ServiceCount {
        let mut total = ServiceCount::default();
        for count in self.counts.values() {
            total.add(count);
        }
        total
    }

    /// What did not match, with its reason if that is known.
    pub fn mismatches(&self) -> impl Iterator<Item = (&Outcome, Option<&str>)> {
        self.outcomes
            .iter()
            .filter(|(outcome, _)| {
                !matches!(outcome.verdict, Verdict::Matched | Verdict::Collapsed)
            })
            .map(|(outcome, reason)| (outcome, reason.as_deref()))
    }

    /// The table, for people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, count: &ServiceCount| {
            let _ = writeln!(
                text,
                "{name:28} {:>9} {:>6} {:>8} {:>10} {:>13} {:>7.1} %",
                count.collapsed,
                count.sent,
                count.matched,
                count.differing,
                count.not_emulated,
                count.percent()
            );
        };
        for (name, count) in &self.counts {
            line(name, count);
        }
        let mut emulated = ServiceCount::default();
        for count in self.counts.values() {
            if count.not_emulated < count.sent {
                emulated.add(count);
            }
        }
        line("all that are emulated", &emulated);
        line("all", &self.total());
        let head = format!(
            "{:28} {:>9} {:>6} {:>8} {:>10} {:>13} {:>9}\n",
            "service", "collapsed", "sent", "matched", "differing", "not emulated", "matched"
        );
        format!("{head}{text}")
    }

    /// What did not match, for people; `all`: with what has a known reason, behind the rest.
    pub fn details(&self, all: bool) -> String {
        let mut text = String::new();
        let mut shown: Vec<_> = self
            .mismatches()
            .filter(|(_, reason)| all || reason.is_none())
            .collect();
        shown.sort_by_key(|(_, reason)| reason.is_some());
        for (outcome, reason) in shown {
            let _ = writeln!(
                text,
                "{} #{} ({}) {} {}",
                outcome.recording, outcome.exchange, outcome.service, outcome.method, outcome.url
            );
            match &outcome.verdict {
                Verdict::Differs(differences) => {
                    for one in differences {
                        let _ = writeln!(
                            text,
                            "    {}\n      recorded  {}\n      answered  {}",
                            one.at, one.recorded, one.answered
                        );
                    }
                }
                _ => text.push_str("    not emulated\n"),
            }
            if let Some(reason) = reason {
                let _ = writeln!(text, "    known: {reason}");
            }
        }
        text
    }

    /// Everything, for machines.
    pub fn json(&self) -> Value {
        let exchanges: Vec<Value> = self
            .outcomes
            .iter()
            .map(|(outcome, reason)| {
                let (verdict, differences) = match &outcome.verdict {
                    Verdict::Matched => ("matched", None),
                    Verdict::Collapsed => ("collapsed", None),
                    Verdict::NotEmulated => ("not-emulated", None),
                    Verdict::Differs(differences) => ("differs", Some(differences)),
                };
                let mut one = json!({
                    "recording": outcome.recording, "exchange": outcome.exchange,
                    "service": outcome.service, "method": outcome.method, "url": outcome.url,
                    "verdict": verdict,
                });
                if let Some(differences) = differences {
                    one["differences"] = json!(differences);
                }
                if let Some(reason) = reason {
                    one["reason"] = json!(reason);
                }
                one
            })
            .collect();
        json!({ "services": self.counts, "total": self.total(), "exchanges": exchanges })
    }
}
