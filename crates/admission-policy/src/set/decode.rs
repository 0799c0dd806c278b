//! Reading fields of documents: every fault is noted with its place, none ends the reading.

use admission_cel::json::{Json, Object, Path};

use super::{Document, LoadError};

/// The faults of one document.
pub(super) struct Faults<'d> {
    document: Document<'d>,
    /// Kubernetes 1.x for which it must be without fault.
    minor: u8,
    found: Vec<LoadError>,
}

impl<'d> Faults<'d> {
    pub(super) fn of(document: Document<'d>, minor: u8) -> Self {
        Self {
            document,
            minor,
            found: Vec::new(),
        }
    }

    /// Kubernetes 1.x for which the document is read.
    pub(super) fn minor(&self) -> u8 {
        self.minor
    }

    /// Notes what is wrong at a path.
    pub(super) fn add(&mut self, path: Path, reason: impl Into<String>) {
        self.add_inside(path, None, reason);
    }

    /// Notes what is wrong inside an expression, at a byte offset.
    pub(super) fn add_inside(
        &mut self,
        path: Path,
        offset: Option<usize>,
        reason: impl Into<String>,
    ) {
        self.found.push(LoadError {
            source_name: self.document.source.to_owned(),
            index: self.document.index,
            path,
            offset,
            reason: reason.into(),
        });
    }

    pub(super) fn into_errors(self) -> Vec<LoadError> {
        self.found
    }
}

/// The fields of one object. Reading a field makes it known; [`Fields::close`] complains about the
/// others. `null` is the same as absent, as in the API server.
pub(super) struct Fields<'j> {
    object: Object<'j>,
    path: Path,
    known: Vec<&'static str>,
}

impl<'j> Fields<'j> {
    /// The fields of the object at `path`.
    pub(super) fn open(json: &'j Json<'j>, path: Path, faults: &mut Faults<'_>) -> Option<Self> {
        match json.as_object() {
            Some(object) => Some(Self {
                object,
                path,
                known: Vec::new(),
            }),
            None => {
                faults.add(path, "must be an object");
                None
            }
        }
    }

    /// The path of the object.
    pub(super) fn at(&self) -> &Path {
        &self.path
    }

    /// The path of a field.
    pub(super) fn path(&self, key: &str) -> Path {
        self.path.key(key)
    }

    /// A field of any type.
    pub(super) fn get(&mut self, key: &'static str) -> Option<&'j Json<'j>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// Fields that are allowed and not read.
    pub(super) fn allow(&mut self, keys: &[&'static str]) {
        self.known.extend(keys);
    }

    /// A string.
    pub(super) fn string(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<&'j str> {
        let value = self.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            faults.add(self.path(key), "must be a string");
        }
        text
    }

    /// A string that must be there and not be blank.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<&'j str> {
        let is_absent = self.get(key).is_none();
        let text = self.string(key, faults).unwrap_or_default();
        if text.trim().is_empty() {
            if is_absent || self.object.get(key).is_some_and(|v| v.as_str().is_some()) {
                faults.add(self.path(key), "is required");
            }
            return None;
        }
        Some(text)
    }

    /// A string that must be one of a few.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let text = self.string(key, faults)?;
        let path = self.path(key);
        choose(text, path, choices, faults)
    }

    /// An object.
    pub(super) fn child(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Self> {
        let value = self.get(key)?;
        Fields::open(value, self.path(key), faults)
    }

    /// The items of an array and their paths; none when it is absent.
    pub(super) fn items(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Vec<(Path, &'j Json<'j>)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let path = self.path(key);
        let Some(items) = value.as_array() else {
            faults.add(path, "must be an array");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| (path.index(index), item))
            .collect()
    }

    /// The items of an array of objects.
    pub(super) fn objects(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Vec<Self> {
        self.items(key, faults)
            .into_iter()
            .filter_map(|(path, item)| Fields::open(item, path, faults))
            .collect()
    }

    /// The items of an array of strings and their paths.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Vec<(Path, &'j str)> {
        self.items(key, faults)
            .into_iter()
            .filter_map(|(path, item)| match item.as_str() {
                Some(text) => Some((path, text)),
                None => {
                    faults.add(path, "must be a string");
                    None
                }
            })
            .collect()
    }

    /// The entries of an object of strings.
    pub(super) fn string_map(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Vec<(Path, &'j str, &'j str)> {
        let Some(map) = self.child(key, faults) else {
            return Vec::new();
        };
        map.object
            .entries()
            .iter()
            .filter_map(|entry| match entry.value.as_str() {
                Some(value) => Some((map.path(entry.key), entry.key, value)),
                None => {
                    faults.add(map.path(entry.key), "must be a string");
                    None
                }
            })
            .collect()
    }

    /// Complains about fields that were not read.
    pub(super) fn close(self, faults: &mut Faults<'_>) {
        for entry in self.object.entries() {
            if !self.known.contains(&entry.key) {
                let mut known = self.known.clone();
                known.sort_unstable();
                faults.add(
                    self.path.key(entry.key),
                    format!("unknown field; the fields here are {}", known.join(", ")),
                );
            }
        }
    }
}

/// The choice that a text names.
pub(super) fn choose<T: Copy>(
    text: &str,
    path: Path,
    choices: &[(&str, T)],
    faults: &mut Faults<'_>,
) -> Option<T> {
    let chosen = choices.iter().find(|(name, _)| *name == text);
    if chosen.is_none() {
        let names: Vec<String> = choices
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        faults.add(
            path,
            format!("`{text}` is not supported; use {}", names.join(", ")),
        );
    }
    chosen.map(|(_, value)| *value)
}
