//! What `cattlegrid audit` reads: files of any encoding, directories, charts, kustomizations.

use std::process::{Command, Output};

use crate::{cattlegrid, directory, path, stderr, stdout};

#[cfg(feature = "cluster-tests")]
mod rendered;

const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
";

/// A claim, which is refused wherever agents are.
fn claim(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: agents}}\nspec: {{}}\n"
    )
}

/// Runs the program where no other program is.
fn alone(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(arguments)
        .env("PATH", "")
        .output()
        .unwrap()
}

/// The files that findings are in, as printed.
fn files_of(text: &str) -> Vec<&str> {
    let places = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> "));
    let files = places.filter_map(|place| place.rsplit('/').next());
    files.filter_map(|place| place.split(':').next()).collect()
}

#[test]
fn findings_come_in_the_order_of_the_files_however_many_there_are() {
    let claims: Vec<(String, String)> = (0..600)
        .map(|number| (format!("{number:03}.yaml"), claim(&format!("c-{number}"))))
        .collect();
    let mut files = vec![("a/namespace.yaml", NAMESPACE)];
    files.extend(
        claims
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let files = directory(&files);
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let found = files_of(&text);
    let expected: Vec<&str> = claims.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_documents_of_one_large_file_stay_in_order() {
    let mut text = NAMESPACE.to_owned();
    for number in 0..500 {
        text.push_str(&format!("---\n{}", claim(&format!("c-{number:03}"))));
    }
    let files = directory(&[("all.yaml", &text)]);
    let output = cattlegrid(&["audit", &path(&files, "all.yaml")]);
    let text = stdout(&output);
    let places = text
        .lines()
        .filter_map(|line| line.split("all.yaml:").nth(1));
    let lines: Vec<usize> = places
        .map(|place| place.split(':').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(lines.len(), 500, "{text}");
    assert!(lines.is_sorted());
}

#[test]
fn what_is_no_text_is_named_and_hides_nothing() {
    let files = directory(&[
        ("a.yaml", NAMESPACE),
        ("c.yaml", &claim("c")),
        ("empty.yaml", ""),
    ]);
    std::fs::write(files.path().join("b.yaml"), b"a: 1\nb: \xff\n").unwrap();
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("b.yaml: not UTF-8 text: byte 8 (line 2)"),
        "{said}"
    );
    assert!(stdout(&output).contains("[persistent-volumes]"));
}

#[test]
fn utf_16_with_a_mark_is_read() {
    let text = format!("{NAMESPACE}---\n{}", claim("c"));
    let bytes = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    let bytes: Vec<u8> = bytes.flat_map(u16::to_le_bytes).collect();
    let files = directory(&[]);
    std::fs::write(files.path().join("a.yaml"), bytes).unwrap();
    let output = cattlegrid(&["audit", &path(&files, "a.yaml")]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn a_link_to_a_parent_directory_is_not_followed() {
    let files = directory(&[("a/claim.yaml", &claim("c")), ("namespace.yaml", NAMESPACE)]);
    std::os::unix::fs::symlink(files.path(), files.path().join("a/up")).unwrap();
    std::os::unix::fs::symlink("nowhere", files.path().join("a/gone.yaml")).unwrap();
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(files_of(&stdout(&output)), ["claim.yaml"]);
    let said = stderr(&output);
    assert!(said.contains("a/gone.yaml: cannot be read"), "{said}");
}

#[test]
fn an_unrendered_template_says_so() {
    let files = directory(&[("job.yaml", "{{- if .Values.job }}\nkind: Job\n{{- end }}\n")]);
    let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    assert!(
        text.contains("a template that has not been rendered"),
        "{text}"
    );
}

#[test]
fn files_about_something_else_are_counted_and_a_misspelt_kind_is_told() {
    let files = directory(&[
        ("compose.yaml", "services: {web: {image: x}}\n"),
        ("package.json", "{\"name\": \"x\"}\n"),
        ("k8s/namespace.yaml", NAMESPACE),
        (
            "k8s/typo.yaml",
            "apiVersion: v1\nkid: Pod\nmetadata: {name: p}\nspec: {}\n",
        ),
    ]);
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    let said = stderr(&output);
    assert!(
        said.contains("note: 2 documents have neither `apiVersion` nor `kind`"),
        "{said}"
    );
    assert!(
        said.contains("compose.yaml") && said.contains("package.json"),
        "{said}"
    );
    let text = stdout(&output);
    assert!(
        text.contains("typo.yaml") && !text.contains("compose.yaml"),
        "{text}"
    );
    // Whoever names a file is told that it is no manifest.
    let output = cattlegrid(&["audit", &path(&files, "compose.yaml")]);
    assert!(
        stdout(&output).contains("not evaluated"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_chart_that_nothing_can_render_is_an_error_and_hides_nothing() {
    let files = directory(&[
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: agent\nversion: 0.1.0\n",
        ),
        ("chart/templates/job.yaml", "{{ .Values.x }}\n"),
        ("claim.yaml", &claim("c")),
        ("namespace.yaml", NAMESPACE),
    ]);
    let directory = files.path().to_str().unwrap();
    for (arguments, expected) in [
        (&["audit", directory][..], "there is no `helm` to render it"),
        (
            &["audit", "--no-render", directory],
            "whose templates are no manifests yet",
        ),
    ] {
        let output = alone(arguments);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(
            said.contains("chart: a Helm chart") && said.contains(expected),
            "{said}"
        );
        assert_eq!(files_of(&stdout(&output)), ["claim.yaml"]);
    }
}

#[test]
fn a_kustomization_that_nothing_can_build_is_an_error_unless_its_files_are_wanted() {
    let files = directory(&[
        ("app/kustomization.yaml", "resources: [claim.yaml]\n"),
        ("app/claim.yaml", &claim("c")),
        ("app/beside.yaml", &claim("beside")),
        ("namespace.yaml", NAMESPACE),
    ]);
    let directory = files.path().to_str().unwrap();
    let output = alone(&["audit", directory]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("app: a kustomization, and there is neither"),
        "{said}"
    );
    assert_eq!(files_of(&stdout(&output)), ["beside.yaml"]);
    let output = alone(&["audit", "--no-render", directory]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(files_of(&stdout(&output)), ["beside.yaml", "claim.yaml"]);
}

#[test]
fn a_file_that_is_given_again_is_judged_once() {
    let files = directory(&[
        ("a/namespace.yaml", NAMESPACE),
        ("a/claim.yaml", &claim("c")),
    ]);
    let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["audit", "a/claim.yaml", "./a", "a", "-f", "a/claim.yaml"])
        .current_dir(files.path())
        .output()
        .unwrap();
    assert_eq!(files_of(&stdout(&output)), ["claim.yaml"]);
}

#[test]
fn an_object_that_does_not_say_what_it_is_is_told() {
    for (text, missing) in [
        ("kind: Pod", "no `apiVersion`:"),
        ("apiVersion: v1", "no `kind`:"),
        ("metadata: {}", "no `apiVersion` and `kind`:"),
    ] {
        let files = directory(&[("object.yaml", text)]);
        let output = cattlegrid(&["audit", &path(&files, "object.yaml")]);
        assert!(stdout(&output).contains(missing), "{}", stdout(&output));
    }
}
