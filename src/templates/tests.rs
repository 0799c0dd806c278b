use serde_json::{Value, json};

use super::*;

/// A table with one kind of group `g`.
fn table(templates: Value) -> Vec<TemplateKind> {
    let kind = json!({
        "apiGroup": "g", "kind": "Flow", "resource": "flows", "placeholder": "{{",
        "templates": templates,
    });
    serde_json::from_value(json!([kind])).unwrap()
}

struct Asked {
    operation: Operation,
    version: &'static str,
    subresource: &'static str,
    object: Value,
    old_object: Option<Value>,
}

fn creating(spec: Value) -> Asked {
    let metadata = json!({"name": "f", "namespace": "n", "labels": {"of": "the flow"}});
    Asked {
        operation: Operation::Create,
        version: "v1",
        subresource: "",
        object: json!({"apiVersion": "g/v1", "kind": "Flow", "metadata": metadata, "spec": spec}),
        old_object: None,
    }
}

/// Hands the templates of a request to a test.
fn ask<R>(
    asked: &Asked,
    table: &[TemplateKind],
    test: impl FnOnce(Result<Vec<Template<'_>>, String>) -> R,
) -> R {
    use admission_policy::request::{GroupVersionKind, GroupVersionResource};
    let arena = Bump::new();
    let node = |value: &Value| -> &Json<'_> { arena.alloc(Json::from_serde(value, &arena)) };
    let variable = json!({
        "operation": "UPDATE", "kind": {"kind": "Flow"}, "userInfo": {"username": "ada"},
    });
    let request = Request {
        uid: "u",
        operation: asked.operation,
        kind: GroupVersionKind {
            group: "g",
            version: asked.version,
            kind: "Flow",
        },
        resource: GroupVersionResource {
            group: "g",
            version: asked.version,
            resource: "flows",
        },
        subresource: asked.subresource,
        name: "f",
        namespace: "n",
        user: Default::default(),
        object: Some(node(&asked.object)),
        old_object: asked.old_object.as_ref().map(node),
        old_object_unknown: None,
        dry_run: false,
        variable: node(&variable),
    };
    test(of_request(&request, table, &arena))
}

/// The Jobs that the templates describe.
fn jobs(asked: &Asked, table: &[TemplateKind]) -> Vec<Value> {
    ask(asked, table, |templates| {
        let object = |template: &Template<'_>| {
            serde_json::to_value(template.request.object.unwrap()).unwrap()
        };
        templates.unwrap().iter().map(object).collect()
    })
}

fn pod_spec(name: &str) -> Value {
    json!({"containers": [{"name": name, "image": "i"}]})
}

#[test]
fn every_form_of_template_becomes_the_job_that_it_describes() {
    let labels = json!({"labels": {"a": "b"}});
    let pod_template = json!({"metadata": labels, "spec": pod_spec("c")});
    let job_template =
        json!({"metadata": labels, "spec": {"backoffLimit": 3, "template": pod_template}});
    #[rustfmt::skip]
    let forms = [
        ("PodTemplate", pod_template, json!({"a": "b"}), Value::Null),
        ("PodSpec", pod_spec("c"), Value::Null, Value::Null),
        ("JobTemplate", job_template, json!({"a": "b"}), json!(3)),
    ];
    for (holds, template, labels, backoff_limit) in forms {
        let table = table(json!([{"path": "spec.t", "holds": holds}]));
        let jobs = jobs(&creating(json!({"t": template})), &table);
        let [job] = &jobs[..] else {
            panic!("{holds}: {jobs:?}");
        };
        assert_eq!(
            [&job["apiVersion"], &job["kind"]],
            ["batch/v1", "Job"],
            "{holds}"
        );
        assert_eq!(
            [&job["metadata"]["name"], &job["metadata"]["namespace"]],
            ["f", "n"],
            "{holds}"
        );
        // Those of the object are not what the Pods will have.
        assert_eq!(job["metadata"]["labels"]["of"], Value::Null, "{holds}");
        assert_eq!(job["metadata"]["labels"]["a"], labels["a"], "{holds}");
        let limit = &job["spec"]["backoffLimit"];
        assert!(
            backoff_limit.is_null() || *limit == backoff_limit,
            "{holds}: {limit}"
        );
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["name"], "c", "{holds}");
        // As the API server would have filled it in.
        assert_eq!(container["imagePullPolicy"], "Always", "{holds}");
    }
}

