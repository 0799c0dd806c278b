//! What mutations start from: the expressions and files of this repository.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::Value;

/// The repository's directory.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The texts of all YAML files of the policies and of the baseline, tests included.
///
/// # Errors
/// What cannot be read.
pub fn manifests() -> Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut folders = vec![repository().join("manifests/baseline")];
    for entry in std::fs::read_dir(repository().join("policies"))? {
        folders.push(entry?.path());
    }
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        files.sort();
        for file in files {
            if file
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                texts.push(std::fs::read_to_string(file)?);
            }
        }
    }
    Ok(texts)
}

/// The texts of all YAML files of the examples.
///
/// # Errors
/// What cannot be read.
pub fn examples() -> Result<Vec<String>> {
    let mut folders = vec![repository().join("manifests/examples")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    let texts = files.into_iter().map(std::fs::read_to_string);
    texts.map(|text| Ok(text?)).collect()
}

/// Every expression of the policies and of the benchmark, and some that use the rest of the
/// dialect.
///
/// # Errors
/// What cannot be read.
pub fn expressions() -> Result<Vec<String>> {
    let mut found: Vec<String> = REST.iter().map(|text| (*text).to_owned()).collect();
    let benchmark = std::fs::read_to_string(repository().join("bench/expressions.json"))?;
    collect(&serde_json::from_str(&benchmark)?, &mut found);
    for text in manifests()? {
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap_or_default();
        for document in &documents {
            collect(document, &mut found);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Takes every `expression`, `messageExpression` and `valueExpression`, however deep.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key.to_lowercase().ends_with("expression") => {
                        found.push(text.clone());
                    }
                    other => collect(other, found),
                }
            }
        }
        _ => {}
    }
}

const REST: &[&str] = &[
    "object.list.map(x, x * 2).sum() > 3u || object.list.isSorted()",
    "object.list.transformMap(i, v, i % 2 == 0, v + 1)",
    "object.map.transformList(k, v, k + string(v)).sort().join('-')",
    "object.list.sortBy(x, -x).slice(0, 1).flatten(2)",
    "lists.range(10).filter(i, i > 3).distinct().reverse()",
    "sets.contains([1, 2], object.list) && sets.equivalent(object.list, [3])",
    "'a,b'.split(',', 1).exists_one(p, p.upperAscii() == 'A')",
    "'%s is %d, %.2f %x %o %b %e'.format([object.text, 1, 2.5, 255, 8, 5, 1.0])",
    "object.text.substring(1, 3).indexOf('b').orValue(0)",
    "object.text.replace('a', 'bb', 2).trim().charAt(0) + strings.quote(object.text)",
    "timestamp('2026-02-28T23:59:59.999Z') + duration('1h30m') > timestamp(object.text)",
    "timestamp(0).getDayOfYear('Europe/Berlin') == 0 || duration('-1s').getSeconds() < 0",
    "quantity('1.5Gi').add(quantity('500m')).sub(3).compareTo(quantity('2')) == -1",
    "isQuantity(object.text) && quantity(object.text).isInteger()",
    "url('https://example.com:80/a?b=c').getQuery()['b'].exists(v, v == 'c')",
    "ip('::1').family() == 6 && cidr('10.0.0.0/8').containsIP('10.1.2.3')",
    "cidr('192.168.0.0/24').masked().prefixLength() == 24",
    "semver('1.2.3-alpha.1+build').isLessThan(semver('v2.0', true))",
    "format.dns1123Label().validate(object.text).hasValue()",
    "format.named('qualifiedName').value().validate(object.text)",
    "object.text.matches('^[a-z]+$') && object.text.find('[0-9]+') == '' ",
    "object.text.findAll('a|b', 3).size() == 2",
    "authorizer.group('apps').resource('deployments').namespace('n').check('get').allowed()",
    "authorizer.group('').resource('pods').labelSelector('a in (b, c), !d').fieldSelector('x=y').check('list').reason()",
    "authorizer.serviceAccount('ns', 'name').path('/healthz').check('get').errored()",
    "[?optional.of(1), ?optional.none()].first().optMap(x, x + 1).orValue(2)",
    "{?'a': object.?a, 'b': 1, 2: 'c', true: null}[?'a'].optFlatMap(x, optional.of(x)).hasValue()",
    "b'abc' + b'\\x00\\377' == bytes(object.text) ? 1.0 / 0.0 : double('NaN')",
    "int(9223372036854775807) - int('-9223372036854775808') == uint(1) * 2u % 3u",
    "type(object) == map && type([]) == list && type(type(1)) == type",
    "JSONPatch{op: 'add', path: '/a/' + jsonpatch.escapeKey('b/c~d'), value: Object.spec{x: 1}}",
    "Object{spec: Object.spec{replicas: 3, template: Object.spec.template{}}}",
    "dyn([1, 'a', 2.0, [null]]) == dyn([1u, 'a', 2, [null]])",
    "r'raw\\d' + \"\"\"triple \" quoted\"\"\" + 'u\\u00e9\\U0001F600'",
];
