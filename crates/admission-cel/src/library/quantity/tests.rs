//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn quantities_are_read_as_the_api_server_reads_them() {
    check(&[
        (
            "quantity('')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("quantity('+')", "0"),
        ("quantity('-')", "0"),
        ("quantity('-0.0001Ki')", "-102400u"),
        ("quantity('-3.1415926535')", "-3141592654n"),
        ("quantity('-5Gi')", "-5Gi"),
        ("quantity('.')", "0"),
        ("quantity('.5')", "500m"),
        ("quantity('0.0001Ki')", "102400u"),
        ("quantity('0.5Gi')", "512Mi"),
        ("quantity('00')", "0"),
        ("quantity('0Gi')", "0"),
        ("quantity('0e5')", "0"),
        (
            "quantity('0x1')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            "quantity('1..2')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("quantity('1.1Mi')", "1153433600m"),
        ("quantity('1000')", "1k"),
        ("quantity('1234567')", "1234567"),
        ("quantity('1500m')", "1500m"),
        ("quantity('1E')", "1E"),
        ("quantity('1E5')", "100e3"),
        (
            "quantity('1Kii')",
            "error: unable to parse quantity's suffix",
        ),
        ("quantity('1e')", "error: unable to parse quantity's suffix"),
        ("quantity('1e+5')", "100e3"),
        ("quantity('1e-10')", "1e-9"),
        ("quantity('1e-5')", "10e-6"),
        ("quantity('1e3')", "1e3"),
        ("quantity('1e5')", "100e3"),
        (
            "quantity('1e99999999999999999999')",
            "error: unable to parse quantity's suffix",
        ),
        (
            "quantity('1kk')",
            "error: unable to parse quantity's suffix",
        ),
        (
            "quantity('1é')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("quantity('3.1415926535')", "3141592654n"),
        ("quantity('3.14159265358979')", "3141592654n"),
        (
            "quantity('5 Gi')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("quantity('8Ei')", "9223372036854775807"),
        ("quantity('9223372036854775808')", "9223372036854775808"),
        ("quantity('99999999999Ei')", "9223372036854775807"),
        (
            "quantity('abc')",
            "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
    ]);
}

#[test]
fn sums_are_exact() {
    check(&[
        ("quantity('0').add(quantity('1Gi'))", "1Gi"),
        (
            "quantity('1').add(quantity('2')).sub(quantity('3')).sign()",
            "error: found no matching overload for 'sign' applied to 'kubernetes.Quantity.()'",
        ),
        ("quantity('1').sub(1)", "0"),
        ("quantity('1.5').add(2)", "3500m"),
        (
            "quantity('100m').add(quantity('0.9')).asInteger()",
            "error: cannot convert value to integer",
        ),
        ("quantity('1025Ki').add(quantity('1.5'))", "1049601500m"),
        (
            "quantity('1Gi').sub(-9223372036854775807-1)",
            "-8589934591Gi",
        ),
        ("quantity('1Gi').sub(1)", "1073741823"),
        ("quantity('1Ki').sub(quantity('1Ki'))", "0"),
        (
            "quantity('1n').add(quantity('1E'))",
            "1000000000000000000000000001n",
        ),
        ("quantity('5Gi').add(quantity('1'))", "5368709121"),
        ("quantity('7Ei').add(quantity('1Ei'))", "8Ei"),
        ("quantity('7Ei').add(quantity('1Ei')).isInteger()", "false"),
        (
            "quantity('9223372036854775807').add(1)",
            "9223372036854775808",
        ),
        (
            "quantity('999999999999999999').add(quantity('999999999999999999'))",
            "1999999999999999998",
        ),
        (
            "quantity('999999999999999999E').add(quantity('1n'))",
            "999999999999999999000000000000000000000000001n",
        ),
    ]);
}

#[test]
fn only_what_fits_64_bits_is_an_integer() {
    check(&[
        ("quantity('-1Ki').asInteger()", "-1024"),
        ("quantity('0').isInteger()", "true"),
        (
            "quantity('1.0').asInteger()",
            "error: cannot convert value to integer",
        ),
        ("quantity('1.0').isInteger()", "false"),
        ("quantity('100000Gi').isInteger()", "false"),
        ("quantity('1Ei').isInteger()", "false"),
        ("quantity('1Ki').isInteger()", "true"),
        ("quantity('1e18').asInteger()", "1000000000000000000"),
        ("quantity('1e20').isInteger()", "false"),
        ("quantity('9223372036854775807').isInteger()", "false"),
        ("quantity('9Ei').isInteger()", "false"),
    ]);
}

#[test]
fn approximate_floats_multiply_as_go() {
    check(&[
        ("quantity('0.1').asApproximateFloat()", "0.1"),
        ("quantity('1.5Gi').asApproximateFloat()", "1610612736.0"),
        (
            "quantity('1234567890123456789e5').asApproximateFloat()",
            "1.2345678901234569e23",
        ),
        (
            "quantity('123456789n').asApproximateFloat()",
            "0.12345678900000001",
        ),
        ("quantity('1e-400').asApproximateFloat()", "1e-9"),
        ("quantity('1e400').asApproximateFloat()", "inf"),
        ("quantity('5').asApproximateFloat()", "5.0"),
    ]);
}

#[test]
fn comparison_ignores_notation() {
    check(&[
        ("quantity('10Gi').compareTo(quantity('10G'))", "1"),
        (
            "quantity('12345678901234567890e5').isGreaterThan(quantity('1'))",
            "true",
        ),
        ("quantity('1Gi') == quantity('1024Mi')", "true"),
        ("quantity('1Gi') == quantity('1G')", "false"),
        ("quantity('1e200') == quantity('10e199')", "true"),
        ("quantity('1e200').isGreaterThan(quantity('1e199'))", "true"),
        (
            "quantity('1e2147483647') == quantity('1e2147483646')",
            "false",
        ),
        ("quantity('5').compareTo(quantity('5000m'))", "0"),
        ("quantity('5').isLessThan(quantity('5001m'))", "true"),
        ("semver('1.2.3-2').compareTo(semver('1.2.3-10'))", "-1"),
        ("semver('1.2.3-a').compareTo(semver('1.2.3-1'))", "1"),
        ("semver('1.2.3-a.b').compareTo(semver('1.2.3-a'))", "1"),
        ("semver('1.2.3-rc1').compareTo(semver('1.2.3-rc2'))", "-1"),
        ("sign(quantity('-1'))", "-1"),
    ]);
}

#[test]
fn is_quantity_agrees() {
    check(&[("isQuantity('1Gi')", "true"), ("isQuantity('x')", "false")]);
}
