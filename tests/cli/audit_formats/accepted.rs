//! Known findings.

use super::{fixture, parsed};
use crate::{cattlegrid, directory, path, stderr, stdout};

fn manifests() -> String {
    std::fs::read_to_string(fixture("manifests")).unwrap()
}

#[test]
fn what_is_written_is_accepted_wherever_it_has_moved_to() {
    let files = directory(&[("a.yaml", &manifests())]);
    let (file, accepted) = (path(&files, "a.yaml"), path(&files, "accepted.yaml"));
    let written = cattlegrid(&["audit", &file, "--write-accepted", &accepted]);
    assert_eq!(written.status.code(), Some(0), "{}", stderr(&written));
    assert!(
        stderr(&written).contains("accepted in"),
        "{}",
        stderr(&written)
    );
    super::assert_snapshot(
        "accepted_file",
        &std::fs::read_to_string(&accepted).unwrap(),
    );

    let (agent, proxy) = (
        "        - name: agent
          image: r.example/a:1
          env: [{name: FORGE_TOKEN, value: ghp_0123456789abcdefghijABCDEFGHIJ012345}]
",
        "        - name: proxy
          image: r.example/proxy:1
",
    );
    let moved = manifests().replace(&format!("{agent}{proxy}"), &format!("{proxy}{agent}"));
    assert_ne!(moved, manifests());
    let moved = directory(&[("other/b.yaml", &format!("# moved\n\n{moved}"))]);
    let output = cattlegrid(&[
        "audit",
        "--accepted",
        &accepted,
        moved.path().to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(!stderr(&output).contains("gone"), "{}", stderr(&output));
    assert!(stdout(&output).contains(" accepted"), "{}", stdout(&output));
}

#[test]
fn what_is_new_fails_and_what_is_gone_is_told() {
    let files = directory(&[("a.yaml", &manifests())]);
    let (file, accepted) = (path(&files, "a.yaml"), path(&files, "accepted.yaml"));
    cattlegrid(&["audit", &file, "--write-accepted", &accepted]);
    let changed = manifests().replacen("path: /run", "path: /etc", 1);
    std::fs::write(&file, changed).unwrap();
    let arguments = ["audit", "-o", "json", "--accepted", &accepted, &file];
    let output = cattlegrid(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(
        stderr(&output)
            .contains("note: accepted and gone, remove it: [host-paths] Job agents/denied-*"),
        "{}",
        stderr(&output)
    );
    let document = parsed(&output);
    assert_eq!(document["gone"][0]["policy"], "host-paths");
    assert_eq!(document["summary"]["deny"], 1);
}

#[test]
fn what_was_accepted_as_a_warning_is_not_accepted_as_a_denial() {
    let files = directory(&[("a.yaml", &manifests())]);
    let (file, accepted) = (path(&files, "a.yaml"), path(&files, "accepted.yaml"));
    cattlegrid(&["audit", &file, "--write-accepted", &accepted]);
    let enforced = manifests().replace(
        "cattlegrid.dev/agents: warn",
        "cattlegrid.dev/agents: enforce",
    );
    std::fs::write(&file, enforced).unwrap();
    let output = cattlegrid(&["audit", "--accepted", &accepted, &file]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
}

#[test]
fn a_second_finding_with_the_fingerprint_of_an_accepted_one_fails() {
    let files = directory(&[("a.yaml", &manifests())]);
    let (file, accepted) = (path(&files, "a.yaml"), path(&files, "accepted.yaml"));
    cattlegrid(&["audit", &file, "--write-accepted", &accepted]);
    let job = manifests();
    let job = job
        .split("---\n")
        .find(|part| part.contains("denied-"))
        .unwrap();
    std::fs::write(path(&files, "b.yaml"), job).unwrap();
    let all = files.path().to_str().unwrap();
    let output = cattlegrid(&["audit", "--accepted", &accepted, all]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
}

#[test]
fn a_file_that_says_nothing_sensible_is_an_error() {
    for text in ["findings: 3\n", "version: accepted/v9\nfindings: []\n", "{"] {
        let files = directory(&[("accepted.yaml", text)]);
        let accepted = path(&files, "accepted.yaml");
        let output = cattlegrid(&["audit", "--accepted", &accepted, &fixture("clean")]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(stderr(&output).contains("no file of accepted findings"));
    }
    let output = cattlegrid(&["audit", "--accepted", "missing", &fixture("clean")]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn nothing_is_written_where_not_everything_was_read() {
    let files = directory(&[]);
    let accepted = path(&files, "accepted.yaml");
    let output = cattlegrid(&["audit", &fixture("broken"), "--write-accepted", &accepted]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!std::path::Path::new(&accepted).exists());
}
