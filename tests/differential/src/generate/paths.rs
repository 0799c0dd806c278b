//! Paths into the variables of a question.

use fastrand::Rng;
use serde_json::Value;

use crate::expression::Expression;
use crate::objects::Fixture;

/// What is read of an item whose shape is not known.
pub(super) const ITEM_FIELDS: &[&str] = &[
    ".name",
    ".image",
    ".key",
    ".value",
    "['name']",
    ".resources.limits.memory",
    ".containerPort",
    ".?name.orValue('n')",
    ".env",
    ".securityContext.privileged",
];

/// One in so many segments names a key that is not there.
const WRONG_ONE_IN: usize = 40;

/// Every node of the variables, by the name of its JSON type.
pub(super) struct Paths {
    nodes: Vec<Node>,
}

struct Node {
    root: &'static str,
    segments: Vec<Segment>,
    kind: &'static str,
}

#[derive(Clone)]
enum Segment {
    Key(String),
    Index(usize),
}

impl Paths {
    pub(super) fn of(fixture: &Fixture) -> Self {
        let mut nodes = Vec::new();
        let roots = [
            ("object", &fixture.object),
            ("oldObject", &fixture.old_object),
            ("params", &fixture.params),
            ("request", &fixture.request),
            ("namespaceObject", &fixture.namespace_object),
        ];
        for (root, value) in roots {
            collect(root, value, &mut Vec::new(), &mut nodes);
        }
        Self { nodes }
    }

    /// A path as the grammar asks for it.
    pub(super) fn path(&self, asked: &str, random: &mut Rng) -> Expression {
        let text = match asked {
            "optional" => self.optional(random),
            "select" => self.select(random),
            other => {
                let kind = other.strip_prefix("path:").unwrap_or(other);
                self.node(kind, random).map(|node| node.written(random))
            }
        };
        // What has no such node is asked for it nevertheless.
        Expression::text("dyn", text.unwrap_or_else(|| "object.spec".to_owned()))
    }

    fn node(&self, kind: &str, random: &mut Rng) -> Option<&Node> {
        // The object is what expressions are mostly about.
        let only_object = random.u8(..) > 60;
        let fits = |node: &&Node| {
            (kind == "any" || node.kind == kind) && (!only_object || node.root == "object")
        };
        let fitting: Vec<&Node> = self.nodes.iter().filter(fits).collect();
        random.choice(fitting)
    }

    fn optional(&self, random: &mut Rng) -> Option<String> {
        let node = self.node("any", random)?;
        let last = node.segments.len();
        let marked = random.usize(..last.max(1));
        let mut text = node.root.to_owned();
        for (position, segment) in node.segments.iter().enumerate() {
            let is_optional = position == marked || random.u8(..4) == 0;
            text.push_str(&segment.written(is_optional, random));
        }
        Some(if last == 0 {
            format!("{text}.?spec")
        } else {
            text
        })
    }

    fn select(&self, random: &mut Rng) -> Option<String> {
        let node = self.node("any", random)?;
        let mut text = node.written(random);
        if matches!(node.segments.last(), Some(Segment::Index(_)) | None) || random.u8(..8) == 0 {
            text.push_str(".name");
        }
        Some(text)
    }
}

impl Node {
    fn written(&self, random: &mut Rng) -> String {
        let mut text = self.root.to_owned();
        for segment in &self.segments {
            text.push_str(&segment.written(false, random));
        }
        text
    }
}

impl Segment {
    fn written(&self, optional: bool, random: &mut Rng) -> String {
        let mark = if optional { "?" } else { "" };
        let wrong = random.usize(..WRONG_ONE_IN) == 0;
        match self {
            Segment::Index(index) => {
                let index = if wrong { index + 7 } else { *index };
                let suffix = if random.u8(..30) == 0 { ".0" } else { "" };
                format!("[{mark}{index}{suffix}]")
            }
            Segment::Key(_) if wrong => format!(".{mark}missing"),
            Segment::Key(key) if is_identifier(key) && random.u8(..8) > 0 => {
                format!(".{mark}{key}")
            }
            Segment::Key(key) => format!("[{mark}'{key}']"),
        }
    }
}

fn is_identifier(key: &str) -> bool {
    let reserved = ["namespace", "in", "for", "true", "false", "null", "package"];
    key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && (!reserved.contains(&key) || key == "namespace")
}

fn collect(root: &'static str, value: &Value, path: &mut Vec<Segment>, nodes: &mut Vec<Node>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_i64() => "int",
        Value::Number(_) => "double",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    };
    nodes.push(Node {
        root,
        segments: path.clone(),
        kind,
    });
    let children: Vec<(Segment, &Value)> = match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (Segment::Index(index), item))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (Segment::Key(key.clone()), member))
            .collect(),
        _ => Vec::new(),
    };
    for (segment, child) in children {
        path.push(segment);
        collect(root, child, path, nodes);
        path.pop();
    }
}
