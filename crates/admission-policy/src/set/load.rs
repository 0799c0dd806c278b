//! From documents to policies and bindings that are not yet connected.

use admission_cel::json::{Json, Path};

use super::bindings::{Unbound, binding};
use super::compiled::{MutatingPolicy, ValidatingPolicy};
use super::decode::{Faults, Fields};
use super::digest::canonical;
use super::metadata::{Metadata, metadata};
use super::{Document, mutating, validating};

const GROUP: &str = "admissionregistration.k8s.io";

/// The kinds that make up a policy set. Ordered as the digest orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    MutatingPolicy,
    MutatingBinding,
    ValidatingPolicy,
    ValidatingBinding,
}

const KINDS: &[(&str, Kind)] = &[
    ("MutatingAdmissionPolicy", Kind::MutatingPolicy),
    ("MutatingAdmissionPolicyBinding", Kind::MutatingBinding),
    ("ValidatingAdmissionPolicy", Kind::ValidatingPolicy),
    ("ValidatingAdmissionPolicyBinding", Kind::ValidatingBinding),
];

impl Kind {
    pub(super) fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// The kind of policy that a binding of this kind needs.
    pub(super) fn policy(self) -> Kind {
        match self {
            Kind::MutatingPolicy | Kind::MutatingBinding => Kind::MutatingPolicy,
            Kind::ValidatingPolicy | Kind::ValidatingBinding => Kind::ValidatingPolicy,
        }
    }
}

/// One policy or binding of a document, with everything that is wrong with it.
pub(super) struct Loaded<'d> {
    pub(super) document: Document<'d>,
    /// Where in the document it is; not the root inside a `List`.
    pub(super) root: Path,
    pub(super) kind: Kind,
    /// Empty when it is missing or not a name.
    pub(super) name: String,
    pub(super) canonical: String,
    pub(super) content: Content,
    pub(super) faults: Faults<'d>,
}

pub(super) enum Content {
    Validating(Box<ValidatingPolicy>),
    Mutating(Box<MutatingPolicy>),
    Binding(Box<Unbound>),
    /// Too broken to say more.
    Nothing,
}

impl Loaded<'_> {
    /// The path of a field.
    pub(super) fn path(&self, keys: &[&str]) -> Path {
        keys.iter()
            .fold(self.root.clone(), |path, key| path.key(key))
    }
}

/// Reads what a document holds: nothing, one object, or the items of a list.
pub(super) fn load<'d>(document: Document<'d>, minor: u8, into: &mut Vec<Loaded<'d>>) {
    load_at(document, minor, document.json, Path::default(), into);
}

fn load_at<'d>(
    document: Document<'d>,
    minor: u8,
    json: &'d Json<'d>,
    root: Path,
    into: &mut Vec<Loaded<'d>>,
) {
    let text = |key| json.get(key).and_then(|value| value.as_str());
    let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        return;
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if kind == "List" || (group == GROUP && kind.ends_with("List")) {
        let items = json.get("items").and_then(|items| items.as_array());
        for (index, item) in items.unwrap_or_default().iter().enumerate() {
            load_at(document, minor, item, root.key("items").index(index), into);
        }
        return;
    }
    let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        return;
    };
    if group == GROUP {
        let faults = Faults::of(document, minor);
        into.push(read(faults, document, json, root, *kind, api_version));
    }
}

fn read<'d>(
    mut faults: Faults<'d>,
    document: Document<'d>,
    json: &'d Json<'d>,
    root: Path,
    kind: Kind,
    api_version: &str,
) -> Loaded<'d> {
    let mut metadata = Metadata::default();
    let mut content = Content::Nothing;
    if let Some(mut fields) = Fields::open(json, root.clone(), &mut faults) {
        fields.allow(&["apiVersion", "kind"]);
        if matches!(kind, Kind::MutatingPolicy | Kind::ValidatingPolicy) {
            fields.allow(&["status"]);
        }
        let version = api_version.strip_prefix("admissionregistration.k8s.io/");
        if !matches!(version, Some("v1" | "v1beta1" | "v1alpha1")) {
            let reason = format!("`{api_version}` is not supported; use `{GROUP}/v1`");
            faults.add(fields.path("apiVersion"), reason);
        }
        metadata = self::metadata(&mut fields, &mut faults);
        if fields.get("spec").is_none() {
            faults.add(fields.path("spec"), "is required");
        } else if let Some(spec) = fields.child("spec", &mut faults) {
            let must_exist_by_default = version == Some("v1alpha1");
            content = read_spec(spec, kind, &metadata, must_exist_by_default, &mut faults);
        }
        fields.close(&mut faults);
    }
    Loaded {
        document,
        root,
        kind,
        name: metadata.name,
        canonical: canonical(json),
        content,
        faults,
    }
}

fn read_spec(
    spec: Fields<'_>,
    kind: Kind,
    metadata: &Metadata,
    must_exist_by_default: bool,
    faults: &mut Faults<'_>,
) -> Content {
    let bind = |spec, mutating, faults: &mut Faults<'_>| {
        let unbound = binding(spec, metadata, mutating, must_exist_by_default, faults);
        Content::Binding(Box::new(unbound))
    };
    match kind {
        Kind::MutatingPolicy => {
            Content::Mutating(Box::new(mutating::policy(spec, metadata, faults)))
        }
        Kind::ValidatingPolicy => {
            Content::Validating(Box::new(validating::policy(spec, metadata, faults)))
        }
        Kind::MutatingBinding => bind(spec, true, faults),
        Kind::ValidatingBinding => bind(spec, false, faults),
    }
}
