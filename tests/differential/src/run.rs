//! A run: many questions, answered by us and by the oracle.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use control_plane::{ControlPlaneError, Oracle};

use crate::compare::difference;
use crate::expression::Expression;
use crate::generate::{Generated, Generator};
use crate::known::{Disagreement, KNOWN, known};
use crate::ours;
use crate::question::{Answer, Question};
use crate::shrink::shrink;

/// How often a question is asked again to see whether its answer varies.
const ASKED_AGAIN: usize = 12;
/// How often it is asked when nothing else explains a difference: of the orders of five entries, one
/// in 120 is sorted.
const ASKED_AT_MOST: usize = 1_000;

/// After so many differences a run only counts.
const SHRUNK_MAX: usize = 40;

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The oracle does not start or broke off.
    #[error(transparent)]
    Oracle(#[from] ControlPlaneError),
    /// Its answer has another form than ours expects.
    #[error("the oracle's answer cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
}

/// A difference that is not known, made small.
#[derive(Debug)]
pub struct Difference {
    /// What differs: `value`, `cost`, …
    pub part: &'static str,
    /// The shrunk question.
    pub question: Question,
    /// Our answer to it.
    pub ours: Answer,
    /// The oracle's answer to it.
    pub theirs: Answer,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many questions were asked.
    pub pairs: usize,
    /// How many of their expressions compiled.
    pub compiled: usize,
    /// How many gave a value.
    pub values: usize,
    /// How many differed, whether known or not.
    pub differing: usize,
    /// How often each known kind of difference occurred.
    pub known: BTreeMap<&'static str, usize>,
    /// The others.
    pub differences: Vec<Difference>,
}

/// Asks `pairs` questions that the seed determines.
///
/// # Errors
/// The oracle cannot be asked.
pub fn run(seed: u64, pairs: usize) -> Result<Report, RunError> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(4);
    let reports = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let share = pairs / threads + usize::from(worker < pairs % threads);
                // Seeds of workers must not meet those of the next run.
                let seed = seed.wrapping_mul(1_000).wrapping_add(worker as u64);
                scope.spawn(move || Comparison::start()?.run(seed, share))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| match worker.join() {
                Ok(report) => report,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect::<Result<Vec<Report>, RunError>>()
    })?;
    Ok(reports.into_iter().fold(Report::default(), Report::and))
}

impl Report {
    fn and(mut self, other: Report) -> Self {
        self.pairs += other.pairs;
        self.compiled += other.compiled;
        self.values += other.values;
        self.differing += other.differing;
        for (name, count) in other.known {
            *self.known.entry(name).or_default() += count;
        }
        self.differences.extend(other.differences);
        self
    }

    /// The known kinds of difference that did not occur.
    pub fn unused(&self) -> Vec<&'static str> {
        KNOWN
            .iter()
            .map(|known| known.name)
            .filter(|name| !self.known.contains_key(name))
            .collect()
    }
}

/// A conversation with an oracle.
pub struct Comparison {
    oracle: Oracle,
}

impl Comparison {
    /// Starts an oracle.
    ///
    /// # Errors
    /// It does not start.
    pub fn start() -> Result<Self, RunError> {
        Ok(Self {
            oracle: Oracle::start()?,
        })
    }

    /// The oracle's answer.
    ///
    /// # Errors
    /// It broke off.
    pub fn ask(&self, question: &Question) -> Result<Answer, RunError> {
        let answer = self.oracle.ask(&serde_json::to_value(question)?)?;
        Ok(serde_json::from_value(answer)?)
    }

    /// What differs between our answer and the oracle's that is not known.
    ///
    /// # Errors
    /// The oracle broke off.
    pub fn difference(&self, question: &Question) -> Result<Option<&'static str>, RunError> {
        let ours = ours::answer(question);
        match difference(&ours, &self.ask(question)?) {
            Some(_) if self.known(question, &ours)?.is_some() => Ok(None),
            found => Ok(found),
        }
    }

    fn run(&self, seed: u64, pairs: usize) -> Result<Report, RunError> {
        let mut generator = Generator::new(seed);
        let mut report = Report::default();
        let mut seen = BTreeSet::new();
        for _ in 0..pairs {
            let Some(generated) = generator.next_question() else {
                break;
            };
            self.compare(&generated, &mut report, &mut seen)?;
        }
        Ok(report)
    }

    fn compare(
        &self,
        generated: &Generated,
        report: &mut Report,
        seen: &mut BTreeSet<String>,
    ) -> Result<(), RunError> {
        let question = &generated.question;
        let ours = ours::answer(question);
        let theirs = self.ask(question)?;
        report.pairs += 1;
        report.compiled += usize::from(theirs.compile_error.is_none());
        report.values += usize::from(theirs.value_text.is_some());
        let Some(part) = difference(&ours, &theirs) else {
            return Ok(());
        };
        report.differing += 1;
        if let Some(name) = self.known(question, &ours)? {
            *report.known.entry(name).or_default() += 1;
        } else if report.differences.len() < SHRUNK_MAX {
            let found = self.shrunk(question, &generated.expression, part)?;
            if seen.insert(found.question.expression.clone()) {
                report.differences.push(found);
            }
        }
        Ok(())
    }

    /// The known kind of a difference. The oracle is asked again for it.
    fn known(&self, question: &Question, ours: &Answer) -> Result<Option<&'static str>, RunError> {
        let theirs = (0..ASKED_AGAIN)
            .map(|_| self.ask(question))
            .collect::<Result<Vec<_>, _>>()?;
        // An answer that varies and was once as ours is varies too.
        if theirs
            .iter()
            .any(|theirs| difference(ours, theirs).is_none())
        {
            return Ok(KNOWN.first().map(|known| known.name));
        }
        let disagreement = Disagreement {
            question,
            ours,
            theirs: &theirs,
        };
        if let Some(known) = known(&disagreement) {
            return Ok(Some(known.name));
        }
        for _ in ASKED_AGAIN..ASKED_AT_MOST {
            if difference(ours, &self.ask(question)?).is_none() {
                return Ok(KNOWN.first().map(|known| known.name));
            }
        }
        Ok(None)
    }

    fn shrunk(
        &self,
        question: &Question,
        expression: &Expression,
        part: &'static str,
    ) -> Result<Difference, RunError> {
        let asked = |candidate: &Expression| Question {
            expression: candidate.to_string(),
            ..question.clone()
        };
        let smallest = shrink(expression, |candidate| {
            let question = asked(candidate);
            let ours = ours::answer(&question);
            self.ask(&question)
                .is_ok_and(|theirs| difference(&ours, &theirs) == Some(part))
                && self
                    .known(&question, &ours)
                    .is_ok_and(|known| known.is_none())
        });
        let question = asked(&smallest);
        Ok(Difference {
            part,
            ours: ours::answer(&question),
            theirs: self.ask(&question)?,
            question,
        })
    }
}
