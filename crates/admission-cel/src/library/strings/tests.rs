//! What the functions give, as the API server's own code answered.

use crate::library::testing::check;

#[test]
fn char_at_counts_code_points() {
    check(&[
        ("'hello'.charAt(-1)", "error: index out of range: -1"),
        ("'hello'.charAt(0)", "'h'"),
        ("'hello'.charAt(5)", "''"),
        ("'hello'.charAt(6)", "error: index out of range: 6"),
        ("'héllo'.charAt(1)", "'é'"),
        (
            "dyn('a').charAt('b')",
            "error: found no matching overload for 'charAt' applied to 'dyn.(string)'",
        ),
    ]);
}

#[test]
fn index_of_finds_the_first_from_an_offset() {
    check(&[
        ("''.indexOf('a')", "-1"),
        ("''.indexOf('a', 0)", "-1"),
        ("'hello'.indexOf('')", "0"),
        ("'hello'.indexOf('', 99)", "99"),
        ("'hello'.indexOf('l')", "2"),
        ("'hello'.indexOf('l', -1)", "error: index out of range: -1"),
        ("'hello'.indexOf('l', 3)", "3"),
        ("'hello'.indexOf('l', 4)", "-1"),
        ("'hello'.indexOf('o', 100)", "-1"),
        ("'hello'.indexOf('x')", "-1"),
        ("'héé'.indexOf('é', 2)", "2"),
    ]);
}

#[test]
fn last_index_of_finds_the_last_up_to_an_offset() {
    check(&[
        ("''.lastIndexOf('a')", "-1"),
        ("'hello'.lastIndexOf('')", "5"),
        ("'hello'.lastIndexOf('', 99)", "99"),
        ("'hello'.lastIndexOf('hellohello')", "-1"),
        ("'hello'.lastIndexOf('hellohello', 1)", "-1"),
        ("'hello'.lastIndexOf('l')", "3"),
        (
            "'hello'.lastIndexOf('l', -1)",
            "error: index out of range: -1",
        ),
        ("'hello'.lastIndexOf('l', 1)", "-1"),
        ("'hello'.lastIndexOf('l', 2)", "2"),
        ("'hello'.lastIndexOf('l', 5)", "-1"),
        ("'hello'.lastIndexOf('lo', 3)", "3"),
        ("'hello'.lastIndexOf('lo', 4)", "3"),
        ("'ééa'.lastIndexOf('é')", "1"),
    ]);
}

#[test]
fn substring_refuses_what_is_outside() {
    check(&[
        ("'hello'.substring(-1)", "error: index out of range: -1"),
        ("'hello'.substring(-1, 2)", "error: index out of range: -1"),
        ("'hello'.substring(1, 3)", "'el'"),
        ("'hello'.substring(1, 6)", "error: index out of range: 6"),
        ("'hello'.substring(2)", "'llo'"),
        ("'hello'.substring(2, 2)", "''"),
        (
            "'hello'.substring(3, 1)",
            "error: invalid substring range. start: 3, end: 1",
        ),
        ("'hello'.substring(5)", "''"),
        ("'hello'.substring(6)", "error: index out of range: 6"),
        ("'hello'.substring(6, 7)", "error: index out of range: 6"),
        ("'héllo'.substring(1, 2)", "'é'"),
    ]);
}

#[test]
fn case_changes_ascii_only() {
    check(&[
        ("'HeLLo É'.lowerAscii()", "'hello É'"),
        ("'HeLLo é'.upperAscii()", "'HELLO é'"),
    ]);
}

#[test]
fn replace_takes_a_limit() {
    check(&[
        ("'aaa'.replace('a', 'b')", "'bbb'"),
        ("'aaa'.replace('a', 'b', -1)", "'bbb'"),
        ("'aaa'.replace('a', 'b', 0)", "'aaa'"),
        ("'aaa'.replace('a', 'b', 2)", "'bba'"),
        ("'aaa'.replace('aa', 'b')", "'ba'"),
        ("'abc'.replace('', '-')", "'-a-b-c-'"),
        ("'abc'.replace('', '-', 2)", "'-a-bc'"),
        ("'a~b/c'.replace('~', 'x')", "'axb/c'"),
        ("'é'.replace('', '-')", "'-é-'"),
    ]);
}

