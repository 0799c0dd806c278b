//! `cattlegrid policy`.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::{cattlegrid, directory, path, stderr, stdout};

const JOB: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: triage, namespace: agents}
spec:
  template:
    spec:
      containers:
        - {name: agent, resources: {limits: {memory: 1Gi}}}
        - {name: proxy}
";

fn eval(arguments: &[&str]) -> Output {
    cattlegrid(&[&["policy", "eval"], arguments].concat())
}

fn eval_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["policy", "eval"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The answers of a batch, and its exit code.
fn batch(lines: &[&str]) -> (Vec<serde_json::Value>, Option<i32>) {
    let output = eval_with_input(&["--batch"], lines.join("\n").as_bytes());
    let answers = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (answers, output.status.code())
}

#[test]
fn value_type_and_cost_are_printed() {
    let files = directory(&[("job.yaml", JOB), ("params.json", r#"{"max": 1}"#)]);
    let (job, params) = (path(&files, "job.yaml"), path(&files, "params.json"));
    for (expression, expected) in [
        (
            "object.metadata.name",
            "value: \"triage\"\ntype: string\ncost: 3\n",
        ),
        (
            "object.spec.template.spec.containers.size() - params.max",
            "value: 1\ntype: int\ncost: 9\n",
        ),
        (
            "request.resource.resource + '/' + request.operation",
            "value: \"jobs/CREATE\"\ntype: string\ncost: 8\n",
        ),
        ("oldObject == null", "value: true\ntype: bool\ncost: 2\n"),
    ] {
        let output = eval(&["--expression", expression, "-f", &job, "--params", &params]);
        assert_eq!(
            stdout(&output),
            expected,
            "{expression}: {}",
            stderr(&output)
        );
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn an_expression_needs_no_object() {
    let output = eval(&[
        "--expression",
        "quantity('1Gi').isGreaterThan(quantity('1G'))",
    ]);
    assert!(
        stdout(&output).starts_with("value: true\n"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_object_may_come_from_standard_input() {
    let output = eval_with_input(&["--expression", "object.kind", "-f", "-"], JOB.as_bytes());
    assert!(
        stdout(&output).starts_with("value: \"Job\"\n"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_typing_error_has_a_caret_and_exits_with_1() {
    let output = eval(&["--expression", "objcet.metadata.name != ''"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "error: undeclared reference to 'objcet' (in container '')
 --> expression:1:1
  |
1 | objcet.metadata.name != ''
  | ^^^^^^
"
    );
    assert_eq!(stdout(&output), "");
}

#[test]
fn a_failure_has_a_caret_under_what_failed_and_exits_with_1() {
    let files = directory(&[("job.yaml", JOB)]);
    let output = eval(&[
        "--expression",
        "object.spec.template.spec.containers.all(c, c.resources.limits.memory != '')",
        "-f",
        &path(&files, "job.yaml"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "error: no such key: resources
 --> expression:1:47
  |
1 | object.spec.template.spec.containers.all(c, c.resources.limits.memory != '')
  |                                               ^^^^^^^^^
  |
  = note: cost: 18
"
    );
}

#[test]
fn the_caret_is_under_the_smallest_part_that_fails() {
    let files = directory(&[("job.yaml", JOB)]);
    for (expression, marked) in [
        ("object.spec.parallelism == 1", "parallelism"),
        ("object.metadata['team'] == 'a'", "['team']"),
        (
            "[1, 2][object.spec.template.spec.containers.size()] == 1",
            "[object.spec.template.spec.containers.size()]",
        ),
        ("has(object.spec) ? object.spec.a : object.metadata.a", "a"),
        (
            "object.spec.template.spec.containers.map(c, quantity(c.name)).size() > 0",
            "quantity(c.name)",
        ),
        ("object.?spec.optMap(s, s.a).orValue(1) == 1", "a"),
        (
            "object.spec.template.spec.containers.all(i, c, c.name != '' && c.image != '')",
            "image",
        ),
    ] {
        let output = eval(&["--expression", expression, "-f", &path(&files, "job.yaml")]);
        let text = stderr(&output);
        let line = text
            .lines()
            .find(|line| line.starts_with("  | "))
            .unwrap_or_default();
        let from = line.find('^').unwrap_or_default() - "  | ".len();
        let found: String = expression
            .chars()
            .skip(from)
            .take(line.matches('^').count())
            .collect();
        assert_eq!(found, marked, "{expression}\n{text}");
    }
}

#[test]
fn what_is_unknown_says_how_to_supply_it() {
    for (expression, flag) in [
        ("params.max > 1", "--params FILE"),
        (
            "namespaceObject.metadata.name == 'a'",
            "--namespace-object FILE",
        ),
        ("request.name == ''", "--request FILE"),
        ("object.kind == 'Job'", "-f OBJECT"),
        (
            "authorizer.path('/x').check('get').allowed()",
            "the authorizer cannot be asked offline",
        ),
    ] {
        let output = eval(&["--expression", expression]);
        assert_eq!(output.status.code(), Some(1), "{expression}");
        assert!(
            stderr(&output).contains(flag),
            "{expression}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_request_may_be_a_review_or_some_members_of_one() {
    let review = r#"{"kind": "AdmissionReview", "request": {"operation": "UPDATE",
        "userInfo": {"username": "ann"}, "object": {"a": 2}, "oldObject": {"a": 1}}}"#;
    let files = directory(&[
        ("review.json", review),
        (
            "members.yaml",
            "operation: DELETE\nuserInfo: {username: ann}\n",
        ),
        ("job.yaml", JOB),
    ]);
    let (review, members) = (path(&files, "review.json"), path(&files, "members.yaml"));
    let job = path(&files, "job.yaml");
    for (arguments, expression) in [
        (
            vec!["--request", &review],
            "object.a == 2 && oldObject.a == 1 && request.operation == 'UPDATE'",
        ),
        (
            vec!["--request", &members, "-f", &job],
            "request.userInfo.username == 'ann' && request.operation == 'DELETE' && request.requestKind.kind == 'Job'",
        ),
        (
            vec!["--request", &review, "-f", &job],
            "object.kind == 'Job'",
        ),
    ] {
        let output = eval(&[&["--expression", expression], arguments.as_slice()].concat());
        assert!(
            stdout(&output).starts_with("value: true\n"),
            "{expression}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_namespace_beside_the_object_is_its_namespace() {
    let files = directory(&[(
        "both.yaml",
        &format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: agents}}\n---\n{JOB}"),
    )]);
    let output = eval(&[
        "--expression",
        "namespaceObject.metadata.name == object.metadata.namespace",
        "-f",
        &path(&files, "both.yaml"),
    ]);
    assert!(
        stdout(&output).starts_with("value: true\n"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn wrong_input_exits_with_2_and_says_what_and_where() {
    let two = format!("{JOB}---\n{JOB}");
    let files = directory(&[
        ("two.yaml", &two),
        ("empty.yaml", ""),
        ("broken.yaml", "a: 1\nb: [\n"),
    ]);
    let path = |name| path(&files, name);
    let (two, empty, broken, missing) = (
        path("two.yaml"),
        path("empty.yaml"),
        path("broken.yaml"),
        path("missing.yaml"),
    );
    for (arguments, expected) in [
        (vec!["-f", two.as_str()], "two.yaml: 2 documents"),
        (vec!["-f", &empty], "empty.yaml: there is nothing in it"),
        (vec!["-f", &broken], "broken.yaml:2:4:"),
        (vec!["-f", &missing], "missing.yaml: cannot be read"),
        (vec!["-f", "-", "--params", "-"], "can be read only once"),
        (vec!["--request", "-"], "<stdin>: there is nothing in it"),
    ] {
        let output = eval(&[&["--expression", "1"], arguments.as_slice()].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(expected),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    for arguments in [vec![], vec!["--batch", "--expression", "1"]] {
        assert_eq!(eval(&arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_batch_answers_each_line_with_the_same_object() {
    let (answers, code) = batch(&[
        r#"{"expr": "object.a + params.b", "object": {"a": 1}, "params": {"b": 2}, "id": 7}"#,
        r#"{"expr": "object.x", "object": {}}"#,
        r#"{"expr": "1 + foo"}"#,
        r#"{"expr": "int('0x1F')"}"#,
        r#"{"expr": "9007199254740993", "value": "of another run"}"#,
    ]);
    let expected = [
        serde_json::json!({"expr": "object.a + params.b", "object": {"a": 1}, "params": {"b": 2}, "id": 7,
            "type": "int", "cost": 5, "value": "3"}),
        serde_json::json!({"expr": "object.x", "object": {}, "type": "dyn", "cost": 2, "error": "no such key: x"}),
        serde_json::json!({"expr": "1 + foo", "type": null, "cost": 0,
            "compile_error": "ERROR: <input>:1:5: undeclared reference to 'foo' (in container '')\n | 1 + foo\n | ....^"}),
        serde_json::json!({"expr": "int('0x1F')", "type": null, "cost": 0,
            "compile_error": "type conversion error from 'string' to 'int'"}),
        serde_json::json!({"expr": "9007199254740993", "type": "int", "cost": 0, "value": "\"9007199254740993\""}),
    ];
    assert_eq!(answers, expected);
    assert_eq!(code, Some(0));
}

#[test]
fn a_batch_declares_object_and_params_only_and_absent_ones_are_null() {
    let (answers, _) = batch(&[
        r#"{"expr": "[object, params]"}"#,
        r#"{"expr": "request"}"#,
        r#"{"expr": "oldObject"}"#,
        r#"{"expr": "variables"}"#,
    ]);
    assert_eq!(answers[0]["value"], "[null,null]");
    for answer in &answers[1..] {
        assert!(
            answer["compile_error"]
                .as_str()
                .unwrap()
                .contains("undeclared reference"),
            "{answer}"
        );
    }
}

#[test]
fn a_broken_line_hides_no_other() {
    let (answers, code) = batch(&["{", "[1]", "", r#"{"expr": 1}"#, r#"{"expr": "1"}"#, "{}"]);
    let errors: Vec<&str> = answers
        .iter()
        .map(|answer| answer["input_error"].as_str().unwrap_or_default())
        .collect();
    assert!(errors[0].starts_with("line 1: "), "{errors:?}");
    assert!(
        errors[1].starts_with("line 2: must be an object"),
        "{errors:?}"
    );
    assert_eq!(errors[2], "line 4: `expr` must be a string");
    assert_eq!(answers[3]["value"], "1");
    assert_eq!(errors[4], "line 6: `expr` must be a string");
    assert_eq!(code, Some(2));
    let output = eval_with_input(&["--batch"], b"\xff\n{\"expr\": \"1\"}");
    assert_eq!(stdout(&output).lines().count(), 2);
}

#[test]
fn numbers_that_no_double_holds_come_back_as_written() {
    let line = r#"{"expr": "1", "object": {"a": 18446744073709551615, "b": 1.10}}"#;
    let output = eval_with_input(&["--batch"], line.as_bytes());
    assert!(stdout(&output).contains(r#""a": 18446744073709551615, "b": 1.10}"#));
}

#[test]
fn an_empty_batch_is_no_error() {
    let output = eval_with_input(&["--batch"], b"");
    assert_eq!(
        (stdout(&output).as_str(), output.status.code()),
        ("", Some(0))
    );
}
