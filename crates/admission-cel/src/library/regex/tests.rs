//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn patterns_are_checked_as_go_checks_them() {
    check(&[
        ("'a'.matches('(')", "error: invalid matches argument"),
        (
            "'a'.matches(dyn('((a{100}){100}){100}'))",
            "error: error parsing regexp: invalid repeat count: `{100}`",
        ),
        (
            "'a'.matches(dyn('(*)'))",
            "error: error parsing regexp: missing argument to repetition operator: `*`",
        ),
        (
            "'a'.matches(dyn('(?-)a'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?-)`",
        ),
        (
            "'a'.matches(dyn('(?=a)'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
        ),
        (
            "'a'.matches(dyn('(?P<n'))",
            "error: error parsing regexp: invalid named capture: `(?P<n`",
        ),
        (
            "'a'.matches(dyn('(?P=n)'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?P`",
        ),
        (
            "'a'.matches(dyn('(?i'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?i`",
        ),
        (
            "'a'.matches(dyn('(?x)a'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?x`",
        ),
        (
            "'a'.matches(dyn('(?z)a'))",
            "error: error parsing regexp: invalid or unsupported Perl syntax: `(?z`",
        ),
        (
            "'a'.matches(dyn('(a{500}){3}'))",
            "error: error parsing regexp: invalid repeat count: `{3}`",
        ),
        (
            "'a'.matches(dyn(')'))",
            "error: error parsing regexp: unexpected ): `)`",
        ),
        (
            "'a'.matches(dyn('*'))",
            "error: error parsing regexp: missing argument to repetition operator: `*`",
        ),
        (
            "'a'.matches(dyn('['))",
            "error: error parsing regexp: missing closing ]: `[`",
        ),
        (
            "'a'.matches(dyn('[[:foo:]]'))",
            "error: error parsing regexp: invalid character class range: `[:foo:]`",
        ),
        (
            r#"'a'.matches(dyn('[\\b]'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\b`"#,
        ),
        (
            "'a'.matches(dyn('[a'))",
            "error: error parsing regexp: missing closing ]: `[a`",
        ),
        (
            "'a'.matches(dyn('[a--b]'))",
            "error: error parsing regexp: invalid character class range: `a--`",
        ),
        (
            r#"'a'.matches(dyn('[a-\\d]'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\d`"#,
        ),
        (
            "'a'.matches(dyn('[z-a]'))",
            "error: error parsing regexp: invalid character class range: `z-a`",
        ),
        (
            r#"'a'.matches(dyn('\\'))"#,
            "error: error parsing regexp: trailing backslash at end of expression: ``",
        ),
        (
            r#"'a'.matches(dyn('\\1'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\1`"#,
        ),
        (
            r#"'a'.matches(dyn('\\C'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\C`"#,
        ),
        (
            r#"'a'.matches(dyn('\\Z'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\Z`"#,
        ),
        (
            r#"'a'.matches(dyn('\\e'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\e`"#,
        ),
        (
            r#"'a'.matches(dyn('\\p'))"#,
            r#"error: error parsing regexp: invalid character class range: `\p`"#,
        ),
        (
            r#"'a'.matches(dyn('\\pX'))"#,
            r#"error: error parsing regexp: invalid character class range: `\pX`"#,
        ),
        (
            r#"'a'.matches(dyn('\\p{Foo}'))"#,
            r#"error: error parsing regexp: invalid character class range: `\p{Foo}`"#,
        ),
        (
            r#"'a'.matches(dyn('\\q'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\q`"#,
        ),
        (
            r#"'a'.matches(dyn('\\u0061'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\u`"#,
        ),
        (
            r#"'a'.matches(dyn('\\x{110000}'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\x{110000`"#,
        ),
        (
            "'a'.matches(dyn('a)'))",
            "error: error parsing regexp: unexpected ): `a)`",
        ),
        (
            "'a'.matches(dyn('a**'))",
            "error: error parsing regexp: invalid nested repetition operator: `**`",
        ),
        (
            "'a'.matches(dyn('a*+'))",
            "error: error parsing regexp: invalid nested repetition operator: `*+`",
        ),
        (
            "'a'.matches(dyn('a{1001}'))",
            "error: error parsing regexp: invalid repeat count: `{1001}`",
        ),
        (
            "'a'.matches(dyn('a{2,1}'))",
            "error: error parsing regexp: invalid repeat count: `{2,1}`",
        ),
        (
            "'a'.matches(dyn('a{2}{3}'))",
            "error: error parsing regexp: invalid nested repetition operator: `{2}{3}`",
        ),
        (
            "'a'.matches(dyn('a|*'))",
            "error: error parsing regexp: missing argument to repetition operator: `*`",
        ),
        (
            r#"'é'.matches(dyn('\\é'))"#,
            r#"error: error parsing regexp: invalid escape sequence: `\é`"#,
        ),
        (
            "dyn('a').matches(dyn('('))",
            "error: error parsing regexp: missing closing ): `(`",
        ),
    ]);
}

