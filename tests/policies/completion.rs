//! What completing an object must always keep: a second time changes nothing, and what this build
//! does not know survives.

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::json::Json;
use admission_cel::value::Timestamp;
use admission_policy::context::Namespace;
use admission_policy::decide::Mode;
use admission_policy::exception::Exceptions;
use bumpalo::Bump;
use cattlegrid::audit::kinds::Kinds;
use cattlegrid::audit::normalise::normalise;
use cattlegrid::audit::request::creation;
use cattlegrid::judge::{Rules, Stage, Surroundings, complete, judge};
use cattlegrid::load;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

use crate::generated;

/// The shipped rules.
pub fn rules() -> Rules {
    Rules {
        set: load::compile(&load::embedded_policies()).unwrap(),
        baseline: load::baseline(&load::embedded_baseline().unwrap()).unwrap(),
        exceptions: Exceptions::default(),
        mode: Mode::Enforce,
    }
}

/// What comes of an object that is created in a namespace that enforces.
pub struct Completed {
    /// The object as it would be stored.
    pub object: Value,
    /// Why it could not be completed.
    pub failures: Vec<String>,
    /// What validation then says about it.
    pub denials: Vec<String>,
}

/// Creates an object: defaults, `/mutate`, defaults again, `/validate`.
pub fn create(rules: &Rules, object: &Value, new_id: &dyn Fn() -> String) -> Completed {
    let arena = Bump::new();
    let namespace = namespace(&arena);
    let params = rules.baseline.as_params(&arena).unwrap();
    let surroundings = Surroundings {
        namespace,
        params: &params,
        authorizer: &NoAuthorizer,
        new_id,
        now: Timestamp::utc(0, 0),
    };
    let submitted = filled(object, &arena);
    let resource = {
        let text = |key| {
            submitted
                .get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
        };
        let group = text("apiVersion")
            .split_once('/')
            .map_or("", |(group, _)| group);
        Kinds::default().resource(group, text("kind")).unwrap()
    };
    let request = creation(submitted, resource, "agents", &arena);
    let completion = complete(rules, &request, &surroundings, &arena).unwrap();
    let completed = serde_json::to_value(completion.object.unwrap()).unwrap();
    let stored = filled(&completed, &arena);
    let request = creation(stored, resource, "agents", &arena);
    let judgement = judge(rules, &request, Stage::Completed, &surroundings, &arena).unwrap();
    let lines = judgement
        .decision()
        .denials
        .into_iter()
        .map(cattlegrid::message::line)
        .collect();
    Completed {
        object: serde_json::to_value(stored).unwrap(),
        failures: completion
            .failures
            .iter()
            .map(cattlegrid::message::line)
            .collect(),
        denials: lines,
    }
}

fn filled<'a>(object: &Value, arena: &'a Bump) -> &'a Json<'a> {
    normalise(arena.alloc(Json::from_serde(object, arena)), arena)
}

fn namespace(arena: &Bump) -> Namespace<'_> {
    let object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "agents", "labels": {
            "kubernetes.io/metadata.name": "agents",
            "cattlegrid.dev/agents": "enforce",
        }},
    });
    Namespace::Known(arena.alloc(Json::from_serde(&object, arena)))
}

fn one_id() -> String {
    "01935a00-0000-7000-8000-000000000001".to_owned()
}

fn another_id() -> String {
    "01935a00-0000-7000-8000-000000000002".to_owned()
}

fn config() -> Config {
    Config {
        cases: 256,
        failure_persistence: None,
        ..Config::default()
    }
}

#[test]
fn completing_twice_is_completing_once() {
    let rules = rules();
    proptest!(config(), |(object in generated::workload())| {
        let once = create(&rules, &object, &one_id).object;
        let twice = create(&rules, &once, &another_id).object;
        prop_assert_eq!(once, twice);
    });
}

#[test]
fn fields_that_nobody_here_knows_survive() {
    let rules = rules();
    proptest!(config(), |(object in generated::workload())| {
        let completed = create(&rules, &object, &one_id).object;
        for (pointer, value) in generated::unknown_fields(&object) {
            prop_assert_eq!(completed.pointer(&pointer), Some(&value), "{}", pointer);
        }
    });
}

#[test]
fn the_investigation_is_the_same_on_a_job_and_its_template_and_in_every_container() {
    let rules = rules();
    proptest!(config(), |(object in generated::workload())| {
        let completed = create(&rules, &object, &one_id).object;
        if completed["kind"] == "CronJob" {
            return Ok(());
        }
        let label = "/metadata/labels/cattlegrid.dev~1investigation";
        let id = completed.pointer(label);
        prop_assert!(id.is_some());
        let (template, spec) = match completed["kind"].as_str() {
            Some("Job") => (&completed["spec"]["template"], &completed["spec"]["template"]["spec"]),
            _ => (&completed, &completed["spec"]),
        };
        prop_assert_eq!(template.pointer(label), id);
        for list in ["initContainers", "containers"] {
            for container in spec[list].as_array().into_iter().flatten() {
                let names = container["env"].as_array().into_iter().flatten().map(|v| &v["name"]);
                let count = names.filter(|name| **name == "CATTLEGRID_INVESTIGATION").count();
                prop_assert_eq!(count, 1, "{}", container);
            }
        }
    });
}

#[test]
fn an_agent_that_asks_for_nothing_special_is_completed_to_something_that_is_admitted() {
    let rules = rules();
    proptest!(config(), |(object in generated::modest_workload())| {
        let completed = create(&rules, &object, &one_id);
        prop_assert!(completed.failures.is_empty(), "{:?}", completed.failures);
        // Who makes a Pod is not up to the Pod.
        let is_shape = |line: &&String| object["kind"] == "Pod" && line.starts_with("[invocation-shape]");
        let denials: Vec<&String> = completed.denials.iter().filter(|line| !is_shape(line)).collect();
        prop_assert!(denials.is_empty(), "{denials:?}\n{}", completed.object);
    });
}
