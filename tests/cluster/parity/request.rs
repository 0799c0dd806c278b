//! The request of a case, as a dry run where the API server knows that.

use serde_json::{Value, json};

use super::names::Run;
use super::prepare::rights_group;
use crate::api::{Answer, Caller, Cluster, eventually, path, path_of};

/// How the API server refuses while it cannot find out whether a binding applies, or its parameters
/// (`plugin/policy/validating/dispatcher.go`): nothing was judged then, and nobody was warned.
const UNCONFIGURED: &str = "denied request: failed to configure ";

/// Makes the case's request; `group` is one more group of the user, if any.
pub async fn request(cluster: &Cluster, run: &Run<'_>, group: Option<&str>) -> Answer {
    let case = run.case;
    let user = run.localised(&case.user);
    let mut groups: Vec<String> = case.groups.iter().map(|g| run.localised(g)).collect();
    if !case.rights.is_empty() {
        groups.push(rights_group(run));
    }
    groups.extend(group.map(str::to_owned));
    let Call { method, path, body } = call(cluster, run).await;
    eventually("the API server knows what bindings refer to", async || {
        let caller = Caller::User(&user, &groups);
        let answer = cluster.send(caller, method, &path, body.as_ref()).await;
        match answer.message().contains(UNCONFIGURED) {
            true => Err(answer.message().to_owned()),
            false => Ok(answer),
        }
    })
    .await
}

struct Call {
    method: &'static str,
    path: String,
    body: Option<Value>,
}

async fn call(cluster: &Cluster, run: &Run<'_>) -> Call {
    let case = run.case;
    let subject = run.object(case.subject().expect("every case has an object"));
    let dry = |path: String| format!("{path}?dryRun=All");
    let (method, path, body) = match (case.operation.as_str(), case.subresource.as_str()) {
        // Real calls: neither knows dry-run.
        ("CREATE", "token") => ("POST", under(run, "serviceaccounts"), Some(subject)),
        ("CONNECT", _) => ("POST", connection(run, &subject), None),
        ("CREATE", "binding" | "eviction") => ("POST", dry(under(run, "pods")), Some(subject)),
        ("CREATE", "") => ("POST", dry(path(&subject, &run.namespace)), Some(subject)),
        ("UPDATE", subresource) => {
            let old = run.object(case.old_object.as_ref().expect("what is updated"));
            // The stored object has more than the case says.
            let change = merge_patch(&old, &subject);
            let place = path_of(&subject, &run.namespace);
            match subresource {
                "" => ("PATCH", dry(place), Some(change)),
                // It cannot be patched.
                "finalize" => {
                    let mut stored = cluster.get(&place).await.object();
                    json_patch::merge(&mut stored, &change);
                    ("PUT", dry(format!("{place}/finalize")), Some(stored))
                }
                _ => ("PATCH", dry(format!("{place}/{subresource}")), Some(change)),
            }
        }
        ("DELETE", "") => {
            let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions"});
            json_patch::merge(&mut options, case.options.as_ref().unwrap_or(&json!({})));
            options["dryRun"] = json!(["All"]);
            ("DELETE", path_of(&subject, &run.namespace), Some(options))
        }
        (operation, subresource) => panic!(
            "{}: `{}`: {operation} of `{subresource}` cannot be run natively",
            run.policy, case.name
        ),
    };
    Call { method, path, body }
}

/// The subresource of the case's parent.
fn under(run: &Run<'_>, resource: &str) -> String {
    let parent = run
        .case
        .parent
        .as_deref()
        .expect("the subresource's parent");
    format!(
        "/api/v1/namespaces/{}/{resource}/{parent}/{}",
        run.namespace, run.case.subresource
    )
}

/// Options of a connection are query parameters; the path of a proxied request is a path.
fn connection(run: &Run<'_>, options: &Value) -> String {
    let kind = options["kind"].as_str().expect("the kind of the options");
    let resource = match kind {
        "ServiceProxyOptions" => "services",
        _ => "pods",
    };
    let mut place = under(run, resource);
    if kind.ends_with("ProxyOptions") {
        let path = options["path"].as_str().unwrap_or_default();
        place.push('/');
        place.push_str(path.trim_start_matches('/'));
        return place;
    }
    let mut pairs = Vec::new();
    let members = options.as_object().expect("options are an object").iter();
    for (key, value) in members.filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind")) {
        let values = match value {
            Value::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        for value in values {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(format!("{key}={}", escaped(&text)));
        }
    }
    format!("{place}?{}", pairs.join("&"))
}

/// Percent-encodes everything but letters and digits.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The RFC 7386 merge patch that leads from one object to another.
fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Some(before), Some(after)) = (from.as_object(), to.as_object()) else {
        return to.clone();
    };
    let mut patch = serde_json::Map::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in after {
        match before.get(key) {
            Some(present) if present == value => {}
            Some(present) => drop(patch.insert(key.clone(), merge_patch(present, value))),
            None => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(patch)
}
