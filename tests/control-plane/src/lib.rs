//! A real control plane for the tests: etcd, kube-apiserver and
//! kube-controller-manager, built from pinned Go modules and run on loopback.
//!
//! ```no_run
//! # fn main() -> Result<(), control_plane::ControlPlaneError> {
//! let control_plane = control_plane::ControlPlane::start(control_plane::Options::default())?;
//! let kubeconfig = control_plane.kubeconfig_path();
//! # Ok(())
//! # }
//! ```
//!
//! Nothing of it outlives the process that started it, however that process ends.

mod access;
pub mod binaries;
mod certificates;
mod client;
pub mod conformance;
mod control_plane;
mod error;
pub mod evidence;
mod go_build;
mod kubeconfig;
mod options;
pub mod oracle;
mod port;
mod process;
mod programs;
mod readiness;
pub mod renderers;
mod run_directory;
pub mod trestle;
mod users;
mod workspace;
pub mod yaml;

pub use crate::control_plane::ControlPlane;
pub use crate::error::ControlPlaneError;
pub use crate::kubeconfig::Impersonation;
pub use crate::options::Options;
pub use crate::oracle::Oracle;
pub use crate::process::{Program, Supervised};
pub use crate::users::User;
