//! `cattlegrid policy export`: the policies as objects that an API server enforces by itself.
//!
//! What stands in the files stays as it is; the baseline's actions become `validationActions`. What
//! an API server cannot do by itself is said in comments at the top.

use std::path::PathBuf;

use serde_json::Value;

use self::version::Version;
use crate::baseline::Baseline;
use crate::generate::{GenerateError, print, yaml};
use crate::load::{self, Source};

mod actions;
mod fuse;
mod objects;
mod remarks;
#[cfg(test)]
mod tests;
mod version;

/// Options of `cattlegrid policy export`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Print objects for `kubectl apply`, which the API server enforces without a webhook
    #[arg(long, required = true)]
    native: bool,

    /// Kubernetes version of the API server, 1.30 to 1.36
    #[arg(
        id = "for",
        long = "for",
        value_name = "VERSION",
        default_value = "1.36"
    )]
    version: Version,

    /// Directory of policies and bindings [default: the shipped set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,

    /// File with the AgentBaseline, whose actions are applied [default: the shipped one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// File with PolicyExceptions, to say which policies they would have to be switched off for. May
    /// be given several times
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,

    /// Merge policies that match alike: the API server converts the object again for every policy
    #[arg(long)]
    fused: bool,
}

/// Prints the objects on standard output.
///
/// # Errors
/// [`GenerateError`].
pub fn run(arguments: &Arguments) -> Result<(), GenerateError> {
    let policies = match &arguments.policies {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    let baseline = match &arguments.baseline {
        Some(file) => load::read_source(file)?,
        None => load::embedded_baseline()?,
    };
    let baseline = load::baseline(&baseline)?;
    let mut exceptions = Vec::new();
    for file in &arguments.exceptions {
        exceptions.push(load::read_source(file)?);
    }
    let choice = Choice {
        version: arguments.version,
        is_fused: arguments.fused,
    };
    let text = export(&policies, &baseline, &exceptions, choice)?;
    print(&text)
}

/// How to export.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The API server's version.
    pub version: Version,
    /// Whether policies that match alike are merged.
    pub is_fused: bool,
}

/// Policies, bindings, baseline and its definition as YAML, with remarks in front.
///
/// # Errors
/// When the sources do not compile.
pub fn export(
    policies: &[Source],
    baseline: &Baseline,
    exceptions: &[Source],
    choice: Choice,
) -> Result<String, GenerateError> {
    let set = load::compile(policies)?;
    let mut remarks = remarks::Remarks::new(baseline, &set, exceptions)?;
    let mut bound = objects::read(policies)?;
    actions::apply(&mut bound, baseline, &mut remarks);
    choice.version.restrict(&mut bound, &mut remarks);
    if choice.is_fused {
        fuse::fuse(&mut bound, &mut remarks);
    }
    let mut objects: Vec<Value> = Vec::new();
    for source in load::embedded_definitions() {
        objects.extend(load::values(&source)?);
    }
    objects.push(baseline.value().map_err(GenerateError::Options)?);
    objects.extend(bound.into_iter().flat_map(objects::Bound::into_objects));
    let header = remarks.text(choice.version, set.digest());
    Ok(format!("{header}{}", yaml(&objects)?))
}
