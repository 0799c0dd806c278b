//! Telling cheaply whether a text can say something about certain kinds.

use regex::Regex;

/// Tells whether a text may hold an object of some kinds without parsing it.
pub(super) struct Mentions(Option<Regex>);

impl Mentions {
    pub(super) fn new(kinds: &[&str]) -> Self {
        // A kind may also be spelled with escapes, which no search for its name finds.
        let words = kinds.iter().map(|kind| regex::escape(kind));
        let words: Vec<String> = words.collect();
        let pattern = format!(r"(?-u:\b)(?:{})(?-u:\b)|\\[xuU\r\n]", words.join("|"));
        Self(Regex::new(&pattern).ok())
    }

    pub(super) fn any_in(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_as_words_and_escapes_might_be_kinds() {
        let mentions = Mentions::new(&["Namespace", "Role"]);
        for (text, expected) in [
            ("kind: Namespace\n", true),
            ("{\"kind\":\"Role\"}", true),
            ("kind: \"Names\\x70ace\"", true),
            ("kind: \"Name\\\nspace\"", true),
            ("kind: RoleBinding\nnamespace: a\n", false),
            ("", false),
        ] {
            assert_eq!(mentions.any_in(text), expected, "{text}");
        }
    }
}
