//! The recipes of `docs/credentials.md` pass every policy, with the baseline that they describe.

use cattlegrid::load::{self, Source};
use serde_json::{Value, json};

use crate::{cattlegrid, directory, path, stdout};

fn objects(name: &str, text: &str) -> Vec<Value> {
    let source = Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    load::values(&source).unwrap()
}

#[test]
fn every_recipe_is_admitted_with_its_baseline() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/credentials.md"))
        .unwrap();
    let mut recipes = 0;
    for section in page.split("\n## ").skip(1) {
        let mut baseline = load::values(&load::embedded_baseline().unwrap())
            .unwrap()
            .remove(0);
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": "agents", "labels": {"cattlegrid.dev/agents": "enforce"}}});
        let mut manifests = vec![namespace.to_string()];
        let blocks = section.split("```yaml\n").skip(1);
        for block in blocks.filter_map(|rest| rest.split_once("```")) {
            for object in objects("docs/credentials.md", block.0) {
                match object["kind"].as_str() {
                    // A part of the baseline.
                    None => json_patch::merge(&mut baseline, &object),
                    Some("Job") => manifests.push(object.to_string()),
                    Some(_) => {}
                }
            }
        }
        if manifests.len() == 1 {
            continue;
        }
        recipes += manifests.len() - 1;
        let (baseline, manifests) = (baseline.to_string(), manifests.join("\n---\n"));
        let files = directory(&[("baseline.yaml", &baseline), ("recipe.yaml", &manifests)]);
        let (recipe, baseline) = (path(&files, "recipe.yaml"), path(&files, "baseline.yaml"));
        let output = cattlegrid(&["audit", &recipe, "--baseline", &baseline]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
    }
    assert!(recipes >= 3, "only {recipes} recipes were found");
}
