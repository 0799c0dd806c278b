//! Proofs: that an entry is in a tree (RFC 6962, section 2.1.1), and that a tree begins with
//! another one (section 2.1.2). Verifying follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use crate::hash::{Hash, split};

/// The siblings on the way from leaf `index` to the root, the leaf's first. `None` if there is no
/// such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let middle = split(leaves.len());
        let (left, right) = leaves.split_at(middle);
        if index < middle {
            proof.push(Hash::root(right));
            leaves = left;
        } else {
            proof.push(Hash::root(left));
            leaves = right;
            index -= middle;
        }
    }
    proof.reverse();
    Some(proof)
}

/// Whether the proof says that `leaf` is leaf `index` of the tree with this size and root.
pub fn is_included(proof: &[Hash], size: u64, root: Hash, index: u64, leaf: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut index, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            hash = Hash::node(*sibling, hash);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::node(hash, *sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// The proof that the tree of the first `old` leaves is the beginning of this one. `None` if it
/// has fewer.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old > leaves.len() {
        return None;
    }
    if old == 0 || old == leaves.len() {
        return Some(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut leaves, mut old, mut is_whole) = (leaves, old, true);
    while old < leaves.len() {
        let middle = split(leaves.len());
        let (left, right) = leaves.split_at(middle);
        if old <= middle {
            proof.push(Hash::root(right));
            leaves = left;
        } else {
            proof.push(Hash::root(left));
            leaves = right;
            old -= middle;
            is_whole = false;
        }
    }
    if !is_whole {
        proof.push(Hash::root(leaves));
    }
    proof.reverse();
    Some(proof)
}

/// Whether the proof says that the tree with `old` and its root is the beginning of the other one.
pub fn is_consistent(proof: &[Hash], old: (u64, Hash), new: (u64, Hash)) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 {
        return proof.is_empty() && old_root == Hash::root(&[]);
    }
    if old_size >= new_size {
        return proof.is_empty() && old == new;
    }
    // A whole subtree's root is not in the proof: it is the old root.
    let (start, proof) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let (mut index, mut last) = (old_size - 1, new_size - 1);
    while index & 1 == 1 {
        index >>= 1;
        last >>= 1;
    }
    let (mut of_old, mut of_new) = (start, start);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if index & 1 == 1 || index == last {
            of_old = Hash::node(*sibling, of_old);
            of_new = Hash::node(*sibling, of_new);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            of_new = Hash::node(of_new, *sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == old_root && of_new == new_root
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE_MAX: usize = 70;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_no_other() {
        for size in 1..=SIZE_MAX {
            let leaves = leaves(size);
            let root = Hash::root(&leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                let proof = inclusion(&leaves, index).unwrap();
                let holds =
                    |index: usize, leaf| is_included(&proof, size as u64, root, index as u64, leaf);
                assert!(holds(index, *leaf), "{index} of {size}");
                assert!(!holds(index + 1, *leaf), "{index} of {size}");
                assert!(!holds(index, root) || size == 1, "{index} of {size}");
            }
            assert_eq!(inclusion(&leaves, size), None);
        }
    }

    #[test]
    fn every_beginning_of_every_tree_is_proved_and_no_other() {
        for size in 0..=SIZE_MAX {
            let leaves = leaves(size);
            let new = (size as u64, Hash::root(&leaves));
            for old in 0..=size {
                let proof = consistency(&leaves, old).unwrap();
                let of = (old as u64, Hash::root(&leaves[..old]));
                assert!(is_consistent(&proof, of, new), "{old} of {size}");
                let other = (old as u64, Hash::of(b"other"));
                assert!(!is_consistent(&proof, other, new), "{old} of {size}");
                assert!(
                    !is_consistent(&proof, (old as u64 + 1, of.1), new),
                    "{old} of {size}"
                );
            }
            assert_eq!(consistency(&leaves, size + 1), None);
        }
    }

    proptest! {
        #[test]
        fn proofs_are_those_of_go(size in 1..300_usize, one in any::<prop::sample::Index>()) {
            use tlog_tiles::tlog;
            let mut stored: Vec<tlog::Hash> = Vec::new();
            for n in 0..size {
                let read = |indexes: &[u64]| -> Vec<tlog::Hash> {
                    indexes.iter().map(|index| stored[*index as usize]).collect()
                };
                let added = tlog::stored_hashes(n as u64, &n.to_be_bytes(), &Reader(read)).unwrap();
                stored.extend(added);
            }
            let reader = Reader(|indexes: &[u64]| {
                indexes.iter().map(|index| stored[*index as usize]).collect()
            });
            let leaves = leaves(size);
            let theirs = |hashes: Vec<tlog::Hash>| -> Vec<Hash> {
                hashes.into_iter().map(|hash| Hash::new(hash.0)).collect()
            };
            let index = one.index(size);
            let root = tlog::tree_hash(size as u64, &reader).unwrap();
            prop_assert_eq!(Hash::root(&leaves), Hash::new(root.0));
            let proof = tlog::prove_record(size as u64, index as u64, &reader).unwrap();
            prop_assert_eq!(inclusion(&leaves, index).unwrap(), theirs(proof));
            let proof = tlog::prove_tree(size as u64, index as u64 + 1, &reader).unwrap();
            prop_assert_eq!(consistency(&leaves, index + 1).unwrap(), theirs(proof));
        }
    }

    struct Reader<F>(F);

    impl<F: Fn(&[u64]) -> Vec<tlog_tiles::tlog::Hash>> tlog_tiles::tlog::HashReader for Reader<F> {
        fn read_hashes(
            &self,
            indexes: &[u64],
        ) -> Result<Vec<tlog_tiles::tlog::Hash>, tlog_tiles::tlog::Error> {
            Ok((self.0)(indexes))
        }
    }
}
