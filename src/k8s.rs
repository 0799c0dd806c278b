//! Kubernetes as the program meets it: reviews, manifests and clusters.

pub mod cluster;
pub mod manifest;
pub mod namespace;
pub mod review;
