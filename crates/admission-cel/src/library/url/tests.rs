//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn urls_are_read_as_go_reads_them() {
    check(&[
        ("isURL('../x')", "false"),
        ("isURL('/x')", "true"),
        ("isURL('example.com')", "false"),
        ("isURL('http://a b')", "false"),
        ("isURL('https://example.com')", "true"),
        (
            "url('')",
            r#"error: URL parse error during conversion from string: parse "": empty url"#,
        ),
        (
            "url('1http://x')",
            r#"error: URL parse error during conversion from string: parse "1http://x": invalid URI for request"#,
        ),
        (
            "url('://x')",
            r#"error: URL parse error during conversion from string: parse "://x": missing protocol scheme"#,
        ),
        (
            "url(':x')",
            r#"error: URL parse error during conversion from string: parse ":x": missing protocol scheme"#,
        ),
        (
            r#"url('\nhttp://x')"#,
            r#"error: URL parse error during conversion from string: parse "\nhttp://x": net/url: invalid control character in URL"#,
        ),
        (
            "url('http://a#b%zz')",
            r##"error: URL parse error during conversion from string: parse "http://a#b%zz": invalid character "#" in host name"##,
        ),
        (
            "url('https://[1.2.3.4]/')",
            r#"error: URL parse error during conversion from string: parse "https://[1.2.3.4]/": invalid IP-literal"#,
        ),
        (
            "url('https://[::1/')",
            r#"error: URL parse error during conversion from string: parse "https://[::1/": missing ']' in host"#,
        ),
        (
            "url('https://[::1]x/')",
            r#"error: URL parse error during conversion from string: parse "https://[::1]x/": invalid port "x" after host"#,
        ),
        (
            "url('https://[::g]/')",
            r#"error: URL parse error during conversion from string: parse "https://[::g]/": invalid host: ParseAddr("::g"): each colon-separated field must have at least one digit (at "g")"#,
        ),
        (
            "url('https://a:b:c/')",
            r#"error: URL parse error during conversion from string: parse "https://a:b:c/": invalid port ":b:c" after host"#,
        ),
        (
            "url('https://a[::1]/')",
            r#"error: URL parse error during conversion from string: parse "https://a[::1]/": invalid IP-literal"#,
        ),
        (
            "url('https://exa mple.com/')",
            r#"error: URL parse error during conversion from string: parse "https://exa mple.com/": invalid character " " in host name"#,
        ),
        (
            "url('https://exa%20mple.com/')",
            r#"error: URL parse error during conversion from string: parse "https://exa%20mple.com/": invalid URL escape "%20""#,
        ),
        (
            "url('https://example.com/a%')",
            r#"error: URL parse error during conversion from string: parse "https://example.com/a%": invalid URL escape "%""#,
        ),
        (
            "url('https://example.com/a%zz')",
            r#"error: URL parse error during conversion from string: parse "https://example.com/a%zz": invalid URL escape "%zz""#,
        ),
        (
            "url('https://example.com:x/')",
            r#"error: URL parse error during conversion from string: parse "https://example.com:x/": invalid port ":x" after host"#,
        ),
        (
            "url('https://us er@example.com/')",
            r#"error: URL parse error during conversion from string: parse "https://us er@example.com/": net/url: invalid userinfo"#,
        ),
        (
            "url('https://us[er@example.com/')",
            r#"error: URL parse error during conversion from string: parse "https://us[er@example.com/": net/url: invalid userinfo"#,
        ),
        (
            "url('path/only')",
            r#"error: URL parse error during conversion from string: parse "path/only": invalid URI for request"#,
        ),
    ]);
}

#[test]
fn urls_have_parts() {
    check(&[
        ("url('*').getEscapedPath()", "'*'"),
        ("url('//host/path').getHost()", "'host'"),
        ("url('/path/only').getEscapedPath()", "'/path/only'"),
        ("url('HTTPS://Example.com').getScheme()", "'https'"),
        ("url('http:///path').getHost()", "''"),
        ("url('http:/path').getEscapedPath()", "'/path'"),
        ("url('http:path').getEscapedPath()", "''"),
        ("url('https://[::1]:80/').getHost()", "'[::1]:80'"),
        ("url('https://[::1]:80/').getHostname()", "'::1'"),
        (
            "url('https://[fe80::1%25en0]:8080/').getHost()",
            "'[fe80::1%en0]:8080'",
        ),
        (
            "url('https://exa%C3%A9mple.com/').getHost()",
            "'exaémple.com'",
        ),
        ("url('https://example.com').getQuery()", "{}"),
        ("url('https://example.com/?').getQuery()", "{}"),
        (
            "url('https://example.com/?a=1&b=%zz&c;d=1&=5&e&f=a+b%20c').getQuery()",
            "{'a': ['1'], '': ['5'], 'e': [''], 'f': ['a b c']}",
        ),
        (
            "url('https://example.com/a b').getEscapedPath()",
            "'/a%20b'",
        ),
        (
            "url('https://example.com/a!b*c').getEscapedPath()",
            "'/a!b*c'",
        ),
        (
            "url('https://example.com/a%2fb').getEscapedPath()",
            "'/a%2fb'",
        ),
        ("url('https://example.com/a').getPort()", "''"),
        ("url('https://example.com/é').getEscapedPath()", "'/%C3%A9'"),
        ("url('https://example.com:/a').getPort()", "''"),
        ("url('https://example.com:80/a').getPort()", "'80'"),
        (
            "url('https://user:pa%20ss@example.com:80/a%2fb/c?x=1&y=2&x=3#frag').getHost()",
            "'example.com:80'",
        ),
        (
            "url('https://user:pa%20ss@example.com:80/a%2fb/c?x=1&y=2&x=3#frag').getHostname()",
            "'example.com'",
        ),
        ("url('mailto:a@b').getEscapedPath()", "''"),
        ("url('pg://a:1,b:2/').getHost()", "'a:1,b:2'"),
    ]);
}

#[test]
fn urls_are_equal_by_text() {
    check(&[
        ("url('HTTP://a/') == url('http://a/')", "true"),
        ("url('http://a/#b') == url('http://a/#b')", "true"),
        ("url('http://a/%7e') == url('http://a/~')", "false"),
        ("url('http://a/?') == url('http://a/')", "false"),
        ("url('http://u@a/') == url('http://a/')", "false"),
    ]);
}
