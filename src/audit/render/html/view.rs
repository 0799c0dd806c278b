//! What the templates show. Whatever is inserted is escaped, but for the style, the script and the
//! parts that other templates made.

use askama::Template;

use crate::audit::outcome::{Origin, Place};
use crate::audit::render::{PROGRAM, VERSION};
use crate::audit::summary::{Summary, Threshold};
use crate::policy::page;

/// What all pages share, and what this one adds.
const STYLE: &str = concat!(
    include_str!("../../../page/base.css"),
    include_str!("style.css")
);
const SCRIPT: &str = include_str!("filter.js");

/// The page as a whole.
#[derive(Template)]
#[template(path = "audit/render/html/page.html")]
pub struct Page<'p> {
    pub verdict: &'static str,
    pub in_total: String,
    pub now: String,
    pub tiles: Vec<Tile>,
    pub tables: Vec<Table>,
    pub columns: Vec<&'static str>,
    pub severities: Vec<&'static str>,
    pub choices: Vec<Choice>,
    pub found: usize,
    pub unreadable: &'p [Input],
    /// HTML.
    pub objects: &'p [String],
    pub open: Vec<OpenQuestion<'p>>,
    pub policies: Vec<Policy>,
}

/// A number at the top.
pub struct Tile {
    class: &'static str,
    label: &'static str,
    number: usize,
}

/// Numbers by something.
pub struct Table {
    pub by: &'static str,
    pub rows: Vec<Row>,
}

/// Numbers of one name.
pub struct Row {
    pub name: String,
    pub is_explained: bool,
    pub numbers: Vec<usize>,
}

/// Values to choose one of.
pub struct Choice {
    pub label: &'static str,
    pub name: &'static str,
    pub values: Vec<String>,
}

/// What could not be evaluated, for one reason.
pub struct OpenQuestion<'q> {
    pub reason: &'q str,
    /// Policies, empty for whole objects, each with the objects.
    pub lines: Vec<(&'q str, String)>,
}

/// What there is to tell about a policy.
pub struct Policy {
    pub id: String,
    title: String,
    rationale: String,
    remediation: String,
    controls: String,
}

/// An object with what was found in it.
#[derive(Template)]
#[template(path = "audit/render/html/object.html")]
pub struct Object<'o> {
    pub kind: &'o str,
    pub name: String,
    pub namespace: &'o str,
    pub phase: &'o str,
    pub origin: &'o str,
    /// What else is known of where it is from.
    pub facts: Vec<String>,
    pub notes: &'o [String],
    pub findings: Vec<Finding<'o>>,
    pub mutations: &'o str,
}

/// One finding.
pub struct Finding<'f> {
    pub severity: &'static str,
    pub policy: &'f str,
    pub is_explained: bool,
    pub message: &'f str,
    pub path: String,
    pub place: String,
    pub excerpt: Option<Excerpt>,
    pub fix: &'f str,
    pub notes: Vec<String>,
}

/// A line of a file.
pub struct Excerpt {
    line: usize,
    before: String,
    marked: String,
    after: String,
}

/// An input or document that cannot be read.
pub struct Input {
    message: String,
    place: String,
    excerpt: Option<Excerpt>,
}

impl Page<'_> {
    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn version(&self) -> &'static str {
        VERSION
    }

    fn style(&self) -> &'static str {
        STYLE
    }

    fn script(&self) -> &'static str {
        SCRIPT
    }
}

/// How the program ends.
pub fn verdict(summary: &Summary, threshold: Threshold) -> &'static str {
    match summary.exit_code(threshold) {
        0 => "passes",
        1 => "fails",
        _ => "incomplete",
    }
}

/// The numbers at the top: what was judged, and whatever occurs.
pub fn tiles(summary: &Summary) -> Vec<Tile> {
    let not_evaluated = summary.not_evaluated_objects + summary.not_evaluated_rules;
    let tiles = [
        ("judged", "objects judged", summary.judged),
        ("deny", "denials", summary.denied),
        ("warn", "warnings", summary.warned),
        ("audit", "audit findings", summary.recorded),
        ("accepted", "accepted", summary.accepted),
        ("excepted", "excepted", summary.excepted),
        ("open", "not evaluated", not_evaluated),
        ("unreadable", "unreadable", summary.unreadable),
    ];
    tiles
        .into_iter()
        .map(|(class, label, number)| Tile {
            class,
            label,
            number,
        })
        .filter(|tile| tile.number > 0 || matches!(tile.class, "judged" | "deny"))
        .collect()
}

impl From<page::Page> for Policy {
    fn from(page: page::Page) -> Self {
        let controls: Vec<String> = page
            .controls
            .into_iter()
            .map(|control| match control.supplemental {
                true => format!("{} (supplemental)", control.id),
                false => control.id,
            })
            .collect();
        Self {
            id: page.id,
            title: page.title,
            rationale: page.rationale,
            remediation: page.remediation,
            controls: controls.join(", "),
        }
    }
}

impl Input {
    /// What is wrong with an input, and where.
    pub fn of(origin: &Origin, message: &str, place: Option<&Place>) -> Self {
        let name = origin.name();
        Self {
            message: message.to_owned(),
            place: match place {
                Some(place) => format!("{name}:{}:{}", place.line, place.column),
                None => name.to_owned(),
            },
            excerpt: place.and_then(Excerpt::of),
        }
    }
}

impl Excerpt {
    /// The line of a place; `None` where it must not be shown.
    pub fn of(place: &Place) -> Option<Self> {
        let excerpt = place.excerpt.as_ref()?;
        let text = &excerpt.text;
        Some(Self {
            line: place.line,
            before: text.get(..excerpt.marked.start)?.to_owned(),
            marked: text.get(excerpt.marked.clone())?.to_owned(),
            after: text.get(excerpt.marked.end..)?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::manifest::Lines;

    #[test]
    fn a_short_line_is_shown_as_a_whole() {
        let place = Place::of(&Lines::of("  a: [x]\n"), &(5..8));
        let excerpt = Excerpt::of(&place).unwrap();
        let shown = (excerpt.before, excerpt.marked, excerpt.after);
        assert_eq!(shown, ("  a: ".into(), "[x]".into(), String::new()));
    }

    #[test]
    fn a_line_that_must_not_be_shown_is_not() {
        let place = Place::of(&Lines::of("a: secret"), &(3..9)).without_excerpt();
        assert!(Excerpt::of(&place).is_none());
    }
}
