use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::program::Program;
use admission_cel::types::Type;
use fuzz::fuzz;
use proptest::prelude::*;
use serde_json::json;

use crate::input::evaluate;

const CALLS: &[&str] = &[
    "object.a.split(object.b, object.i)",
    "object.a.replace(object.b, object.a, object.i)",
    "object.a.substring(object.i, object.j)",
    "object.a.indexOf(object.b, object.i) + object.a.lastIndexOf(object.b, object.j)",
    "object.a.charAt(object.i) + object.a.trim() + object.a.lowerAscii()",
    "object.a.format([object.a, object.i, object.d, object.b])",
    "strings.quote(object.a)",
    "object.a.matches(object.b)",
    "object.a.find(object.b) + object.a.findAll(object.b, object.i).join('')",
    "timestamp(object.a) - duration(object.b)",
    "timestamp(object.i).getHours(object.a)",
    "duration(object.a) + duration(object.b)",
    "string(double(object.a)) + string(int(object.b)) + string(uint(object.i))",
    "int(object.d) + object.i * object.j / object.i % object.j",
    "bytes(object.a) + bytes(object.b) == b'' || string(bytes(object.a)) == object.a",
    "quantity(object.a).add(quantity(object.b)).sub(object.i).isLessThan(quantity(object.a))",
    "quantity(object.a).asInteger() + quantity(object.b).compareTo(quantity(object.a))",
    "quantity(object.a).asApproximateFloat() > 0.0 && isQuantity(object.b)",
    "url(object.a).getHostname() + url(object.a).getEscapedPath() + url(object.b).getQuery().transformList(k, v, k + v.join('')).join('')",
    "ip(object.a).isGlobalUnicast() || cidr(object.b).containsIP(ip(object.a))",
    "isIP(object.a) || isCIDR(object.b) || ip.isCanonical(object.a)",
    "cidr(object.a).containsCIDR(cidr(object.b).masked())",
    "semver(object.a, true).compareTo(semver(object.b)) + semver(object.a).major()",
    "format.named(object.a).hasValue() || format.uri().validate(object.b).hasValue()",
    "['dns1123Label', 'dns1123Subdomain', 'qualifiedName', 'labelValue', 'uuid', 'byte', 'date', \
     'datetime', 'uri', 'dns1035Label'].all(n, format.named(n).value().validate(object.a) == \
     optional.none())",
    "authorizer.group('').resource(object.a).labelSelector(object.a).fieldSelector(object.b)\
     .check('get').allowed()",
    "authorizer.serviceAccount(object.a, object.b).path(object.a).check(object.b).reason()",
    "lists.range(object.i).slice(object.i, object.j).sum()",
    "[object.a, object.b].sort().join(object.a)",
    "jsonpatch.escapeKey(object.a)",
];

/// Texts near what the libraries parse.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[+-]?[0-9.]{0,40}[eEinumkKMGTP]{0,3}[+-]?[0-9]{0,12}",
        "[a-z0-9./:@?&=%#\\[\\] -]{0,40}",
        "[0-9a-f:.]{0,45}(/[0-9]{0,4})?",
        "v?[0-9]{0,25}(\\.[0-9a-z-]{0,6}){0,4}([+-][0-9a-z.]{0,10})?",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,12})?(Z|[+-][0-9]{2}:[0-9]{2})?",
        "-?([0-9]{0,22}(\\.[0-9]{0,22})?(h|m|s|ms|us|µs|ns)){0,5}",
        "[a-c()*+?|\\[\\]{},^$.0-9\\\\pLdwsbBAzQE:<>iPsmU=!&~-]{0,30}",
        "(%[a-z%.0-9]{0,5}[a-z ]{0,3}){0,6}",
        "([a-z./-]{0,8} ?(=|==|!=|in|notin|gt|lt|!|,|\\(|\\)) ?){0,6}",
        "(Africa|America|Europe|Etc|UTC|[+-]?[0-9]{2}:[0-9]{2})/?[A-Za-z_./]{0,20}",
    ]
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        -4..20i64,
        any::<i64>(),
        Just(i64::MAX),
        Just(i64::MIN),
        -90_000_000_000_000..300_000_000_000_000i64
    ]
}

fn programs() -> Vec<Program> {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    environment.declare("object", Type::Dyn);
    environment.declare(
        "authorizer",
        Type::Opaque("kubernetes.authorization.Authorizer"),
    );
    environment.declare_mutation_types();
    CALLS
        .iter()
        .map(|call| {
            environment
                .compile(call)
                .unwrap_or_else(|errors| panic!("{call}: {errors}"))
        })
        .collect()
}

#[test]
fn library_functions_answer_or_fail_for_any_text_and_number() {
    let programs = programs();
    let input = (text(), text(), integer(), integer(), any::<f64>());
    fuzz("libraries", 150, input, |(a, b, i, j, d)| {
        let object = json!({"a": a, "b": b, "i": i, "j": j, "d": d});
        programs
            .iter()
            .try_for_each(|program| evaluate(program, &object))
    });
}
