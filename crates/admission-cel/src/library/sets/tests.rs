//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn sets_compare_across_numeric_types() {
    check(&[
        (
            "sets.equivalent([1,1],[1u,1.0])",
            "error: expected type 'uint' but found 'double'",
        ),
        ("sets.intersects([1],[1,2])", "true"),
        ("sets.intersects([],[1])", "false"),
    ]);
}
