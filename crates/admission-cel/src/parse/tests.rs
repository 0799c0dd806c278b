use super::{CODE_POINTS_MAX, parse};
use crate::ast::{Expr, ExprKind, Literal, MacroKind};

/// The tree in a notation of its own: every operator and macro spelled out.
fn show(expr: &Expr) -> String {
    let all = |exprs: &[Expr]| exprs.iter().map(show).collect::<Vec<_>>().join(" ");
    match &expr.kind {
        ExprKind::Literal(Literal::String(text)) => format!("{text:?}"),
        ExprKind::Literal(Literal::Bytes(bytes)) => format!("b{bytes:?}"),
        ExprKind::Literal(Literal::Int(integer)) => integer.to_string(),
        ExprKind::Literal(Literal::Uint(integer)) => format!("{integer}u"),
        ExprKind::Literal(Literal::Double(number)) => format!("{number:?}"),
        ExprKind::Literal(Literal::Bool(flag)) => flag.to_string(),
        ExprKind::Literal(Literal::Null) => "null".to_owned(),
        ExprKind::Ident(name) => name.clone(),
        ExprKind::Select { operand, field } => format!("{}.{field}", show(operand)),
        ExprKind::Has { operand, field } => format!("has({}.{field})", show(operand)),
        ExprKind::Call {
            function,
            target: None,
            arguments,
        } => format!("({function} {})", all(arguments)),
        ExprKind::Call {
            function,
            target: Some(target),
            arguments,
        } => format!("({}.{function} {})", show(target), all(arguments)),
        ExprKind::List(elements) => {
            let elements = elements
                .iter()
                .map(|element| mark(element.optional) + &show(&element.value));
            format!("[{}]", elements.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Map(entries) => {
            let entries = entries
                .iter()
                .map(|entry| mark(entry.optional) + &show(&entry.key) + ":" + &show(&entry.value));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Struct { type_name, fields } => {
            let fields = fields
                .iter()
                .map(|field| mark(field.optional) + &field.name + ":" + &show(&field.value));
            format!("{type_name}{{{}}}", fields.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Macro(call) => {
            let parts = [&call.predicate, &call.transform];
            let variables = [Some(&call.variable), call.variable2.as_ref()];
            format!(
                "({:?} {} {}; {})",
                call.kind,
                show(&call.target),
                variables
                    .into_iter()
                    .flatten()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" "),
                parts
                    .into_iter()
                    .flatten()
                    .map(show)
                    .collect::<Vec<_>>()
                    .join("; ")
            )
        }
    }
}

fn mark(optional: bool) -> String {
    if optional { "?" } else { "" }.to_owned()
}

fn shown(source: &str) -> String {
    match parse(source) {
        Ok(tree) => show(&tree),
        Err(errors) => panic!("{source}: {errors}"),
    }
}

fn errors(source: &str) -> String {
    parse(source).expect_err(source).to_string()
}

#[test]
fn precedence_and_association() {
    for (source, tree) in [
        ("1 + 2 * 3 - 4", "(_-_ (_+_ 1 (_*_ 2 3)) 4)"),
        ("1 - (2 - 3)", "(_-_ 1 (_-_ 2 3))"),
        ("a < b == c", "(_==_ (_<_ a b) c)"),
        ("a in b && c || d", "(_||_ (_&&_ (@in a b) c) d)"),
        ("a ? b : c ? d : e", "(_?_:_ a b (_?_:_ c d e))"),
        ("a || b ? c : d", "(_?_:_ (_||_ a b) c d)"),
        ("!a.b(c)[d]", "(!_ (_[_] (a.b c) d))"),
        ("-a + b", "(_+_ (-_ a) b)"),
        ("a.?b[?c].d", "(_[?_] (_?._ a \"b\") c).d"),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
}

#[test]
fn chains_of_logic_are_balanced_as_cel_go_balances_them() {
    for (source, tree) in [
        ("a && b && c", "(_&&_ (_&&_ a b) c)"),
        ("a && b && c && d", "(_&&_ (_&&_ a b) (_&&_ c d))"),
        (
            "a || b || c || d || e",
            "(_||_ (_||_ (_||_ a b) c) (_||_ d e))",
        ),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
}

#[test]
fn signs_belong_to_numbers_where_they_can() {
    for (source, tree) in [
        ("-1", "-1"),
        ("- 1.5", "-1.5"),
        ("--1", "1"),
        ("---1", "(-_ 1)"),
        ("-(1)", "(-_ 1)"),
        ("-1u", "(-_ 1u)"),
        ("1 -1", "(_-_ 1 1)"),
        ("1 - -1", "(_-_ 1 -1)"),
        ("!!a", "a"),
        ("-0x10", "-16"),
        ("-9223372036854775808", "-9223372036854775808"),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
}

#[test]
fn literals_have_the_values_of_the_specification() {
    for (source, tree) in [
        ("0xFFu", "255u"),
        (".5e1", "5.0"),
        (r#""a\tb\x41\u00e9\U0001f431\101\`""#, "\"a\\tbAé🐱A`\""),
        (r"r'\d'", "\"\\\\d\""),
        ("'''a'b\r\nc'''", "\"a'b\\nc\""),
        (r"b'\xff\377é'", "b[255, 255, 195, 169]"),
        ("''", "\"\""),
        ("// comment\n1 // another", "1"),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
}

#[test]
fn aggregates_and_messages() {
    for (source, tree) in [
        ("[1, ?a,]", "[1 ?a]"),
        ("[,]", "[]"),
        ("{'a': 1, ?b: c}", "{\"a\":1 ?b:c}"),
        ("a.b{c: 1, ?if: d}", "a.b{c:1 ?if:d}"),
        (".a{}", ".a{}"),
        ("a.if", "a.if"),
        (".a.b", ".a.b"),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
}

#[test]
fn macros_are_recognised_by_name_receiver_and_number_of_arguments() {
    for (source, tree) in [
        ("has(a.b.c)", "has(a.b.c)"),
        ("has(has(a.b))", "has(a.b)"),
        ("a.has(b)", "(a.has b)"),
        ("a.all(x, x)", "(All a x; x)"),
        ("a.all(i, x, x)", "(All a i x; x)"),
        ("a.exists_one(x, x)", "(ExistsOne a x; x)"),
        ("a.existsOne(x, x)", "(a.existsOne x x)"),
        ("a.existsOne(i, x, x)", "(ExistsOne a i x; x)"),
        ("a.map(x, y)", "(Map a x; y)"),
        ("a.map(x, y, z)", "(Map a x; y; z)"),
        ("a.filter(x, y, z)", "(a.filter x y z)"),
        ("a.transformList(i, x, y)", "(TransformList a i x; y)"),
        ("a.transformMap(i, x, y, z)", "(TransformMap a i x; y; z)"),
        (
            "a.transformMapEntry(i, x, y)",
            "(TransformMapEntry a i x; y)",
        ),
        ("a.optMap(x, y)", "(OptMap a x; y)"),
        ("a.optFlatMap(x, y)", "(OptFlatMap a x; y)"),
        ("a.sortBy(x, y)", "(SortBy a x; y)"),
        ("all(x, y)", "(all x y)"),
    ] {
        assert_eq!(shown(source), tree, "{source}");
    }
    assert!(matches!(
        parse("a.exists(x, x)").expect("parses").kind,
        ExprKind::Macro(call) if call.kind == MacroKind::Exists
    ));
}

#[test]
fn misused_macros_are_reported_in_the_words_of_cel_go() {
    for (source, message) in [
        ("has(1)", "1:5: invalid argument to has() macro"),
        ("has(a.?b)", "1:6: invalid argument to has() macro"),
        ("a.all(1, x)", "1:7: argument must be a simple name"),
        ("a.map(x.y, x)", "1:8: argument is not an identifier"),
        ("a.all(x, x, y)", "1:10: duplicate variable name: x"),
        (
            "a.filter(__result__, x)",
            "1:10: iteration variable overwrites accumulator variable",
        ),
        (
            "a.optMap(1, x)",
            "1:10: optMap() variable name must be a simple identifier",
        ),
        (
            "'a'.sortBy(x, x)",
            "1:1: sortBy can only be applied to a list, identifier, comprehension, call or select \
             expression",
        ),
    ] {
        let expected = format!("ERROR: <input>:{message}\n");
        assert!(
            errors(source).starts_with(&expected),
            "{source}: {}",
            errors(source)
        );
    }
}

#[test]
fn errors_are_placed_where_cel_go_places_them() {
    for (source, place) in [
        ("", "1:0"),
        ("1 +", "1:4"),
        ("1 2", "1:3"),
        ("(1", "1:3"),
        ("[1 2]", "1:4"),
        ("[,1]", "1:3"),
        ("{1 2}", "1:4"),
        ("a ? b", "1:6"),
        ("a..b", "1:3"),
        (".", "1:2"),
        ("!-a", "1:3"),
        ("\"abc", "1:1"),
        ("1 + é", "1:5"),
        ("'日本' é", "1:6"),
        ("1 +\n  $", "2:3"),
        ("a.true", "1:3"),
        ("if", "1:1"),
        ("a + while(1)", "1:5"),
        ("a.`b`", "1:3"),
        ("9223372036854775808", "1:1"),
        ("1e400", "1:1"),
        (r"'\ud800'", "1:1"),
        (r"b'\u00e9'", "1:1"),
        (r"'\q'", "1:1"),
    ] {
        let expected = format!("ERROR: <input>:{place}: ");
        assert!(
            errors(source).starts_with(&expected),
            "{source}: {}",
            errors(source)
        );
    }
}

#[test]
fn every_misuse_is_reported() {
    assert_eq!(
        errors("has(1) && a.all(2, true) && if"),
        "ERROR: <input>:1:5: invalid argument to has() macro\n | has(1) && a.all(2, true) && if\n \
         | ....^\nERROR: <input>:1:17: argument must be a simple name\n | has(1) && a.all(2, true) \
         && if\n | ................^\nERROR: <input>:1:29: reserved identifier: if\n | has(1) && \
         a.all(2, true) && if\n | ............................^"
    );
}

#[test]
fn positions_are_those_of_operators() {
    for (source, position) in [
        ("a + b", 2),
        ("a.b.c", 3),
        ("a.b(c)", 3),
        ("f(a)", 1),
        ("a[0]", 1),
        ("a ? b : c", 2),
        ("[1]", 0),
        ("a.b{}", 3),
        (".a", 1),
        ("-a", 0),
        ("(a)", 1),
        ("a.all(x, x)", 5),
    ] {
        let tree = parse(source).expect(source);
        assert_eq!(tree.position, position, "{source}");
    }
}

#[test]
fn spans_cover_whole_expressions() {
    for (source, operand) in [
        ("a.b(c) == d", "a.b(c)"),
        ("(a + b) == d", "(a + b)"),
        ("a[0] == d", "a[0]"),
        ("[a, b] == d", "[a, b]"),
        ("{a: b} == d", "{a: b}"),
        ("x.y{a: b} == d", "x.y{a: b}"),
        ("!a == d", "!a"),
        ("-1 == d", "-1"),
        ("a.?b == d", "a.?b"),
    ] {
        let tree = parse(source).expect(source);
        assert_eq!(tree.span, (0, source.len() as u32), "{source}");
        let ExprKind::Call { arguments, .. } = tree.kind else {
            panic!("{source}");
        };
        let (start, end) = arguments[0].span;
        assert_eq!(source.get(start as usize..end as usize), Some(operand));
    }
}

#[test]
fn nesting_is_limited_where_cel_go_limits_it() {
    let chain = |count| vec!["1"; count].join("+");
    let nested =
        |open: &str, close: &str, count| format!("{}1{}", open.repeat(count), close.repeat(count));
    let visitor = "ERROR: <input>:-1:0: max recursion depth exceeded";
    let grammar = "ERROR: <input>:-1:0: expression recursion limit exceeded: 250";
    for (accepted, rejected, message) in [
        (chain(251), chain(252), visitor),
        (
            format!("a{}", ".b".repeat(250)),
            format!("a{}", ".b".repeat(251)),
            visitor,
        ),
        (nested("(", ")", 249), nested("(", ")", 250), grammar),
        (nested("[", "]", 249), nested("[", "]", 250), grammar),
        (nested("1+(", ")", 124), nested("1+(", ")", 125), grammar),
    ] {
        assert!(parse(&accepted).is_ok(), "{accepted}");
        assert_eq!(errors(&rejected), message, "{rejected}");
    }
    assert!(parse(&vec!["a == 1"; 10_000].join(" && ")).is_ok());
}

#[test]
fn length_is_limited_in_code_points() {
    let string = |length: usize| format!("'{}'", "é".repeat(length - 2));
    assert!(parse(&string(CODE_POINTS_MAX)).is_ok());
    assert_eq!(
        errors(&string(CODE_POINTS_MAX + 1)),
        "ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000"
    );
}

#[test]
fn long_inputs_of_one_character_end() {
    for piece in [
        "(", ")", "[", "]", "{", "}", ".", "-", "!", "\"", "'", "`", "\\", "é", "\n", "a", "1",
        "?", ":", ",", "a.", "a{", "a(", "[?", "1+", "a&&", "a?a:", "//", "'\\", "1e", "r'",
        "b\"\"\"",
    ] {
        let source = piece.repeat(CODE_POINTS_MAX / piece.chars().count());
        let _ = parse(&source).map_err(|errors| errors.to_string());
    }
}
