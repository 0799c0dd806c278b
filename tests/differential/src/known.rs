//! Differences that cannot or shall not be removed, each with its reason.

use crate::compare::difference;
use crate::ours::answers_in_some_order;
use crate::question::{Answer, Question};

/// A kind of difference that is no fault of ours.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Why it stays.
    pub reason: &'static str,
    /// Whether a difference is of this kind.
    pub explains: fn(&Disagreement<'_>) -> bool,
}

/// A question that is answered differently.
pub struct Disagreement<'d> {
    /// The question.
    pub question: &'d Question,
    /// Our answer.
    pub ours: &'d Answer,
    /// The oracle's answers to the same question, asked several times.
    pub theirs: &'d [Answer],
}

/// All of them; [`crate::run`] reports those that explained nothing in a long run.
pub const KNOWN: &[Known] = &[
    Known {
        name: "order of maps",
        reason: "Go visits the entries of a map in random order, so kube-apiserver itself answers \
                 differently from one evaluation to the next; visiting them in some other order, we \
                 give its answer",
        explains: |disagreement| {
            let theirs = disagreement.theirs;
            let rearranged = || {
                theirs
                    .iter()
                    .any(|theirs| rearranged(disagreement.ours, theirs))
            };
            let varies = || theirs.windows(2).any(|pair| pair.first() != pair.last());
            let found = answers_in_some_order(disagreement.question, |ours| {
                let mut theirs = theirs.iter();
                theirs.any(|theirs| difference(ours, theirs).is_none())
            });
            // Of long lists the right order is not found by chance.
            found || varies() && rearranged()
        },
    },
    Known {
        name: "panics",
        reason: "kube-apiserver's own code panics, outside of what cel-go recovers from: there is \
                 no answer to agree with",
        explains: |disagreement| {
            let mut errors = disagreement
                .theirs
                .iter()
                .filter_map(|theirs| theirs.error.as_deref());
            errors.any(|error| error.starts_with("panic: "))
        },
    },
    Known {
        name: "costs below zero",
        reason: "cel-go counts `flatten(-5)` as a negative cost, by which an expression can evade the \
                 limit; for us it is the largest cost that there is",
        explains: |disagreement| {
            let ours = disagreement.ours.cost;
            ours == Some(u64::MAX) && disagreement.question.expression.contains(".flatten(")
        },
    },
    Known {
        name: "protocol buffer messages",
        reason: "cel-go can make the messages of google.protobuf (`Int32Value{value: 1}`); no \
                 Kubernetes object has any, so we refuse them with a text of our own",
        explains: |disagreement| {
            let ours = disagreement.ours.compile_error.as_deref();
            ours.is_some_and(|error| error.contains("the protocol buffer message '"))
        },
    },
];

/// Whether two answers are the same but for the order of the characters of the value or the error, as
/// in a list of a map's keys.
fn rearranged(ours: &Answer, theirs: &Answer) -> bool {
    let sorted = |text: &Option<String>| {
        let mut bytes = text.clone().map(String::into_bytes);
        bytes.iter_mut().for_each(|bytes| bytes.sort_unstable());
        bytes
    };
    let ours_in_their_order = Answer {
        value_text: theirs.value_text.clone(),
        error: theirs.error.clone(),
        ..ours.clone()
    };
    sorted(&ours.value_text) == sorted(&theirs.value_text)
        && sorted(&ours.error) == sorted(&theirs.error)
        && difference(&ours_in_their_order, theirs).is_none()
}

/// The kind of a difference, if it is known.
pub fn known(disagreement: &Disagreement<'_>) -> Option<&'static Known> {
    KNOWN.iter().find(|known| (known.explains)(disagreement))
}
