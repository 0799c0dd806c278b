//! `cattlegrid policy explain`.

use crate::{cattlegrid, stderr, stdout};

#[test]
fn a_policy_is_explained_with_examples_and_parameters() {
    let text = stdout(&cattlegrid(&["policy", "explain", "resources"]));
    for expected in [
        "resources (validation): A Pod's limits stay within its profile\n",
        "\nWhy\n  ",
        "\nFix\n  ",
        "\nJudges\n  create, update: pods, jobs.batch, cronjobs.batch\n",
        "\n  resources-enforce: Deny\n      namespaces cattlegrid.dev/agents, ",
        "\n  spec.defaultProfile (shipped: large)\n      The profile of agents without label",
        "\nRefused: ",
        "\n  apiVersion: v1\n  kind: Pod\n",
        "\n  [resources] ",
        "\nPasses: ",
        "\n  SC-5   Denial-of-service Protection\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn a_mutation_is_explained_by_what_it_fills_in() {
    let text = stdout(&cattlegrid(&["policy", "explain", "inject-bounds"]));
    for expected in [
        "\nCompletes\n",
        "\nCompleted: ",
        "what is filled in:\n",
        "\nLeft alone: ",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(text.contains("\n  inject-bounds-enforce\n"), "{text}");
}

#[test]
fn a_typing_error_is_answered_with_the_nearest_policy() {
    for (id, expected) in [
        (
            "host-path",
            "error: there is no policy `host-path`; did you mean `host-paths`?\n",
        ),
        (
            "hosts-paths",
            "error: there is no policy `hosts-paths`; did you mean `host-paths`?\n",
        ),
    ] {
        let output = cattlegrid(&["policy", "explain", id]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(stderr(&output), expected);
    }
    let output = cattlegrid(&["policy", "explain", "xyz"]);
    assert!(
        stderr(&output).contains("`xyz`; there are "),
        "{}",
        stderr(&output)
    );
}

#[test]
fn json_holds_the_same() {
    let output = cattlegrid(&["policy", "explain", "host-paths", "-o", "json"]);
    let page: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(page["id"], "host-paths");
    assert!(page["failing"]["findings"][0]["message"].is_string());
}
