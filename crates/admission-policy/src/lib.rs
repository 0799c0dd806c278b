//! ValidatingAdmissionPolicy and MutatingAdmissionPolicy as kube-apiserver evaluates them.
//!
//! A [`PolicySet`](set::PolicySet) is compiled once from policies and bindings. A
//! [`Request`](request::Request) borrows a parsed AdmissionReview; [`evaluate`](evaluate::evaluate)
//! judges it, [`mutate`](mutate::mutate) completes it, [`decide`](decide::decide) turns verdicts
//! into an answer. Everything else — the namespace, parameters, authorization — comes in through
//! [`Context`](context::Context). The crate reads no clock, file, network or environment.

pub mod conditions;
pub mod context;
pub mod decide;
pub mod evaluate;
pub mod exception;
pub mod finding;
pub mod invocation;
pub mod matching;
pub mod mutate;
pub mod pass;
pub mod patch;
pub mod request;
pub mod set;

#[cfg(test)]
mod testing;
