//! Rights as the cluster's authorizer knows them.

use std::sync::Arc;

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_policy::request::User;
use tokio::runtime::Runtime;

use crate::k8s::cluster::access::{AccessQuestion, AccessReviews, Subject};

/// The authorizer of a cluster.
pub struct ClusterRights {
    pub(super) runtime: Arc<Runtime>,
    pub(super) reviews: AccessReviews,
    pub(super) is_anybody_named: bool,
}

impl std::fmt::Debug for ClusterRights {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ClusterRights")
            .finish_non_exhaustive()
    }
}

/// Answers about one request.
pub struct RequestRights<'r, 'a> {
    rights: &'r ClusterRights,
    user: &'r User<'a>,
    is_known: bool,
}

impl ClusterRights {
    /// Answers for the user of a request. `is_known`: it was not the audit that made the user up.
    pub fn of<'r, 'a>(&'r self, user: &'r User<'a>, is_known: bool) -> RequestRights<'r, 'a> {
        RequestRights {
            rights: self,
            user,
            is_known: is_known || self.is_anybody_named,
        }
    }
}

impl Authorizer for RequestRights<'_, '_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        if !self.is_known && question.service_account.is_none() {
            return Answer::Unavailable(
                "it depends on the rights of whoever submits the object; say who with --as USER"
                    .to_owned(),
            );
        }
        let requester = Arc::new(Subject::of_user(self.user));
        let question = AccessQuestion::new(question, &requester);
        let ClusterRights {
            runtime, reviews, ..
        } = self.rights;
        let asked = || {
            let answers = runtime.block_on(reviews.ask(vec![question.clone()]));
            answers.into_iter().next().map(|(_, answer)| answer)
        };
        let answer = reviews.remembered(&question).or_else(asked);
        match answer {
            Some(Answer::Failed(why)) => Answer::Unavailable(not_asked(&why)),
            Some(answer) => answer,
            None => Answer::Unavailable(not_asked("no answer")),
        }
    }
}

fn not_asked(why: &str) -> String {
    format!(
        "the cluster's authorizer cannot be asked ({why}); it takes verb `create` on resource \
         `subjectaccessreviews` of API group `authorization.k8s.io`"
    )
}
