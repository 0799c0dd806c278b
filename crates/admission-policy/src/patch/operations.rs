//! Applying RFC 6902 operations, as `gopkg.in/evanphx/json-patch.v4` (4.13) does for kube-apiserver.
//!
//! It differs from the RFC: `replace` sets a member that is absent, `copy` of an absent member
//! copies `null`, negative indices count from the end, `test` without value holds where nothing is.
//! Error texts are that library's, since kube-apiserver shows them.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

use super::depth::{NESTING_MAX, is_within_depth, too_deep};
use super::pointer::{Pointer, existing_index, insertion_index};
use super::{Operation, PatchError};

/// How many bytes of JSON the `copy` operations of one patch may add in sum,
/// `JSONPatchMaxCopyBytes` of `k8s.io/apiserver/pkg/server/config.go`. Copies are shared here, but
/// without a bound a few of them would double an object until it fits nowhere.
const COPIED_BYTES_MAX: u64 = 3 * 1024 * 1024;

type Outcome<T> = Result<T, PatchError>;

/// Applies operations in order to a copy-on-write view of `target`: unchanged subtrees are shared.
///
/// # Errors
/// The first operation that fails; the target is then unchanged.
pub fn apply_operations<'a>(
    target: &'a Json<'a>,
    operations: &[Operation<'a>],
    arena: &'a Bump,
) -> Result<&'a Json<'a>, PatchError> {
    let mut document = Document {
        root: *target,
        copied_bytes: 0,
        changed: false,
        arena,
    };
    for operation in operations {
        document.apply(operation)?;
    }
    Ok(if document.changed {
        arena.alloc(document.root)
    } else {
        target
    })
}

struct Document<'a> {
    root: Json<'a>,
    copied_bytes: u64,
    changed: bool,
    arena: &'a Bump,
}

impl<'a> Document<'a> {
    fn apply(&mut self, operation: &Operation<'a>) -> Outcome<()> {
        match operation {
            Operation::Add { path, value } => self.add(path, *value),
            Operation::Remove { path } => self.remove(path),
            Operation::Replace { path, value } => self.replace(path, *value),
            Operation::Move { from, path } => self.move_value(from, path),
            Operation::Copy { from, path } => self.copy(from, path),
            Operation::Test { path, value } => self.test(path, value.as_ref()),
        }
    }

    fn add(&mut self, path: &str, value: Json<'a>) -> Outcome<()> {
        let (pointer, container) = self.find(path).ok_or_else(|| {
            failed(format!(
                "add operation does not apply: doc is missing path: \"{path}\": missing value"
            ))
        })?;
        self.insert(&pointer, container, value)
            .map_err(|reason| failed(format!("error in add for path: '{path}': {reason}")))
    }

    fn remove(&mut self, path: &str) -> Outcome<()> {
        let (pointer, container) = self.find(path).ok_or_else(|| {
            failed(format!(
                "remove operation does not apply: doc is missing path: \"{path}\": missing value"
            ))
        })?;
        self.take(&pointer, container)
            .map_err(|reason| failed(format!("error in remove for path: '{path}': {reason}")))
    }

    fn replace(&mut self, path: &str, value: Json<'a>) -> Outcome<()> {
        if path.is_empty() {
            if !matches!(value, Json::Object(_) | Json::Array(_)) {
                // The library prints an error that is none.
                let text = "replace operation value must be object or array: %!w(<nil>)";
                return Err(failed(text.to_owned()));
            }
            return self.replace_root(value);
        }
        let (pointer, container) = self.find(path).ok_or_else(|| {
            failed(format!(
                "replace operation does not apply: doc is missing path: {path}: missing value"
            ))
        })?;
        if read(&container, &pointer.key).is_err() {
            return Err(failed(format!(
                "replace operation does not apply: doc is missing key: {path}: missing value"
            )));
        }
        self.set(&pointer, container, value)
            .map_err(|reason| failed(format!("error in replace for path: '{path}': {reason}")))
    }

