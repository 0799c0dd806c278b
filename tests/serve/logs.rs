//! Evidence logs that servers leave in a store.

use std::collections::BTreeMap;

use cattlegrid::evidence::digest::Digest;
use cattlegrid::evidence::storage::{Local, Storage};
#[cfg(feature = "cluster-tests")]
use cattlegrid::evidence::verify::Report;
use cattlegrid::evidence::verify::{Expectations, verify};
use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};
use transparency_log::{Hash, SigningKey, bundle};

/// A directory for logs, and the key that signs them.
pub struct Store {
    pub directory: TempDir,
    key: NamedTempFile,
}

impl Store {
    pub fn new(directory: TempDir) -> Self {
        let key = SigningKey::from_seed("tests.example/evidence", [1; 32]).unwrap();
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{}\n", key.to_text())).unwrap();
        Self {
            directory,
            key: file,
        }
    }

    /// What a killed process wrote is there without ever reaching a disk.
    pub fn in_memory() -> Self {
        let directory = tempfile::tempdir_in("/dev/shm");
        Self::new(directory.unwrap_or_else(|_| tempfile::tempdir().unwrap()))
    }

    /// Options of a server that writes to it.
    pub fn options(&self) -> [String; 3] {
        [
            format!("--evidence=file://{}", self.directory.path().display()),
            "--evidence-replica=one".to_owned(),
            format!("--evidence-key={}", self.key.path().display()),
        ]
    }

    /// See [`records`].
    pub async fn records(&self) -> Records {
        records(&Local::new(self.directory.path())).await
    }
}

/// Records by their leaf hashes.
pub type Records = BTreeMap<String, Value>;

/// The records under the heads of all logs, by their leaf hashes. Every log must verify, and where Go
/// is at hand, tessera must say so, too.
pub async fn records(storage: &dyn Storage) -> Records {
    let report = verify(storage, &Expectations::default()).await.unwrap();
    let findings: Vec<String> = report
        .all_findings()
        .map(|finding| format!("{} {}: {}", finding.kind, finding.path, finding.message))
        .collect();
    assert_eq!(findings, [""; 0]);
    #[cfg(feature = "cluster-tests")]
    check_independently(storage, &report).await;
    let mut records = BTreeMap::new();
    for log in &report.logs {
        for file in storage
            .list(&format!("{}/tile/entries", log.directory))
            .await
            .unwrap()
        {
            let stored = storage.read(&file.path).await.unwrap().unwrap();
            for entry in bundle::entries(&stored.bytes).unwrap() {
                // A bundle of an interrupted commit is under no head.
                if log.leaves.contains(&Hash::leaf(entry)) {
                    let record = serde_json::from_slice(entry).unwrap();
                    records.insert(Digest::of_leaf(entry).to_string(), record);
                }
            }
        }
    }
    records
}

/// Tessera's checker accepts copies of the logs as the store hands them out.
#[cfg(feature = "cluster-tests")]
async fn check_independently(storage: &dyn Storage, report: &Report) {
    let copy = tempfile::tempdir().unwrap();
    for file in storage.list("").await.unwrap() {
        if let Some(stored) = storage.read(&file.path).await.unwrap() {
            let path = copy.path().join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, stored.bytes).unwrap();
        }
    }
    for log in report.logs.iter().filter(|log| log.size() > 0) {
        let said = control_plane::evidence::fsck(&copy.path().join(&log.directory)).unwrap();
        assert!(said.unwrap().contains(&log.size().to_string()));
    }
}

/// How many records the gaps among these tell of.
pub fn told_lost(records: &Records) -> u64 {
    records
        .values()
        .filter_map(|record| record["gap"]["count"].as_u64())
        .sum()
}
