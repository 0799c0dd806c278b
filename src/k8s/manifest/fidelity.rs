//! What documents mean, beside what `sigs.k8s.io/yaml` says that they do: each line of
//! `tests/yaml/documents.jsonl` holds a document and its answer.

use serde_json::Value;

use super::*;

const DOCUMENTS: &str = include_str!("../../../tests/yaml/documents.jsonl");

/// Documents that only we read: YAML 1.2, which our parser speaks, allows more than 1.1.
const ONLY_OURS: &[&str] = &[
    // Characters of plain text, escapes (of JSON, too, which kubectl reads as such).
    "[?]",
    "{a?: b}",
    "a: \"\\ud83d\\ude00\"",
    "a: \"\\x41\\u00e9\\U0001F600\\n\\t\\0\\e\\_\\N\\L\\P\\/\\ \"",
    "{\"a\":1,\"b\":[true,null,1.5e3,-0,\"\\u00e9\\/\"]}",
    // Tabs where they indent nothing.
    "\ta: 1",
    "-\ta",
    "?\ta",
    "a: 1\n\t\nb: 2",
    // An end of nothing.
    "...",
    "...\na: 1",
    // Documents are separated first, as kubectl does.
    "---\n---\na: 1",
];

/// Documents that only we refuse, since what they say is not what somebody meant.
const ONLY_THEIRS: &[&str] = &[
    // What follows is dropped without a word.
    "{a: 1}}",
    "[1]]",
    "{\"a\": 1} x",
    " a: 1\nb: 2",
    "a: 1\n...\nb: 2",
    // kubectl refuses what is no comment behind a separator, and directives, which it separates.
    "--- a",
    "--- {a: 1}",
    "--- |\n  x",
    "---x",
    "----",
    "%YAML 1.1\n---\na: 1",
    "%TAG ! tag:x,2000:\n---\na: !b c",
    // Numbers that are written in another way as keys, differently by each reader.
    "1.5: a",
    "1e3: a",
    ".5: a",
    "1.0: a",
    // In `[?x]` it is no part of the text.
    "a: ?x",
    // One value wins, and not always the same: here they are equal.
    "true: a\n'true': a",
    "1: a\n'1': a",
    "1: a\n1.0: a",
    // Bytes that are no text are replaced.
    "a: !!binary '/w=='",
    // Our parser cannot.
    "[-]",
    "a: \u{feff}1",
    // Line breaks of YAML 1.1 alone.
    "a: 1\u{85}b: 2",
    "a: 1\u{2028}b: 2",
    "a: 'x\u{85}y'",
    "# c\u{85}a: 1",
    "# c\u{2028}a: 1",
];

#[test]
fn documents_mean_what_they_mean_to_kubernetes() {
    let mut differing = Vec::new();
    for line in DOCUMENTS.lines() {
        let known: Value = serde_json::from_str(line).unwrap();
        let document = known["document"].as_str().unwrap();
        let ours = ours(document);
        let theirs = known.get("json").map(as_decoded);
        let is_strict = known.get("error").is_some();
        let agrees = match (&ours, &theirs) {
            // Two keys that are the same are an error, but a merge key may say what is said again.
            (Err(_), _) if is_strict => true,
            (Err(_), None) => true,
            (Err(_), Some(_)) => ONLY_THEIRS.contains(&document),
            (Ok(_), None) => ONLY_OURS.contains(&document),
            (Ok(ours), Some(theirs)) => ours == theirs || ONLY_OURS.contains(&document),
        };
        if !agrees {
            let shown: String = document.chars().take(60).collect();
            differing.push(format!("{shown:?}: {ours:?}, not {theirs:?}"));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

fn ours(document: &str) -> Result<Value, String> {
    let arena = Bump::new();
    match parse(document, &arena).next() {
        None => Ok(Value::Null),
        Some(Ok(manifest)) => {
            let json: Value = serde_json::from_str(&manifest.json.to_string()).unwrap();
            Ok(as_decoded(&json))
        }
        Some(Err(error)) => Err(error.message),
    }
}

/// Numbers as the API server decodes them: 64 bits, or a double.
fn as_decoded(json: &Value) -> Value {
    match json {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer.into(),
            (None, Some(0.0)) => 0.into(),
            (None, double) => double.into(),
        },
        Value::Array(items) => items.iter().map(as_decoded).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), as_decoded(value)))
            .collect(),
        other => other.clone(),
    }
}
