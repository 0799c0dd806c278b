//! Hashes of the tree, as in RFC 6962, section 2.1.

use std::fmt;

use aws_lc_rs::digest::{self, Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Length of a hash, in bytes.
pub const HASH_BYTES: usize = 32;

/// The first byte of what a leaf's hash is over.
const LEAF_PREFIX: u8 = 0;
/// The first byte of what an inner node's hash is over.
const NODE_PREFIX: u8 = 1;

/// SHA-256 of a leaf, of an inner node, or of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// The hash with these bytes.
    pub const fn new(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The leaf hash of an entry.
    pub fn leaf(entry: &[u8]) -> Self {
        Self::over(&[&[LEAF_PREFIX], entry])
    }

    /// The hash of the node above these two.
    pub fn node(left: Self, right: Self) -> Self {
        Self::over(&[&[NODE_PREFIX], &left.0, &right.0])
    }

    /// SHA-256 of bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self::over(&[bytes])
    }

    /// The root of the tree with these leaves, which may themselves be roots of full subtrees of
    /// one size, the last one of a smaller tree. Without any it is the root of the empty tree.
    pub fn root(leaves: &[Self]) -> Self {
        match leaves {
            [] => Self::of(b""),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                Self::node(Self::root(left), Self::root(right))
            }
        }
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The hash that a text in base64 is of: canonical, with padding. `None` if it is none.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    fn over(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let digest: digest::Digest = context.finish();
        let mut bytes = [0; HASH_BYTES];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

/// The largest power of two below `count`, which is at least 2: where RFC 6962 splits a tree.
pub(crate) fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// Base64, as notes have it.
impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({self})")
    }
}

/// Hexadecimal, as records have it.
impl fmt::LowerHex for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 9162's and certificate-transparency-go's test data: the roots of the trees over the
    /// first n of these entries.
    const ENTRIES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let leaves: Vec<Hash> = ENTRIES.iter().map(|entry| Hash::leaf(entry)).collect();
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(
                format!("{:x}", Hash::root(&leaves[..size])),
                *root,
                "{size}"
            );
        }
    }

    #[test]
    fn base64_is_read_in_its_one_form() {
        let hash = Hash::of(b"some file");
        assert_eq!(Hash::from_base64(&hash.to_string()), Some(hash));
        for wrong in [
            "",
            "AAAA",
            &hash.to_string().replace('=', ""),
            &format!("{hash}\n"),
        ] {
            assert_eq!(Hash::from_base64(wrong), None, "{wrong:?}");
        }
    }
}
