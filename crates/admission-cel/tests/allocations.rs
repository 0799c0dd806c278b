//! Evaluating a validation that builds no value allocates nothing, neither on the heap nor in the
//! arena. In a test binary of its own, since it replaces the allocator by one that counts.

// Whatever is unexpected ends the test.
#![allow(clippy::panic)]

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::json::Json;
use admission_cel::program::{
    Activation, COST_MAX_PER_CALL, Evaluator, Outcome, Program, VariableValue,
};
use admission_cel::types::Type;
use admission_cel::value::Value;
use bumpalo::Bump;
use serde_json::json;

struct Inputs<'a>(&'a VariableValue<'a>);

impl<'a> Activation<'a> for Inputs<'a> {
    fn variable(&self, _slot: usize) -> Option<Value<'a>> {
        self.0.ok()
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (self.0, 0)
    }
}

const BUILD_NO_VALUE: &[&str] = &[
    "true",
    "object.spec.backoffLimit == 0",
    "has(object.metadata.labels) && !has(object.metadata.ownerReferences)",
    "object.metadata.labels['cattlegrid.dev/phase'] in ['shadow', 'read-only']",
    "'cattlegrid.dev/phase' in object.metadata.labels",
    "(object.kind == 'Pod' ? object.spec : object.spec.template.spec).restartPolicy == 'Never'",
    "object.spec.activeDeadlineSeconds * 2 + 60 <= 1860",
    "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
    "object.spec.template.spec.containers.all(c, c.image.matches('^[a-z./]+@sha256:[a-f0-9]+$'))",
    "object.spec.template.spec.containers.exists(c, c.name == 'agent')",
    "object.spec.template.spec.containers.exists_one(c, c.name == 'agent')",
    "object.spec.template.spec.containers.all(c, c.env.all(e, !has(e.valueFrom)))",
    "object.spec.template.spec.containers.all(i, c, i < 2 && c.env.size() < 4)",
    "object.metadata.labels.all(k, k.size() < 64 && object.metadata.labels[k].size() < 64)",
    "object.spec == object.spec && object.metadata.labels != object.spec",
    "object.missing == 1 || object.kind == 'Job'",
    "object.?spec.?missing.orValue(0) == 0",
    "!object.?spec.?missing.hasValue()",
    "double(object.spec.activeDeadlineSeconds) > 1.5",
    "type(object.kind) == string",
    "object.kind.contains('ob') && object.kind.endsWith('b') && object.kind < 'Pod'",
    "variables.podSpec.kind == 'Job'",
];

/// What optionals and quantities hold goes to the arena; the heap is left alone once the arena has
/// its size.
const BUILD_VALUES_IN_THE_ARENA: &[&str] = &[
    "object.?spec.?backoffLimit.orValue(1) == 0",
    "object.spec.template.spec.containers.all(c, \
     quantity(c.resources.limits.memory).isLessThan(quantity('4Gi')))",
    "object.spec.template.spec.containers.map(c, c.name) == ['agent', 'tools']",
    "object.spec.template.spec.containers.filter(c, has(c.env)).size() == 2",
    "object.kind + '/' + object.metadata.name == 'Job/triage'",
];

fn with_programs(sources: &[&'static str], test: impl Fn(&Program, &serde_json::Value)) {
    let object = json!({
        "kind": "Job",
        "metadata": {"name": "triage", "labels": {"cattlegrid.dev/phase": "shadow"}},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": 900,
            "template": {"spec": {"restartPolicy": "Never", "containers": [
                {
                    "name": "agent",
                    "image": "registry.example.com/agent@sha256:9f2c5d8a",
                    "env": [{"name": "MODEL", "value": "large"}],
                    "resources": {"limits": {"memory": "2Gi"}},
                },
                {
                    "name": "tools",
                    "image": "registry.example.com/tools@sha256:9f2c5d8a",
                    "env": [],
                    "resources": {"limits": {"memory": "512Mi"}},
                },
            ]}},
        },
    });
    let mut environment = Environment::new(KUBERNETES_MINOR);
    environment.declare("object", Type::Dyn);
    environment.declare_policy_variables();
    environment.declare_policy_variable("podSpec", Type::Dyn);
    for source in sources {
        let program = environment
            .compile(source)
            .unwrap_or_else(|errors| panic!("{source}: {errors}"));
        test(&program, &object);
    }
}

fn evaluate<'a>(program: &'a Program, inputs: &Inputs<'a>, arena: &'a Bump) -> Outcome<'a> {
    program.evaluate(&Evaluator {
        arena,
        activation: inputs,
        authorizer: &NoAuthorizer,
        cost_max: COST_MAX_PER_CALL,
    })
}

/// Heap allocations of an evaluation that must give `true`.
fn allocations<'a>(program: &'a Program, inputs: &Inputs<'a>, arena: &'a Bump) -> u64 {
    let mut passes = false;
    let counted = allocation_counter::measure(|| {
        let value = evaluate(program, inputs, arena).value;
        passes = value.ok().and_then(Value::as_bool) == Some(true);
    });
    assert!(passes, "`{}` must be true", program.source());
    counted.count_total
}

#[test]
fn a_passing_validation_that_builds_no_value_allocates_nothing() {
    with_programs(BUILD_NO_VALUE, |program, object| {
        let tree = Bump::new();
        let object = Value::Json(tree.alloc(Json::from_serde(object, &tree)));
        let inputs = Inputs(tree.alloc(Ok(object)));
        // The first use of a pattern builds the caches of its automaton.
        evaluate(program, &inputs, &Bump::new());
        let arena = Bump::new();
        assert_eq!(
            allocations(program, &inputs, &arena),
            0,
            "{}",
            program.source()
        );
        assert_eq!(arena.allocated_bytes(), 0, "{}", program.source());
    });
}

#[test]
fn values_are_built_in_the_arena() {
    with_programs(BUILD_VALUES_IN_THE_ARENA, |program, object| {
        let tree = Bump::new();
        let object = Value::Json(tree.alloc(Json::from_serde(object, &tree)));
        let inputs = Inputs(tree.alloc(Ok(object)));
        let arena = Bump::with_capacity(4096);
        assert_eq!(
            allocations(program, &inputs, &arena),
            0,
            "{}",
            program.source()
        );
    });
}
