//! What the LimitRanger plugin writes into Pods (`plugin/pkg/admission/limitranger`): limits and
//! requests of containers that have none. It acts on Pods when they are made; templates of Jobs and
//! others stay as they are.

use admission_cel::json::{Json, Object};

use super::draft::Draft;
use super::quantities::canonical;
use super::shape::entries;

/// The annotation in which it says what it wrote.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Fills in the defaults of each LimitRange, one after the other.
pub fn limit<'a>(pod: &mut Draft<'a>, ranges: &[&'a Json<'a>]) {
    for range in ranges {
        let defaults = Defaults::of(range, pod);
        defaults.fill(pod);
    }
}

/// What containers get that have none.
#[derive(Default)]
struct Defaults<'a> {
    limits: Vec<(&'a str, Json<'a>)>,
    requests: Vec<(&'a str, Json<'a>)>,
}

impl<'a> Defaults<'a> {
    /// Of all items for containers, the last of each resource; with the defaults of LimitRanges
    /// themselves (`SetDefaults_LimitRangeItem` in `pkg/apis/core/v1/defaults.go`).
    fn of(range: &'a Json<'a>, pod: &Draft<'a>) -> Self {
        let mut all = Self::default();
        let items = range.get("spec").and_then(|spec| spec.get("limits"));
        for item in items.and_then(Json::as_array).unwrap_or_default() {
            if item.get("type").and_then(Json::as_str) != Some("Container") {
                continue;
            }
            let of = |key: &str| {
                let quantities = item.get(key).map_or(&[][..], entries);
                let canonical = quantities.iter().map(|entry| {
                    let value = canonical(&entry.value, pod.arena).unwrap_or(entry.value);
                    (entry.key, value)
                });
                canonical.collect::<Vec<_>>()
            };
            let mut limits = of("default");
            add_missing(&mut limits, &of("max"));
            let mut requests = of("defaultRequest");
            add_missing(&mut requests, &limits);
            add_missing(&mut requests, &of("min"));
            replace(&mut all.limits, limits);
            replace(&mut all.requests, requests);
        }
        all
    }

    fn fill(&self, pod: &mut Draft<'a>) {
        let Some(spec) = pod.get("spec").and_then(|spec| spec.as_object()) else {
            return;
        };
        let mut spec = Draft::new(spec, pod.arena);
        let mut written = Vec::new();
        for (list, noun) in [
            ("containers", "container"),
            ("initContainers", "init container"),
        ] {
            let Some(containers) = spec.get(list).and_then(|list| list.as_array()) else {
                continue;
            };
            let filled: Vec<Json<'a>> = containers
                .iter()
                .map(|container| {
                    let filled = self.container(*container, noun, &mut written, &spec);
                    filled.unwrap_or(*container)
                })
                .collect();
            let filled = spec.array(&filled);
            spec.set(list, filled);
        }
        if written.is_empty() {
            return;
        }
        if let Some(spec) = spec.finish() {
            pod.set("spec", spec);
        }
        annotate(pod, &written.join("; "));
    }

    fn container(
        &self,
        container: Json<'a>,
        noun: &str,
        written: &mut Vec<String>,
        spec: &Draft<'a>,
    ) -> Option<Json<'a>> {
        let mut container = Draft::new(container.as_object()?, spec.arena);
        let resources = container.get("resources");
        let resources = resources.and_then(|resources| resources.as_object());
        let resources = resources.unwrap_or_else(|| Object::new(spec.arena, []));
        let mut resources = Draft::new(resources, spec.arena);
        // Requests are told before limits.
        for (list, word, defaults) in [
            ("requests", "request", &self.requests),
            ("limits", "limit", &self.limits),
        ] {
            let present = resources.get(list);
            let mut all: Vec<(&'a str, Json<'a>)> = present
                .as_ref()
                .map_or(&[][..], entries)
                .iter()
                .map(|entry| (entry.key, entry.value))
                .collect();
            let before = all.len();
            add_missing(&mut all, defaults);
            let mut added: Vec<&str> = all.iter().skip(before).map(|(key, _)| *key).collect();
            if added.is_empty() {
                continue;
            }
            added.sort_unstable();
            let name = container.text("name");
            written.push(format!("{} {word} for {noun} {name}", added.join(", ")));
            let all = resources.object(all);
            resources.set(list, all);
        }
        container.set("resources", resources.finish()?);
        container.finish()
    }
}

fn annotate(pod: &mut Draft<'_>, written: &str) {
    let text = format!("LimitRanger plugin set: {written}");
    let text = Json::String(pod.arena.alloc_str(&text));
    let metadata = pod.get("metadata");
    let metadata = metadata.and_then(|metadata| metadata.as_object());
    let metadata = metadata.unwrap_or_else(|| Object::new(pod.arena, []));
    let mut metadata = Draft::new(metadata, pod.arena);
    let annotations = metadata.get("annotations");
    let annotations = annotations.as_ref().map_or(&[][..], entries);
    let annotations = annotations.iter().map(|entry| (entry.key, entry.value));
    let annotations = pod.object(annotations.chain([(ANNOTATION, text)]));
    metadata.set("annotations", annotations);
    if let Some(metadata) = metadata.finish() {
        pod.set("metadata", metadata);
    }
}

type Quantities<'a> = Vec<(&'a str, Json<'a>)>;

fn add_missing<'a>(quantities: &mut Quantities<'a>, defaults: &[(&'a str, Json<'a>)]) {
    for (key, value) in defaults {
        if !quantities.iter().any(|(present, _)| present == key) {
            quantities.push((key, *value));
        }
    }
}

fn replace<'a>(quantities: &mut Quantities<'a>, by: Quantities<'a>) {
    let kept = |(key, _): &(&str, Json<'_>)| !by.iter().any(|(other, _)| other == key);
    quantities.retain(kept);
    quantities.extend(by);
}
