//! Merging policies: the API server converts the object again for every policy, so that many small
//! ones cost many times what one with the same validations costs.
//!
//! Policies are merged when everything but their validations is alike: failure policy, parameter
//! kind, match conditions, and bindings. Which of them a request is for then stands in front of each
//! validation. What a request is answered stays the same, except that all share one cost budget.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::objects::{Bound, name};
use super::remarks::Remarks;

/// Name of what several policies became.
const NAME: &str = "cattlegrid";

/// Merges what can be merged.
pub fn fuse(bound: &mut Vec<Bound>, remarks: &mut Remarks) {
    let mut groups: Vec<(Value, Vec<Bound>)> = Vec::new();
    let mut apart = Vec::new();
    for policy in bound.drain(..) {
        if policy.mutates() || policy.policy.pointer("/spec/auditAnnotations").is_some() {
            apart.push(policy);
            continue;
        }
        let key = alike(&policy);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(policy),
            None => groups.push((key, vec![policy])),
        }
    }
    let mut number = 0;
    for (_, group) in groups {
        if group.len() == 1 {
            bound.extend(group);
            continue;
        }
        number += 1;
        let name = if number == 1 {
            NAME.to_owned()
        } else {
            format!("{NAME}-{number}")
        };
        let names: Vec<&str> = group.iter().map(Bound::name).collect();
        match merged(&name, &group) {
            Ok(one) => {
                remarks.add(format!(
                    "{name} holds the validations of {}.",
                    names.join(", ")
                ));
                bound.push(one);
            }
            Err(reason) => {
                remarks.add(format!("{} stay apart: {reason}.", names.join(", ")));
                bound.extend(group);
            }
        }
    }
    bound.extend(apart);
}

/// What must be equal for policies to be merged.
fn alike(bound: &Bound) -> Value {
    let of_policy = ["failurePolicy", "paramKind", "matchConditions"]
        .map(|key| bound.policy.pointer(&format!("/spec/{key}")).cloned());
    let constraints = [
        "matchPolicy",
        "namespaceSelector",
        "objectSelector",
        "excludeResourceRules",
    ]
    .map(|key| {
        bound
            .policy
            .pointer(&format!("/spec/matchConstraints/{key}"))
            .cloned()
    });
    let bindings: Vec<Value> = bound.bindings.iter().map(without_name).collect();
    json!([of_policy, constraints, bindings])
}

fn without_name(binding: &Value) -> Value {
    let mut spec = binding.get("spec").cloned().unwrap_or_default();
    if let Some(members) = spec.as_object_mut() {
        members.remove("policyName");
    }
    spec
}

/// One policy out of several.
fn merged(name: &str, group: &[Bound]) -> Result<Bound, String> {
    let Some(first) = group.first() else {
        return Err("there is none".to_owned());
    };
    let mut policy = first.policy.clone();
    let (mut rules, mut validations) = (Vec::new(), Vec::new());
    let mut variables = Variables::default();
    for bound in group {
        let own_rules = list(&bound.policy, "/spec/matchConstraints/resourceRules");
        let guard = guard_name(bound.name());
        variables.add(&guard, &applies(own_rules)?)?;
        for variable in list(&bound.policy, "/spec/variables") {
            variables.add(text(variable, "name"), text(variable, "expression"))?;
        }
        for validation in list(&bound.policy, "/spec/validations") {
            validations.push(guarded(validation, &guard));
        }
        for rule in own_rules {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    let titles: Vec<&str> = group.iter().map(Bound::name).collect();
    let metadata = json!({
        "name": name,
        "labels": {"app.kubernetes.io/name": "cattlegrid"},
        "annotations": {"cattlegrid.dev/policies": titles.join(", ")},
    });
    set(&mut policy, "", "metadata", metadata);
    set(
        &mut policy,
        "/spec/matchConstraints",
        "resourceRules",
        rules.into(),
    );
    set(&mut policy, "/spec", "variables", variables.into_value());
    set(&mut policy, "/spec", "validations", validations.into());
    let bindings = first
        .bindings
        .iter()
        .map(|binding| rebound(binding, first.name(), name));
    Ok(Bound {
        policy,
        bindings: bindings.collect(),
    })
}

/// A binding of one policy as one of another: `host-paths-warn` becomes `cattlegrid-warn`.
fn rebound(binding: &Value, from: &str, to: &str) -> Value {
    let mut binding = binding.clone();
    let ending = name(&binding)
        .strip_prefix(from)
        .unwrap_or_default()
        .to_owned();
    let name = format!("{to}{ending}");
    set(&mut binding, "/metadata", "name", name.into());
    set(&mut binding, "/spec", "policyName", to.into());
    binding
}

/// Variables in an order in which each follows what it uses; the same name is the same text.
#[derive(Default)]
struct Variables {
    ordered: Vec<Value>,
    texts: HashMap<String, String>,
}

impl Variables {
    fn add(&mut self, name: &str, expression: &str) -> Result<(), String> {
        match self.texts.get(name) {
            Some(known) if known == expression => Ok(()),
            Some(_) => Err(format!("variable `{name}` means different things in them")),
            None => {
                self.texts.insert(name.to_owned(), expression.to_owned());
                self.ordered
                    .push(json!({"name": name, "expression": expression}));
                Ok(())
            }
        }
    }

    fn into_value(self) -> Value {
        self.ordered.into()
    }
}

/// `host-paths` as the name of a variable.
fn guard_name(policy: &str) -> String {
    format!("isFor_{}", policy.replace(['-', '.'], "_"))
}

/// Whether a request is one that a policy's rules match, as an expression.
fn applies(rules: &[Value]) -> Result<String, String> {
    let mut targets: Vec<String> = Vec::new();
    for rule in rules {
        if rule.get("resourceNames").is_some() {
            return Err("a rule that names objects cannot be written as a condition".to_owned());
        }
        for group in texts(rule, "apiGroups") {
            for operation in texts(rule, "operations") {
                for resource in texts(rule, "resources") {
                    if [group, operation, resource]
                        .iter()
                        .any(|text| text.contains('*'))
                    {
                        return Err(
                            "a rule with a wildcard cannot be written as a condition".to_owned()
                        );
                    }
                    targets.push(format!("'{operation} {group}/{resource}'"));
                }
            }
        }
    }
    targets.sort();
    targets.dedup();
    Ok(format!(
        "request.operation + ' ' + request.resource.?group.orValue('') + '/' + request.resource.resource\n\
         + (request.?subResource.orValue('') == '' ? '' : '/' + request.subResource)\nin [{}]",
        targets.join(", ")
    ))
}

fn guarded(validation: &Value, guard: &str) -> Value {
    let mut members: Map<String, Value> = validation.as_object().cloned().unwrap_or_default();
    let expression = text(validation, "expression");
    members.insert(
        "expression".to_owned(),
        format!("!variables.{guard} || (\n{expression}\n)").into(),
    );
    Value::Object(members)
}

/// Sets a member of the object at a pointer, which exists in what compiled.
fn set(object: &mut Value, parent: &str, key: &str, value: Value) {
    let parent = object.pointer_mut(parent).and_then(Value::as_object_mut);
    if let Some(members) = parent {
        members.insert(key.to_owned(), value);
    }
}

fn list<'o>(object: &'o Value, pointer: &str) -> &'o [Value] {
    let found = object.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

fn texts<'o>(object: &'o Value, key: &str) -> impl Iterator<Item = &'o str> {
    list(object, &format!("/{key}"))
        .iter()
        .filter_map(Value::as_str)
}

fn text<'o>(object: &'o Value, key: &str) -> &'o str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}
