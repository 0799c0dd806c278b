//! Updates of which nobody knows the object before, as in an audit log.

use super::*;

const WHY: &str = "the log does not hold it";

/// An update to a Pod that has a host network.
fn update() -> World {
    let mut world = World::creating(pod());
    world.operation = Operation::Update;
    world.old_object_unknown = Some(WHY);
    world
}

#[test]
fn what_rests_on_the_old_object_is_not_evaluated_unless_it_passes_either_way() {
    let changed = "object.spec != oldObject.spec";
    #[rustfmt::skip]
    let table = [
        // Whether it is judged is not known.
        (changed, "object.spec.hostNetwork == true", None),
        (changed, "object.spec.hostNetwork == false", Some(WHY)),
        // It is judged in any case.
        ("true", "object.spec.hostNetwork == true", None),
        ("true || object.spec != oldObject.spec", "object.spec.hostNetwork == false",
         Some("failed expression: object.spec.hostNetwork == false")),
        // It is not judged in any case.
        ("false && object.spec != oldObject.spec", "false", None),
        // The rule itself rests on it.
        ("true", "object.spec == oldObject.spec", Some(WHY)),
        ("true", "oldObject == null || true", None),
    ];
    for (condition, expression, expected) in table {
        let mut spec = validation(json!({"expression": expression}));
        spec["matchConditions"] = json!([{"name": "changed", "expression": condition}]);
        let evaluation = judged(spec, &update());
        let found: Vec<&str> = evaluation
            .findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{condition} {expression}");
        let is_open = evaluation
            .findings
            .iter()
            .any(|finding| matches!(finding.verdict, Verdict::NotEvaluated(_)));
        assert_eq!(is_open, expected == Some(WHY), "{condition} {expression}");
    }
}

#[test]
fn a_selector_for_objects_may_have_selected_the_old_one() {
    for (labels, passes, expected) in [
        (
            json!({"team": "a"}),
            false,
            vec!["failed expression: false"],
        ),
        (json!({"team": "b"}), false, vec![WHY]),
        (json!({"team": "b"}), true, vec![]),
    ] {
        let spec = validation(json!({"expression": passes.to_string()}));
        let selected = json!({"matchResources": {"objectSelector": {"matchLabels": labels}}});
        let set = set_of(&[policy(spec), binding(selected)]);
        let evaluation = update().judge(&set);
        assert_eq!(messages(&evaluation), expected, "{labels} {passes}");
    }
}
