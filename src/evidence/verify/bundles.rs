//! The records of a log: read, hashed, and compared with the hashes that the tree has.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::Context as _;
use transparency_log::bundle::{self, BundleError};
use transparency_log::tile::{self, Content, FULL_WIDTH};
use transparency_log::{Hash, Tile};

use super::finding::{Kind, LogReport};
use super::links;
use crate::evidence::storage::{Storage, StorageError};
use crate::policy::prose::count;

/// How many records a finding lists.
const LISTED_MAX: usize = 8;

/// The leaf hashes of a bundle's entries, as far as they can be read.
#[derive(Debug)]
pub struct Bundle {
    /// In order.
    pub leaves: Vec<Hash>,
    /// Why there are no more.
    pub error: Option<BundleError>,
}

impl Bundle {
    /// Hashes the entries of a bundle's bytes, and shows each with its number to `each`.
    fn of(bytes: &[u8], mut each: impl FnMut(usize, &[u8])) -> Self {
        match bundle::entries(bytes) {
            Ok(entries) => {
                let mut leaves = Vec::with_capacity(entries.len());
                for (number, entry) in entries.into_iter().enumerate() {
                    each(number, entry);
                    leaves.push(Hash::leaf(entry));
                }
                Self {
                    leaves,
                    error: None,
                }
            }
            Err(error) => Self {
                leaves: Vec::new(),
                error: Some(error),
            },
        }
    }
}

/// Reads the bundles that the head needs, and what their records say of logs.
pub async fn read(
    storage: &dyn Storage,
    report: &mut LogReport,
    present: &BTreeSet<Tile>,
) -> Result<BTreeMap<u64, Bundle>, StorageError> {
    let size = report.size();
    let mut bundles = BTreeMap::new();
    for tile in present
        .iter()
        .filter(|tile| tile.content() == Content::Entries)
    {
        if tile::tile_of(Content::Entries, tile.index(), size) != Some(*tile) {
            continue;
        }
        if let Some(stored) = storage.read(&report.path(&tile.path())).await? {
            let first = tile.leaves().start;
            let bundle = Bundle::of(&stored.bytes, |number, entry| {
                links::read(report, first + number as u64, entry);
            });
            bundles.insert(tile.index(), bundle);
        }
    }
    Ok(bundles)
}

/// The leaf hashes of a bundle that a wider one replaced; `None` if they cannot be read.
pub fn leaves_of(bytes: &[u8]) -> Option<Vec<Hash>> {
    let bundle = Bundle::of(bytes, |_, _| {});
    bundle.error.is_none().then_some(bundle.leaves)
}

/// Says what was done to a bundle, if anything. Without expected hashes only its form is judged.
pub fn explain(report: &mut LogReport, index: u64, expected: &[Hash], bundle: &Bundle) {
    let Some(tile) = tile::tile_of(Content::Entries, index, report.size()) else {
        return;
    };
    let (name, all) = (tile.path(), tile.leaves());
    if let Some(error) = bundle.error {
        let message = format!("was altered or cut off: {error}");
        report.find(Kind::Altered, &name, Some(all), message);
        return;
    }
    if expected.is_empty() {
        let message = format!(
            "has {} where the head has {}",
            records_of(bundle.leaves.len() as u64),
            tile.width()
        );
        report.find(Kind::Altered, &name, Some(all), message);
        return;
    }
    let found = &bundle.leaves;
    if found == expected {
        return;
    }
    let sorted = |hashes: &[Hash]| {
        let mut hashes = hashes.to_vec();
        hashes.sort();
        hashes
    };
    let number = |place: &usize| all.start + *place as u64;
    if sorted(found) == sorted(expected) {
        let moved = differing(found, expected);
        let range = range_of(&moved, all.start);
        let moved: Vec<u64> = moved.iter().map(number).collect();
        let message = format!("{} there in another order", are(&moved));
        report.find(Kind::Reordered, &name, range, message);
        return;
    }
    match found.len().cmp(&expected.len()) {
        std::cmp::Ordering::Less => {
            let gone = not_in(expected, found);
            let range = range_of(&gone, all.start);
            let gone: Vec<u64> = gone.iter().map(number).collect();
            let message = format!("{} missing from the bundle", are(&gone));
            report.find(Kind::Removed, &name, range, message);
        }
        std::cmp::Ordering::Greater => {
            let more = not_in(found, expected);
            let range = range_of(&more, all.start);
            let more: Vec<u64> = more.iter().map(number).collect();
            let message = format!("somebody put {} into the bundle", listed(&more));
            report.find(Kind::Added, &name, range, message);
        }
        std::cmp::Ordering::Equal => {
            let altered = differing(found, expected);
            let range = range_of(&altered, all.start);
            let altered: Vec<u64> = altered.iter().map(number).collect();
            let message = format!("{} not what was written", are(&altered));
            report.find(Kind::Altered, &name, range, message);
        }
    }
}

