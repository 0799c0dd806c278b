use super::*;
use crate::environment::Environment;

/// Where the document is in the repository.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cel.md");

#[test]
fn the_page_says_what_the_tables_say() {
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        page == markdown(),
        "docs/cel.md is out of date: run `cargo xtask docs`"
    );
}

#[test]
fn every_overload_is_on_the_page() {
    let listed: Vec<&str> = LIBRARIES
        .iter()
        .flat_map(|(_, table)| table.iter().map(|overload| overload.id))
        .collect();
    for overload in library::ALL.iter().flat_map(|table| table.iter()) {
        assert!(listed.contains(&overload.id), "{} is missing", overload.id);
    }
    assert_eq!(
        listed.len(),
        library::ALL.iter().map(|table| table.len()).sum::<usize>()
    );
}

#[test]
fn calls_are_written_as_in_expressions() {
    let page = markdown();
    for line in [
        "| `string.contains(string) -> bool` | `contains_string` | all | by size |",
        "| `!bool -> bool` | `logical_not` | all | 1 |",
        "| `A in list(A) -> bool` | `in_list` | all | by size |",
        "| `bool ? A : A -> A` | `conditional` | all | 1 |",
        "| `bool \\|\\| bool -> bool` | `logical_or` | all | 1 |",
        "| `map(A, B)[A] -> B` | `index_map` | all | 1 |",
    ] {
        assert!(page.contains(line), "{line}");
    }
}

#[test]
fn every_macro_compiles_in_the_form_that_is_shown() {
    for one in MACROS {
        let (target, call) = match one.form.split_once('.') {
            Some(("o", call)) => ("optional.of(1).", call),
            Some(("has(e", _)) => ("", "has({'f': 1}.f)"),
            Some((_, call)) => ("[1].", call),
            None => ("", one.form),
        };
        let value = match call {
            call if call.starts_with("optFlatMap") => ", optional.of(x))",
            call if call.starts_with("transformMapEntry") => ", {i: v})",
            _ => ", 1)",
        };
        let call = call.replace(", p", ", true").replace(", e)", value);
        if let Err(errors) = Environment::new(KUBERNETES_MINOR).compile(&format!("{target}{call}"))
        {
            panic!("{target}{call}: {errors}");
        }
    }
}
