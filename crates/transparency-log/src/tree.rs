//! The tree as it grows: only its right edge, from which follow its root and every tile.

use crate::hash::Hash;
use crate::tile::{self, Content, FULL_WIDTH, Tile};

/// The right edge of a tree: of each level the hashes that are in no full tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// From level 0; each has fewer than 256 hashes, the last at least one.
    levels: Vec<Vec<Hash>>,
}

/// A tile and its bytes.
pub type TileBytes = (Tile, Vec<u8>);

impl Tree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree of `size` leaves, of which `read` gives the bytes of the partial tiles that
    /// [`tile::partial_tiles`] lists, bundles left out.
    ///
    /// # Errors
    /// What `read` returns, and `None` for a tile of another length.
    pub fn from_right_edge<E>(
        size: u64,
        mut read: impl FnMut(&Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Self>, E> {
        let mut levels: Vec<Vec<Hash>> = Vec::new();
        for partial in tile::partial_tiles(size) {
            let Content::Hashes(level) = partial.content() else {
                continue;
            };
            let bytes = read(&partial)?;
            let hashes = tile::hashes(&bytes);
            let Some(hashes) = hashes.filter(|h| h.len() == usize::from(partial.width())) else {
                return Ok(None);
            };
            levels.resize(usize::from(level), Vec::new());
            levels.push(hashes);
        }
        Ok(Some(Self { size, levels }))
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        let mut below: Option<Hash> = None;
        for level in &self.levels {
            let mut hashes = level.clone();
            hashes.extend(below);
            if !hashes.is_empty() {
                below = Some(Hash::root(&hashes));
            }
        }
        below.unwrap_or_else(|| Hash::root(&[]))
    }

    /// The leaf hashes of its partial tile.
    pub fn partial_leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// Adds a leaf; tiles that it completes are appended to `full`.
    pub fn push(&mut self, leaf: Hash, full: &mut Vec<TileBytes>) {
        self.size += 1;
        let mut carried = Some(leaf);
        let mut level = 0_u8;
        while let Some(hash) = carried.take() {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else {
                return;
            };
            hashes.push(hash);
            if hashes.len() == usize::from(FULL_WIDTH) {
                carried = Some(Hash::root(hashes));
                let bytes = tile::bytes(hashes);
                hashes.clear();
                let index = (tile::hashes_on(self.size, level) - 1) / u64::from(FULL_WIDTH);
                let tile = Tile::new(Content::Hashes(level), index, FULL_WIDTH);
                full.extend(tile.map(|tile| (tile, bytes)));
                level += 1;
            }
        }
    }

    /// The partial tiles of hashes that the tree of size `from`, which this one grew out of, did
    /// not have.
    pub fn partial_tiles_since(&self, from: u64) -> Vec<TileBytes> {
        let partial = tile::partial_tiles(self.size);
        partial
            .into_iter()
            .filter(|tile| {
                let level = tile.level();
                tile::hashes_on(from, level) != tile::hashes_on(self.size, level)
            })
            .filter_map(|tile| match tile.content() {
                Content::Entries => None,
                Content::Hashes(level) => {
                    let hashes = self.levels.get(usize::from(level))?;
                    Some((tile, tile::bytes(hashes)))
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn leaf(number: u64) -> Hash {
        Hash::leaf(&number.to_be_bytes())
    }

    /// Grows a tree by commits of these sizes; returns every tile that it wrote.
    fn grow(commits: &[u64]) -> (Tree, BTreeMap<Tile, Vec<u8>>) {
        let mut tree = Tree::new();
        let mut written = BTreeMap::new();
        for commit in commits {
            let from = tree.size();
            let mut full = Vec::new();
            for number in from..from + commit {
                tree.push(leaf(number), &mut full);
            }
            for (tile, bytes) in full.into_iter().chain(tree.partial_tiles_since(from)) {
                assert!(written.insert(tile, bytes).is_none(), "{tile} twice");
            }
        }
        (tree, written)
    }

    /// The hashes of a level, computed from the leaves.
    fn level_of(leaves: &[Hash], level: u8) -> Vec<Hash> {
        let below = 1 << (8 * u32::from(level));
        leaves.chunks_exact(below).map(Hash::root).collect()
    }

    fn check(commits: &[u64]) {
        let (tree, written) = grow(commits);
        let leaves: Vec<Hash> = (0..tree.size()).map(leaf).collect();
        assert_eq!(tree.root(), Hash::root(&leaves));
        for (tile, bytes) in &written {
            let first = usize::try_from(tile.index()).unwrap() * 256;
            let hashes = level_of(&leaves, tile.level());
            let expected = &hashes[first..first + usize::from(tile.width())];
            assert_eq!(*bytes, tile::bytes(expected), "{tile}");
        }
        for level in 0..3 {
            for index in 0.. {
                let Some(tile) = tile::tile_of(Content::Hashes(level), index, tree.size()) else {
                    break;
                };
                assert!(written.contains_key(&tile), "{tile} is missing");
            }
        }
        let again = Tree::from_right_edge(tree.size(), |tile| {
            Ok::<_, Infallible>(written[tile].clone())
        });
        assert_eq!(again, Ok(Some(tree)));
    }

    #[test]
    fn a_tree_of_three_levels_has_every_tile() {
        check(&[1, 255, 70_000 - 256]);
    }

    #[test]
    fn a_right_edge_of_another_width_is_refused() {
        let tree = Tree::from_right_edge(3, |_| Ok::<_, Infallible>(vec![0; 64]));
        assert_eq!(tree, Ok(None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn commits_of_any_size_write_the_tiles_of_the_naive_tree(
            commits in prop::collection::vec(prop_oneof![1..5_u64, 200..600_u64], 0..8),
        ) {
            check(&commits);
        }
    }
}
