//! What the API server's own code prints for these results (tests/oracle).

use bumpalo::Bump;

use crate::authorizer::NoAuthorizer;
use crate::environment::Environment;
use crate::json::Json;
use crate::program::{Activation, COST_MAX_PER_CALL, Evaluator, VariableValue};
use crate::types::Type;
use crate::value::Value;

struct Object<'a>(&'a Json<'a>);

impl<'a> Activation<'a> for Object<'a> {
    fn variable(&self, _slot: usize) -> Option<Value<'a>> {
        Some(Value::Json(self.0))
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        unreachable!("no policy variables are declared")
    }
}

const OBJECT: &str = r#"{"z": 1, "a": ["x", 2, null, {"q": 1.5}], "n": null, "e": {}}"#;

#[track_caller]
fn prints(table: &[(&str, &str)]) {
    let mut environment = Environment::new(36);
    environment.declare("object", Type::Dyn);
    for (expression, expected) in table {
        let program = environment
            .compile(expression)
            .unwrap_or_else(|errors| panic!("{errors}"));
        let arena = Bump::new();
        let evaluator = Evaluator {
            arena: &arena,
            activation: &Object(Json::parse(OBJECT.as_bytes(), &arena).unwrap()),
            authorizer: &NoAuthorizer,
            cost_max: COST_MAX_PER_CALL,
        };
        let value = program.evaluate(&evaluator).value.unwrap();
        assert_eq!(super::text(value), *expected, "{expression}");
    }
}

#[test]
fn what_has_json_is_compact_json_with_sorted_keys() {
    prints(&[
        ("null", "null"),
        ("1 < 2", "true"),
        ("'x\"y' + 'é<\\n'", r#""x\"yé<\n""#),
        ("[1, 2]", "[1,2]"),
        ("{'b': dyn('c'), 'a': dyn(null)}", r#"{"a":null,"b":"c"}"#),
        ("{'b': dyn(1), 'a': dyn(2.5)}", r#"{"a":2.5,"b":1}"#),
        (
            "object",
            r#"{"a":["x",2,null,{"q":1.5}],"e":{},"n":null,"z":1}"#,
        ),
        ("[optional.of(1), optional.of(2)]", "[1,2]"),
    ]);
}

#[test]
fn integers_that_doubles_cannot_hold_are_strings() {
    prints(&[
        ("9007199254740991", "9007199254740991"),
        ("-9007199254740991", "-9007199254740991"),
        ("9007199254740992", "\"9007199254740992\""),
        ("-9007199254740992", "\"-9007199254740992\""),
        ("[18446744073709551615u]", "[\"18446744073709551615\"]"),
        ("7u", "7"),
    ]);
}

#[test]
fn doubles_are_as_in_gos_json() {
    prints(&[
        ("1.0", "1"),
        ("-0.0", "-0"),
        (
            "[1e6, 1e21, 1e-7, 123456789.125]",
            "[1000000,1e+21,1e-7,123456789.125]",
        ),
        ("1e20 * 1.5", "150000000000000000000"),
        ("0.000001", "0.000001"),
        ("double('NaN')", "double:NaN"),
        ("-double('Infinity')", "double:-Inf"),
        ("[double('NaN'), 1e6]", "list:[NaN 1e+06]"),
    ]);
}

#[test]
fn bytes_timestamps_and_durations_are_strings() {
    prints(&[
        ("b'\\xff\\x00'", "\"/wA=\""),
        (
            "timestamp('2024-01-01T01:00:00.5+01:00')",
            "\"2024-01-01T01:00:00.5+01:00\"",
        ),
        ("duration('1h1.5s')", "\"3601.5s\""),
    ]);
}

#[test]
fn optionals_say_what_they_hold() {
    prints(&[
        ("optional.none()", "optional.none()"),
        (
            "optional.of(optional.none())",
            "optional.of(optional.none())",
        ),
        ("optional.of({'a': 1})", "optional.of({\"a\":1})"),
        (
            "optional.of(quantity('1'))",
            "optional.of(kubernetes.Quantity:1)",
        ),
        (
            "[optional.none(), optional.of(2)]",
            "list:[optional.none() optional(2)]",
        ),
    ]);
}

#[test]
fn what_has_no_json_is_its_type_and_what_go_prints() {
    prints(&[
        ("quantity('1024Mi')", "kubernetes.Quantity:1Gi"),
        ("ip('::1')", "net.IP:::1"),
        ("cidr('10.0.0.1/8')", "net.CIDR:10.0.0.1/8"),
        (
            "url('https://a.b/c?d=e#f')",
            "kubernetes.URL:https://a.b/c?d=e#f",
        ),
        ("semver('1.2.3-a.1+b')", "kubernetes.Semver:1.2.3-a.1+b"),
        ("type(1)", "type:int"),
        ("type([1])", "type:list"),
        (
            "format.dns1123Label()",
            "kubernetes.NamedFormat:DNS1123Label",
        ),
    ]);
}

#[test]
fn collections_without_json_are_printed_by_go() {
    prints(&[
        ("{2: 'b', 1: 'a'}", "map:map[1:a 2:b]"),
        ("{1: [1, 2], 2: [3]}", "map:map[1:[1, 2] 2:[3]]"),
        ("{1: {'a': 1}}", "map:map[1:{a: 1}]"),
        ("{1: b'ab'}", "map:map[1:[97 98]]"),
        (
            "{1: timestamp('2024-01-01T00:00:00.5Z')}",
            "map:map[1:2024-01-01 00:00:00.5 +0000 UTC]",
        ),
        (
            "{1: timestamp('2024-01-01T01:00:00-07:30')}",
            "map:map[1:2024-01-01 01:00:00 -0730 -0730]",
        ),
        ("{1: duration('90.5s')}", "map:map[1:1m30.5s]"),
        (
            "{'o': dyn(object.e), 'q': dyn(quantity('1'))}",
            "map:map[o:{} q:1]",
        ),
        (
            "[dyn(object.a), dyn(quantity('1'))]",
            "list:[[x, 2, <nil>, map[q:1.5]] 1]",
        ),
        (
            "[dyn(object.n), dyn(quantity('1')), dyn(object.e)]",
            "list:[0 1 {}]",
        ),
        ("[[quantity('1')], [quantity('2')]]", "list:[[1] [2]]"),
        ("{'a': {'b': quantity('2')}}", "map:map[a:{b: 2}]"),
    ]);
}
