//! Where findings point, for policies of several styles.

use std::cell::RefCell;

use bumpalo::Bump;

use crate::authorizer::NoAuthorizer;
use crate::environment::Environment;
use crate::json::{Json, path_to};
use crate::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program, VariableValue};
use crate::types::Type;
use crate::value::Value;

const OBJECT: &str = r#"{
  "metadata": {"name": "web", "labels": {"app": "web", "team": "a"}, "annotations": {}},
  "spec": {
    "replicas": 3,
    "hostNetwork": true,
    "nested": {"enabled": false},
    "initContainers": [{"name": "init", "image": "docker.io/init"}],
    "containers": [
      {"name": "a", "image": "registry/a", "securityContext": {"privileged": false},
       "resources": {"limits": {"cpu": "1", "memory": "64Mi"}}, "ports": [{"port": 80}, {"port": 8080}]},
      {"name": "b", "image": "docker.io/b", "securityContext": {"privileged": true},
       "resources": {"limits": {"cpu": "4"}}, "ports": [{"port": 443}]},
      {"name": "c", "image": "docker.io/c"}
    ],
    "volumes": [{"name": "v1", "emptyDir": {}}, {"name": "v2", "hostPath": {"path": "/var/run"}}]
  }
}"#;
const OLD_OBJECT: &str = r#"{"metadata": {"name": "old", "labels": {"app": "old"}}}"#;
const PARAMS: &str = r#"{"maxReplicas": 2, "registries": ["registry/"], "names": ["x", "y"]}"#;

struct Variables<'a> {
    roots: Vec<Value<'a>>,
    programs: &'a [Program],
    arena: &'a Bump,
    known: RefCell<Vec<Option<&'a VariableValue<'a>>>>,
}

impl<'a> Activation<'a> for Variables<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        self.roots.get(slot).copied()
    }

    fn policy_variable(&self, index: usize) -> (&'a VariableValue<'a>, u64) {
        if let Some(value) = self.known.borrow()[index] {
            return (value, 0);
        }
        let outcome = self.programs[index].evaluate(&evaluator(self));
        let value = self.arena.alloc(outcome.value);
        self.known.borrow_mut()[index] = Some(value);
        (value, outcome.cost)
    }

    fn policy_variable_program(&self, index: usize) -> Option<&'a Program> {
        self.programs.get(index)
    }
}

fn evaluator<'a, 's>(variables: &'s Variables<'a>) -> Evaluator<'a, 's> {
    Evaluator {
        arena: variables.arena,
        activation: variables,
        authorizer: &NoAuthorizer,
        cost_max: COST_MAX_PER_CALL,
    }
}

/// The locations of an expression that is false or fails, as `object path`, with ` lacks key`
/// where something is missing.
fn locations(variables: &[(&str, &str)], expression: &str) -> Vec<String> {
    let mut environment = Environment::new(36);
    for name in ["object", "oldObject", "params"] {
        environment.declare(name, Type::Dyn);
    }
    environment.declare_policy_variables();
    let compile = |environment: &Environment, source: &str| match environment.compile(source) {
        Ok(program) => program,
        Err(errors) => panic!("{errors}"),
    };
    let mut programs = Vec::new();
    for (name, source) in variables {
        let program = compile(&environment, source);
        environment.declare_policy_variable(name, program.result_type().clone());
        programs.push(program);
    }
    let program = compile(&environment, expression);
    let arena = Bump::new();
    let roots: Vec<(&str, &Json<'_>)> = [
        ("object", OBJECT),
        ("oldObject", OLD_OBJECT),
        ("params", PARAMS),
    ]
    .into_iter()
    .map(|(name, text)| (name, Json::parse(text.as_bytes(), &arena).unwrap()))
    .collect();
    let activation = Variables {
        roots: roots.iter().map(|(_, root)| Value::Json(root)).collect(),
        programs: &programs,
        arena: &arena,
        known: RefCell::new(vec![None; programs.len()]),
    };
    let evaluator = evaluator(&activation);
    let outcome = program.evaluate(&evaluator);
    assert!(
        !matches!(outcome.value.map(Value::as_bool), Ok(Some(true))),
        "`{expression}` is true"
    );
    program
        .trace(&evaluator)
        .into_iter()
        .map(|location| {
            let (name, path) = roots
                .iter()
                .find_map(|(name, root)| Some((name, path_to(root, location.node)?)))
                .expect("every location is in an input object");
            match location.missing {
                Some(key) => format!("{name} {path} lacks {key}"),
                None => format!("{name} {path}"),
            }
        })
        .collect()
}

#[track_caller]
fn points_to(expression: &str, expected: &[&str]) {
    assert_eq!(locations(&[], expression), expected, "{expression}");
}

