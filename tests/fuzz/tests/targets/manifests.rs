use admission_cel::json::Json;
use admission_policy::set::{Document, PolicySet};
use bumpalo::Bump;
use cattlegrid::k8s::manifest::{line_and_column, parse};
use fuzz::corpus::manifests;
use fuzz::fuzz;
use fuzz::mutate::mutated;
use proptest::prelude::*;

/// Reads a file; every place must be in it, and what is a policy must compile or fail.
fn read(text: &str) -> Result<(), String> {
    let arena = Bump::new();
    let mut nodes: Vec<&Json<'_>> = Vec::new();
    for manifest in parse(text, &arena) {
        match manifest {
            Ok(manifest) => {
                let span = manifest.spans.value(manifest.json);
                if span.is_some_and(|span| text.get(span).is_none()) {
                    return Err("a span is not of the file".to_owned());
                }
                nodes.push(manifest.json);
            }
            Err(error) => {
                let _ = line_and_column(text, error.span.start);
            }
        }
    }
    let documents: Vec<Document<'_>> = nodes
        .iter()
        .enumerate()
        .map(|(index, json)| Document {
            source: "fuzz.yaml",
            index,
            json,
        })
        .collect();
    let _ = PolicySet::compile(&documents);
    Ok(())
}

#[test]
fn mutated_manifests_are_read_or_refused() {
    let mut corpus = manifests().expect("the repository is readable");
    // In small parts, of which many are tried in a second.
    corpus = corpus
        .iter()
        .flat_map(|text| text.split_inclusive("\n  - "))
        .filter(|part| part.len() < 2000)
        .map(str::to_owned)
        .chain(corpus.iter().filter(|text| text.len() < 4000).cloned())
        .collect();
    corpus.extend(HARD.iter().map(|text| (*text).to_owned()));
    fuzz("manifests", 300, mutated(corpus), |text| read(text));
}

#[test]
fn arbitrary_text_is_read_or_refused() {
    let texts = prop_oneof![
        any::<String>(),
        "([ ]{0,4}[-?:&*!|>{}\\[\\],#'\"a-c0-9~%@.]{0,8}\n?){0,12}",
    ];
    fuzz("yaml", 300, texts, |text| read(text));
}

const HARD: &[&str] = &[
    "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "a: |\n  text\n   more\n---\nb: >-\n  folded\n...\n--- # c\n{a: [1, 0x1F, 0o7, 1e3, .inf, ~, yes]}\n",
    "%YAML 1.1\n---\n!!str a: !!int '3'\n? [complex]\n: value\n<<: {b: c}\n",
    "{\"json\": [true, null, -1.5e-3, \"\\u00e9\\n\"]}\n",
    "\u{feff}a: 'it''s'\nb: \"x\\\n  y\"\n",
];