/// The places where two lists differ.
pub fn differing(found: &[Hash], expected: &[Hash]) -> Vec<usize> {
    let pairs = found.iter().zip(expected).enumerate();
    let differing = pairs.filter(|(_, (one, two))| one != two);
    differing.map(|(place, _)| place).collect()
}

/// The places in `all` of hashes that `some` does not have as often.
fn not_in(all: &[Hash], some: &[Hash]) -> Vec<usize> {
    let mut left: BTreeMap<&Hash, usize> = BTreeMap::new();
    for hash in some {
        *left.entry(hash).or_default() += 1;
    }
    let mut places = Vec::new();
    for (place, hash) in all.iter().enumerate() {
        match left.get_mut(hash) {
            Some(count) if *count > 0 => *count -= 1,
            _ => places.push(place),
        }
    }
    places
}

/// From the first to one past the last.
pub fn range_of(places: &[usize], start: u64) -> Option<Range<u64>> {
    let (first, last) = (places.first()?, places.last()?);
    Some(start + *first as u64..start + *last as u64 + 1)
}

/// Some numbers, for people.
pub fn listed(numbers: &[u64]) -> String {
    let shown: Vec<String> = numbers
        .iter()
        .take(LISTED_MAX)
        .map(u64::to_string)
        .collect();
    let noun = if numbers.len() == 1 {
        "record"
    } else {
        "records"
    };
    let more = numbers.len().saturating_sub(LISTED_MAX);
    match more {
        0 => format!("{noun} {}", shown.join(", ")),
        more => format!("{noun} {} and {more} more", shown.join(", ")),
    }
}

/// `record 7 is`, `records 7, 8 are`.
fn are(numbers: &[u64]) -> String {
    let verb = if numbers.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", listed(numbers))
}

/// A number of records, for people.
pub fn records_of(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "record")
}

/// One record of a verified log.
pub async fn entry(
    storage: &dyn Storage,
    report: &LogReport,
    record: u64,
) -> anyhow::Result<Vec<u8>> {
    let index = record / u64::from(FULL_WIDTH);
    let tile = tile::tile_of(Content::Entries, index, report.size())
        .with_context(|| format!("the log has no record {record}"))?;
    let path = report.path(&tile.path());
    let stored = storage.read(&path).await?;
    let stored = stored.with_context(|| format!("`{path}` is gone"))?;
    let entries = bundle::entries(&stored.bytes)?;
    let place = usize::try_from(record % u64::from(FULL_WIDTH))?;
    let entry = entries.get(place).copied();
    let entry = entry.filter(|entry| {
        let leaf = usize::try_from(record)
            .ok()
            .and_then(|at| report.leaves.get(at));
        leaf == Some(&Hash::leaf(entry))
    });
    let entry = entry.with_context(|| format!("`{path}` changed meanwhile"))?;
    Ok(entry.to_vec())
}
