//! Resources that no policy of the API judges.

use crate::request::GroupVersionResource;

/// Reviews that are not persisted: intercepting them could lock everybody out
/// (`pkg/kubeapiserver/admission/exclusion/resources.go` of Kubernetes).
const REVIEWS: &[(&str, &str)] = &[
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authentication.k8s.io", "tokenreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
];

/// Policies themselves, which could otherwise forbid their own repair
/// (`pkg/admission/plugin/policy/generic/plugin.go` of `k8s.io/apiserver`).
const POLICIES: &[&str] = &[
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
];

/// Whether requests for this resource are never judged.
pub fn is_exempt(resource: &GroupVersionResource<'_>) -> bool {
    REVIEWS.contains(&(resource.group, resource.resource))
        || (resource.group == "admissionregistration.k8s.io"
            && POLICIES.contains(&resource.resource))
}
