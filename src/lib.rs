//! The program behind the `cattlegrid` binary, as a library so that its tests reach every part.

pub mod baseline;
pub mod investigation;
pub mod judge;
pub mod k8s;
pub mod labels;
pub mod message;