#[test]
fn split_takes_a_limit() {
    check(&[
        ("''.split('')", "[]"),
        ("''.split('', 3)", "[]"),
        ("''.split(',')", "['']"),
        ("''.split(',', 0)", "[]"),
        ("'a,b,c'.split(',')", "['a', 'b', 'c']"),
        ("'a,b,c'.split(',', -1)", "['a', 'b', 'c']"),
        ("'a,b,c'.split(',', 0)", "[]"),
        ("'a,b,c'.split(',', 1)", "['a,b,c']"),
        ("'a,b,c'.split(',', 10)", "['a', 'b', 'c']"),
        ("'a,b,c'.split(',', 2)", "['a', 'b,c']"),
        ("'abc'.split('')", "['a', 'b', 'c']"),
        ("'abc'.split('', 1)", "['abc']"),
        ("'abc'.split('', 2)", "['a', 'bc']"),
        ("'abc'.split('', 5)", "['a', 'b', 'c']"),
        ("'héy'.split('')", "['h', 'é', 'y']"),
    ]);
}

#[test]
fn join_takes_strings_only() {
    check(&[
        ("['a','b'].join(', ')", "'a, b'"),
        ("['a','b'].join()", "'ab'"),
        ("['x'].map(y, dyn(y)).join('.')", "'x'"),
        ("[].join(',')", "''"),
        ("[].join()", "''"),
        ("[dyn('x'), dyn(1)].join()", "error: join: invalid input: 1"),
        (
            "[dyn('x'), dyn(1.5)].join()",
            "error: join: invalid input: 1.5",
        ),
        (
            "[dyn('x'), dyn(1u)].join()",
            "error: join: invalid input: 1",
        ),
        (
            "[dyn('x'), dyn([1,2])].join()",
            "error: join: invalid input: [1, 2]",
        ),
        (
            "[dyn('x'), dyn(b'ab')].join()",
            "error: join: invalid input: [97 98]",
        ),
        (
            "[dyn('x'), dyn(duration('90m'))].join()",
            "error: join: invalid input: 1h30m0s",
        ),
        (
            "[dyn('x'), dyn(int)].join()",
            "error: join: invalid input: int",
        ),
        (
            "[dyn('x'), dyn(null)].join()",
            "error: join: invalid input: 0",
        ),
        (
            "[dyn('x'), dyn(optional.of(1))].join()",
            "error: join: invalid input: optional(1)",
        ),
        (
            "[dyn('x'), dyn(true)].join()",
            "error: join: invalid input: true",
        ),
        (
            "[dyn('x'), dyn({'a': 1})].join()",
            "error: join: invalid input: {a: 1}",
        ),
    ]);
}

