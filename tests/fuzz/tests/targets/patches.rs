use admission_cel::json::Json;
use admission_policy::patch::apply::apply_configuration;
use admission_policy::patch::schema::schema_of;
use admission_policy::patch::{Operation, apply_operations, difference};
use bumpalo::Bump;
use fuzz::fuzz;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Values with the keys that pointers and schemas name.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..4i64).prop_map(Value::from),
        "[a-c~/]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "metadata", "labels", "name", "spec", "template", "containers", "initContainers",
            "volumes", "env", "ports", "containerPort", "protocol", "value", "args", "resources",
            "limits", "cpu", "finalizers", "ownerReferences", "uid", "tolerations",
        ])
        .prop_map(str::to_owned),
        1 => "[a-c~/]{0,3}",
    ]
}

fn pointer() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        key().prop_map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        prop::sample::select(vec![
            "/0",
            "/1",
            "/-",
            "/-1",
            "/99999999999999999999",
            "/~2",
            "/"
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        9 => prop::collection::vec(step, 0..5).prop_map(|steps| steps.concat()),
        1 => any::<String>(),
    ]
}

type Step = (u8, String, String, Value);

fn operation<'a>((kind, path, from, value): &Step, arena: &'a Bump) -> Operation<'a> {
    let (path, from) = (path.clone(), from.clone());
    let value = Json::from_serde(value, arena);
    match kind {
        0 => Operation::Add { path, value },
        1 => Operation::Remove { path },
        2 => Operation::Replace { path, value },
        3 => Operation::Move { from, path },
        4 => Operation::Copy { from, path },
        _ => Operation::Test {
            path,
            value: Some(value),
        },
    }
}

#[test]
fn operations_apply_or_fail_and_differences_lead_from_one_object_to_the_other() {
    let steps = prop::collection::vec((0..6u8, pointer(), pointer(), value()), 0..12);
    fuzz("operations", 400, (value(), steps), |(target, steps)| {
        let arena = Bump::new();
        let target = &*arena.alloc(Json::from_serde(target, &arena));
        let operations: Vec<Operation<'_>> =
            steps.iter().map(|step| operation(step, &arena)).collect();
        let Ok(result) = apply_operations(target, &operations, &arena) else {
            return Ok(());
        };
        let back = difference(target, result);
        match apply_operations(target, &back, &arena) {
            Ok(again) if again == result => Ok(()),
            Ok(again) => Err(format!("{back:?} leads to {again}, not {result}")),
            Err(error) => Err(format!("{back:?} does not apply: {error}")),
        }
    });
}

#[test]
fn apply_configurations_merge_or_fail_and_merging_twice_changes_nothing_more() {
    let object = (value(), value(), value()).prop_map(
        |(metadata, spec, other)| json!({"metadata": metadata, "spec": spec, "a": other}),
    );
    let configuration =
        (value(), value()).prop_map(|(metadata, spec)| json!({"metadata": metadata, "spec": spec}));
    let pod = schema_of("", "v1", "Pod").expect("Pods have a schema");
    let job = schema_of("batch", "v1", "Job").expect("Jobs have a schema");
    let input = (object, configuration);
    fuzz("configurations", 400, input, |(object, configuration)| {
        for schema in [pod, job] {
            let arena = Bump::new();
            let object = &*arena.alloc(Json::from_serde(object, &arena));
            let configuration = &*arena.alloc(Json::from_serde(configuration, &arena));
            let Ok(merged) = apply_configuration(schema, object, configuration, &arena) else {
                continue;
            };
            match apply_configuration(schema, merged, configuration, &arena) {
                Ok(again) if again == merged => {}
                Ok(again) => return Err(format!("{merged}, then {again}")),
                Err(error) => return Err(format!("{merged}, then {error}")),
            }
        }
        Ok(())
    });
}
