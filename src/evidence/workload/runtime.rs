//! What can be written in every container, whatever its manifest says: an inventory names it once.

use serde::Serialize;

use super::surfaces::{Lifetime, Medium};

/// Something that container runtime and kubelet add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RuntimeSurface {
    /// Where in a container.
    pub path: &'static str,
    /// What keeps the data.
    pub medium: Medium,
    /// What bounds it.
    pub cap: &'static str,
    /// What it ends with.
    pub lifetime: Lifetime,
    /// Who can read it.
    pub readers: &'static str,
}

/// What every container of a Linux node has.
pub fn runtime_surfaces() -> &'static [RuntimeSurface] {
    &[
        RuntimeSurface {
            path: "/dev/shm",
            medium: Medium::Memory,
            cap: "64 MiB unless the runtime is told otherwise, within the containers' memory limits",
            lifetime: Lifetime::Pod,
            readers: "all containers of the Pod, root of the node",
        },
        RuntimeSurface {
            path: "/dev/termination-log",
            medium: Medium::NodeDisk,
            cap: "what is read of it: 4096 bytes a container, 12 KiB a Pod",
            lifetime: Lifetime::Container,
            readers: "whoever may read the Pod's status, root of the node",
        },
        RuntimeSurface {
            path: "stdout and stderr",
            medium: Medium::NodeDisk,
            cap: "containerLogMaxSize times containerLogMaxFiles of the kubelet",
            lifetime: Lifetime::Pod,
            readers: "whoever may read pods/log, the cluster's log pipeline, root of the node",
        },
    ]
}
