//! Tiles and bundles: which there are, and their paths. C2SP tlog-tiles, "Merkle Tree" and "Log
//! entries".

use std::fmt;
use std::ops::Range;

use crate::hash::{HASH_BYTES, Hash};

/// How many hashes or entries a full tile or bundle has.
pub const FULL_WIDTH: u16 = 256;

/// The binary logarithm of [`FULL_WIDTH`].
const WIDTH_BITS: u32 = 8;

/// The highest level of a tree with fewer than 2^64 leaves.
const LEVEL_MAX: u8 = 7;

/// What a tile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// Entries: the tile is a bundle.
    Entries,
    /// Hashes of this level; 0 are leaf hashes.
    Hashes(u8),
}

/// One tile or bundle, by its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    content: Content,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile with this number on its level. `None` if no tree has it: the width is 1 to 256, the
    /// level at most 7, and the leaves below it are counted in 64 bits.
    pub fn new(content: Content, index: u64, width: u16) -> Option<Self> {
        let tile = Self {
            content,
            index,
            width,
        };
        let is_wide = (1..=FULL_WIDTH).contains(&width);
        (is_wide && tile.level() <= LEVEL_MAX && tile.checked_leaves().is_some()).then_some(tile)
    }

    /// What it holds.
    pub fn content(&self) -> Content {
        self.content
    }

    /// Its number on its level, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has: 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has fewer than it will have.
    pub fn is_partial(&self) -> bool {
        self.width < FULL_WIDTH
    }

    /// The level of its hashes; 0 for a bundle.
    pub fn level(&self) -> u8 {
        match self.content {
            Content::Entries => 0,
            Content::Hashes(level) => level,
        }
    }

    /// The leaves below it.
    pub fn leaves(&self) -> Range<u64> {
        self.checked_leaves().unwrap_or(u64::MAX..u64::MAX)
    }

    fn checked_leaves(&self) -> Option<Range<u64>> {
        let first = self.index.checked_mul(u64::from(FULL_WIDTH))?;
        let below = 1_u64.checked_shl(WIDTH_BITS * u32::from(self.level()))?;
        let start = first.checked_mul(below)?;
        let end = first
            .checked_add(u64::from(self.width))?
            .checked_mul(below)?;
        Some(start..end)
    }

    /// Where it lies, relative to the log: `tile/0/x001/x234/067`, `tile/entries/273.p/112`.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// The tile that lies at a path. `None` for any path but those that [`Tile::path`] makes.
    pub fn from_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (content, rest) = rest.split_once('/')?;
        let content = match content {
            "entries" => Content::Entries,
            level => Content::Hashes(level.parse().ok()?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, FULL_WIDTH),
        };
        let mut index = 0_u64;
        for group in number.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        // Whatever was read too leniently does not come out again.
        Self::new(content, index, width).filter(|tile| tile.path() == path)
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content {
            Content::Entries => formatter.write_str("tile/entries/")?,
            Content::Hashes(level) => write!(formatter, "tile/{level}/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        while let Some(group) = groups.pop() {
            match groups.is_empty() {
                true => write!(formatter, "{group:03}")?,
                false => write!(formatter, "x{group:03}/")?,
            }
        }
        if self.is_partial() {
            write!(formatter, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// The width of the partial tile of a level in a tree of `size` leaves; 0 if there is none.
pub fn partial_width(size: u64, level: u8) -> u16 {
    let hashes = hashes_on(size, level);
    u16::try_from(hashes % u64::from(FULL_WIDTH)).unwrap_or(0)
}

/// How many hashes a level has in a tree of `size` leaves.
pub fn hashes_on(size: u64, level: u8) -> u64 {
    size.checked_shr(WIDTH_BITS * u32::from(level)).unwrap_or(0)
}

/// The tile with number `index` on a level of a tree of `size` leaves, as wide as it is there. `None`
/// if the tree does not have it.
pub fn tile_of(content: Content, index: u64, size: u64) -> Option<Tile> {
    let level = Tile::new(content, 0, 1)?.level();
    let before = index.checked_mul(u64::from(FULL_WIDTH))?;
    let width = hashes_on(size, level).checked_sub(before)?;
    Tile::new(
        content,
        index,
        u16::try_from(width.min(u64::from(FULL_WIDTH))).ok()?,
    )
}

/// The partial tiles of a tree of `size` leaves, its bundle first.
pub fn partial_tiles(size: u64) -> Vec<Tile> {
    let levels = (0..=LEVEL_MAX).map(Content::Hashes);
    std::iter::once(Content::Entries)
        .chain(levels)
        .filter_map(|content| {
            let level = Tile::new(content, 0, 1)?.level();
            let index = hashes_on(size, level) / u64::from(FULL_WIDTH);
            Tile::new(content, index, partial_width(size, level))
        })
        .collect()
}

/// The hashes that a tile's bytes are. `None` if their number is no whole one.
pub fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    rest.is_empty()
        .then(|| hashes.iter().copied().map(Hash::new).collect())
}

/// The bytes of a tile with these hashes.
pub fn bytes(hashes: &[Hash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hashes.len() * HASH_BYTES);
    for hash in hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
