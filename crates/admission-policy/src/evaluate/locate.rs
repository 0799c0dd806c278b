//! From the nodes that decided to the places that a finding names.

use admission_cel::json::{Json, Path, path_to};
use admission_cel::program::Location;

use crate::finding::Root;
use crate::request::Request;

/// The distinct places of these nodes in the request's objects, in order. Nodes of other inputs
/// (parameters, the namespace) are no places that the requester could change, and are left out.
pub(super) fn places(request: &Request<'_>, locations: Vec<Location<'_>>) -> Vec<(Root, Path)> {
    let mut places = Vec::with_capacity(locations.len());
    for location in locations {
        let place = within(request.object, Root::Object, &location)
            .or_else(|| within(request.old_object, Root::OldObject, &location));
        if let Some(place) = place
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    places
}

fn within(object: Option<&Json<'_>>, root: Root, location: &Location<'_>) -> Option<(Root, Path)> {
    let path = path_to(object?, location.node)?;
    Some(match location.missing {
        Some(key) => (root, path.key(key)),
        None => (root, path),
    })
}
