//! Separating the documents of a file.

use std::ops::Range;

/// The byte ranges of the documents of a file: what lies between lines that start with `---`, as
/// `k8s.io/apimachinery/pkg/util/yaml` separates them.
pub fn documents(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut starts = vec![0];
    let mut ends = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if is_separator(line) {
            ends.push(offset);
            starts.push(offset + SEPARATOR.len());
        }
        offset += line.len();
    }
    ends.push(text.len());
    starts.into_iter().zip(ends).map(|(start, end)| start..end)
}

const SEPARATOR: &str = "---";

/// What follows may only be a comment; that is seen when the document is read.
fn is_separator(line: &str) -> bool {
    line.starts_with(SEPARATOR)
}

/// What stands behind the separator that a document begins with and is no comment: kubectl refuses
/// it, and others would read it as a part of the document. `start` is where the document begins.
pub(super) fn behind_separator(document: &str, start: usize) -> Option<Range<usize>> {
    let line = document.lines().next().filter(|_| start > 0)?;
    let rest = line.trim();
    let from = line.len() - line.trim_start().len();
    (!rest.is_empty() && !rest.starts_with('#')).then(|| start + from..start + from + rest.len())
}

/// Characters that readers of YAML 1.1 and 1.2 take differently: line breaks of 1.1 alone (behind a
/// comment, say, one reader sees a key where the other reads on), and byte order marks.
const AMBIGUOUS: [char; 4] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];

/// A character that is read in different ways, unless the document is JSON, where none is.
pub(super) fn ambiguous(document: &str) -> Option<Range<usize>> {
    // They begin with one of three bytes, which are rare.
    let suspicious = document
        .bytes()
        .any(|byte| matches!(byte, 0xc2 | 0xe2 | 0xef));
    // A byte order mark belongs at the beginning.
    let rest = document.strip_prefix('\u{feff}').unwrap_or(document);
    let found = suspicious.then(|| rest.find(AMBIGUOUS))??;
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(rest).is_ok();
    let length = rest.get(found..)?.chars().next()?.len_utf8();
    let start = document.len() - rest.len() + found;
    (!is_json).then_some(start..start + length)
}
