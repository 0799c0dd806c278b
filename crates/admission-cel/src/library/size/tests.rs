//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn size_counts_code_points_bytes_items_and_entries() {
    check(&[
        ("'héllo'.size()", "5"),
        ("dyn(1).size()", "error: no such overload: size"),
        ("lists.range(999980).size()", "999980"),
        ("size('héllo')", "5"),
        ("size([1,2])", "2"),
        ("size(b'abc')", "3"),
        ("size(dyn(1))", "error: no such overload: size"),
        ("{'a':1}.size()", "1"),
    ]);
}
