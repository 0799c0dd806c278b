//! Where findings point, for policies in the styles of public libraries: nobody wrote them with our
//! tracing in mind.

use super::*;

/// A Pod as teams write them: mostly right, with an offender of each kind.
fn pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web", "namespace": "agents",
            "labels": {"app": "web", "tier": "Front_End"},
            "annotations": {"owner": "team-a", "cost-centre": ""}
        },
        "spec": {
            "hostPID": true,
            "serviceAccountName": "default",
            "securityContext": {"runAsNonRoot": true, "sysctls": [
                {"name": "net.ipv4.ip_local_port_range", "value": "1 2"},
                {"name": "kernel.msgmax", "value": "65536"}
            ]},
            "initContainers": [
                {"name": "setup", "image": "docker.io/library/busybox:latest",
                 "securityContext": {"privileged": true}}
            ],
            "containers": [
                {"name": "app", "image": "registry.example/app@sha256:0123",
                 "securityContext": {"allowPrivilegeEscalation": false, "runAsUser": 1000,
                     "capabilities": {"drop": ["ALL"]}},
                 "resources": {"limits": {"cpu": "500m", "memory": "256Mi"},
                     "requests": {"cpu": "250m", "memory": "128Mi"}},
                 "ports": [{"containerPort": 8080}],
                 "env": [{"name": "MODE", "value": "prod"}],
                 "volumeMounts": [{"name": "data", "mountPath": "/data"}]},
                {"name": "sidecar", "image": "registry.example/proxy:latest",
                 "securityContext": {"runAsUser": 0,
                     "capabilities": {"add": ["NET_ADMIN", "SYS_TIME"], "drop": ["KILL"]}},
                 "resources": {"limits": {"memory": "4Gi"}},
                 "ports": [{"containerPort": 443, "hostPort": 443}, {"containerPort": 9090}],
                 "env": [{"name": "TOKEN", "value": "s3cret"},
                         {"name": "URL", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                 "volumeMounts": [{"name": "data", "mountPath": "/data"},
                                  {"name": "host", "mountPath": "/host"}],
                 "livenessProbe": {"httpGet": {"port": 9090}}}
            ],
            "ephemeralContainers": [{"name": "debug", "image": "ubuntu"}],
            "volumes": [
                {"name": "data", "emptyDir": {}},
                {"name": "host", "hostPath": {"path": "/var/run/docker.sock"}},
                {"name": "creds", "projected": {"sources": [
                    {"configMap": {"name": "c"}},
                    {"serviceAccountToken": {"path": "token", "expirationSeconds": 86400}}
                ]}}
            ],
            "tolerations": [{"key": "a", "operator": "Exists"}, {"operator": "Exists"}]
        }
    })
}

fn job() -> Value {
    let mut template = pod();
    template
        .as_object_mut()
        .unwrap()
        .retain(|key, _| key == "metadata" || key == "spec");
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "batch", "namespace": "agents", "labels": {"app": "batch"}},
        "spec": {"parallelism": 4, "completions": 2, "backoffLimit": 6, "template": template}
    })
}

/// The places of the one finding or more of a validation; `variables` come before it.
#[track_caller]
fn places_of(object: Value, variables: Variables<'_>, expression: &str) -> Vec<String> {
    let variables: Vec<Value> = variables
        .iter()
        .map(|(name, expression)| json!({"name": name, "expression": expression}))
        .collect();
    let spec = json!({"variables": variables, "validations": [{"expression": expression}]});
    let evaluation = judged(spec, &World::creating(object));
    assert_ne!(evaluation.verdicts, [Verdict::Pass], "{expression}");
    places(&evaluation)
}

#[track_caller]
fn points(table: &[(&str, &[&str])]) {
    points_with(&[], table);
}

#[track_caller]
fn points_with(variables: Variables<'_>, table: &[(&str, &[&str])]) {
    for (expression, expected) in table {
        let found = places_of(pod(), variables, expression);
        assert_eq!(found, *expected, "{expression}");
    }
}

/// Names and expressions of a policy's variables.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// The ways to write "all containers": each policy library has its own.
const EVERY_CONTAINER: Variables<'_> = &[
    (
        "joined",
        "object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])
         + (has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers : [])",
    ),
    (
        "flattened",
        "[object.spec.containers, object.spec.?initContainers.orValue([]),
          object.spec.?ephemeralContainers.orValue([])].flatten()",
    ),
    ("template", "object.kind == 'Pod' ? object.spec : object.spec.template.spec"),
    (
        "ofTemplate",
        "variables.template.containers + variables.template.?initContainers.orValue([])",
    ),
    ("images", "variables.joined.map(c, c.image)"),
    ("names", "variables.joined.map(c, has(c.name), c.name)"),
    ("bad", "variables.joined.filter(c, c.image.endsWith(':latest') || !c.image.contains(':'))"),
    ("badNames", "variables.bad.map(c, c.name)"),
    ("exempt", "['docker.io/library/busybox:latest']"),
];

