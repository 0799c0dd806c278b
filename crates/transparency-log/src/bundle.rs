//! Entry bundles: entries one after another, each after its length as a big-endian 16-bit number.
//! C2SP tlog-tiles, "Log entries".

use thiserror::Error;

/// The most bytes that an entry can have: its length has 16 bits.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// The bytes of an entry's length.
const LENGTH_BYTES: usize = 2;

/// Why bytes are no bundle, or an entry cannot be in one.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BundleError {
    /// Too long for the format.
    #[error("the entry has {0} bytes; a log takes at most {ENTRY_BYTES_MAX}")]
    TooLong(usize),
    /// An entry that says nothing.
    #[error("the entry is empty")]
    Empty,
    /// The bytes end within an entry.
    #[error("it ends within entry {0} of the bundle")]
    CutOff(usize),
}

/// Appends an entry to a bundle.
///
/// # Errors
/// The entry is empty or too long.
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = check(entry)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The length of an entry as a bundle has it.
///
/// # Errors
/// The entry is empty or too long.
pub fn check(entry: &[u8]) -> Result<u16, BundleError> {
    match u16::try_from(entry.len()) {
        Ok(0) => Err(BundleError::Empty),
        Ok(length) => Ok(length),
        Err(_) => Err(BundleError::TooLong(entry.len())),
    }
}

/// The entries of a bundle, in order; none for no bytes.
///
/// # Errors
/// The bytes end within an entry, or an entry is empty.
pub fn entries(mut bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let cut_off = BundleError::CutOff(entries.len());
        let (length, rest) = bundle.split_first_chunk::<LENGTH_BYTES>().ok_or(cut_off)?;
        let length = usize::from(u16::from_be_bytes(*length));
        if length == 0 {
            return Err(BundleError::Empty);
        }
        let (entry, rest) = rest.split_at_checked(length).ok_or(cut_off)?;
        entries.push(entry);
        bundle = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_big_endian() {
        let mut bundle = Vec::new();
        push(&mut bundle, b"abc").unwrap();
        push(&mut bundle, &[b'x'; 258]).unwrap();
        assert_eq!(bundle[..6], [0, 3, b'a', b'b', b'c', 1]);
        assert_eq!(bundle[6], 2);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut bundle = Vec::new();
        assert_eq!(push(&mut bundle, b""), Err(BundleError::Empty));
        let long = vec![0; ENTRY_BYTES_MAX + 1];
        assert_eq!(push(&mut bundle, &long), Err(BundleError::TooLong(65_536)));
        assert!(bundle.is_empty());
        push(&mut bundle, &long[1..]).unwrap();
        assert_eq!(entries(&bundle).unwrap(), [&long[1..]]);
    }

    #[test]
    fn a_bundle_that_is_cut_off_is_refused() {
        assert_eq!(entries(&[0, 1, b'a', 0]), Err(BundleError::CutOff(1)));
        assert_eq!(entries(&[0, 2, b'a']), Err(BundleError::CutOff(0)));
        assert_eq!(entries(&[0, 0]), Err(BundleError::Empty));
    }

    proptest! {
        #[test]
        fn entries_come_out_as_they_went_in(input in vec(vec(any::<u8>(), 1..50), 0..20)) {
            let mut bundle = Vec::new();
            for entry in &input {
                push(&mut bundle, entry).unwrap();
            }
            prop_assert_eq!(entries(&bundle).unwrap(), input);
        }
    }
}
