//! Starting again: going on with a replica's newest log where that is safe, and opening a new one
//! where it is not. docs/evidence/log-v1.md, "Starting again".

use std::convert::Infallible;
use std::time::SystemTime;

use transparency_log::bundle;
use transparency_log::tile::{self, Content};
use transparency_log::{Checkpoint, Hash, Tree};

use super::epoch;
use super::intent::Intent;
use super::open_log::{CHECKPOINT, INTENT, OpenLog, PUBLIC_KEYS, hashed};
use crate::evidence::key::{self, SigningKeys};
use crate::evidence::storage::{Storage, StorageError};

/// How many names are tried for a new log: others may open one in the same millisecond.
const NAMES_TRIED_MAX: usize = 16;

/// A log to go on with.
#[derive(Debug)]
pub struct Recovered {
    /// It.
    pub log: OpenLog,
    /// What its `start` record goes on from.
    pub resumes: Option<Checkpoint>,
}

/// Why a log cannot be gone on with; it stays as it is.
#[derive(Debug)]
struct Unusable(&'static str);

/// The replica's newest log, or a new one. With `is_abandoned` the newest belongs to somebody else.
///
/// # Errors
/// The store could not be asked, or not be written to.
pub async fn recover(
    storage: &dyn Storage,
    keys: &SigningKeys,
    replica: &str,
    now: SystemTime,
    is_abandoned: bool,
) -> Result<Recovered, StorageError> {
    let mut epochs = storage.directories(replica).await?;
    epochs.retain(|name| epoch::parse(name).is_some());
    let newest = epochs.last().cloned();
    if let Some(newest) = &newest
        && !is_abandoned
    {
        match reopen(storage, keys, replica, newest).await? {
            Ok(log) if log.tree.size() > 0 => {
                let resumes = Some(log.head());
                return Ok(Recovered { log, resumes });
            }
            // It has only its name yet; the log before it is what it goes on from.
            Ok(log) => {
                let resumes = last_head(storage, replica, &epochs, newest).await?;
                return Ok(Recovered { log, resumes });
            }
            Err(Unusable(reason)) => {
                tracing::warn!(log = %format!("{replica}/{newest}"), reason, "a new log is opened");
            }
        }
    }
    let resumes = last_head(storage, replica, &epochs, "").await?;
    let log = create(storage, keys, replica, now, newest.as_deref()).await?;
    Ok(Recovered { log, resumes })
}

/// Opens a new log, later than the one before it. It has only its keys yet.
///
/// # Errors
/// The store failed.
pub async fn create(
    storage: &dyn Storage,
    keys: &SigningKeys,
    replica: &str,
    now: SystemTime,
    before: Option<&str>,
) -> Result<OpenLog, StorageError> {
    let mut before = before.map(str::to_owned);
    let mut tried = 0;
    loop {
        let name = epoch::after(now, before.as_deref());
        let log = empty(keys, replica, &name)?;
        let file = key::public_file(&log.keys).into_bytes();
        // A name is taken by whoever writes the keys: with the same keys that could be two.
        let path = log.path(PUBLIC_KEYS);
        let is_free = storage.read(&path).await?.is_none();
        let created = match is_free {
            true => storage.create(&[(path.clone(), file)]).await,
            false => Err(StorageError::Conflict { path }),
        };
        tried += 1;
        match created {
            Ok(()) => return Ok(log),
            Err(StorageError::Conflict { .. }) if tried < NAMES_TRIED_MAX => before = Some(name),
            Err(error) => return Err(error),
        }
    }
}

fn empty(keys: &SigningKeys, replica: &str, epoch: &str) -> Result<OpenLog, StorageError> {
    let directory = format!("{replica}/{epoch}");
    let origin = format!("{}/{directory}", keys.name());
    let keys = keys.of_log(&origin).map_err(|error| StorageError::Url {
        url: origin.clone(),
        reason: error.to_string(),
    })?;
    Ok(OpenLog {
        keys,
        opened: epoch::parse(epoch).unwrap_or(SystemTime::UNIX_EPOCH),
        origin,
        directory,
        tree: Tree::new(),
        bundle: Vec::new(),
        entry_bytes: 0,
        checkpoint: None,
        intent: None,
    })
}

/// The head of the newest log that has one, `except` one.
async fn last_head(
    storage: &dyn Storage,
    replica: &str,
    epochs: &[String],
    except: &str,
) -> Result<Option<Checkpoint>, StorageError> {
    for name in epochs.iter().rev().filter(|name| *name != except) {
        let path = format!("{replica}/{name}/{CHECKPOINT}");
        if let Some(stored) = storage.read(&path).await?
            && let Ok((head, _)) = Checkpoint::parse(&stored.bytes)
        {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// Goes on with a log, if everything about its right edge can be verified.
async fn reopen(
    storage: &dyn Storage,
    keys: &SigningKeys,
    replica: &str,
    name: &str,
) -> Result<Result<OpenLog, Unusable>, StorageError> {
    let mut log = empty(keys, replica, name)?;
    let public = storage.read(&log.path(PUBLIC_KEYS)).await?;
    let expected = key::public_file(&log.keys);
    if public.is_none_or(|public| public.bytes != expected.as_bytes()) {
        return Ok(Err(Unusable("it is signed with other keys")));
    }
    if let Err(unusable) = read_edge(storage, &mut log).await? {
        return Ok(Err(unusable));
    }
    let Some(stored) = storage.read(&log.path(INTENT)).await? else {
        return Ok(Ok(log));
    };
    log.intent = Some(stored.version);
    match intent_of(&log, &stored.bytes) {
        Some(intent) if intent.to == log.tree.size() => Ok(Ok(log)),
        Some(intent) if intent.from == log.tree.size() => finish(storage, log, &intent).await,
        _ => Ok(Err(Unusable("its intent does not belong to its head"))),
    }
}

fn intent_of(log: &OpenLog, bytes: &[u8]) -> Option<Intent> {
    let note = transparency_log::note::Note::parse(bytes).ok()?;
    let verifiers: Vec<_> = log.keys.iter().map(|key| key.verifier().clone()).collect();
    note.verify_exactly(&verifiers).ok()?;
    Intent::from_text(note.text()).filter(|intent| intent.origin == log.origin)
}

/// Reads head, right edge and partial bundle.
async fn read_edge(
    storage: &dyn Storage,
    log: &mut OpenLog,
) -> Result<Result<(), Unusable>, StorageError> {
    let unusable = |reason| Ok(Err(Unusable(reason)));
    let Some(stored) = storage.read(&log.path(CHECKPOINT)).await? else {
        return Ok(Ok(()));
    };
    let Ok((head, note)) = Checkpoint::parse(&stored.bytes) else {
        return unusable("its checkpoint cannot be read");
    };
    let verifiers: Vec<_> = log.keys.iter().map(|key| key.verifier().clone()).collect();
    if head.origin != log.origin || note.verify_exactly(&verifiers).is_err() {
        return unusable("its checkpoint is not signed by these keys");
    }
    let mut edge = std::collections::HashMap::new();
    for partial in tile::partial_tiles(head.size) {
        let Some(stored) = storage.read(&log.path(&partial.path())).await? else {
            return unusable("a partial tile of its head is missing");
        };
        edge.insert(partial, stored.bytes);
    }
    let tree = Tree::from_right_edge(head.size, |tile| {
        Ok::<_, Infallible>(edge.get(tile).cloned().unwrap_or_default())
    });
    let tree = match tree {
        Ok(Some(tree)) if tree.root() == head.root => tree,
        _ => return unusable("its right edge is not what its head says"),
    };
    let is_bundle = |tile: &&tile::Tile| tile.content() == Content::Entries;
    let bundle = edge.keys().find(is_bundle).copied();
    let bundle = bundle
        .and_then(|tile| edge.remove(&tile))
        .unwrap_or_default();
    let Ok(entries) = bundle::entries(&bundle) else {
        return unusable("its last bundle cannot be read");
    };
    let leaves: Vec<Hash> = entries.into_iter().map(Hash::leaf).collect();
    if leaves != tree.partial_leaves() {
        return unusable("its last bundle is not what its tree says");
    }
    log.checkpoint = Some(stored.version);
    log.tree = tree;
    log.entry_bytes = full_bundle_bytes(storage, log).await? + bundle.len() as u64;
    log.bundle = bundle;
    Ok(Ok(()))
}

async fn full_bundle_bytes(storage: &dyn Storage, log: &OpenLog) -> Result<u64, StorageError> {
    let below = log.path("tile/entries");
    let listed = storage.list(&below).await?;
    let full = listed.iter().filter(|file| !file.path.contains(".p/"));
    Ok(full.map(|file| file.bytes).sum())
}

/// Finishes an interrupted commit, if all its entries are there.
async fn finish(
    storage: &dyn Storage,
    mut log: OpenLog,
    intent: &Intent,
) -> Result<Result<OpenLog, Unusable>, StorageError> {
    let unusable = |reason| Ok(Err(Unusable(reason)));
    let lost = "an interrupted commit lost records that nobody was answered for";
    let mut bundles = Vec::new();
    for (path, digest) in &intent.files {
        if tile::Tile::from_path(path).is_some_and(|tile| tile.content() == Content::Entries) {
            match storage.read(&log.path(path)).await? {
                Some(stored) if Hash::of(&stored.bytes) == *digest => bundles.push(stored.bytes),
                _ => return unusable(lost),
            }
        }
    }
    let mut entries = Vec::new();
    for bundle in &bundles {
        match bundle::entries(bundle) {
            Ok(more) => entries.extend(more),
            Err(_) => return unusable(lost),
        }
    }
    // The first bundle begins with what the head already covers.
    let known = usize::from(tile::partial_width(log.tree.size(), 0));
    let prepared = match log.prepare(entries.into_iter().skip(known).map(hashed)) {
        Ok(prepared) if prepared.intent(&log) == *intent => prepared,
        _ => return unusable("its intent is not what its bundles say"),
    };
    log.finish(storage, prepared).await?;
    Ok(Ok(log))
}
