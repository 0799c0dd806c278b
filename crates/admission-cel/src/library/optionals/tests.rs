//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn zero_values_become_none() {
    check(&[
        ("optional.ofNonZeroValue('')", "optional.none()"),
        ("optional.ofNonZeroValue('x')", "optional.of('x')"),
        ("optional.ofNonZeroValue(0.0)", "optional.none()"),
        ("optional.ofNonZeroValue(0u)", "optional.none()"),
        ("optional.ofNonZeroValue([])", "optional.none()"),
        ("optional.ofNonZeroValue(b'')", "optional.none()"),
        ("optional.ofNonZeroValue(duration('0s'))", "optional.none()"),
        ("optional.ofNonZeroValue(false)", "optional.none()"),
        ("optional.ofNonZeroValue(int)", "optional.of(int)"),
        ("optional.ofNonZeroValue(null)", "optional.none()"),
        (
            "optional.ofNonZeroValue(optional.none())",
            "optional.of(optional.none())",
        ),
        (
            "optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z'))",
            "optional.none()",
        ),
        (
            "optional.ofNonZeroValue(timestamp(0))",
            "optional.of(1970-01-01T00:00:00Z)",
        ),
        ("optional.ofNonZeroValue({})", "optional.none()"),
    ]);
}

#[test]
fn values_come_out_again() {
    check(&[
        ("[optional.of(1), optional.none()].unwrapOpt()", "[1]"),
        ("optional.none().hasValue()", "false"),
        ("optional.none().orValue(5)", "5"),
        (
            "optional.none().value()",
            "error: optional.none() dereference",
        ),
        ("optional.of(1).hasValue()", "true"),
        ("optional.of(1).or(optional.of(2))", "optional.of(1)"),
        ("optional.of(optional.of(1)).value().value()", "1"),
        ("optional.unwrap([optional.of(1), optional.none()])", "[1]"),
    ]);
}
