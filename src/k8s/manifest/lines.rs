//! Lines and columns of byte offsets.

use std::sync::OnceLock;

/// Where the lines of a text begin, found when somebody asks for the first time: most files are
/// asked nothing, others thousands of times.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: OnceLock<Vec<usize>>,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            starts: OnceLock::new(),
        }
    }

    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Line and column of a byte offset, both from 1; columns count characters. What is behind the
    /// end, or inside a character, is taken for the end.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = match self.text.is_char_boundary(offset) {
            true => offset,
            false => self.text.len(),
        };
        let starts = self.starts.get_or_init(|| starts(self.text));
        let line = starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| starts.get(index));
        let before = start.and_then(|start| self.text.get(*start..offset));
        (line, before.map_or(0, |before| before.chars().count()) + 1)
    }
}

fn starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(position, _)| position + 1);
    std::iter::once(0).chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::manifest::line_and_column;

    #[test]
    fn places_are_those_found_by_counting() {
        for text in ["", "a", "\n", "é\r\nb\n\nü: x", "a\n"] {
            let lines = Lines::of(text);
            for offset in 0..text.len() + 3 {
                let expected = line_and_column(text, offset);
                assert_eq!(lines.line_and_column(offset), expected, "{text:?} {offset}");
            }
        }
    }
}
