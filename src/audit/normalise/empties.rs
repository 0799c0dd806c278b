//! Members that hold nothing: the API server leaves them out, since its types cannot tell them from
//! members that are absent (`omitempty` in `k8s.io/api`). What can be told apart there, such as
//! `automountServiceAccountToken: false`, stays.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

/// Members whose `false` is no news.
const FLAGS: &[&str] = &[
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "readOnly",
    "stdin",
    "stdinOnce",
    "tty",
];
/// Members whose empty text is no news.
const TEXTS: &[&str] = &[
    "generateName",
    "hostname",
    "mountPath",
    "nodeName",
    "priorityClassName",
    "reason",
    "schedulerName",
    "serviceAccount",
    "serviceAccountName",
    "subPath",
    "subPathExpr",
    "subdomain",
    "value",
    "workingDir",
];
/// Members whose empty list is no news.
const LISTS: &[&str] = &[
    "add",
    "args",
    "claims",
    "command",
    "drop",
    "env",
    "envFrom",
    "ephemeralContainers",
    "finalizers",
    "hostAliases",
    "imagePullSecrets",
    "initContainers",
    "items",
    "matchExpressions",
    "ownerReferences",
    "ports",
    "readinessGates",
    "resourceClaims",
    "restartPolicyRules",
    "schedulingGates",
    "supplementalGroups",
    "sysctls",
    "tolerations",
    "topologySpreadConstraints",
    "volumeDevices",
    "volumeMounts",
    "volumes",
];
/// Members that map keys of the user's own: empty ones are no news, and what is in them stays.
const MAPS: &[&str] = &[
    "annotations",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "requests",
];

/// The value without such members; `None` when there are none.
pub fn without<'a>(value: &Json<'a>, arena: &'a Bump) -> Option<Json<'a>> {
    match value {
        Json::Object(object) => without_members(*object, arena),
        Json::Array(items) => {
            let changed: Vec<Option<Json<'a>>> =
                items.iter().map(|item| without(item, arena)).collect();
            if changed.iter().all(Option::is_none) {
                return None;
            }
            let items = items
                .iter()
                .zip(changed)
                .map(|(item, changed)| changed.unwrap_or(*item));
            Some(Json::Array(
                arena.alloc_slice_fill_iter(items.collect::<Vec<_>>()),
            ))
        }
        _ => None,
    }
}

fn without_members<'a>(object: Object<'a>, arena: &'a Bump) -> Option<Json<'a>> {
    let mut kept = Vec::with_capacity(object.len());
    let mut is_changed = false;
    for entry in object.entries() {
        if is_nothing(entry.key, &entry.value) {
            is_changed = true;
        } else if !MAPS.contains(&entry.key)
            && let Some(value) = without(&entry.value, arena)
        {
            is_changed = true;
            kept.push((entry.key, value));
        } else {
            kept.push((entry.key, entry.value));
        }
    }
    is_changed.then(|| Json::Object(Object::new(arena, kept)))
}

fn is_nothing(key: &str, value: &Json<'_>) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(false) => FLAGS.contains(&key),
        Json::String("") => TEXTS.contains(&key),
        Json::Array([]) => LISTS.contains(&key),
        Json::Object(members) => members.is_empty() && MAPS.contains(&key),
        _ => false,
    }
}
