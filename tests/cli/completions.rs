//! `cattlegrid completions` and `cattlegrid man`: what shells and readers are told.

use std::collections::BTreeSet;
use std::process::Command;

use crate::{cattlegrid, directory, path, stderr, stdout};

/// What bash offers after words that were typed.
fn offered(script: &str, typed: &[&str]) -> BTreeSet<String> {
    let program = format!(
        "source {script}; COMP_WORDS=({words}); COMP_CWORD={last}
         _cattlegrid cattlegrid \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words = typed
            .iter()
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>()
            .join(" "),
        last = typed.len() - 1,
    );
    let output = Command::new("bash")
        .args(["-c", &program])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output).lines().map(str::to_owned).collect()
}

#[test]
fn bash_offers_commands_options_and_values() {
    let script = stdout(&cattlegrid(&["completions", "bash"]));
    let files = directory(&[("cattlegrid.bash", &script)]);
    let script = path(&files, "cattlegrid.bash");
    for (typed, expected) in [
        (&["cattlegrid", "au"][..], "audit"),
        (&["cattlegrid", "che"], "check"),
        (&["cattlegrid", "audit", "--show"], "--show-mutations"),
        (&["cattlegrid", "check", "--show"], "--show-mutations"),
        (&["cattlegrid", "policy", "exp"], "explain"),
        (&["cattlegrid", "audit", "--assume-agents", "e"], "enforce"),
    ] {
        let offered = offered(&script, typed);
        assert!(offered.contains(expected), "{typed:?}: {offered:?}");
    }
}

/// `… | head` is no error.
#[test]
fn whoever_closes_the_pipe_has_read_enough() {
    let manifests = directory(&[(
        "job.yaml",
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n",
    )]);
    let manifests = manifests.path().to_str().unwrap();
    for arguments in [
        &["man"][..],
        &["completions", "bash"],
        &["policy", "list"],
        &["evidence", "inventory", "--all", manifests],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let program = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
            .args(arguments)
            .stdout(writer)
            .output();
        let output = program.unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(stderr(&output), "", "{arguments:?}");
    }
}

#[test]
fn every_shell_gets_a_script_with_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = cattlegrid(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = stdout(&output);
        for command in commands(&[]) {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    let output = cattlegrid(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("possible values"));
}

/// The commands that `--help` lists.
fn commands(below: &[&str]) -> Vec<String> {
    let help = stdout(&cattlegrid(&[below, &["--help"]].concat()));
    let (_, commands) = help.split_once("Commands:\n").unwrap_or_default();
    let (commands, _) = commands.split_once("\n\n").unwrap_or_default();
    let lines = commands.lines();
    // A line that goes on with a description is indented further.
    let lines = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    lines
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn every_command_has_a_man_page_with_its_options() {
    let files = directory(&[]);
    let pages = path(&files, "man/man1");
    let output = cattlegrid(&["man", &pages]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let mut expected = BTreeSet::from(["cattlegrid.1".to_owned()]);
    for command in commands(&[]) {
        expected.insert(format!("cattlegrid-{command}.1"));
        for below in commands(&[&command]) {
            expected.insert(format!("cattlegrid-{command}-{below}.1"));
        }
    }
    let entries = std::fs::read_dir(&pages).unwrap();
    let written: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written, expected);
    let audit = std::fs::read_to_string(path(&files, "man/man1/cattlegrid-audit.1")).unwrap();
    assert!(audit.contains("show\\-mutations"), "{audit}");
}

#[test]
fn the_first_man_page_is_printed() {
    let output = cattlegrid(&["man"]);
    assert_eq!(output.status.code(), Some(0));
    let page = stdout(&output);
    assert!(page.contains(".TH cattlegrid 1"), "{page}");
    assert!(page.contains("cattlegrid\\-audit(1)"), "{page}");
}

#[test]
fn man_pages_that_cannot_be_written_are_an_error_that_names_the_directory() {
    let files = directory(&[("taken", "a file")]);
    let output = cattlegrid(&["man", &path(&files, "taken")]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.contains("taken: man pages cannot be written"),
        "{text}"
    );
}
