//! Judging the objects of a text.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use admission_cel::json::Json;
use bumpalo::Bump;
use rayon::prelude::*;

use super::candidate::{Candidate, Document};
use super::examine::{Examiner, unreadable};
use super::inputs::Input;
use super::objects::{Found, objects};
use super::outcome::{Origin, Outcome, State, Subject};
use crate::k8s::manifest::{self, Lines};

/// How many objects of a file are judged one after the other at least, in a List or in documents:
/// threads are to share a dump of a cluster, not every Deployment with its Service.
const OBJECTS_TOGETHER: usize = 16;

/// What came of an input.
#[derive(Debug, Default)]
pub struct Judged {
    /// Of objects, and of documents that are none or cannot be read.
    pub outcomes: Vec<Outcome>,
    /// Documents that have nothing to do with Kubernetes.
    pub foreign: usize,
}

impl Judged {
    fn one(origin: &Origin, state: State) -> Self {
        Self {
            outcomes: vec![Outcome {
                origin: origin.clone(),
                subject: Subject::default(),
                state,
                workload: None,
            }],
            foreign: 0,
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.outcomes.extend(other.outcomes);
        self.foreign += other.foreign;
        self
    }
}

impl Examiner<'_> {
    /// Judges every object of an input, in order.
    pub fn input(&self, input: &Input) -> Judged {
        let origin = Origin::File(Arc::from(input.name()));
        let source = match input.read() {
            Ok(source) => source,
            Err(message) => {
                let place = None;
                return Judged::one(&origin, State::Unreadable { message, place });
            }
        };
        let lines = Lines::of(&source.text);
        let documents: Vec<_> = manifest::documents(&source.text).collect();
        documents
            .par_iter()
            .with_min_len(OBJECTS_TOGETHER)
            .map(|range| self.document(input, &lines, range.clone(), &origin))
            .fold(Judged::default, Judged::add)
            .reduce(Judged::default, Judged::add)
    }

    fn document(
        &self,
        input: &Input,
        lines: &Lines<'_>,
        range: Range<usize>,
        of_input: &Origin,
    ) -> Judged {
        let text = lines.text().get(range.clone()).unwrap_or_default();
        let origin = match input.origin_of(text) {
            Some(name) => Origin::File(Arc::from(name)),
            None => of_input.clone(),
        };
        let arena = Bump::new();
        let manifest = match manifest::parse_document(lines.text(), range, 0, &arena) {
            None => return Judged::default(),
            Some(Ok(manifest)) => manifest,
            Some(Err(error)) => return Judged::one(&origin, unreadable(lines, error)),
        };
        if input.is_mixed() && is_foreign(manifest.json) {
            return Judged {
                foreign: 1,
                ..Judged::default()
            };
        }
        let judge = |object: &Found<'_>| {
            self.candidate(&Candidate {
                document: Some(Document {
                    lines,
                    manifest: &manifest,
                    base: &object.path,
                }),
                ..Candidate::creation(object.json, origin.clone())
            })
        };
        let objects = objects(manifest.json);
        let objects = objects.par_iter().with_min_len(OBJECTS_TOGETHER);
        let mut outcomes: Vec<Outcome> = objects.map(judge).collect();
        hide_confidential_lines(&mut outcomes);
        Judged {
            outcomes,
            foreign: 0,
        }
    }
}

/// A line that must not be shown for one finding is shown for nothing else: JSON may have many
/// objects on a line.
fn hide_confidential_lines(outcomes: &mut [Outcome]) {
    let findings = outcomes.iter().flat_map(Outcome::findings);
    let hidden = findings.filter_map(|found| found.hidden_lines.clone());
    let hidden: BTreeSet<usize> = hidden.flatten().collect();
    if hidden.is_empty() {
        return;
    }
    let places = outcomes.iter_mut().flat_map(Outcome::places_mut);
    for place in places.filter(|place| hidden.contains(&place.line)) {
        place.excerpt = None;
    }
}

/// Whether a document is about something else than Kubernetes: nothing in it looks as if it were to
/// say its version or kind, misspelt or not.
fn is_foreign(document: &Json<'_>) -> bool {
    let Some(object) = document.as_object() else {
        return true;
    };
    let has = |test: &dyn Fn(&str) -> bool| object.entries().iter().any(|entry| test(entry.key));
    let looks_like = |known: &str| {
        has(&|key| strsim::damerau_levenshtein(&key.to_ascii_lowercase(), known) <= 1)
    };
    let is_named = |known: &str| has(&|key| key == known);
    let says_kind = looks_like("apiversion") || looks_like("kind");
    let is_shaped = is_named("metadata") && (is_named("spec") || is_named("data"));
    !(says_kind || is_shaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_meant_as_an_object_is_none_of_something_else() {
        for (text, expected) in [
            ("services: {web: {image: x}}", true),
            ("on: push\njobs: {}", true),
            ("[1, 2]", true),
            ("text", true),
            ("{name: x, version: 1.0.0}", true),
            ("apiVersion: v1", false),
            ("Kind: Pod", false),
            ("apiversion: v1\nknd: Pod", false),
            ("apiVersoin: v1\nspec: {}", false),
            ("metadata: {name: x}\nspec: {}", false),
        ] {
            let arena = Bump::new();
            let manifest = manifest::parse(text, &arena).next().unwrap().unwrap();
            assert_eq!(is_foreign(manifest.json), expected, "{text}");
        }
    }
}
