//! `cattlegrid policy explain`: what a policy does, why, an example, and the fix.

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::controls;
use super::page::{Bound, ControlReference, Example, Judged, Kind, Page, Parameter};
use super::prose::{indented, print, table, wrapped, yaml};
use super::shelf;

/// What `policy explain` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The policy, as in brackets in front of its findings
    #[arg(value_name = "ID")]
    id: String,
    /// Directory with folders of policies [default: the embedded set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// In which form
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Prints what there is to tell.
///
/// # Errors
/// When there is no such policy, the policies cannot be read, or the output cannot be written.
pub fn run(arguments: &Arguments, output: &mut dyn Write) -> Result<()> {
    let pages = shelf::pages(&shelf::folders(arguments.policies.as_deref())?);
    let page = shelf::page(&arguments.id, pages)?;
    let text = match arguments.output {
        Format::Text => text(&page)?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&page);
            format!(
                "{}\n",
                json.context("the policy cannot be written as JSON")?
            )
        }
    };
    print(&text, output)
}

fn text(page: &Page) -> Result<String> {
    let title = match page.title.as_str() {
        "" => String::new(),
        title => format!(": {title}"),
    };
    let mut text = format!("{} ({}){title}\n", page.id, page.kind.name());
    section(&mut text, "Why", &paragraph(&page.rationale));
    section(&mut text, "Fix", &paragraph(&page.remediation));
    let verb = match page.kind {
        Kind::Validation => "Judges",
        Kind::Mutation => "Completes",
    };
    section(&mut text, verb, &judges(&page.judges, &page.conditions));
    section(&mut text, "Where", &bindings(&page.bindings));
    section(&mut text, "Parameters", &parameters(&page.parameters));
    let (failing, passing) = match page.kind {
        Kind::Validation if page.only_warns() => ("Warned of", "Passes"),
        Kind::Validation => ("Refused", "Passes"),
        Kind::Mutation => ("Completed", "Left alone"),
    };
    for (heading, example) in [(failing, &page.failing), (passing, &page.passing)] {
        if let Some(example) = example {
            let heading = format!("{heading}: {}", example.name);
            section(&mut text, &heading, &self::example(page, example)?);
        }
    }
    section(&mut text, "Controls", &controls_of(&page.controls));
    Ok(text)
}

fn section(text: &mut String, heading: &str, body: &str) {
    if !body.is_empty() {
        let _ = write!(text, "\n{heading}\n{body}");
    }
}

fn paragraph(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("{}\n", wrapped(text, "  ")),
    }
}

fn judges(judges: &[Judged], conditions: &[String]) -> String {
    let mut text = String::new();
    for judged in judges {
        text.push_str(&paragraph(&operations(judged)));
    }
    if !conditions.is_empty() {
        text.push_str(&paragraph(&format!("only if: {}", conditions.join(", "))));
    }
    text
}

fn operations(judged: &Judged) -> String {
    let except = if judged.except { "never " } else { "" };
    let (operations, resources) = (judged.operations.join(", "), judged.resources.join(", "));
    format!("{except}{operations}: {resources}")
}

fn bindings(bindings: &[Bound]) -> String {
    let mut text = String::new();
    for bound in bindings {
        let actions = match bound.actions.is_empty() {
            true => String::new(),
            false => format!(": {}", bound.actions.join(", ")),
        };
        text.push_str(&paragraph(&format!("{}{actions}", bound.name)));
        let selectors = [
            ("namespaces", &bound.namespaces),
            ("objects", &bound.objects),
        ];
        for (what, selector) in selectors {
            if !selector.is_empty() {
                let selector = selector.replace(',', ", ");
                text.push_str(&wrapped(&format!("{what} {selector}"), "      "));
                text.push('\n');
            }
        }
        for judged in &bound.resources {
            text.push_str(&wrapped(&operations(judged), "      "));
            text.push('\n');
        }
    }
    text
}

fn parameters(parameters: &[Parameter]) -> String {
    let mut text = String::new();
    for parameter in parameters {
        let shipped = match parameter.shipped.as_str() {
            "" => String::new(),
            shipped => format!(" (shipped: {shipped})"),
        };
        text.push_str(&paragraph(&format!("{}{shipped}", parameter.path)));
        if !parameter.description.is_empty() {
            text.push_str(&wrapped(&parameter.description, "      "));
            text.push('\n');
        }
    }
    text
}

fn example(page: &Page, example: &Example) -> Result<String> {
    let mut text = String::new();
    if !example.request.is_empty() {
        text.push_str(&paragraph(&format!("# {}", example.request)));
    }
    if let Some(stored) = &example.old_object {
        let _ = write!(
            text,
            "  # stored\n{}  ---\n  # submitted\n",
            indented(&yaml(stored)?, "  ")
        );
    }
    text.push_str(&indented(&yaml(&example.object)?, "  "));
    if example
        .baseline
        .as_object()
        .is_some_and(|patch| !patch.is_empty())
    {
        let baseline = indented(&yaml(&example.baseline)?, "  ");
        let _ = write!(text, "  ---\n  # of the AgentBaseline\n{baseline}");
    }
    if let Some(patch) = &example.patch {
        let _ = write!(
            text,
            "\n  what is filled in:\n{}",
            indented(&yaml(patch)?, "    ")
        );
    }
    if !example.findings.is_empty() {
        text.push('\n');
    }
    for finding in &example.findings {
        let path = finding.path.iter().map(|path| format!("{path}: "));
        let path: String = path.collect();
        let _ = writeln!(text, "  [{}] {path}{}", page.id, finding.message);
    }
    Ok(text)
}

fn controls_of(references: &[ControlReference]) -> String {
    let row = |reference: &ControlReference| {
        let title = controls::find(&reference.id).map_or("", |control| control.title);
        let supplemental = match reference.supplemental {
            true => " (supplemental)",
            false => "",
        };
        vec![reference.id.clone(), format!("{title}{supplemental}")]
    };
    indented(
        &table(&references.iter().map(row).collect::<Vec<_>>()),
        "  ",
    )
}
