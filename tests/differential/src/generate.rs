//! Questions at random, the same ones for the same seed.

mod grammar;
mod mutate;
mod paths;

use fastrand::Rng;

use crate::expression::{Expression, Part};
use crate::objects::Fixture;
use crate::question::{Kind, Question};
use grammar::{Grammar, Piece};
use paths::Paths;

/// How many parts an expression has at most; beyond it every hole takes a production without holes.
const PARTS_MAX: usize = 40;

/// How deep holes nest at most.
const DEPTH_MAX: usize = 6;

/// One in so many holes is filled with an expression of another symbol, which is mostly ill-typed.
const ILL_TYPED_ONE_IN: usize = 60;

/// One in so many holes is wrapped in `dyn()`.
const DYN_ONE_IN: usize = 25;

/// One in so many expressions may reach the cost limit.
const COSTLY_ONE_IN: usize = 250;

/// One in so many expressions is damaged as text.
const DAMAGED_ONE_IN: usize = 25;

const VARIABLE_NAMES: &[&str] = &["x", "y", "i", "k", "v", "e", "object"];

/// Makes questions about fixtures.
pub struct Generator {
    grammar: Grammar,
    fixtures: Vec<(Fixture, Paths)>,
    random: Rng,
}

/// A question, and its expression as a tree.
pub struct Generated {
    /// The question.
    pub question: Question,
    /// Its expression.
    pub expression: Expression,
}

impl Generator {
    /// A generator for a seed.
    pub fn new(seed: u64) -> Self {
        let fixtures = crate::objects::fixtures()
            .into_iter()
            .map(|fixture| {
                let paths = Paths::of(&fixture);
                (fixture, paths)
            })
            .collect();
        Self {
            grammar: Grammar::read(),
            fixtures,
            random: Rng::with_seed(seed),
        }
    }

    /// The next question; none if there are no fixtures.
    pub fn next_question(&mut self) -> Option<Generated> {
        let (fixture, paths) = self.random.choice(&self.fixtures)?;
        let kind = *self.random.choice(KINDS)?;
        let symbol = match self.random.usize(..COSTLY_ONE_IN) {
            0 if symbol_of(kind) == "any" || symbol_of(kind) == "bool" => "limit",
            _ => symbol_of(kind),
        };
        let mut filling = Filling {
            grammar: &self.grammar,
            paths,
            random: &mut self.random,
            scope: Vec::new(),
            parts: 0,
        };
        let depth = filling.random.usize(1..=DEPTH_MAX);
        let mut expression = filling.fill(symbol, depth);
        if self.random.usize(..DAMAGED_ONE_IN) == 0 {
            let text = mutate::damage(&expression.to_string(), &mut self.random);
            expression = Expression::text(symbol, text);
        }
        let question = fixture.question(kind, expression.to_string());
        Some(Generated {
            question,
            expression,
        })
    }
}

const KINDS: &[Kind] = &[
    Kind::Bare,
    Kind::Bare,
    Kind::Validation,
    Kind::Validation,
    Kind::MessageExpression,
    Kind::AuditAnnotation,
    Kind::MatchCondition,
    Kind::Variable,
    Kind::Variable,
    Kind::JsonPatch,
    Kind::ApplyConfiguration,
];

fn symbol_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Bare | Kind::Variable => "any",
        Kind::Validation | Kind::MatchCondition => "bool",
        Kind::MessageExpression => "message",
        Kind::AuditAnnotation => "annotation",
        Kind::JsonPatch => "patch",
        Kind::ApplyConfiguration => "apply",
    }
}

/// An expression that is being made.
struct Filling<'g> {
    grammar: &'g Grammar,
    paths: &'g Paths,
    random: &'g mut Rng,
    /// The macro variables that may be used, with their symbols.
    scope: Vec<(&'static str, String)>,
    parts: usize,
}

impl Filling<'_> {
    fn fill(&mut self, symbol: &str, depth: usize) -> Expression {
        self.parts += 1;
        let symbol = match self.random.usize(..ILL_TYPED_ONE_IN) {
            0 => self.grammar.any_symbol(self.random),
            _ => symbol,
        };
        if self.random.usize(..DYN_ONE_IN) == 0 && depth > 0 {
            return self.inside("dyn(", symbol, depth - 1, ")");
        }
        if let Some(variable) = self.variable(symbol) {
            return variable;
        }
        let only_leaves = depth == 0 || self.parts > PARTS_MAX;
        let production = self.grammar.production(symbol, only_leaves, self.random);
        let outer_scope = self.scope.len();
        let parts = production
            .iter()
            .map(|piece| self.part(piece, depth))
            .collect();
        self.scope.truncate(outer_scope);
        Expression {
            symbol: symbol.to_owned(),
            parts,
        }
    }

    fn part(&mut self, piece: &Piece, depth: usize) -> Part {
        match piece {
            Piece::Text(text) => Part::Text(text.clone()),
            Piece::Hole(symbol) => Part::Hole(self.fill(symbol, depth.saturating_sub(1))),
            Piece::Path(kind) => Part::Hole(self.paths.path(kind, self.random)),
            Piece::Variable(symbol) => {
                let name = self.random.choice(VARIABLE_NAMES).copied().unwrap_or("x");
                // The iteration variables of a macro must differ, mostly.
                let name = match self.scope.last() {
                    Some((last, _)) if *last == name && self.random.u8(..) > 3 => "other",
                    _ => name,
                };
                self.scope.push((name, symbol.clone()));
                Part::Text(name.to_owned())
            }
        }
    }

    fn inside(&mut self, before: &str, symbol: &str, depth: usize, after: &str) -> Expression {
        Expression {
            symbol: symbol.to_owned(),
            parts: vec![
                Part::Text(before.to_owned()),
                Part::Hole(self.fill(symbol, depth)),
                Part::Text(after.to_owned()),
            ],
        }
    }

    /// A macro variable of that symbol, or a field of one, every other time when there is one.
    fn variable(&mut self, symbol: &str) -> Option<Expression> {
        if self.random.bool() {
            return None;
        }
        let position = self.random.usize(..self.scope.len().max(1));
        let (name, declared) = self.scope.get(position)?;
        if declared == symbol || symbol == "any" {
            return Some(Expression::text(symbol, *name));
        }
        if declared == "dyn" && matches!(symbol, "string" | "int" | "bool" | "list_dyn") {
            let field = self.random.choice(paths::ITEM_FIELDS)?;
            return Some(Expression::text(symbol, format!("{name}{field}")));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_questions() {
        let questions = |seed| {
            let mut generator = Generator::new(seed);
            let mut texts = Vec::new();
            for _ in 0..50 {
                texts.push(generator.next_question().unwrap().question.expression);
            }
            texts
        };
        assert_eq!(questions(7), questions(7));
        assert_ne!(questions(7), questions(8));
    }
}
