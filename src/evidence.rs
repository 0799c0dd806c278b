//! Evidence: a log of what was decided, and what is made of it.

pub mod attest;
pub mod bounds;
pub mod canonical;
pub mod digest;
pub mod gather;
pub mod inventory;
pub mod key;
pub mod period;
pub mod reading;
pub mod record;
pub mod report;
pub mod storage;
pub mod trail;
pub mod verify;
pub mod workload;
pub mod writer;
