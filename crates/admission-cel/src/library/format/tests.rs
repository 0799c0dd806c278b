//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn names_are_validated_with_their_rule() {
    check(&[
        (
            "format.dns1035Label().validate('1a')",
            "optional.of(['a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.dns1035LabelPrefix().validate('1-')",
            "optional.none()",
        ),
        ("format.dns1123Label()", "DNS1123Label"),
        (
            "format.dns1123Label() == format.named('dns1123Label').value()",
            "true",
        ),
        (
            "format.dns1123Label().validate('')",
            "optional.of(['a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.dns1123Label().validate('My_Name')",
            "optional.of(['a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.dns1123Label().validate('a.b')",
            "optional.of(['must not contain dots'])",
        ),
        (
            "format.dns1123LabelPrefix().validate('-')",
            "optional.of(['a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.dns1123LabelPrefix().validate('a-')",
            "optional.none()",
        ),
        (
            "format.dns1123LabelPrefix().validate('a--')",
            "optional.none()",
        ),
        (
            "format.dns1123LabelPrefix().validate('ab-')",
            "optional.none()",
        ),
        (
            "format.dns1123LabelPrefix().validate('é-')",
            "optional.of(['a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.dns1123Subdomain().validate('A')",
            r#"optional.of(['a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')'])"#,
        ),
        (
            "format.dns1123SubdomainPrefix().validate('a.-')",
            "optional.none()",
        ),
        (
            "format.labelValue().validate('-')",
            "optional.of(['a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')'])",
        ),
        (
            "format.named('dns1123Label').value().validate('X')",
            "optional.of(['a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')'])",
        ),
        (
            "format.qualifiedName().validate('/')",
            "optional.of(['prefix part must be non-empty', 'name part must be non-empty', 'name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')'])",
        ),
        (
            "format.qualifiedName().validate('X/y')",
            r#"optional.of(['prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')'])"#,
        ),
        (
            "format.qualifiedName().validate('a/b/c')",
            "optional.of(['a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')'])",
        ),
    ]);
}

#[test]
fn openapi_formats() {
    check(&[
        (
            "format.byte().validate('')",
            "optional.of(['invalid base64'])",
        ),
        (
            "format.byte().validate('Y===')",
            "optional.of(['invalid base64'])",
        ),
        ("format.byte().validate('YQ==')", "optional.none()"),
        ("format.byte().validate('YWI=')", "optional.none()"),
        (
            "format.byte().validate('aGVsbG8')",
            "optional.of(['invalid base64'])",
        ),
        ("format.byte().validate('aGVsbG8=')", "optional.none()"),
        ("format.date().validate('0000-01-01')", "optional.none()"),
        ("format.date().validate('2021-01-01')", "optional.none()"),
        (
            "format.date().validate('2021-02-29')",
            "optional.of(['invalid date'])",
        ),
        (
            "format.date().validate('2021-1-1')",
            "optional.of(['invalid date'])",
        ),
        (
            "format.datetime().validate('')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.datetime().validate('2021-01-01 00:00:00Z')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.datetime().validate('2021-01-01T00:00:00')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.datetime().validate('2021-01-01T00:00:00+02:00')",
            "optional.none()",
        ),
        (
            "format.datetime().validate('2021-01-01T00:00:00.123Z')",
            "optional.none()",
        ),
        (
            "format.datetime().validate('2021-01-01T00:00:00Z')",
            "optional.none()",
        ),
        (
            "format.datetime().validate('2021-01-01T00:00:60Z')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.datetime().validate('2021-01-01T25:00:00Z')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.datetime().validate('2021-01-01t00:00:00z')",
            "optional.none()",
        ),
        (
            "format.datetime().validate('2021-02-30T00:00:00Z')",
            "optional.of(['invalid datetime'])",
        ),
        (
            "format.uri().validate('foo')",
            r#"optional.of(['parse "foo": invalid URI for request'])"#,
        ),
        (
            "format.uri().validate('http://[::1')",
            r#"optional.of(['parse "http://[::1": missing ']' in host'])"#,
        ),
        (
            "format.uri().validate('http://example.com')",
            "optional.none()",
        ),
        (
            "format.uuid().validate('123E4567e89b12d3a456426614174000')",
            "optional.none()",
        ),
        (
            "format.uuid().validate('123e4567-e89b-12d3-a456-426614174000')",
            "optional.none()",
        ),
        (
            "format.uuid().validate('x')",
            "optional.of(['does not match the UUID format'])",
        ),
    ]);
}

#[test]
fn named_finds_formats_by_function_name() {
    check(&[
        ("format.named('DNS1123Label')", "optional.none()"),
        ("format.named('foo').hasValue()", "false"),
    ]);
}
