//! `cattlegrid generate namespace`: everything that one agent namespace consists of.
//!
//! The objects are those of `manifests/rbac`, which are complete by themselves; here they get a
//! name, the phases that the namespace may run, and the endpoints that agents may reach.

use std::path::PathBuf;

use serde_json::{Value, json};

use self::egress::Egress;
use self::grant::Grant;
use self::templates::Templates;
use super::GenerateError;
use crate::baseline::Baseline;
use crate::labels::{AGENTS, MAX_PHASE};
use crate::load;

mod egress;
mod grant;
mod profiles;
mod templates;

/// The API group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
/// The phase of agents that name none.
const LEAST_PHASE: &str = "shadow";

/// Options of `cattlegrid generate namespace`.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Name of the namespace
    name: String,

    /// The highest trust phase that agents may run in there
    #[arg(long, value_name = "PHASE", default_value = LEAST_PHASE)]
    max_phase: String,

    /// What happens to objects that break a rule
    #[arg(long, value_name = "MODE", default_value = "enforce", value_parser = ["enforce", "warn", "audit"])]
    mode: String,

    /// How many agents may run at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    concurrent: u16,

    /// What agents may reach, such as 10.20.0.0/16:443; behind PHASE= for one phase only. May be
    /// given several times
    #[arg(long, value_name = "[PHASE=]CIDR[:PORT]")]
    egress: Vec<Egress>,

    /// A group that may start agents, up to a phase [default: shadow]. May be given several times
    #[arg(long, value_name = "GROUP[=PHASE]")]
    runners: Vec<Grant>,

    /// File with the AgentBaseline, whose phases and profiles are used [default: the shipped one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Prints the objects on standard output.
///
/// # Errors
/// [`GenerateError`].
pub fn run(options: &Options) -> Result<(), GenerateError> {
    let source = match &options.baseline {
        Some(file) => load::read_source(file)?,
        None => load::embedded_baseline()?,
    };
    let baseline = load::baseline(&source)?;
    let text = super::yaml(&objects(options, &baseline)?)?;
    super::print(&text)
}

/// The objects of one agent namespace: the Namespace, what closes it, then each phase from the least
/// trusted to `max_phase`, then who may start agents.
///
/// # Errors
/// When the namespace's name is none, or a phase is named that the baseline does not have.
pub fn objects(options: &Options, baseline: &Baseline) -> Result<Vec<Value>, GenerateError> {
    check_name(&options.name)?;
    let spec = baseline.value().map_err(GenerateError::Options)?;
    let spec = spec.get("spec").cloned().unwrap_or_default();
    let phases = Phases::of(&spec);
    let admitted = phases.up_to(&options.max_phase)?;
    let templates = Templates::embedded()?;
    let mut objects = templates.namespace();
    for object in &mut objects {
        settle(object, options, &spec)?;
    }
    for phase in &admitted {
        objects.extend(templates.phase(phase, &phases.names_above(LEAST_PHASE)));
    }
    for egress in &options.egress {
        if let Some(phase) = &egress.phase {
            let admitted: Vec<&str> = admitted.iter().map(String::as_str).collect();
            require(&admitted, phase, "--egress", &options.max_phase)?;
        }
        objects.iter_mut().for_each(|object| egress.open(object));
    }
    for grant in &options.runners {
        let phase = grant.phase.as_deref().unwrap_or(LEAST_PHASE);
        let granted = phases.up_to(phase)?;
        let admitted: Vec<&str> = admitted.iter().map(String::as_str).collect();
        require(&admitted, phase, "--runners", &options.max_phase)?;
        objects.extend(grant.bindings(&granted));
    }
    for object in &mut objects {
        move_to(object, &options.name);
    }
    Ok(objects)
}

/// What applies to the namespace as a whole.
fn settle(object: &mut Value, options: &Options, spec: &Value) -> Result<(), GenerateError> {
    let kind = object
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match kind {
        "Namespace" => {
            set(
                object,
                &["metadata", "labels", AGENTS],
                options.mode.as_str().into(),
            );
            set(
                object,
                &["metadata", "labels", MAX_PHASE],
                options.max_phase.as_str().into(),
            );
        }
        "ResourceQuota" => {
            let jobs = u32::from(options.concurrent).saturating_mul(10);
            set(
                object,
                &["spec", "hard", "pods"],
                options.concurrent.to_string().into(),
            );
            set(
                object,
                &["spec", "hard", "count/jobs.batch"],
                jobs.to_string().into(),
            );
        }
        "LimitRange" => {
            let limits = json!([{"type": "Pod", "max": profiles::largest(spec)}]);
            set(object, &["spec", "limits"], limits);
        }
        _ => {}
    }
    Ok(())
}

/// The phases of a baseline, from the least trusted.
struct Phases(Vec<String>);

impl Phases {
    fn of(spec: &Value) -> Self {
        let phases = spec.get("phases").and_then(Value::as_object);
        let rank = |settings: &Value| settings.get("rank").and_then(Value::as_i64).unwrap_or(0);
        let mut ranked: Vec<(i64, &String)> = phases
            .into_iter()
            .flatten()
            .map(|(name, settings)| (rank(settings), name))
            .collect();
        ranked.sort();
        Self(ranked.into_iter().map(|(_, name)| name.clone()).collect())
    }

    /// The phases from the least trusted to `phase`.
    fn up_to(&self, phase: &str) -> Result<Vec<String>, GenerateError> {
        match self.0.iter().position(|name| name == phase) {
            Some(last) => Ok(self.0.iter().take(last + 1).cloned().collect()),
            None => Err(GenerateError::Options(format!(
                "the baseline has no phase `{phase}`; it has {}",
                self.0.join(", ")
            ))),
        }
    }

    fn names_above(&self, phase: &str) -> Vec<&str> {
        self.0
            .iter()
            .map(String::as_str)
            .filter(|name| *name != phase)
            .collect()
    }
}

fn require(
    admitted: &[&str],
    phase: &str,
    option: &str,
    max_phase: &str,
) -> Result<(), GenerateError> {
    if admitted.contains(&phase) {
        return Ok(());
    }
    Err(GenerateError::Options(format!(
        "{option} names phase `{phase}`, which the namespace does not run (--max-phase \
         {max_phase}); use one of {}",
        admitted.join(", ")
    )))
}

/// A namespace's name is a DNS label (`ValidateNamespaceName` in
/// `k8s.io/apimachinery/pkg/api/validation`).
fn check_name(name: &str) -> Result<(), GenerateError> {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_label = (1..=63).contains(&name.len())
        && name.chars().all(is_inner)
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_label {
        return Ok(());
    }
    Err(GenerateError::Options(format!(
        "`{name}` is no name of a namespace: use lower-case letters, digits and hyphens, at most 63"
    )))
}

/// Puts an object, and the accounts that it names, into the namespace.
fn move_to(object: &mut Value, namespace: &str) {
    let is_namespace = object.get("kind").is_some_and(|kind| kind == "Namespace");
    let key = if is_namespace { "name" } else { "namespace" };
    set(object, &["metadata", key], namespace.into());
    let subjects = object.get_mut("subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten() {
        if subject.get("namespace").is_some() {
            set(subject, &["namespace"], namespace.into());
        }
    }
}

/// Sets a member deep in an object; members on the way must exist.
fn set(object: &mut Value, path: &[&str], value: Value) {
    let Some((last, way)) = path.split_last() else {
        return;
    };
    let parent = way
        .iter()
        .try_fold(object, |object, key| object.get_mut(*key));
    if let Some(members) = parent.and_then(Value::as_object_mut) {
        members.insert((*last).to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