#[test]
fn quote_writes_a_literal() {
    check(&[
        ("strings.quote('')", r#"'""'"#),
        (
            r#"strings.quote('a"b\n\t\\é\u0007\u0001')"#,
            "'\"a\\\"b\\n\\t\\\\é\\a\u{1}\"'",
        ),
    ]);
}

#[test]
fn contains_starts_and_ends() {
    check(&[
        ("'abc'.contains('')", "true"),
        ("'abc'.contains('b')", "true"),
        (
            "dyn('a').contains(1)",
            "error: found no matching overload for 'contains' applied to 'dyn.(int)'",
        ),
        ("dyn(1).contains('a')", "error: no such overload"),
        (
            "i.startsWith('a')",
            "error: undeclared reference to 'i' (in container '')",
        ),
        ("sets.contains([1,2,3],[2,3])", "true"),
        ("sets.contains([1,2],[3])", "false"),
        ("sets.contains([],[])", "true"),
        (
            "sets.contains(lists.range(1001), lists.range(1001))",
            "error: operation cancelled: actual cost limit exceeded",
        ),
    ]);
}

#[test]
fn format_writes_each_clause() {
    check(&[
        ("'%'.format([1])", "error: unexpected end of string"),
        (
            "'%.'.format([1])",
            "error: could not parse formatting clause: error while parsing precision: could not find end of precision specifier",
        ),
        ("'%.0e'.format([15.0])", "'1.500000×10⁰¹'"),
        ("'%.0f'.format([1234567.891])", "'1,234,568'"),
        ("'%.20f'.format([0.1])", "'0.10000000000000000555'"),
        ("'%.2f'.format([-1234567.891])", "'-1,234,567.89'"),
        ("'%.3e'.format([0.000012345])", "'1.234500×10⁻⁰⁵'"),
        (
            "'%.5'.format([1])",
            "error: could not parse formatting clause: error while parsing precision: could not find end of precision specifier",
        ),
        (
            "'%.x'.format([1])",
            r#"error: could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax"#,
        ),
        (
            "'%5d'.format([1])",
            r#"error: could not parse formatting clause: unrecognized formatting clause "5""#,
        ),
        ("'%X'.format(['hello'])", "'68656C6C6F'"),
        ("'%b'.format([-5])", "'-101'"),
        ("'%b'.format([true])", "'1'"),
        (
            "'%d'.format(['x'])",
            "error: error during formatting: decimal clause can only be used on integers, was given string",
        ),
        (
            "'%d'.format([dyn('x')])",
            "error: error during formatting: decimal clause can only be used on integers, was given string",
        ),
        ("'%e'.format(['-Infinity'])", "'    -∞'"),
        ("'%e'.format([0.0])", "'0.000000×10⁰⁰'"),
        ("'%e'.format([1234567.891])", "'1.234568×10⁰⁶'"),
        ("'%e'.format([1e-300])", "'1.000000×10⁻³⁰⁰'"),
        ("'%e'.format([1e300])", "'1.000000×10³⁰⁰'"),
        ("'%e'.format([double('NaN')])", "'   NaN'"),
        ("'%f'.format(['Infinity'])", "'∞'"),
        ("'%f'.format([-0.0000001])", "'-0.000000'"),
        ("'%f'.format([-0.0])", "'0.000000'"),
        ("'%f'.format([0.0000001])", "'0.000000'"),
        ("'%f'.format([1234567.891])", "'1,234,567.891000'"),
        (
            "'%f'.format([1])",
            "error: error during formatting: fixed-point clause can only be used on doubles, was given int",
        ),
        (
            "'%f'.format([1e300])",
            "'1,000,000,000,000,000,052,504,760,255,204,420,248,704,468,581,108,159,154,915,854,115,511,802,457,988,908,195,786,371,375,080,447,864,043,704,443,832,883,878,176,942,523,235,360,430,575,644,792,184,786,706,982,848,387,200,926,575,803,737,830,233,794,788,090,059,368,953,234,970,799,945,081,119,038,967,640,880,074,652,742,780,142,494,579,258,788,820,056,842,838,115,669,472,196,386,865,459,400,540,160.000000'",
        ),
        ("'%f'.format([double('Infinity')])", "'∞'"),
        ("'%f'.format([double('NaN')])", "'NaN'"),
        ("'%o'.format([-8])", "'-10'"),
        (
            "'%q'.format([1])",
            r#"error: could not parse formatting clause: unrecognized formatting clause "q""#,
        ),
        ("'%s'.format([1000000.0])", "'1e+06'"),
        (
            r#"'%s'.format([[1.5, 1, 2u, true, null, 'a"\n', b'xé', duration('1h'), int, {'a':1, 2:'b', true: []}]])"#,
            r#"'[1.500000, 1, 2, true, null, "a\"\n", b"xé", duration("3600s"), int, {"a":1, 2:"b", true:[]}]'"#,
        ),
        ("'%s'.format([[1000000.0]])", "'[1000000.000000]'"),
        (
            r#"'%s'.format([[b'\xff']])"#,
            r#"error: error during formatting: could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string"#,
        ),
        ("'%s'.format([[double('Infinity')]])", r#"'["+Inf"]'"#),
        (
            "'%s'.format([[timestamp('2023-01-01T00:00:00+02:00')]])",
            r#"'[timestamp("2023-01-01T00:00:00+02:00")]'"#,
        ),
        (
            r#"'%s'.format([b'\xff'])"#,
            r#"error: error during formatting: could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string"#,
        ),
        ("'%s'.format([double('NaN')])", "'NaN'"),
        (
            "'%s'.format([dyn(optional.of(1))])",
            "error: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type",
        ),
        (
            "'%s'.format([dyn({1.5:2})])",
            "error: error during formatting: no formatting function for map key of type double",
        ),
        (
            "'%s'.format([ip('1.1.1.1')])",
            "error: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given net.IP",
        ),
        (
            "'%s'.format([optional.of(1)])",
            "error: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type",
        ),
        (
            "'%s'.format([quantity('1')])",
            "error: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given kubernetes.Quantity",
        ),
        (
            "'%s'.format([timestamp('2023-01-01T00:00:00+02:00')])",
            "'2023-01-01T00:00:00+02:00'",
        ),
        ("'%s'.format([type(1)])", "'int'"),
        ("'%s'.format([type([1])])", "'list'"),
        (
            "'%s'.format([{1.5:2}])",
            "error: error during formatting: no formatting function for map key of type double",
        ),
        ("'%x'.format([-255])", "'-ff'"),
        ("'%x'.format([255])", "'ff'"),
        (
            "'%y'.format([1])",
            r#"error: could not parse formatting clause: unrecognized formatting clause "y""#,
        ),
        ("dyn('%').format([1])", "error: unexpected end of string"),
        (
            "dyn('%.').format([1])",
            "error: could not parse formatting clause: error while parsing precision: could not find end of precision specifier",
        ),
        (
            "dyn('%.-1f').format([1.5])",
            r#"error: could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax"#,
        ),
        ("dyn('%.0010000011e').format([1.5]).size()", "10"),
        ("dyn('%.0010000111f').format([1.5]).size()", "10"),
        ("dyn('%.0f').format([0.5])", "'0'"),
        ("dyn('%.0f').format([1.5])", "'2'"),
        ("dyn('%.0f').format([2.5])", "'2'"),
        (
            "dyn('%.1').format([1])",
            "error: could not parse formatting clause: error while parsing precision: could not find end of precision specifier",
        ),
        ("dyn('%.10000000e').format([1.0]).size()", "38528"),
        ("dyn('%.10000001f').format([1.5]).size()", "131"),
        ("dyn('%.1000000e').format([1.0]).size()", "16960"),
        ("dyn('%.10000010e').format([1.5]).size()", "10"),
        ("dyn('%.100000111f').format([1.5])", "'%!(NOVERB)'"),
        (
            "dyn('%.1000f').format([1.0])",
            "'1.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'",
        ),
        ("dyn('%.1f').format([1000.0])", "'1,000.0'"),
        ("dyn('%.1f').format([123.0])", "'123.0'"),
        (
            "dyn('%.2000001f').format([1.0])",
            "'1.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'",
        ),
        ("dyn('%.2f').format([0.125])", "'0.12'"),
        ("dyn('%.2f').format([0.375])", "'0.38'"),
        (
            "dyn('%.30e').format([-1.0/3.0])",
            "'               -3.333333×10⁻⁰¹'",
        ),
        ("dyn('%.3e').format([1e100])", "'1.000000×10¹⁰⁰'"),
        ("dyn('%.3e').format([9.9999999])", "'1.000000×10⁰¹'"),
        ("dyn('%.3f').format([999.9999])", "'1,000.000'"),
        ("dyn('%.3f').format([999999.9999])", "'1,000,000.000'"),
        ("dyn('%.3f').format([double('-0')])", "'0.000'"),
        (
            "dyn('%.400f').format([0.1])",
            "'0.100000000000000005551115123125782702118158340454101562500000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'",
        ),
        (
            "dyn('%.99999999999999999999f').format([1.0])",
            r#"error: could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "99999999999999999999": value out of range"#,
        ),
        ("dyn('%.99999999e').format([1.5])", "'%!(NOVERB)'"),
        ("dyn('%.99999999f').format([1.5])", "'%!(NOVERB)'"),
        (
            "dyn('%.9999999f').format([1.0])",
            "'1.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'",
        ),
        (
            "dyn('%.f').format([0.1])",
            r#"error: could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax"#,
        ),
        (
            "dyn('%b').format([1.5])",
            "error: error during formatting: only integers and bools can be formatted as binary, was given double",
        ),
        (
            "dyn('%e').format(['x'])",
            "error: error during formatting: scientific clause can only be used on doubles, was given string",
        ),
        ("dyn('%e').format([-1.0/3.0])", "'-3.333333×10⁻⁰¹'"),
        ("dyn('%f').format([-1.0/3.0])", "'-0.333333'"),
        (
            "dyn('%f').format([1])",
            "error: error during formatting: fixed-point clause can only be used on doubles, was given int",
        ),
        (
            "dyn('%o').format([1.5])",
            "error: error during formatting: octal clause can only be used on integers, was given double",
        ),
        ("dyn('%s %s').format([1])", "error: index 1 out of range"),
        ("dyn('%s').format([1,2])", "'1'"),
        (
            "dyn('%s').format([[quantity('1')]])",
            "error: error during formatting: no formatting function for kubernetes.Quantity",
        ),
        (
            "dyn('%s').format([quantity('1')])",
            "error: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given kubernetes.Quantity",
        ),
        (
            "dyn('%x').format([1.5])",
            "error: error during formatting: only integers, byte buffers, and strings can be formatted as hex, was given double",
        ),
        (
            "dyn('%y').format([1])",
            r#"error: could not parse formatting clause: unrecognized formatting clause "y""#,
        ),
        ("dyn('é%s').format(['é'])", "'éé'"),
    ]);
}

#[test]
fn precision_is_kept_in_few_bits() {
    check(&[
        ("dyn('%.255f').format([1.0]).size()", "257"),
        ("dyn('%.256f').format([1.0]).size()", "1"),
        ("dyn('%.257f').format([1.0]).size()", "3"),
        ("dyn('%.1000000e').format([1.0]).size()", "16960"),
        ("dyn('%.9999999f').format([1.0]).size()", "129"),
    ]);
}

#[test]
fn trim_removes_unicode_white_space() {
    check(&[("'  \\t\\n\\u0085\\u00a0\\u2003x '.trim()", "'x'")]);
}

#[test]
fn results_that_would_fill_the_memory_are_refused() {
    let exceeded = "error: operation cancelled: actual cost limit exceeded";
    check(&[
        (
            "lists.range(20000).map(x, 'xxxxxxxxxx').join().replace('', \
             lists.range(20000).map(x, 'xxxxxxxxxx').join()).size()",
            exceeded,
        ),
        ("lists.range(1000000000)", exceeded),
    ]);
}
