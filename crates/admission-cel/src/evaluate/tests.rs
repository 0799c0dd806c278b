//! Values, error texts and costs, as cel-go gives them for the same expressions.

use bumpalo::Bump;

use crate::authorizer::NoAuthorizer;
use crate::environment::Environment;
use crate::error::EvaluationError;
use crate::json::Json;
use crate::program::{Activation, COST_MAX_PER_CALL, Evaluator, Outcome, VariableValue};
use crate::types::Type;
use crate::value::Value;

const OBJECT: &str = r#"{
  "name": "web", "flag": true, "count": 3, "ratio": 0.5, "nothing": null,
  "labels": {"app": "web"}, "list": [3, 1, 2],
  "items": [{"name": "a", "on": true}, {"name": "b", "on": false}, {"name": "c"}],
  "empty": []
}"#;

struct OneObject<'a>(&'a Json<'a>);

impl<'a> Activation<'a> for OneObject<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        (slot == 0).then_some(Value::Json(self.0))
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (&Err(EvaluationError::NoSuchOverload), 0)
    }
}

/// Compiles an expression about `object`, evaluates it and hands over the outcome.
fn with_outcome<T>(
    expression: &str,
    cost_max: u64,
    check: impl FnOnce(Result<Outcome<'_>, String>, &Bump) -> T,
) -> T {
    let mut environment = Environment::new(36);
    environment.declare("object", Type::Dyn);
    environment.declare_mutation_types();
    let arena = Bump::new();
    let program = match environment.compile(expression) {
        Ok(program) => program,
        Err(errors) => return check(Err(errors.to_string()), &arena),
    };
    let object = OneObject(Json::parse(OBJECT.as_bytes(), &arena).unwrap());
    let outcome = program.evaluate(&Evaluator {
        arena: &arena,
        activation: &object,
        authorizer: &NoAuthorizer,
        cost_max,
    });
    check(Ok(outcome), &arena)
}

/// A value with its types, in the form in which the oracle prints it.
fn text(value: Value<'_>) -> String {
    match value.plain() {
        Value::Bool(flag) => format!("bool:{flag}"),
        Value::Int(integer) => format!("int:{integer}"),
        Value::String(text) => format!("string:{text:?}"),
        Value::Null => "null".to_owned(),
        Value::Struct(object) => {
            let fields: Vec<_> = object
                .fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", text(*value)))
                .collect();
            format!("{}{{{}}}", object.type_name, fields.join(", "))
        }
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional.of({})", text(*inner)),
        other => {
            if let Some(list) = other.as_list() {
                let items: Vec<_> = list.iter().map(text).collect();
                format!("list:[{}]", items.join(", "))
            } else if let Some(map) = other.as_map() {
                let entries: Vec<_> = map
                    .iter()
                    .map(|(key, value)| format!("{}: {}", text(key), text(value)))
                    .collect();
                format!("map:{{{}}}", entries.join(", "))
            } else {
                panic!("no expression of this test gives {other:?}")
            }
        }
    }
}

#[track_caller]
fn check_rows(rows: &[(&str, &str, u64)]) {
    for (expression, expected, cost) in rows {
        let found = with_outcome(expression, COST_MAX_PER_CALL, |outcome, _| match outcome {
            Ok(outcome) => {
                let value = match outcome.value {
                    Ok(value) => text(value),
                    Err(error) => format!("error: {error}"),
                };
                (value, outcome.cost)
            }
            Err(errors) => (errors, 0),
        });
        assert_eq!(found, ((*expected).to_owned(), *cost), "`{expression}`");
    }
}

#[test]
fn selections_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        ("object.count", "int:3", 2),
        ("object.missing", "error: no such key: missing", 2),
        ("object.count.x", "error: no such key: x", 3),
        ("object.nothing.x", "error: no such key: x", 3),
        ("object.list[1]", "int:1", 3),
        ("object.list[1.0]", "int:1", 3),
        ("object.list[1u]", "int:1", 3),
        (
            "object.list[0.5]",
            "error: unsupported index value 0.5 in list",
            3,
        ),
        ("object.list[9]", "error: index out of bounds: 9", 3),
        ("object.list[-1]", "error: index out of bounds: -1", 3),
        (
            r#"object.list["a"]"#,
            "error: unsupported index type 'string' in list",
            3,
        ),
        (r#"object.labels["app"]"#, r#"string:"web""#, 3),
        ("object.labels[object.name]", "error: no such key: web", 4),
        (
            "object[object.nothing]",
            "error: invalid qualifier type: <nil>",
            3,
        ),
        ("object[object.items[0].name]", "error: no such key: a", 5),
        (r#"{1: "x", 2: "y"}[dyn(2u)]"#, r#"string:"y""#, 2),
        (r#"{"a": {"b": 1}}.a.b"#, "int:1", 3),
        ("[[1, 2], [3]][1][0]", "int:3", 3),
    ]);
}

#[test]
fn presence_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        ("has(object.count)", "bool:true", 1),
        ("has(object.missing)", "bool:false", 1),
        ("has(object.missing.x)", "error: no such key: missing", 1),
        ("has(object.count.x)", "bool:false", 2),
        ("has(object.nothing.x)", "bool:false", 2),
        ("has(object.nothing)", "bool:true", 1),
        (
            "has((object.flag ? object.labels : {}).app)",
            "bool:true",
            3,
        ),
        (
            "has((object.flag ? object.missing : {}).app)",
            "error: no such key: missing",
            2,
        ),
        ("has(object.?labels.optMap(x, x).app)", "bool:true", 8),
        (
            "has((dyn(1) ? object : object).x)",
            "error: operation cancelled: actual cost limit exceeded",
            u64::MAX,
        ),
    ]);
}

