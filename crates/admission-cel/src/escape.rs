//! Names that are no identifiers, written as identifiers (`pkg/cel/escaping.go` of
//! `k8s.io/apiserver`). The API server looks `variables` up by the name that an identifier stands for.

use std::borrow::Cow;

/// Words that cannot be identifiers (`celReservedSymbols` there).
pub const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The name that an identifier stands for; `None` if it holds an escape that there is not.
pub(crate) fn unescape(identifier: &str) -> Option<Cow<'_, str>> {
    let mut name = String::new();
    let mut rest = identifier;
    while let Some((before, escape, after)) = next_escape(rest) {
        name.push_str(before);
        name.push_str(match escape {
            "underscores" => "__",
            "dot" => ".",
            "dash" => "-",
            "slash" => "/",
            // A reserved word is escaped as a whole only.
            word if RESERVED.contains(&word) && word.len() + 4 == identifier.len() => word,
            _ => return None,
        });
        rest = after;
    }
    if name.is_empty() && rest.len() == identifier.len() {
        return Some(Cow::Borrowed(identifier));
    }
    name.push_str(rest);
    Some(Cow::Owned(name))
}

/// What comes before, in and after the first `__…__` with something other than `_` inside.
fn next_escape(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some((skipped, after)) = text.get(from..)?.split_once("__") {
        let start = from + skipped.len();
        let end = after.find('_').unwrap_or(after.len());
        let (inside, rest) = after.split_at_checked(end)?;
        match rest.strip_prefix("__") {
            Some(rest) if !inside.is_empty() => return Some((text.get(..start)?, inside, rest)),
            _ => from = start + 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn identifiers_stand_for_names() {
        for (identifier, name) in [
            ("name", Some("name")),
            ("__name", Some("__name")),
            ("a__b", Some("a__b")),
            ("a__dash__b", Some("a-b")),
            ("a__dot__b__slash__c", Some("a.b/c")),
            ("a__underscores__b", Some("a__b")),
            ("___dot__", Some("_.")),
            ("__dot___", Some("._")),
            ("__dot_", Some("__dot_")),
            ("____", Some("____")),
            ("__if__", Some("if")),
            ("a__if__", None),
            ("__namespace__", Some("namespace")),
            ("__other__", None),
            ("a__b__c", None),
        ] {
            assert_eq!(unescape(identifier).as_deref(), name, "`{identifier}`");
        }
    }
}
