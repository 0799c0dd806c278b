//! Where logs lie: a directory or a bucket. Files are created whole or not at all and are never
//! overwritten, but for the few that are replaced by name. docs/evidence/log-v1.md, "A commit".

mod local;
mod remote;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::UpdateVersion;
use thiserror::Error;

pub use local::Local;
pub use remote::Remote;

/// Why a store did not do what it was asked for.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The store's URL is none that this program knows.
    #[error(
        "`{url}` is no store of logs: {reason}. Give `file:///directory` or `s3://bucket/prefix`"
    )]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file on this machine.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Local {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it did not work.
        source: std::io::Error,
    },
    /// An object in a bucket.
    #[error("cannot {action} `{path}`: {reason}")]
    Remote {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: String,
        /// Why it did not work.
        reason: String,
    },
    /// It is there already, and different; or it is not what was read before.
    #[error("`{path}` was written by somebody else")]
    Conflict {
        /// Where.
        path: String,
    },
    /// Somebody else writes this replica's logs.
    #[error(
        "another process writes the logs in `{}`. Give each replica a name of its own \
         (--evidence-replica)",
        path.display()
    )]
    Locked {
        /// The lock.
        path: PathBuf,
    },
}

/// Which version of a file was read or written, for replacing exactly that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(UpdateVersion);

impl Version {
    /// That of a store which does not count versions.
    pub fn none() -> Self {
        Self(UpdateVersion {
            e_tag: None,
            version: None,
        })
    }
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Which version it is.
    pub version: Version,
}

/// A file of a listing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Relative to the store, its parts separated by `/`.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Held by the one writer of a replica's logs.
#[derive(Debug)]
pub struct Claim {
    _lock: Option<std::fs::File>,
}

/// What a commit writes, each step durable before the next.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Announces it: the path, the bytes, and the version that is replaced.
    pub intent: Replacement,
    /// What it creates, paths and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// The head.
    pub head: Replacement,
}

/// A file that is replaced.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// Which.
    pub path: String,
    /// What it holds then.
    pub bytes: Vec<u8>,
    /// The version that was read; `None` if there must be none.
    pub before: Option<Version>,
}

/// A place for logs. Paths are relative to it, their parts separated by `/`. What returns without an
/// error is durable.
#[async_trait]
pub trait Storage: fmt::Debug + Send + Sync {
    /// Keeps other processes of this machine from writing the replica's logs. A bucket has no such
    /// lock: there the loser of a conditional write learns of the other one.
    ///
    /// # Errors
    /// Another process holds it.
    async fn claim(&self, replica: &str) -> Result<Claim, StorageError>;

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// The store could not be asked.
    async fn read(&self, path: &str) -> Result<Option<Stored>, StorageError>;

    /// Creates files, in an order that shows when only some were created. A file that is there
    /// already and the same is left as it is.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] if one is there and different, and whatever a store may say.
    async fn create(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError>;

    /// Replaces the version that was read; `None` if there must be none.
    ///
    /// # Errors
    /// [`StorageError::Conflict`] if there is another version, and whatever a store may say.
    async fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        before: Option<&Version>,
    ) -> Result<Version, StorageError>;

    /// Replaces the intent, creates the files, replaces the head; returns the versions of intent and
    /// head.
    ///
    /// # Errors
    /// As of [`Storage::create`] and [`Storage::replace`]: some of it may be done.
    async fn commit(&self, commit: Commit) -> Result<(Version, Version), StorageError> {
        let Commit {
            intent,
            files,
            head,
        } = commit;
        let intent = self
            .replace(&intent.path, &intent.bytes, intent.before.as_ref())
            .await?;
        self.create(&files).await?;
        let head = self
            .replace(&head.path, &head.bytes, head.before.as_ref())
            .await?;
        Ok((intent, head))
    }

    /// Deletes files; those that are gone already are passed over.
    ///
    /// # Errors
    /// The store could not be asked, or refused.
    async fn delete(&self, paths: &[String]) -> Result<(), StorageError>;

    /// Every file below a path (the empty one for all), sorted.
    ///
    /// # Errors
    /// The store could not be asked.
    async fn list(&self, below: &str) -> Result<Vec<Listed>, StorageError>;

    /// The names of the directories in one (the empty path for the store's own), sorted.
    ///
    /// # Errors
    /// The store could not be asked.
    async fn directories(&self, of: &str) -> Result<Vec<String>, StorageError>;
}

/// The store that a URL names: `file:///directory`, a directory's path, or `s3://bucket/prefix`.
///
/// # Errors
/// The URL names none, or its settings (credentials, region) are incomplete.
pub fn open(url: &str) -> Result<Arc<dyn Storage>, StorageError> {
    let wrong = |reason: &str| StorageError::Url {
        url: url.to_owned(),
        reason: reason.to_owned(),
    };
    match url.split_once("://") {
        Some(("file", path)) if path.starts_with('/') => Ok(Arc::new(Local::new(path))),
        Some(("file", _)) => Err(wrong("the directory's path is not absolute")),
        Some(("s3", _)) => Ok(Arc::new(Remote::s3(url)?)),
        Some(_) => Err(wrong("its scheme is not known")),
        None if url.is_empty() => Err(wrong("it is empty")),
        // What is meant for a bucket must not become a directory.
        None if has_scheme(url) => Err(wrong(
            "it looks like a URL without `//`; begin a directory's path with `./` or `/`",
        )),
        None => Ok(Arc::new(Local::new(url))),
    }
}

/// Whether a text begins as RFC 3986, section 3.1, has it, and more than a drive's letter.
fn has_scheme(text: &str) -> bool {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(is_of_scheme)
    })
}

#[cfg(test)]
mod tests;
