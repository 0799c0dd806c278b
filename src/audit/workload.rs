//! What workloads run, as admission makes them: for whoever lists what they may write to.

use admission_cel::json::Json;
use serde::Serialize;

use crate::evidence::bounds::{Bounds, Truncation};
use crate::evidence::workload::{Template, Templated, describe};
use crate::judge::Judgement;
use crate::labels::{PHASE, PROFILE};

/// A workload, free of borrowed data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Whose it is.
    pub agent: Agent,
    /// Its Pods, for each of its templates.
    pub pods: Vec<Pods>,
    /// What is too much to be told.
    pub truncated: Vec<Truncation>,
}

/// The Pods of one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pods {
    /// The trust phase, as labelled.
    pub phase: Option<String>,
    /// The resource profile, as labelled.
    pub profile: Option<String>,
    /// Their ServiceAccount.
    pub account: Option<String>,
    /// What they may write to, and what authenticates them.
    pub template: Template<'static>,
}

/// Whether a workload is an agent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agent {
    /// By its namespace or its label.
    Yes,
    /// Neither says so.
    No,
    /// Nobody knows its namespace.
    Unknown,
}

impl Agent {
    /// Of what is known about a workload.
    pub fn of(is_agent: bool, is_namespace_unknown: bool) -> Self {
        match (is_agent, is_namespace_unknown) {
            (true, _) => Agent::Yes,
            (false, true) => Agent::Unknown,
            (false, false) => Agent::No,
        }
    }
}

impl Workload {
    /// The workload that was judged; `None` for what has no Pod template.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn of(judgement: &Judgement<'_>, agent: Agent) -> Result<Option<Box<Self>>, String> {
        let mut bounds = Bounds::default();
        let mut pods = Vec::new();
        if let Some(object) = judgement.object {
            pods.extend(pods_of(object, None, &mut bounds)?);
        }
        for (path, job) in &judgement.templates {
            pods.extend(pods_of(job, Some(path.to_string()), &mut bounds)?);
        }
        let workload = Self {
            agent,
            pods,
            truncated: bounds.into_truncated(),
        };
        Ok((!workload.pods.is_empty()).then(|| Box::new(workload)))
    }
}

/// The Pods of an object. `path` is where its template really is.
fn pods_of(
    object: &Json<'_>,
    path: Option<String>,
    bounds: &mut Bounds,
) -> Result<Option<Pods>, String> {
    let object = Templated::of(object);
    let Some(template) = &object.template else {
        return Ok(None);
    };
    let described = describe(template, bounds).into_owned();
    let mut template = described.map_err(|error| error.to_string())?;
    if let Some(path) = path {
        template.path = path.into();
    }
    let label = |key: &str| object.outermost_label(key).map(str::to_owned);
    Ok(Some(Pods {
        phase: label(PHASE),
        profile: label(PROFILE),
        account: object.account().map(str::to_owned),
        template,
    }))
}
