use super::{Checked, Reference, check};
use crate::environment::{Environment, KUBERNETES_MINOR, ObjectType};
use crate::error::CompileErrors;
use crate::parse::parse;
use crate::types::Type;

fn environment() -> Environment {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    environment.declare("object", Type::Dyn);
    environment.declare(
        "authorizer",
        Type::Opaque("kubernetes.authorization.Authorizer"),
    );
    environment.declare("authorizer.requestResource", Type::Dyn);
    environment
}

fn policy_environment() -> Environment {
    let mut environment = environment();
    environment.declare_object(ObjectType {
        name: "kubernetes.UserInfo".into(),
        fields: vec![("groups".to_owned(), Type::list(Type::String))],
    });
    environment.declare_object(ObjectType {
        name: "kubernetes.AdmissionRequest".into(),
        fields: vec![
            ("name".to_owned(), Type::String),
            (
                "userInfo".to_owned(),
                Type::Object("kubernetes.UserInfo".into()),
            ),
        ],
    });
    environment.declare(
        "request",
        Type::Object("kubernetes.AdmissionRequest".into()),
    );
    environment.declare_policy_variables();
    environment.declare_policy_variable("count", Type::Int);
    environment.declare_policy_variable("limit", Type::Opaque("kubernetes.Quantity"));
    environment
}

fn mutation_environment() -> Environment {
    let mut environment = environment();
    environment.declare_mutation_types();
    environment
}

fn checked(environment: &Environment, source: &str) -> Result<Checked, CompileErrors> {
    check(environment, source, &parse(source)?)
}

fn assert_types(environment: &Environment, table: &[(&str, &str)]) {
    for (source, expected) in table {
        match checked(environment, source) {
            Ok(checked) => {
                let result = checked.result.expect(source).to_string();
                assert_eq!(&result, expected, "{source}");
            }
            Err(errors) => panic!("{source}\n{errors}"),
        }
    }
}

/// Each expected error is `column: message`, all on line 1.
fn assert_errors(environment: &Environment, table: &[(&str, &[&str])]) {
    for (source, expected) in table {
        let errors = checked(environment, source).expect_err(source);
        let errors: Vec<String> = errors
            .errors
            .iter()
            .map(|error| format!("{}: {}", error.column, error.message))
            .collect();
        assert_eq!(&errors, expected, "{source}");
    }
}

#[test]
fn expressions_have_the_types_that_cel_go_infers() {
    assert_types(
        &environment(),
        &[
            ("1", "int"),
            ("null", "null_type"),
            ("object.a", "dyn"),
            ("[]", "list(dyn)"),
            ("{}", "map(dyn, dyn)"),
            ("[[], [1]]", "list(list(int))"),
            ("{'a': [], 'b': [1]}", "map(string, list(int))"),
            ("1 + 2", "int"),
            ("object + 1", "int"),
            ("object + object", "dyn"),
            ("object.a || object.b", "bool"),
            ("1 < 1.0", "bool"),
            ("true ? [] : [1]", "list(int)"),
            ("true ? dyn(1) : 'a'", "dyn"),
            ("'a'.size() + [1].size()", "int"),
            ("sets.contains([1], [1])", "bool"),
            ("optional.of(1)", "optional_type(int)"),
            ("optional.none()", "optional_type(dyn)"),
            ("{'a': {'b': 1}}.?a.b", "optional_type(int)"),
            ("object.?a.orValue('')", "dyn"),
            ("[?optional.of(1), 2]", "list(int)"),
            ("{?'a': optional.of(1)}", "map(string, int)"),
            ("type(1)", "type(int)"),
            ("type", "type(type)"),
            ("list", "type(list(dyn))"),
            ("google.protobuf.Duration", "type(google.protobuf.Duration)"),
            ("net.IP", "type(net.IP)"),
            ("quantity('1') == null", "bool"),
            ("authorizer.requestResource.x", "dyn"),
            (".object.a", "dyn"),
        ],
    );
}

