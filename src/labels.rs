//! The labels that mark and describe agent workloads.

use admission_cel::json::{Json, Object};
use admission_policy::decide::Mode;
use bumpalo::Bump;

/// On a Namespace: the boundary, and its mode.
pub const AGENTS: &str = "cattlegrid.dev/agents";
/// On a Namespace: the highest trust phase of agents in it.
pub const MAX_PHASE: &str = "cattlegrid.dev/max-phase";
/// On a workload outside agent namespaces: it is an agent.
pub const WORKLOAD: &str = "cattlegrid.dev/workload";
/// The value of [`WORKLOAD`] that marks an agent.
pub const WORKLOAD_AGENT: &str = "agent";
/// One invocation.
pub const INVESTIGATION: &str = "cattlegrid.dev/investigation";
/// The trust phase.
pub const PHASE: &str = "cattlegrid.dev/phase";
/// The resource profile.
pub const PROFILE: &str = "cattlegrid.dev/profile";

/// The value of a label of `object`.
pub fn label<'a>(object: &'a Json<'a>, key: &str) -> Option<&'a str> {
    object.at(&["metadata", "labels"])?.get(key)?.as_str()
}

/// `object` with a label set.
pub fn with_label<'a>(
    object: &'a Json<'a>,
    key: &'a str,
    value: &'a str,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let with = |node: Option<&'a Json<'a>>, key: &'a str, value: Json<'a>| {
        let entries = node
            .and_then(Json::as_object)
            .map_or(&[][..], Object::entries);
        let kept = entries.iter().map(|entry| (entry.key, entry.value));
        Json::Object(Object::new(arena, kept.chain([(key, value)])))
    };
    let metadata = object.get("metadata");
    let labels = with(object.at(&["metadata", "labels"]), key, Json::String(value));
    let metadata = with(metadata, "labels", labels);
    arena.alloc(with(Some(object), "metadata", metadata))
}

/// The mode that a Namespace's label asks for. An unknown value is the strictest: a typing error
/// must not open the boundary.
pub fn namespace_mode<'a>(namespace: &'a Json<'a>) -> Option<Mode> {
    label(namespace, AGENTS).map(|value| match value {
        "audit" => Mode::Audit,
        "warn" => Mode::Warn,
        _ => Mode::Enforce,
    })
}
