//! What an audit log says of our webhooks. The API server puts a webhook's name before the annotations
//! that it returns, and marks what went on without its answer: `dispatcher.go` of
//! `k8s.io/apiserver/pkg/admission/plugin/webhook/{mutating,validating}`.

use std::collections::BTreeMap;
use std::path::Path;

use admission_cel::json::{Json, ParseOptions};
use admission_cel::value::Timestamp;
use anyhow::Context as _;
use bumpalo::Bump;

use crate::audit::replay::event::{Event, Stage};
use crate::audit::replay::open;
use crate::evidence::digest::Digest;
use crate::generate::webhooks::DOMAIN;
use crate::message::without_controls;
use crate::serve::{EVIDENCE, EVIDENCE_LOST};

/// Keys begin so where a webhook did not answer and its `failurePolicy` is `Ignore`; the value is its
/// name.
const FAILED_OPEN: [&str; 2] = [
    "failed-open.validating.webhook.admission.k8s.io/",
    "failed-open.mutation.webhook.admission.k8s.io/",
];

/// What nobody can create in an agent namespace without being judged: no condition of the webhooks
/// leaves it out.
const ALWAYS_JUDGED: [&str; 3] = ["cronjobs.batch", "jobs.batch", "pods"];

/// A request of an audit log.
#[derive(Clone, Debug)]
pub struct Request {
    /// File and line.
    pub place: String,
    /// Who did what when.
    pub text: String,
    /// When it was received.
    pub time: Timestamp,
    /// When it was answered, as far as that is known.
    pub answered: Timestamp,
    pub namespace: String,
    /// Why it was not carried out; none where it was, or where that is not known.
    pub refusal: Option<String>,
    pub is_carried_out: bool,
}

/// What is remembered of audit logs.
#[derive(Debug, Default)]
pub struct Events {
    /// Names of the files.
    pub files: Vec<String>,
    /// How many requests there are.
    pub requests: usize,
    /// When the first and the last was received.
    pub span: Option<(Timestamp, Timestamp)>,
    /// By the record that an event names.
    pub naming: BTreeMap<Digest, Request>,
    /// Carried out though we said that the record is lost, by ID: of a connection, beginning and end
    /// are logged.
    pub lost: BTreeMap<String, Request>,
    /// Carried out without the answer of a webhook of ours, by ID and the webhook's name.
    pub failed_open: BTreeMap<(String, String), Request>,
    /// What was created, by namespace and resource, in order: `None` where it was judged.
    created: BTreeMap<(String, String), Vec<Option<Request>>>,
}

impl Events {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no audit log.
    pub fn read(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = path.display();
        self.files.push(name.to_string());
        let mut lines =
            open(path).map_err(|why| anyhow::anyhow!("the audit log `{name}`: {why}"))?;
        let options = ParseOptions {
            skip_managed_fields: true,
        };
        let context = |number| format!("the audit log `{name}` cannot be read at line {number}");
        let mut number = 0;
        while let Some(line) = lines.next_document().with_context(|| context(number + 1))? {
            number = line.number;
            let arena = Bump::new();
            let document = match Json::parse_with(&line.bytes, &arena, options) {
                // The last line of a log that is being written.
                Err(_) if !line.is_ended => continue,
                document => document.with_context(|| context(number))?,
            };
            let events = Event::all(document).map_err(anyhow::Error::msg);
            for event in events.with_context(|| context(number))? {
                self.add(event, format!("{name}:{number}"));
            }
        }
        Ok(())
    }

    fn add(&mut self, event: Event<'_>, place: String) {
        let Some(time) = Timestamp::from_rfc3339(event.time()) else {
            return;
        };
        match event.stage() {
            Stage::Received => return,
            Stage::Started => {}
            Stage::Complete | Stage::Panic => self.requests += 1,
        }
        let span = self.span.unwrap_or((time, time));
        self.span = Some((span.0.min(time), span.1.max(time)));
        let ours: Vec<(&str, &str)> = event
            .annotations()
            .filter_map(|(key, value)| {
                let (webhook, key) = key.split_once('/')?;
                is_ours(webhook).then_some((key, value))
            })
            .collect();
        let request = || Request::of(event, place.clone(), time);
        for (_, value) in ours.iter().filter(|(key, _)| *key == EVIDENCE) {
            if let Some(leaf) = Digest::parse(value) {
                self.naming.insert(leaf, request());
            }
        }
        if !is_carried_out(event) {
            return;
        }
        let id = || event.audit_id().to_owned();
        if ours.iter().any(|(key, _)| *key == EVIDENCE_LOST) {
            self.lost.insert(id(), request());
        }
        let failed_open = event.annotations().filter(|(key, webhook)| {
            FAILED_OPEN.iter().any(|begin| key.starts_with(begin)) && is_ours(webhook)
        });
        let mut is_known = !ours.is_empty();
        for (_, webhook) in failed_open {
            is_known = true;
            let webhook = without_controls(webhook.to_owned());
            self.failed_open.insert((id(), webhook), request());
        }
        let resource = resource(event);
        if event.verb() == "create" && ALWAYS_JUDGED.contains(&resource.as_str()) {
            let of = (event.reference("namespace").to_owned(), resource);
            let request = (!is_known).then(request);
            self.created.entry(of).or_default().push(request);
        }
    }

    /// Creations that nobody judged, between others that were.
    pub fn unjudged(&self) -> Vec<&Request> {
        let between = self.created.values().flat_map(|created| {
            let first = created.iter().position(Option::is_none);
            let last = created.iter().rposition(Option::is_none);
            let between = first
                .zip(last)
                .and_then(|(first, last)| created.get(first..last));
            between.unwrap_or_default().iter().flatten()
        });
        between.collect()
    }
}

/// Whether a webhook is one that `cattlegrid generate webhooks` makes, by its name.
fn is_ours(webhook: &str) -> bool {
    let name = webhook.strip_suffix(DOMAIN);
    name.is_some_and(|name| name.ends_with('.'))
}

/// As kubectl writes it.
fn resource(event: Event<'_>) -> String {
    let mut text = event.reference("resource").to_owned();
    for (separator, part) in [('.', "apiGroup"), ('/', "subresource")] {
        if !event.reference(part).is_empty() {
            text.push(separator);
            text.push_str(event.reference(part));
        }
    }
    text
}

fn is_carried_out(event: Event<'_>) -> bool {
    event.stage() != Stage::Panic && event.code().is_some_and(|code| code < 400)
}

impl Request {
    fn of(event: Event<'_>, place: String, time: Timestamp) -> Self {
        let names = [event.reference("namespace"), event.reference("name")];
        let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
        let what = format!("{} {} {}", event.verb(), resource(event), names.join("/"));
        let (what, user) = (what.trim_end(), event.user().name);
        let text = format!("`{what}` by {user} at {}", event.time());
        let refused = event.code().filter(|code| *code >= 400);
        Self {
            place,
            text: without_controls(text),
            time,
            answered: Timestamp::from_rfc3339(event.stage_time()).unwrap_or(time),
            namespace: event.reference("namespace").to_owned(),
            refusal: refused.map(|code| match event.reason() {
                "" => code.to_string(),
                reason => without_controls(reason.to_owned()),
            }),
            is_carried_out: is_carried_out(event),
        }
    }
}
