//! Lines and columns of byte offsets.

use std::sync::OnceLock;

/// Bytes between two marks at most: generated files have all they hold on one line, and places on it
/// are asked for thousands of times.
const APART_MAX: usize = 4096;

/// Where the lines of a text are, found when somebody asks for the first time: most files are asked
/// nothing, others thousands of times.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    marks: OnceLock<Vec<Mark>>,
}

/// A place that those behind it are counted from.
#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: usize,
    line: usize,
    column: usize,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            marks: OnceLock::new(),
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
        let marks = self.marks.get_or_init(|| marks(self.text));
        let behind = marks.partition_point(|mark| mark.offset <= offset);
        // There is one at the beginning.
        let mark = behind.checked_sub(1).and_then(|index| marks.get(index));
        mark.map_or((1, 1), |mark| {
            let between = self.text.get(mark.offset..offset).unwrap_or_default();
            (mark.line, mark.column + between.chars().count())
        })
    }
}

/// At the beginning of every line, and inside long ones.
fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut offset = 0;
    for (line, mut rest) in (1..).zip(text.split('\n')) {
        let mut column = 1;
        while let Some((near, far)) = rest
            .split_at_checked(rest.floor_char_boundary(APART_MAX))
            .filter(|(_, far)| !far.is_empty())
        {
            marks.push(Mark {
                offset,
                line,
                column,
            });
            offset += near.len();
            column += near.chars().count();
            rest = far;
        }
        marks.push(Mark {
            offset,
            line,
            column,
        });
        offset += rest.len() + '\n'.len_utf8();
    }
    marks
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
        let text = format!("a\n{}\nü: x", "é".repeat(3 * APART_MAX));
        let lines = Lines::of(&text);
        for (offset, _) in text.char_indices().filter(|(offset, _)| offset % 7 == 0) {
            let expected = line_and_column(&text, offset);
            assert_eq!(lines.line_and_column(offset), expected, "{offset}");
        }
    }
}
