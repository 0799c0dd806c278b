//! Mutation of texts by tokens: what a bracket encloses moves as a whole, so that most results are
//! still well formed and reach what is behind the parser.

use proptest::prelude::*;
use proptest::sample::Index;

/// What is done to a text.
#[derive(Clone, Debug)]
pub enum Step {
    /// A part is replaced by a part of another text.
    Replace(Index, Index, Index),
    /// A part is removed.
    Remove(Index),
    /// A part is repeated.
    Repeat(Index, usize),
    /// A part is put into another text's place for it.
    Wrap(Index, usize),
    /// A token is replaced by a value at some limit.
    Extreme(Index, usize),
    /// A character is inserted.
    Insert(Index, char),
}

/// Texts that enclose another.
const WRAPPINGS: &[(&str, &str)] = &[
    ("(", ")"),
    ("[", "]"),
    ("{'k': ", "}"),
    ("!(", ")"),
    ("-(", ")"),
    ("dyn(", ")"),
    ("string(", ")"),
    ("size(", ")"),
    ("has(", ")"),
    ("[1, 2, 3].map(a, ", ")"),
    ("[1, 2, 3].all(a, [4, 5].exists(b, ", "))"),
    ("object.list.filter(x, ", ")"),
    ("(", ").size()"),
    ("(true ? ", " : null)"),
    ("optional.of(", ")"),
    ("(", ").orValue(0)"),
];

/// Tokens that are at some limit.
const EXTREMES: &[&str] = &[
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615u",
    "1e308",
    "-0.0",
    "0x7fffffffffffffff",
    "''",
    "'\\u0000'",
    "'𝄞é'",
    "b'\\xff'",
    "null",
    "[]",
    "{}",
    "optional.none()",
    "object",
    "variables",
    "'99999999999999999999Ei'",
    "'0001-01-01T00:00:00Z'",
    "'(((a*)*)*)*$'",
    "''''",
    "? :",
    "~1~0",
];

/// Texts that came from one of a corpus by a few steps.
pub fn mutated(corpus: Vec<String>) -> impl Strategy<Value = String> {
    let others = corpus.clone();
    (any::<Index>(), proptest::collection::vec(step(), 0..6)).prop_map(move |(start, steps)| {
        let mut text = others
            .get(start.index(others.len()))
            .cloned()
            .unwrap_or_default();
        for step in &steps {
            text = apply(&text, step, &corpus);
        }
        text
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(at, of, other)| Step::Replace(at, of, other)),
        2 => any::<Index>().prop_map(Step::Remove),
        1 => (any::<Index>(), 2..40usize).prop_map(|(at, times)| Step::Repeat(at, times)),
        3 => (any::<Index>(), 0..WRAPPINGS.len()).prop_map(|(at, which)| Step::Wrap(at, which)),
        3 => (any::<Index>(), 0..EXTREMES.len()).prop_map(|(at, which)| Step::Extreme(at, which)),
        1 => (any::<Index>(), any::<char>()).prop_map(|(at, which)| Step::Insert(at, which)),
    ]
}

/// Texts must not grow without bound over the steps.
const TEXT_BYTES_MAX: usize = 16 * 1024;

fn apply(text: &str, step: &Step, corpus: &[String]) -> String {
    let parts = parts(text);
    let at = |index: &Index| {
        let (start, end) = match parts.len() {
            0 => (0, text.len()),
            length => parts.get(index.index(length)).copied().unwrap_or_default(),
        };
        let split = |position| text.split_at_checked(position).unwrap_or((text, ""));
        (
            split(start).0,
            text.get(start..end).unwrap_or(""),
            split(end).1,
        )
    };
    let changed = match step {
        Step::Replace(index, of, other) => {
            let (before, _, after) = at(index);
            let other = corpus
                .get(other.index(corpus.len().max(1)))
                .map_or("", String::as_str);
            let of_other = self::parts(other);
            let part = match of_other.len() {
                0 => other,
                length => of_other
                    .get(of.index(length))
                    .and_then(|(start, end)| other.get(*start..*end))
                    .unwrap_or(""),
            };
            format!("{before}{part}{after}")
        }
        Step::Remove(index) => {
            let (before, _, after) = at(index);
            format!("{before}{after}")
        }
        Step::Repeat(index, times) => {
            let (before, part, after) = at(index);
            format!("{before}{}{after}", part.repeat(*times))
        }
        Step::Wrap(index, which) => {
            let (before, part, after) = at(index);
            let (open, close) = WRAPPINGS.get(*which).copied().unwrap_or_default();
            format!("{before}{open}{part}{close}{after}")
        }
        Step::Extreme(index, which) => {
            let (before, _, after) = at(index);
            let extreme = EXTREMES.get(*which).copied().unwrap_or_default();
            format!("{before}{extreme}{after}")
        }
        Step::Insert(index, which) => {
            let (before, part, after) = at(index);
            format!("{before}{which}{part}{after}")
        }
    };
    if changed.len() > TEXT_BYTES_MAX {
        return text.to_owned();
    }
    changed
}

/// Byte ranges of tokens, and of what brackets enclose, brackets included.
fn parts(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let mut end = start + character.len_utf8();
        if is_word(character) {
            while let Some((_, next)) = characters.next_if(|(_, next)| is_word(*next)) {
                end += next.len_utf8();
            }
        } else if matches!(character, '\'' | '"') {
            for (_, next) in characters.by_ref() {
                end += next.len_utf8();
                if next == character {
                    break;
                }
            }
        }
        match character {
            '(' | '[' | '{' => open.push(start),
            ')' | ']' | '}' => found.extend(open.pop().map(|from| (from, end))),
            _ => {}
        }
        if !character.is_whitespace() {
            found.push((start, end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_tokens_and_what_brackets_enclose() {
        let text = "f('a)', [x])";
        let found: Vec<&str> = parts(text)
            .into_iter()
            .filter_map(|(start, end)| text.get(start..end))
            .collect();
        assert_eq!(
            found,
            [
                "f",
                "(",
                "'a)'",
                ",",
                "[",
                "x",
                "[x]",
                "]",
                "('a)', [x])",
                ")"
            ]
        );
    }
}
