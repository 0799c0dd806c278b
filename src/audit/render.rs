//! Output formats. A renderer reads outcomes, the summary and what there is to tell about the run,
//! nothing else.

use std::fmt::Write as _;
use std::io::{self, Write};

use admission_cel::value::Timestamp;
use admission_policy::set::PolicySet;

use super::outcome::Outcome;
use super::summary::{Summary, Threshold};
use crate::policy::page::Page;

pub mod github;
pub mod html;
pub mod json;
pub mod junit;
mod location;
pub mod openreports;
pub mod sarif;
pub mod text;

/// Writes outcomes in one format.
pub trait Renderer {
    /// Takes the next outcome, in the order of the input.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()>;

    /// Ends the output.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()>;
}

/// What a run is about, beside its outcomes.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The policies.
    pub set: &'a PolicySet,
    /// When the audit takes place.
    pub now: Timestamp,
    /// What makes the program fail.
    pub threshold: Threshold,
}

/// The program's name, as reports state it.
pub const PROGRAM: &str = env!("CARGO_PKG_NAME");
/// The program's version, as reports state it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

impl About<'_> {
    /// What there is to tell about a policy: title, rationale, remediation, controls.
    pub fn policy(&self, name: &str) -> Option<Page> {
        let mut policies = self.set.policies();
        let policy = policies.find(|policy| &*policy.definition.name == name)?;
        Some(Page::of_policy(policy))
    }
}

/// An output format.
#[derive(Debug)]
pub struct Format {
    /// As the command line names it.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Makes a renderer, with or without colours.
    pub renderer: for<'a> fn(&'a About<'a>, bool) -> Box<dyn Renderer + 'a>,
}

/// The formats. The first is the default.
pub const FORMATS: &[Format] = &[
    Format {
        name: "text",
        description: "for a person at a terminal: source line, caret, reason, fix",
        renderer: |about, is_coloured| Box::new(text::Text::new(about, is_coloured)),
    },
    Format {
        name: "json",
        description: "for programs, as docs/audit-v1.schema.json describes",
        renderer: |about, _| Box::new(json::JsonReport::new(about)),
    },
    Format {
        name: "sarif",
        description: "for code scanning: SARIF 2.1.0",
        renderer: |about, _| Box::new(sarif::Sarif::new(about)),
    },
    Format {
        name: "junit",
        description: "for test reports: JUnit XML, a suite for each file and a test for each object",
        renderer: |about, _| Box::new(junit::Junit::new(about)),
    },
    Format {
        name: "github",
        description: "annotations of a GitHub workflow",
        renderer: |about, _| Box::new(github::Github::new(about)),
    },
    Format {
        name: "html",
        description: "one page for a browser, with filters; needs nothing else",
        renderer: |about, _| Box::new(html::Html::new(about)),
    },
    Format {
        name: "openreports",
        description: "Reports of openreports.io for kubectl apply, failures only",
        renderer: |_, _| Box::new(openreports::OpenReports::default()),
    },
];

/// The format of a name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What is printed when nobody asks for anything.
pub fn default_format() -> &'static Format {
    const { FORMATS.first().unwrap() }
}

/// The formats as a part of the help.
pub fn help() -> String {
    let mut help = String::from(
        "Format of the output, and the file to write instead of standard output (may be given \
         several times) [default: text]\n",
    );
    for Format {
        name, description, ..
    } in FORMATS
    {
        // Writing to a String cannot fail.
        let _ = write!(help, "\n- {name}: {description}");
    }
    help
}
