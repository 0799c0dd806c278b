//! Whether a rule covers what is asked, as `pkg/apis/rbac/v1/evaluation_helpers.go` of Kubernetes.

use admission_cel::authorizer::Question;
use k8s_openapi::api::rbac::v1::PolicyRule;

/// Everything.
const ALL: &str = "*";

/// What is asked: to do something to a resource, or to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attributes<'a> {
    /// A resource, whatever its version.
    Resource {
        /// Such as `get`.
        verb: &'a str,
        /// API group.
        group: &'a str,
        /// With the subresource, if any: `pods/log`.
        resource: String,
        /// Empty for none.
        subresource: &'a str,
        /// Empty for all or none.
        namespace: &'a str,
        /// Empty for all.
        name: &'a str,
    },
    /// What is no resource.
    Path {
        /// Such as `get`.
        verb: &'a str,
        /// Such as `/healthz`.
        path: &'a str,
    },
}

impl<'a> Attributes<'a> {
    /// What a question asks for. Selectors narrow a request; RBAC does not look at them.
    pub fn of(question: &Question<'a>) -> Self {
        let Question { verb, .. } = *question;
        match question.path {
            Some(path) => Attributes::Path { verb, path },
            None => Attributes::Resource {
                verb,
                group: question.group,
                resource: match question.subresource {
                    "" => question.resource.to_owned(),
                    subresource => format!("{}/{subresource}", question.resource),
                },
                subresource: question.subresource,
                namespace: question.namespace,
                name: question.name,
            },
        }
    }

    /// The namespace, empty for none.
    pub fn namespace(&self) -> &'a str {
        match self {
            Attributes::Resource { namespace, .. } => namespace,
            Attributes::Path { .. } => "",
        }
    }
}

/// Whether a rule covers it.
pub fn allows(rule: &PolicyRule, asked: &Attributes<'_>) -> bool {
    match asked {
        Attributes::Resource {
            verb,
            group,
            resource,
            subresource,
            name,
            ..
        } => {
            any(Some(&rule.verbs), verb)
                && any(rule.api_groups.as_ref(), group)
                && covers_resource(rule, resource, subresource)
                && covers_name(rule, name)
        }
        Attributes::Path { verb, path } => any(Some(&rule.verbs), verb) && covers_path(rule, path),
    }
}

fn any(granted: Option<&Vec<String>>, asked: &str) -> bool {
    let mut granted = granted.into_iter().flatten();
    granted.any(|granted| granted == ALL || granted == asked)
}

fn covers_resource(rule: &PolicyRule, resource: &str, subresource: &str) -> bool {
    let of_any = |granted: &str| {
        let granted = granted.strip_prefix("*/");
        !subresource.is_empty() && granted == Some(subresource)
    };
    any(rule.resources.as_ref(), resource)
        || rule
            .resources
            .iter()
            .flatten()
            .any(|granted| of_any(granted))
}

fn covers_name(rule: &PolicyRule, name: &str) -> bool {
    match rule.resource_names.as_deref() {
        None | Some([]) => true,
        Some(names) => names.iter().any(|granted| granted == name),
    }
}

fn covers_path(rule: &PolicyRule, path: &str) -> bool {
    let covers = |granted: &String| {
        granted == path || granted.ends_with(ALL) && path.starts_with(granted.trim_end_matches(ALL))
    };
    rule.non_resource_urls.iter().flatten().any(covers)
}
