//! Damage to the text of an expression, for the parser.

use fastrand::Rng;

const FRAGMENTS: &[&str] = &[
    "(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "&&", "||", "!", "-", "=", "==", "in", "'",
    "\"", "`", "@", "#", "//", "\n", "\t", "0x", "1e", "u", "\\", "null", "true", "for", "package",
    ".?", "[?", "r'", "b'", "'''", "ä", "😀", " ", "..", "&", "|", "$", "has(", "_",
];

/// The text with one to three fragments inserted, removed or doubled.
pub(super) fn damage(text: &str, random: &mut Rng) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(1..=3) {
        let at = random.usize(..=characters.len());
        let end = (at + random.usize(1..4)).min(characters.len());
        match random.usize(..3) {
            0 => {
                let fragment = random.choice(FRAGMENTS).copied().unwrap_or(" ");
                characters.splice(at..at, fragment.chars());
            }
            1 => {
                characters.drain(at..end);
            }
            _ => {
                let again: Vec<char> = characters.get(at..end).unwrap_or_default().to_vec();
                characters.splice(at..at, again);
            }
        }
    }
    characters.into_iter().collect()
}
