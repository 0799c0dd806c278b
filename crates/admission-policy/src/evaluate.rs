//! Judging a request, as `pkg/admission/plugin/policy/validating/{dispatcher,validator}.go` of
//! `k8s.io/apiserver` do it, except that nothing ends with the first refusal.

mod annotations;
mod locate;
mod messages;

use std::sync::Arc;

use bumpalo::Bump;

use crate::conditions::{Conditions, match_conditions};
use crate::context::Context;
use crate::finding::{Actions, Evaluation, Finding, PolicyEvaluation, Root, Verdict};
use crate::invocation::{ConfigurationError, Invocation, invocations, param_name};
use crate::matching::Matches;
use crate::pass::{Budget, COST_BUDGET, Failure, Inputs, Memories, Memory, OutOfBudget, Pass};
use crate::request::Request;
use crate::set::PolicySet;
use crate::set::compiled::{Definition, ValidatingPolicy, Validation};

/// The reason of findings that no validation gives one, as `metav1.StatusReasonInvalid`.
const INVALID: &str = "Invalid";

/// Judges a request by every policy that matches it. Policies for which `skip` says yes (the
/// baseline's `off`) are left out.
pub fn evaluate<'a>(
    set: &'a PolicySet,
    request: &Request<'a>,
    context: &Context<'a, '_>,
    skip: &dyn Fn(&str) -> bool,
    arena: &'a Bump,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut matches = Matches::default();
    let mut memories = Memories::new(set.validating_shared());
    for policy in set.validating_candidates(request) {
        let definition = &policy.definition;
        if skip(&definition.name) {
            continue;
        }
        let bindings = &policy.bindings;
        let called = invocations(definition, bindings, request, context, &mut matches);
        for invocation in called.invocations {
            let call = Call {
                policy,
                memory: memories.of(request.object, invocation.param, arena),
                invocation,
                request,
                context,
                arena,
            };
            call.evaluate(&mut evaluation.policies);
        }
        for error in called.errors {
            evaluation
                .policies
                .push(configuration_error(definition, error));
        }
    }
    evaluation
}

/// One policy, called through one binding with one parameter object.
struct Call<'a, 'c> {
    policy: &'a ValidatingPolicy,
    memory: &'a Memory<'a>,
    invocation: Invocation<'a>,
    request: &'c Request<'a>,
    context: &'c Context<'a, 'c>,
    arena: &'a Bump,
}

