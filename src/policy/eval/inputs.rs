//! Reading the files that say what the variables are.

use std::io::Read as _;
use std::path::Path;

use admission_cel::json::Json;
use anyhow::{Result, anyhow, bail};
use bumpalo::Bump;

use super::request;
use super::variables::Inputs;
use crate::k8s::manifest::{self, line_and_column};
use crate::load;

/// An object of more than this is no object of Kubernetes (etcd takes 1.5 MiB); it bounds what
/// standard input can occupy.
const STANDARD_INPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The files that were named.
pub(super) struct Files<'p> {
    pub(super) object: Option<&'p Path>,
    pub(super) params: Option<&'p Path>,
    pub(super) request: Option<&'p Path>,
    pub(super) namespace: Option<&'p Path>,
}

impl Files<'_> {
    /// Reads them.
    pub(super) fn read<'a>(&self, arena: &'a Bump) -> Result<Inputs<'a>> {
        let all = [self.object, self.params, self.request, self.namespace];
        let from_standard_input = all.iter().flatten().filter(|path| is_standard_input(path));
        if from_standard_input.count() > 1 {
            bail!("`-` is standard input, which can be read only once; give files for the others");
        }
        let read = |path: Option<&Path>| path.map(|path| document(path, arena)).transpose();
        let (object, beside) = match self
            .object
            .map(|path| object_and_namespace(path, arena))
            .transpose()?
        {
            Some((object, namespace)) => (Some(object), namespace),
            None => (None, None),
        };
        let request = read(self.request)?;
        let request = request::complete(object, request, arena)
            .map_err(|error| anyhow!("{}: {error}", self.request.map(shown).unwrap_or_default()))?;
        let namespace = read(self.namespace)?.or(beside);
        Ok(Inputs {
            params: read(self.params)?,
            namespace,
            ..request
        })
    }
}

/// The name of a file in messages.
fn shown(path: &Path) -> String {
    if is_standard_input(path) {
        "<stdin>".to_owned()
    } else {
        path.display().to_string()
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The object of a file, and the Namespace beside it if there is one: manifests often hold both.
fn object_and_namespace<'a>(
    path: &Path,
    arena: &'a Bump,
) -> Result<(&'a Json<'a>, Option<&'a Json<'a>>)> {
    let documents = documents(path, arena)?;
    let is_namespace = |json: &Json<'_>| {
        json.get("apiVersion").and_then(Json::as_str) == Some("v1")
            && json.get("kind").and_then(Json::as_str) == Some("Namespace")
    };
    match documents.as_slice() {
        [first, second] if is_namespace(first) != is_namespace(second) => {
            Ok(if is_namespace(first) {
                (second, Some(first))
            } else {
                (first, Some(second))
            })
        }
        all => Ok((only(path, all)?, None)),
    }
}

/// The one document of a file.
fn document<'a>(path: &Path, arena: &'a Bump) -> Result<&'a Json<'a>> {
    only(path, &documents(path, arena)?)
}

fn only<'a>(path: &Path, documents: &[&'a Json<'a>]) -> Result<&'a Json<'a>> {
    let name = shown(path);
    match documents {
        [one] => Ok(one),
        [] => bail!("{name}: there is nothing in it; one YAML or JSON document is needed"),
        several => bail!(
            "{name}: {} documents, but an expression is evaluated over one (and its Namespace); \
             split them",
            several.len()
        ),
    }
}

fn documents<'a>(path: &Path, arena: &'a Bump) -> Result<Vec<&'a Json<'a>>> {
    let (name, text) = source(path)?;
    let text: &'a str = arena.alloc_str(&text);
    manifest::parse(text, arena)
        .map(|document| match document {
            Ok(document) => Ok(document.json),
            Err(error) => {
                let (line, column) = line_and_column(text, error.span.start);
                Err(anyhow!("{name}:{line}:{column}: {error}"))
            }
        })
        .collect()
}

fn source(path: &Path) -> Result<(String, String)> {
    if !is_standard_input(path) {
        let source = load::read_source(path)?;
        return Ok((source.name, source.text));
    }
    let name = shown(path);
    let mut text = String::new();
    let mut limited = std::io::stdin().lock().take(STANDARD_INPUT_BYTES_MAX + 1);
    match limited.read_to_string(&mut text) {
        Ok(read) if read as u64 > STANDARD_INPUT_BYTES_MAX => {
            bail!("{name}: larger than {STANDARD_INPUT_BYTES_MAX} bytes")
        }
        Ok(_) => Ok((name, text)),
        Err(error) => bail!("{name}: cannot be read: {error}"),
    }
}