#[test]
fn universal_checks_name_each_offender() {
    points(&[
        (
            "object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.allowPrivilegeEscalation) && c.securityContext.allowPrivilegeEscalation == false)",
            &["spec.containers[1].securityContext.allowPrivilegeEscalation"],
        ),
        (
            "object.spec.containers.all(container, has(container.resources.limits.cpu))",
            &["spec.containers[1].resources.limits.cpu"],
        ),
        (
            "object.spec.containers.all(c, !has(c.securityContext.runAsUser) || c.securityContext.runAsUser > 0)",
            &["spec.containers[1].securityContext.runAsUser"],
        ),
        (
            "object.spec.containers.all(c, c.securityContext.capabilities.drop.exists(d, d == 'ALL'))",
            &["spec.containers[1].securityContext.capabilities.drop"],
        ),
        (
            "object.spec.containers.all(c, 'ALL' in c.securityContext.capabilities.drop)",
            &["spec.containers[1].securityContext.capabilities.drop"],
        ),
        (
            "object.spec.containers.all(c, !has(c.securityContext.capabilities.add) || c.securityContext.capabilities.add.all(a, a in ['NET_ADMIN', 'CHOWN']))",
            &["spec.containers[1].securityContext.capabilities.add[1]"],
        ),
    ]);
}

#[test]
fn negated_existence_names_each_match() {
    points(&[
        (
            "!object.spec.volumes.exists(v, has(v.hostPath))",
            &["spec.volumes[1].hostPath"],
        ),
        (
            "!(object.spec.containers.exists(c, c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)))",
            &["spec.containers[1].ports[0].hostPort"],
        ),
        (
            "object.spec.volumes.filter(v, has(v.hostPath)).size() == 0",
            &["spec.volumes[1]"],
        ),
        (
            "size(object.spec.tolerations.filter(t, !has(t.key))) < 1",
            &["spec.tolerations[1]"],
        ),
        (
            "!has(object.spec.hostPID) || !object.spec.hostPID",
            &["spec.hostPID"],
        ),
        (
            "!(has(object.spec.hostPID) && object.spec.hostPID)",
            &["spec.hostPID"],
        ),
        (
            "object.spec.?hostPID.orValue(false) == false",
            &["spec.hostPID"],
        ),
        (
            "[object.spec.?hostPID, object.spec.?hostNetwork].all(h, !h.orValue(false))",
            &["spec.hostPID"],
        ),
    ]);
}

#[test]
fn joined_container_lists_keep_their_origins() {
    points_with(
        EVERY_CONTAINER,
        &[
            (
                "variables.joined.all(c, !c.image.endsWith(':latest'))",
                &["spec.containers[1].image", "spec.initContainers[0].image"],
            ),
            (
                "variables.flattened.all(c, c.image.startsWith('registry.example/'))",
                &[
                    "spec.initContainers[0].image",
                    "spec.ephemeralContainers[0].image",
                ],
            ),
            (
                "variables.ofTemplate.all(c, c.?securityContext.?privileged.orValue(false) == false)",
                &["spec.initContainers[0].securityContext.privileged"],
            ),
            (
                "variables.images.all(i, i in variables.exempt || i.contains('@sha256:'))",
                &[
                    "spec.containers[1].image",
                    "spec.ephemeralContainers[0].image",
                ],
            ),
            (
                "variables.bad.size() == 0",
                &[
                    "spec.containers[1]",
                    "spec.initContainers[0]",
                    "spec.ephemeralContainers[0]",
                ],
            ),
            (
                "variables.badNames == []",
                &[
                    "spec.containers[1].name",
                    "spec.initContainers[0].name",
                    "spec.ephemeralContainers[0].name",
                ],
            ),
            (
                "variables.badNames.join(', ') == ''",
                &[
                    "spec.containers[1].name",
                    "spec.initContainers[0].name",
                    "spec.ephemeralContainers[0].name",
                ],
            ),
            (
                "!('debug' in variables.names)",
                &["spec.ephemeralContainers[0].name"],
            ),
            (
                "!variables.images.exists(i, i.matches('^docker[.]io/'))",
                &["spec.initContainers[0].image"],
            ),
        ],
    );
}

