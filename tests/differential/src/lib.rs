//! Compares admission-cel with kube-apiserver's own CEL code.
//!
//! [`generate`] makes expressions from a grammar, about real Kubernetes objects. Each is a
//! [`Question`](question::Question), which [`ours`] answers and the oracle (`tests/oracle`) answers;
//! [`compare`] tells whether the answers are the same, and [`shrink`] makes a differing question
//! small. What differed once is kept in `regressions.jsonl` with the oracle's answer, and compared in
//! every test run without Go.

mod activation;
mod authorizer;
pub mod compare;
pub mod conformance;
pub mod expression;
pub mod generate;
pub mod known;
pub mod objects;
pub mod ours;
pub mod question;
pub mod regressions;
pub mod run;
pub mod shrink;
