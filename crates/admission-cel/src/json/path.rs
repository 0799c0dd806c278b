//! Where a node is in its tree.

use std::fmt;

use super::Json;

/// One step from a container to a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathSegment {
    /// A member of an object.
    Key(String),
    /// An item of an array, counted from 0.
    Index(usize),
}

/// The steps from a root to a node. The empty path is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<PathSegment>);

impl Path {
    /// This path, extended by a member.
    pub fn key(&self, key: &str) -> Self {
        self.with(PathSegment::Key(key.to_owned()))
    }

    /// This path, extended by an item.
    pub fn index(&self, index: usize) -> Self {
        self.with(PathSegment::Index(index))
    }

    fn with(&self, segment: PathSegment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }

    /// The node at this path under `root`.
    pub fn find<'a>(&self, root: &'a Json<'a>) -> Option<&'a Json<'a>> {
        self.0.iter().try_fold(root, |node, segment| match segment {
            PathSegment::Key(key) => node.get(key),
            PathSegment::Index(index) => node.as_array()?.get(*index),
        })
    }

    /// As an RFC 6901 JSON pointer.
    pub fn to_pointer(&self) -> String {
        let mut pointer = String::new();
        for segment in &self.0 {
            pointer.push('/');
            match segment {
                PathSegment::Key(key) => {
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"))
                }
                PathSegment::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }
}

/// As `field.Path` of `k8s.io/apimachinery/pkg/util/validation/field` prints it:
/// `spec.containers[0].env`, keys that are no identifiers in brackets (`metadata.labels[a/b]`).
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                PathSegment::Index(index) => write!(formatter, "[{index}]")?,
                PathSegment::Key(key) if is_plain(key) => {
                    if position > 0 {
                        formatter.write_str(".")?;
                    }
                    formatter.write_str(key)?;
                }
                PathSegment::Key(key) => write!(formatter, "[{key}]")?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// The path from `root` to `node`, found by address; `None` if `node` is not in that tree (a copy
/// of a node is not).
pub fn path_to<'a>(root: &'a Json<'a>, node: &'a Json<'a>) -> Option<Path> {
    let mut segments = Vec::new();
    descend(root, node, &mut segments).then_some(Path(segments))
}

fn descend<'a>(at: &'a Json<'a>, node: &'a Json<'a>, segments: &mut Vec<PathSegment>) -> bool {
    if std::ptr::eq(at, node) {
        return true;
    }
    match at {
        Json::Array(items) => items.iter().enumerate().any(|(index, item)| {
            segments.push(PathSegment::Index(index));
            let found = descend(item, node, segments);
            if !found {
                segments.pop();
            }
            found
        }),
        Json::Object(object) => object.entries().iter().any(|entry| {
            segments.push(PathSegment::Key(entry.key.to_owned()));
            let found = descend(&entry.value, node, segments);
            if !found {
                segments.pop();
            }
            found
        }),
        _ => false,
    }
}
