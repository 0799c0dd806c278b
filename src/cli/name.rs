//! The name that the program was started by.

use std::ffi::OsStr;
use std::path::Path;

/// What kubectl puts before the name of a plugin; `_` stands for `-` in file names of plugins.
const PLUGIN_PREFIX: &str = "kubectl-";

/// What a person types to start the program: `kubectl cattlegrid` when it is linked as
/// `kubectl-cattlegrid`, otherwise its own name.
///
/// Source: `pkg/cmd/plugin.go` of kubectl (how plugins are found).
pub fn typed(program: &OsStr) -> String {
    let stem = Path::new(program).file_stem();
    let stem = stem.and_then(OsStr::to_str).unwrap_or_default();
    match stem.strip_prefix(PLUGIN_PREFIX) {
        Some(plugin) if !plugin.is_empty() => {
            format!("kubectl {}", plugin.replace('-', " ").replace('_', "-"))
        }
        _ => env!("CARGO_PKG_NAME").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_called_as_kubectl_calls_it() {
        for (program, name) in [
            ("cattlegrid", "cattlegrid"),
            ("/usr/bin/kubectl-cattlegrid", "kubectl cattlegrid"),
            ("kubectl-cattlegrid.exe", "kubectl cattlegrid"),
            ("kubectl-cattle_grid", "kubectl cattle-grid"),
            ("kubectl-agents-check", "kubectl agents check"),
            ("target/release/cattlegrid", "cattlegrid"),
            ("kubectl-", "cattlegrid"),
            ("another-name", "cattlegrid"),
            ("", "cattlegrid"),
        ] {
            assert_eq!(typed(OsStr::new(program)), name, "{program}");
        }
    }
}
