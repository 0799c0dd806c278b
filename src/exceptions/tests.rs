use super::*;

fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn exception(name: &str, owner: &str) -> String {
    format!(
        "apiVersion: cattlegrid.dev/v1alpha1\nkind: PolicyException\nmetadata: {{name: {name}}}\n\
         spec:\n  policies: [host-paths]\n  namespaces: [a]\n  owner: {owner}\n  reason: r\n  \
         expires: 2027-01-31T00:00:00Z\n"
    )
}

fn names(reading: &Reading) -> Vec<&str> {
    let exceptions = reading.exceptions.iter();
    exceptions
        .map(|exception| exception.name.as_str())
        .collect()
}

#[test]
fn a_malformed_exception_is_told_with_its_place_and_takes_no_other_with_it() {
    let text = format!("{}---\n{}", exception("a", "ada"), exception("b", "''"));
    let reading = of_files(&[source("e.yaml", &text)]);
    assert_eq!(names(&reading), ["a"]);
    assert_eq!(reading.problems, ["e.yaml:17:10: spec.owner: is required"]);
}

#[test]
fn a_file_that_is_named_must_hold_an_exception_that_can_be_read() {
    let reading = of_files(&[
        source("other.yaml", "apiVersion: v1\nkind: Pod\n"),
        source("broken.yaml", "a: [\n"),
    ]);
    assert_eq!(names(&reading), Vec::<&str>::new());
    let [none, broken] = &reading.problems[..] else {
        panic!("{reading:?}");
    };
    assert_eq!(none, "other.yaml: no PolicyException here");
    assert!(broken.starts_with("broken.yaml:"), "{broken}");
}

#[test]
fn among_manifests_exceptions_are_found_and_nothing_else_is_told() {
    let text = format!(
        "a: [\n---\napiVersion: v1\nkind: Pod\n---\n{}",
        exception("a", "ada")
    );
    let reading = of_input(
        &[],
        &[source("all.yaml", &text), source("other.yaml", "a: b\n")],
    );
    assert_eq!(names(&reading), ["a"]);
    assert_eq!(reading.problems, Vec::<String>::new());
}

#[test]
fn the_same_exception_twice_is_one_and_two_of_a_name_are_none() {
    let (first, other) = (exception("a", "ada"), exception("a", "eve"));
    let twice = of_input(&[source("e.yaml", &first)], &[source("all.yaml", &first)]);
    assert_eq!(names(&twice), ["a"]);
    assert_eq!(twice.problems, Vec::<String>::new());
    let two = of_input(&[source("e.yaml", &first)], &[source("all.yaml", &other)]);
    assert_eq!(names(&two), Vec::<&str>::new());
    assert_eq!(
        two.problems,
        ["all.yaml: another PolicyException `a` says something else; neither has an effect"]
    );
}

#[test]
fn users_hear_of_an_expiry_for_a_week() {
    let reading = of_files(&[source("e.yaml", &exception("a", "ada"))]);
    let exception = reading.exceptions.iter().next().unwrap();
    let expires = exception.expires.seconds;
    let before = |days: i64| expires_soon(exception, Timestamp::utc(expires - days * 86_400, 0));
    assert_eq!(
        [before(1), before(6), before(7), before(30)],
        [true, true, false, false]
    );
}

#[test]
fn what_is_wrong_with_a_file_is_told_once() {
    let file = source("e.yaml", &exception("a", "''"));
    let reading = of_input(std::slice::from_ref(&file), std::slice::from_ref(&file));
    assert_eq!(reading.problems, ["e.yaml:7:10: spec.owner: is required"]);
}
