//! The request that the policies judge.

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::{Json, Object, ParseOptions};
use admission_policy::context::{Context, Namespace, Params};
use admission_policy::evaluate::evaluate;
use admission_policy::finding::{Evaluation, Verdict};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use admission_policy::set::{Document, PolicySet};
use anyhow::{Result, anyhow};
use bumpalo::Bump;
use serde_json::json;

use crate::repository::Folder;

/// What the server leaves out, it leaves out here.
pub(crate) const PARSE_OPTIONS: ParseOptions = ParseOptions {
    skip_managed_fields: true,
};

/// Compiles some of the policies.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn compile<'f>(folders: impl IntoIterator<Item = &'f Folder>) -> Result<PolicySet> {
    let arena = Bump::new();
    let mut documents = Vec::new();
    for folder in folders {
        for (index, value) in folder.documents.iter().enumerate() {
            documents.push(Document {
                source: &folder.name,
                index,
                json: arena.alloc(Json::from_serde(value, &arena)),
            });
        }
    }
    PolicySet::compile(&documents).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!(lines.join("\n"))
    })
}

/// A parsed review and everything that its evaluation needs.
pub(crate) struct Situation<'a> {
    request: Request<'a>,
    namespace: Namespace<'a>,
    baseline: &'a Json<'a>,
}

impl<'a> Situation<'a> {
    /// Takes the request out of a review.
    ///
    /// # Errors
    /// A member is missing.
    pub(crate) fn new(
        review: &'a Json<'a>,
        baseline: &'a Json<'a>,
        arena: &'a Bump,
    ) -> Result<Self> {
        let request = review.get("request").ok_or_else(|| anyhow!("no request"))?;
        let text = |path: &[&str]| request.at(path).and_then(Json::as_str).unwrap_or_default();
        let members = request.as_object().map_or(&[][..], Object::entries);
        let variable = members
            .iter()
            .filter(|member| !matches!(member.key, "uid" | "object" | "oldObject"))
            .map(|member| (member.key, member.value));
        let namespace = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": text(&["namespace"]),
                "labels": {"cattlegrid.dev/agents": "enforce"},
            },
        });
        Ok(Self {
            request: Request {
                uid: text(&["uid"]),
                operation: Operation::Create,
                kind: GroupVersionKind {
                    group: text(&["kind", "group"]),
                    version: text(&["kind", "version"]),
                    kind: text(&["kind", "kind"]),
                },
                resource: GroupVersionResource {
                    group: text(&["resource", "group"]),
                    version: text(&["resource", "version"]),
                    resource: text(&["resource", "resource"]),
                },
                subresource: "",
                name: text(&["name"]),
                namespace: text(&["namespace"]),
                user: User::default(),
                object: request.get("object"),
                old_object: None,
                old_object_unknown: None,
                dry_run: false,
                variable: arena.alloc(Json::Object(Object::new(arena, variable))),
            },
            namespace: Namespace::Known(arena.alloc(Json::from_serde(&namespace, arena))),
            baseline,
        })
    }

    /// The object that is submitted.
    pub(crate) fn object(&self) -> &'a Json<'a> {
        self.request.object.unwrap_or(&Json::Null)
    }

    /// The parameter of all policies.
    pub(crate) fn baseline(&self) -> &'a Json<'a> {
        self.baseline
    }

    /// Whether any of the policies judges the request at all.
    pub(crate) fn is_judged(&self, set: &PolicySet, arena: &Bump) -> bool {
        let mut policies = self.evaluate(set, arena).policies.into_iter();
        policies.any(|policy| !policy.verdicts.is_empty() || !policy.findings.is_empty())
    }

    /// Judges the request; everything must pass.
    ///
    /// # Errors
    /// Nothing was judged, or something did not pass.
    pub(crate) fn judge(&self, set: &PolicySet, arena: &Bump) -> Result<()> {
        let evaluation = self.evaluate(set, arena);
        let mut verdicts = evaluation.policies.iter().flat_map(|p| &p.verdicts);
        let passes = evaluation.policies.iter().all(|p| p.findings.is_empty())
            && verdicts.next() == Some(&Verdict::Pass);
        if passes {
            return Ok(());
        }
        Err(anyhow!("the Job must pass: {evaluation:?}"))
    }

    fn evaluate(&self, set: &PolicySet, arena: &Bump) -> Evaluation {
        let context = Context {
            namespace: self.namespace,
            params: &Baseline(self.baseline),
            authorizer: &UseAllowed,
        };
        evaluate(set, &self.request, &context, &|_| false, arena)
    }
}

struct Baseline<'a>(&'a Json<'a>);

impl<'a> Params<'a> for Baseline<'a> {
    fn list(&self, _: &str, _: &str, _: Option<&str>) -> Result<Vec<&'a Json<'a>>, String> {
        Ok(vec![self.0])
    }

    fn namespaced(&self, _: &str, _: &str) -> Option<bool> {
        Some(false)
    }
}

/// Allows verb `use` to everybody, as the other side does: the requester may use the Job's phase.
struct UseAllowed;

impl Authorizer for UseAllowed {
    fn answer(&self, question: &Question<'_>) -> Answer {
        Answer::Decided {
            allowed: question.verb == "use",
            reason: String::new(),
        }
    }
}
