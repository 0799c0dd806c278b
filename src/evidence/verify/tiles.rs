//! The hash tiles of a log, against those that follow from its records.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use transparency_log::tile::{self, Content, FULL_WIDTH};
use transparency_log::{Hash, Tile};

use super::bundles::{self, differing, listed};
use super::finding::{Kind, LogReport};
use crate::evidence::storage::{Storage, StorageError};

/// Tiles by level and number.
pub type Stored = BTreeMap<(u8, u64), Vec<Hash>>;

/// What a tree of this size has tiles of.
pub fn contents(size: u64) -> Vec<Content> {
    let levels = (0..=u8::MAX).take_while(|level| tile::hashes_on(size, *level) > 0);
    let levels = levels.map(Content::Hashes);
    std::iter::once(Content::Entries).chain(levels).collect()
}

/// Finds the tiles of one kind that the head needs and that are not there.
pub fn find_missing(report: &mut LogReport, content: Content, present: &BTreeSet<Tile>) {
    let size = report.size();
    let level = match content {
        Content::Entries => 0,
        Content::Hashes(level) => level,
    };
    let count = tile::hashes_on(size, level).div_ceil(u64::from(FULL_WIDTH));
    let needed = |index: u64| tile::tile_of(content, index, size);
    let there = present
        .iter()
        .filter(|tile| tile.content() == content && needed(tile.index()) == Some(**tile));
    // A head can claim any size: the gaps are counted, not what is in them.
    let mut next = 0;
    let mut gaps: Vec<Range<u64>> = Vec::new();
    for index in there.map(Tile::index).chain([count]) {
        if index > next {
            gaps.push(next..index);
        }
        next = index + 1;
    }
    for gap in gaps {
        let (Some(first), Some(last)) = (needed(gap.start), needed(gap.end - 1)) else {
            continue;
        };
        let records = first.leaves().start..last.leaves().end.min(size);
        let what = match content {
            Content::Entries => "their bundle is missing",
            Content::Hashes(_) => "hashes over them are missing",
        };
        let to = match gap.end - gap.start {
            1 => String::new(),
            _ => format!(" (to {})", last.path()),
        };
        let message = format!(
            "records {} to {}: {what}{to}",
            records.start,
            records.end - 1
        );
        report.find(Kind::Removed, &first.path(), Some(records), message);
    }
}

/// Reads the tiles that the head needs. Those of a wrong length are found, and left out.
pub async fn read(
    storage: &dyn Storage,
    report: &mut LogReport,
    present: &BTreeSet<Tile>,
) -> Result<Stored, StorageError> {
    let size = report.size();
    let mut stored = Stored::new();
    for tile in present {
        let Content::Hashes(level) = tile.content() else {
            continue;
        };
        if tile::tile_of(tile.content(), tile.index(), size) != Some(*tile) {
            continue;
        }
        let Some(file) = storage.read(&report.path(&tile.path())).await? else {
            continue;
        };
        match tile::hashes(&file.bytes) {
            Some(hashes) if hashes.len() == usize::from(tile.width()) => {
                stored.insert((level, tile.index()), hashes);
            }
            _ => {
                let message = format!(
                    "has {} bytes where {} hashes of 32 belong: it was cut off or altered",
                    file.bytes.len(),
                    tile.width()
                );
                report.find(Kind::Altered, &tile.path(), Some(tile.leaves()), message);
            }
        }
    }
    Ok(stored)
}

/// Says which hashes of a tile are wrong.
pub fn explain(report: &mut LogReport, tile: Tile, expected: &[Hash], found: &[Hash]) {
    let places = differing(found, expected);
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return;
    };
    let below = (tile.leaves().end - tile.leaves().start) / u64::from(tile.width());
    let number = |place: usize| tile.leaves().start + place as u64 * below;
    let records = number(*first)..number(last + 1);
    let message = match tile.level() {
        0 => {
            let numbers: Vec<u64> = places.iter().map(|place| number(*place)).collect();
            format!("the hashes of {} are not theirs", listed(&numbers))
        }
        _ => format!(
            "{} hashes over records {} to {} are not theirs",
            places.len(),
            records.start,
            records.end - 1
        ),
    };
    report.find(Kind::Altered, &tile.path(), Some(records), message);
}

/// The hashes of every level, from the leaves up.
pub fn levels(leaves: &[Hash]) -> Vec<Vec<Hash>> {
    let mut levels = vec![leaves.to_vec()];
    while let Some(below) = levels.last() {
        let above: Vec<Hash> = below
            .chunks_exact(usize::from(FULL_WIDTH))
            .map(Hash::root)
            .collect();
        if above.is_empty() {
            break;
        }
        levels.push(above);
    }
    levels
}

/// Compares the tiles above the leaves.
pub fn check_upper(report: &mut LogReport, levels: &[Vec<Hash>], stored: &Stored) {
    let size = report.size();
    for ((level, index), found) in stored.iter().filter(|((level, _), _)| *level > 0) {
        if let Some(tile) = tile::tile_of(Content::Hashes(*level), *index, size)
            && let Some(expected) = hashes_of(levels, tile)
        {
            explain(report, tile, expected, found);
        }
    }
}

/// Compares the partial tiles that wider ones replaced.
pub async fn check_replaced(
    storage: &dyn Storage,
    report: &mut LogReport,
    levels: &[Vec<Hash>],
    present: &BTreeSet<Tile>,
) -> Result<(), StorageError> {
    let size = report.size();
    for tile in present {
        if tile::tile_of(tile.content(), tile.index(), size) == Some(*tile) {
            continue;
        }
        let Some(file) = storage.read(&report.path(&tile.path())).await? else {
            continue;
        };
        let found = match tile.content() {
            Content::Entries => bundles::leaves_of(&file.bytes),
            Content::Hashes(_) => tile::hashes(&file.bytes),
        };
        if found.as_deref() != hashes_of(levels, *tile) {
            let message = "is no longer the beginning of the tile that replaced it";
            report.find(Kind::Altered, &tile.path(), Some(tile.leaves()), message);
        }
    }
    Ok(())
}

/// The hashes that a tile should have.
fn hashes_of(levels: &[Vec<Hash>], tile: Tile) -> Option<&[Hash]> {
    let first = usize::try_from(tile.index().checked_mul(u64::from(FULL_WIDTH))?).ok()?;
    let level = levels.get(usize::from(tile.level()))?;
    level.get(first..first.checked_add(usize::from(tile.width()))?)
}
