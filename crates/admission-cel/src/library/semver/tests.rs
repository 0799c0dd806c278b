//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn versions_are_read_as_blang_semver_reads_them() {
    check(&[
        ("isSemver('')", "false"),
        ("isSemver('1.2.3')", "true"),
        ("isSemver('v1.2.3')", "false"),
        ("isSemver('v1.2.3', true)", "true"),
        ("semver('')", "error: Version string empty"),
        ("semver('00.0.0', true)", "kubernetes.Semver"),
        (
            "semver('01.2.3')",
            r#"error: Major number must not contain leading zeroes "01""#,
        ),
        (
            "semver('1..3')",
            r#"error: strconv.ParseUint: parsing "": invalid syntax"#,
        ),
        (
            "semver('1.02.3')",
            r#"error: Minor number must not contain leading zeroes "02""#,
        ),
        (
            "semver('1.2')",
            "error: No Major.Minor.Patch elements found",
        ),
        ("semver('1.2', true)", "kubernetes.Semver"),
        (
            "semver('1.2-alpha', true)",
            "error: short version cannot contain PreRelease/Build meta data",
        ),
        (
            "semver('1.2.03')",
            r#"error: Patch number must not contain leading zeroes "03""#,
        ),
        ("semver('1.2.3')", "kubernetes.Semver"),
        ("semver('1.2.3+')", "error: Build meta data is empty"),
        (
            "semver('1.2.3+a_b')",
            r#"error: Invalid character(s) found in build meta data "a_b""#,
        ),
        ("semver('1.2.3-')", "error: Prerelease is empty"),
        (
            "semver('1.2.3-01')",
            r#"error: Numeric PreRelease version must not contain leading zeroes "01""#,
        ),
        ("semver('1.2.3-a..b')", "error: Prerelease is empty"),
        (
            "semver('1.2.3-a_b')",
            r#"error: Invalid character(s) found in prerelease "a_b""#,
        ),
        (
            "semver('1.2.x')",
            r#"error: Invalid character(s) found in patch number "x""#,
        ),
        (
            "semver('99999999999999999999.0.0')",
            r#"error: strconv.ParseUint: parsing "99999999999999999999": value out of range"#,
        ),
        ("semver('v01.02', true)", "kubernetes.Semver"),
        (
            "semver('v1.2.3')",
            r#"error: Invalid character(s) found in major number "v1""#,
        ),
        ("semver('v1.2.3', true)", "kubernetes.Semver"),
        (
            "semver('x.2.3')",
            r#"error: Invalid character(s) found in major number "x""#,
        ),
    ]);
}

#[test]
fn versions_have_parts() {
    check(&[
        ("semver('1', true).minor()", "0"),
        ("semver('1.2.3-alpha.1+build.5').patch()", "3"),
        ("semver('18446744073709551615.0.0').major()", "-1"),
    ]);
}

#[test]
fn versions_are_ordered() {
    check(&[
        ("semver('1.2.3').isGreaterThan(semver('1.2.3-rc1'))", "true"),
        ("semver('1.2.3').isLessThan(semver('1.2.4'))", "true"),
        ("semver('1.2.3+a') == semver('1.2.3+b')", "true"),
    ]);
}
