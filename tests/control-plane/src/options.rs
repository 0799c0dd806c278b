/// What a test may choose about its control plane.
#[derive(Debug, Clone)]
pub struct Options {
    /// Also run kube-controller-manager, so that Jobs make Pods, namespaces get
    /// their `default` ServiceAccount, and garbage is collected.
    pub controller_manager: bool,
    /// An `audit.k8s.io/v1` Policy in YAML. With it the API server writes
    /// [`ControlPlane::audit_log_path`](crate::ControlPlane::audit_log_path).
    pub audit_policy: Option<String>,
    /// Further flags for kube-apiserver, such as
    /// `--disable-admission-plugins=ServiceAccount`. They come last, so they win.
    pub api_server_arguments: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            controller_manager: true,
            audit_policy: None,
            api_server_arguments: Vec::new(),
        }
    }
}
