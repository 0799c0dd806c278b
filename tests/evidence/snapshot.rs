//! A store in memory whose every file can be put back, changed or removed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cattlegrid::evidence::storage::{Claim, Listed, Local, Storage, StorageError, Stored, Version};

pub type Files = BTreeMap<String, Vec<u8>>;

/// Files, and what was at their places before.
#[derive(Debug, Default)]
pub struct Snapshot {
    files: Mutex<Files>,
    /// Every version that was replaced, in order.
    replaced: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Snapshot {
    pub fn of(files: Files) -> Arc<dyn Storage> {
        Arc::new(Self {
            files: Mutex::new(files),
            replaced: Mutex::default(),
        })
    }

    pub fn files(&self) -> Files {
        self.files.lock().unwrap().clone()
    }

    /// What was at this place before, the oldest first; what is there now is the last.
    pub fn versions(&self, path: &str) -> Vec<Vec<u8>> {
        let replaced = self.replaced.lock().unwrap();
        let of_path = replaced.iter().filter(|(replaced, _)| replaced == path);
        of_path.map(|(_, bytes)| bytes.clone()).collect()
    }
}

#[async_trait]
impl Storage for Snapshot {
    async fn claim(&self, replica: &str) -> Result<Claim, StorageError> {
        let directory = tempfile::tempdir().unwrap();
        Local::new(directory.path()).claim(replica).await
    }

    async fn read(&self, path: &str) -> Result<Option<Stored>, StorageError> {
        let files = self.files.lock().unwrap();
        Ok(files.get(path).map(|bytes| Stored {
            bytes: bytes.clone(),
            version: Version::none(),
        }))
    }

    async fn create(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError> {
        self.files.lock().unwrap().extend(files.iter().cloned());
        Ok(())
    }

    async fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        _: Option<&Version>,
    ) -> Result<Version, StorageError> {
        let file = (path.to_owned(), bytes.to_vec());
        self.replaced.lock().unwrap().push(file.clone());
        self.files.lock().unwrap().extend([file]);
        Ok(Version::none())
    }

    async fn delete(&self, paths: &[String]) -> Result<(), StorageError> {
        self.files
            .lock()
            .unwrap()
            .retain(|path, _| !paths.contains(path));
        Ok(())
    }

    async fn list(&self, below: &str) -> Result<Vec<Listed>, StorageError> {
        let files = self.files.lock().unwrap();
        let below = files.iter().filter(|(path, _)| path.starts_with(below));
        let listed = below.map(|(path, bytes)| Listed {
            path: path.clone(),
            bytes: bytes.len() as u64,
        });
        Ok(listed.collect())
    }

    async fn directories(&self, of: &str) -> Result<Vec<String>, StorageError> {
        let files = self.files.lock().unwrap();
        let prefix = if of.is_empty() {
            String::new()
        } else {
            format!("{of}/")
        };
        let names = files.keys().filter_map(|path| {
            let (name, _) = path.strip_prefix(&prefix)?.split_once('/')?;
            Some(name.to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.dedup();
        Ok(names)
    }
}
