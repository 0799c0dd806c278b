use std::collections::HashSet;

use super::*;

#[test]
fn every_kind_that_makes_pods_has_a_schema() {
    let kinds = [
        ("", "v1", "Pod"),
        ("", "v1", "PodTemplate"),
        ("", "v1", "ReplicationController"),
        ("batch", "v1", "Job"),
        ("batch", "v1", "CronJob"),
        ("apps", "v1", "Deployment"),
        ("apps", "v1", "StatefulSet"),
        ("apps", "v1", "DaemonSet"),
        ("apps", "v1", "ReplicaSet"),
    ];
    for (group, version, kind) in kinds {
        assert!(schema_of(group, version, kind).is_some(), "{kind}");
    }
    assert!(schema_of("", "v1", "Secret").is_none());
    assert!(schema_of("batch", "v1beta1", "CronJob").is_none());
}

/// Where a field of a Pod is, and how it merges.
#[test]
fn lists_and_maps_merge_as_their_markers_say() {
    let cases = [
        ("metadata.labels", "map"),
        ("metadata.finalizers", "set"),
        ("metadata.ownerReferences", "keyed by uid"),
        ("spec.containers", "keyed by name"),
        ("spec.initContainers", "keyed by name"),
        ("spec.ephemeralContainers", "keyed by name"),
        ("spec.volumes", "keyed by name"),
        ("spec.imagePullSecrets", "keyed by name"),
        ("spec.hostAliases", "keyed by ip"),
        ("spec.schedulingGates", "keyed by name"),
        ("spec.resourceClaims", "keyed by name"),
        (
            "spec.topologySpreadConstraints",
            "keyed by topologyKey, whenUnsatisfiable",
        ),
        ("spec.tolerations", "atomic"),
        ("spec.nodeSelector", "atomic"),
        ("spec.dnsConfig.nameservers", "atomic"),
        ("spec.containers.ports", "keyed by containerPort, protocol"),
        ("spec.containers.env", "keyed by name"),
        ("spec.containers.envFrom", "atomic"),
        ("spec.containers.env.valueFrom.fieldRef", "atomic"),
        ("spec.containers.env.valueFrom.secretKeyRef", "atomic"),
        ("spec.containers.volumeMounts", "keyed by mountPath"),
        ("spec.containers.volumeDevices", "keyed by devicePath"),
        ("spec.containers.command", "atomic"),
        ("spec.containers.resources.limits", "map"),
        ("spec.containers.securityContext", "granular"),
        (
            "spec.containers.securityContext.capabilities.drop",
            "atomic",
        ),
        ("spec.volumes.projected.sources", "atomic"),
        ("spec.affinity.podAffinity", "granular"),
        ("status.conditions", "keyed by type"),
        ("status.podIPs", "keyed by ip"),
    ];
    for (path, expected) in cases {
        assert_eq!(relationship(path), expected, "{path}");
    }
}

fn relationship(path: &str) -> String {
    let mut structure = schema_of("", "v1", "Pod").unwrap().root();
    let mut found = None;
    for name in path.split('.') {
        let shape = structure.field(name).unwrap();
        found = Some(shape);
        if let Some(next) = structure_in(shape) {
            structure = next;
        }
    }
    match found.unwrap() {
        Shape::Map(_) => "map".to_owned(),
        Shape::Set(_) => "set".to_owned(),
        Shape::List(_) | Shape::AtomicMap(_) => "atomic".to_owned(),
        Shape::Object(structure) if structure.is_atomic => "atomic".to_owned(),
        Shape::Object(_) => "granular".to_owned(),
        Shape::Keyed(_, keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("keyed by {}", names.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn structure_in(shape: &Shape) -> Option<&'static Structure> {
    match shape {
        Shape::Object(structure) | Shape::Keyed(structure, _) => Some(structure),
        Shape::List(items) => structure_in(items),
        _ => None,
    }
}

#[test]
fn fields_are_ordered_and_keys_are_declared() {
    let mut seen = HashSet::new();
    for (_, schema) in KINDS {
        check_structure(schema.root(), &mut seen);
    }
    assert!(seen.len() > 150, "{}", seen.len());
}

fn check_structure(structure: &'static Structure, seen: &mut HashSet<*const Structure>) {
    if !seen.insert(structure) {
        return;
    }
    let names: Vec<&str> = structure.fields.iter().map(|(name, _)| *name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (_, shape) in structure.fields {
        if let Shape::Keyed(items, keys) = shape {
            assert!(
                keys.iter().all(|key| items.field(key.name).is_some()),
                "{names:?}"
            );
        }
        if let Some(next) = structure_in(shape) {
            check_structure(next, seen);
        }
    }
}