#[test]
fn patterns_match_as_go_matches_them() {
    check(&[
        ("'#'.matches(dyn('^#$'))", "true"),
        ("'&'.matches(dyn('^[a&&b]$'))", "true"),
        (r#"'-'.matches(dyn('^[\\d-z]$'))"#, "true"),
        (r#"'<'.matches(dyn('^\\<$'))"#, "true"),
        ("'A'.matches(dyn('(?i:a)'))", "true"),
        ("'K'.matches(dyn('(?i)^k$'))", "true"),
        ("'['.matches(dyn('^[[]$'))", "true"),
        (r#"'\u00a0'.matches(dyn('^\\s$'))"#, "false"),
        (r#"'\v'.matches(dyn('^\\s$'))"#, "false"),
        ("'a b'.matches(dyn('^a b$'))", "true"),
        ("'a'.matches(dyn('(?)a'))", "true"),
        ("'a'.matches(dyn('(?<n>a)'))", "true"),
        ("'a'.matches(dyn('(?P<1n>a)'))", "true"),
        ("'a'.matches(dyn('(?P<n>a)(?P<n>b)'))", "false"),
        ("'a'.matches(dyn('(?U)a+'))", "true"),
        ("'a'.matches(dyn('(?i)(?s).'))", "true"),
        ("'a'.matches(dyn('(?i-i)a'))", "true"),
        ("'a'.matches(dyn('[+--]'))", "false"),
        ("'a'.matches(dyn('[[:word:]]'))", "true"),
        (r#"'a'.matches(dyn('[\\p{Lu}a]'))"#, "true"),
        ("'a'.matches(dyn('[]a]'))", "true"),
        ("'a'.matches(dyn('[^]a]'))", "false"),
        (r#"'a'.matches(dyn('\\0'))"#, "false"),
        (r#"'a'.matches(dyn('\\12'))"#, "false"),
        (r#"'a'.matches(dyn('\\<'))"#, "false"),
        (r#"'a'.matches(dyn('\\PL'))"#, "false"),
        (r#"'a'.matches(dyn('\\Q(\\E'))"#, "false"),
        (r#"'a'.matches(dyn('\\Qa\\E'))"#, "true"),
        (r#"'a'.matches(dyn('\\_'))"#, "false"),
        (r#"'a'.matches(dyn('\\b*'))"#, "true"),
        (r#"'a'.matches(dyn('\\pL'))"#, "true"),
        (r#"'a'.matches(dyn('\\p{Letter}'))"#, "true"),
        (r#"'a'.matches(dyn('\\p{^L}'))"#, "false"),
        (r#"'a'.matches(dyn('\\p{greek}'))"#, "false"),
        (r#"'a'.matches(dyn('\\x61'))"#, "true"),
        (r#"'a'.matches(dyn('\\x{61}'))"#, "true"),
        (r#"'a'.matches(dyn('\\z'))"#, "true"),
        ("'a'.matches(dyn('^*'))", "true"),
        ("'a'.matches(dyn('a{'))", "false"),
        ("'a'.matches(dyn('a{x}'))", "false"),
        (r#"'a-b'.matches(dyn('^[a\\-b]+$'))"#, "true"),
        (r#"'a\n'.matches(dyn('a$'))"#, "false"),
        (r#"'a\nb'.matches(dyn('(?m)a$'))"#, "true"),
        (r#"'a\r\nb'.matches(dyn('(?m)a$'))"#, "false"),
        ("'a{,2}'.matches(dyn('a{,2}'))", "true"),
        (r#"'aé'.matches(dyn('a\\b'))"#, "true"),
        (r#"'x'.matches(dyn('\\a\\f\\t\\n\\r\\v'))"#, "false"),
        ("'x'.matches(dyn('a{0,1000}'))", "true"),
        ("'~'.matches(dyn('^[a~~b]$'))", "true"),
        ("'é'.matches(dyn('^[[:^alpha:]]$'))", "true"),
        ("'é'.matches(dyn('^[[:alpha:]]$'))", "false"),
        (r#"'é'.matches(dyn('^[\\W]$'))"#, "true"),
        (r#"'é'.matches(dyn('^[\\w]$'))"#, "false"),
        (r#"'é'.matches(dyn('^\\B'))"#, "true"),
        (r#"'é'.matches(dyn('^\\W$'))"#, "true"),
        (r#"'é'.matches(dyn('^\\w$'))"#, "false"),
        (r#"'ſ'.matches(dyn('(?i)^\\w$'))"#, "true"),
        (r#"'α'.matches(dyn('^\\p{Greek}$'))"#, "true"),
        (r#"'٣'.matches(dyn('^\\d$'))"#, "false"),
    ]);
}

#[test]
fn find_gives_matches() {
    check(&[
        (
            "'a'.find(dyn('('))",
            "error: error parsing regexp: missing closing ): `(`",
        ),
        ("'abc'.find('b.')", "'bc'"),
        ("'abc'.find('x')", "''"),
        ("'abc'.findAll('', 2)", "['', '']"),
        ("'abc'.findAll('b', 0)", "[]"),
        ("'abc'.findAll('x')", "[]"),
        ("'abcabc'.findAll('b*')", "['', 'b', '', 'b', '']"),
        ("'baaac'.findAll('a*')", "['', 'aaa', '']"),
        ("'éa'.findAll('')", "['', '', '']"),
        (
            "dyn('x').find('(')",
            "error: error parsing regexp: missing closing ): `(`",
        ),
    ]);
}

#[test]
fn repetitions_reach_back_over_flags() {
    check(&[
        ("'aab'.find('a(?s)*')", "'aa'"),
        ("'aab'.find('a(?i)(?m){2}B')", "'aab'"),
        (
            "'a'.find('a*(?s)*')",
            "error: error parsing regexp: missing argument to repetition operator: `*`",
        ),
    ]);
}