#[test]
fn quantities_and_numbers_point_to_what_was_compared() {
    points(&[
        (
            "object.spec.containers.all(c, quantity(c.resources.limits.memory).compareTo(quantity('1Gi')) <= 0)",
            &["spec.containers[1].resources.limits.memory"],
        ),
        (
            "object.spec.containers.map(c, quantity(c.resources.limits.memory)).all(q, !q.isGreaterThan(quantity('1Gi')))",
            &["spec.containers[1].resources.limits.memory"],
        ),
        (
            "object.spec.containers.all(c, has(c.resources.requests) && c.resources.requests.memory == c.resources.limits.memory)",
            &[
                "spec.containers[0].resources.requests.memory",
                "spec.containers[1].resources.requests",
            ],
        ),
        (
            "object.spec.volumes.all(v, !has(v.projected) || v.projected.sources.all(s, !has(s.serviceAccountToken) || s.serviceAccountToken.expirationSeconds <= 3600))",
            &["spec.volumes[2].projected.sources[1].serviceAccountToken.expirationSeconds"],
        ),
    ]);
}

#[test]
fn nested_and_two_variable_macros_point_through_all_levels() {
    points(&[
        (
            "object.spec.containers.all(c, c.volumeMounts.all(m, object.spec.volumes.exists(v, v.name == m.name && has(v.emptyDir))))",
            &["spec.containers[1].volumeMounts[1].name"],
        ),
        (
            "object.spec.containers.all(i, c, i == 0 || has(c.readinessProbe))",
            &["spec.containers[1].readinessProbe"],
        ),
        (
            "object.metadata.labels.all(k, v, v.matches('^[a-z0-9-]+$'))",
            &["metadata.labels.tier"],
        ),
        (
            "object.metadata.annotations.all(k, object.metadata.annotations[k] != '')",
            &["metadata.annotations.cost-centre"],
        ),
        (
            "object.spec.containers.transformList(i, c, has(c.livenessProbe), c.name).size() == 0",
            &["spec.containers[1].name"],
        ),
        (
            "!object.spec.containers.exists(c, c.?env.orValue([]).exists(e, e.name.matches('(?i)token|secret') && has(e.value)))",
            &["spec.containers[1].env[0].name"],
        ),
        (
            "lists.range(object.spec.containers.size()).all(i, !object.spec.containers[i].image.endsWith(':latest'))",
            &["spec.containers[1].image"],
        ),
        (
            "object.spec.containers.exists_one(c, c.ports.exists(p, p.containerPort == 22))",
            &["spec.containers"],
        ),
    ]);
}

#[test]
fn sets_lists_and_maps_point_to_their_sources() {
    points(&[
        (
            "sets.contains(['NET_ADMIN'], object.spec.containers[1].securityContext.capabilities.add)",
            &["spec.containers[1].securityContext.capabilities.add[1]"],
        ),
        (
            "!sets.intersects(object.spec.containers.map(c, c.name), ['sidecar'])",
            &["spec.containers[1].name"],
        ),
        (
            "['app', 'team'].all(l, l in object.metadata.labels)",
            &["metadata.labels.team"],
        ),
        (
            "['owner', 'on-call'].all(a, has(object.metadata.annotations) && a in object.metadata.annotations && object.metadata.annotations[a] != '')",
            &["metadata.annotations.on-call"],
        ),
        (
            "object.metadata.?labels['team'].hasValue()",
            &["metadata.labels.team"],
        ),
        (
            "'team' in object.metadata.labels && object.metadata.labels['team'] != ''",
            &["metadata.labels.team"],
        ),
        (
            "object.spec.securityContext.sysctls.all(s, s.name in ['net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies'])",
            &["spec.securityContext.sysctls[1].name"],
        ),
        (
            "object.spec.serviceAccountName != 'default'",
            &["spec.serviceAccountName"],
        ),
    ]);
}

#[test]
fn conditions_and_ternaries_point_to_the_requirement() {
    points(&[
        (
            "object.metadata.name.startsWith('exempt-') || object.spec.serviceAccountName.startsWith('agent-')",
            &["spec.serviceAccountName"],
        ),
        (
            "has(object.spec.runtimeClassName) ? object.spec.runtimeClassName == 'gvisor' : false",
            &["spec.runtimeClassName"],
        ),
        (
            "object.metadata.labels.app == 'web' ? object.spec.containers.size() == 1 : true",
            &["spec.containers"],
        ),
        (
            "!(object.metadata.labels.app == 'web') || object.spec.restartPolicy == 'Never'",
            &["spec.restartPolicy"],
        ),
    ]);
}

