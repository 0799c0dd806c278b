//! Reading files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::load::Source;

/// A manifest of more than this is no manifest; it bounds what one file can occupy.
pub(super) const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads a file.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn file(path: &Path) -> Result<Source, String> {
    let opened = File::open(path).map_err(cannot)?;
    let metadata = opened.metadata().map_err(cannot)?;
    if metadata.is_dir() {
        return Err("cannot be read: it is a directory".to_owned());
    }
    let text = text(opened, usize::try_from(metadata.len()).unwrap_or_default())?;
    Ok(Source {
        name: path.display().to_string(),
        text,
    })
}

/// Reads UTF-8 text, or UTF-16 with a byte order mark.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text(stream: impl Read, expected_bytes: usize) -> Result<String, String> {
    // Whatever a file says of its size: pipes say 0, and others may grow.
    let room = expected_bytes.min(usize::try_from(FILE_BYTES_MAX).unwrap_or_default());
    let mut bytes = Vec::with_capacity(room + 1);
    stream
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("larger than {FILE_BYTES_MAX} bytes"));
    }
    decode(bytes)
}

fn decode(bytes: Vec<u8>) -> Result<String, String> {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..offset).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("not UTF-8 text: byte {offset} (line {line}) belongs to no character")
        }),
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let decoded: Result<String, _> = char::decode_utf16(units).collect();
    match decoded {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err("begins as UTF-16 text, but does not go on as such".to_owned()),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn cannot(error: io::Error) -> String {
    format!("cannot be read: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf_8_or_utf_16_with_a_mark() {
        for (bytes, expected) in [
            (&b"a: 1"[..], Ok("a: 1")),
            (b"\xff\xfea\0:\0", Ok("a:")),
            (b"\xfe\xff\0a\0:", Ok("a:")),
            (b"", Ok("")),
            (b"a\n\xff", Err("byte 2 (line 2)")),
            (b"\xff\xfea", Err("UTF-16")),
            (b"\xff\xfe\0\xd8", Err("UTF-16")),
        ] {
            match (text(bytes, 0), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (found, _) => panic!("{bytes:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        let error = text(io::repeat(b' '), 0).unwrap_err();
        assert!(error.contains("larger than"), "{error}");
    }
}
