//! Rights as the RBAC objects of the input grant them.
//!
//! Decides as `plugin/pkg/auth/authorizer/rbac` of Kubernetes, with one difference: the input is a
//! part of what the cluster knows. What it grants is granted. What it does not grant counts as
//! refused, unless it can be seen that something is missing: a binding to a role that nobody gave,
//! or no RBAC at all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::Json;

mod objects;
mod rules;

use self::objects::{Binding, RoleKey, Roles, Subject};
use self::rules::{Attributes, allows};
use super::requester::Requester;

/// Whoever is in it may do everything, whatever RBAC says (`authorizerfactory.NewPrivilegedGroups`).
const SUPERUSERS: &str = "system:masters";
/// The group and version of the objects that are read.
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

/// The RBAC objects of an input.
#[derive(Debug, Default)]
pub struct Rbac {
    roles: Roles,
    /// By namespace, the empty one for ClusterRoleBindings.
    bindings: BTreeMap<String, Vec<Binding>>,
    has_objects: bool,
}

impl Rbac {
    /// Takes note of a role or binding; other objects are ignored. Objects of no namespace are in
    /// `namespace`.
    pub fn learn<'a>(&mut self, object: &'a Json<'a>, namespace: &str) {
        if super::objects::text(object, "apiVersion") != API_VERSION {
            return;
        }
        if self.roles.learn(object, namespace) {
            self.has_objects = true;
        } else if let Some(binding) = Binding::read(object, namespace) {
            self.has_objects = true;
            let of_namespace = self.bindings.entry(binding.namespace.clone());
            of_namespace.or_default().push(binding);
        }
    }

    /// Computes the rules of aggregated ClusterRoles, once everything is known.
    pub fn aggregate(&mut self) {
        self.roles.aggregate();
        for bindings in self.bindings.values_mut() {
            bindings.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }

    /// Whether somebody may do something.
    pub fn decide(&self, user: &Subject<'_>, asked: &Attributes<'_>) -> Rights {
        if user.groups.contains(&SUPERUSERS) {
            return Rights::Granted(String::new());
        }
        let mut missing = Vec::new();
        let namespaces = match asked.namespace() {
            "" => vec![""],
            namespace => vec!["", namespace],
        };
        let bindings = namespaces
            .into_iter()
            .filter_map(|namespace| self.bindings.get(namespace))
            .flatten();
        for binding in bindings {
            let Some(subject) = binding.subject(user) else {
                continue;
            };
            match self.roles.rules(&binding.role) {
                Some(rules) if rules.iter().any(|rule| allows(rule, asked)) => {
                    let binding = binding.describe(&subject);
                    return Rights::Granted(format!("RBAC: allowed by {binding}"));
                }
                Some(_) => {}
                None => missing.push((binding, &binding.role)),
            }
        }
        match missing.first() {
            Some((binding, role)) => Rights::Unknown(role_is_missing(binding, role)),
            None => Rights::Refused,
        }
    }
}

fn role_is_missing(binding: &Binding, role: &RoleKey) -> String {
    format!(
        "{role}, to which {} {} refers, is not in the input; add its manifest",
        binding.kind(),
        binding.name
    )
}

/// What RBAC says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// A role grants it; how, in Kubernetes' words.
    Granted(String),
    /// No role grants it.
    Refused,
    /// A role that may grant it is not known; which, and what to do.
    Unknown(String),
}

/// Answers for one audit.
#[derive(Debug)]
pub struct InputRights {
    rbac: Rbac,
    is_anybody_named: bool,
    has_refused: AtomicBool,
}

/// Answers about one request.
#[derive(Debug)]
pub struct RequestRights<'r, 'a> {
    rights: &'r InputRights,
    user: &'r admission_policy::request::User<'a>,
    /// Whether the user is known, even where nobody was named: controllers are.
    is_known: bool,
}

impl InputRights {
    /// Rights out of the input, for whoever is named.
    pub fn new(rbac: Rbac, is_anybody_named: bool) -> Self {
        Self {
            rbac,
            is_anybody_named,
            has_refused: AtomicBool::new(false),
        }
    }

    /// Answers for the user of a request. `is_known`: it was not the audit that made the user up.
    pub fn of<'r, 'a>(
        &'r self,
        user: &'r admission_policy::request::User<'a>,
        is_known: bool,
    ) -> RequestRights<'r, 'a> {
        RequestRights {
            rights: self,
            user,
            is_known: is_known || self.is_anybody_named,
        }
    }

    /// Whether something was taken as refused because the input does not grant it.
    pub fn has_refused(&self) -> bool {
        self.has_refused.load(Ordering::Relaxed)
    }
}

impl Authorizer for RequestRights<'_, '_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let name;
        let user = match question.service_account {
            Some((namespace, account)) => {
                name = Requester::service_account(namespace, account);
                Subject::of(&name.user())
            }
            None if !self.is_known => return Answer::Unavailable(nobody_named()),
            None => Subject::of(self.user),
        };
        if !self.rights.rbac.has_objects {
            return Answer::Unavailable(no_rbac(user.name));
        }
        match self.rights.rbac.decide(&user, &Attributes::of(question)) {
            Rights::Granted(reason) => Answer::Decided {
                allowed: true,
                reason,
            },
            Rights::Refused => {
                self.rights.has_refused.store(true, Ordering::Relaxed);
                Answer::Decided {
                    allowed: false,
                    reason: String::new(),
                }
            }
            Rights::Unknown(why) => Answer::Unavailable(why),
        }
    }
}

fn nobody_named() -> String {
    "it depends on the rights of whoever submits the object; say who with --as USER, and give their \
     Roles and bindings"
        .to_owned()
}

fn no_rbac(user: &str) -> String {
    format!(
        "there is neither a Role nor a binding in the input, so the rights of `{user}` are not \
         known; add them: kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml"
    )
}

#[cfg(test)]
mod tests;
