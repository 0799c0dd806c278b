//! What is judged: an object, and the request that would bring it.

use std::ops::{Range, RangeInclusive};

use admission_cel::json::{Json, Path};
use admission_policy::request::{GroupVersionResource, Operation, User};

use super::outcome::{Origin, Place};
use crate::k8s::manifest::{Lines, Manifest, ManifestError};

/// An object to judge, wherever it is from.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The object, as somebody wrote it or as a cluster has it.
    pub object: &'a Json<'a>,
    /// Where it is from.
    pub origin: Origin,
    /// The text that it is in; `None` where findings have no place.
    pub document: Option<Document<'a>>,
    /// Who sends it; `None`: whoever the audit is for, or the controller that made it.
    pub user: Option<User<'a>>,
    /// What is done to it.
    pub operation: Operation,
    /// The object before, of an update.
    pub old_object: Option<&'a Json<'a>>,
    /// What else is known of the request.
    pub details: Details<'a>,
    /// Where it is sent to; `None`: where objects of its kind are.
    pub address: Option<Address<'a>>,
}

/// What is known of a request that somebody sent. Of one that nobody sent, nothing is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Details<'a> {
    /// Whether the object is as admission left it, with nothing to fill in any more.
    pub is_completed: bool,
    /// Why nobody knows the object before, of an update or deletion.
    pub old_object_unknown: Option<&'a str>,
    /// The request's options.
    pub options: Option<&'a Json<'a>>,
    /// Whether it was meant to be stored.
    pub is_stored: bool,
    /// The namespace as it was then, where nothing else says what it is.
    pub namespace: Option<&'a Json<'a>>,
}

/// Where a request is sent to, as its URL says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The resource.
    pub resource: GroupVersionResource<'a>,
    /// The subresource, or empty.
    pub subresource: &'a str,
    /// The namespace; empty for cluster-scoped resources.
    pub namespace: &'a str,
    /// The object's name; may be empty at its creation.
    pub name: &'a str,
}

/// A document of a file, for turning paths into places.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The file.
    pub lines: &'a Lines<'a>,
    /// The document.
    pub manifest: &'a Manifest<'a>,
    /// Where in the document the object is.
    pub base: &'a Path,
}

impl<'a> Candidate<'a> {
    /// The creation of an object by whoever the audit is for.
    pub fn creation(object: &'a Json<'a>, origin: Origin) -> Self {
        Self {
            object,
            origin,
            document: None,
            user: None,
            operation: Operation::Create,
            old_object: None,
            details: Details::default(),
            address: None,
        }
    }
}

impl Document<'_> {
    fn span(&self, path: &Path) -> Option<Range<usize>> {
        let path = self.path(path);
        self.manifest.spans.locate(self.manifest.json, &path)
    }

    /// Of the document, from one of the object.
    fn path(&self, path: &Path) -> Path {
        Path(self.base.0.iter().chain(&path.0).cloned().collect())
    }

    /// The place of a part of the object.
    pub fn place(&self, path: &Path) -> Option<Place> {
        self.span(path).map(|span| Place::of(self.lines, &span))
    }

    /// The lines that must not be shown where a part of the object is confidential.
    pub fn lines_around(&self, path: &Path) -> Option<RangeInclusive<usize>> {
        let path = self.path(path);
        let span = self.manifest.spans.extent(self.manifest.json, &path)?;
        let line = |offset| self.lines.line_and_column(offset).0;
        Some(line(span.start)..=line(span.end.saturating_sub(1)))
    }

    /// What is wrong with a part of the object.
    pub fn error(&self, path: &Path, message: String) -> ManifestError {
        let span = self.span(path).unwrap_or(0..0);
        ManifestError { span, message }
    }
}
