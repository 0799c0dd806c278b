//! PolicyExceptions as the program reads them: from files, from the input of an audit, from the
//! cluster. One that is malformed has no effect and is told; the others keep theirs.

use std::collections::{BTreeMap, BTreeSet};

use admission_cel::value::Timestamp;
use admission_policy::exception::{Exception, Exceptions};
use admission_policy::set::{Document, LoadError, PolicySet, exceptions as read_document};
use bumpalo::Bump;

use crate::k8s::manifest::{self, Manifest};
use crate::load::{Source, at};

/// `kind` of a PolicyException.
pub const KIND: &str = "PolicyException";

/// Seconds before its expiry from which on users are warned.
const SOON_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The usable exceptions.
    pub exceptions: Exceptions,
    /// Why others are not used; one line each, with file, line and column.
    pub problems: Vec<String>,
}

/// Reads files that are meant to hold exceptions, alone or beside other objects: one that holds
/// none is a problem, as is a document that cannot be read.
pub fn of_files(files: &[Source]) -> Reading {
    read(files.iter().map(|file| (file, Purpose::Exceptions)))
}

/// Reads objects of the cluster, one per source: nobody wrote their texts, so problems are told
/// without line and column.
pub fn of_cluster(objects: &[Source]) -> Reading {
    read(objects.iter().map(|object| (object, Purpose::Cluster)))
}

/// Reads the exceptions in `files`, and those among other manifests; what cannot be read of the
/// latter is told when it is judged.
pub fn of_input(files: &[Source], manifests: &[Source]) -> Reading {
    let files = files.iter().map(|file| (file, Purpose::Exceptions));
    read(files.chain(manifests.iter().map(|file| (file, Purpose::Anything))))
}

#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Exceptions,
    Anything,
    Cluster,
}

fn read<'s>(sources: impl Iterator<Item = (&'s Source, Purpose)>) -> Reading {
    let mut found = Found::default();
    for (source, purpose) in sources {
        if purpose == Purpose::Exceptions || source.text.contains(KIND) {
            found.read(source, purpose);
        }
    }
    found.reading()
}

#[derive(Default)]
struct Found {
    /// By name; `None` where several differ.
    exceptions: BTreeMap<String, Option<Exception>>,
    problems: Vec<String>,
}

impl Found {
    fn read(&mut self, source: &Source, purpose: Purpose) {
        let arena = Bump::new();
        let mut is_empty = true;
        for manifest in manifest::parse(&source.text, &arena) {
            match manifest {
                Ok(manifest) => is_empty &= !self.read_manifest(source, &manifest, purpose),
                Err(error) if purpose == Purpose::Exceptions => {
                    self.problems
                        .push(at(source, error.span.start, &error.message));
                    is_empty = false;
                }
                Err(_) => {}
            }
        }
        if is_empty && purpose == Purpose::Exceptions {
            let problem = format!("{}: no {KIND} here", source.name);
            self.problems.push(problem);
        }
    }

    /// Whether there was one, usable or not.
    fn read_manifest(
        &mut self,
        source: &Source,
        manifest: &Manifest<'_>,
        purpose: Purpose,
    ) -> bool {
        let document = Document {
            source: &source.name,
            index: manifest.index,
            json: manifest.json,
        };
        let found = read_document(document);
        let any = !found.is_empty();
        for exception in found {
            match exception {
                Ok(exception) => self.add(source, exception),
                Err(errors) => self
                    .problems
                    .extend(errors.iter().map(|error| match purpose {
                        Purpose::Cluster => error.to_string(),
                        _ => problem(source, manifest, error),
                    })),
            }
        }
        any
    }

    /// The same exception twice is one: the file may be given and lie in the input, too.
    fn add(&mut self, source: &Source, exception: Exception) {
        let name = exception.name.clone();
        match self.exceptions.get_mut(&name) {
            None => {
                self.exceptions.insert(name, Some(exception));
            }
            Some(Some(known)) if *known == exception => {}
            Some(known) => {
                *known = None;
                let source = &source.name;
                let problem = format!(
                    "{source}: another {KIND} `{name}` says something else; neither has an effect"
                );
                self.problems.push(problem);
            }
        }
    }

    fn reading(mut self) -> Reading {
        // A file that is given and lies in the input, too, is wrong in one way.
        let mut told = BTreeSet::new();
        self.problems.retain(|problem| told.insert(problem.clone()));
        Reading {
            exceptions: Exceptions::new(self.exceptions.into_values().flatten()),
            problems: self.problems,
        }
    }
}

fn problem(source: &Source, manifest: &Manifest<'_>, error: &LoadError) -> String {
    let span = manifest.spans.locate(manifest.json, &error.path);
    let start = span.map_or(0, |span| span.start);
    at(source, start, &format!("{}: {}", error.path, error.reason))
}

/// What is allowed and without effect, one line each.
pub fn warnings(exceptions: &Exceptions, set: &PolicySet, now: Timestamp) -> Vec<String> {
    let expired = exceptions
        .iter()
        .filter(|exception| exception.is_expired(now))
        .map(expired);
    let pointless = exceptions.iter().flat_map(|exception| {
        let name = &exception.name;
        exception.policies.iter().filter_map(move |policy| {
            let found = set
                .policies()
                .find(|known| *known.definition.name == **policy);
            match found {
                None => Some(format!("{KIND} `{name}`: there is no policy `{policy}`")),
                Some(found) if found.mutating => Some(format!(
                    "{KIND} `{name}`: policy `{policy}` fills in and refuses nothing, so there is \
                     nothing to except from it"
                )),
                Some(_) => None,
            }
        })
    });
    expired.chain(pointless).collect()
}

/// Says that an exception has no effect any more.
pub fn expired(exception: &Exception) -> String {
    format!(
        "{KIND} `{}` expired at {} and has no effect; have {} renew or delete it",
        exception.name, exception.expires, exception.owner
    )
}

/// Whether users should hear of the expiry: within a week.
pub fn expires_soon(exception: &Exception, now: Timestamp) -> bool {
    exception.expires.seconds.saturating_sub(now.seconds) < SOON_SECONDS
}

#[cfg(test)]
mod tests;