/// Of what an Argo Workflow is made.
fn parts() -> Vec<TemplateKind> {
    table(json!([{
        "path": "spec.templates[*]",
        "holds": "Parts",
        "parts": [
            {"field": "metadata", "first": ["metadata", "$.spec.podMetadata"]},
            {"field": "containers", "items": ["container", "sidecars[*]"]},
            {"field": "volumes", "items": ["volumes[*]", "$.spec.volumes[*]"]},
            {"field": "runtimeClassName", "first": ["runtimeClassName", "$.spec.runtimeClassName"]},
        ],
    }]))
}

fn flow() -> Asked {
    creating(json!({
        "podMetadata": {"labels": {"shared": "yes"}},
        "runtimeClassName": "shared",
        "volumes": [{"name": "shared"}],
        "templates": [
            {"steps": []},
            {
                "runtimeClassName": "own",
                "container": {"image": "main"},
                "sidecars": [{"name": "side", "image": "{{inputs.image}}"}],
                "volumes": [{"name": "own"}],
            },
            {"metadata": {"labels": {"own": "yes"}}, "container": {"image": "other"}},
        ],
    }))
}

#[test]
fn a_pod_is_put_together_from_parts_of_its_template_and_of_the_object() {
    let jobs = jobs(&flow(), &parts());
    assert_eq!(jobs.len(), 2, "a template without containers runs nothing");
    let spec = |job: usize| &jobs[job]["spec"]["template"]["spec"];
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        items
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&spec(0)["containers"]), ["unnamed-0", "side"]);
    assert_eq!(names(&spec(0)["volumes"]), ["own", "shared"]);
    assert_eq!(spec(0)["runtimeClassName"], "own");
    assert_eq!(
        jobs[0]["spec"]["template"]["metadata"]["labels"]["shared"],
        "yes"
    );
    assert_eq!(names(&spec(1)["volumes"]), ["shared"]);
    assert_eq!(spec(1)["runtimeClassName"], "shared");
    let labels = json!({"own": "yes", "shared": "yes"});
    assert_eq!(jobs[1]["metadata"]["labels"], labels);
    assert_eq!(jobs[1]["spec"]["template"]["metadata"]["labels"], labels);
}

#[test]
fn what_is_found_in_the_job_points_into_the_object() {
    let template = "spec.template.spec";
    let table = [
        (
            format!("{template}.containers[0].image"),
            "spec.templates[1].container.image",
        ),
        (
            format!("{template}.containers[1].env[2]"),
            "spec.templates[1].sidecars[0].env[2]",
        ),
        (
            format!("{template}.volumes[0]"),
            "spec.templates[1].volumes[0]",
        ),
        (
            format!("{template}.volumes[1].hostPath"),
            "spec.volumes[0].hostPath",
        ),
        (
            format!("{template}.runtimeClassName"),
            "spec.templates[1].runtimeClassName",
        ),
        (
            format!("{template}.automountServiceAccountToken"),
            "spec.templates[1]",
        ),
        ("spec.backoffLimit".to_owned(), "spec.templates[1]"),
        (
            "metadata.labels.shared".to_owned(),
            "spec.podMetadata.labels.shared",
        ),
    ];
    ask(&flow(), &parts(), |templates| {
        let templates = templates.unwrap();
        for (composed, expected) in table {
            let path = templates[0].places.original(Some(&path(&composed)));
            assert_eq!(path.to_string(), expected, "{composed}");
        }
        assert_eq!(
            templates[0].places.original(None).to_string(),
            "spec.templates[1]"
        );
    });
}

/// `a.b[0]` as a path.
fn path(text: &str) -> Path {
    let mut path = Path::default();
    for part in text.split('.') {
        let (name, index) = part.split_once('[').unwrap_or((part, ""));
        path = path.key(name);
        if let Some(index) = index.strip_suffix(']') {
            path = path.index(index.parse().unwrap());
        }
    }
    path
}