#[track_caller]
fn points_through(variables: &[(&str, &str)], expression: &str, expected: &[&str]) {
    assert_eq!(locations(variables, expression), expected, "{expression}");
}

#[test]
fn a_comparison_points_to_the_compared_field() {
    points_to("object.spec.replicas <= 2", &["object spec.replicas"]);
    points_to("2 >= object.spec.replicas", &["object spec.replicas"]);
    points_to("object.metadata.name == 'db'", &["object metadata.name"]);
    points_to(
        "object.spec.hostNetwork != true",
        &["object spec.hostNetwork"],
    );
    points_to("!object.spec.hostNetwork", &["object spec.hostNetwork"]);
    points_to(
        "object.spec.nested.enabled",
        &["object spec.nested.enabled"],
    );
    points_to(
        "object.metadata.labels['app'] == 'x'",
        &["object metadata.labels.app"],
    );
}

#[test]
fn a_comparison_of_two_objects_points_into_both() {
    points_to(
        "object.metadata.name == oldObject.metadata.name",
        &["object metadata.name", "oldObject metadata.name"],
    );
    points_to(
        "object.spec.replicas <= params.maxReplicas",
        &["object spec.replicas", "params maxReplicas"],
    );
}

#[test]
fn a_comparison_within_one_object_is_one_offence() {
    points_to(
        "object.metadata.name == object.metadata.labels.team",
        &["object metadata.name"],
    );
}

#[test]
fn text_functions_point_to_the_text() {
    points_to(
        "object.metadata.name.startsWith('db')",
        &["object metadata.name"],
    );
    points_to(
        "object.spec.containers[1].image.contains('registry')",
        &["object spec.containers[1].image"],
    );
    points_to(
        "object.metadata.name.lowerAscii().endsWith('x')",
        &["object metadata.name"],
    );
}

#[test]
fn absence_points_to_where_the_key_is_missing() {
    points_to(
        "has(object.spec.serviceAccountName)",
        &["object spec lacks serviceAccountName"],
    );
    points_to("has(object.status.phase)", &["object  lacks status"]);
    points_to("object.spec.missing == 1", &["object spec lacks missing"]);
    points_to(
        "object.metadata.labels['x/y'] == ''",
        &["object metadata.labels lacks x/y"],
    );
    points_to(
        "'x' in object.metadata.labels",
        &["object metadata.labels lacks x"],
    );
    points_to(
        "has(object.spec.a) && object.spec.a == 1",
        &["object spec lacks a"],
    );
}

#[test]
fn presence_that_is_forbidden_points_to_what_is_there() {
    points_to(
        "!has(object.spec.hostNetwork)",
        &["object spec.hostNetwork"],
    );
    points_to(
        "!('app' in object.metadata.labels)",
        &["object metadata.labels.app"],
    );
    points_to(
        "object.spec.volumes.all(v, !has(v.hostPath))",
        &["object spec.volumes[1].hostPath"],
    );
}