    fn move_value(&mut self, from: &str, path: &str) -> Outcome<()> {
        let (source, container) = self.find(from).ok_or_else(|| {
            failed(format!(
                "move operation does not apply: doc is missing from path: {from}: missing value"
            ))
        })?;
        let in_source = |reason| {
            failed(format!(
                "error in move for path: '{}': {reason}",
                source.key
            ))
        };
        let value = read(&container, &source.key).map_err(in_source)?;
        self.take(&source, container).map_err(in_source)?;
        let (target, container) = self.find(path).ok_or_else(|| {
            failed(format!(
                "move operation does not apply: doc is missing destination path: {path}: missing \
                 value"
            ))
        })?;
        self.insert(&target, container, value.unwrap_or(Json::Null))
            .map_err(|reason| failed(format!("error in move for path: '{path}': {reason}")))
    }

    fn copy(&mut self, from: &str, path: &str) -> Outcome<()> {
        let (source, container) = self.find(from).ok_or_else(|| {
            failed(format!(
                "copy operation does not apply: doc is missing from path: {from}: missing value"
            ))
        })?;
        let value = read(&container, &source.key)
            .map_err(|reason| failed(format!("error in copy for from: '{from}': {reason}")))?
            .unwrap_or(Json::Null);
        let (target, container) = self.find(path).ok_or_else(|| {
            failed(format!(
                "copy operation does not apply: doc is missing destination path: {path}: missing \
                 value"
            ))
        })?;
        self.count_copied(&value)?;
        self.insert(&target, container, value)
            .map_err(|reason| failed(format!("error while adding value during copy: {reason}")))
    }

    fn test(&self, path: &str, expected: Option<&Json<'a>>) -> Outcome<()> {
        let test_failed =
            || PatchError::TestFailed(format!("testing value {path} failed: test failed"));
        let actual = if path.is_empty() {
            Some(self.root)
        } else {
            let (pointer, container) = self.find(path).ok_or_else(|| {
                failed(format!(
                    "test operation does not apply: is missing path: {path}: missing value"
                ))
            })?;
            read(&container, &pointer.key)
                .map_err(|reason| failed(format!("error in test for path: '{path}': {reason}")))?
        };
        let holds = match (&actual, expected) {
            (None | Some(Json::Null), None) => true,
            (Some(actual), Some(expected)) => is_equal(actual, expected),
            _ => false,
        };
        if holds { Ok(()) } else { Err(test_failed()) }
    }

    fn find(&self, path: &str) -> Option<(Pointer, Json<'a>)> {
        let pointer = Pointer::parse(path)?;
        let container = pointer.find(&self.root)?;
        Some((pointer, container))
    }

    fn insert(
        &mut self,
        pointer: &Pointer,
        container: Json<'a>,
        value: Json<'a>,
    ) -> Result<(), String> {
        check_depth(pointer, &value)?;
        let changed = match container {
            Json::Array(items) => {
                let place = if pointer.key == "-" {
                    items.len()
                } else {
                    insertion_index(&pointer.key, items.len())
                        .map_err(|error| not_an_index(&pointer.key, error))?
                };
                let mut items = items.to_vec();
                items.insert(place, value);
                Json::Array(self.arena.alloc_slice_copy(&items))
            }
            other => self.with_member(other, &pointer.key, value),
        };
        self.put(&pointer.container, changed);
        Ok(())
    }

    fn set(
        &mut self,
        pointer: &Pointer,
        container: Json<'a>,
        value: Json<'a>,
    ) -> Result<(), String> {
        check_depth(pointer, &value)?;
        let changed = match container {
            Json::Array(items) => {
                let place =
                    existing_index(&pointer.key, items.len()).map_err(|error| error.to_string())?;
                let mut items = items.to_vec();
                if let Some(item) = items.get_mut(place) {
                    *item = value;
                }
                Json::Array(self.arena.alloc_slice_copy(&items))
            }
            other => self.with_member(other, &pointer.key, value),
        };
        self.put(&pointer.container, changed);
        Ok(())
    }

    fn take(&mut self, pointer: &Pointer, container: Json<'a>) -> Result<(), String> {
        let changed = match container {
            Json::Array(items) => {
                let place =
                    existing_index(&pointer.key, items.len()).map_err(|error| error.to_string())?;
                let mut items = items.to_vec();
                items.remove(place);
                Json::Array(self.arena.alloc_slice_copy(&items))
            }
            Json::Object(object) if object.get(&pointer.key).is_some() => {
                let kept = object
                    .entries()
                    .iter()
                    .filter(|entry| entry.key != pointer.key)
                    .map(|entry| (entry.key, entry.value));
                Json::Object(Object::new(self.arena, kept))
            }
            _ => {
                return Err(format!(
                    "Unable to remove nonexistent key: {}: missing value",
                    pointer.key
                ));
            }
        };
        self.put(&pointer.container, changed);
        Ok(())
    }

