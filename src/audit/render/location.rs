//! Where a file is, for readers that know the repository and not the directory of this run.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// The directory that locations are relative to: the repository's root, or else the current
/// directory.
#[derive(Clone, Debug)]
pub struct Root {
    current: PathBuf,
    root: PathBuf,
}

/// A file as others name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// Below the root, with forward slashes.
    Inside(String),
    /// Elsewhere, from the file system's root, with forward slashes.
    Outside(String),
}

impl Root {
    /// Of the directory in which the program runs.
    pub fn of_current_directory() -> Self {
        let current = std::env::current_dir().unwrap_or_default();
        Self::of(current)
    }

    fn of(current: PathBuf) -> Self {
        let is_root = |directory: &&Path| directory.join(".git").exists();
        let root = current.ancestors().find(is_root).map(Path::to_owned);
        let root = root.unwrap_or_else(|| current.clone());
        Self { current, root }
    }

    /// Where a file is that is named as from the current directory.
    pub fn locate(&self, file: &str) -> Location {
        let absolute = without_dots(&self.current.join(file));
        match absolute.strip_prefix(&self.root) {
            Ok(below) => Location::Inside(slashed(below)),
            Err(_) => Location::Outside(format!("/{}", slashed(&absolute))),
        }
    }
}

impl Location {
    /// As a path.
    pub fn path(&self) -> &str {
        match self {
            Location::Inside(path) | Location::Outside(path) => path,
        }
    }

    /// As a URI, relative if it is below the root.
    pub fn uri(&self) -> String {
        match self {
            Location::Inside(path) => percent_encoded(path),
            Location::Outside(path) => format!("file://{}", percent_encoded(path)),
        }
    }
}

/// A path without `.` and `..`, by name alone: links are not followed.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// RFC 3986: what is neither unreserved nor a slash. A colon in a first segment would be a scheme.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_relative_to_the_repository() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("repository/.git")).unwrap();
        std::fs::create_dir_all(directory.path().join("repository/deploy")).unwrap();
        let root = Root::of(directory.path().join("repository/deploy"));
        let outside = directory.path().join("other/a b.yaml");
        for (file, path, uri) in [
            ("job.yaml", "deploy/job.yaml", "deploy/job.yaml"),
            ("./a/../job.yaml", "deploy/job.yaml", "deploy/job.yaml"),
            ("../x: ä%.yaml", "x: ä%.yaml", "x%3A%20%C3%A4%25.yaml"),
        ] {
            let location = root.locate(file);
            assert_eq!((location.path(), location.uri().as_str()), (path, uri));
        }
        let location = root.locate(&outside.display().to_string());
        assert_eq!(location.path(), outside.display().to_string());
        assert!(location.uri().starts_with("file:///"), "{location:?}");
        assert!(location.uri().ends_with("/other/a%20b.yaml"));
    }
}