#[test]
fn logic_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        ("true && object.missing", "error: no such key: missing", 2),
        ("false && object.missing", "bool:false", 0),
        ("object.missing && false", "bool:false", 2),
        ("object.missing || true", "bool:true", 2),
        (
            "object.missing || object.other",
            "error: no such key: missing",
            4,
        ),
        (
            "object.other && object.missing",
            "error: no such key: other",
            4,
        ),
        ("object.count && true", "error: no such overload", 2),
        ("object.count && false", "bool:false", 2),
        ("!object.flag", "bool:false", 3),
        ("!object.count", "error: no such overload", 3),
        ("object.flag ? object.count : object.missing", "int:3", 3),
        (
            "(object.flag ? object.labels : object).app",
            r#"string:"web""#,
            4,
        ),
        ("object.count ? 1 : 2", "error: no such overload", 2),
    ]);
}

#[test]
fn equality_and_membership_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        ("object.count == 3.0", "bool:true", 3),
        ("object.nothing == null", "bool:true", 3),
        ("object.name == 1", "bool:false", 3),
        ("object.list == [3.0, 1.0, 2.0]", "bool:true", 3),
        (r#"object.labels == {"app": "web"}"#, "bool:true", 3),
        ("object.missing == 1", "error: no such key: missing", 3),
        (r#""app" in object.labels"#, "bool:true", 3),
        (r#"object.name in ["web", "db"]"#, "bool:true", 2),
        ("object.name in object.items", "bool:false", 5),
        ("2u in object.list", "bool:true", 3),
        ("object.missing in []", "bool:false", 0),
        ("null in [null]", "bool:true", 1),
        (r#""a" in object.name"#, "error: no such overload", 3),
    ]);
}

#[test]
fn macros_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        (r#"object.items.all(i, i.name != "")"#, "bool:true", 18),
        (r#"object.items.all(i, i.name == "a")"#, "bool:false", 17),
        ("object.items.all(i, i.on)", "bool:false", 15),
        (
            "object.items.all(i, i.missing)",
            "error: no such key: missing",
            18,
        ),
        (r#"object.items.exists(i, i.name == "b")"#, "bool:true", 20),
        (
            "object.items.exists(i, i.missing)",
            "error: no such key: missing",
            21,
        ),
        (
            r#"object.items.exists_one(i, i.name == "b")"#,
            "bool:true",
            15,
        ),
        (
            "object.items.exists_one(i, i.on)",
            "error: no such key: on",
            12,
        ),
        (
            "object.items.map(i, i.name)",
            r#"list:[string:"a", string:"b", string:"c"]"#,
            45,
        ),
        ("object.items.map(i, 1)", "list:[int:1, int:1, int:1]", 9),
        (
            "object.items.map(i, has(i.on), i.on)",
            "list:[bool:true, bool:false]",
            34,
        ),
        ("object.items.map(i, i.on)", "error: no such key: on", 45),
        (
            "object.items.filter(i, has(i.on)).map(i, i.name)",
            r#"list:[string:"a", string:"b"]"#,
            61,
        ),
        ("object.items.filter(i, i.on)", "error: no such key: on", 22),
        ("object.empty.all(i, false)", "bool:true", 3),
        ("object.empty.exists(i, true)", "bool:false", 3),
        (r#"object.labels.all(k, k == "app")"#, "bool:true", 8),
        (r#"object.labels.exists(k, v, v == "web")"#, "bool:true", 9),
        (r#"object.items.all(n, i, i.name != "b")"#, "bool:false", 17),
        (
            "object.count.all(i, true)",
            "error: got 'types.Int', expected iterable type",
            2,
        ),
        (
            "object.count.all(i, v, true)",
            "error: unsupported comprehension range type: types.Int",
            2,
        ),
        (
            "object.list.transformList(i, v, v == 1, i)",
            "list:[int:1]",
            22,
        ),
        (
            "object.list.transformMap(i, v, v)",
            "map:{int:0: int:3, int:1: int:1, int:2: int:2}",
            15,
        ),
        (
            "object.items.transformMapEntry(i, v, {v.name: i})",
            r#"map:{string:"a": int:0, string:"b": int:1, string:"c": int:2}"#,
            108,
        ),
        (
            r#"object.items.transformMapEntry(i, v, {"same": i})"#,
            "error: insert failed: key same already exists",
            102,
        ),
        (
            r#"["a", "b"].map(x, ["a", "c"].filter(y, x == y))"#,
            r#"list:[list:[string:"a"], list:[]]"#,
            52,
        ),
    ]);
}

#[test]
fn optionals_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        ("object.?missing.x", "optional.none()", 1),
        ("object.?labels.app", r#"optional.of(string:"web")"#, 3),
        (
            r#"object.?labels["app"]"#,
            r#"optional.of(string:"web")"#,
            3,
        ),
        ("object.?count.x", "optional.none()", 2),
        ("object.list[?9]", "optional.none()", 2),
        ("object.?missing.orValue(7)", "int:7", 1),
        ("object.?missing.or(object.?count)", "optional.of(int:3)", 3),
        (
            "object.?count.optMap(x, x == 3)",
            "optional.of(bool:true)",
            9,
        ),
        (
            "object.?count.optMap(x, [x, x])",
            "optional.of(list:[int:3, int:3])",
            19,
        ),
        ("object.?count.optMap(x, 5)", "optional.of(int:5)", 4),
        ("object.?missing.optMap(x, x)", "optional.none()", 3),
        (
            "object.?items.optFlatMap(x, x[?0])",
            r#"optional.of(map:{string:"name": string:"a", string:"on": bool:true})"#,
            8,
        ),
        ("object.?count.optMap(x, x.y)", "error: no such key: y", 9),
        (
            "has({?'a': object.?name.optMap(x, ip('::1'))}.a)",
            "error: unsupported conversion to ref.Val: (netip.Addr)::1",
            36,
        ),
        (
            "(object.flag ? object.?count.optMap(x, [optional.of(x)]) : optional.none())[0]",
            "optional.of(optional.of(int:3))",
            22,
        ),
    ]);
}

#[test]
fn literals_give_values_errors_and_costs_of_cel_go() {
    check_rows(&[
        (
            "[dyn(1), ?object.?missing, ?object.?count].exists(x, x == 3)",
            "bool:true",
            26,
        ),
        (
            r#"{"a": dyn(1), ?"b": object.?missing, ?"c": object.?count}.all(k, k != "b")"#,
            "bool:true",
            44,
        ),
        (
            r#"{"a": [dyn(1)], "b": [object.count]}"#,
            r#"map:{string:"a": list:[int:1], string:"b": list:[int:3]}"#,
            42,
        ),
        (
            r#"{"a": dyn(1), "a": object.count}"#,
            r#"map:{string:"a": int:3}"#,
            32,
        ),
        ("[object.missing]", "error: no such key: missing", 12),
    ]);
}

#[test]
fn typed_objects_leave_out_what_is_absent() {
    let rows = [
        (
            "Object{spec: Object.spec{replicas: 1 + object.count, ?x: object.?missing}}",
            "Object{spec: Object.spec{replicas: int:4}}",
            84,
        ),
        (
            "JSONPatch{op: 'add', path: '/a', ?value: object.?nothing}",
            "JSONPatch{op: string:\"add\", path: string:\"/a\", value: null}",
            42,
        ),
        (
            "JSONPatch{op: object.count, path: '/a'}",
            "error: unexpected type int64 for JSONPatchType 'op' field",
            42,
        ),
        ("JSONPatch{op: dyn(int)}.op", "string:\"int\"", 42),
        ("has(Object{d: 1}.d) && !has(Object{}.d)", "bool:true", 83),
        ("JSONPatch{path: 'x'}.op", "string:\"\"", 42),
        ("Object{a: 1} == Object{a: 1}", "bool:true", 81),
        ("Object{a: 1} == Object{a: 1.0}", "bool:false", 81),
    ];
    check_rows(&rows);
}

#[test]
fn objects_under_construction_have_fields_where_the_checker_knows_them() {
    check_rows(&[
        ("Object{a: 1}.a", "int:1", 42),
        ("Object{a: 1}.b", "null", 42),
        ("Object{a: Object.a{}}.a", "map:{}", 82),
        ("dyn(Object{a: 1}).a", "error: no such key: a", 43),
        ("has(dyn(Object{a: 1}).a)", "bool:false", 42),
        ("type(Object{}) == type(type(1))", "bool:true", 42),
    ]);
}

/// Elements of a list of the input are plain Go values there, whatever cel-go would make of them.
#[test]
fn a_message_shows_a_list_of_the_input_as_go_prints_it() {
    check_rows(&[(
        "Object{?a: object.items}",
        "error: cannot initialize optional entry 'a' from non-optional value \
         [map[name:a on:true], map[name:b on:false], map[name:c]]",
        42,
    )]);
}

#[test]
fn conversions_of_constants_are_computed_at_compile_time() {
    check_rows(&[
        ("int('42')", "int:42", 0),
        ("string(1) == '1'", "bool:true", 1),
        ("dyn([1, 2])", "list:[int:1, int:2]", 0),
    ]);
    with_outcome(
        "true || int('0x1F') == 1",
        COST_MAX_PER_CALL,
        |outcome, _| {
            let errors = outcome.unwrap_err();
            assert!(
                errors.contains("type conversion error from 'string' to 'int'"),
                "{errors}"
            );
        },
    );
}

#[test]
fn the_cost_limit_ends_the_evaluation_and_nothing_absorbs_it() {
    for expression in [
        "object.items.all(i, i.name == 'z') || true",
        "true && (object.items.exists(i, false) || true)",
        "object.items.map(i, i.name).exists(n, n == 'c') ? true : true",
        "!has(object.missing.x) || object.items.all(a, object.items.all(b, a != b)) || true",
    ] {
        with_outcome(expression, 5, |outcome, _| {
            let outcome = outcome.unwrap();
            assert!(
                matches!(outcome.value, Err(EvaluationError::CostLimitExceeded)),
                "`{expression}` gave {:?}",
                outcome.value
            );
        });
    }
}

#[test]
fn a_call_that_is_refused_for_its_cost_has_passed_the_limit() {
    for expression in [
        "lists.range(1000).distinct().size() < 1",
        "sets.contains(lists.range(2000), lists.range(2000))",
    ] {
        with_outcome(expression, COST_MAX_PER_CALL, |outcome, _| {
            let cost = outcome.unwrap().cost;
            assert!(cost > COST_MAX_PER_CALL, "`{expression}` cost {cost}");
        });
    }
}

#[test]
fn a_passing_validation_allocates_nothing() {
    for expression in [
        "object.items.all(i, !has(i.on) || i.on == true || i.name == 'b')",
        "object.labels.all(k, v, k == 'app' && v in ['web', 'db'])",
        "object.?labels[?'app'].orValue('x') == 'web' && object.?count.hasValue()",
        "object.items.exists_one(i, i.name == 'c') && !(object.name == '')",
        "object.name.startsWith('w') && object.count in {3: 'three'}",
    ] {
        let mut environment = Environment::new(36);
        environment.declare("object", Type::Dyn);
        let program = environment.compile(expression).unwrap();
        let input = Bump::new();
        let object = OneObject(Json::parse(OBJECT.as_bytes(), &input).unwrap());
        let arena = Bump::new();
        // Measures the arena only: the crate's own code allocates nowhere else on this path.
        let outcome = program.evaluate(&Evaluator {
            arena: &arena,
            activation: &object,
            authorizer: &NoAuthorizer,
            cost_max: COST_MAX_PER_CALL,
        });
        let passes = outcome.value.map(Value::as_bool) == Ok(Some(true));
        assert!(passes, "`{expression}`");
        assert_eq!(arena.allocated_bytes(), 0, "`{expression}`");
    }
}
