//! What whole expressions cost, as the API server counted them.

use crate::library::testing::cost_of;

#[test]
fn calls_cost_what_the_api_server_charges() {
    let table: &[(&str, u64)] = &[
        ("'hello'.charAt(0)", 1),
        ("'hello'.indexOf('l')", 0),
        ("'hello'.lastIndexOf('l')", 0),
        ("'HeLLo É'.lowerAscii()", 1),
        ("'HeLLo é'.upperAscii()", 1),
        (r#"'  \t\n\u0085\u00a0\u2003x \ufeff'.trim()"#, 1),
        ("'aaa'.replace('a', 'b')", 1),
        ("'a,b,c'.split(',')", 1),
        ("'hello'.substring(2)", 1),
        ("['a','b'].join()", 1),
        (r#"strings.quote('a"b\n\t\\é\u0007\u0001')"#, 1),
        ("'abc'.contains('b')", 1),
        ("[].first()", 1),
        ("[1,2,3].isSorted()", 3),
        ("[1,2,3].sum()", 3),
        ("[1,2,3].min()", 3),
        ("[1,2,2,3,1].distinct()", 61),
        ("[[1],[2,3]].flatten()", 13),
        ("lists.range(5)", 16),
        ("lists.range(999980).size()", 999992),
        ("[3,1,2].sort()", 29),
        ("[{'n': 2}, {'n': 1}].sortBy(x, x.n)", 50),
        ("['bb', 'a', 'cc'].sortBy(x, x.size())", 74),
        ("[1,2,3].slice(1,2)", 12),
        ("sets.contains([1,2,3],[2,3])", 7),
        ("sets.intersects([1],[1,2])", 3),
        ("optional.of(1).hasValue()", 2),
        ("optional.ofNonZeroValue('')", 1),
        ("optional.ofNonZeroValue(duration('0s'))", 1),
        (
            "optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z'))",
            1,
        ),
        ("optional.ofNonZeroValue(optional.none())", 2),
        ("[optional.of(1), optional.none()].unwrapOpt()", 13),
        ("optional.of(1).or(optional.of(2))", 1),
        ("optional.none().orValue(5)", 1),
        ("type(1)", 0),
        ("type(quantity('1'))", 2),
        ("type(ip('1.1.1.1'))", 2),
        ("ip.isCanonical('127.0.0.1')", 2),
        ("isIP('1.1.1.1')", 1),
        ("ip('1.1.1.1').family()", 2),
        ("ip('0.0.0.0').isUnspecified()", 2),
        ("ip('127.1.2.3').isLoopback()", 2),
        ("ip('224.0.0.1').isLinkLocalMulticast()", 2),
        ("ip('169.254.1.1').isLinkLocalUnicast()", 3),
        ("ip('10.0.0.1').isGlobalUnicast()", 2),
        ("cidr('10.0.0.0/8')", 1),
        ("cidr('10.0.0.1/8').masked()", 2),
        ("cidr('10.0.0.1/8').prefixLength()", 2),
        ("cidr('::/0').containsIP('1.2.3.4')", 2),
        ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", 6),
        ("isCIDR('10.0.0.0/8')", 1),
        ("semver('1.2.3')", 1),
        ("semver('1', true).minor()", 2),
        ("semver('1.2.3-alpha.1+build.5').patch()", 4),
        ("semver('18446744073709551615.0.0').major()", 4),
        ("isSemver('1.2.3')", 1),
        (
            "url('https://user:pa%20ss@example.com:80/a%2fb/c?x=1&y=2&x=3#frag').getHost()",
            7,
        ),
        (
            "url('https://user:pa%20ss@example.com:80/a%2fb/c?x=1&y=2&x=3#frag').getHostname()",
            7,
        ),
        ("url('https://example.com:80/a').getPort()", 4),
        ("url('HTTPS://Example.com').getScheme()", 3),
        ("url('mailto:a@b').getEscapedPath()", 2),
        (
            "url('https://example.com/?a=1&b=%zz&c;d=1&=5&e&f=a+b%20c').getQuery()",
            7,
        ),
        ("isURL('https://example.com')", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getFullYear()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getMonth()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getDayOfYear()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getDayOfMonth()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getDate()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getDayOfWeek()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getHours()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getMinutes()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getSeconds()", 1),
        ("timestamp('2023-07-14T10:30:45.123Z').getMilliseconds()", 1),
        ("1 < 1.5", 1),
        ("quantity('1.5Gi').asApproximateFloat()", 2),
        ("quantity('1Ki').isInteger()", 2),
        ("quantity('9223372036854775807').add(1)", 3),
        ("quantity('1').sub(1)", 2),
        ("'a'.matches('a+b')", 1),
        ("'abcdefghijklmnopqrstuvwxyz'.find('[a-z]+')", 6),
        ("'abcdefghijklmnopqrst'.contains('abcdefghijk')", 4),
        ("'abcdefghijklmnopqrst' + 'a'", 3),
        ("'abcdefghijklmnopqrst' < 'abcdefghijklmnopqrst'", 2),
        ("dyn('abcdefghijklmnopqrst') + dyn('a')", 1),
        ("dyn('abcdefghijklmnopqrst').startsWith('a')", 2),
        ("cidr('10.0.0.0/8').containsIP(dyn('10.0.0.1'))", 2),
        ("quantity('1Gi') == quantity('1')", 3),
    ];
    for (expression, expected) in table {
        assert_eq!(cost_of(expression), Some(*expected), "{expression}");
    }
}

#[test]
fn reading_costs_what_go_computes_with_fractions() {
    let samples = (0..10_000u64).chain((0..40).map(|bit| (1u64 << bit) + 1));
    for size in samples {
        let fraction = |factor: f64| size as f64 * factor;
        assert_eq!(super::reading(size), fraction(0.1).ceil() as u64, "{size}");
        assert_eq!(
            super::reading(size * 2),
            (size as f64 * 2.0 * 0.1).ceil() as u64,
            "{size}"
        );
        assert_eq!(size / super::TRAVERSAL, fraction(0.1) as u64, "{size}");
        assert_eq!(
            size.div_ceil(super::PATTERN),
            fraction(0.25).ceil() as u64,
            "{size}"
        );
    }
}
