//! Where the nodes of a document are in its file.

use std::collections::HashMap;
use std::ops::Range;

use admission_cel::json::{Json, Path, PathSegment};

/// Byte ranges of nodes and their keys, by the node's address.
#[derive(Debug, Default)]
pub struct Spans(HashMap<usize, NodeSpan>);

#[derive(Clone, Debug)]
struct NodeSpan {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Spans {
    /// Notes where a node is.
    pub(super) fn insert(
        &mut self,
        node: &Json<'_>,
        key: Option<Range<usize>>,
        value: Range<usize>,
    ) {
        self.0.insert(address(node), NodeSpan { key, value });
    }

    /// The value's place.
    pub fn value(&self, node: &Json<'_>) -> Option<Range<usize>> {
        self.0.get(&address(node)).map(|span| span.value.clone())
    }

    /// The best place to point at for a path under `root`: the value if it is a scalar on one line,
    /// the key of a container, and for what is absent the nearest parent that is there.
    pub fn locate<'a>(&self, root: &'a Json<'a>, path: &Path) -> Option<Range<usize>> {
        let mut node = root;
        for segment in &path.0 {
            let next = match segment {
                PathSegment::Key(key) => node.get(key),
                PathSegment::Index(index) => node.as_array().and_then(|items| items.get(*index)),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        let span = self.0.get(&address(node))?;
        let is_container = matches!(node, Json::Array(_) | Json::Object(_));
        match &span.key {
            Some(key) if is_container => Some(key.clone()),
            _ => Some(span.value.clone()),
        }
    }
}

fn address(node: &Json<'_>) -> usize {
    std::ptr::from_ref(node) as usize
}
