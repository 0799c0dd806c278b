//! Lists the policies, the baseline and the objects of a namespace that the program carries, so that adding a policy is adding
//! a folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let (mut policies, mut tests) = (Vec::new(), Vec::new());
    // Naming a file that cannot exist would make every build start over.
    let folders = entries(&root.join("policies"))?;
    for folder in folders.into_iter().filter(|path| path.is_dir()) {
        policies.extend(["policy.yaml", "binding.yaml"].map(|name| folder.join(name)));
        tests.push(folder.join("tests.yaml"));
    }
    let baselines = entries(&root.join("manifests/baseline"))?;
    let namespace = vec![root.join("manifests/rbac/namespace.yaml")];
    let definitions = vec![root.join("manifests/crds/agentbaselines.yaml")];
    let phases = entries(&root.join("manifests/rbac/phases"))?;
    let mut code = String::new();
    for (name, files) in [
        ("POLICIES", policies),
        ("BASELINES", baselines),
        ("TESTS", tests),
        ("NAMESPACE", namespace),
        ("PHASES", phases),
        ("DEFINITIONS", definitions),
    ] {
        write_list(&mut code, &root, name, files).map_err(io::Error::other)?;
    }
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(output.join("embedded.rs"), code)
}

/// What is in a directory, in the order of names; a missing directory is empty.
fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    println!("cargo:rerun-if-changed={}", directory.display());
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn write_list(code: &mut String, root: &Path, name: &str, files: Vec<PathBuf>) -> std::fmt::Result {
    writeln!(code, "static {name}: &[(&str, &str)] = &[")?;
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "yaml"))
    {
        println!("cargo:rerun-if-changed={}", file.display());
        if file.is_file() {
            let shown = file.strip_prefix(root).unwrap_or(file).display();
            writeln!(
                code,
                "    ({:?}, include_str!({:?})),",
                shown.to_string(),
                file
            )?;
        }
    }
    writeln!(code, "];")
}