    fn with_member(&self, container: Json<'a>, key: &str, value: Json<'a>) -> Json<'a> {
        let entries = match container {
            Json::Object(object) if object.get(key).is_some() => {
                return Json::Object(object.with(self.arena, key, value));
            }
            Json::Object(object) => object.entries(),
            _ => &[],
        };
        let key: &'a str = self.arena.alloc_str(key);
        let entries = entries.iter().map(|entry| (entry.key, entry.value));
        Json::Object(Object::new(self.arena, entries.chain([(key, value)])))
    }

    fn put(&mut self, path: &[String], value: Json<'a>) {
        self.root = rebuilt(&self.root, path, value, self.arena);
        self.changed = true;
    }

    fn replace_root(&mut self, value: Json<'a>) -> Outcome<()> {
        if !is_within_depth(&value, NESTING_MAX) {
            return Err(failed(too_deep()));
        }
        self.root = value;
        self.changed = true;
        Ok(())
    }

    fn count_copied(&mut self, value: &Json<'a>) -> Outcome<()> {
        let mut counter = ByteCounter(0);
        serde_json::to_writer(&mut counter, value)
            .map_err(|error| failed(format!("error while performing deep copy: {error}")))?;
        self.copied_bytes += counter.0;
        if self.copied_bytes > COPIED_BYTES_MAX {
            return Err(failed(format!(
                "Unable to complete the copy, the accumulated size increase of copy is {}, \
                 exceeding the limit {COPIED_BYTES_MAX}",
                self.copied_bytes
            )));
        }
        Ok(())
    }
}

fn failed(text: String) -> PatchError {
    PatchError::Failed(text)
}

fn not_an_index(key: &str, error: super::pointer::IndexError) -> String {
    match error {
        super::pointer::IndexError::NotANumber(reason) => {
            format!("value was not a proper array index: '{key}': {reason}")
        }
        out_of_range => out_of_range.to_string(),
    }
}

/// What is at `key`; `Ok(None)` for an absent member of an object.
fn read<'a>(container: &Json<'a>, key: &str) -> Result<Option<Json<'a>>, String> {
    match container {
        Json::Array(items) => {
            let place = existing_index(key, items.len()).map_err(|error| error.to_string())?;
            Ok(items.get(place).copied())
        }
        other => Ok(other.get(key).copied()),
    }
}

/// The same tree with `value` at `path`, which exists; only the containers on the way are new.
fn rebuilt<'a>(node: &Json<'a>, path: &[String], value: Json<'a>, arena: &'a Bump) -> Json<'a> {
    let Some((step, rest)) = path.split_first() else {
        return value;
    };
    match node {
        Json::Object(object) => match object.get(step) {
            Some(member) => {
                Json::Object(object.with(arena, step, rebuilt(member, rest, value, arena)))
            }
            None => *node,
        },
        Json::Array(items) => {
            let place = existing_index(step, items.len()).ok();
            let items: Vec<Json<'a>> = items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    if Some(index) == place {
                        rebuilt(item, rest, value, arena)
                    } else {
                        *item
                    }
                })
                .collect();
            Json::Array(arena.alloc_slice_copy(&items))
        }
        scalar => *scalar,
    }
}

/// Equality as `test` has it: `null` equals an empty container.
fn is_equal(actual: &Json<'_>, expected: &Json<'_>) -> bool {
    let is_empty = |json: &Json<'_>| match json {
        Json::Null => true,
        Json::Object(object) => object.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    };
    let one_is_null = actual.is_null() || expected.is_null();
    actual == expected || (one_is_null && is_empty(actual) && is_empty(expected))
}

fn check_depth(pointer: &Pointer, value: &Json<'_>) -> Result<(), String> {
    let above = pointer.container.len() + 1;
    match NESTING_MAX.checked_sub(above) {
        Some(left) if is_within_depth(value, left) => Ok(()),
        _ => Err(too_deep()),
    }
}

struct ByteCounter(u64);

impl std::io::Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