#[test]
fn a_violation_at_text_that_is_filled_in_later_is_not_evaluated() {
    use admission_policy::finding::{Actions, PolicyEvaluation};
    let finding = |container: usize| Finding {
        policy: "p".into(),
        binding: "b".into(),
        validation: Some(container),
        verdict: Verdict::Fail,
        root: Root::Object,
        path: Some(path(&format!(
            "spec.template.spec.containers[{container}].image"
        ))),
        reason: String::new(),
        message: String::new(),
        remediation: None,
        exception: None,
    };
    let mut evaluation = Evaluation {
        policies: vec![PolicyEvaluation {
            policy: "p".into(),
            binding: "b".into(),
            actions: Actions::default(),
            ignores_errors: false,
            param: None,
            verdicts: vec![Verdict::Fail, Verdict::Fail, Verdict::Pass],
            findings: vec![finding(0), finding(1)],
            audit_annotations: Vec::new(),
        }],
    };
    let asked = flow();
    let arena = Bump::new();
    let object = Json::from_serde(&asked.object, &arena);
    ask(&asked, &parts(), |templates| {
        templates.unwrap()[0].relocate(&mut evaluation, &object);
    });
    let policy = &evaluation.policies[0];
    let why = "spec.templates[1].sidecars[0].image is filled in later; the Pods are judged when \
               they are made";
    let unknown = Verdict::NotEvaluated(why.to_owned());
    let of_findings: Vec<&Verdict> = policy.findings.iter().map(|found| &found.verdict).collect();
    assert_eq!(of_findings, [&Verdict::Fail, &unknown]);
    assert_eq!(policy.verdicts, [Verdict::Fail, unknown, Verdict::Pass]);
}

#[test]
fn templates_are_created_by_whoever_writes_the_object() {
    ask(&flow(), &parts(), |templates| {
        let templates = templates.unwrap();
        let request = &templates[0].request;
        assert_eq!(request.operation, Operation::Create);
        assert_eq!(
            (request.kind.kind, request.resource.resource),
            ("Job", "jobs")
        );
        let variable = serde_json::to_value(request.variable).unwrap();
        assert_eq!(variable["userInfo"]["username"], "ada");
        assert_eq!(variable["operation"], "CREATE");
        assert_eq!(
            variable["kind"],
            json!({"group": "batch", "version": "v1", "kind": "Job"})
        );
        assert_eq!(variable["requestResource"]["resource"], "jobs");
    });
}

#[test]
fn of_a_changed_object_only_new_templates_are_judged() {
    let template = |image: &str| json!({"container": {"image": image}});
    let spec = |templates: &[Value]| creating(json!({"templates": templates})).object;
    let mut asked = creating(json!({"templates": []}));
    asked.operation = Operation::Update;
    for (old, new, expected) in [
        (vec![template("a")], vec![template("a")], 0),
        (vec![template("a")], vec![template("b")], 1),
        (vec![template("a")], vec![template("b"), template("a")], 1),
        (vec![template("a"), template("b")], vec![template("b")], 0),
    ] {
        asked.old_object = Some(spec(&old));
        asked.object = spec(&new);
        assert_eq!(jobs(&asked, &parts()).len(), expected, "{old:?} {new:?}");
    }
}

#[test]
fn what_the_table_does_not_have_has_no_templates() {
    let mut of_one_version = parts();
    of_one_version[0].versions = vec!["v2".to_owned()];
    assert_eq!(jobs(&flow(), &of_one_version).len(), 0);
    assert_eq!(jobs(&flow(), &[]).len(), 0);
    let status = Asked {
        subresource: "status",
        ..flow()
    };
    assert_eq!(jobs(&status, &parts()).len(), 0);
    let deleting = Asked {
        operation: Operation::Delete,
        ..flow()
    };
    assert_eq!(jobs(&deleting, &parts()).len(), 0);
}

#[test]
fn too_many_templates_are_an_error_rather_than_unseen() {
    let template = json!({"container": {"image": "i"}});
    let asked = creating(json!({"templates": vec![template; TEMPLATES_MAX + 1]}));
    let error = ask(&asked, &parts(), |templates| templates.err());
    assert!(error.is_some_and(|error| error.contains("257 Pod templates")));
}

#[test]
fn a_template_that_is_no_object_is_none() {
    for templates in [json!(["x", 7, null]), json!({}), json!("x")] {
        assert_eq!(
            jobs(&creating(json!({"templates": templates})), &parts()).len(),
            0
        );
    }
}
