//! JSON that steers no terminal: control characters that JSON lets pass are escaped, too.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Compact JSON in which every control character is escaped.
pub(super) struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !fragment.contains(char::is_control) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if character.is_control() {
                write!(writer, "\\u{:04x}", u32::from(character))?;
            } else {
                write!(writer, "{character}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;

    #[test]
    fn no_control_character_is_left_and_the_text_is_the_same() {
        let text = "a\u{1b}[2J\u{9b}2J\u{7f}ä\n";
        let mut written = Vec::new();
        let mut serializer = serde_json::Serializer::with_formatter(&mut written, super::Escaped);
        text.serialize(&mut serializer).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(!written.contains(char::is_control), "{written:?}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
