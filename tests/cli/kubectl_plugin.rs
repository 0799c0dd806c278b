//! The program as a plugin of kubectl: linked as `kubectl-cattlegrid`.

use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use crate::{cattlegrid, directory, stderr, stdout};

/// Runs the program through a link with the name of a plugin.
fn plugin(arguments: &[&str]) -> Output {
    let files = directory(&[]);
    let link = files.path().join("kubectl-cattlegrid");
    symlink(env!("CARGO_BIN_EXE_cattlegrid"), &link).unwrap();
    Command::new(link)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn usage_lines_say_what_to_type() {
    for (arguments, usage) in [
        (&["--help"][..], "Usage: kubectl cattlegrid <COMMAND>"),
        (&["audit", "--help"], "Usage: kubectl cattlegrid audit "),
        (&["check", "-h"], "Usage: kubectl cattlegrid audit "),
        (
            &["policy", "--help"],
            "Usage: kubectl cattlegrid policy <COMMAND>",
        ),
        (
            &["policy", "explain", "-h"],
            "Usage: kubectl cattlegrid policy explain ",
        ),
    ] {
        let text = stdout(&plugin(arguments));
        assert!(text.contains(usage), "{arguments:?}: {text}");
        let own = stdout(&cattlegrid(arguments));
        let expected = usage.replace("kubectl ", "");
        assert!(own.contains(&expected), "{arguments:?}: {own}");
    }
    let refused = plugin(&["polizy"]);
    assert_eq!(refused.status.code(), Some(2));
    let text = stderr(&refused);
    assert!(
        text.contains("Usage: kubectl cattlegrid <COMMAND>"),
        "{text}"
    );
}

#[test]
fn the_plugin_answers_as_the_program_does() {
    for arguments in [
        &["audit", "manifests/examples/pet.yaml"][..],
        &["check", "-f", "manifests/examples/pet.yaml"],
        &["audit", "missing.yaml"],
        &["policy", "list"],
        &["completions", "bash"],
        &["--version"],
    ] {
        let (plugin, program) = (plugin(arguments), cattlegrid(arguments));
        assert_eq!(plugin, program, "{arguments:?}");
    }
}

#[test]
fn check_is_another_name_for_audit() {
    let arguments = |name| [name, "manifests/examples/pet.yaml"];
    let (check, audit) = (
        cattlegrid(&arguments("check")),
        cattlegrid(&arguments("audit")),
    );
    assert_eq!(check.status.code(), Some(1));
    assert_eq!(check, audit);
}
