//! Findings for code scanning: SARIF 2.1.0 (OASIS), within what GitHub takes.
//!
//! Results are kept until the end, since the rules come first and the gravest are to be kept where
//! there are too many.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::location::{Location, Root};
use super::{About, PROGRAM, Renderer, VERSION};
use crate::audit::outcome::{Found, Origin, Outcome, Place, Severity, State, Subject};
use crate::audit::summary::Summary;
use crate::policy::page::Page;
use crate::policy::prose::count;

mod model;

/// More results are refused by GitHub, which shows the gravest 5,000.
const RESULTS_MAX: usize = 25_000;
/// Notifications of a level; a reader needs the first few.
const NOTIFICATIONS_MAX: usize = 1_000;
/// What paths are relative to, by GitHub's name for it.
const SOURCE_ROOT: &str = "%SRCROOT%";
/// Key of our fingerprints; the number is that of the way to make them.
const FINGERPRINT: &str = "cattlegrid/v1";
/// Where the shipped policies are described.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/policies");

/// Gathers what was found, and prints one run.
pub struct Sarif<'a> {
    about: &'a About<'a>,
    root: Root,
    results: Results,
    unreadable: Notifications,
    not_evaluated: Notifications,
    open: BTreeSet<(String, String)>,
}

/// The gravest results.
#[derive(Default)]
struct Results {
    /// By how grave they are, what is let off last.
    by_gravity: BTreeMap<(bool, Severity), Vec<model::Result>>,
    kept: usize,
    left_out: usize,
}

/// The first few notifications.
#[derive(Default)]
struct Notifications {
    kept: Vec<model::Notification>,
    left_out: usize,
}

impl<'a> Sarif<'a> {
    /// A renderer.
    pub fn new(about: &'a About<'a>) -> Self {
        Self {
            about,
            root: Root::of_current_directory(),
            results: Results::default(),
            unreadable: Notifications::default(),
            not_evaluated: Notifications::default(),
            open: BTreeSet::new(),
        }
    }
}

impl Renderer for Sarif<'_> {
    fn add(&mut self, outcome: &Outcome, _output: &mut dyn Write) -> io::Result<()> {
        let Outcome {
            origin,
            subject,
            state,
            ..
        } = outcome;
        let location =
            |place: Option<&Place>, path: &str| self.location(origin, subject, place, path);
        match state {
            State::Unreadable { message, place } => {
                let locations = vec![location(place.as_ref(), "")];
                let text = format!("{}: {message}", origin.name());
                let notification = model::Notification::new("unreadable", "error", text, locations);
                self.unreadable.add(notification);
            }
            State::NotEvaluated { reason } => {
                let locations = vec![location(None, "")];
                let text = format!("{subject}: not evaluated: {reason}");
                let notification = self.open_question(text, locations);
                self.not_evaluated.add(notification);
            }
            State::Judged { findings, .. } => {
                for found in findings {
                    if let Some(reason) = found.open_question() {
                        let question = (found.finding.policy.to_string(), reason.to_owned());
                        // Once: it says nothing about this object.
                        if self.open.insert(question) {
                            let text = format!("{}: not evaluated: {reason}", found.finding.policy);
                            let notification = self.open_question(text, Vec::new());
                            self.not_evaluated.add(notification);
                        }
                        continue;
                    }
                    let path = found.path();
                    let location = self.location(origin, subject, found.place.as_ref(), &path);
                    self.results.add(found, result(found, &path, location));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        let log = self.log(summary);
        serde_json::to_writer_pretty(&mut *output, &log)?;
        output.write_all(b"\n")
    }
}

impl Sarif<'_> {
    fn location(
        &self,
        origin: &Origin,
        subject: &Subject,
        place: Option<&Place>,
        path: &str,
    ) -> model::Location {
        let file = origin.file().map(|file| self.root.locate(file));
        model::Location {
            physical_location: file.map(|location| model::PhysicalLocation {
                artifact_location: model::ArtifactLocation {
                    uri: location.uri(),
                    uri_base_id: matches!(location, Location::Inside(_)).then_some(SOURCE_ROOT),
                },
                // Code scanning takes no result without a line.
                region: place.map_or(model::Region::start(), |place| model::Region {
                    start_line: place.line,
                    start_column: place.column,
                    end_column: place.end_column,
                }),
            }),
            logical_locations: logical_locations(subject, path),
        }
    }

    fn open_question(&self, text: String, locations: Vec<model::Location>) -> model::Notification {
        let level = if self.about.threshold.strict {
            "error"
        } else {
            "note"
        };
        model::Notification::new("not-evaluated", level, text, locations)
    }

    fn log(&mut self, summary: &Summary) -> model::Log {
        let results = std::mem::take(&mut self.results);
        let (mut kept, left_out) = (Vec::with_capacity(results.kept), results.left_out);
        kept.extend(results.by_gravity.into_values().flatten());
        let names: BTreeSet<&str> = kept.iter().map(|result| result.rule_id.as_str()).collect();
        let pages = names.iter().filter_map(|name| self.about.policy(name));
        let mut notifications = std::mem::take(&mut self.unreadable).all("inputs");
        notifications.extend(std::mem::take(&mut self.not_evaluated).all("remarks"));
        if left_out > 0 {
            let text = format!(
                "{} left out, the least grave: code scanning takes {RESULTS_MAX}; -o json has all",
                count(left_out, "result")
            );
            let notification = model::Notification::new("left-out", "warning", text, Vec::new());
            notifications.push(notification);
        }
        let exit_code = summary.exit_code(self.about.threshold);
        let rules = pages.map(rule).collect();
        model::Log::new(model::Run {
            tool: model::Tool::new(PROGRAM, VERSION, env!("CARGO_PKG_REPOSITORY"), rules),
            invocations: vec![model::Invocation {
                execution_successful: exit_code < 2,
                exit_code,
                start_time_utc: self.about.now.to_string(),
                tool_execution_notifications: notifications,
            }],
            column_kind: "unicodeCodePoints",
            results: kept,
        })
    }
}

impl Results {
    fn add(&mut self, found: &Found, result: model::Result) {
        let is_let_off = found.is_accepted || found.severity == Severity::Excepted;
        let gravity = (is_let_off, found.action);
        if self.kept >= RESULTS_MAX {
            self.left_out += 1;
            let least = self.by_gravity.last_entry();
            match least {
                Some(mut least) if *least.key() > gravity => {
                    least.get_mut().pop();
                    if least.get().is_empty() {
                        least.remove();
                    }
                    self.kept -= 1;
                }
                _ => return,
            }
        }
        self.kept += 1;
        self.by_gravity.entry(gravity).or_default().push(result);
    }
}

impl Notifications {
    fn add(&mut self, notification: model::Notification) {
        match self.kept.len() < NOTIFICATIONS_MAX {
            true => self.kept.push(notification),
            false => self.left_out += 1,
        }
    }

    fn all(mut self, what: &str) -> Vec<model::Notification> {
        if self.left_out > 0 {
            let text = format!("{} more {what} like these", self.left_out);
            let level = self.kept.first().map_or("note", |first| first.level);
            let more = model::Notification::new("left-out", level, text, Vec::new());
            self.kept.push(more);
        }
        self.kept
    }
}

fn result(found: &Found, path: &str, location: model::Location) -> model::Result {
    let finding = &found.finding;
    let text = match path {
        "" => finding.message.clone(),
        path => format!("{path}: {}", finding.message),
    };
    let mut suppressions = Vec::new();
    if let (Severity::Excepted, Some(exception)) = (found.severity, &finding.exception) {
        suppressions.push(model::Suppression::external(format!(
            "PolicyException {} until {}: {} ({})",
            exception.name, exception.expires, exception.reason, exception.owner
        )));
    }
    if found.is_accepted {
        let text = "listed in the file of accepted findings";
        suppressions.push(model::Suppression::external(text.to_owned()));
    }
    model::Result {
        rule_id: finding.policy.to_string(),
        level: level(found.action),
        message: model::Message { text },
        locations: vec![location],
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, found.identity.fingerprint.clone())]),
        suppressions,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
        Severity::Audit | Severity::Excepted => "note",
    }
}

