//! The Kubernetes dialect of CEL, as kube-apiserver evaluates it in admission policies.
//!
//! An [`Environment`](environment::Environment) compiles an expression once into a
//! [`Program`](program::Program), which is evaluated over borrowed [`Json`](json::Json) without
//! copying the object. After a `false`, [`Program::trace`](program::Program::trace) tells which
//! nodes of the object decided it.
//!
//! The crate knows no Kubernetes object, reads no clock, file or environment, and is a function of
//! its arguments. The oracle for every behaviour is `k8s.io/apiserver` 0.36 with cel-go 0.26.

pub mod ast;
pub mod authorizer;
pub mod check;
pub mod compile;
pub mod environment;
pub mod error;
pub mod escape;
pub mod evaluate;
pub mod json;
pub mod library;
pub mod overload;
pub mod parse;
pub mod program;
pub mod reference;
pub mod result;
mod trace;
pub mod types;
pub mod value;
