//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn addresses_are_read_as_go_reads_them() {
    check(&[
        (
            "ip('%eth0')",
            r#"error: IP Address "%eth0" parse error during conversion from string: ParseAddr("%eth0"): missing IPv6 address"#,
        ),
        (
            "ip('')",
            r#"error: IP Address "" parse error during conversion from string: ParseAddr(""): unable to parse IP"#,
        ),
        (
            "ip('.1.2.3')",
            r#"error: IP Address ".1.2.3" parse error during conversion from string: ParseAddr(".1.2.3"): IPv4 field must have at least one digit (at ".1.2.3")"#,
        ),
        (
            "ip('1..2.3')",
            r#"error: IP Address "1..2.3" parse error during conversion from string: ParseAddr("1..2.3"): IPv4 field must have at least one digit (at ".2.3")"#,
        ),
        (
            "ip('1.2.3')",
            r#"error: IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short"#,
        ),
        (
            "ip('1.2.3.')",
            r#"error: IP Address "1.2.3." parse error during conversion from string: ParseAddr("1.2.3."): IPv4 field must have at least one digit (at ".")"#,
        ),
        (
            "ip('1.2.3.04')",
            r#"error: IP Address "1.2.3.04" parse error during conversion from string: ParseAddr("1.2.3.04"): IPv4 field has octet with leading zero"#,
        ),
        (
            "ip('1.2.3.256')",
            r#"error: IP Address "1.2.3.256" parse error during conversion from string: ParseAddr("1.2.3.256"): IPv4 field has value >255"#,
        ),
        (
            "ip('1.2.3.4.5')",
            r#"error: IP Address "1.2.3.4.5" parse error during conversion from string: ParseAddr("1.2.3.4.5"): IPv4 address too long"#,
        ),
        (
            "ip('1.2.3.x')",
            r#"error: IP Address "1.2.3.x" parse error during conversion from string: ParseAddr("1.2.3.x"): unexpected character (at "x")"#,
        ),
        (
            "ip('12345::')",
            r#"error: IP Address "12345::" parse error during conversion from string: ParseAddr("12345::"): each group must have 4 or less digits (at "12345::")"#,
        ),
        ("ip('192.168.0.1')", "192.168.0.1"),
        (
            "ip('1:2:3:4:5:1.2.3.4')",
            r#"error: IP Address "1:2:3:4:5:1.2.3.4" parse error during conversion from string: ParseAddr("1:2:3:4:5:1.2.3.4"): embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")"#,
        ),
        (
            "ip('1:2:3:4:5:6:1.2.3')",
            r#"error: IP Address "1:2:3:4:5:6:1.2.3" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:1.2.3"): IPv4 address too short"#,
        ),
        ("ip('1:2:3:4:5:6:1.2.3.4')", "1:2:3:4:5:6:102:304"),
        (
            "ip('1:2:3:4:5:6:7')",
            r#"error: IP Address "1:2:3:4:5:6:7" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:7"): address string too short"#,
        ),
        (
            "ip('1:2:3:4:5:6:7:')",
            r#"error: IP Address "1:2:3:4:5:6:7:" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:7:"): colon must be followed by more characters (at ":")"#,
        ),
        (
            "ip('1:2:3:4:5:6:7:1.2.3.4')",
            r#"error: IP Address "1:2:3:4:5:6:7:1.2.3.4" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:7:1.2.3.4"): embedded IPv4 address must replace the final 2 fields of the address (at "1.2.3.4")"#,
        ),
        (
            "ip('1:2:3:4:5:6:7:8:9')",
            r#"error: IP Address "1:2:3:4:5:6:7:8:9" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:7:8:9"): trailing garbage after address (at "9")"#,
        ),
        (
            "ip('1:2:3:4:5:6:7::8')",
            r#"error: IP Address "1:2:3:4:5:6:7::8" parse error during conversion from string: ParseAddr("1:2:3:4:5:6:7::8"): the :: must expand to at least one field of zeros"#,
        ),
        (
            "ip('1::2::3')",
            r#"error: IP Address "1::2::3" parse error during conversion from string: ParseAddr("1::2::3"): multiple :: in address (at ":3")"#,
        ),
        (
            "ip('1:x')",
            r#"error: IP Address "1:x" parse error during conversion from string: ParseAddr("1:x"): each colon-separated field must have at least one digit (at "x")"#,
        ),
        ("ip('2001:DB8::1')", "2001:db8::1"),
        (
            "ip(':1')",
            r#"error: IP Address ":1" parse error during conversion from string: ParseAddr(":1"): each colon-separated field must have at least one digit (at ":1")"#,
        ),
        ("ip('::1')", "::1"),
        ("ip('::1.2.3.4')", "::102:304"),
        (
            "ip('::1:2:3:4:5:6:7:1.2.3.4')",
            r#"error: IP Address "::1:2:3:4:5:6:7:1.2.3.4" parse error during conversion from string: ParseAddr("::1:2:3:4:5:6:7:1.2.3.4"): too many hex fields to fit an embedded IPv4 at the end of the address (at "1.2.3.4")"#,
        ),
        (
            "ip('::ffff:1.2.3.4')",
            r#"error: IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed"#,
        ),
        (
            "ip('::g')",
            r#"error: IP Address "::g" parse error during conversion from string: ParseAddr("::g"): each colon-separated field must have at least one digit (at "g")"#,
        ),
        (
            "ip('abc')",
            r#"error: IP Address "abc" parse error during conversion from string: ParseAddr("abc"): unable to parse IP"#,
        ),
        (
            "ip('fe80::1%')",
            r#"error: IP Address "fe80::1%" parse error during conversion from string: ParseAddr("fe80::1%"): zone must be a non-empty string"#,
        ),
        (
            "ip('fe80::1%eth0')",
            r#"error: IP address "fe80::1%eth0" with zone value is not allowed"#,
        ),
        ("isIP('1.1.1.1')", "true"),
        ("isIP('::ffff:1.1.1.1')", "false"),
        ("isIP('x')", "false"),
    ]);
}

