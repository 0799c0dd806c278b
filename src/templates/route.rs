//! Where something is in objects of a kind.

use std::fmt;

use admission_cel::json::{Json, Path};
use serde::Deserialize;

/// A path with places for any item or member: `spec.workers[*].template`, `spec.replicas.*.template`.
/// `$.` at its beginning means the object itself rather than the template that is being composed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Route {
    /// Whether it begins at the object.
    pub is_from_object: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    EachItem,
    EachMember,
}

/// A text that is no route.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no path; write names with dots between them, `[*]` behind a name for every item, \
     `*` for every member"
)]
pub struct RouteError(String);

impl TryFrom<String> for Route {
    type Error = RouteError;

    fn try_from(text: String) -> Result<Self, RouteError> {
        let (is_from_object, rest) = match text.strip_prefix("$.") {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let mut steps = Vec::new();
        for part in rest.split('.') {
            let (name, is_each) = match part.strip_suffix("[*]") {
                Some(name) => (name, true),
                None => (part, false),
            };
            match name {
                "*" => steps.push(Step::EachMember),
                name if is_name(name) => steps.push(Step::Key(name.to_owned())),
                _ => return Err(RouteError(text)),
            }
            if is_each {
                steps.push(Step::EachItem);
            }
        }
        Ok(Self {
            is_from_object,
            steps,
        })
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(allowed)
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = if self.is_from_object { "$." } else { "" };
        for step in &self.steps {
            match step {
                Step::Key(key) => write!(formatter, "{separator}{key}")?,
                Step::EachMember => write!(formatter, "{separator}*")?,
                Step::EachItem => formatter.write_str("[*]")?,
            }
            separator = ".";
        }
        Ok(())
    }
}

/// A node and where it is in the object.
pub type Found<'a> = (Path, &'a Json<'a>);

impl Route {
    /// The nodes at this route, beginning at a node whose path is known; `null` is absent.
    pub fn find<'a>(&self, (path, node): &Found<'a>) -> Vec<Found<'a>> {
        let mut found = vec![(path.clone(), *node)];
        for step in &self.steps {
            found = found.iter().flat_map(|at| next(step, at)).collect();
        }
        found.retain(|(_, node)| !node.is_null());
        found
    }
}

fn next<'a>(step: &Step, (path, node): &Found<'a>) -> Vec<Found<'a>> {
    match step {
        Step::Key(key) => {
            let member = node.get(key);
            member
                .map(|node| (path.key(key), node))
                .into_iter()
                .collect()
        }
        Step::EachItem => {
            let items = node.as_array().unwrap_or_default().iter().enumerate();
            items
                .map(|(index, node)| (path.index(index), node))
                .collect()
        }
        Step::EachMember => {
            let entries = node.as_object().map_or(&[][..], |object| object.entries());
            let member =
                |entry: &'a admission_cel::json::Entry<'a>| (path.key(entry.key), &entry.value);
            entries.iter().map(member).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;

    use super::*;

    #[test]
    fn a_route_finds_what_it_leads_to() {
        let text = r#"{"a": {"b": [{"c": 1}, {"d": 2}, {"c": 3}], "m": {"x": {"c": 4}, "y": 5}, "n": null}}"#;
        let arena = Bump::new();
        let root = Json::parse(text.as_bytes(), &arena).unwrap();
        for (route, expected) in [
            ("a.b[*].c", &["a.b[0].c", "a.b[2].c"][..]),
            ("a.m.*", &["a.m.x", "a.m.y"]),
            ("a.m.*.c", &["a.m.x.c"]),
            ("a.m", &["a.m"]),
            ("a.n", &[]),
            ("a.m[*]", &[]),
            ("a.b.c", &[]),
        ] {
            let parsed = Route::try_from(route.to_owned()).unwrap();
            let found = parsed.find(&(Path::default(), root));
            let paths: Vec<String> = found.iter().map(|(path, _)| path.to_string()).collect();
            assert_eq!(paths, expected, "{route}");
            assert!(
                found
                    .iter()
                    .all(|(path, node)| path.find(root) == Some(*node))
            );
            assert_eq!(parsed.to_string(), route);
        }
    }

    #[test]
    fn what_is_no_route_is_told() {
        for text in [
            "", ".a", "a.", "a..b", "a[0]", "a[*]b", "$.", "a b", "a.[*]",
        ] {
            let error = Route::try_from(text.to_owned()).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("`{text}` is no path"))
            );
        }
    }
}
