//! What manifests are judged by and with, put together in one order for every command that judges
//! them: inputs, policies, what the inputs and a cluster say of the cluster, and the rest of the rules.

use std::path::{Path, PathBuf};

use admission_cel::value::Timestamp;
use admission_policy::decide::Mode;
use admission_policy::set::PolicySet;
use anyhow::Result;
use bumpalo::Bump;
use clap::{Args, ValueEnum};

use super::cluster::{Cluster, ClusterArguments, Scope};
use super::inputs::{Inputs, RenderArguments, find_and_render};
use super::known::{Background, Known, context_kinds};
use super::objects;
use super::outcome::Outcome;
use super::params::ParamsArgs;
use crate::baseline::Baseline;
use crate::judge::Rules;
use crate::load::{self, Source};
use crate::{clock, exceptions};

/// Where objects are that name no namespace, as kubectl has it.
const DEFAULT_NAMESPACE: &str = "default";

/// Headings of the help.
pub(crate) const RULES: &str = "Rules";
pub(crate) const CONTEXT: &str = "What admission would know";
const CLUSTERS: &str = "Clusters";

/// By which rules to judge, and what admission would know.
#[derive(Args, Clone, Debug)]
pub(crate) struct BasisArguments {
    #[command(flatten)]
    render: RenderArguments,
    /// AgentBaseline to judge and to complete workloads by [default: the one in the input, otherwise
    /// the embedded one]
    #[arg(long, value_name = "FILE", help_heading = RULES)]
    baseline: Option<PathBuf>,
    /// Directory with policies and bindings [default: the embedded set]
    #[arg(long, value_name = "DIR", help_heading = RULES)]
    policies: Option<PathBuf>,
    #[command(flatten, next_help_heading = RULES)]
    params: ParamsArgs,
    /// Namespace of objects that name none [default: default]; of a cluster or a log, the only one to
    /// look at
    #[arg(short, long, value_name = "NAME", help_heading = CONTEXT)]
    pub namespace: Option<String>,
    /// Take namespaces that the input does not define for agent namespaces in this mode
    #[arg(long, value_name = "MODE", help_heading = CONTEXT)]
    assume_agents: Option<AssumedMode>,
    #[command(flatten, next_help_heading = CLUSTERS)]
    cluster: ClusterArguments,
}

/// The mode of namespaces that the input does not define.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AssumedMode {
    Audit,
    Warn,
    Enforce,
}

impl AssumedMode {
    /// The value of the namespace's label.
    fn label(self) -> &'static str {
        match self {
            AssumedMode::Audit => "audit",
            AssumedMode::Warn => "warn",
            AssumedMode::Enforce => "enforce",
        }
    }
}

/// The rules, and what is known besides the object that is judged.
#[derive(Debug)]
pub(crate) struct Basis {
    pub rules: Rules,
    /// What cannot be used of the exceptions.
    pub problems: Vec<String>,
    /// The files of the input, and objects of the cluster, that say something about the cluster.
    context: Vec<Source>,
    /// Files that hold parameter objects besides, of which nothing is judged.
    params: Vec<Source>,
}

/// What stands beside the rules that a [`Basis`] is made of.
#[derive(Debug, Default)]
pub(crate) struct Beside<'b> {
    /// The AgentBaseline; that of the context, or else the embedded one, without it.
    pub baseline: Option<&'b Path>,
    /// PolicyExceptions besides those of the context.
    pub exceptions: &'b [PathBuf],
    /// Files with parameter objects.
    pub params: Vec<Source>,
}

impl Basis {
    /// Reads what else the rules consist of.
    ///
    /// # Errors
    /// What cannot be read or used.
    pub fn new(set: PolicySet, context: Vec<Source>, beside: Beside<'_>) -> Result<Self> {
        let files = beside.exceptions.iter();
        let files: Vec<Source> = files
            .map(|file| load::read_source(file))
            .collect::<Result<_, _>>()?;
        let exceptions = exceptions::of_input(&files, &context);
        let rules = Rules {
            baseline: baseline(beside.baseline, &context)?,
            set,
            exceptions: exceptions.exceptions,
            mode: Mode::Enforce,
        };
        Ok(Self {
            rules,
            problems: exceptions.problems,
            context,
            params: beside.params,
        })
    }

