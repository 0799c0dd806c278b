//! From a body to an answer: rounds of evaluation with look-ups in between.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use admission_cel::authorizer::Answer as AccessAnswer;
use axum::body::Bytes;
use serde::Deserialize;

use super::answer::{Answer, Denial};
use super::entry::entry;
use super::facts::Facts;
use super::limits::{INLINE_BYTES_MAX, QUESTIONS_MAX, ROUNDS_MAX};
use super::metrics::AccessLabels;
use super::record::Record;
use super::round::{
    Answered, EVIDENCE, EVIDENCE_LOST, Endpoint, Evidence, Needs, Outcome, Round, Supplies, run,
};
use super::state::{Active, State};
use crate::clock;
use crate::evidence::record::{FailureClass, Time};

/// Judges a review. Its answer counts once it is published.
///
/// # Errors
/// What is wrong with a body that is no AdmissionReview.
pub async fn admit(
    state: &Arc<State>,
    endpoint: Endpoint,
    body: Bytes,
) -> Result<Answered, String> {
    // One set for all rounds of a review, whatever is reloaded meanwhile.
    let active = state.active.load_full();
    let mut supplies = Arc::new(Supplies::default());
    for _ in 0..ROUNDS_MAX {
        match one_round(state, endpoint, &active, &supplies, &body).await {
            Outcome::Answered(answered) => return Ok(*answered),
            Outcome::Malformed(why) => {
                state.metrics.malformed.inc();
                return Err(why);
            }
            Outcome::Needs(needs) => match look_up(state, supplies, needs).await {
                Ok(more) => supplies = Arc::new(more),
                Err(why) => {
                    return Ok(give_up(state, endpoint, &body, FailureClass::LookUp, &why));
                }
            },
        }
    }
    let why = format!("it still needs look-ups after {ROUNDS_MAX} rounds");
    Ok(give_up(state, endpoint, &body, FailureClass::LookUp, &why))
}

/// Writes the records of an answer; what has no evidence may not go on. `start` is when the review was
/// there.
pub async fn publish(state: &State, answered: Answered, start: Instant) -> Answer {
    let Answered {
        mut answer,
        mut record,
        evidence,
    } = answered;
    if let Some(evidence) = evidence
        && let Err(why) = keep(state, &evidence).await
    {
        answer.audit_annotations.remove(EVIDENCE);
        if evidence.is_held && answer.allowed && state.evidence.denies() {
            let why = format!("there would be no record of it: {why}; try again");
            answer = Answer::denied(&answer.uid, Denial::internal(&why));
            record.deny_for_evidence(&why);
        }
        answer.annotate(EVIDENCE_LOST, ["true".to_owned()]);
    }
    record.publish(&state.metrics, start.elapsed());
    answer
}

async fn keep(state: &State, evidence: &Evidence) -> Result<(), String> {
    match &evidence.entry {
        Ok(entry) => {
            let written = state.evidence.put(entry.clone()).await;
            written.map_err(|error| error.to_string())
        }
        Err(error) => {
            state.metrics.count_record(false);
            tracing::error!(%error, "an evidence record is lost");
            Err(error.to_string())
        }
    }
}

/// Runs a round; large reviews away from the threads that serve connections. A panic is answered
/// like any other failure: the process lives on, and the review is denied.
async fn one_round(
    state: &Arc<State>,
    endpoint: Endpoint,
    active: &Arc<Active>,
    supplies: &Arc<Supplies>,
    body: &Bytes,
) -> Outcome {
    let (active, served) = (Arc::clone(active), Arc::clone(state));
    let (supplies, shared) = (Arc::clone(supplies), body.clone());
    let guarded = move || {
        let round = Round {
            endpoint,
            active: &active,
            cluster: served.cluster.as_deref(),
            supplies: &supplies,
            now: clock::now(),
            place: served.evidence.place(),
        };
        // Nothing that outlives the round is changed by it, so nothing is left half done.
        catch_unwind(AssertUnwindSafe(|| run(&round, &shared))).ok()
    };
    let outcome = if body.len() <= INLINE_BYTES_MAX {
        guarded()
    } else {
        tokio::task::spawn_blocking(guarded).await.ok().flatten()
    };
    outcome.unwrap_or_else(|| {
        state.metrics.panics.inc();
        let why = "the evaluation panicked; the log has the place, please report it";
        Outcome::Answered(Box::new(give_up(
            state,
            endpoint,
            body,
            FailureClass::Panic,
            why,
        )))
    })
}

/// A denial of a review about which nothing but its uid is known any more.
fn give_up(
    state: &State,
    endpoint: Endpoint,
    body: &[u8],
    class: FailureClass,
    why: &str,
) -> Answered {
    #[derive(Deserialize)]
    struct Review<'a> {
        #[serde(borrow)]
        request: Request<'a>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Request<'a> {
        #[serde(borrow)]
        uid: std::borrow::Cow<'a, str>,
        #[serde(default)]
        dry_run: bool,
    }
    let review: Option<Review<'_>> = serde_json::from_slice(body).ok();
    let (uid, is_dry_run) = review
        .map(|review| (review.request.uid.into_owned(), review.request.dry_run))
        .unwrap_or_default();
    let facts = Facts::of_uid(endpoint, &uid, class, why);
    let mut answer = match endpoint {
        Endpoint::End => Answer::allowed(&uid),
        Endpoint::Mutate | Endpoint::Validate => Answer::denied(&uid, Denial::internal(why)),
    };
    let active = state.active.load();
    let mut record = Record::of(&facts, &active);
    record.finish(&mut answer);
    let place = state.evidence.place().filter(|_| !is_dry_run);
    let evidence = place.map(|place| Evidence {
        entry: entry(&facts, &answer, &active, place, Time::new(clock::now())),
        is_held: false,
    });
    Answered::new(answer, record, evidence)
}

async fn look_up(state: &State, supplies: Arc<Supplies>, needs: Needs) -> Result<Supplies, String> {
    let Some(cluster) = &state.cluster else {
        return Err("there is no cluster to look it up in".to_owned());
    };
    // Nobody else holds them between rounds.
    let mut supplies = Arc::into_inner(supplies).unwrap_or_default();
    match needs {
        Needs::Namespace(name) => {
            let found = cluster.fetch_namespace(&name).await;
            supplies.namespace = Some(found.map_err(|error| error.to_string()));
        }
        Needs::ServiceAccount { namespace, name } => {
            let found = cluster.fetch_service_account(&namespace, &name).await;
            if let Err(error) = &found {
                tracing::warn!(%namespace, %name, %error, "a ServiceAccount could not be looked up");
            }
            supplies.account = Some(found.ok());
        }
        Needs::Access(questions) => {
            if supplies.answers.len() + questions.len() > QUESTIONS_MAX {
                return Err(format!(
                    "it asks more than {QUESTIONS_MAX} authorization questions"
                ));
            }
            for (question, answer) in cluster.access().ask(questions).await {
                let result = match &answer {
                    AccessAnswer::Decided { allowed: true, .. } => "allowed",
                    AccessAnswer::Decided { allowed: false, .. } => "refused",
                    AccessAnswer::Failed(_) | AccessAnswer::Unavailable(_) => "failed",
                };
                state
                    .metrics
                    .access_reviews
                    .get_or_create(&AccessLabels { result })
                    .inc();
                supplies.answers.insert(question, answer);
            }
        }
    }
    Ok(supplies)
}
