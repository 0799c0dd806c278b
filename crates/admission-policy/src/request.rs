//! One admission request, borrowed from a parsed AdmissionReview.

use admission_cel::json::Json;

/// What is being done to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `CREATE`
    Create,
    /// `UPDATE`
    Update,
    /// `DELETE`
    Delete,
    /// `CONNECT`
    Connect,
}

/// Group, version and kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupVersionKind<'a> {
    /// Empty for the core group.
    pub group: &'a str,
    /// Such as `v1`.
    pub version: &'a str,
    /// Such as `Job`.
    pub kind: &'a str,
}

/// Group, version and plural resource name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupVersionResource<'a> {
    /// Empty for the core group.
    pub group: &'a str,
    /// Such as `v1`.
    pub version: &'a str,
    /// Such as `jobs`.
    pub resource: &'a str,
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct User<'a> {
    /// User name.
    pub name: &'a str,
    /// The authenticator's uid; may be empty.
    pub uid: &'a str,
    /// Groups.
    pub groups: Vec<&'a str>,
    /// `extra` as in the review (object of string arrays), if any.
    pub extra: Option<&'a Json<'a>>,
}

/// An admission request, as `admission.k8s.io/v1 AdmissionRequest`.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Identifies the call.
    pub uid: &'a str,
    /// What is being done.
    pub operation: Operation,
    /// Kind of the object as sent to us.
    pub kind: GroupVersionKind<'a>,
    /// Resource as sent to us.
    pub resource: GroupVersionResource<'a>,
    /// Subresource, or empty.
    pub subresource: &'a str,
    /// Object name; empty with `generateName` at CREATE.
    pub name: &'a str,
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Who asks.
    pub user: User<'a>,
    /// The object; absent on DELETE.
    pub object: Option<&'a Json<'a>>,
    /// The existing object; on UPDATE and DELETE.
    pub old_object: Option<&'a Json<'a>>,
    /// Why nobody knows the existing object, the reader's text, when there is one and `old_object` is
    /// `None`: an audit log holds none. Whatever reads it is `not-evaluated` then.
    pub old_object_unknown: Option<&'a str>,
    /// Whether nothing will be persisted.
    pub dry_run: bool,
    /// The value of the `request` variable: the request without `object` and `oldObject`.
    pub variable: &'a Json<'a>,
}
