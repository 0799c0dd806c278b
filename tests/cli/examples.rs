//! The examples: each pet is refused with what stands beside it, everything else is admitted.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{cattlegrid, stderr, stdout};

/// Manifests under `manifests/examples`, relative to the repository.
fn manifests() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = fs::read_dir(root.join("manifests/examples")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let files = folders
        .filter(|path| path.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    let mut manifests: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|ending| ending == "yaml"))
        .map(|file| file.strip_prefix(root).unwrap().to_path_buf())
        .collect();
    manifests.sort();
    manifests
}

fn is_pet(manifest: &Path) -> bool {
    manifest.file_name().is_some_and(|name| name == "pet.yaml")
}

#[test]
fn every_pet_is_refused_as_the_text_beside_it_says() {
    let pets: Vec<PathBuf> = manifests()
        .into_iter()
        .filter(|file| is_pet(file))
        .collect();
    assert!(pets.len() >= 3, "{pets:?}");
    for pet in pets {
        let (pet, beside) = (pet.display().to_string(), pet.with_extension("txt"));
        let output = cattlegrid(&["audit", &pet]);
        assert_eq!(output.status.code(), Some(1), "{pet}: {}", stderr(&output));
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join(beside);
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(
            stdout(&output),
            expected,
            "write what `cattlegrid audit {pet}` prints to {}",
            beside.display()
        );
    }
}

#[test]
fn every_other_example_is_admitted() {
    let others: Vec<PathBuf> = manifests()
        .into_iter()
        .filter(|file| !is_pet(file))
        .collect();
    assert!(others.len() >= 7, "{others:?}");
    for example in others {
        let output = cattlegrid(&["audit", &example.display().to_string()]);
        let text = stdout(&output);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}: {text}",
            example.display()
        );
        assert!(!text.contains("error["), "{}: {text}", example.display());
    }
}

#[test]
fn the_example_of_a_namespace_is_what_the_program_prints() {
    let output = cattlegrid(&[
        "generate",
        "namespace",
        "agents-example",
        "--max-phase",
        "autonomous",
        "--runners",
        "developers=read-only",
    ]);
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests/examples/namespace/namespace.yaml");
    let expected = fs::read_to_string(file).unwrap();
    let (_comment, objects) = expected.split_once("---\n").unwrap();
    assert_eq!(stdout(&output), objects);
}
