//! Text for people: wrapped lines, tables, and objects as YAML.

use std::io::Write;

use anyhow::{Context as _, Result};
use bumpalo::Bump;
use serde_json::Value;

use admission_cel::json::{Json, Object};

/// How wide text is wrapped: what a terminal shows beside something else.
const COLUMNS: usize = 96;
/// Keys that readers expect first.
const LEADING_KEYS: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "image"];

/// A text in lines, each behind `indent`; longer words stick out.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), indent.to_owned());
    for word in text.split_whitespace() {
        let is_full = line.chars().count() + 1 + word.chars().count() > COLUMNS;
        if is_full && line.len() > indent.len() {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

/// Rows in columns, each as wide as its widest cell; no spaces at the ends of lines.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell: &String| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded = cells.map(|(cell, width)| format!("{cell:width$}"));
        let line = padded.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// An object as YAML, with the keys first that readers look for.
///
/// # Errors
/// Never for JSON values; the serializer's signature has it.
pub(super) fn yaml(object: &Value) -> Result<String> {
    let arena = Bump::new();
    serde_saphyr::to_string(&ordered(object, &arena))
        .context("the object cannot be written as YAML")
}

fn ordered<'a>(value: &Value, arena: &'a Bump) -> Json<'a> {
    match value {
        Value::Object(members) => {
            let rank = |key: &str| {
                let place = LEADING_KEYS.iter().position(|leading| *leading == key);
                place.unwrap_or(LEADING_KEYS.len())
            };
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(key, _)| rank(key));
            let entries = members
                .into_iter()
                .map(|(key, value)| (&*arena.alloc_str(key), ordered(value, arena)));
            Json::Object(Object::new(arena, entries))
        }
        Value::Array(items) => {
            let items: Vec<Json<'a>> = items.iter().map(|item| ordered(item, arena)).collect();
            Json::Array(arena.alloc_slice_copy(&items))
        }
        other => Json::from_serde(other, arena),
    }
}

/// A number of things, in words.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// Prints a text.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn print(text: &str, output: &mut dyn Write) -> Result<()> {
    let written = output.write_all(text.as_bytes());
    written.context(super::UNWRITABLE)
}

/// Every line behind `indent`; empty lines stay empty.
pub(super) fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| match line {
        "" => "\n".to_owned(),
        line => format!("{indent}{line}\n"),
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        let word = "a".repeat(50);
        for (text, expected) in [
            (String::new(), String::new()),
            ("one  two\nthree".to_owned(), "one two three".to_owned()),
            (format!("{word} {word} b"), format!("{word}\n{word} b")),
            ("c".repeat(200), "c".repeat(200)),
        ] {
            assert_eq!(wrapped(&text, ""), expected);
        }
        assert_eq!(
            wrapped(&format!("{word} {word}"), "> "),
            format!("> {word}\n> {word}")
        );
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            table(&[row(["ID", "TITLE"]), row(["a-long-one", ""])]),
            "ID          TITLE\na-long-one\n"
        );
    }

    #[test]
    fn yaml_begins_with_what_readers_look_for() {
        let object = serde_json::json!({"spec": {"b": [{"image": "x", "command": ["serve"], "name": "z"}]},
            "kind": "Job", "apiVersion": "batch/v1", "metadata": {"name": "a"}});
        assert_eq!(
            yaml(&object).unwrap(),
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\nspec:\n  b:\n  - name: z\n    \
             image: x\n    command:\n    - serve\n"
        );
    }
}
