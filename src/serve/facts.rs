//! What is known about a review once it is answered: what its log line, its metrics and its evidence
//! are made of.

use admission_cel::json::Json;
use admission_policy::context::Namespace;
use admission_policy::decide::{Decision, Mode};
use admission_policy::request::{Operation, Request};

use super::round::Endpoint;
use crate::evidence::record::FailureClass;
use crate::judge::{Completion, Judgement, is_agent_namespace};
use crate::labels::{AGENTS, WORKLOAD, WORKLOAD_AGENT, label};

/// Everything known about one review.
#[derive(Clone, Copy)]
pub struct Facts<'f> {
    /// What it was sent to.
    pub endpoint: Endpoint,
    /// The call's uid.
    pub uid: &'f str,
    /// The request; `None` when it could not be decoded.
    pub request: Option<&'f Request<'f>>,
    /// Its Namespace; unknown where it could not be looked up, or did not matter.
    pub namespace: Namespace<'f>,
    /// The mode that applied; `None` when nothing was judged.
    pub mode: Option<Mode>,
    /// What was said about it.
    pub said: Said<'f>,
}

/// What was said about a review.
#[derive(Clone, Copy)]
pub enum Said<'f> {
    /// How its object was completed.
    Completed(&'f Completion<'f>),
    /// How it was judged.
    Judged(&'f Judgement<'f>, &'f Decision<'f>),
    /// Why it could not be.
    Failed(FailureClass, &'f str),
    /// Nothing: its object is only seen off.
    Ended,
}

impl<'f> Facts<'f> {
    /// A review of which only the uid is known.
    pub fn of_uid(endpoint: Endpoint, uid: &'f str, class: FailureClass, why: &'f str) -> Self {
        Self {
            endpoint,
            uid,
            request: None,
            namespace: Namespace::Unknown,
            mode: None,
            said: Said::Failed(class, why),
        }
    }

    /// The object as it was judged.
    pub fn judged_object(&self) -> Option<&'f Json<'f>> {
        match self.said {
            Said::Completed(completion) => completion.object,
            Said::Judged(judgement, _) => judgement.object,
            Said::Failed(..) => self.request?.object,
            Said::Ended => self.request?.old_object,
        }
    }

    /// The object as it is sent to the API server's storage, or was in it: what is filled in for the
    /// judgement only is not in it. Options of a CONNECT are no object.
    pub fn stored_object(&self) -> Option<&'f Json<'f>> {
        let request = self.request?;
        match (request.operation, self.said) {
            (Operation::Connect, _) => None,
            (Operation::Delete, _) => request.old_object,
            (_, Said::Completed(completion)) => completion.object,
            _ => request.object,
        }
    }

    /// The value of the Namespace's label that makes it an agent namespace.
    pub fn agent_namespace(&self) -> Option<&'f str> {
        match self.namespace {
            Namespace::Known(namespace) => label(namespace, AGENTS),
            Namespace::None | Namespace::Unknown => None,
        }
    }

    /// Whether a failure of ours may stop it: agents where rules are enforced, and never the end of
    /// one.
    pub fn is_held(&self) -> bool {
        let is_agent = |object: &'f Json<'f>| label(object, WORKLOAD) == Some(WORKLOAD_AGENT);
        let is_inside =
            is_agent_namespace(self.namespace) || self.stored_object().is_some_and(is_agent);
        is_inside && self.mode == Some(Mode::Enforce) && !matches!(self.said, Said::Ended)
    }
}
