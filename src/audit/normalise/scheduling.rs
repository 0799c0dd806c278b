//! What admission plugins write into a Pod for the scheduler: its priority, and how long it stays on
//! a node that does not answer.

use admission_cel::json::Json;

use super::draft::Draft;

/// The classes that every cluster has. What others are worth only the cluster knows.
const CLASSES: &[(&str, i64)] = &[
    ("", 0),
    ("system-cluster-critical", 2_000_000_000),
    ("system-node-critical", 2_000_001_000),
];
/// Seconds that a Pod stays on a node that does not answer.
const TOLERATION_SECONDS: i64 = 300;
/// The taints of such a node.
const TAINTS: [&str; 2] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];

/// The priority of the Pod's class; a cluster's own default class is not known here.
pub fn prioritise(draft: &mut Draft<'_>) {
    let name = draft.text("priorityClassName");
    let Some((_, priority)) = CLASSES.iter().find(|(class, _)| *class == name) else {
        return;
    };
    draft.set_default("preemptionPolicy", Json::String("PreemptLowerPriority"));
    draft.set_default("priority", Json::Int(*priority));
}

/// Tolerations of the taints that nothing in the Pod tolerates for good or for a time of its own.
pub fn tolerate(draft: &mut Draft<'_>) {
    let present = draft
        .get("tolerations")
        .and_then(|list| list.as_array())
        .unwrap_or(&[]);
    let is_tolerated = |taint: &str| {
        present.iter().any(|toleration| {
            let text = |key| {
                toleration
                    .get(key)
                    .and_then(Json::as_str)
                    .unwrap_or_default()
            };
            ["", taint].contains(&text("key")) && ["", "NoExecute"].contains(&text("effect"))
        })
    };
    let missing = TAINTS.into_iter().filter(|taint| !is_tolerated(taint));
    let added: Vec<Json<'_>> = missing
        .map(|taint| {
            draft.object([
                ("effect", Json::String("NoExecute")),
                ("key", Json::String(taint)),
                ("operator", Json::String("Exists")),
                ("tolerationSeconds", Json::Int(TOLERATION_SECONDS)),
            ])
        })
        .collect();
    if !added.is_empty() {
        let all = draft.array(&[present, &added].concat());
        draft.set("tolerations", all);
    }
}
