//! Jobs out of the templates of an object.

use admission_cel::json::{Json, Object, Path};
use bumpalo::Bump;

use super::places::Places;
use super::route::{Found, Route};
use super::table::{Holds, Part, TemplateKind, TemplatePlace};
use crate::audit::normalise::normalise;

/// A Job, and from where its parts are.
pub struct Composed<'a> {
    /// The Job, with what the API server would fill in.
    pub job: &'a Json<'a>,
    /// The way back.
    pub places: Places,
}

/// The Jobs that the templates of an object describe.
pub fn compose<'a>(
    kind: &TemplateKind,
    object: &'a Json<'a>,
    arena: &'a Bump,
) -> Vec<Composed<'a>> {
    let root = (Path::default(), object);
    let mut all = Vec::new();
    for place in &kind.templates {
        for found in place.path.find(&root) {
            let composer = Composer {
                object,
                places: Places::of(found.0.clone()),
                arena,
            };
            all.extend(composer.compose(place, &found));
        }
    }
    all
}

struct Composer<'a> {
    object: &'a Json<'a>,
    places: Places,
    arena: &'a Bump,
}

impl<'a> Composer<'a> {
    /// `None` for a template that runs nothing.
    fn compose(mut self, place: &TemplatePlace, found: &Found<'a>) -> Option<Composed<'a>> {
        let (path, node) = (&found.0, found.1);
        node.as_object()?;
        let (metadata, spec) = match place.holds {
            Holds::JobTemplate => {
                self.places.add(path_of(&["spec"]), path.key("spec"));
                (node.get("metadata"), *node.get("spec")?)
            }
            Holds::PodTemplate => {
                self.places.add(template_path(), path.clone());
                let metadata = node.get("metadata");
                (metadata, self.job_spec(*node))
            }
            Holds::PodSpec => {
                self.places.add(pod_path(), path.clone());
                let template = self.map([("spec", *node)]);
                (None, self.job_spec(template))
            }
            Holds::Parts => {
                let (metadata, template) = self.assemble(&place.parts, found)?;
                (metadata, self.job_spec(template))
            }
        };
        if matches!(place.holds, Holds::JobTemplate | Holds::PodTemplate) {
            let of_template = path.key("metadata");
            self.places.add(path_of(&["metadata"]), of_template);
        }
        let job = self.map([
            ("apiVersion", Json::String("batch/v1")),
            ("kind", Json::String("Job")),
            ("metadata", self.metadata(metadata)),
            ("spec", spec),
        ]);
        Some(Composed {
            job: normalise(self.arena.alloc(job), self.arena),
            places: self.places,
        })
    }

    /// The name, namespace and owners of the object, the labels and annotations of the template:
    /// they are what its Pods will have.
    fn metadata(&self, template: Option<&'a Json<'a>>) -> Json<'a> {
        let own = self.object.get("metadata");
        let members = |node: Option<&'a Json<'a>>, keys: &'static [&'static str]| {
            keys.iter()
                .filter_map(move |key| Some((*key, *node?.get(key)?)))
        };
        let identity = ["name", "generateName", "namespace", "ownerReferences"].as_slice();
        self.map(members(own, identity).chain(members(template, &["labels", "annotations"])))
    }

    fn job_spec(&self, template: Json<'a>) -> Json<'a> {
        self.map([("template", template)])
    }

    /// A Pod template out of parts, and its metadata.
    fn assemble(
        &mut self,
        parts: &[Part],
        found: &Found<'a>,
    ) -> Option<(Option<&'a Json<'a>>, Json<'a>)> {
        let mut metadata = None;
        let mut spec = Vec::new();
        for part in parts {
            let field: &'a str = self.arena.alloc_str(&part.field);
            let composed = pod_path().key(field);
            let candidates = self.find_all(&part.first, found);
            if field == "metadata" {
                metadata = self.merge(&candidates);
            } else if let Some((path, node)) = candidates.into_iter().next() {
                self.places.add(composed, path);
                spec.push((field, *node));
            } else {
                let items = self.find_all(&part.items, found);
                if !items.is_empty() {
                    spec.push((field, self.list(&composed, items)));
                }
            }
        }
        let has_containers = spec.iter().any(|(field, _)| *field == "containers");
        let spec = self.map(spec);
        let members = metadata.map(|node| ("metadata", *node));
        let template = self.map(members.into_iter().chain([("spec", spec)]));
        has_containers.then_some((metadata, template))
    }

    /// The labels and annotations of all; where several have a key, the first counts.
    fn merge(&mut self, candidates: &[Found<'a>]) -> Option<&'a Json<'a>> {
        let mut members = Vec::new();
        for member in ["labels", "annotations"] {
            let mut merged: Vec<(&'a str, Json<'a>)> = Vec::new();
            for (path, node) in candidates {
                let entries = node
                    .get(member)
                    .and_then(|map| map.as_object())
                    .map_or(&[][..], |map| map.entries());
                for entry in entries {
                    if merged.iter().any(|(key, _)| *key == entry.key) {
                        continue;
                    }
                    merged.push((entry.key, entry.value));
                    let original = path.key(member).key(entry.key);
                    for level in [Path::default(), template_path()] {
                        let composed = level.key("metadata").key(member).key(entry.key);
                        self.places.add(composed, original.clone());
                    }
                }
            }
            members.push((member, self.map(merged)));
        }
        (!candidates.is_empty()).then(|| &*self.arena.alloc(self.map(members)))
    }

    fn find_all(&self, routes: &[Route], found: &Found<'a>) -> Vec<Found<'a>> {
        routes
            .iter()
            .flat_map(|route| self.find(route, found))
            .collect()
    }

    fn find(&self, route: &Route, found: &Found<'a>) -> Vec<Found<'a>> {
        if route.is_from_object {
            route.find(&(Path::default(), self.object))
        } else {
            route.find(found)
        }
    }

    fn list(&mut self, composed: &Path, items: Vec<Found<'a>>) -> Json<'a> {
        let mut list = Vec::new();
        for (index, (path, node)) in items.into_iter().enumerate() {
            self.places.add(composed.index(index), path);
            list.push(self.named(index, node));
        }
        Json::Array(self.arena.alloc_slice_copy(&list))
    }

    /// Controllers name what needs no name in their objects.
    fn named(&self, index: usize, node: &'a Json<'a>) -> Json<'a> {
        match node.as_object() {
            Some(object) if object.get("name").is_none() => {
                let name: &'a str = self.arena.alloc_str(&format!("unnamed-{index}"));
                let entries = object
                    .entries()
                    .iter()
                    .map(|entry| (entry.key, entry.value));
                self.map([("name", Json::String(name))].into_iter().chain(entries))
            }
            _ => *node,
        }
    }

    fn map(&self, members: impl IntoIterator<Item = (&'a str, Json<'a>)>) -> Json<'a> {
        Json::Object(Object::new(self.arena, members))
    }
}

fn path_of(keys: &[&str]) -> Path {
    keys.iter().fold(Path::default(), |path, key| path.key(key))
}

fn template_path() -> Path {
    path_of(&["spec", "template"])
}

fn pod_path() -> Path {
    path_of(&["spec", "template", "spec"])
}
