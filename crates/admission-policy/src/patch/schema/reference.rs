//! Types of `k8s.io/api/core/v1` that others share: references to objects, and resources.

use super::Shape::{Flag, Keyed, Map, Scalar, Text};
use super::keys::NAME;
use super::{Structure, atomic, granular};

pub(super) static CONFIG_MAP_KEY_SELECTOR: Structure =
    atomic(&[("key", Text), ("name", Text), ("optional", Flag)]);

pub(super) static FILE_KEY_SELECTOR: Structure = atomic(&[
    ("key", Text),
    ("optional", Flag),
    ("path", Text),
    ("volumeName", Text),
]);

pub(super) static LOCAL_OBJECT_REFERENCE: Structure = atomic(&[("name", Text)]);

pub(super) static OBJECT_FIELD_SELECTOR: Structure =
    atomic(&[("apiVersion", Text), ("fieldPath", Text)]);

pub(super) static OBJECT_REFERENCE: Structure = atomic(&[
    ("apiVersion", Text),
    ("fieldPath", Text),
    ("kind", Text),
    ("name", Text),
    ("namespace", Text),
    ("resourceVersion", Text),
    ("uid", Text),
]);

pub(super) static RESOURCE_CLAIM: Structure = granular(&[("name", Text), ("request", Text)]);

pub(super) static RESOURCE_FIELD_SELECTOR: Structure = atomic(&[
    ("containerName", Text),
    ("divisor", Scalar),
    ("resource", Text),
]);

pub(super) static RESOURCE_REQUIREMENTS: Structure = granular(&[
    ("claims", Keyed(&RESOURCE_CLAIM, NAME)),
    ("limits", Map(&Scalar)),
    ("requests", Map(&Scalar)),
]);

pub(super) static SECRET_KEY_SELECTOR: Structure =
    atomic(&[("key", Text), ("name", Text), ("optional", Flag)]);

pub(super) static TYPED_LOCAL_OBJECT_REFERENCE: Structure =
    atomic(&[("apiGroup", Text), ("kind", Text), ("name", Text)]);

pub(super) static TYPED_OBJECT_REFERENCE: Structure = granular(&[
    ("apiGroup", Text),
    ("kind", Text),
    ("name", Text),
    ("namespace", Text),
]);
