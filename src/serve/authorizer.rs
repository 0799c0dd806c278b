//! Answers `authorizer` questions during one evaluation. Evaluation is synchronous: what has to be
//! asked of the cluster is noted, and the review is evaluated again with the answers.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_policy::request::User;

use crate::k8s::cluster::access::{AccessQuestion, AccessReviews, Subject};

/// Why nothing can be asked without a cluster.
const NO_CLUSTER: &str =
    "there is no cluster to ask; start with --kubeconfig or --context to have rights checked";
/// What stands in for an answer until it has been looked up; never seen by anybody.
const PENDING: &str = "the cluster is being asked";

/// Answers that were looked up for one review. They hold for all its rounds, even when the shared
/// memory of answers expires between two of them.
pub type Answers = HashMap<AccessQuestion, Answer>;

/// The authorizer of one round.
pub struct RoundAuthorizer<'r, 'a> {
    user: &'r User<'a>,
    access: Option<&'r AccessReviews>,
    answers: &'r Answers,
    requester: OnceCell<Arc<Subject>>,
    missing: RefCell<HashSet<AccessQuestion>>,
}

impl<'r, 'a> RoundAuthorizer<'r, 'a> {
    /// Answers for `user` out of `answers` and what `access` remembers.
    pub fn new(
        user: &'r User<'a>,
        access: Option<&'r AccessReviews>,
        answers: &'r Answers,
    ) -> Self {
        Self {
            user,
            access,
            answers,
            requester: OnceCell::new(),
            missing: RefCell::default(),
        }
    }

    /// The questions that nobody could answer yet.
    pub fn into_missing(self) -> Vec<AccessQuestion> {
        self.missing.into_inner().into_iter().collect()
    }
}

impl Authorizer for RoundAuthorizer<'_, '_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let Some(access) = self.access else {
            return Answer::Unavailable(NO_CLUSTER.to_owned());
        };
        let requester = self
            .requester
            .get_or_init(|| Arc::new(Subject::of_user(self.user)));
        let question = AccessQuestion::new(question, requester);
        let known = self
            .answers
            .get(&question)
            .cloned()
            .or_else(|| access.remembered(&question));
        known.unwrap_or_else(|| {
            self.missing.borrow_mut().insert(question);
            Answer::Unavailable(PENDING.to_owned())
        })
    }
}
