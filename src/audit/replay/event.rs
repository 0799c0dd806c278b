//! One event of an audit log, `audit.k8s.io/v1 Event` (`k8s.io/apiserver/pkg/apis/audit/v1/types.go`).

use admission_cel::json::Json;
use admission_policy::request::{Operation, User};

use crate::audit::objects::text;

/// `apiVersion` of events.
const API_VERSION: &str = "audit.k8s.io/v1";
/// Marks an event from which the objects were taken because it was too large: `truncate.go` of
/// `k8s.io/apiserver/plugin/pkg/audit/truncate`.
const TRUNCATED: &str = "audit.k8s.io/truncated";

/// An event, borrowed from its line.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a>(&'a Json<'a>);

/// What became of a request, as far as it was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing yet: another event of the request follows.
    Received,
    /// It goes on, as a connection does.
    Started,
    /// It was answered.
    Complete,
    /// The API server failed over it.
    Panic,
}

/// What a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Something that admission sees.
    Admitted(Operation),
    /// The same as the update, though the log may hold the change only.
    Patch,
    /// The end of many objects.
    DeleteCollection,
    /// Anything else: reading, or no object at all.
    Other,
}

impl<'a> Event<'a> {
    /// The events of a document: itself, or the items of an `EventList`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn all(document: &'a Json<'a>) -> Result<Vec<Self>, String> {
        let (api_version, kind) = (text(document, "apiVersion"), text(document, "kind"));
        match (api_version, kind) {
            (API_VERSION, "Event") => Self::one(document).map(|event| vec![event]),
            (API_VERSION, "EventList") => {
                let items = document.get("items").and_then(Json::as_array);
                items.unwrap_or_default().iter().map(Self::one).collect()
            }
            _ => Err(format!(
                "expected apiVersion `{API_VERSION}` and kind `Event` or `EventList`, found \
                 `{api_version}` and `{kind}`"
            )),
        }
    }

    /// Items of a list do not say what they are.
    fn one(json: &'a Json<'a>) -> Result<Self, String> {
        for key in ["auditID", "level", "stage", "verb"] {
            if text(json, key).is_empty() {
                return Err(format!("an audit event without `{key}`"));
            }
        }
        Ok(Self(json))
    }

    /// Identifies the request.
    pub fn audit_id(self) -> &'a str {
        text(self.0, "auditID")
    }

    /// When the request was received, in UTC.
    pub fn time(self) -> &'a str {
        match text(self.0, "requestReceivedTimestamp") {
            "" => text(self.0, "stageTimestamp"),
            time => time,
        }
    }

    /// When this stage was reached, in UTC.
    pub fn stage_time(self) -> &'a str {
        text(self.0, "stageTimestamp")
    }

    /// What was done, as logged.
    pub fn verb(self) -> &'a str {
        text(self.0, "verb")
    }

    /// The path and the query of the request.
    pub fn uri(self) -> &'a str {
        text(self.0, "requestURI")
    }

    /// What became of it.
    pub fn stage(self) -> Stage {
        match text(self.0, "stage") {
            "ResponseComplete" => Stage::Complete,
            "ResponseStarted" => Stage::Started,
            "Panic" => Stage::Panic,
            _ => Stage::Received,
        }
    }

    /// Whether the log was told to leave out objects.
    pub fn is_bare(self) -> bool {
        text(self.0, "level") == "Metadata"
    }

    /// What admission noted, by key.
    pub fn annotations(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let annotations = self.0.get("annotations").and_then(Json::as_object);
        let entries = annotations.map_or(&[][..], |annotations| annotations.entries());
        let texts = entries.iter();
        texts.filter_map(|entry| Some((entry.key, entry.value.as_str()?)))
    }

    /// Whether objects were left out because they were too large.
    pub fn is_truncated(self) -> bool {
        self.annotations()
            .any(|annotation| annotation == (TRUNCATED, "true"))
    }

    /// A member of what the request was about.
    pub fn reference(self, key: &str) -> &'a str {
        self.0
            .get("objectRef")
            .map_or("", |reference| text(reference, key))
    }

    /// What the request wants: the verb and, of connections, the subresource (`installer.go` of
    /// `k8s.io/apiserver/pkg/endpoints`).
    pub fn wish(self) -> Wish {
        let subresource = self.reference("subresource");
        let connects = match self.reference("resource") {
            "pods" => ["attach", "exec", "portforward", "proxy"].contains(&subresource),
            "nodes" | "services" => subresource == "proxy",
            _ => false,
        };
        match text(self.0, "verb") {
            _ if self.reference("resource").is_empty() => Wish::Other,
            _ if connects => Wish::Admitted(Operation::Connect),
            "create" => Wish::Admitted(Operation::Create),
            // What is not there yet is created, if the resource allows that.
            "update" if self.has_created() => Wish::Admitted(Operation::Create),
            "update" => Wish::Admitted(Operation::Update),
            "patch" => Wish::Patch,
            "delete" => Wish::Admitted(Operation::Delete),
            "deletecollection" => Wish::DeleteCollection,
            _ => Wish::Other,
        }
    }

    /// The HTTP status of the answer.
    pub fn code(self) -> Option<i64> {
        match self.0.get("responseStatus")?.get("code")? {
            Json::Int(code) => Some(*code),
            _ => None,
        }
    }

    /// Why it was refused, as `metav1.StatusReason`.
    pub fn reason(self) -> &'a str {
        self.0
            .get("responseStatus")
            .map_or("", |status| text(status, "reason"))
    }

    /// Whether the answer says that something is new.
    pub fn has_created(self) -> bool {
        self.code() == Some(201)
    }

    /// Who is taken for the sender: the impersonated user, if there is one.
    pub fn user(self) -> User<'a> {
        let user = self.0.get("impersonatedUser").or(self.0.get("user"));
        let Some(user) = user else {
            return User::default();
        };
        let groups = user.get("groups").and_then(Json::as_array);
        User {
            name: text(user, "username"),
            uid: text(user, "uid"),
            groups: groups
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_str)
                .collect(),
            extra: user
                .get("extra")
                .filter(|extra| extra.as_object().is_some()),
        }
    }

    /// What was sent; of a patch, the patch.
    pub fn request_object(self) -> Option<&'a Json<'a>> {
        let object = self.0.get("requestObject");
        object.filter(|object| object.as_object().is_some())
    }

    /// The object in the answer, if it is one: not a Status, a table or a part of the object.
    pub fn response_object(self) -> Option<&'a Json<'a>> {
        let object = self.0.get("responseObject")?;
        let is_whole = !matches!(
            text(object, "kind"),
            "" | "PartialObjectMetadata" | "Status" | "Table"
        );
        is_whole.then_some(object)
    }
}
