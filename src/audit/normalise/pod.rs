//! Defaults of Pods and pod templates.

use admission_cel::json::Json;

use super::draft::Draft;
use super::quantities::RESOURCES;
use super::scheduling;
use super::service_account;
use super::shape::{Default, Member, Shape};
use super::volume::VOLUME;

/// `v1` Pod.
pub const POD: Shape = Shape {
    members: &[("spec", Member::One(&POD_SPEC))],
    ..Shape::EMPTY
};

/// `v1` PodTemplate.
pub const POD_TEMPLATE: Shape = Shape {
    members: &[("template", Member::One(&TEMPLATE))],
    ..Shape::EMPTY
};

/// Kinds with `spec.template`. Of their own defaults policies read none.
pub const WORKLOAD: Shape = Shape {
    members: &[("spec", Member::One(&WORKLOAD_SPEC))],
    ..Shape::EMPTY
};
const WORKLOAD_SPEC: Shape = Shape {
    members: &[("template", Member::One(&TEMPLATE))],
    ..Shape::EMPTY
};

/// A pod template. Its metadata is there even when nobody wrote any.
pub const TEMPLATE: Shape = Shape {
    defaults: &[("metadata", Default::EmptyObject)],
    members: &[("spec", Member::One(&TEMPLATE_SPEC))],
    ..Shape::EMPTY
};

const SPEC_DEFAULTS: &[(&str, Default)] = &[
    ("restartPolicy", Default::Text("Always")),
    ("terminationGracePeriodSeconds", Default::Int(30)),
    ("dnsPolicy", Default::Text("ClusterFirst")),
    ("securityContext", Default::EmptyObject),
    ("schedulerName", Default::Text("default-scheduler")),
];
const SPEC_MEMBERS: &[(&str, Member)] = &[
    ("resources", Member::One(&RESOURCES)),
    ("initContainers", Member::Each(&CONTAINER)),
    ("containers", Member::Each(&CONTAINER)),
    ("ephemeralContainers", Member::Each(&CONTAINER)),
    ("volumes", Member::Each(&VOLUME)),
];

const TEMPLATE_SPEC: Shape = Shape {
    defaults: SPEC_DEFAULTS,
    members: SPEC_MEMBERS,
    computed: &[service_account::fill_alias],
};
const POD_SPEC: Shape = Shape {
    defaults: SPEC_DEFAULTS,
    members: &[
        ("resources", Member::One(&RESOURCES)),
        ("initContainers", Member::Each(&POD_CONTAINER)),
        ("containers", Member::Each(&POD_CONTAINER)),
        ("ephemeralContainers", Member::Each(&CONTAINER)),
        ("volumes", Member::Each(&VOLUME)),
    ],
    computed: &[
        enable_service_links,
        host_ports,
        service_account::fill_alias,
        service_account::default_account,
        scheduling::prioritise,
        scheduling::tolerate,
    ],
};

