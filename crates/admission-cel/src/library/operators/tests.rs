//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn arithmetic_is_checked() {
    check(&[
        ("(-9223372036854775807 - 1) % -1", "error: integer overflow"),
        ("-(-9223372036854775807 - 1)", "error: integer overflow"),
        ("-7 % 3", "-1"),
        ("-9223372036854775807 - 2", "error: integer overflow"),
        ("1 % 0", "error: modulus by zero"),
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("1 / 0", "error: division by zero"),
        ("1.0 / 0.0", "inf"),
        ("1.5 + 2.5", "4.0"),
        (
            "18446744073709551615u * 2u",
            "error: unsigned integer overflow",
        ),
        (
            "18446744073709551615u + 1u",
            "error: unsigned integer overflow",
        ),
        ("1u % 0u", "error: modulus by zero"),
        ("1u - 2u", "error: unsigned integer overflow"),
        ("1u / 0u", "error: division by zero"),
        ("2.0 * 3.0", "6.0"),
        ("7 / -2", "-3"),
        ("7u / 2u", "3u"),
        ("9223372036854775807 * 2", "error: integer overflow"),
        ("9223372036854775807 + 1", "error: integer overflow"),
    ]);
}

#[test]
fn ordering_crosses_numeric_types() {
    check(&[
        ("'a' >= 'b'", "false"),
        ("-1 < 0u", "true"),
        ("1 < 1.5", "true"),
        ("1.0 <= 1u", "true"),
        ("18446744073709551615u > 1.0e19", "true"),
        ("1u >= 1", "true"),
        ("9223372036854775807 < 9223372036854775808.0", "false"),
        ("b'a' < b'b'", "true"),
        ("true > false", "true"),
    ]);
}

#[test]
fn operands_of_other_types_have_no_overload() {
    check(&[
        ("!dyn(1)", "error: no such overload"),
        ("-dyn('a')", "error: no such overload"),
        ("-dyn(1u)", "error: no such overload: -_"),
        ("-dyn(true)", "error: no such overload"),
        ("dyn('a') * 2", "error: no such overload"),
        ("dyn('a') + 1", "error: no such overload"),
        (
            "dyn(-9223372036854775807 - 1) / -1",
            "error: integer overflow",
        ),
        ("dyn(1) + 'a'", "error: no such overload"),
        ("dyn(1) < 'a'", "error: no such overload"),
        ("dyn(1) < 1.5", "true"),
        (
            "dyn([1]) < [2]",
            "error: found no matching overload for '_<_' applied to '(dyn, list(int))'",
        ),
        ("dyn(null) + 1", "error: no such overload: _+_"),
        ("dyn(null) < 1", "error: no such overload: _<_"),
    ]);
}

#[test]
fn strings_bytes_and_lists_are_joined() {
    check(&[
        ("'a' + 'b'", "'ab'"),
        ("[1] + [2]", "[1, 2]"),
        ("[1] + dyn('a')", "error: no such overload"),
        ("[] + [1]", "[1]"),
        ("b'a' + b'b'", "b'ab'"),
    ]);
}

#[test]
fn negation() {
    check(&[("!true", "false"), ("-(1.5)", "-1.5"), ("-(5)", "-5")]);
}