#[test]
fn all_points_into_each_failing_element() {
    points_to(
        "object.spec.containers.all(c, c.image.startsWith('registry/'))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
    points_to(
        "object.spec.containers.all(c, has(c.resources))",
        &["object spec.containers[2] lacks resources"],
    );
    points_to(
        "object.spec.containers.all(c, false)",
        &[
            "object spec.containers[0]",
            "object spec.containers[1]",
            "object spec.containers[2]",
        ],
    );
}

#[test]
fn guards_of_presence_do_not_count_beside_the_requirement() {
    points_to(
        "object.spec.containers.all(c, !has(c.securityContext) || c.securityContext.privileged != true)",
        &["object spec.containers[1].securityContext.privileged"],
    );
    points_to(
        "!has(object.spec.hostNetwork) || object.spec.hostNetwork == false",
        &["object spec.hostNetwork"],
    );
    points_to(
        "!(has(object.spec.hostNetwork) && object.spec.hostNetwork)",
        &["object spec.hostNetwork"],
    );
}

#[test]
fn nested_all_points_to_the_innermost_node() {
    points_to(
        "object.spec.containers.all(c, !has(c.ports) || c.ports.all(p, p.port > 1024))",
        &[
            "object spec.containers[0].ports[0].port",
            "object spec.containers[1].ports[0].port",
        ],
    );
}

#[test]
fn negated_exists_points_into_the_matching_elements() {
    points_to(
        "!object.spec.containers.exists(c, c.image.startsWith('docker.io/'))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
    points_to(
        "!object.spec.volumes.exists(v, has(v.hostPath) && v.hostPath.path.startsWith('/var'))",
        &["object spec.volumes[1].hostPath.path"],
    );
}

#[test]
fn exists_without_a_match_points_to_the_list() {
    points_to(
        "object.spec.containers.exists(c, c.name == 'proxy')",
        &["object spec.containers"],
    );
    points_to(
        "object.metadata.annotations.exists(k, k == 'owner')",
        &["object metadata.annotations"],
    );
}

#[test]
fn exists_one_points_to_the_matches_that_are_too_many() {
    points_to(
        "object.spec.containers.exists_one(c, c.image.startsWith('docker.io/'))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
}

#[test]
fn every_false_conjunct_counts() {
    points_to(
        "object.spec.replicas < 3 && object.metadata.name == 'web' && object.spec.hostNetwork == false",
        &["object spec.replicas", "object spec.hostNetwork"],
    );
}

#[test]
fn of_false_alternatives_the_last_counts() {
    points_to(
        "object.metadata.name == 'exempt' || object.spec.replicas <= 1",
        &["object spec.replicas"],
    );
    points_to(
        "object.spec.hostNetwork == false || 1 > 2",
        &["object spec.hostNetwork"],
    );
}

#[test]
fn the_taken_branch_counts() {
    points_to(
        "has(object.spec.replicas) ? object.spec.replicas < 2 : true",
        &["object spec.replicas"],
    );
    points_to(
        "has(object.spec.priority) ? true : false",
        &["object spec lacks priority"],
    );
    points_to(
        "(object.spec.hostNetwork ? object.spec.nested : object.metadata).enabled",
        &["object spec.nested.enabled"],
    );
}

#[test]
fn variables_are_looked_into() {
    points_through(
        &[("replicas", "object.spec.replicas")],
        "variables.replicas < 2",
        &["object spec.replicas"],
    );
    points_through(
        &[
            ("containers", "object.spec.containers"),
            (
                "fromRegistry",
                "variables.containers.all(c, c.image.startsWith('registry/'))",
            ),
        ],
        "variables.fromRegistry",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
    points_through(
        &[(
            "privileged",
            "object.spec.containers.filter(c, has(c.securityContext) && c.securityContext.privileged)",
        )],
        "variables.privileged.all(c, c.name == 'allowed')",
        &["object spec.containers[1].name"],
    );
}

#[test]
fn made_values_point_to_what_they_are_made_of() {
    points_to(
        "object.spec.containers.map(c, c.image).all(i, i.startsWith('registry/'))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
    points_to(
        "object.spec.containers.map(c, c.name.upperAscii()).all(n, n == 'A' || n == 'C')",
        &["object spec.containers[1].name"],
    );
    points_through(
        &[(
            "names",
            "object.spec.containers.map(c, c.name.upperAscii())",
        )],
        "variables.names.all(n, n != 'C')",
        &["object spec.containers[2].name"],
    );
    points_to(
        "{'a': object.spec.replicas}.a == 1",
        &["object spec.replicas"],
    );
}

#[test]
fn optional_selection_points_to_the_value_or_to_what_is_missing() {
    points_to(
        "object.?spec.?replicas.orValue(0) == 1",
        &["object spec.replicas"],
    );
    points_to(
        "object.?spec.?runtimeClassName.orValue('') == 'gvisor'",
        &["object spec lacks runtimeClassName"],
    );
    points_to(
        "object.spec.containers.all(c, c.?securityContext.?privileged.orValue(false) == false)",
        &["object spec.containers[1].securityContext.privileged"],
    );
    points_to(
        "object.spec.containers.all(c, c.?resources.?limits.?memory.orValue('') != '')",
        &[
            "object spec.containers[1].resources.limits lacks memory",
            "object spec.containers[2] lacks resources",
        ],
    );
    points_to(
        "object.?spec.?replicas.optMap(r, r == 1).orValue(true)",
        &["object spec.replicas"],
    );
}

#[test]
fn membership_points_to_the_element() {
    points_to(
        "object.metadata.name in ['a', 'b']",
        &["object metadata.name"],
    );
    points_to(
        "object.metadata.name in params.names",
        &["object metadata.name"],
    );
    points_to(
        "object.spec.containers.all(c, params.registries.exists(r, c.image.startsWith(r)))",
        &[
            "object spec.containers[1].image",
            "params registries",
            "object spec.containers[2].image",
        ],
    );
    points_to(
        "object.spec.containers.all(c, ['registry/', 'other/'].exists(r, c.image.startsWith(r)))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
        ],
    );
    points_to(
        "object.spec.containers.all(c, object.spec.volumes.exists(v, v.name == c.name))",
        &[
            "object spec.containers[0].name",
            "object spec.containers[1].name",
            "object spec.containers[2].name",
        ],
    );
}

#[test]
fn of_elements_that_fit_in_part_the_closest_counts() {
    points_to(
        "object.spec.containers.filter(c, c.name == 'b').all(c, [{'n': 'a', 'i': 'x'}, {'n': 'b', 'i': 'y'}].exists(o, o.n == c.name && o.i == c.image))",
        &["object spec.containers[1].image"],
    );
}

#[test]
fn map_keys_point_to_their_entries() {
    points_to(
        "object.metadata.labels.all(k, k.startsWith('a'))",
        &["object metadata.labels.team"],
    );
    points_to(
        "object.metadata.labels.all(k, v, v == 'web')",
        &["object metadata.labels.team"],
    );
    points_to(
        "object.spec.containers.all(i, c, c.name != 'b')",
        &["object spec.containers[1].name"],
    );
}

#[test]
fn the_index_of_an_item_is_no_place() {
    points_to(
        "object.spec.containers.all(i, c, i == 0 || has(c.securityContext))",
        &["object spec.containers[2] lacks securityContext"],
    );
    points_to(
        "object.spec.containers.all(i, c, i < 2)",
        &["object spec.containers[2]"],
    );
    points_to(
        "object.spec.containers.all(i, c, object.spec.containers[i].name != 'b')",
        &["object spec.containers[1].name"],
    );
    points_to(
        "lists.range(object.spec.containers.size()).all(i, object.spec.containers[i].name != 'b')",
        &["object spec.containers[1].name"],
    );
    points_to(
        "object.spec.containers.map(c, c.name.upperAscii()).all(i, n, n != 'B')",
        &["object spec.containers[1].name"],
    );
}

#[test]
fn comparisons_of_sets_point_to_the_items_that_decided() {
    points_to(
        "sets.contains(['a', 'b'], object.spec.containers.map(c, c.name))",
        &["object spec.containers[2].name"],
    );
    points_to(
        "!sets.intersects(object.spec.containers.map(c, c.name), ['b', 'x'])",
        &["object spec.containers[1].name"],
    );
    points_to(
        "sets.contains(object.spec.containers[0].ports, [{'port': 22}])",
        &["object spec.containers[0].ports"],
    );
    points_to(
        "sets.contains(params.names, object.spec.containers.map(c, c.name))",
        &[
            "object spec.containers[0].name",
            "object spec.containers[1].name",
            "object spec.containers[2].name",
        ],
    );
}

#[test]
fn an_error_points_to_what_failed() {
    points_to(
        "object.spec.containers.all(c, c.securityContext.privileged == false || c.name == 'b')",
        &["object spec.containers[2] lacks securityContext"],
    );
    points_to(
        "object.spec.replicas.startsWith('x')",
        &["object spec.replicas"],
    );
}

#[test]
fn what_a_filter_leaves_counts() {
    points_to(
        "object.spec.containers.filter(c, c.image.startsWith('docker.io/')).size() == 0",
        &["object spec.containers[1]", "object spec.containers[2]"],
    );
    points_to(
        "size(object.spec.containers.filter(c, c.name == 'proxy')) == 1",
        &["object spec.containers"],
    );
    points_to(
        "size(object.spec.containers) <= 2",
        &["object spec.containers"],
    );
    points_to(
        "object.spec.containers.map(c, c.name).size() == 2",
        &[
            "object spec.containers[0].name",
            "object spec.containers[1].name",
            "object spec.containers[2].name",
        ],
    );
}

#[test]
fn joined_lists_keep_their_nodes() {
    let all = (
        "all",
        "object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])",
    );
    points_through(
        &[all],
        "variables.all.all(c, c.image.startsWith('registry/'))",
        &[
            "object spec.containers[1].image",
            "object spec.containers[2].image",
            "object spec.initContainers[0].image",
        ],
    );
    points_through(
        &[
            all,
            (
                "bad",
                "variables.all.filter(c, !c.image.startsWith('registry/'))",
            ),
        ],
        "variables.bad.size() == 0",
        &[
            "object spec.containers[1]",
            "object spec.containers[2]",
            "object spec.initContainers[0]",
        ],
    );
    points_to(
        "(object.?spec.?ephemeralContainers.orValue([]) + object.spec.containers).all(c, c.name != 'c')",
        &["object spec.containers[2].name"],
    );
}

#[test]
fn quantities_point_to_the_text() {
    points_to(
        "object.spec.containers.all(c, !has(c.resources) || quantity(c.resources.limits.cpu).compareTo(quantity('2')) <= 0)",
        &["object spec.containers[1].resources.limits.cpu"],
    );
    points_to(
        "object.spec.containers.map(c, has(c.resources), quantity(c.resources.limits.cpu)).all(q, q.isLessThan(quantity('2')))",
        &["object spec.containers[1].resources.limits.cpu"],
    );
    points_to(
        "object.metadata.name.matches('^db-[0-9]+$')",
        &["object metadata.name"],
    );
}

#[test]
fn nothing_of_an_object_gives_no_location() {
    points_to("1 == 2", &[]);
    points_to("false", &[]);
}
