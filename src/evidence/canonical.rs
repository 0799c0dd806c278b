//! Digests over the JSON Canonicalization Scheme (RFC 8785) of a borrowed tree, which is hashed as it is
//! written.

use std::cmp::Ordering;
use std::io::Write;

use admission_cel::json::{Entry, Json};
use admission_policy::patch::Operation;
use sha2::{Digest as _, Sha256};

/// Integers up to here are doubles without loss, so that their digits are the canonical ones.
const EXACT_MAX: u64 = 1 << 53;

/// How many bytes are hashed at once: they are in the processor's nearest cache still.
const CHUNK: usize = 4 << 10;
/// Members of an object and of those that it is in, mostly.
const MEMBERS: usize = 64;

/// SHA-256 of the canonical form of a value.
pub fn digest(value: &Json<'_>) -> [u8; 32] {
    let mut writer = Writer::hashing();
    writer.value(value);
    writer.digest()
}

/// SHA-256 of the canonical form of an object of which only some members are `shown`, by their names
/// and by that of the member that they are in, for members of members; what is deeper is shown.
pub fn digest_of_shown(value: &Json<'_>, shown: impl Fn(Option<&str>, &str) -> bool) -> [u8; 32] {
    let mut writer = Writer::hashing();
    let Some(object) = value.as_object() else {
        return digest(value);
    };
    let outer = object.entries().iter();
    writer.members(
        outer.filter(|entry| shown(None, entry.key)),
        |writer, member| match member.value.as_object() {
            Some(object) => {
                let inner = object.entries().iter();
                writer.members(
                    inner.filter(|entry| shown(Some(member.key), entry.key)),
                    |writer, member| writer.value(&member.value),
                );
            }
            None => writer.value(&member.value),
        },
    );
    writer.digest()
}

/// SHA-256 of the canonical form of a patch.
pub fn digest_of_patch(operations: &[Operation<'_>]) -> [u8; 32] {
    let mut writer = Writer::hashing();
    writer.items(operations, Writer::operation);
    writer.digest()
}

/// The form so far.
struct Writer<'v, 'a> {
    /// What is not hashed yet.
    out: Vec<u8>,
    /// Of what was before it; `None` to have it all in `out`.
    hash: Option<Sha256>,
    /// Members of the objects that are being written, those of each object sorted.
    members: Vec<&'v Entry<'a>>,
}

impl<'v, 'a> Writer<'v, 'a> {
    fn hashing() -> Self {
        Self {
            out: Vec::with_capacity(2 * CHUNK),
            hash: Some(Sha256::new()),
            members: Vec::with_capacity(MEMBERS),
        }
    }

    /// Makes room, where there is a hash to do so.
    fn flush(&mut self, least: usize) {
        if self.out.len() >= least
            && let Some(hash) = &mut self.hash
        {
            hash.update(&self.out);
            self.out.clear();
        }
    }

    fn digest(mut self) -> [u8; 32] {
        self.flush(0);
        self.hash.unwrap_or_default().finalize().into()
    }

    fn value(&mut self, value: &'v Json<'a>) {
        match value {
            Json::Null => self.out.extend_from_slice(b"null"),
            Json::Bool(true) => self.out.extend_from_slice(b"true"),
            Json::Bool(false) => self.out.extend_from_slice(b"false"),
            Json::Int(number) => write_integer(*number, &mut self.out),
            Json::Double(number) => write_double(*number, &mut self.out),
            Json::String(text) => write_text(text, &mut self.out),
            Json::Array(items) => self.items(items, Self::value),
            Json::Object(object) => {
                self.members(object.entries().iter(), |writer, member| {
                    writer.value(&member.value);
                });
            }
        }
    }

    fn items<T>(&mut self, items: &'v [T], mut item: impl FnMut(&mut Self, &'v T)) {
        self.out.push(b'[');
        for (position, each) in items.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            item(self, each);
            self.flush(CHUNK);
        }
        self.out.push(b']');
    }

    /// An object with these members, `value` writing their values.
    fn members(
        &mut self,
        entries: impl Iterator<Item = &'v Entry<'a>>,
        mut value: impl FnMut(&mut Self, &'v Entry<'a>),
    ) {
        let first = self.members.len();
        self.members.extend(entries);
        if let Some(own) = self.members.get_mut(first..) {
            own.sort_unstable_by(|a, b| compare(a.key, b.key));
        }
        self.out.push(b'{');
        let mut next = first;
        // Objects within leave the members as they found them.
        while let Some(member) = self.members.get(next).copied() {
            if next > first {
                self.out.push(b',');
            }
            write_text(member.key, &mut self.out);
            self.out.push(b':');
            value(self, member);
            self.flush(CHUNK);
            next += 1;
        }
        self.members.truncate(first);
        self.out.push(b'}');
    }

    /// An operation of a patch; its members have few names, which are written in their order.
    fn operation(&mut self, operation: &'v Operation<'a>) {
        let (name, from, path, value) = match operation {
            Operation::Add { path, value } => ("add", None, path, Some(value)),
            Operation::Remove { path } => ("remove", None, path, None),
            Operation::Replace { path, value } => ("replace", None, path, Some(value)),
            Operation::Move { from, path } => ("move", Some(from), path, None),
            Operation::Copy { from, path } => ("copy", Some(from), path, None),
            Operation::Test { path, value } => ("test", None, path, value.as_ref()),
        };
        self.out.push(b'{');
        if let Some(from) = from {
            self.out.extend_from_slice(b"\"from\":");
            write_text(from, &mut self.out);
            self.out.push(b',');
        }
        self.out.extend_from_slice(b"\"op\":");
        write_text(name, &mut self.out);
        self.out.extend_from_slice(b",\"path\":");
        write_text(path, &mut self.out);
        if let Some(value) = value {
            self.out.extend_from_slice(b",\"value\":");
            self.value(value);
        }
        self.out.push(b'}');
    }
}

