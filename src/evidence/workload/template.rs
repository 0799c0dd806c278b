//! The Pod templates of Kubernetes' own kinds.

use admission_cel::json::Json;

/// One Pod template, or a Pod.
#[derive(Clone, Copy, Debug)]
pub struct PodTemplate<'a> {
    /// Where the Pod spec is.
    pub path: &'static str,
    /// The Pod spec.
    pub spec: &'a Json<'a>,
    /// Metadata of the object and of each template in it, outermost first, where there is any.
    pub levels: [Option<&'a Json<'a>>; 3],
    /// The Job spec around it, if there is one.
    pub job_spec: Option<&'a Json<'a>>,
    /// `volumeClaimTemplates` of a StatefulSet.
    pub claim_templates: &'a [Json<'a>],
}

/// An object, and what it says of its Pods.
#[derive(Clone, Copy, Debug)]
pub struct Templated<'a> {
    /// The object.
    pub object: &'a Json<'a>,
    /// Its Pod template; `None` for kinds that have none, and for kinds that this build does not know:
    /// their Pods are judged and recorded.
    pub template: Option<PodTemplate<'a>>,
}

impl<'a> Templated<'a> {
    /// Looks for the Pod template of an object.
    pub fn of(object: &'a Json<'a>) -> Self {
        Self {
            object,
            template: template(object),
        }
    }

    /// The value of a label on the outermost level of the object or its template that has it.
    pub fn outermost_label(&self, key: &str) -> Option<&'a str> {
        outermost(&self.levels(), "labels", key)
    }

    /// The value of an annotation on the outermost level of the object or its template that has it.
    pub fn outermost_annotation(&self, key: &str) -> Option<&'a str> {
        outermost(&self.levels(), "annotations", key)
    }

    /// The ServiceAccount of the object's Pods.
    pub fn account(&self) -> Option<&'a str> {
        text(self.template?.spec, "serviceAccountName")
    }

    /// The object's own metadata where it has no Pod template.
    fn levels(&self) -> [Option<&'a Json<'a>>; 3] {
        match self.template {
            Some(template) => template.levels,
            None => [self.object.get("metadata"), None, None],
        }
    }
}

fn template<'a>(object: &'a Json<'a>) -> Option<PodTemplate<'a>> {
    let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let (group, _) = text("apiVersion").split_once('/').unwrap_or_default();
    let (path, holder) = shape(group, text("kind"))?;
    let template = object.at(holder)?;
    let metadata = |holder: Option<&'a Json<'a>>| holder?.get("metadata");
    let inner = (!holder.is_empty()).then_some(template);
    Some(PodTemplate {
        path,
        spec: template.get("spec")?,
        levels: [
            metadata(Some(object)),
            metadata(object.at(&["spec", "jobTemplate"])),
            metadata(inner),
        ],
        job_spec: match text("kind") {
            "Job" => object.get("spec"),
            "CronJob" => object.at(&["spec", "jobTemplate", "spec"]),
            _ => None,
        },
        claim_templates: items(object.at(&["spec", "volumeClaimTemplates"])),
    })
}

/// Whether objects of a kind have a Pod template.
pub fn runs_pods(group: &str, kind: &str) -> bool {
    shape(group, kind).is_some()
}

/// Where a kind has its Pod spec, and what holds it.
fn shape(group: &str, kind: &str) -> Option<(&'static str, &'static [&'static str])> {
    match (group, kind) {
        ("", "Pod") => Some(("spec", &[])),
        ("", "PodTemplate") => Some(("template.spec", &["template"])),
        ("batch", "Job") | ("", "ReplicationController") => {
            Some(("spec.template.spec", &["spec", "template"]))
        }
        ("batch", "CronJob") => Some((
            "spec.jobTemplate.spec.template.spec",
            &["spec", "jobTemplate", "spec", "template"],
        )),
        ("apps", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet") => {
            Some(("spec.template.spec", &["spec", "template"]))
        }
        _ => None,
    }
}

/// The items of an array; none of anything else.
pub(super) fn items<'a>(node: Option<&'a Json<'a>>) -> &'a [Json<'a>] {
    node.and_then(Json::as_array).unwrap_or_default()
}

/// A text member that is not empty.
pub(super) fn text<'a>(node: &'a Json<'a>, key: &str) -> Option<&'a str> {
    node.get(key)
        .and_then(Json::as_str)
        .filter(|text| !text.is_empty())
}

impl<'a> PodTemplate<'a> {
    /// Init, regular and ephemeral containers, in this order.
    pub fn containers(&self) -> impl Iterator<Item = &'a Json<'a>> + use<'a> {
        let spec = self.spec;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |list| items(spec.get(list)))
    }

    /// Metadata of the Pods.
    pub fn metadata(&self) -> Option<&'a Json<'a>> {
        self.levels.iter().rev().find_map(|level| *level)
    }

    /// The smaller of the Pod's and the Job's deadline.
    pub fn deadline_seconds(&self) -> Option<i64> {
        let of = |spec: &'a Json<'a>| spec.get("activeDeadlineSeconds")?.as_int();
        [Some(self.spec), self.job_spec]
            .into_iter()
            .flatten()
            .filter_map(of)
            .min()
    }

    /// The value of an annotation on the outermost level that has it.
    pub fn outermost_annotation(&self, key: &str) -> Option<&'a str> {
        outermost(&self.levels, "annotations", key)
    }
}

fn outermost<'a>(levels: &[Option<&'a Json<'a>>], map: &str, key: &str) -> Option<&'a str> {
    let mut levels = levels.iter().flatten();
    levels.find_map(|level| level.get(map)?.get(key)?.as_str())
}
