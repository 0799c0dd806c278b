//! The inventory as sections with tables: what Markdown and HTML show.

use std::collections::BTreeSet;

use super::model::{Inventory, ListedCredential, ListedSurface, Named, Runtime, Workload};
use super::words;
use crate::audit::workload::Agent;
use crate::evidence::workload::{Mount, SurfaceKind};
use crate::message::without_controls;
use crate::policy::prose::count;
mod source;

/// What a person reads.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) title: &'static str,
    /// A paragraph each.
    pub(super) introduction: Vec<String>,
    /// What is counted, and how much there is of it.
    pub(super) numbers: Vec<(&'static str, usize)>,
    pub(super) sections: Vec<Section>,
}

/// A part with a heading.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) heading: Line,
    pub(super) facts: Vec<(&'static str, Line)>,
    pub(super) tables: Vec<Table>,
}

/// Rows under headings.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) columns: &'static [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// What stands in a cell, a line each.
pub(super) type Cell = Vec<Line>;
/// Pieces that follow each other.
pub(super) type Line = Vec<Piece>;

/// Words of this program, or of others.
#[derive(Debug)]
pub(super) enum Piece {
    /// Words.
    Text(String),
    /// What stands in an object.
    Code(String),
}

const SURFACES: &[&str] = &[
    "Path",
    "What",
    "Medium",
    "Bounded by",
    "Ends",
    "Who can write",
    "Who else can read",
];
const CREDENTIALS: &[&str] = &["Credential", "Good for", "Ends", "Where", "Who can read"];
const RUNTIME: &[&str] = &["Path", "Medium", "Bounded by", "Ends", "Who can read"];

/// The page about an inventory.
pub(super) fn of(inventory: &Inventory) -> Page {
    let mut sections: Vec<Section> = inventory.workloads.iter().map(workload).collect();
    sections.push(Section {
        heading: text("What every container has besides"),
        facts: Vec::new(),
        tables: vec![Table {
            caption: "Surfaces",
            columns: RUNTIME,
            rows: inventory.runtime.iter().map(runtime).collect(),
        }],
    });
    if !inventory.not_listed.is_empty() {
        let rows = inventory.not_listed.iter();
        let rows = rows.map(|open| vec![cell(code(&open.what)), cell(text(&open.reason))]);
        sections.push(Section {
            heading: text("Not listed"),
            facts: Vec::new(),
            tables: vec![Table {
                caption: "May hold workloads",
                columns: &["What", "Why"],
                rows: rows.collect(),
            }],
        });
    }
    sections.extend(source::logs(&inventory.source));
    Page {
        title: "Writable surfaces and credentials",
        introduction: source::introduction(inventory),
        numbers: numbers(inventory),
        sections,
    }
}

fn numbers(inventory: &Inventory) -> Vec<(&'static str, usize)> {
    let summary = &inventory.summary;
    vec![
        ("different workloads", summary.workloads),
        ("objects", summary.objects),
        ("writable surfaces", summary.surfaces),
        ("surfaces without a bound", summary.surfaces_unbounded),
        (
            "surfaces that outlive the Pod",
            summary.surfaces_outliving_pod,
        ),
        ("credentials", summary.credentials),
        (
            "credentials that outlive the Pod",
            summary.credentials_outliving_pod,
        ),
        (
            "credentials without a stated lifetime",
            summary.credentials_without_lifetime,
        ),
        ("external states of record", summary.externals),
    ]
}

fn workload(workload: &Workload) -> Section {
    let mut tables = Vec::new();
    if !workload.surfaces.is_empty() {
        tables.push(Table {
            caption: "Writable surfaces",
            columns: SURFACES,
            rows: workload.surfaces.iter().map(surface).collect(),
        });
    }
    if !workload.credentials.is_empty() {
        tables.push(Table {
            caption: "Credentials",
            columns: CREDENTIALS,
            rows: workload.credentials.iter().map(credential).collect(),
        });
    }
    Section {
        heading: heading(workload),
        facts: facts(workload),
        tables,
    }
}

fn heading(workload: &Workload) -> Line {
    let objects = &workload.objects;
    let Some(first) = objects.named.first() else {
        return Line::new();
    };
    let mut line = vec![words_of(format!("{} ", first.kind))];
    let name = match &workload.namespace {
        Some(namespace) => format!("{namespace}/{}", first.name),
        None => first.name.clone(),
    };
    line.extend(code(&name));
    if objects.count > 1 {
        line.push(words_of(format!(" and {} more", objects.count - 1)));
    }
    line
}