#[test]
fn macros_have_the_types_of_their_expansions() {
    assert_types(
        &environment(),
        &[
            ("has(object.a)", "bool"),
            ("[1].all(x, x > 0)", "bool"),
            ("{'a': 1}.exists(k, v, k == 'a' && v == 1)", "bool"),
            ("[1].exists_one(x, x == 1)", "bool"),
            ("[1].map(x, string(x))", "list(string)"),
            ("[].map(x, x)", "list(dyn)"),
            ("[1].map(x, x > 0, [x])", "list(list(int))"),
            ("{'a': 1}.filter(k, true)", "list(string)"),
            ("object.map(x, x)", "list(dyn)"),
            ("[1].transformList(i, x, i + x)", "list(int)"),
            ("['a'].transformMap(i, x, x)", "map(int, string)"),
            (
                "{'a': 1}.transformMapEntry(k, v, {v: k})",
                "map(int, string)",
            ),
            ("optional.of(1).optMap(x, 'a')", "optional_type(string)"),
            (
                "optional.of(1).optFlatMap(x, optional.of('a'))",
                "optional_type(string)",
            ),
            ("[3, 1].sortBy(x, -x)", "list(int)"),
            ("[1].exists(object, object == 1)", "bool"),
        ],
    );
}

#[test]
fn wrong_arguments_match_no_overload() {
    assert_errors(
        &environment(),
        &[
            (
                "1 + 'a'",
                &["3: found no matching overload for '_+_' applied to '(int, string)'"],
            ),
            (
                "'a'.contains(1)",
                &["13: found no matching overload for 'contains' applied to 'string.(int)'"],
            ),
            (
                "size([], 1)",
                &["5: found no matching overload for 'size' applied to '(list(dyn), int)'"],
            ),
            (
                "sets.contains(1, 2)",
                &["14: found no matching overload for 'sets.contains' applied to '(int, int)'"],
            ),
            (
                "1 ? 2 : 3",
                &["3: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
            ),
            (
                "duration('1h') + 1",
                &["16: found no matching overload for '_+_' applied to '(duration, int)'"],
            ),
            (
                "[1]['a']",
                &["4: found no matching overload for '_[_]' applied to '(list(int), string)'"],
            ),
            (
                "'a' == null",
                &["5: found no matching overload for '_==_' applied to '(string, null)'"],
            ),
            (
                "true && 1 && 'a'",
                &[
                    "9: expected type 'bool' but found 'int'",
                    "14: expected type 'bool' but found 'string'",
                ],
            ),
        ],
    );
}

#[test]
fn unknown_names_are_reported() {
    assert_errors(
        &environment(),
        &[
            (
                "foo.bar(1)",
                &[
                    "1: undeclared reference to 'foo' (in container '')",
                    "8: undeclared reference to 'bar' (in container '')",
                ],
            ),
            (
                "foo(bar)",
                &[
                    "4: undeclared reference to 'foo' (in container '')",
                    "5: undeclared reference to 'bar' (in container '')",
                ],
            ),
            (
                "[1].all(x, true) && x",
                &["21: undeclared reference to 'x' (in container '')"],
            ),
            (
                "[1].existsOne(x, x)",
                &[
                    "14: undeclared reference to 'existsOne' (in container '')",
                    "15: undeclared reference to 'x' (in container '')",
                    "18: undeclared reference to 'x' (in container '')",
                ],
            ),
            (
                "math.abs(1)",
                &[
                    "1: undeclared reference to 'math' (in container '')",
                    "9: undeclared reference to 'abs' (in container '')",
                ],
            ),
            (
                "'a'.reverse()",
                &["12: found no matching overload for 'reverse' applied to 'string.()'"],
            ),
            (
                "jsonpatch.escapeKey('a')",
                &[
                    "1: undeclared reference to 'jsonpatch' (in container '')",
                    "20: undeclared reference to 'escapeKey' (in container '')",
                ],
            ),
            (
                "JSONPatch{}",
                &["10: undeclared reference to 'JSONPatch' (in container '')"],
            ),
            (
                "google.protobuf.Value{}",
                &[
                    "22: the protocol buffer message 'google.protobuf.Value' cannot be made here: write its value instead",
                ],
            ),
        ],
    );
}

#[test]
fn fields_are_checked() {
    assert_errors(
        &policy_environment(),
        &[
            ("request.foo", &["8: undefined field 'foo'"]),
            ("has(request.foo)", &["4: undefined field 'foo'"]),
            ("request.?foo", &["8: undefined field 'foo'"]),
            (
                "request.userInfo.groups.all(g, g == 1)",
                &["34: found no matching overload for '_==_' applied to '(string, int)'"],
            ),
            ("variables.foo", &["10: undefined field 'foo'"]),
            (
                "variables.count == 'a'",
                &["17: found no matching overload for '_==_' applied to '(int, string)'"],
            ),
            (
                "request.name.foo",
                &["13: type 'string' does not support field selection"],
            ),
            (
                "quantity('1').foo",
                &["14: unexpected failed resolution of 'kubernetes.Quantity'"],
            ),
            (
                "net.IP.foo",
                &["7: type 'type(net.IP)' does not support field selection"],
            ),
        ],
    );
}

#[test]
fn policy_variables_forget_types_that_the_api_server_forgets() {
    assert_types(
        &policy_environment(),
        &[
            ("variables.count", "int"),
            ("variables.limit", "dyn"),
            ("variables", "kubernetes.variables"),
        ],
    );
}

#[test]
fn misused_macros_fail_as_their_expansions_do() {
    assert_errors(
        &environment(),
        &[
            (
                "1.all(x, true)",
                &[
                    "1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
                ],
            ),
            (
                "[1].all(x, x)",
                &["12: expected type 'bool' but found 'int'"],
            ),
            (
                "[1].exists_one(x, x)",
                &["15: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
            ),
            (
                "[1].filter(x, x)",
                &[
                    "11: found no matching overload for '_?_:_' applied to '(int, list(int), list(int))'",
                ],
            ),
            (
                "[1].transformMapEntry(i, x, x)",
                &[
                    "22: found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), int)'",
                ],
            ),
            (
                "[[1]].sortBy(x, x)",
                &[
                    "13: found no matching overload for '@sortByAssociatedKeys' applied to 'list(list(int)).(list(list(int)))'",
                ],
            ),
            (
                "1.optMap(x, x)",
                &[
                    "9: found no matching overload for 'hasValue' applied to 'int.()'",
                    "9: found no matching overload for 'value' applied to 'int.()'",
                ],
            ),
            (
                "optional.of(1).optFlatMap(x, x)",
                &[
                    "26: found no matching overload for '_?_:_' applied to '(bool, int, optional_type(dyn))'",
                ],
            ),
            // cel-go copies the target, and reports it twice.
            (
                "foo.optMap(x, x)",
                &[
                    "1: undeclared reference to 'foo' (in container '')",
                    "1: undeclared reference to 'foo' (in container '')",
                ],
            ),
        ],
    );
}

#[test]
fn literals_are_of_one_type() {
    assert_errors(
        &environment(),
        &[
            (
                "[1, 2, 'a', 'b']",
                &["8: expected type 'int' but found 'string'"],
            ),
            ("[1, dyn(1)]", &["8: expected type 'int' but found 'dyn'"]),
            (
                "{1: 'a', 'b': 2}",
                &[
                    "10: expected type 'int' but found 'string'",
                    "15: expected type 'string' but found 'int'",
                ],
            ),
            (
                "[1, ?optional.of('a')]",
                &["17: expected type 'int' but found 'string'"],
            ),
            (
                "[?1]",
                &["3: expected type 'optional_type(int)' but found 'int'"],
            ),
            (
                "[?dyn(1)]",
                &["6: expected type 'optional_type(dyn)' but found 'dyn'"],
            ),
            (
                "[['%s'.format([1, 'a'])], 1]",
                &[
                    "14: too many arguments supplied to string.format (expected 1, got 2)",
                    "27: expected type 'list(string)' but found 'int'",
                ],
            ),
        ],
    );
}

#[test]
fn literal_arguments_are_validated() {
    assert_errors(
        &environment(),
        &[
            ("duration('x')", &["10: invalid duration argument"]),
            ("timestamp('2020')", &["11: invalid timestamp argument"]),
            ("'a'.matches('[')", &["13: invalid matches argument"]),
            ("object.matches('(')", &["16: invalid matches argument"]),
            (
                "'%d'.format(['a'])",
                &[
                    "14: error during formatting: decimal clause can only be used on integers, was given string",
                ],
            ),
            ("'%s %s'.format([1])", &["15: index 1 out of range"]),
            (
                "[1, '%s'.format([])]",
                &[
                    "16: expected type 'int' but found 'string'",
                    "16: index 0 out of range",
                ],
            ),
            (
                "'%z'.format([1])",
                &["12: could not parse formatting clause: unrecognized formatting clause \"z\""],
            ),
            (
                "'%s'.format([[1, quantity('1')]])",
                &[
                    "26: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given kubernetes.Quantity",
                ],
            ),
        ],
    );
    assert_types(
        &environment(),
        &[
            ("duration('1h')", "google.protobuf.Duration"),
            (
                "timestamp('2020-01-01T00:00:00Z')",
                "google.protobuf.Timestamp",
            ),
            ("'%s %d'.format(['a', 1])", "string"),
        ],
    );
}

#[test]
fn structs_of_mutations() {
    assert_types(
        &mutation_environment(),
        &[
            (
                "[JSONPatch{op: 'add', path: '/a', value: 1}]",
                "list(JSONPatch)",
            ),
            (
                "[JSONPatch{?op: optional.of('a'), path: object.a}]",
                "list(JSONPatch)",
            ),
            ("Object{spec: Object.spec{replicas: 1}}", "Object"),
            ("Object.spec{}.foo", "dyn"),
            ("jsonpatch.escapeKey('a')", "string"),
        ],
    );
    assert_errors(
        &mutation_environment(),
        &[
            (
                "JSONPatch{op: 1}",
                &["13: expected type of field 'op' is 'string' but provided type is 'int'"],
            ),
            (
                "JSONPatch{foo: 1}",
                &["14: expected type of field 'foo' is '' but provided type is 'int'"],
            ),
            (
                "JSONPatch{op: null}",
                &["13: expected type of field 'op' is 'string' but provided type is 'null'"],
            ),
            ("int{}", &["4: 'int' is not a message type"]),
            ("object{}", &["7: 'dyn' is not a type"]),
            (
                "Objekt{a: foo}",
                &["7: undeclared reference to 'Objekt' (in container '')"],
            ),
        ],
    );
}

#[test]
fn names_and_calls_refer_to_what_they_mean() {
    let environment = policy_environment();
    let reference = |source: &str| {
        let tree = parse(source).expect(source);
        let checked = check(&environment, source, &tree).expect(source);
        checked.reference(tree.id).cloned()
    };
    assert!(matches!(reference("object"), Some(Reference::Variable(0))));
    assert!(matches!(
        reference("authorizer.requestResource"),
        Some(Reference::Variable(2))
    ));
    assert!(matches!(
        reference("variables"),
        Some(Reference::PolicyVariables)
    ));
    assert!(matches!(reference("int"), Some(Reference::Type(Type::Int))));
    let overloads = |source: &str| match reference(source) {
        Some(Reference::Overloads(overloads)) => {
            overloads.iter().map(|one| one.id).collect::<Vec<_>>()
        }
        other => panic!("{source}: {other:?}"),
    };
    assert_eq!(overloads("1 + 2"), ["add_int64"]);
    assert_eq!(
        overloads("sets.contains([1], [2])"),
        ["list_sets_contains_list"]
    );
    assert_eq!(
        overloads("[1].sortBy(x, x)"),
        ["list_int_sortByAssociatedKeys"]
    );
    assert!(overloads("object + object").len() > 5);
}

#[test]
fn older_versions_lack_what_came_later() {
    let mut environment = Environment::new(28);
    environment.declare("object", Type::Dyn);
    assert_errors(
        &environment,
        &[(
            "sets.contains([1], [1])",
            &[
                "1: undeclared reference to 'sets' (in container '')",
                "14: found no matching overload for 'contains' applied to '!error!.(list(int), list(int))'",
            ],
        )],
    );
}

#[test]
fn types_that_double_are_given_up() {
    let doubling = format!("[1]{}", ".map(a, {a: a})".repeat(100));
    let errors = checked(&environment(), &doubling).expect_err("too large");
    assert_eq!(
        errors.to_string(),
        "ERROR: <input>:-1:0: the expression's types are too large to be inferred"
    );
}

#[test]
fn macros_that_copy_their_targets_are_given_up() {
    let doubling = format!("[].first(){}", ".optMap(a, [])".repeat(100));
    let errors = checked(&environment(), &doubling).expect_err("too large");
    assert_eq!(
        errors.to_string(),
        "ERROR: <input>:-1:0: the expression's types are too large to be inferred"
    );
}

#[test]
fn errors_are_printed_as_cel_go_prints_them() {
    let printed = |source: &str| {
        checked(&environment(), source)
            .expect_err(source)
            .to_string()
    };
    assert_eq!(
        printed("object.a ||\n\t'日本' + foo"),
        "ERROR: <input>:2:7: expected type 'bool' but found 'string'\n |  '日本' + foo\n | \
         ..\u{ff0e}\u{ff0e}..^\nERROR: <input>:2:9: undeclared reference to 'foo' (in container '')\n |  '日本' + foo\n | \
         ..\u{ff0e}\u{ff0e}....^"
    );
    let many = format!("[{}]", vec!["foo"; 150].join(","));
    assert!(printed(&many).ends_with("\n50 more errors were truncated"));
}
