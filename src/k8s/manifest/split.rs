//! Separating the documents of a file.

use std::ops::Range;

/// The byte ranges of the documents of a file: what lies between lines that start with `---`, as
/// `k8s.io/apimachinery/pkg/util/yaml` separates them. Whatever follows `---` on its line belongs to
/// the document.
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

fn is_separator(line: &str) -> bool {
    line.strip_prefix(SEPARATOR)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace()))
}