impl<'a> Call<'a, '_> {
    fn evaluate(&self, evaluations: &mut Vec<PolicyEvaluation>) {
        let definition = &self.policy.definition;
        let inputs = Inputs::new(
            definition,
            self.request,
            self.context,
            self.invocation.param,
            self.arena,
        );
        let authorizer = self.context.authorizer;
        match match_conditions(definition, &inputs, self.memory, authorizer, self.arena) {
            Conditions::Hold => {}
            Conditions::Exclude => return evaluations.push(self.evaluation()),
            Conditions::Failed(Failure::Unknown(why)) => {
                return self.judge_if(&why, &inputs, evaluations);
            }
            Conditions::Failed(failure) => return evaluations.push(self.failed(failure)),
        }
        match self.invocation.unsettled {
            Some(why) => self.judge_if(why, &inputs, evaluations),
            None => self.judge(&inputs, evaluations),
        }
    }

    /// Judges what is judged only if something holds that nobody knows: what passes passes either
    /// way, anything else is not evaluated.
    #[cold]
    fn judge_if(&self, why: &str, inputs: &Inputs<'a>, evaluations: &mut Vec<PolicyEvaluation>) {
        let mut judged = Vec::new();
        self.judge(inputs, &mut judged);
        let passes = judged.iter().all(|evaluation| {
            let mut verdicts = evaluation.verdicts.iter();
            evaluation.findings.is_empty() && verdicts.all(|verdict| *verdict == Verdict::Pass)
        });
        if passes {
            evaluations.push(self.evaluation());
        } else {
            evaluations.push(self.failed(Failure::Unknown(why.to_owned())));
        }
    }

    fn judge(&self, inputs: &Inputs<'a>, evaluations: &mut Vec<PolicyEvaluation>) {
        let definition = &self.policy.definition;
        let pass = Pass::new(
            inputs,
            &definition.variables,
            self.memory,
            self.context.authorizer,
            self.arena,
        );
        let mut evaluation = match self.validate(&pass) {
            Ok(evaluation) => evaluation,
            // Upstream stops here, before the audit annotations.
            Err(error) => return evaluations.push(self.failed(error.into())),
        };
        match self.annotate(&pass) {
            Ok(annotations) => {
                evaluation.audit_annotations = annotations.published;
                evaluations.push(evaluation);
                if !annotations.failures.is_empty() {
                    evaluations.push(self.annotation_errors(annotations.failures));
                }
            }
            // Upstream then answers with this error instead of what the validations said. Both are
            // kept: a refusal stays a refusal.
            Err(error) => {
                let failed = self.finding(None, Failure::from(error).into());
                evaluation.findings.push(failed);
                evaluations.push(evaluation);
            }
        }
    }

    fn validate(&self, pass: &Pass<'a, '_>) -> Result<PolicyEvaluation, OutOfBudget> {
        let mut evaluation = self.evaluation();
        let mut budget = Budget::new(COST_BUDGET);
        for validation in &self.policy.validations {
            let verdict = match pass.evaluate(&validation.program, &mut budget)? {
                Ok(value) if value.as_bool() == Some(true) => Verdict::Pass,
                Ok(_) => Verdict::Fail,
                Err(failure) => failure.into(),
            };
            evaluation.verdicts.push(verdict);
        }
        let messages = self.messages(pass, &evaluation.verdicts, budget);
        if let Err(error) = &messages {
            fail_all(&mut evaluation.verdicts, error);
        }
        if evaluation.verdicts.iter().any(|v| *v != Verdict::Pass) {
            let messages = messages.unwrap_or_default();
            evaluation.findings = self.findings(&evaluation.verdicts, &messages, pass);
        }
        Ok(evaluation)
    }

    #[cold]
    fn findings(
        &self,
        verdicts: &[Verdict],
        messages: &[Option<String>],
        pass: &Pass<'a, '_>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, (validation, verdict)) in
            self.policy.validations.iter().zip(verdicts).enumerate()
        {
            if *verdict == Verdict::Pass {
                continue;
            }
            let mut finding = self.finding(Some(index), verdict.clone());
            if *verdict == Verdict::Fail {
                let message = messages.get(index).and_then(Option::as_deref);
                finding.message = messages::native(validation, message);
                finding.reason.clone_from(&validation.reason);
            }
            self.place(finding, validation, pass, &mut findings);
        }
        findings
    }

    /// Adds a finding for each place that decided.
    fn place(
        &self,
        finding: Finding,
        validation: &'a Validation,
        pass: &Pass<'a, '_>,
        findings: &mut Vec<Finding>,
    ) {
        let places = locate::places(self.request, &pass.trace(&validation.program));
        if places.is_empty() {
            return findings.push(finding);
        }
        findings.extend(places.into_iter().map(|(root, path)| Finding {
            root,
            path: Some(path),
            ..finding.clone()
        }));
    }

    fn evaluation(&self) -> PolicyEvaluation {
        PolicyEvaluation {
            policy: Arc::clone(&self.policy.definition.name),
            binding: Arc::clone(&self.invocation.binding.name),
            actions: self.invocation.binding.actions,
            ignores_errors: self.policy.definition.ignores_errors,
            param: self
                .invocation
                .param
                .and_then(param_name)
                .map(str::to_owned),
            verdicts: Vec::new(),
            findings: Vec::new(),
            audit_annotations: Vec::new(),
        }
    }

    #[cold]
    fn failed(&self, failure: Failure) -> PolicyEvaluation {
        PolicyEvaluation {
            findings: vec![self.finding(None, failure.into())],
            ..self.evaluation()
        }
    }

    /// Errors of audit annotations deny whatever the binding's actions say, as upstream has it.
    #[cold]
    fn annotation_errors(&self, failures: Vec<Failure>) -> PolicyEvaluation {
        PolicyEvaluation {
            actions: Actions {
                deny: true,
                ..self.invocation.binding.actions
            },
            findings: failures
                .into_iter()
                .map(|failure| self.finding(None, failure.into()))
                .collect(),
            ..self.evaluation()
        }
    }

    fn finding(&self, validation: Option<usize>, verdict: Verdict) -> Finding {
        let binding = Arc::clone(&self.invocation.binding.name);
        finding(&self.policy.definition, binding, validation, verdict)
    }
}

/// Running out of budget in messages fails every validation that did not fail by itself, those that
/// passed included.
#[cold]
fn fail_all(verdicts: &mut [Verdict], error: &OutOfBudget) {
    for verdict in verdicts {
        if matches!(verdict, Verdict::Pass | Verdict::Fail) {
            *verdict = Verdict::Error(format!("failed messageExpression: {error}"));
        }
    }
}

#[cold]
fn configuration_error(definition: &Definition, error: ConfigurationError) -> PolicyEvaluation {
    PolicyEvaluation {
        policy: Arc::clone(&definition.name),
        binding: Arc::clone(&error.binding),
        actions: error.actions,
        ignores_errors: definition.ignores_errors,
        param: None,
        verdicts: Vec::new(),
        findings: vec![finding(definition, error.binding, None, error.verdict)],
        audit_annotations: Vec::new(),
    }
}

/// A finding of no place, whose message is the text of its verdict.
pub(crate) fn finding(
    definition: &Definition,
    binding: Arc<str>,
    validation: Option<usize>,
    verdict: Verdict,
) -> Finding {
    let message = match &verdict {
        Verdict::Pass | Verdict::Fail => String::new(),
        Verdict::Error(text) | Verdict::NotEvaluated(text) => text.clone(),
    };
    Finding {
        policy: Arc::clone(&definition.name),
        binding,
        validation,
        verdict,
        root: Root::Object,
        path: None,
        reason: INVALID.to_owned(),
        message,
        remediation: definition.remediation.clone(),
        exception: None,
    }
}

#[cfg(test)]
mod tests;
