//! What is measured.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::error::EvaluationError;
use admission_cel::json::Json;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program, VariableValue};
use admission_cel::types::Type;
use admission_cel::value::Value;
use admission_policy::set::PolicySet;
use anyhow::{Result, anyhow, bail};
use bumpalo::Bump;

use crate::measure::{Measured, measure};
use crate::policies::{PARSE_OPTIONS, Situation, compile};
use crate::repository::Repository;

/// Everything that can be measured, by name.
pub(crate) struct Cases<'r> {
    repository: &'r Repository,
    cases: BTreeMap<String, Case>,
}

enum Case {
    /// Bytes of a review to a tree.
    Parse,
    /// All validating policies, or one.
    Policies(PolicySet),
    Expression(Program),
}

impl<'r> Cases<'r> {
    /// Compiles all policies and expressions.
    ///
    /// # Errors
    /// What does not compile.
    pub(crate) fn compile(repository: &'r Repository) -> Result<Self> {
        let mut cases = BTreeMap::new();
        cases.insert("parse".to_owned(), Case::Parse);
        let set = compile(&repository.policies)?;
        cases.insert("policies".to_owned(), Case::Policies(set));
        let tree = Bump::new();
        let review = Json::parse_with(&repository.review, &tree, PARSE_OPTIONS)?;
        let baseline = tree.alloc(Json::from_serde(&repository.baseline, &tree));
        let situation = Situation::new(review, baseline, &tree)?;
        for folder in &repository.policies {
            let set = compile([folder])?;
            // What judges other kinds of object is part of the whole set only.
            if situation.is_judged(&set, &tree) {
                cases.insert(format!("policy/{}", folder.name), Case::Policies(set));
            }
        }
        let mut environment = Environment::new(KUBERNETES_MINOR);
        environment.declare("object", Type::Dyn);
        environment.declare("params", Type::Dyn);
        for (name, source) in &repository.expressions {
            let program = environment
                .compile(source)
                .map_err(|errors| anyhow!("{name}: {errors}"))?;
            cases.insert(format!("expression/{name}"), Case::Expression(program));
        }
        Ok(Self { repository, cases })
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.cases.keys().map(String::as_str).collect()
    }

    /// Measures one case.
    ///
    /// # Errors
    /// There is no such case, or it does not give the value that it must.
    pub(crate) fn run(&self, name: &str, duration: Duration) -> Result<Measured> {
        let case = self
            .cases
            .get(name)
            .ok_or_else(|| anyhow!("no case `{name}`"))?;
        let tree = Bump::new();
        let review = Json::parse_with(&self.repository.review, &tree, PARSE_OPTIONS)?;
        let baseline = tree.alloc(Json::from_serde(&self.repository.baseline, &tree));
        let situation = Situation::new(review, baseline, &tree)?;
        let mut arena = Bump::new();
        Ok(match case {
            Case::Parse => measure(duration, || {
                arena.reset();
                let _ = black_box(Json::parse_with(
                    &self.repository.review,
                    &arena,
                    PARSE_OPTIONS,
                ));
            }),
            Case::Policies(set) => {
                situation.judge(set, &arena)?;
                measure(duration, || {
                    arena.reset();
                    let _ = black_box(situation.judge(set, &arena));
                })
            }
            Case::Expression(program) => {
                let inputs = Inputs([situation.object(), situation.baseline()]);
                if inputs.evaluate(program, &arena) != Some(true) {
                    bail!("`{}` must be true", program.source());
                }
                measure(duration, || {
                    arena.reset();
                    black_box(inputs.evaluate(program, &arena));
                })
            }
        })
    }
}

/// `object` and `params`.
struct Inputs<'a>([&'a Json<'a>; 2]);

impl<'a> Inputs<'a> {
    fn evaluate<'e>(&self, program: &'e Program, arena: &'e Bump) -> Option<bool>
    where
        'a: 'e,
    {
        let evaluator = Evaluator {
            arena,
            activation: &Inputs(self.0),
            authorizer: &NoAuthorizer,
            cost_max: COST_MAX_PER_CALL,
        };
        let value = program.evaluate(&evaluator).value;
        value.ok().and_then(Value::as_bool)
    }
}

impl<'a> Activation<'a> for Inputs<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        self.0.get(slot).map(|node| Value::Json(node))
    }

    fn policy_variable(&self, _: usize) -> (&'a VariableValue<'a>, u64) {
        (&Err(EvaluationError::NoSuchAttribute("variables")), 0)
    }
}