/// The order of names: by UTF-16 code units, which differs from the order of bytes beyond the basic
/// plane only.
fn compare(a: &str, b: &str) -> Ordering {
    match a.bytes().zip(b.bytes()).find(|(a, b)| a != b) {
        None => a.len().cmp(&b.len()),
        Some((a, b)) if a.is_ascii() && b.is_ascii() => a.cmp(&b),
        Some(_) => a.encode_utf16().cmp(b.encode_utf16()),
    }
}

fn write_integer(number: i64, out: &mut Vec<u8>) {
    if number.unsigned_abs() <= EXACT_MAX {
        // Writing to memory does not fail.
        let _ = write!(out, "{number}");
    } else {
        #[expect(
            clippy::cast_precision_loss,
            reason = "RFC 8785 knows doubles only; every implementation rounds so"
        )]
        write_double(number as f64, out);
    }
}

fn write_double(number: f64, out: &mut Vec<u8>) {
    // JSON has no other numbers, so a tree that was read from it holds none.
    if number.is_finite() {
        let mut digits = ryu_js::Buffer::new();
        out.extend_from_slice(digits.format_finite(number).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Section 3.2.2.2 of RFC 8785.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    // Almost all text has nothing to escape.
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for piece in text.as_bytes().split_inclusive(needs_escape) {
        let Some((last, plain)) = piece.split_last().filter(|(last, _)| needs_escape(last)) else {
            out.extend_from_slice(piece);
            break;
        };
        out.extend_from_slice(plain);
        match last {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.push(b'"');
}

fn needs_escape(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..0x20)
}

/// Whether nothing needs an escape; eight bytes are asked at once.
fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    // The high bit of a byte is set if the byte is less than `limit`; of those above the first such
    // byte it may be set too.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let escapes = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        below(word, 0x20) | equal(b'"') | equal(b'\\')
    };
    let Some(last) = text.last_chunk() else {
        return !text.iter().any(needs_escape);
    };
    let (words, _) = text.as_chunks();
    words
        .iter()
        .fold(escapes(last), |found, word| found | escapes(word))
        == 0
}

#[cfg(test)]
pub(super) mod tests;
