//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn keys_are_escaped() {
    check(&[
        ("jsonpatch.escapeKey('abc')", "'abc'"),
        ("jsonpatch.escapeKey('a~b/c')", "'a~0b~1c'"),
        ("jsonpatch.escapeKey('~1/~0')", "'~01~1~00'"),
    ]);
}
