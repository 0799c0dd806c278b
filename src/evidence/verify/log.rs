//! One log: what its files say, against its head.

use std::collections::{BTreeMap, BTreeSet};

use transparency_log::tile::{self, Content, FULL_WIDTH};
use transparency_log::{Hash, Tile};

use super::bundles::{self, Bundle};
use super::discover::LogFiles;
use super::finding::{Kind, LogReport};
use super::{Expectations, Seen, head, tiles};
use crate::evidence::storage::{Storage, StorageError};
use crate::evidence::writer::intent::Intent;

/// How often a log is read again that was written to meanwhile.
const READINGS_MAX: usize = 5;

/// Verifies a log. One that is being written changes while it is read: then it is read again.
pub async fn check(
    storage: &dyn Storage,
    files: &LogFiles,
    expected: &Expectations,
) -> Result<LogReport, StorageError> {
    let mut names = files.names.clone();
    let mut readings = 0;
    loop {
        let (report, before) = check_once(storage, files, &names, expected).await?;
        readings += 1;
        if report.findings.is_empty() || readings == READINGS_MAX {
            return Ok(report);
        }
        let now = storage.read(&report.path("checkpoint")).await?;
        if now.map(|stored| stored.bytes) == before {
            return Ok(report);
        }
        let listed = storage.list(&files.directory).await?;
        let below = report.path("");
        let relative = |path: String| path.strip_prefix(&below).map(str::to_owned);
        names = listed
            .into_iter()
            .filter_map(|file| relative(file.path))
            .collect();
    }
}

async fn check_once(
    storage: &dyn Storage,
    files: &LogFiles,
    names: &[String],
    expected: &Expectations,
) -> Result<(LogReport, Option<Vec<u8>>), StorageError> {
    let mut report = LogReport {
        directory: files.directory.clone(),
        ..LogReport::default()
    };
    let keys = head::keys(storage, &mut report).await?;
    let stored = storage.read(&report.path("checkpoint")).await?;
    let before = stored.as_ref().map(|stored| stored.bytes.clone());
    if let Some(stored) = &stored {
        head::check_head(&mut report, &stored.bytes, &keys, expected);
        if report.head.is_none() {
            return Ok((report, before));
        }
    }
    let origin = keys.first().map(|key| key.name().to_owned());
    let intent = match storage.read(&report.path("intent")).await? {
        Some(stored) => head::check_intent(&mut report, &stored.bytes, &keys, origin.as_deref()),
        None => None,
    };
    let present = account(storage, &mut report, names, intent.as_ref()).await?;
    match stored {
        Some(_) => check_tree(storage, &mut report, &present).await?,
        None if report.findings.is_empty() => {
            let notice = "was opened, and no record of it was ever committed";
            report.notices.push(notice.to_owned());
        }
        None => {
            let message = "the log's head is missing";
            report.find(Kind::Removed, "checkpoint", None, message);
            // Everything else that was found may follow from it.
            report.findings.rotate_right(1);
        }
    }
    let seen: Vec<Seen> = expected
        .heads
        .iter()
        .filter(|seen| Some(&seen.head.origin) == origin.as_ref())
        .cloned()
        .collect();
    head::check_seen(&mut report, &seen, &keys);
    Ok((report, before))
}

/// Accounts for every file; returns the tiles that the head covers.
async fn account(
    storage: &dyn Storage,
    report: &mut LogReport,
    names: &[String],
    intent: Option<&Intent>,
) -> Result<BTreeSet<Tile>, StorageError> {
    let size = report.size();
    let covered = bundles::records_of(size);
    let mut present = BTreeSet::new();
    let mut unfinished = 0;
    for name in names {
        if matches!(name.as_str(), "checkpoint" | "key.pub" | "intent") {
            continue;
        }
        let Some(tile) = Tile::from_path(name) else {
            let message = "is no file of a log";
            report.find(Kind::Added, name, None, message);
            continue;
        };
        if tile.leaves().end <= size {
            present.insert(tile);
            continue;
        }
        let announced = intent.and_then(|intent| {
            let mut files = intent.files.iter();
            files
                .find(|(path, _)| path == name)
                .map(|(_, digest)| digest)
        });
        let beyond = Some(tile.leaves().start.max(size)..tile.leaves().end);
        let Some(digest) = announced else {
            let message = format!(
                "is beyond the head's {covered}, and no commit announced it: somebody put it \
                 there, or the head was set back"
            );
            report.find(Kind::Added, name, beyond, message);
            continue;
        };
        match storage.read(&report.path(name)).await? {
            Some(stored) if Hash::of(&stored.bytes) != *digest => {
                let message = "is not what the interrupted commit announced";
                report.find(Kind::Altered, name, beyond, message);
            }
            _ => unfinished += 1,
        }
    }
    if let Some(intent) = intent
        && intent.to > size
    {
        report.notices.push(format!(
            "a commit of {} was interrupted: {unfinished} of its {} files are there; they \
             are under no head and do not count",
            bundles::records_of(intent.to.saturating_sub(intent.from)),
            intent.files.len(),
        ));
    }
    Ok(present)
}