const CONTAINER_DEFAULTS: &[(&str, Default)] = &[
    ("resources", Default::EmptyObject),
    (
        "terminationMessagePath",
        Default::Text("/dev/termination-log"),
    ),
    ("terminationMessagePolicy", Default::Text("File")),
];
const CONTAINER_MEMBERS: &[(&str, Member)] = &[
    ("ports", Member::Each(&PORT)),
    ("env", Member::Each(&ENVIRONMENT_VARIABLE)),
    ("livenessProbe", Member::One(&PROBE)),
    ("readinessProbe", Member::One(&PROBE)),
    ("startupProbe", Member::One(&PROBE)),
    ("lifecycle", Member::One(&LIFECYCLE)),
    ("resources", Member::One(&RESOURCES)),
];
const CONTAINER: Shape = Shape {
    defaults: CONTAINER_DEFAULTS,
    members: CONTAINER_MEMBERS,
    computed: &[image_pull_policy],
};
/// Only in Pods, not in templates, requests default to the limits.
const POD_CONTAINER: Shape = Shape {
    defaults: CONTAINER_DEFAULTS,
    members: CONTAINER_MEMBERS,
    computed: &[image_pull_policy, requests_from_limits],
};
const PORT: Shape = Shape {
    defaults: &[("protocol", Default::Text("TCP"))],
    ..Shape::EMPTY
};
const ENVIRONMENT_VARIABLE: Shape = Shape {
    members: &[("valueFrom", Member::One(&FIELD_SOURCE))],
    ..Shape::EMPTY
};
/// What refers to a field of the Pod.
pub const FIELD_SOURCE: Shape = Shape {
    members: &[
        ("fieldRef", Member::One(&FIELD_REFERENCE)),
        ("resourceFieldRef", Member::One(&RESOURCE_REFERENCE)),
    ],
    ..Shape::EMPTY
};
const RESOURCE_REFERENCE: Shape = Shape {
    defaults: &[("divisor", Default::Text("0"))],
    ..Shape::EMPTY
};
const FIELD_REFERENCE: Shape = Shape {
    defaults: &[("apiVersion", Default::Text("v1"))],
    ..Shape::EMPTY
};
const PROBE: Shape = Shape {
    defaults: &[
        ("timeoutSeconds", Default::Int(1)),
        ("periodSeconds", Default::Int(10)),
        ("successThreshold", Default::Int(1)),
        ("failureThreshold", Default::Int(3)),
    ],
    members: &[
        ("httpGet", Member::One(&HTTP_GET)),
        ("grpc", Member::One(&GRPC)),
    ],
    ..Shape::EMPTY
};
const HTTP_GET: Shape = Shape {
    defaults: &[
        ("path", Default::Text("/")),
        ("scheme", Default::Text("HTTP")),
    ],
    ..Shape::EMPTY
};
const GRPC: Shape = Shape {
    defaults: &[("service", Default::Text(""))],
    ..Shape::EMPTY
};
const LIFECYCLE: Shape = Shape {
    members: &[
        ("postStart", Member::One(&HANDLER)),
        ("preStop", Member::One(&HANDLER)),
    ],
    ..Shape::EMPTY
};
const HANDLER: Shape = Shape {
    members: &[("httpGet", Member::One(&HTTP_GET))],
    ..Shape::EMPTY
};

fn enable_service_links(draft: &mut Draft<'_>) {
    draft.set_default("enableServiceLinks", Json::Bool(true));
}

/// On the node's network a container's ports are the node's.
fn host_ports(draft: &mut Draft<'_>) {
    if draft.get("hostNetwork").and_then(|flag| flag.as_bool()) != Some(true) {
        return;
    }
    for list in ["containers", "initContainers"] {
        let Some(containers) = draft.get(list) else {
            continue;
        };
        if let Some(containers) = HOST_NETWORK_CONTAINERS.fill_each(containers, draft.arena) {
            draft.set(list, containers);
        }
    }
}

const HOST_NETWORK_CONTAINERS: Shape = Shape {
    members: &[("ports", Member::Each(&HOST_NETWORK_PORT))],
    ..Shape::EMPTY
};
const HOST_NETWORK_PORT: Shape = Shape {
    computed: &[host_port],
    ..Shape::EMPTY
};

fn host_port(draft: &mut Draft<'_>) {
    if let Some(port) = draft.get("containerPort") {
        draft.set_default("hostPort", port);
    }
}

/// `Always` for an image without tag or digest, or tagged `latest`, even with a digest behind it.
fn image_pull_policy(draft: &mut Draft<'_>) {
    let image = draft.text("image");
    let name = image.rsplit('/').next().unwrap_or(image);
    let (name, digest) = name
        .split_once('@')
        .map_or((name, None), |(n, digest)| (n, Some(digest)));
    let moves = match name.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_none(),
    };
    draft.set_default(
        "imagePullPolicy",
        Json::String(if moves { "Always" } else { "IfNotPresent" }),
    );
}

fn requests_from_limits(draft: &mut Draft<'_>) {
    let Some(resources) = draft
        .get("resources")
        .and_then(|resources| resources.as_object())
    else {
        return;
    };
    let Some(limits) = resources.get("limits").and_then(Json::as_object) else {
        return;
    };
    let mut changed = Draft::new(resources, draft.arena);
    let requests = changed
        .get("requests")
        .and_then(|requests| requests.as_object());
    let present = requests.map_or(&[][..], |requests| requests.entries());
    let missing = limits
        .entries()
        .iter()
        .filter(|limit| !present.iter().any(|request| request.key == limit.key));
    let all = present
        .iter()
        .chain(missing)
        .map(|entry| (entry.key, entry.value));
    let requests = changed.object(all);
    changed.set("requests", requests);
    if let Some(resources) = changed.finish() {
        draft.set("resources", resources);
    }
}