#[test]
fn templates_of_other_kinds_are_followed() {
    let table: &[(Variables<'_>, &str, &[&str])] = &[
        (
            EVERY_CONTAINER,
            "variables.ofTemplate.all(c, c.?securityContext.?privileged.orValue(false) == false)",
            &["spec.template.spec.initContainers[0].securityContext.privileged"],
        ),
        (
            &[("spec", "object.?spec.?template.?spec.orValue(object.spec)")],
            "variables.spec.volumes.all(v, !has(v.hostPath) || v.hostPath.path.startsWith('/data'))",
            &["spec.template.spec.volumes[1].hostPath.path"],
        ),
        (
            &[],
            "object.spec.?completions.orValue(1) >= object.spec.?parallelism.orValue(1)",
            &["spec.completions"],
        ),
        (
            &[],
            "has(object.spec.activeDeadlineSeconds)",
            &["spec.activeDeadlineSeconds"],
        ),
        (
            &[],
            "object.spec.?activeDeadlineSeconds.orValue(0) > 0 && object.spec.backoffLimit == 0",
            &["spec.activeDeadlineSeconds", "spec.backoffLimit"],
        ),
        (
            &[],
            "object.spec.template.metadata.labels.app == object.metadata.labels.app",
            &["spec.template.metadata.labels.app"],
        ),
    ];
    for (variables, expression, expected) in table {
        assert_eq!(
            places_of(job(), variables, expression),
            *expected,
            "{expression}"
        );
    }
}

#[test]
fn values_that_were_computed_point_to_what_they_were_computed_from() {
    points_with(
        &[
            (
                "all",
                "object.spec.containers + object.spec.?initContainers.orValue([])",
            ),
            (
                "privileged",
                "variables.all.exists(c, c.?securityContext.?privileged.orValue(false))",
            ),
            (
                "added",
                "variables.all.map(c, c.?securityContext.?capabilities.?add.orValue([]))",
            ),
            (
                "violations",
                "object.spec.containers.filter(c, !has(c.resources.requests)).map(c, 'container ' + c.name)",
            ),
            (
                "images",
                "object.spec.containers.transformMapEntry(i, c, {c.name: c.image})",
            ),
            ("allowed", "['registry.example/app', 'mirror.example/']"),
        ],
        &[
            (
                "!variables.privileged",
                &["spec.initContainers[0].securityContext.privileged"],
            ),
            (
                "variables.added.flatten().all(a, a == 'NET_ADMIN')",
                &["spec.containers[1].securityContext.capabilities.add[1]"],
            ),
            (
                "variables.added.all(l, l.all(a, a == 'NET_ADMIN'))",
                &["spec.containers[1].securityContext.capabilities.add[1]"],
            ),
            (
                "variables.violations.size() == 0",
                &["spec.containers[1].name"],
            ),
            (
                "size(variables.violations) == 0",
                &["spec.containers[1].name"],
            ),
            (
                "variables.violations.all(v, v == '')",
                &["spec.containers[1].name"],
            ),
            (
                "variables.images['sidecar'].contains('@sha256:')",
                &["spec.containers[1].image"],
            ),
            (
                "object.spec.containers.all(c, variables.allowed.exists(a, c.image.startsWith(a)))",
                &["spec.containers[1].image"],
            ),
            (
                "object.spec.containers.all(c, c.image.contains('@sha256:') || variables.allowed.exists(a, c.image.startsWith(a)))",
                &["spec.containers[1].image"],
            ),
            (
                "object.spec.containers.all(c, c.image.split('/')[1].find('^[a-z]+') in ['app', 'tool'])",
                &["spec.containers[1].image"],
            ),
            (
                "object.spec.containers.map(c, size(c.ports)).sum() <= 2",
                &["spec.containers[0].ports", "spec.containers[1].ports"],
            ),
            (
                "object.spec.containers.map(c, c.resources.limits.memory).map(m, quantity(m)).all(q, q.isLessThan(quantity('1Gi')))",
                &["spec.containers[1].resources.limits.memory"],
            ),
            (
                "object.spec.containers.filter(c, has(c.livenessProbe)).map(c, c.name).all(n, n == 'app')",
                &["spec.containers[1].name"],
            ),
            (
                "object.metadata.labels.filter(k, k != 'app').size() == 0",
                &["metadata.labels.tier"],
            ),
        ],
    );
}

#[test]
fn pod_level_settings_and_container_overrides_point_to_the_last_word() {
    points(&[
        (
            "(has(object.spec.securityContext) && has(object.spec.securityContext.runAsUser) && object.spec.securityContext.runAsUser > 0)
             || object.spec.containers.all(c, has(c.securityContext) && has(c.securityContext.runAsUser) && c.securityContext.runAsUser > 0)",
            &["spec.containers[1].securityContext.runAsUser"],
        ),
        (
            "object.spec.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault'",
            &["spec.securityContext.seccompProfile"],
        ),
        (
            "object.spec.containers.all(c, c.?securityContext.?runAsNonRoot.orValue(object.spec.?securityContext.?runAsNonRoot.orValue(false)) == false)",
            &["spec.securityContext.runAsNonRoot"],
        ),
        (
            "object.spec.?automountServiceAccountToken.orValue(true) == false",
            &["spec.automountServiceAccountToken"],
        ),
    ]);
}

#[test]
fn parameters_are_no_places_but_what_they_forbid_is() {
    let spec = json!({
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "validations": [{"expression": "object.spec.containers.all(c, params.data.registries.split(',').exists(r, c.image.startsWith(r)))"},
                        {"expression": "quantity(params.data.memory).compareTo(quantity(object.spec.containers[1].resources.limits.memory)) >= 0"},
                        {"expression": "!(object.spec.serviceAccountName in params.data.accounts.split(','))"}]
    });
    let set = set_of(&[
        policy(spec),
        binding(json!({"paramRef": {"name": "limits", "parameterNotFoundAction": "Deny"}})),
    ]);
    let world = World {
        params: vec![json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "limits", "namespace": "agents"},
            "data": {"registries": "registry.example/app,mirror.example/", "memory": "1Gi",
                     "accounts": "default,root"}})],
        params_namespaced: Some(true),
        ..World::creating(pod())
    };
    let evaluation = world.judge(&set).policies.remove(0);
    assert_eq!(
        places(&evaluation),
        [
            "spec.containers[1].image",
            "spec.containers[1].resources.limits.memory",
            "spec.serviceAccountName"
        ],
        "{evaluation:?}"
    );
}

