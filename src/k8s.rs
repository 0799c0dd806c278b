//! Kubernetes as the program meets it: reviews, manifests and clusters.

pub mod manifest;
