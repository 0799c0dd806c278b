//! The `authorizer` variable: who may do what, asked of a caller-supplied [`Authorizer`].

/// One authorization question, the fields of a `SubjectAccessReview` that an expression can set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Question<'a> {
    /// `None`: the requester. `Some`: `authorizer.serviceAccount(namespace, name)`.
    pub service_account: Option<(&'a str, &'a str)>,
    /// Set for `authorizer.path(…)`; the resource fields are then empty.
    pub path: Option<&'a str>,
    /// API group, empty for the core group.
    pub group: &'a str,
    /// Resource, plural.
    pub resource: &'a str,
    /// Subresource, or empty.
    pub subresource: &'a str,
    /// Namespace, or empty.
    pub namespace: &'a str,
    /// Object name, or empty for all.
    pub name: &'a str,
    /// Field selector as written, or empty.
    pub field_selector: &'a str,
    /// Label selector as written, or empty.
    pub label_selector: &'a str,
    /// Verb.
    pub verb: &'a str,
}

impl Question<'_> {
    /// Nothing asked yet, by the requester.
    pub const EMPTY: Self = Self {
        service_account: None,
        path: None,
        group: "",
        resource: "",
        subresource: "",
        namespace: "",
        name: "",
        field_selector: "",
        label_selector: "",
        verb: "",
    };
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Allowed or not, with the authorizer's reason.
    Decided {
        /// Whether it is allowed.
        allowed: bool,
        /// Why, in the authorizer's words; may be empty.
        reason: String,
    },
    /// The authorizer failed; `allowed()` is then `false` and `errored()` `true`.
    Failed(String),
    /// Nobody could be asked (offline without RBAC, or a look-up that is still to be made). The
    /// expression fails with this text, and the caller decides what that means.
    Unavailable(String),
}

/// Answers authorization questions. Evaluation is synchronous: a caller whose answers need I/O notes
/// the question, returns [`Answer::Unavailable`], looks it up and evaluates again.
pub trait Authorizer {
    /// Answers one question.
    fn answer(&self, question: &Question<'_>) -> Answer;
}

/// An authorizer that can answer nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoAuthorizer;

impl Authorizer for NoAuthorizer {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        Answer::Unavailable("no authorizer is available".to_owned())
    }
}

/// A value of one of the `kubernetes.authorization` types.
#[derive(Clone, Copy, Debug)]
pub enum AuthorizerValue<'a> {
    /// `authorizer`, or `authorizer.serviceAccount(…)`
    Authorizer(Question<'a>),
    /// `authorizer.path(…)`
    PathCheck(Question<'a>),
    /// `authorizer.group(…)`
    GroupCheck(Question<'a>),
    /// `….resource(…)` and what narrows it
    ResourceCheck(Question<'a>),
    /// `….check(…)`: the answer, its texts in the arena.
    Decision {
        /// Whether it is allowed.
        allowed: bool,
        /// The authorizer's reason; may be empty.
        reason: &'a str,
        /// Why the authorizer failed, if it did.
        error: Option<&'a str>,
    },
}
