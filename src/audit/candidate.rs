//! What is judged: an object, and the request that would bring it.

use admission_cel::json::{Json, Path};
use admission_policy::request::{GroupVersionResource, Operation, User};

use super::outcome::{Origin, Place};
use crate::k8s::manifest::{Manifest, ManifestError};
use crate::load::Source;

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
    /// Where it is sent to; `None`: where objects of its kind are.
    pub address: Option<Address<'a>>,
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
    pub source: &'a Source,
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
            address: None,
        }
    }
}

impl Document<'_> {
    fn span(&self, path: &Path) -> Option<std::ops::Range<usize>> {
        let path = Path(self.base.0.iter().chain(&path.0).cloned().collect());
        self.manifest.spans.locate(self.manifest.json, &path)
    }

    /// The place of a part of the object.
    pub fn place(&self, path: &Path) -> Option<Place> {
        self.span(path)
            .map(|span| Place::of(&self.source.text, &span))
    }

    /// What is wrong with a part of the object.
    pub fn error(&self, path: &Path, message: String) -> ManifestError {
        let span = self.span(path).unwrap_or(0..0);
        ManifestError { span, message }
    }
}
