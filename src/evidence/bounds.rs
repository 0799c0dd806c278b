//! Limits of what enters a record, and the account of what they cut.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Bytes of a record: an entry bundle of a tiled log has 16 bits for an entry's length.
pub const RECORD_BYTES_MAX: usize = 65_535;
/// Bytes of any text that comes from a request. Names are at most 253 long, and paths of findings
/// seldom more.
pub const TEXT_BYTES_MAX: usize = 512;
/// Groups of a user.
pub const GROUPS_MAX: usize = 64;
/// Keys of a user's extras.
pub const EXTRAS_MAX: usize = 32;
/// Values of one key of a user's extras.
pub const EXTRA_VALUES_MAX: usize = 8;
/// Bytes of one value of a user's extras.
pub const EXTRA_BYTES_MAX: usize = 256;
/// Policies whose verdicts are counted.
pub const VERDICTS_MAX: usize = 256;
/// Findings.
pub const FINDINGS_MAX: usize = 128;
/// Exceptions, mutations and notes of an outcome.
pub const NAMES_MAX: usize = 64;
/// Pod templates of a workload.
pub const TEMPLATES_MAX: usize = 16;
/// Surfaces, credentials and externals of one Pod template.
pub const WORKLOAD_ITEMS_MAX: usize = 64;
/// Mounts of one surface or credential.
pub const MOUNTS_MAX: usize = 32;
/// Containers whose end is told: a Pod with more is none of ours.
pub const CONTAINERS_MAX: usize = 64;
/// Items of a change of configuration.
pub const ITEMS_MAX: usize = 256;
/// Other logs of a cross-link.
pub const LOGS_MAX: usize = 64;

/// What ends a text that was cut.
const CUT: &str = "…";

/// One list or text that was not taken over whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    // Members are in the order of their names, see `record`.
    /// How many items, or bytes of a text, the record has.
    pub kept: usize,
    /// Where in the record.
    pub member: String,
    /// How many there were.
    pub of: usize,
}

/// Cuts what is too long, and remembers it.
#[derive(Debug, Default)]
pub struct Bounds {
    truncated: Vec<Truncation>,
}

impl Bounds {
    /// A text that is short enough.
    pub fn text<'a>(&mut self, member: &str, text: &'a str) -> Cow<'a, str> {
        self.text_of(member, text, TEXT_BYTES_MAX)
    }

    /// A text of at most `bytes_max` bytes.
    pub fn text_of<'a>(&mut self, member: &str, text: &'a str, bytes_max: usize) -> Cow<'a, str> {
        if text.len() <= bytes_max {
            return Cow::Borrowed(text);
        }
        let kept = text.floor_char_boundary(bytes_max.saturating_sub(CUT.len()));
        self.note(member, kept, text.len());
        Cow::Owned(format!("{}{CUT}", text.get(..kept).unwrap_or_default()))
    }

    /// Cuts a text in its place.
    pub fn shorten(&mut self, member: &str, text: &mut Cow<'_, str>) {
        if text.len() > TEXT_BYTES_MAX {
            let cut = self.text(member, text).into_owned();
            *text = Cow::Owned(cut);
        }
    }

    /// A text, or nothing for an empty one.
    pub fn some<'a>(&mut self, member: &str, text: &'a str) -> Option<Cow<'a, str>> {
        (!text.is_empty()).then(|| self.text(member, text))
    }

    /// The first `items_max` items.
    pub fn list<T>(&mut self, member: &str, mut items: Vec<T>, items_max: usize) -> Vec<T> {
        if items.len() > items_max {
            self.note(member, items_max, items.len());
            items.truncate(items_max);
        }
        items
    }

    /// Remembers that of `of` items or bytes of `member` only `kept` were.
    pub fn note(&mut self, member: &str, kept: usize, of: usize) {
        let before = self.truncated.iter_mut().find(|t| t.member == member);
        match before {
            // Of several texts at one place the longest is told.
            Some(before) if before.of < of => (before.kept, before.of) = (kept, of),
            Some(_) => {}
            None => self.truncated.push(Truncation {
                kept,
                member: member.to_owned(),
                of,
            }),
        }
    }

    /// What was cut.
    pub fn into_truncated(self) -> Vec<Truncation> {
        self.truncated
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, TEXT_BYTES_MAX};

    #[test]
    fn a_long_text_is_cut_between_characters_and_told() {
        let mut bounds = Bounds::default();
        let long = "ä".repeat(TEXT_BYTES_MAX);
        let cut = bounds.text("subject.name", &long);
        assert!(cut.len() <= TEXT_BYTES_MAX && cut.ends_with('…'), "{cut}");
        let truncated = bounds.into_truncated();
        assert_eq!(truncated[0].member, "subject.name");
        assert_eq!(truncated[0].of, 2 * TEXT_BYTES_MAX);
    }

    #[test]
    fn what_fits_is_taken_over_whole() {
        let mut bounds = Bounds::default();
        assert_eq!(
            bounds.text("a", &"a".repeat(TEXT_BYTES_MAX)).len(),
            TEXT_BYTES_MAX
        );
        assert_eq!(bounds.list("b", vec![1, 2], 2), [1, 2]);
        assert_eq!(bounds.into_truncated(), []);
    }
}
