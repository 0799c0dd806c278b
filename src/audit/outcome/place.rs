//! Where in a file something is, and what stands there.

use std::ops::Range;

use crate::k8s::manifest::Lines;

/// Characters of a line that are kept on each side of what is meant. Generated files have all they
/// hold on one line, and every finding keeps its own excerpt.
const AROUND_MAX: usize = 120;
/// Characters that are kept of what is meant.
const MARKED_MAX: usize = 240;
/// Stands for what is left out.
const ELLIPSIS: char = '…';

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The column behind the last character on that line.
    pub end_column: usize,
    /// What stands on the line, and which bytes of it are meant; `None` where it must not be shown.
    pub excerpt: Option<Excerpt>,
}

/// A line of a file, or of a long line the part around what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its end.
    pub text: String,
    /// The part that is meant, in bytes.
    pub marked: Range<usize>,
}

impl Place {
    /// The place of a byte range of a text, cut at the end of its first line: a caret under a hundred
    /// lines helps nobody.
    pub fn of(lines: &Lines<'_>, span: &Range<usize>) -> Self {
        let text = lines.text();
        // Whoever makes a span of one byte does not know how long the character is.
        let begin = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end.max(begin));
        let (line, column) = lines.line_and_column(begin);
        let (before, rest) = text.split_at_checked(begin).unwrap_or((text, ""));
        let meant = rest.get(..end - begin).unwrap_or(rest);
        let marked = meant.split(LINE_ENDS).next().unwrap_or_default();
        let behind = rest.get(marked.len()..).unwrap_or_default();
        Self {
            line,
            column,
            end_column: column + marked.chars().count(),
            excerpt: Some(Excerpt::of(before, marked, behind)),
        }
    }

    /// The place without what stands there.
    #[must_use]
    pub fn without_excerpt(self) -> Self {
        Self {
            excerpt: None,
            ..self
        }
    }
}

impl Excerpt {
    fn of(before: &str, marked: &str, behind: &str) -> Self {
        let before = some(before.chars().rev(), AROUND_MAX);
        let mut text: String = before.into_iter().rev().collect();
        let start = text.len();
        text.extend(some(marked.chars(), MARKED_MAX));
        let marked = start..text.len();
        text.extend(some(behind.chars(), AROUND_MAX));
        Self { text, marked }
    }
}

const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// At most so many characters up to the end of a line, and a sign where there are more.
fn some(characters: impl Iterator<Item = char>, max: usize) -> Vec<char> {
    let line = characters.take_while(|character| !LINE_ENDS.contains(character));
    let mut kept: Vec<char> = line.take(max + 1).collect();
    if kept.len() > max {
        kept.pop();
        kept.push(ELLIPSIS);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_first_line_of_a_span_in_characters() {
        let text = "a: 1\nclé: [x,\n  y]\n";
        let start = text.find('[').unwrap();
        let place = Place::of(&Lines::of(text), &(start..text.len()));
        assert_eq!((place.line, place.column, place.end_column), (2, 6, 9));
        let excerpt = place.excerpt.unwrap();
        assert_eq!(excerpt.text, "clé: [x,");
        assert_eq!(excerpt.text.get(excerpt.marked), Some("[x,"));
    }

    #[test]
    fn a_place_is_whole_characters() {
        let text = "a: {b: }\u{f84c4}]";
        for span in [8..9, 9..10, 10..11] {
            let excerpt = Place::of(&Lines::of(text), &span).excerpt.unwrap();
            let marked = excerpt.text.get(excerpt.marked);
            assert_eq!(marked, Some("\u{f84c4}"), "{span:?}");
        }
    }

    #[test]
    fn a_place_behind_the_end_is_at_the_end() {
        let place = Place::of(&Lines::of("a: ["), &(4..9));
        assert_eq!((place.line, place.column, place.end_column), (1, 5, 5));
    }

    #[test]
    fn of_a_long_line_the_part_around_what_is_meant_is_kept() {
        let line = |a: usize, marked: &str, z: usize| {
            format!("x: 1\n{}{marked}{}\ny: 1", "a".repeat(a), "z".repeat(z))
        };
        let meant = "é".repeat(300);
        let text = line(1_000, &meant, 1_000);
        let place = Place::of(&Lines::of(&text), &(1_005..1_605));
        assert_eq!((place.column, place.end_column), (1_001, 1_301));
        let excerpt = place.excerpt.unwrap();
        let marked = format!("{}…", "é".repeat(MARKED_MAX));
        assert_eq!(excerpt.text.get(excerpt.marked), Some(marked.as_str()));
        let (a, z) = ("a".repeat(AROUND_MAX), "z".repeat(AROUND_MAX));
        assert_eq!(excerpt.text, format!("…{a}{marked}{z}…"));
        let text = line(AROUND_MAX, "é", AROUND_MAX);
        let excerpt = Place::of(&Lines::of(&text), &(125..127)).excerpt.unwrap();
        assert_eq!(Some(excerpt.text.as_str()), text.lines().nth(1));
    }
}
