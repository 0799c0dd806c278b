//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn double_reads_what_go_reads() {
    check(&[
        (
            r#"double(" 1")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (
            r#"double("")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (r#"double("+Infinity")"#, "inf"),
        (
            r#"double("-nan")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (r#"double(".5")"#, "0.5"),
        (
            r#"double("0x1")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (r#"double("0x1.8p1")"#, "3.0"),
        (r#"double("0x1p-2")"#, "0.25"),
        (r#"double("0x_1p2")"#, "4.0"),
        (r#"double("1_000")"#, "1000.0"),
        (r#"double("1_23.50_0_0e+1_2")"#, "123500000000000.0"),
        (
            r#"double("1d")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (r#"double("1e-400")"#, "0.0"),
        (
            r#"double("1e400")"#,
            "error: type conversion error from 'string' to 'double'",
        ),
        (r#"double("5.")"#, "5.0"),
        (r#"double("inf")"#, "inf"),
        (r#"double("nan")"#, "NaN"),
        ("double('NaN') < 1.0", "error: NaN values cannot be ordered"),
    ]);
}

#[test]
fn int_and_uint_check_their_range() {
    check(&[
        (
            r#"int("")"#,
            "error: type conversion error from 'string' to 'int'",
        ),
        (r#"int("+5")"#, "5"),
        (r#"int("-9223372036854775808")"#, "-9223372036854775808"),
        (
            r#"int("0x10")"#,
            "error: type conversion error from 'string' to 'int'",
        ),
        (
            r#"int("1.5")"#,
            "error: type conversion error from 'string' to 'int'",
        ),
        (
            r#"int("1_000")"#,
            "error: type conversion error from 'string' to 'int'",
        ),
        (
            r#"int("9223372036854775808")"#,
            "error: type conversion error from 'string' to 'int'",
        ),
        ("int(-1.9)", "-1"),
        ("int(-9223372036854775808.0)", "error: integer overflow"),
        ("int(1.9)", "1"),
        ("int(18446744073709551615u)", "error: integer overflow"),
        ("int(9223372036854775807.0)", "error: integer overflow"),
        (r#"int(double("NaN"))"#, "error: integer overflow"),
        ("int(duration('1s'))", "1000000000"),
        ("int(dyn([1]))", "error: no such overload: int(list)"),
        ("int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"),
        (
            r#"uint("+5")"#,
            "error: type conversion error from 'string' to 'uint'",
        ),
        (
            r#"uint("-1")"#,
            "error: type conversion error from 'string' to 'uint'",
        ),
        (r#"uint("18446744073709551615")"#, "18446744073709551615u"),
        ("uint(-0.5)", "error: unsigned integer overflow"),
        ("uint(-1)", "error: unsigned integer overflow"),
        ("uint(1.9)", "1u"),
    ]);
}

#[test]
fn bool_reads_a_few_spellings() {
    check(&[
        (r#"bool("1")"#, "true"),
        (r#"bool("TRUE")"#, "true"),
        (r#"bool("t")"#, "true"),
        (
            r#"bool("yes")"#,
            "error: type conversion error from 'string' to 'bool'",
        ),
    ]);
}

#[test]
fn string_writes_as_go() {
    check(&[
        ("string(0.00001)", "'1e-05'"),
        ("string(0.0001)", "'0.0001'"),
        ("string(0.00012345)", "'0.00012345'"),
        ("string(1.5)", "'1.5'"),
        ("string(1.5e15)", "'1.5e+15'"),
        ("string(100000.0)", "'100000'"),
        ("string(1234567.0)", "'1.234567e+06'"),
        ("string(1234567.5)", "'1.2345675e+06'"),
        ("string(123456789.0)", "'1.23456789e+08'"),
        ("string(123456789012345678.0)", "'1.2345678901234568e+17'"),
        ("string(12345678901234567890.0)", "'1.2345678901234567e+19'"),
        ("string(1e15)", "'1e+15'"),
        ("string(1e20)", "'1e+20'"),
        ("string(1e21)", "'1e+21'"),
        ("string(21.0)", "'21'"),
        (
            r#"string(b'\xff')"#,
            "error: invalid UTF-8 in bytes, cannot convert to string",
        ),
        ("string(b'abc')", "'abc'"),
        ("string(double('-0'))", "'-0'"),
        ("string(double('Infinity'))", "'+Inf'"),
        ("string(duration('-1ns'))", "'-0.000000001s'"),
        ("string(duration('1.5s'))", "'1.5s'"),
        ("string(duration('1h30m'))", "'5400s'"),
        ("string(dyn([1]))", "error: no such overload: string(list)"),
        (
            "string(dyn(null))",
            "error: no such overload: string(null_type)",
        ),
        (
            "string(dyn(type([1])))",
            "error: no such overload: string(type)",
        ),
        (
            "string(timestamp('0001-01-01T00:00:00-23:00'))",
            "'0001-01-01T00:00:00-23:00'",
        ),
        (
            "string(timestamp('0001-01-02T00:00:00+01:00') - duration('24h'))",
            "error: timestamp overflow",
        ),
        (
            "string(timestamp('2023-01-01T00:00:00+02:00') + duration('1h'))",
            "'2023-01-01T01:00:00+02:00'",
        ),
        (
            "string(timestamp('2023-01-01T00:00:00+02:00'))",
            "'2023-01-01T00:00:00+02:00'",
        ),
        (
            "string(timestamp('9999-12-31T23:59:59+23:00') )",
            "'9999-12-31T23:59:59+23:00'",
        ),
    ]);
}

#[test]
fn duration_reads_go_durations() {
    check(&[
        ("duration('')", "error: invalid duration argument"),
        ("duration('+5s')", "5s"),
        ("duration('-')", "error: invalid duration argument"),
        (
            "duration('-9223372036854775808ns')",
            "-2562047h47m16.854775808s",
        ),
        ("duration('.5s')", "500ms"),
        ("duration('0')", "0s"),
        ("duration('1')", "error: invalid duration argument"),
        ("duration('1d')", "error: invalid duration argument"),
        ("duration('1h1')", "error: invalid duration argument"),
        ("duration('1h30m')", "1h30m0s"),
        ("duration('1µs')", "1µs"),
        ("duration('1μs')", "1µs"),
        (
            "duration('9223372036854775807ns')",
            "2562047h47m16.854775807s",
        ),
        (
            "duration('9223372036854775808ns')",
            "error: invalid duration argument",
        ),
        ("duration(5)", "error: invalid duration argument"),
    ]);
}

#[test]
fn timestamp_reads_rfc3339_as_go() {
    check(&[
        (
            "timestamp('0000-01-01T00:00:00Z')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('0001-01-01T00:00:00+01:00')",
            "error: invalid timestamp argument",
        ),
        ("timestamp('0001-01-01T00:00:00Z')", "0001-01-01T00:00:00Z"),
        (
            "timestamp('2023-01-01')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('2023-01-01T00:00:00')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('2023-01-01T00:00:00+0200')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('2023-01-01T00:00:00+23:60')",
            "2023-01-01T00:00:00+24:00",
        ),
        (
            "timestamp('2023-01-01T00:00:00+24:00')",
            "2023-01-01T00:00:00+24:00",
        ),
        (
            "timestamp('2023-01-01T00:00:00,5Z')",
            "2023-01-01T00:00:00.5Z",
        ),
        (
            "timestamp('2023-01-01T00:00:00.1234567891Z')",
            "2023-01-01T00:00:00.123456789Z",
        ),
        (
            "timestamp('2023-01-01T00:00:00.123456789Z')",
            "2023-01-01T00:00:00.123456789Z",
        ),
        (
            "timestamp('2023-01-01T00:00:00.Z')",
            "error: invalid timestamp argument",
        ),
        ("timestamp('2023-01-01T00:00:00Z')", "2023-01-01T00:00:00Z"),
        (
            "timestamp('2023-01-01T00:00:60Z')",
            "error: invalid timestamp argument",
        ),
        ("timestamp('2023-01-01T1:00:00Z')", "2023-01-01T01:00:00Z"),
        (
            "timestamp('2023-01-01T24:00:00Z')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('2023-01-01t00:00:00z')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('2023-02-30T00:00:00Z')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('9999-12-31T23:59:59-01:00')",
            "error: invalid timestamp argument",
        ),
        (
            "timestamp('9999-12-31T23:59:59.999999999Z')",
            "9999-12-31T23:59:59.999999999Z",
        ),
        (
            "timestamp(-62135596801)",
            "error: invalid timestamp argument",
        ),
        ("timestamp(0)", "1970-01-01T00:00:00Z"),
        (
            "timestamp(253402300800)",
            "error: invalid timestamp argument",
        ),
    ]);
}

#[test]
fn bytes_are_utf8() {
    check(&[("bytes('é')", r#"b'\xc3\xa9'"#)]);
}

#[test]
fn type_erases_parameters() {
    check(&[
        ("type('a') == string", "true"),
        ("type(1)", "int"),
        ("type(1u) == type(1)", "false"),
        ("type([1]) == list", "true"),
        ("type(ip('1.1.1.1'))", "net.IP"),
        ("type(null)", "null_type"),
        ("type(optional.none())", "optional_type"),
        ("type(quantity('1'))", "kubernetes.Quantity"),
        ("type(timestamp(0))", "google.protobuf.Timestamp"),
        ("type(type(1))", "type"),
        ("type({}) == map", "true"),
    ]);
}
