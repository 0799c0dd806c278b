//! The program behind the `cattlegrid` binary, as a library so that its tests reach every part.

pub mod audit;
pub mod baseline;
pub mod certs;
pub mod cli;
pub mod clock;
pub mod evidence;
pub mod exceptions;
pub mod generate;
pub mod investigation;
pub mod judge;
pub mod k8s;
pub mod labels;
pub mod load;
pub mod message;
pub mod page;
pub mod policy;
pub mod serve;
pub mod templates;
