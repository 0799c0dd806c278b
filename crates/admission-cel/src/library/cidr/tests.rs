//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn ranges_are_read_as_go_reads_them() {
    check(&[
        (
            "cidr('10.0.0.0')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0"): no '/'"#,
        ),
        (
            "cidr('10.0.0.0/')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/"): bad bits after slash: """#,
        ),
        (
            "cidr('10.0.0.0/-1')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/-1"): bad bits after slash: "-1""#,
        ),
        (
            "cidr('10.0.0.0/08')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08""#,
        ),
        (
            "cidr('10.0.0.0/33')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/33"): prefix length out of range"#,
        ),
        ("cidr('10.0.0.0/8')", "10.0.0.0/8"),
        (
            "cidr('10.0.0.0/99999999999999999999')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/99999999999999999999"): bad bits after slash: "99999999999999999999""#,
        ),
        (
            "cidr('10.0.0.0/x')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/x"): bad bits after slash: "x""#,
        ),
        ("cidr('10.0.0.1/8')", "10.0.0.1/8"),
        (
            "cidr('10.0.0/8')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0/8"): ParseAddr("10.0.0"): IPv4 address too short"#,
        ),
        (
            "cidr('::ffff:1.2.3.4/96')",
            r#"error: network address parse error during conversion from string: IPv4-mapped IPv6 address "::ffff:1.2.3.4/96" is not allowed"#,
        ),
        (
            "cidr('fe80::1%eth0/64')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("fe80::1%eth0/64"): IPv6 zones cannot be present in a prefix"#,
        ),
        ("isCIDR('10.0.0.0/8')", "true"),
        ("isCIDR('x')", "false"),
    ]);
}

#[test]
fn ranges_contain() {
    check(&[
        ("cidr('0.0.0.0/0').containsCIDR('::/0')", "false"),
        ("cidr('0.0.0.0/0').containsIP('1.2.3.4')", "true"),
        ("cidr('10.0.0.0/8').containsCIDR('10.0.0.0/8')", "true"),
        ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true"),
        (
            "cidr('10.0.0.0/8').containsCIDR('x')",
            r#"error: network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("x"): no '/'"#,
        ),
        (
            "cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))",
            "true",
        ),
        ("cidr('10.0.0.0/8').containsIP('10.2.3.4')", "true"),
        (
            "cidr('10.0.0.0/8').containsIP('x')",
            "error: no such overload",
        ),
        ("cidr('10.0.0.0/8').containsIP(ip('11.2.3.4'))", "false"),
        ("cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')", "false"),
        ("cidr('2001:db8::/32').containsIP('2001:db8::1')", "true"),
        ("cidr('::/0').containsIP('1.2.3.4')", "false"),
        ("cidr('::/0').containsIP('::5')", "true"),
    ]);
}

#[test]
fn ranges_have_parts() {
    check(&[
        ("cidr('10.0.0.0/8') == cidr('10.0.0.0/8')", "true"),
        ("cidr('10.0.0.1/8') == cidr('10.0.0.0/8')", "false"),
        ("cidr('10.0.0.1/8').ip()", "10.0.0.1"),
        ("cidr('10.0.0.1/8').masked()", "10.0.0.0/8"),
        ("cidr('10.0.0.1/8').prefixLength()", "8"),
        ("string(cidr('10.0.0.1/8'))", "'10.0.0.1/8'"),
    ]);
}
