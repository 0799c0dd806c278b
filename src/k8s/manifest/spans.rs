//! Where the nodes of a document are in its file.

use std::ops::Range;
use std::sync::OnceLock;

use admission_cel::json::{Json, Path, PathSegment};

/// Byte ranges of nodes and their keys, by the node's address.
///
/// Every node is noted and few are asked for, so they are sorted when the first one is.
#[derive(Debug, Default)]
pub struct Spans {
    noted: Vec<NodeSpan>,
    sorted: OnceLock<Vec<NodeSpan>>,
}

#[derive(Clone, Debug)]
struct NodeSpan {
    address: usize,
    /// Empty where the node has no key.
    key: Range<usize>,
    value: Range<usize>,
}

impl Spans {
    /// Notes where a node is, once.
    pub(super) fn insert(
        &mut self,
        node: &Json<'_>,
        key: Option<Range<usize>>,
        value: Range<usize>,
    ) {
        self.noted.push(NodeSpan {
            address: address(node),
            key: key.unwrap_or_default(),
            value,
        });
    }

    /// The value's place.
    pub fn value(&self, node: &Json<'_>) -> Option<Range<usize>> {
        self.get(node).map(|span| span.value.clone())
    }

    /// The best place to point at for a path under `root`: the value if it is a scalar on one line,
    /// the key of a container, and for what is absent the nearest parent that is there.
    pub fn locate<'a>(&self, root: &'a Json<'a>, path: &Path) -> Option<Range<usize>> {
        let (node, _) = walk(root, path);
        let span = self.get(node)?;
        match span.key.is_empty() {
            false if is_container(node) => Some(span.key.clone()),
            _ => Some(span.value.clone()),
        }
    }

    /// All of what a path under `root` points at: a container, or of a scalar what it is a part of,
    /// since a name may be pointed at for its value.
    pub fn extent<'a>(&self, root: &'a Json<'a>, path: &Path) -> Option<Range<usize>> {
        let (node, parent) = walk(root, path);
        self.value(if is_container(node) { node } else { parent })
    }

    fn get(&self, node: &Json<'_>) -> Option<&NodeSpan> {
        let sorted = self.sorted.get_or_init(|| {
            let mut spans = self.noted.clone();
            spans.sort_unstable_by_key(|span| span.address);
            spans
        });
        let address = address(node);
        let found = sorted.binary_search_by_key(&address, |span| span.address);
        sorted.get(found.ok()?)
    }
}

/// What a path points at, or the nearest that is there, and what holds it.
fn walk<'a>(root: &'a Json<'a>, path: &Path) -> (&'a Json<'a>, &'a Json<'a>) {
    let (mut node, mut parent) = (root, root);
    for segment in &path.0 {
        let next = match segment {
            PathSegment::Key(key) => node.get(key),
            PathSegment::Index(index) => node.as_array().and_then(|items| items.get(*index)),
        };
        match next {
            Some(next) => (node, parent) = (next, node),
            None => break,
        }
    }
    (node, parent)
}

fn is_container(node: &Json<'_>) -> bool {
    matches!(node, Json::Array(_) | Json::Object(_))
}

fn address(node: &Json<'_>) -> usize {
    std::ptr::from_ref(node) as usize
}
