//! The cluster's authorizer, asked by SubjectAccessReview.
//!
//! Fields follow `k8s.io/apiserver/pkg/cel/library/authz.go`: version `*`, raw selectors, and for
//! `authorizer.serviceAccount(…)` the groups that every ServiceAccount has.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use admission_cel::authorizer::{Answer, Question};
use admission_cel::json::Json;
use admission_policy::request::User;
use futures::StreamExt;
use k8s_openapi::api::authorization::v1::{
    FieldSelectorAttributes, LabelSelectorAttributes, NonResourceAttributes, ResourceAttributes,
    SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::Client;
use kube::api::{Api, PostParams};

use super::within_time;

/// How long an answer is used again: a right that was taken away works at most this much longer.
const ANSWER_SECONDS_MAX: u64 = 10;
/// How many answers are kept: a few per agent that is started within the time above.
const ANSWERS_MAX: usize = 10_000;
/// How many questions of one review are asked at a time, so that no review floods the API server.
const CONCURRENT_MAX: usize = 8;

/// Who a question is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subject {
    name: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

impl Subject {
    /// The user of a request, with everything that an authorizer may look at.
    pub fn of_user(user: &User<'_>) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let extra = user
            .extra
            .and_then(Json::as_object)
            .map_or(&[][..], |extra| extra.entries());
        Self {
            name: user.name.to_owned(),
            uid: user.uid.to_owned(),
            groups: owned(&user.groups),
            extra: extra
                .iter()
                .map(|entry| {
                    let values = entry.value.as_array().unwrap_or_default();
                    let values: Vec<&str> = values.iter().filter_map(Json::as_str).collect();
                    (entry.key.to_owned(), owned(&values))
                })
                .collect(),
        }
    }

    /// A ServiceAccount, as `MakeUsername` and `MakeGroupNames` of
    /// `k8s.io/apiserver/pkg/authentication/serviceaccount` name it.
    pub fn of_service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
            ],
            ..Self::default()
        }
    }
}

/// A [`Question`] with its subject, as the key of answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccessQuestion {
    subject: Arc<Subject>,
    path: Option<String>,
    group: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
    field_selector: String,
    label_selector: String,
    verb: String,
}

impl AccessQuestion {
    /// The question, asked about `requester` unless it names a ServiceAccount.
    pub fn new(question: &Question<'_>, requester: &Arc<Subject>) -> Self {
        let subject = match question.service_account {
            Some((namespace, name)) => Arc::new(Subject::of_service_account(namespace, name)),
            None => Arc::clone(requester),
        };
        Self {
            subject,
            path: question.path.map(str::to_owned),
            group: question.group.to_owned(),
            resource: question.resource.to_owned(),
            subresource: question.subresource.to_owned(),
            namespace: question.namespace.to_owned(),
            name: question.name.to_owned(),
            field_selector: question.field_selector.to_owned(),
            label_selector: question.label_selector.to_owned(),
            verb: question.verb.to_owned(),
        }
    }

    fn review(&self) -> SubjectAccessReview {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut spec = SubjectAccessReviewSpec {
            user: text(&self.subject.name),
            uid: text(&self.subject.uid),
            groups: Some(self.subject.groups.clone()),
            extra: Some(self.subject.extra.clone()),
            ..SubjectAccessReviewSpec::default()
        };
        match &self.path {
            Some(path) => {
                spec.non_resource_attributes = Some(NonResourceAttributes {
                    path: text(path),
                    verb: text(&self.verb),
                });
            }
            None => {
                spec.resource_attributes = Some(ResourceAttributes {
                    group: text(&self.group),
                    version: Some("*".to_owned()),
                    resource: text(&self.resource),
                    subresource: text(&self.subresource),
                    namespace: text(&self.namespace),
                    name: text(&self.name),
                    verb: text(&self.verb),
                    field_selector: text(&self.field_selector).map(|raw| FieldSelectorAttributes {
                        raw_selector: Some(raw),
                        requirements: None,
                    }),
                    label_selector: text(&self.label_selector).map(|raw| LabelSelectorAttributes {
                        raw_selector: Some(raw),
                        requirements: None,
                    }),
                });
            }
        }
        SubjectAccessReview {
            spec,
            ..SubjectAccessReview::default()
        }
    }
}

/// Asks the cluster's authorizer, and remembers what it said for a few seconds.
pub struct AccessReviews {
    client: Client,
    answers: Mutex<HashMap<AccessQuestion, (Instant, Answer)>>,
}

impl AccessReviews {
    /// Asks by `client`; nothing is asked yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            answers: Mutex::default(),
        }
    }

    /// An answer that is still fresh.
    pub fn remembered(&self, question: &AccessQuestion) -> Option<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .get(question)
            .filter(|(asked, _)| asked.elapsed() < Duration::from_secs(ANSWER_SECONDS_MAX))
            .map(|(_, answer)| answer.clone())
    }

    /// Asks all questions, several at a time. A question that cannot be asked is answered with
    /// [`Answer::Failed`].
    pub async fn ask(&self, questions: Vec<AccessQuestion>) -> Vec<(AccessQuestion, Answer)> {
        futures::stream::iter(questions)
            .map(|question| async move {
                let answer = self.ask_one(&question).await;
                (question, answer)
            })
            .buffer_unordered(CONCURRENT_MAX)
            .collect()
            .await
    }

    async fn ask_one(&self, question: &AccessQuestion) -> Answer {
        let api = Api::<SubjectAccessReview>::all(self.client.clone());
        let asked = Instant::now();
        let review = question.review();
        let status = match within_time(api.create(&PostParams::default(), &review)).await {
            Ok(review) => review.status.unwrap_or_default(),
            Err(error) => return Answer::Failed(error.to_string()),
        };
        if let Some(error) = status.evaluation_error.filter(|_| !status.allowed) {
            return Answer::Failed(error);
        }
        let reason = status.reason.unwrap_or_default();
        let answer = Answer::Decided {
            allowed: status.allowed,
            reason,
        };
        self.remember(question.clone(), asked, answer.clone());
        answer
    }

    fn remember(&self, question: AccessQuestion, asked: Instant, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            let fresh = Duration::from_secs(ANSWER_SECONDS_MAX);
            answers.retain(|_, (asked, _)| asked.elapsed() < fresh);
            if answers.len() >= ANSWERS_MAX {
                answers.clear();
            }
        }
        answers.insert(question, (asked, answer));
    }
}

#[cfg(test)]
mod tests;