#[test]
fn addresses_have_kinds() {
    check(&[
        ("ip('0.0.0.0').isGlobalUnicast()", "false"),
        ("ip('0.0.0.0').isUnspecified()", "true"),
        ("ip('1.1.1.1').family()", "4"),
        ("ip('10.0.0.1').isGlobalUnicast()", "true"),
        ("ip('127.1.2.3').isLoopback()", "true"),
        ("ip('169.254.1.1').isLinkLocalUnicast()", "true"),
        ("ip('224.0.0.1').isLinkLocalMulticast()", "true"),
        ("ip('224.0.1.1').isLinkLocalMulticast()", "false"),
        ("ip('255.255.255.255').isGlobalUnicast()", "false"),
        ("ip('::').isGlobalUnicast()", "false"),
        ("ip('::').isUnspecified()", "true"),
        ("ip('::1').family()", "6"),
        ("ip('::1').isLoopback()", "true"),
        ("ip('fd00::1').isGlobalUnicast()", "true"),
        ("ip('fe80::1').isGlobalUnicast()", "false"),
        ("ip('fe80::1').isLinkLocalUnicast()", "true"),
        ("ip('ff01::1').isLinkLocalMulticast()", "false"),
        ("ip('ff02::1').isGlobalUnicast()", "false"),
        ("ip('ff02::1').isLinkLocalMulticast()", "true"),
        ("ip('ff12::1').isLinkLocalMulticast()", "true"),
    ]);
}

#[test]
fn canonical_form() {
    check(&[
        ("ip.isCanonical('127.0.0.1')", "true"),
        ("ip.isCanonical('2001:DB8::1')", "false"),
        (
            "ip.isCanonical('x')",
            r#"error: IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to parse IP"#,
        ),
        ("string(ip('2001:DB8:0:0:1:0:0:1'))", "'2001:db8::1:0:0:1'"),
    ]);
}

#[test]
fn addresses_are_equal() {
    check(&[
        ("ip('1.1.1.1') != ip('::1')", "true"),
        ("ip('1.1.1.1') == ip('1.1.1.1')", "true"),
        ("ip('1.1.1.1') == ip('::1')", "false"),
    ]);
}