    /// What is known of the cluster. Objects that name no namespace are in `namespace`, and namespaces
    /// that are not defined are agents' in the assumed mode; `is_anybody_named` says whether the user
    /// told who sends the objects.
    ///
    /// # Errors
    /// When the baseline or a file with parameters cannot be read.
    pub fn known<'k>(
        &'k self,
        namespace: &'k str,
        assumed: Option<AssumedMode>,
        is_anybody_named: bool,
        arena: &'k Bump,
    ) -> Result<Known<'k>> {
        let background = Background {
            context: &self.context,
            params: &self.params,
            rules: &self.rules,
            assumed_label: assumed.map(AssumedMode::label),
            namespace,
            is_anybody_named,
        };
        Known::learn(&background, arena).map_err(anyhow::Error::msg)
    }
}

/// The baseline of a file, or else the one in the input, or else the embedded one.
fn baseline(file: Option<&Path>, inputs: &[Source]) -> Result<Baseline> {
    if let Some(file) = file {
        return Ok(load::baseline(&load::read_source(file)?)?);
    }
    let in_input = inputs
        .iter()
        .find(|source| objects::holds_baseline(&source.text));
    match in_input {
        Some(source) => Ok(load::baseline(source)?),
        None => Ok(load::baseline(&load::embedded_baseline()?)?),
    }
}

/// Everything that a command needs before it judges anything.
pub(crate) struct Gathered<'g> {
    pub inputs: Inputs,
    pub cluster: Option<Cluster>,
    pub basis: Basis,
    /// What of the cluster may not be read.
    pub unread: Vec<Outcome>,
    /// Which objects of the cluster are judged; `None` where something else is, and the cluster only
    /// says what surrounds it.
    pub own: Option<Scope<'g>>,
    pub now: Timestamp,
    /// Where objects are that name no namespace.
    pub namespace: &'g str,
    assumed: Option<AssumedMode>,
}

impl BasisArguments {
    /// Finds the inputs below `paths`, and gathers what they are judged by. `has_others` says whether
    /// something is judged that is neither of an input nor of the cluster.
    ///
    /// # Errors
    /// When the rules or the cluster cannot be used.
    pub fn gather(
        &self,
        paths: &[&[PathBuf]],
        exceptions: &[PathBuf],
        has_others: bool,
    ) -> Result<Gathered<'_>> {
        let namespace = self.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        let now = clock::now();
        // Compiling takes about as long as finding thousands of files.
        let (inputs, set) = rayon::join(
            || find_and_render(&paths.concat(), &self.render, namespace),
            || set(self.policies.as_deref()),
        );
        let cluster = self.cluster.connect()?;
        let set = set?;
        let mut context = inputs.context(&context_kinds(&set));
        let scope = Scope {
            namespace: self.namespace.as_deref(),
            now,
        };
        let is_cluster_judged = cluster.is_some() && !has_others && inputs.files.is_empty();
        let own = is_cluster_judged.then_some(scope);
        let knowledge = cluster.as_ref();
        let knowledge = knowledge.map(|cluster| cluster.knowledge(&set, &context, own));
        let knowledge = knowledge.unwrap_or_default();
        context.extend(knowledge.sources);
        let beside = Beside {
            baseline: self.baseline.as_deref(),
            exceptions,
            params: self.params.sources(self.policies.as_deref())?,
        };
        Ok(Gathered {
            inputs,
            cluster,
            basis: Basis::new(set, context, beside)?,
            unread: knowledge.problems,
            own,
            now,
            namespace,
            assumed: self.assume_agents,
        })
    }
}

impl Gathered<'_> {
    /// As [`Basis::known`].
    ///
    /// # Errors
    /// As of [`Basis::known`].
    pub fn known<'k>(&'k self, is_anybody_named: bool, arena: &'k Bump) -> Result<Known<'k>> {
        self.basis
            .known(self.namespace, self.assumed, is_anybody_named, arena)
    }
}

/// The policies of a directory, or else the embedded ones.
fn set(directory: Option<&Path>) -> Result<PolicySet> {
    let policies = match directory {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    Ok(load::compile(&policies)?)
}
