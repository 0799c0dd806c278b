//! Reading all objects of a kind, page by page.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use admission_cel::json::{Json, ParseOptions};
use bumpalo::Bump;

use super::targets::Target;
use crate::audit::objects::{metadata_text, text};
use crate::k8s::cluster::pages::ReadError;

/// How many objects of a kind are in memory at a time: what kubectl takes, too.
pub const PAGE_OBJECTS: usize = 500;
/// How often a list is begun anew that changes faster than it can be read.
const RESTARTS_MAX: usize = 3;

/// Reads what is at a path of the API server.
pub type Read<'r> = dyn Fn(&str) -> Result<Vec<u8>, ReadError> + 'r;

/// Why a walk ended early.
#[derive(Debug)]
pub enum Stopped<E> {
    /// Not everything could be read.
    Unread(ReadError),
    /// Whoever takes the objects wants no more.
    Unwanted(E),
}

/// Hands on the pages of a kind, each object once.
///
/// # Errors
/// [`Stopped`].
pub fn walk<E>(
    target: &Target,
    namespace: Option<&str>,
    read: &Read<'_>,
    take: &mut dyn FnMut(&[&Json<'_>]) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    let start = format!("{}?limit={PAGE_OBJECTS}", target.path(namespace));
    let (mut rest, mut restarts) = (String::new(), 0);
    let mut seen: HashSet<u64> = HashSet::new();
    loop {
        let path = match rest.as_str() {
            "" => start.clone(),
            rest => format!("{start}&continue={}", escaped(rest)),
        };
        let page = match read(&path) {
            Ok(page) => page,
            // The API server offers to go on with a later state of the list.
            Err(ReadError::Expired(Some(later))) => {
                rest = later;
                continue;
            }
            Err(ReadError::Expired(None)) if restarts < RESTARTS_MAX => {
                restarts += 1;
                rest.clear();
                continue;
            }
            Err(error) => return Err(Stopped::Unread(error)),
        };
        let arena = Bump::new();
        let options = ParseOptions {
            skip_managed_fields: true,
        };
        let list = Json::parse_with(&page, &arena, options)
            .map_err(|error| unreadable(&format!("it is no JSON: {error}")))?;
        let items = list
            .get("items")
            .and_then(Json::as_array)
            .ok_or_else(|| unreadable("it is no list"))?;
        let is_new = |item: &&Json<'_>| seen.insert(identity(item));
        let items: Vec<&Json<'_>> = items.iter().filter(is_new).collect();
        take(&items).map_err(Stopped::Unwanted)?;
        rest = list
            .get("metadata")
            .map_or("", |metadata| text(metadata, "continue"))
            .to_owned();
        if rest.is_empty() {
            return Ok(());
        }
    }
}

fn unreadable<E>(why: &str) -> Stopped<E> {
    Stopped::Unread(ReadError::Failed(format!(
        "the API server's answer cannot be read: {why}"
    )))
}

fn identity(object: &Json<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for key in ["namespace", "name", "uid"] {
        metadata_text(object, key).hash(&mut hasher);
    }
    hasher.finish()
}

/// Percent-encodes everything but letters, digits and what base64 for URLs has besides.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn target() -> Target {
        Target {
            group: "batch".to_owned(),
            version: "v1".to_owned(),
            resource: "jobs".to_owned(),
            kind: "Job".to_owned(),
            namespaced: true,
        }
    }

    fn page(names: &[&str], rest: &str) -> Result<Vec<u8>, ReadError> {
        let items: Vec<_> = names
            .iter()
            .map(|name| serde_json::json!({"metadata": {"name": name}}))
            .collect();
        let list = serde_json::json!({"metadata": {"continue": rest}, "items": items});
        Ok(list.to_string().into_bytes())
    }

    /// The names that were handed on, and the paths that were read.
    fn walked(answers: Vec<Result<Vec<u8>, ReadError>>) -> (Vec<String>, Vec<String>, bool) {
        let (answers, paths) = (RefCell::new(answers.into_iter()), RefCell::new(Vec::new()));
        let read = |path: &str| {
            paths.borrow_mut().push(path.to_owned());
            answers.borrow_mut().next().unwrap()
        };
        let mut names = Vec::new();
        let result = walk::<()>(&target(), Some("a"), &read, &mut |items| {
            names.extend(
                items
                    .iter()
                    .map(|item| metadata_text(item, "name").to_owned()),
            );
            Ok(())
        });
        (names, paths.into_inner(), result.is_ok())
    }

    const START: &str = "/apis/batch/v1/namespaces/a/jobs?limit=500";

    #[test]
    fn pages_are_read_until_there_are_no_more() {
        let (names, paths, is_whole) = walked(vec![page(&["a"], "x="), page(&["b"], "")]);
        assert_eq!(names, ["a", "b"]);
        assert_eq!(paths, [START, &format!("{START}&continue=x%3D")]);
        assert!(is_whole);
    }

    #[test]
    fn a_list_that_is_no_longer_kept_goes_on_later_or_begins_anew_without_saying_anything_twice() {
        let later = Err(ReadError::Expired(Some("later".to_owned())));
        let (names, paths, is_whole) = walked(vec![page(&["a"], "x"), later, page(&["b"], "")]);
        assert_eq!(names, ["a", "b"]);
        assert_eq!(paths[2], format!("{START}&continue=later"));
        assert!(is_whole);
        let gone = Err(ReadError::Expired(None));
        let (names, paths, _) = walked(vec![page(&["a"], "x"), gone, page(&["a", "b"], "")]);
        assert_eq!(names, ["a", "b"]);
        assert_eq!(paths[2], START);
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk() {
        let (names, _, is_whole) = walked(vec![
            page(&["a"], "x"),
            Err(ReadError::Forbidden("no".to_owned())),
        ]);
        assert_eq!(names, ["a"]);
        assert!(!is_whole);
        let (_, _, is_whole) = walked(vec![Ok(b"[]".to_vec())]);
        assert!(!is_whole);
    }
}
