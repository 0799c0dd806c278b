//! Charts and kustomizations, rendered by the programs that are made for them.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::NamedTempFile;

use super::{Input, read, tool, unusable};
use crate::load::Source;

/// The comment by which Helm names the template of a document.
const SOURCE_COMMENT: &str = "# Source: ";

/// How charts and kustomizations are rendered.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Charts and kustomizations")]
pub struct RenderArguments {
    /// Values for Helm charts in the input (may be given several times)
    #[arg(long, value_name = "FILE")]
    values: Vec<PathBuf>,
    /// A value for Helm charts in the input, such as image.tag=1.2 (may be given several times)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Name of the release that Helm charts are rendered for
    #[arg(long, value_name = "NAME", default_value = "release")]
    release: String,
    /// Do not run helm and kustomize: charts are errors then, and what kustomizations are made from
    /// is judged as it is
    ///
    /// Otherwise charts are rendered by `helm template`, and those kustomizations that no other one
    /// in the same directory refers to by `kustomize build` or `kubectl kustomize`. Helm does not ask
    /// a cluster, and kustomize runs no plugins, but fetches remote bases.
    #[arg(long)]
    no_render: bool,
}

/// How to render.
pub(super) struct Rendering<'r> {
    arguments: &'r RenderArguments,
    namespace: &'r str,
}

/// What came of rendering, in a file: it is read more than once.
#[derive(Debug)]
pub struct Rendered {
    name: String,
    output: NamedTempFile,
    /// Of Helm: the chart's directory.
    chart: Option<PathBuf>,
}

impl RenderArguments {
    /// How to render, unless nothing is to be rendered.
    pub(super) fn rendering<'r>(&'r self, namespace: &'r str) -> Option<Rendering<'r>> {
        (!self.no_render).then_some(Rendering {
            arguments: self,
            namespace,
        })
    }
}

impl Rendering<'_> {
    /// Renders a chart.
    pub(super) fn chart(&self, chart: &Path) -> Input {
        let mut arguments: Vec<OsString> = vec!["template".into(), "--include-crds".into()];
        arguments.extend(["--namespace".into(), self.namespace.into()]);
        for file in &self.arguments.values {
            arguments.extend(["--values".into(), file.into()]);
        }
        for value in &self.arguments.set {
            arguments.extend(["--set".into(), value.into()]);
        }
        arguments.extend(["--".into(), (&self.arguments.release).into(), chart.into()]);
        let name = format!("{} (helm template)", chart.display());
        match tool::run("helm", &arguments) {
            Ok(output) => Input::Rendered(Rendered {
                name,
                output,
                chart: Some(chart.to_path_buf()),
            }),
            Err(tool::Failure::Missing) => unusable(
                chart.display(),
                "a Helm chart, and there is no `helm` to render it; install Helm, or render it \
                 elsewhere and audit the output",
            ),
            Err(tool::Failure::Failed(reason)) => unusable(name, reason),
        }
    }

    /// Builds a kustomization.
    pub(super) fn kustomization(&self, directory: &Path) -> Input {
        // The path of a file in the working directory has no directory.
        let directory = match directory.as_os_str().is_empty() {
            true => Path::new("."),
            false => directory,
        };
        for (program, command) in [("kustomize", "build"), ("kubectl", "kustomize")] {
            let arguments = [OsStr::new(command), OsStr::new("--"), directory.as_os_str()];
            let name = format!("{} ({program} {command})", directory.display());
            return match tool::run(program, &arguments) {
                Ok(output) => Input::Rendered(Rendered {
                    name,
                    output,
                    chart: None,
                }),
                Err(tool::Failure::Missing) => continue,
                Err(tool::Failure::Failed(reason)) => unusable(name, reason),
            };
        }
        unusable(
            directory.display(),
            "a kustomization, and there is neither `kustomize` nor `kubectl` to build it; install \
             one of them, or say --no-render to judge the files that it is made from",
        )
    }
}

impl Rendered {
    /// What was rendered, and by what.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The output.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn read(&self) -> Result<Source, String> {
        Ok(Source {
            name: self.name.clone(),
            text: read::file(self.output.path())?.text,
        })
    }

    /// The template that Helm names at the beginning of a document, as a path from here.
    pub(super) fn origin_of(&self, document: &str) -> Option<String> {
        let chart = self.chart.as_ref()?;
        let mut lines = document.lines().map(str::trim_end);
        let first = lines.find(|line| !line.is_empty())?;
        let (_, template) = first.strip_prefix(SOURCE_COMMENT)?.split_once('/')?;
        Some(format!(
            "{} (helm template)",
            chart.join(template).display()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_a_chart_come_from_its_templates() {
        let rendered = Rendered {
            name: String::new(),
            output: NamedTempFile::new().unwrap(),
            chart: Some(PathBuf::from("deploy/agent")),
        };
        for (document, expected) in [
            (
                "\n# Source: agent/templates/job.yaml\napiVersion: v1\n",
                Some("deploy/agent/templates/job.yaml (helm template)"),
            ),
            (
                "\r\n# Source: agent/charts/db/templates/x.yaml\r\na: 1",
                Some("deploy/agent/charts/db/templates/x.yaml (helm template)"),
            ),
            ("\napiVersion: v1\n# Source: a/b\n", None),
            ("", None),
        ] {
            assert_eq!(rendered.origin_of(document).as_deref(), expected);
        }
    }
}
