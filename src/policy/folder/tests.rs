use super::*;

fn directory(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in files {
        let file = directory.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = if name.contains("policy") {
            "kind: ValidatingAdmissionPolicy"
        } else {
            ""
        };
        std::fs::write(file, text).unwrap();
    }
    directory
}

/// The folders that are found, each with how many manifests, tests and other files it has.
fn found(files: &[&str]) -> Vec<(String, [usize; 3])> {
    let directory = directory(files);
    let folders = find(&[directory.path().to_owned()]).unwrap();
    let counts = |files: &Files| {
        [
            files.manifests.len(),
            usize::from(files.tests.is_some()),
            files.others.len(),
        ]
    };
    folders
        .iter()
        .map(|files| {
            let path = files.path.strip_prefix(directory.path()).unwrap();
            (path.display().to_string(), counts(files))
        })
        .collect()
}

#[test]
fn files_are_grouped_by_the_folder_that_they_are_in() {
    for (files, expected) in [
        (
            vec![
                "a/policy.yaml",
                "a/binding.yaml",
                "a/tests.yaml",
                "README.md",
            ],
            vec![("a", [2, 1, 0])],
        ),
        (
            vec!["policy.yaml", "tests.yaml", "deep/er/policy.json"],
            vec![("", [1, 1, 0]), ("deep/er", [1, 0, 0])],
        ),
        (
            vec![
                "a/policy.yaml",
                "a/policy.yaml~",
                "a/.policy.swp",
                "a/README.md",
            ],
            vec![("a", [1, 0, 1])],
        ),
        (
            vec!["a/policy.yaml", "b/README.md", ".git/config.yaml"],
            vec![("a", [1, 0, 0]), ("b", [0, 0, 0])],
        ),
        (
            vec!["policies/a/policy.yaml", "k8s/job.yaml", "src/main.rs"],
            vec![("policies/a", [1, 0, 0])],
        ),
        (vec![], vec![("", [0, 0, 0])]),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(path, counts)| (path.to_owned(), counts))
            .collect();
        assert_eq!(found(&files), expected, "{files:?}");
    }
}

#[test]
fn a_directory_that_is_named_twice_is_read_once() {
    let directory = directory(&["a/policy.yaml", "a/notes.txt"]);
    let root = directory.path().to_owned();
    let folders = find(&[root.clone(), root.join("a")]).unwrap();
    assert_eq!(folders.len(), 1);
    assert_eq!(folders[0].manifests.len(), 1);
    assert_eq!(folders[0].others.len(), 1);
}

#[test]
fn what_is_no_directory_is_told() {
    let directory = directory(&["a/policy.yaml"]);
    for (name, expected) in [
        ("a/policy.yaml", "name the folder that it is in"),
        ("missing", "cannot be read"),
    ] {
        let error = find(&[directory.path().join(name)]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
