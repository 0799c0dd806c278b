//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn sorted_and_extremes() {
    check(&[
        ("['a','b'].isSorted()", "true"),
        ("[1,2,3].isSorted()", "true"),
        ("[1,2,3].min()", "1"),
        ("[1.0, double('NaN'), 0.5].min()", "0.5"),
        ("[1.0, double('NaN')].isSorted()", "true"),
        ("[1].isSorted()", "true"),
        ("[2,1].isSorted()", "false"),
        ("[].isSorted()", "true"),
        ("[].max()", "error: max called on empty list"),
        ("[].min()", "error: min called on empty list"),
        ("[b'a', b'b'].max()", "b'b'"),
        ("[double('NaN'), 1.0].min()", "NaN"),
        (
            "[timestamp('2023-01-01T00:00:00Z'), timestamp('2022-01-01T00:00:00Z')].min()",
            "2022-01-01T00:00:00Z",
        ),
        ("[true, false].max()", "true"),
    ]);
}

#[test]
fn sums() {
    check(&[
        ("[1,2,3].sum()", "6"),
        ("[1.5,2.5].sum()", "4.0"),
        ("[1u, 2u].sum()", "3u"),
        ("[9223372036854775807, 1].sum()", "error: integer overflow"),
        ("[].sum()", "0"),
        ("[duration('1s'), duration('2s')].sum()", "3s"),
    ]);
}

#[test]
fn positions_of_items() {
    check(&[
        ("[1, 2].indexOf(2)", "1"),
        ("[1,2,2,3].indexOf(2)", "1"),
        ("[1,2,2,3].lastIndexOf(2)", "2"),
        ("[1,2].indexOf(5)", "-1"),
    ]);
}

#[test]
fn first_and_last() {
    check(&[("[].first()", "optional.none()")]);
}

#[test]
fn distinct_keeps_the_first() {
    check(&[
        ("['x','x'].distinct()", "['x']"),
        (
            "[1, 1.0, 1u].distinct()",
            "error: expected type 'int' but found 'double'",
        ),
        ("[1,2,2,3,1].distinct()", "[1, 2, 3]"),
        ("[{'a':1}, {'a':1}].distinct()", "[{'a': 1}]"),
    ]);
}

#[test]
fn flatten_goes_so_deep() {
    check(&[
        (
            "[1,[2]].flatten()",
            "error: expected type 'int' but found 'list(int)'",
        ),
        ("[[1],[2,3]].flatten()", "[1, 2, 3]"),
        (
            "[[1],[2,[3]]].flatten()",
            "error: expected type 'list(int)' but found 'list(dyn)'; expected type 'int' but found 'list(int)'",
        ),
        (
            "[[1],[2,[3]]].flatten(-1)",
            "error: expected type 'list(int)' but found 'list(dyn)'; expected type 'int' but found 'list(int)'",
        ),
        (
            "[[1],[2,[3]]].flatten(0)",
            "error: expected type 'list(int)' but found 'list(dyn)'; expected type 'int' but found 'list(int)'",
        ),
        (
            "[[1],[2,[3]]].flatten(2)",
            "error: expected type 'list(int)' but found 'list(dyn)'; expected type 'int' but found 'list(int)'",
        ),
        ("[].flatten()", "[]"),
        (
            "lists.range(100).map(x, lists.range(x)).flatten().size()",
            "4950",
        ),
    ]);
}

#[test]
fn range_counts_from_zero() {
    check(&[
        ("lists.range(-5)", "[]"),
        ("lists.range(0)", "[]"),
        (
            "lists.range(2000000)",
            "error: operation cancelled: actual cost limit exceeded",
        ),
        ("lists.range(5)", "[0, 1, 2, 3, 4]"),
    ]);
}

#[test]
fn sort_orders_one_type() {
    check(&[
        ("['b','a'].sort()", "['a', 'b']"),
        ("['bb', 'a', 'cc'].sortBy(x, x.size())", "['a', 'bb', 'cc']"),
        ("[2.0, double('NaN'), 1.0].sort()", "[2.0, NaN, 1.0]"),
        ("[3,1,2].sort()", "[1, 2, 3]"),
        ("[duration('2s'), duration('1s')].sort()", "[1s, 2s]"),
        ("[true,false].sort()", "[false, true]"),
        (
            "[{'n': 2}, {'n': 1}].sortBy(x, x.n)",
            "[{'n': 1}, {'n': 2}]",
        ),
    ]);
}

#[test]
fn slice_and_reverse() {
    check(&[
        ("[1,2,3].reverse()", "[3, 2, 1]"),
        ("[1,2,3].slice(1,2)", "[2]"),
        (
            "[1,2,3].slice(1,4)",
            "error: cannot slice(1, 4), list is length 3",
        ),
    ]);
}
