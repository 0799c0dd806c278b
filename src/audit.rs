//! The offline audit: the verdict of admission for manifests.

pub mod normalise;
