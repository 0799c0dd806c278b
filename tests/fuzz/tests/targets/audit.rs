//! Files through the whole audit: read, taken for context, judged, and told of in every format.

use std::io;

use admission_policy::decide::Mode;
use bumpalo::Bump;
use cattlegrid::audit::examine::{Examiner, Settings};
use cattlegrid::audit::inputs::Input;
use cattlegrid::audit::known::{Background, Known};
use cattlegrid::audit::outcome::Severity;
use cattlegrid::audit::render::{About, FORMATS};
use cattlegrid::audit::requester::Requester;
use cattlegrid::audit::summary::{Summary, Threshold};
use cattlegrid::exceptions;
use cattlegrid::judge::{Rules, Stage};
use cattlegrid::load::{self, Source};
use fuzz::corpus::{examples, manifests};
use fuzz::fuzz;
use fuzz::mutate::mutated;

/// Objects of the kinds whose reading has most to decide, small.
const SMALL: &[&str] = &[
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {cattlegrid.dev/agents: enforce}}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers: [{name: agent, image: r.example/a:1, env: [{name: A, value: 'b'}]}]\n      volumes: [{name: n, hostPath: {path: /run}}]\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"default\", \"labels\": {\"cattlegrid.dev/agents\": \"warn\"}}}, {\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}, \"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"i\", \"securityContext\": {\"privileged\": true}}]}}]}\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {cattlegrid.dev/agents: audit}}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {schedule: '@hourly', jobTemplate: {spec: {template: {spec: &s {containers: &c [{name: a, image: b, resources: {limits: {memory: 1Gi, cpu: '1'}}}], initContainers: *c}}}}}\n",
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {cattlegrid.dev/agents: enforce}}\n---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Container, default: {memory: 64Mi}, max: {cpu: 1}}]}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: agent-shadow}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: ['*'], resources: [trustphases], verbs: [use], resourceNames: [shadow]}]\n",
    "apiVersion: cattlegrid.dev/v1alpha1\nkind: PolicyException\nmetadata: {name: e}\nspec: {policies: [host-paths], namespaces: [default], owner: a@b.c, reason: r, expires: '2027-03-31T00:00:00Z'}\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: agents.example.com}\nspec: {group: example.com, scope: Namespaced, names: {plural: agents, kind: Agent}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, default: {}}}}]}\n---\napiVersion: example.com/v1\nkind: Agent\nmetadata: {name: a}\n",
];

/// Longer texts are tried in parts: thousands of inputs a minute find more than few long ones.
const TEXT_BYTES_MAX: usize = 4000;

fn rules() -> Rules {
    let set = load::compile(&load::embedded_policies()).expect("the policies compile");
    let baseline = load::embedded_baseline().expect("there is a baseline");
    Rules {
        set,
        baseline: load::baseline(&baseline).expect("the baseline is valid"),
        exceptions: exceptions::of_files(&[]).exceptions,
        mode: Mode::Enforce,
    }
}

fn audit(text: &str, rules: &mut Rules) {
    let source = Source {
        name: "fuzz.yaml".to_owned(),
        text: text.to_owned(),
    };
    let context = [source.clone()];
    rules.exceptions = exceptions::of_input(&[], &context).exceptions;
    let arena = Bump::new();
    let background = Background {
        context: &context,
        params: &[],
        rules,
        assumed_label: None,
        namespace: "default",
        is_anybody_named: true,
    };
    let Ok(known) = Known::learn(&background, &arena) else {
        return;
    };
    let requester = Requester::new("somebody", &["developers".to_owned()]);
    let examiner = Examiner {
        rules,
        known: &known,
        rights: None,
        settings: Settings {
            namespace: "default",
            now: cattlegrid::clock::now(),
            shows_mutations: true,
            describes_workloads: false,
            requester: &requester,
            stage: Stage::Submitted,
        },
    };
    let judged = examiner.input(&Input::Text(source));
    let about = About {
        set: &rules.set,
        now: examiner.settings.now,
        threshold: Threshold {
            fail_on: Severity::Deny,
            strict: true,
        },
    };
    let mut summary = Summary::new(0);
    judged
        .outcomes
        .iter()
        .for_each(|outcome| summary.add(outcome));
    for format in FORMATS {
        let mut renderer = (format.renderer)(&about, false);
        for outcome in &judged.outcomes {
            let written = renderer.add(outcome, &mut io::sink());
            written.expect("a sink takes everything");
        }
        let written = renderer.finish(&summary, &mut io::sink());
        written.expect("a sink takes everything");
    }
}

#[test]
fn mutated_files_are_judged_or_refused() {
    let mut corpus = examples().expect("the repository is readable");
    corpus.extend(manifests().expect("the repository is readable"));
    corpus.retain(|text| text.len() < TEXT_BYTES_MAX);
    // Small ones are tried as often as all others together.
    for _ in 0..=corpus.len() / SMALL.len() {
        corpus.extend(SMALL.iter().map(|text| (*text).to_owned()));
    }
    let rules = std::cell::RefCell::new(rules());
    fuzz("audit", 100, mutated(corpus), |text| {
        audit(text, &mut rules.borrow_mut());
        Ok(())
    });
}
