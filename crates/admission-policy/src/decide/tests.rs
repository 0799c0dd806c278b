use super::*;
use crate::finding::{Actions, Root};

fn finding(verdict: Verdict) -> Finding {
    Finding {
        policy: "p".into(),
        binding: "b".into(),
        validation: Some(0),
        verdict,
        root: Root::Object,
        path: None,
        reason: "Invalid".to_owned(),
        message: "no".to_owned(),
        remediation: None,
        exception: None,
    }
}

fn evaluation(actions: Actions, ignores_errors: bool, verdict: Verdict) -> Evaluation {
    Evaluation {
        policies: vec![PolicyEvaluation {
            policy: "p".into(),
            binding: "b".into(),
            actions,
            ignores_errors,
            param: None,
            verdicts: vec![verdict.clone()],
            findings: vec![finding(verdict)],
            audit_annotations: Vec::new(),
        }],
    }
}

const DENY: Actions = Actions {
    deny: true,
    warn: false,
    audit: true,
};
const WARN: Actions = Actions {
    deny: false,
    warn: true,
    audit: false,
};
const AUDIT: Actions = Actions {
    deny: false,
    warn: false,
    audit: true,
};

/// How the one finding is treated.
fn treated(evaluation: &Evaluation, mode: Mode, action: Option<PolicyAction>) -> Mode {
    let limits = Limits {
        mode,
        actions: action
            .map(|action| ("p".to_owned(), action))
            .into_iter()
            .collect(),
    };
    let decision = decide(evaluation, &limits);
    assert_eq!(decision.allowed(), decision.denials.is_empty());
    match (
        decision.denials.len(),
        decision.warnings.len(),
        decision.recorded.len(),
    ) {
        (1, 0, 0) => Mode::Enforce,
        (0, 1, 0) => Mode::Warn,
        (0, 0, 1) => Mode::Audit,
        counts => panic!("one finding was counted as {counts:?}"),
    }
}

#[test]
fn the_bindings_actions_decide_under_the_cap_of_mode_and_baseline() {
    use Mode::{Audit, Enforce, Warn};
    #[rustfmt::skip]
    let table = [
        (DENY,  Enforce, None, Enforce),
        (DENY,  Warn,    None, Warn),
        (DENY,  Audit,   None, Audit),
        (WARN,  Enforce, None, Warn),
        (WARN,  Audit,   None, Audit),
        (AUDIT, Enforce, None, Audit),
        (DENY,  Enforce, Some(PolicyAction::Deny),  Enforce),
        (DENY,  Enforce, Some(PolicyAction::Warn),  Warn),
        (DENY,  Enforce, Some(PolicyAction::Audit), Audit),
        (AUDIT, Enforce, Some(PolicyAction::Deny),  Audit),
        (DENY,  Warn,    Some(PolicyAction::Deny),  Warn),
    ];
    for (actions, mode, action, expected) in table {
        let failed = evaluation(actions, false, Verdict::Fail);
        assert_eq!(
            treated(&failed, mode, action),
            expected,
            "{actions:?} {mode:?} {action:?}"
        );
    }
}

#[test]
fn errors_deny_unless_the_policy_ignores_them() {
    let error = Verdict::Error("no such key: x".to_owned());
    let fails = evaluation(DENY, false, error.clone());
    let ignores = evaluation(DENY, true, error);
    assert_eq!(treated(&fails, Mode::Enforce, None), Mode::Enforce);
    assert_eq!(treated(&ignores, Mode::Enforce, None), Mode::Audit);
}

#[test]
fn a_violation_denies_even_when_errors_are_ignored() {
    let failed = evaluation(DENY, true, Verdict::Fail);
    assert_eq!(treated(&failed, Mode::Enforce, None), Mode::Enforce);
}

#[test]
fn what_is_not_evaluated_is_at_most_a_warning() {
    let unknown = Verdict::NotEvaluated("namespace `x` is not known".to_owned());
    let denying = evaluation(DENY, false, unknown.clone());
    assert_eq!(treated(&denying, Mode::Enforce, None), Mode::Warn);
    let auditing = evaluation(AUDIT, false, unknown);
    assert_eq!(treated(&auditing, Mode::Enforce, None), Mode::Audit);
}
