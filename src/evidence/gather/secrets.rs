//! Texts that look like a credential, wherever a stranger may have put one.

use crate::evidence::record::Text;

/// What stands in a record in place of a credential.
const WITHHELD: &str = "[withheld]";
/// How texts begin that authenticate somebody.
const BEGINNINGS: [&str; 4] = ["bearer ", "basic ", "-----begin ", "authorization:"];

/// The text, unless it looks like a credential.
pub fn withheld(text: Text<'_>) -> Text<'_> {
    if is_credential(&text) {
        Text::Borrowed(WITHHELD)
    } else {
        text
    }
}

fn is_credential(text: &str) -> bool {
    let trimmed = text.trim_start();
    let begins = |beginning: &str| {
        trimmed
            .get(..beginning.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    BEGINNINGS.into_iter().any(begins) || text.split_whitespace().any(is_json_web_token)
}

/// Three parts of base64url, the first of which begins like a JSON object.
fn is_json_web_token(word: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    };
    word.starts_with("eyJ") && word.split('.').take(2).all(is_part) && word.contains('.')
}

#[cfg(test)]
mod tests {
    use super::withheld;

    #[test]
    fn what_authenticates_somebody_is_withheld() {
        let withholds = |text: &str| withheld(text.into()) != text;
        for text in [
            "Bearer abc",
            "BASIC dXNlcjpwYXNz",
            "Authorization: Bearer abc",
            "-----BEGIN PRIVATE KEY-----",
            "eyJhbGciOiJub25lIn0.e30.",
            "token eyJhbGciOiJub25lIn0.e30.x",
        ] {
            assert!(withholds(text), "{text}");
        }
        for text in [
            "alice",
            "system:masters",
            "Bearers of news",
            "JTI=7e1c",
            "eyJ",
        ] {
            assert!(!withholds(text), "{text}");
        }
    }
}