fn facts(workload: &Workload) -> Vec<(&'static str, Line)> {
    let mut facts = Vec::new();
    let mut fact = |name, line: Line| {
        if !line.is_empty() {
            facts.push((name, line));
        }
    };
    let of = |text: &Option<String>| text.as_deref().map_or_else(Line::new, code);
    match workload.agent {
        Agent::Yes => {}
        Agent::No => fact("Agent", text("no")),
        Agent::Unknown => fact("Agent", text("not known, as its namespace is not")),
    }
    fact("Objects", objects(workload));
    fact("Phase", of(&workload.phase));
    fact("Profile", of(&workload.profile));
    fact("ServiceAccount", of(&workload.account));
    let deadline = match workload.deadline_seconds {
        Some(seconds) => format!("{seconds} s"),
        None => "none".to_owned(),
    };
    fact("Deadline", text(&deadline));
    if let (Some(first), Some(last)) = (workload.first_seen, workload.last_seen) {
        fact("Admitted", text(&format!("{first} to {last}")));
    }
    if workload.surfaces.is_empty() {
        fact("Writable surfaces", text("none of its own"));
    }
    if workload.credentials.is_empty() {
        fact("Credentials", text("none"));
    }
    let externals = workload
        .externals
        .iter()
        .map(|one| code(words::external(one)));
    fact("State of record", joined(externals));
    fact(
        "Findings of policies",
        joined(workload.policies.iter().map(|id| code(id))),
    );
    let cut = workload.truncated.iter().map(|cut| {
        let (kept, of, member) = (cut.kept, cut.of, &cut.member);
        text(&format!("{kept} of {of} in {member}"))
    });
    fact("Not all is listed", joined(cut));
    fact("Digest", code(&workload.digest.to_string()));
    facts
}

/// The objects, if the heading does not say it all.
fn objects(workload: &Workload) -> Line {
    let objects = &workload.objects;
    let named = joined(objects.named.iter().map(object));
    let kinds = objects.kinds.iter();
    let kinds: Vec<String> = kinds.map(|(kind, number)| count(*number, kind)).collect();
    match objects.count - objects.named.len() {
        0 => named,
        more => {
            let rest = format!(", and {more} more ({} in all)", kinds.join(", "));
            named.into_iter().chain([words_of(rest)]).collect()
        }
    }
}

fn object(named: &Named) -> Line {
    let mut line = vec![words_of(format!("{} ", named.kind))];
    line.extend(code(&named.name));
    let details = [("at ", &named.path), ("in ", &named.file)];
    for (word, detail) in details {
        if let Some(detail) = detail {
            line.push(words_of(format!(" {word}")));
            line.extend(code(detail));
        }
    }
    line
}

fn surface(listed: &ListedSurface) -> Vec<Cell> {
    let surface = &listed.surface;
    let mut what = text(words::surface(surface.kind));
    if surface.kind != SurfaceKind::RootFilesystem {
        what.push(words_of(" ".to_owned()));
        what.extend(surface.volume.as_deref().map_or_else(Line::new, code));
    }
    let mut what = vec![what];
    what.extend(surface.volume_type.as_deref().map(text));
    what.extend(surface.source.as_deref().map(code));
    vec![
        places(&surface.mounts),
        what,
        cell(text(words::medium(surface.medium))),
        cell(text(&listed.bound)),
        cell(text(listed.ends)),
        lines(&listed.writers),
        lines(&listed.readers),
    ]
}

fn credential(listed: &ListedCredential) -> Vec<Cell> {
    let credential = &listed.credential;
    let mut what = vec![text(words::credential(credential.kind))];
    what.extend(credential.name.as_deref().map(code));
    let parts = credential.keys.iter().chain(&credential.secrets);
    what.extend(parts.map(|part| code(part)));
    let mut place = places(&credential.mounts);
    place.insert(0, text(words::way(&credential.via)));
    let domain = credential.domain.as_deref();
    vec![
        what,
        cell(domain.map_or_else(|| text("not stated"), code)),
        cell(text(&listed.ends)),
        place,
        lines(&listed.readers),
    ]
}

fn runtime(runtime: &Runtime) -> Vec<Cell> {
    let surface = runtime.surface;
    vec![
        cell(code(surface.path)),
        cell(text(words::medium(surface.medium))),
        cell(text(surface.cap)),
        cell(text(runtime.ends)),
        cell(text(surface.readers)),
    ]
}

/// Where containers find something: each path once, with the part of the volume that is there.
fn places(mounts: &[Mount<'_>]) -> Cell {
    let place = |mount: &'_ Mount<'_>| {
        let path = mount.path.as_deref()?.to_owned();
        Some((path, mount.sub_path.as_deref().map(str::to_owned)))
    };
    let places: BTreeSet<_> = mounts.iter().filter_map(place).collect();
    let line = |(path, part): &(String, Option<String>)| {
        let mut line = code(path);
        if let Some(part) = part {
            line.push(words_of(", from ".to_owned()));
            line.extend(code(part));
        }
        line
    };
    places.iter().map(line).collect()
}

fn lines(texts: &[String]) -> Cell {
    texts.iter().map(|line| text(line)).collect()
}

fn cell(line: Line) -> Cell {
    vec![line]
}

fn text(text: &str) -> Line {
    vec![words_of(text.to_owned())]
}

fn code(text: &str) -> Line {
    match text {
        "" => Line::new(),
        text => vec![Piece::Code(without_controls(text.to_owned()))],
    }
}

fn words_of(text: String) -> Piece {
    Piece::Text(without_controls(text))
}

fn joined(lines: impl Iterator<Item = Line>) -> Line {
    let mut joined = Line::new();
    for line in lines {
        if !joined.is_empty() {
            joined.push(words_of(", ".to_owned()));
        }
        joined.extend(line);
    }
    joined
}
