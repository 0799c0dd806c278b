//! A log that can be appended to: its right edge in memory, and commits.

use std::time::SystemTime;

use transparency_log::bundle::{self, BundleError};
use transparency_log::tile::{self, Content, FULL_WIDTH};
use transparency_log::{Checkpoint, Hash, SigningKey, Tile, Tree};

use super::intent::Intent;
use crate::evidence::storage::{Commit, Replacement, Storage, StorageError, Version};

/// The head.
pub const CHECKPOINT: &str = "checkpoint";
/// The public keys.
pub const PUBLIC_KEYS: &str = "key.pub";
/// The commit that is under way.
pub const INTENT: &str = "intent";

/// A log and the one who writes it.
#[derive(Debug)]
pub struct OpenLog {
    /// Its name in heads and signatures.
    pub origin: String,
    /// `<replica>/<epoch>`.
    pub directory: String,
    /// Under the name of the origin.
    pub keys: Vec<SigningKey>,
    /// When it was opened.
    pub opened: SystemTime,
    /// The right edge.
    pub tree: Tree,
    /// The partial bundle.
    pub bundle: Vec<u8>,
    /// How many bytes all bundles have.
    pub entry_bytes: u64,
    /// Which version of the head was read or written last.
    pub checkpoint: Option<Version>,
    /// Which version of the intent is there, if any.
    pub intent: Option<Version>,
}

/// What a commit writes, and the state after it.
#[derive(Debug)]
pub struct Prepared {
    /// The leaf hashes of the entries.
    pub leaves: Vec<Hash>,
    files: Vec<(Tile, Vec<u8>)>,
    tree: Tree,
    bundle: Vec<u8>,
    entry_bytes: u64,
}

impl Prepared {
    /// How many entries the log will have.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// What announces it.
    pub fn intent(&self, log: &OpenLog) -> Intent {
        let digest = |(tile, bytes): &(Tile, Vec<u8>)| (tile.path(), Hash::of(bytes));
        Intent {
            origin: log.origin.clone(),
            from: log.tree.size(),
            to: self.tree.size(),
            files: self.files.iter().map(digest).collect(),
        }
    }
}

impl OpenLog {
    /// Its head.
    pub fn head(&self) -> Checkpoint {
        head(&self.origin, &self.tree)
    }

    /// The path of one of its files in the store.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.directory)
    }

    /// Adds entries, each with its leaf hash, in memory.
    ///
    /// # Errors
    /// An entry is empty or too long.
    pub fn prepare<'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a [u8], Hash)>,
    ) -> Result<Prepared, BundleError> {
        let mut tree = self.tree.clone();
        let mut open = self.bundle.clone();
        let mut leaves = Vec::new();
        let mut entry_bytes = self.entry_bytes;
        let (mut bundles, mut tiles) = (Vec::new(), Vec::new());
        for (entry, leaf) in entries {
            let before = open.len();
            bundle::push(&mut open, entry)?;
            entry_bytes += (open.len() - before) as u64;
            leaves.push(leaf);
            tree.push(leaf, &mut tiles);
            if tree.size().is_multiple_of(u64::from(FULL_WIDTH)) {
                let index = tree.size() / u64::from(FULL_WIDTH) - 1;
                let full = Tile::new(Content::Entries, index, FULL_WIDTH);
                // The next one is about as long.
                let next = Vec::with_capacity(open.len());
                let bytes = std::mem::replace(&mut open, next);
                bundles.extend(full.map(|full| (full, bytes)));
            }
        }
        if !open.is_empty() && tree.size() > self.tree.size() {
            let index = tree.size() / u64::from(FULL_WIDTH);
            let partial = tile::tile_of(Content::Entries, index, tree.size());
            bundles.extend(partial.map(|partial| (partial, open.clone())));
        }
        // Bundles first: an interrupted commit that has them all can be finished.
        let mut files = bundles;
        files.extend(tiles);
        files.extend(tree.partial_tiles_since(self.tree.size()));
        Ok(Prepared {
            leaves,
            files,
            tree,
            bundle: open,
            entry_bytes,
        })
    }

    /// Announces a commit and writes it.
    ///
    /// # Errors
    /// The store failed: what is on disk is not known, and this log must not be used any more.
    pub async fn commit(
        &mut self,
        storage: &dyn Storage,
        mut prepared: Prepared,
    ) -> Result<(), StorageError> {
        let intent = prepared.intent(self).sign(&self.keys).into_bytes();
        let intent = Replacement {
            path: self.path(INTENT),
            bytes: intent,
            before: self.intent.take(),
        };
        let commit = Commit {
            intent,
            files: self.files_of(&mut prepared),
            head: self.head_of(&prepared),
        };
        let (intent, checkpoint) = storage.commit(commit).await?;
        self.intent = Some(intent);
        self.take(storage, prepared, checkpoint).await;
        Ok(())
    }

    /// Writes a commit that is announced.
    ///
    /// # Errors
    /// As of [`OpenLog::commit`].
    pub async fn finish(
        &mut self,
        storage: &dyn Storage,
        mut prepared: Prepared,
    ) -> Result<(), StorageError> {
        storage.create(&self.files_of(&mut prepared)).await?;
        let head = self.head_of(&prepared);
        let checkpoint = storage
            .replace(&head.path, &head.bytes, head.before.as_ref())
            .await?;
        self.take(storage, prepared, checkpoint).await;
        Ok(())
    }

    /// The files of a commit, taken out of it.
    fn files_of(&self, prepared: &mut Prepared) -> Vec<(String, Vec<u8>)> {
        let files = std::mem::take(&mut prepared.files).into_iter();
        files
            .map(|(tile, bytes)| (self.path(&tile.path()), bytes))
            .collect()
    }

    fn head_of(&self, prepared: &Prepared) -> Replacement {
        let note = head(&self.origin, &prepared.tree).sign(&self.keys);
        Replacement {
            path: self.path(CHECKPOINT),
            bytes: note.into_bytes(),
            before: self.checkpoint.clone(),
        }
    }

    /// Goes on from what is written.
    async fn take(&mut self, storage: &dyn Storage, prepared: Prepared, checkpoint: Version) {
        let before = self.tree.size();
        self.checkpoint = Some(checkpoint);
        self.tree = prepared.tree;
        self.bundle = prepared.bundle;
        self.entry_bytes = prepared.entry_bytes;
        self.tidy(storage, before).await;
    }

    /// Deletes the intent, and the partial tiles of the tree of size `before` that have been
    /// replaced. Where that is refused they stay, and hold what they should.
    async fn tidy(&mut self, storage: &dyn Storage, before: u64) {
        if storage.delete(&[self.path(INTENT)]).await.is_ok() {
            self.intent = None;
        }
        let now = tile::partial_tiles(self.tree.size());
        let replaced = tile::partial_tiles(before)
            .into_iter()
            .filter(|tile| !now.contains(tile));
        let replaced: Vec<String> = replaced.map(|tile| self.path(&tile.path())).collect();
        if let Err(error) = storage.delete(&replaced).await {
            tracing::debug!(%error, "replaced partial tiles stay");
        }
    }
}

/// An entry and its leaf hash.
pub fn hashed(entry: &[u8]) -> (&[u8], Hash) {
    (entry, Hash::leaf(entry))
}

fn head(origin: &str, tree: &Tree) -> Checkpoint {
    Checkpoint {
        origin: origin.to_owned(),
        size: tree.size(),
        root: tree.root(),
    }
}
