//! The programs of the control plane: found, or built once.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{GoProgram, lock_directory, say};
use crate::workspace::{crate_directory, output_directory};

/// The variable by which the ecosystem's tools hand over such programs.
pub const ASSETS_VARIABLE: &str = "KUBEBUILDER_ASSETS";

/// The programs that a directory must hold.
pub const PROGRAMS: [&str; 3] = ["etcd", "kube-apiserver", "kube-controller-manager"];

const KUBERNETES_GO_MOD: &str = include_str!("../kubernetes/go.mod");
const ETCD_GO_MOD: &str = include_str!("../etcd/go.mod");

/// The Kubernetes version that the tests run, such as `v1.36.3`.
pub fn kubernetes_version() -> &'static str {
    required_version(KUBERNETES_GO_MOD, "k8s.io/kubernetes")
}

/// Where programs are kept that were built here.
pub fn cache_directory() -> PathBuf {
    let etcd_version = required_version(ETCD_GO_MOD, "go.etcd.io/etcd/server/v3");
    output_directory().join(format!("{}-etcd-{etcd_version}", kubernetes_version()))
}

/// The directory that holds [`PROGRAMS`]: the one that `KUBEBUILDER_ASSETS` names
/// if it has them all, otherwise our own, where the missing ones are built.
/// Progress goes to `log`, one line a program.
///
/// # Errors
/// Go is missing, a build failed, or the directory cannot be written.
pub fn locate_or_build(log: &mut dyn Write) -> Result<PathBuf, ControlPlaneError> {
    locate_or_build_in(std::env::var_os(ASSETS_VARIABLE), &cache_directory(), log)
}

fn locate_or_build_in(
    assets: Option<OsString>,
    cache: &Path,
    log: &mut dyn Write,
) -> Result<PathBuf, ControlPlaneError> {
    if let Some(directory) = assets.filter(|value| !value.is_empty()).map(PathBuf::from) {
        let missing = missing_programs(&directory);
        if missing.is_empty() {
            return resolve(&directory);
        }
        // Programs of two origins could be of two versions: take none of these.
        let directory = directory.display();
        say(
            log,
            &format!(
                "{ASSETS_VARIABLE}: {directory} has no {}",
                missing.join(", ")
            ),
        );
    }
    if !missing_programs(cache).is_empty() {
        let _lock = lock_directory(cache, log)?;
        for name in missing_programs(cache) {
            let program = go_program(name);
            let version = kubernetes_version();
            say(
                log,
                &format!("building {name} for Kubernetes {version}, minutes the first time"),
            );
            program.build(cache)?;
        }
    }
    resolve(cache)
}

fn missing_programs(directory: &Path) -> Vec<&'static str> {
    PROGRAMS
        .into_iter()
        .filter(|name| !directory.join(name).is_file())
        .collect()
}

/// The programs are started in other working directories.
fn resolve(directory: &Path) -> Result<PathBuf, ControlPlaneError> {
    fs::canonicalize(directory).map_err(io_error("resolve", directory))
}

fn go_program(name: &'static str) -> GoProgram {
    let (module, package, version_flags) = match name {
        "etcd" => ("etcd", "go.etcd.io/etcd/server/v3", String::new()),
        "kube-apiserver" => (
            "kubernetes",
            "k8s.io/kubernetes/cmd/kube-apiserver",
            version_flags(),
        ),
        _ => (
            "kubernetes",
            "k8s.io/kubernetes/cmd/kube-controller-manager",
            version_flags(),
        ),
    };
    GoProgram {
        name,
        module: crate_directory().join(module),
        package,
        linker_flags: format!("-s -w{version_flags}"),
        alternative: ", or set KUBEBUILDER_ASSETS to a directory that holds etcd, \
                      kube-apiserver and kube-controller-manager 1.36",
    }
}

/// Without them the API server believes it is v0.0.0, which changes what it serves.
fn version_flags() -> String {
    let version = kubernetes_version();
    let mut parts = version.trim_start_matches('v').split('.');
    let package = "k8s.io/component-base/version";
    format!(
        " -X {package}.gitVersion={version} -X {package}.gitMajor={} -X {package}.gitMinor={}",
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// The version in the line `[require ]<module> <version>` of a go.mod.
fn required_version(go_mod: &'static str, module: &str) -> &'static str {
    go_mod
        .lines()
        .map(|line| line.trim().trim_start_matches("require "))
        .find_map(|line| line.strip_prefix(module)?.strip_prefix(' '))
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory_with(programs: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for program in programs {
            fs::write(directory.path().join(program), "").unwrap();
        }
        directory
    }

    #[test]
    fn versions_come_from_the_go_modules() {
        assert!(
            kubernetes_version().starts_with("v1."),
            "{}",
            kubernetes_version()
        );
        let cache = cache_directory();
        assert!(!cache.ends_with("unknown"), "{}", cache.display());
    }

    #[test]
    fn the_oracle_has_the_versions_of_the_control_plane() {
        let oracle = include_str!("../../oracle/go.mod");
        for module in [
            "k8s.io/api",
            "k8s.io/apimachinery",
            "k8s.io/apiserver",
            "k8s.io/client-go",
        ] {
            let expected = kubernetes_version().replacen("v1.", "v0.", 1);
            assert_eq!(required_version(oracle, module), expected, "{module}");
        }
        let cel = "github.com/google/cel-go";
        assert_eq!(
            required_version(oracle, cel),
            required_version(KUBERNETES_GO_MOD, cel)
        );
        assert_ne!(required_version(oracle, cel), "unknown");
    }

    #[test]
    fn programs_of_the_environment_come_first() {
        let assets = directory_with(&PROGRAMS);
        let cache = directory_with(&PROGRAMS);
        let found = locate_or_build_in(
            Some(assets.path().as_os_str().to_owned()),
            cache.path(),
            &mut Vec::new(),
        );
        assert_eq!(found.unwrap(), assets.path().canonicalize().unwrap());
    }

    #[test]
    fn an_incomplete_directory_is_named_and_passed_over() {
        let assets = directory_with(&["etcd", "kube-apiserver"]);
        let cache = directory_with(&PROGRAMS);
        let mut log = Vec::new();
        let found = locate_or_build_in(
            Some(assets.path().as_os_str().to_owned()),
            cache.path(),
            &mut log,
        );
        assert_eq!(found.unwrap(), cache.path().canonicalize().unwrap());
        let log = String::from_utf8(log).unwrap();
        assert!(log.ends_with("has no kube-controller-manager\n"), "{log}");
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let cache = directory_with(&PROGRAMS);
        let found = locate_or_build_in(Some(OsString::new()), cache.path(), &mut Vec::new());
        assert_eq!(found.unwrap(), cache.path().canonicalize().unwrap());
    }
}
