//! Judging many files at once, and telling of them in their order.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::documents::Judged;
use super::examine::Examiner;
use super::inputs::{Input, Inputs};
use super::outcome::Outcome;

/// How many files are judged before anybody is told of them. It bounds how many outcomes wait; the
/// texts are let go as soon as they are judged.
const WINDOW_FILES: usize = 256;
/// How many files are named that have nothing to do with Kubernetes.
const NAMED_MAX: usize = 3;

/// What was found that has nothing to do with Kubernetes, in files that nobody named.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    documents: usize,
    files: usize,
    /// The first files.
    named: Vec<String>,
}

impl Foreign {
    fn add(&mut self, input: &Input, documents: usize) {
        if documents == 0 {
            return;
        }
        self.documents += documents;
        self.files += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(input.name());
        }
    }

    /// What was left out, for the user; `None` when nothing was.
    pub(crate) fn note(&self) -> Option<String> {
        let more = match self.files - self.named.len() {
            0 => String::new(),
            more => format!(" and {more} more files"),
        };
        let documents = match self.documents {
            0 => return None,
            1 => "1 document has".to_owned(),
            documents => format!("{documents} documents have"),
        };
        let named = self.named.join(", ");
        Some(format!(
            "{documents} neither `apiVersion` nor `kind` and nothing to do with Kubernetes: \
             {named}{more}"
        ))
    }
}

/// Judges every input and hands on the outcomes in their order.
///
/// While outcomes of some files are handed on, those of the next ones are made; when `report`
/// fails, what is not begun is not judged.
///
/// # Errors
/// That of `report`.
pub(crate) fn judge_all<E>(
    inputs: &Inputs,
    examiner: &Examiner<'_>,
    report: &mut dyn FnMut(Outcome) -> Result<(), E>,
) -> Result<Foreign, E> {
    let mut foreign = Foreign::default();
    let mut ready: (&[Input], Vec<Judged>) = (&[], Vec::new());
    // At last there is nothing to judge, and something to tell.
    for window in inputs.files.chunks(WINDOW_FILES).chain([&[][..]]) {
        let is_over = AtomicBool::new(false);
        let next = OnceLock::new();
        let (told, judged) = ready;
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| {
                let judge = |input| match is_over.load(Ordering::Relaxed) {
                    true => Judged::default(),
                    false => examiner.input(input),
                };
                let _ = next.set(window.par_iter().map(judge).collect());
            });
            for (input, judged) in told.iter().zip(judged) {
                foreign.add(input, judged.foreign);
                let reported = judged.outcomes.into_iter().try_for_each(&mut *report);
                is_over.store(reported.is_err(), Ordering::Relaxed);
                reported?;
            }
            Ok(())
        })?;
        ready = (window, next.into_inner().unwrap_or_default());
    }
    Ok(foreign)
}
