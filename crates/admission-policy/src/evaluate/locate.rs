//! From the nodes that decided to the places that a finding names.

use admission_cel::json::{Json, Path, PathSegment};
use admission_cel::program::Location;

use crate::finding::Root;
use crate::request::Request;

/// The distinct places of these nodes in the request's objects, in order. Nodes of other inputs
/// (parameters, the namespace) are no places that the requester could change, and are left out.
pub(super) fn places(request: &Request<'_>, locations: &[Location<'_>]) -> Vec<(Root, Path)> {
    if locations.is_empty() {
        return Vec::new();
    }
    let mut addresses: Vec<usize> = locations.iter().map(|it| address(it.node)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let mut search = Search {
        found: addresses.into_iter().map(|it| (it, None)).collect(),
        missing: 0,
        path: Vec::new(),
    };
    search.missing = search.found.len();
    for (object, root) in [
        (request.object, Root::Object),
        (request.old_object, Root::OldObject),
    ] {
        if let Some(object) = object {
            search.descend(object, root);
        }
    }
    let mut places = Vec::with_capacity(locations.len());
    for location in locations {
        let Some((root, path)) = search.at(location.node) else {
            continue;
        };
        let path = match location.missing {
            Some(key) => path.key(key),
            None => path.clone(),
        };
        places.push((*root, path));
    }
    // What was stored cannot be changed: it is a place only where nothing of the object is.
    if places.iter().any(|(root, _)| *root == Root::Object) {
        places.retain(|(root, _)| *root == Root::Object);
    }
    distinct(places)
}

fn distinct(places: Vec<(Root, Path)>) -> Vec<(Root, Path)> {
    let mut seen = std::collections::HashSet::new();
    places
        .into_iter()
        .filter(|(root, path)| seen.insert((*root == Root::Object, path.clone())))
        .collect()
}

fn address(node: &Json<'_>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// One walk for all nodes: there may be as many offenders as an object has items, and a walk for
/// each would make large objects slow.
struct Search<'a> {
    /// Addresses of the nodes, in order, and where they were found.
    found: Vec<(usize, Option<(Root, Path)>)>,
    /// How many are not found yet.
    missing: usize,
    path: Vec<Step<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Search<'a> {
    /// Where a node was found.
    fn at(&self, node: &Json<'_>) -> Option<&(Root, Path)> {
        self.found.get(self.position(node)?)?.1.as_ref()
    }

    fn position(&self, node: &Json<'_>) -> Option<usize> {
        let address = address(node);
        let position = self.found.binary_search_by_key(&address, |found| found.0);
        position.ok()
    }

    fn descend(&mut self, node: &Json<'a>, root: Root) {
        if self.missing == 0 {
            return;
        }
        let position = self.position(node);
        if let Some((_, place @ None)) = position.and_then(|it| self.found.get_mut(it)) {
            *place = Some((root, path_of(&self.path)));
            self.missing -= 1;
        }
        match node {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.step(Step::Index(index), item, root);
                }
            }
            Json::Object(object) => {
                for entry in object.entries() {
                    self.step(Step::Key(entry.key), &entry.value, root);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: Step<'a>, node: &Json<'a>, root: Root) {
        self.path.push(step);
        self.descend(node, root);
        self.path.pop();
    }
}

fn path_of(steps: &[Step<'_>]) -> Path {
    Path(
        steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => PathSegment::Key((*key).to_owned()),
                Step::Index(index) => PathSegment::Index(*index),
            })
            .collect(),
    )
}
