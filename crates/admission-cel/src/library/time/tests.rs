//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn accessors_are_in_utc() {
    check(&[
        ("timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", "1"),
        ("timestamp('1900-03-01T00:00:00Z').getDayOfYear()", "59"),
        ("timestamp('1969-12-31T23:59:59Z').getSeconds()", "59"),
        ("timestamp('2000-02-29T00:00:00Z').getDayOfYear()", "59"),
        ("timestamp('2000-12-31T00:00:00Z').getDayOfYear()", "365"),
        ("timestamp('2023-07-14T10:30:45+02:00').getHours()", "8"),
        ("timestamp('2023-07-14T10:30:45.123Z').getDate()", "14"),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getDayOfMonth()",
            "13",
        ),
        ("timestamp('2023-07-14T10:30:45.123Z').getDayOfWeek()", "5"),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getDayOfYear()",
            "194",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getFullYear()",
            "2023",
        ),
        ("timestamp('2023-07-14T10:30:45.123Z').getHours()", "10"),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getMilliseconds()",
            "123",
        ),
        ("timestamp('2023-07-14T10:30:45.123Z').getMinutes()", "30"),
        ("timestamp('2023-07-14T10:30:45.123Z').getMonth()", "6"),
        ("timestamp('2023-07-14T10:30:45.123Z').getSeconds()", "45"),
    ]);
}

#[test]
fn accessors_take_a_zone() {
    check(&[
        (
            "timestamp('0001-01-01T00:00:00Z').getFullYear('-14:00')",
            "0",
        ),
        (
            "timestamp('2023-01-01T05:30:00Z').getFullYear('-08:00')",
            "2022",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getDate('Asia/Tokyo')",
            "14",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getFullYear('9999999:1')",
            "1995",
        ),
        ("timestamp('2023-07-14T10:30:45.123Z').getHours('')", "10"),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('+05:30')",
            "16",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('+99:99')",
            "15",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('../x')",
            "error: time: invalid location name",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('/x')",
            "error: time: invalid location name",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('05:30')",
            "16",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('1:')",
            r#"error: strconv.Atoi: parsing "": invalid syntax"#,
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('99999999999999999999:1')",
            r#"error: strconv.Atoi: parsing "99999999999999999999": value out of range"#,
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours(':1')",
            r#"error: strconv.Atoi: parsing "": invalid syntax"#,
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('America/New_York')",
            "6",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('Local')",
            "10",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('Nowhere')",
            "error: unknown time zone Nowhere",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('UTC')",
            "10",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('america/new_york')",
            "error: unknown time zone america/new_york",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getHours('x:00')",
            r#"error: strconv.Atoi: parsing "x": invalid syntax"#,
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getMilliseconds('Asia/Tokyo')",
            "123",
        ),
        (
            "timestamp('2023-07-14T10:30:45.123Z').getMinutes('-05:30')",
            "0",
        ),
        (
            "timestamp('2023-12-14T10:30:45.123Z').getHours('America/New_York')",
            "5",
        ),
        (
            "timestamp('2050-07-14T10:30:45Z').getHours('Europe/Berlin')",
            "12",
        ),
        (
            "timestamp('9999-12-31T23:59:59Z').getFullYear('+14:00')",
            "10000",
        ),
    ]);
}

#[test]
fn durations_have_accessors() {
    check(&[
        ("duration('-90m').getHours()", "-1"),
        ("duration('1.5s').getMilliseconds()", "1500"),
        ("duration('1.5s').getSeconds()", "1"),
        ("duration('2562047h47m16.854775807s').getHours()", "2562047"),
        ("duration('90m').getHours()", "1"),
        ("duration('90m').getMinutes()", "90"),
    ]);
}

#[test]
fn arithmetic_stays_in_range() {
    check(&[
        (
            "duration('-9223372036854775808ns') - duration('1ns')",
            "error: integer overflow",
        ),
        (
            "duration('1h') + timestamp('2023-07-14T10:30:45Z')",
            "2023-07-14T11:30:45Z",
        ),
        ("duration('1h') > duration('59m')", "true"),
        (
            "timestamp('2023-01-01T00:00:00Z') - duration('-9223372036854775808ns')",
            "error: integer overflow",
        ),
        (
            "timestamp('2023-07-14T10:30:45+02:00') == timestamp('2023-07-14T08:30:45Z')",
            "true",
        ),
        (
            "timestamp('2023-07-14T10:30:45Z') - duration('1h')",
            "2023-07-14T09:30:45Z",
        ),
        (
            "timestamp('2023-07-14T10:30:45Z') - timestamp('2023-07-14T10:30:44.5Z')",
            "500ms",
        ),
        (
            "timestamp('2023-07-14T10:30:45Z') < timestamp('2023-07-14T10:30:46Z')",
            "true",
        ),
        (
            "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
            "error: timestamp overflow",
        ),
        (
            "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
            "error: integer overflow",
        ),
    ]);
}
