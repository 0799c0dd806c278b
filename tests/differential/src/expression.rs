//! Generated expressions as trees of text, so that they can be made smaller without parsing them.

use std::fmt;

/// A generated expression: literal text with holes that are filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// The nonterminal of the grammar that it is made from.
    pub symbol: String,
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// Another expression.
    Hole(Expression),
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => formatter.write_str(text),
            Part::Hole(hole) => hole.fmt(formatter),
        })
    }
}

impl Expression {
    /// An expression without holes.
    pub fn text(symbol: &str, text: impl Into<String>) -> Self {
        Self {
            symbol: symbol.to_owned(),
            parts: vec![Part::Text(text.into())],
        }
    }

    fn holes(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// How many expressions this one consists of, itself included.
    pub fn size(&self) -> usize {
        1 + self.holes().map(Expression::size).sum::<usize>()
    }

    /// Every expression in this one, itself first.
    pub fn all(&self) -> Vec<&Expression> {
        let mut found = vec![self];
        for hole in self.holes() {
            found.extend(hole.all());
        }
        found
    }

    /// The same with the expression at a position of [`Expression::all`] replaced.
    pub fn replaced(&self, position: usize, replacement: &Expression) -> Expression {
        let mut next = 0;
        self.replace(position, replacement, &mut next)
    }

    fn replace(&self, position: usize, replacement: &Expression, next: &mut usize) -> Expression {
        let here = *next;
        *next += 1;
        if here == position {
            *next += self.size() - 1;
            return replacement.clone();
        }
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Part::Text(text.clone()),
            Part::Hole(hole) => Part::Hole(hole.replace(position, replacement, next)),
        });
        Expression {
            symbol: self.symbol.clone(),
            parts: parts.collect(),
        }
    }
}