#[test]
fn an_update_points_to_what_changed() {
    let mut old = pod();
    old["metadata"]["labels"]["app"] = json!("other");
    old["spec"]["containers"][0]["image"] = json!("registry.example/app@sha256:4567");
    let world = World {
        operation: Operation::Update,
        old_object: Some(old),
        ..World::creating(pod())
    };
    for (expression, expected) in [
        (
            "object.metadata.labels.app == oldObject.metadata.labels.app",
            "metadata.labels.app",
        ),
        (
            "object.spec.containers.all(c, oldObject.spec.containers.exists(o, o.name == c.name && o.image == c.image))",
            "spec.containers[0].image",
        ),
        (
            "object.spec.containers.all(i, c, c.image == oldObject.spec.containers[i].image)",
            "spec.containers[0].image",
        ),
    ] {
        let evaluation = judged(validation(json!({"expression": expression})), &world);
        assert_eq!(places(&evaluation), [expected], "{expression}");
    }
}

#[test]
fn a_message_expression_does_not_change_the_places() {
    let spec = json!({
        "variables": [{"name": "bad", "expression": "object.spec.containers.filter(c, c.image.endsWith(':latest'))"}],
        "validations": [{
            "expression": "variables.bad.all(c, false)",
            "messageExpression": "'not allowed: ' + variables.bad.map(c, c.name).join(', ')"
        }]
    });
    let evaluation = judged(spec, &World::creating(pod()));
    assert_eq!(places(&evaluation), ["spec.containers[1]"]);
    assert_eq!(evaluation.findings[0].message, "not allowed: sidecar");
}

#[test]
fn errors_point_to_what_could_not_be_evaluated() {
    points(&[
        (
            "object.spec.containers.all(c, c.livenessProbe.httpGet.port > 0)",
            &["spec.containers[0].livenessProbe"],
        ),
        (
            "object.metadata.labels.team == 'a'",
            &["metadata.labels.team"],
        ),
        (
            "quantity(object.metadata.name).isInteger()",
            &["metadata.name"],
        ),
        ("object.spec.hostPID.startsWith('x')", &["spec.hostPID"]),
        (
            "object.spec.containers[5].name == 'x'",
            &["spec.containers"],
        ),
    ]);
}
