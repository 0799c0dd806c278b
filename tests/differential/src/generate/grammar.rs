//! The grammar of expressions, read from `grammar.txt`.

use std::collections::BTreeMap;

use fastrand::Rng;

const TEXT: &str = include_str!("grammar.txt");

/// Productions by symbol.
pub(super) struct Grammar {
    symbols: BTreeMap<&'static str, Symbol>,
}

#[derive(Default)]
struct Symbol {
    all: Vec<Vec<Piece>>,
    /// Those without holes.
    leaves: Vec<Vec<Piece>>,
}

/// A piece of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// `{symbol}`
    Hole(String),
    /// `<path:type>`, `<optional>`, `<select>`: what is between the brackets.
    Path(String),
    /// `@symbol`
    Variable(String),
}

impl Grammar {
    pub(super) fn read() -> Self {
        let mut symbols: BTreeMap<&'static str, Symbol> = BTreeMap::new();
        let mut current = "";
        let names: Vec<&str> = TEXT.lines().filter_map(heading).collect();
        for line in TEXT.lines() {
            if let Some(name) = heading(line).filter(|name| names.contains(name)) {
                current = name;
            } else if !line.is_empty() && !line.starts_with('#') {
                let symbol = symbols.entry(current).or_default();
                let pieces = pieces(line, &names);
                if !pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) {
                    symbol.leaves.push(pieces.clone());
                }
                symbol.all.push(pieces);
            }
        }
        Self { symbols }
    }

    /// A production of a symbol; one without holes if asked for.
    pub(super) fn production(&self, symbol: &str, leaf: bool, random: &mut Rng) -> &[Piece] {
        let found = self.symbols.get(symbol).and_then(|symbol| {
            let productions = if leaf { &symbol.leaves } else { &symbol.all };
            random.choice(productions)
        });
        found.map_or(&[], Vec::as_slice)
    }

    pub(super) fn any_symbol(&self, random: &mut Rng) -> &'static str {
        random.choice(self.symbols.keys()).copied().unwrap_or("any")
    }
}

/// `[name]` on a line of its own; `[]` and lists in productions are none.
fn heading(line: &'static str) -> Option<&'static str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_name && !name.is_empty()).then_some(name)
}

fn pieces(line: &str, names: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        let special = match character {
            '{' => enclosed(after, '}')
                .filter(|(name, _)| names.contains(name))
                .map(|(name, after)| (Piece::Hole(name.to_owned()), after)),
            '<' => enclosed(after, '>')
                .filter(|(name, _)| {
                    name.starts_with("path:") || ["optional", "select"].contains(name)
                })
                .map(|(name, after)| (Piece::Path(name.to_owned()), after)),
            '@' => {
                let end = after.find([',', ')']).unwrap_or(after.len());
                after
                    .split_at_checked(end)
                    .filter(|(name, _)| names.contains(name))
                    .map(|(name, after)| (Piece::Variable(name.to_owned()), after))
            }
            _ => None,
        };
        match special {
            Some((piece, after)) => {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(piece);
                rest = after;
            }
            None => {
                text.push(character);
                rest = after;
            }
        }
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn enclosed(after: &str, close: char) -> Option<(&str, &str)> {
    after.split_once(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_productions_without_holes() {
        let grammar = Grammar::read();
        let without: Vec<_> = grammar
            .symbols
            .iter()
            .filter(|(_, symbol)| symbol.leaves.is_empty())
            .map(|(name, _)| *name)
            .collect();
        // What stands for others, and types whose values need an argument.
        assert_eq!(without, ["message", "number"]);
    }

    #[test]
    fn holes_variables_and_paths_are_told_from_text() {
        assert_eq!(
            pieces("<path:list>.all(@int, {bool} < {}) @ a", &["int", "bool"]),
            [
                Piece::Path("path:list".to_owned()),
                Piece::Text(".all(".to_owned()),
                Piece::Variable("int".to_owned()),
                Piece::Text(", ".to_owned()),
                Piece::Hole("bool".to_owned()),
                Piece::Text(" < {}) @ a".to_owned()),
            ]
        );
    }
}