/// The object, and the field in it.
fn logical_locations(subject: &Subject, path: &str) -> Vec<model::LogicalLocation> {
    if subject.kind.is_empty() {
        return Vec::new();
    }
    let object = subject.to_string();
    let field = (!path.is_empty()).then(|| model::LogicalLocation {
        name: path.to_owned(),
        fully_qualified_name: format!("{object}/{path}"),
        kind: "member",
    });
    let object = model::LogicalLocation {
        name: subject.name.clone(),
        fully_qualified_name: object,
        kind: "object",
    };
    field.into_iter().chain([object]).collect()
}

fn rule(page: Page) -> model::Rule {
    let text = |text: String| (!text.is_empty()).then_some(model::Message { text });
    let is_shipped = crate::load::embedded_policies()
        .iter()
        .any(|source| source.name.ends_with(&format!("/{}/policy.yaml", page.id)));
    let help = [&page.rationale, &page.remediation];
    let help: Vec<&str> = help.into_iter().map(|text| text.trim()).collect();
    let tags = page.controls.iter().map(|control| control.id.clone());
    model::Rule {
        help: (!help.concat().is_empty()).then(|| model::Help {
            text: help.join("\n\n").trim().to_owned(),
            markdown: markdown(&page),
        }),
        help_uri: is_shipped.then(|| format!("{PAGES}/{}.md", page.id)),
        default_configuration: model::Configuration {
            level: if page.only_warns() {
                "warning"
            } else {
                "error"
            },
        },
        properties: model::Properties {
            tags: ["security", "kubernetes"]
                .map(str::to_owned)
                .into_iter()
                .chain(tags)
                .collect(),
            precision: "very-high",
        },
        short_description: text(page.title),
        full_description: text(page.rationale),
        id: page.id,
    }
}

fn markdown(page: &Page) -> String {
    let controls: Vec<&str> = page.controls.iter().map(|c| c.id.as_str()).collect();
    let parts = [
        ("Why", page.rationale.clone()),
        ("What to do", page.remediation.clone()),
        ("Supports", controls.join(", ")),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let parts: Vec<String> = parts
        .map(|(title, text)| format!("**{title}.** {text}"))
        .collect();
    parts.join("\n\n")
}
#[cfg(test)]
mod tests;