/// Recomputes the tree from bundles and tiles, and finds out which of them are wrong where they
/// differ.
async fn check_tree(
    storage: &dyn Storage,
    report: &mut LogReport,
    present: &BTreeSet<Tile>,
) -> Result<(), StorageError> {
    let size = report.size();
    for content in tiles::contents(size) {
        tiles::find_missing(report, content, present);
    }
    let bundles = bundles::read(storage, report, present).await?;
    let stored = tiles::read(storage, report, present).await?;
    let mut choice = Choice::of(size, &bundles, &stored);
    let root = report.head.as_ref().map(|head| head.root);
    let is_whole = choice.settle(size, root);
    for (index, leaves) in &choice.leaves {
        if let Some(bundle) = bundles.get(index) {
            bundles::explain(report, *index, leaves, bundle);
        }
        if let (Some(tile), Some(hashes)) = (
            tile::tile_of(Content::Hashes(0), *index, size),
            stored.get(&(0, *index)),
        ) {
            tiles::explain(report, tile, leaves, hashes);
        }
    }
    for (index, bundle) in &bundles {
        if !choice.leaves.contains_key(index) {
            bundles::explain(report, *index, &[], bundle);
        }
    }
    let Some(leaves) = choice.all(size) else {
        return Ok(());
    };
    let levels = tiles::levels(&leaves);
    tiles::check_upper(report, &levels, &stored);
    tiles::check_replaced(storage, report, &levels, present).await?;
    if is_whole {
        report.leaves = leaves;
    } else {
        let message = "the tree of these records is not the one that the head signs";
        report.find(Kind::Altered, "checkpoint", None, message);
    }
    Ok(())
}

/// For each tile of leaves, the hashes that are believed.
struct Choice {
    leaves: BTreeMap<u64, Vec<Hash>>,
    /// Where bundle and tile differ, and nothing says which is right: the other possibility.
    other: BTreeMap<u64, Vec<Hash>>,
}

impl Choice {
    fn of(
        size: u64,
        bundles: &BTreeMap<u64, Bundle>,
        stored: &BTreeMap<(u8, u64), Vec<Hash>>,
    ) -> Self {
        let mut leaves = BTreeMap::new();
        let mut other = BTreeMap::new();
        let indexes: BTreeSet<u64> = bundles
            .keys()
            .copied()
            .chain(
                stored
                    .keys()
                    .filter(|(level, _)| *level == 0)
                    .map(|(_, i)| *i),
            )
            .collect();
        for index in indexes {
            let Some(tile) = tile::tile_of(Content::Entries, index, size) else {
                continue;
            };
            let width = usize::from(tile.width());
            let of_bundle = bundles
                .get(&index)
                .filter(|bundle| bundle.error.is_none() && bundle.leaves.len() == width)
                .map(|bundle| bundle.leaves.clone());
            let of_tile = stored
                .get(&(0, index))
                .filter(|hashes| hashes.len() == width);
            let above = stored
                .get(&(1, index / u64::from(FULL_WIDTH)))
                .and_then(|hashes| {
                    let place = usize::try_from(index % u64::from(FULL_WIDTH)).ok()?;
                    hashes.get(place).copied()
                });
            match (of_bundle, of_tile.cloned()) {
                (Some(one), Some(two)) if one != two => {
                    if above == Some(Hash::root(&one)) {
                        leaves.insert(index, one);
                    } else {
                        if above != Some(Hash::root(&two)) {
                            other.insert(index, one);
                        }
                        leaves.insert(index, two);
                    }
                }
                (Some(one), _) | (None, Some(one)) => {
                    leaves.insert(index, one);
                }
                (None, None) => {}
            }
        }
        Self { leaves, other }
    }

    /// Whether the root is the head's, perhaps with the other possibilities.
    fn settle(&mut self, size: u64, root: Option<Hash>) -> bool {
        if self.root(size) == root {
            return true;
        }
        let before = self.leaves.clone();
        self.leaves.append(&mut self.other);
        let is_right = self.root(size) == root;
        if !is_right {
            self.leaves = before;
        }
        is_right
    }

    fn root(&self, size: u64) -> Option<Hash> {
        self.all(size).map(|leaves| Hash::root(&leaves))
    }

    /// All leaf hashes; `None` if some are not known.
    fn all(&self, size: u64) -> Option<Vec<Hash>> {
        let count = size.div_ceil(u64::from(FULL_WIDTH));
        if self.leaves.len() as u64 != count {
            return None;
        }
        let leaves: Vec<Hash> = self.leaves.values().flatten().copied().collect();
        (leaves.len() as u64 == size).then_some(leaves)
    }
}
