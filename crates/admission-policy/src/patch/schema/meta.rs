//! Types of `k8s.io/apimachinery/pkg/apis/meta/v1`.

use super::Shape::{Flag, Free, Keyed, List, Map, Number, Object, Scalar, Set, Text};
use super::keys::UID;
use super::{Structure, atomic, granular};

pub(super) static LABEL_SELECTOR: Structure = atomic(&[
    (
        "matchExpressions",
        List(&Object(&LABEL_SELECTOR_REQUIREMENT)),
    ),
    ("matchLabels", Map(&Text)),
]);

pub(super) static LABEL_SELECTOR_REQUIREMENT: Structure =
    granular(&[("key", Text), ("operator", Text), ("values", List(&Text))]);

pub(super) static MANAGED_FIELDS_ENTRY: Structure = granular(&[
    ("apiVersion", Text),
    ("fieldsType", Text),
    ("fieldsV1", Free),
    ("manager", Text),
    ("operation", Text),
    ("subresource", Text),
    ("time", Scalar),
]);

pub(super) static OBJECT_META: Structure = granular(&[
    ("annotations", Map(&Text)),
    ("creationTimestamp", Scalar),
    ("deletionGracePeriodSeconds", Number),
    ("deletionTimestamp", Scalar),
    ("finalizers", Set(&Text)),
    ("generateName", Text),
    ("generation", Number),
    ("labels", Map(&Text)),
    ("managedFields", List(&Object(&MANAGED_FIELDS_ENTRY))),
    ("name", Text),
    ("namespace", Text),
    ("ownerReferences", Keyed(&OWNER_REFERENCE, UID)),
    ("resourceVersion", Text),
    ("selfLink", Text),
    ("uid", Text),
]);

pub(super) static OWNER_REFERENCE: Structure = atomic(&[
    ("apiVersion", Text),
    ("blockOwnerDeletion", Flag),
    ("controller", Flag),
    ("kind", Text),
    ("name", Text),
    ("uid", Text),
]);
