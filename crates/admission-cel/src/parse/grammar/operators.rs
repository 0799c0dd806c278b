//! Operators, from the loosest to the tightest.

use super::{Parsed, Parser, Rule, Stop};
use crate::ast::Expr;
use crate::parse::lexer::{Kind, Token};

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed {
        self.enter(Rule::Expression)?;
        let mut expr = self.logic(true)?;
        if let Some(question) = self.accept(Kind::Question) {
            expr = self.conditional(expr, question)?;
        }
        self.leave(Rule::Expression);
        Ok(expr)
    }

    #[inline(never)]
    pub(super) fn conditional(&mut self, condition: Box<Expr>, question: Token) -> Parsed {
        let when_true = self.logic(true)?;
        self.expect(Kind::Colon, "':' and what holds otherwise")?;
        let when_false = self.expression()?;
        self.operator("_?_:_", question, 1, [condition, when_true, when_false])
    }

    /// `a || b || …` of `a && b && …` of relations.
    pub(super) fn logic(&mut self, or: bool) -> Parsed {
        let first = self.logic_term(or)?;
        let (kind, function) = if or {
            (Kind::Or, "_||_")
        } else {
            (Kind::And, "_&&_")
        };
        if self.kind() != kind {
            return Ok(first);
        }
        let (mut terms, mut operators) = (vec![first], Vec::new());
        while let Some(operator) = self.accept(kind) {
            operators.push(operator);
            terms.push(self.logic_term(or)?);
        }
        self.balance(function, &mut terms.into_iter(), &operators)
    }

    #[inline(always)]
    pub(super) fn logic_term(&mut self, or: bool) -> Parsed {
        if or {
            self.logic(false)
        } else {
            self.relation(false)
        }
    }

    /// A chain as a balanced tree, split where `balancedTree` of cel-go's `parser/helper.go` splits
    /// it; so chains of any length nest little.
    pub(super) fn balance(
        &mut self,
        function: &str,
        terms: &mut impl Iterator<Item = Box<Expr>>,
        operators: &[Token],
    ) -> Parsed {
        let Some((before, [operator, after @ ..])) =
            operators.split_at_checked(operators.len() / 2)
        else {
            return terms.next().ok_or(Stop);
        };
        let left = self.balance(function, terms, before)?;
        let right = self.balance(function, terms, after)?;
        self.operator(function, *operator, 0, [left, right])
    }

    pub(super) fn relation(&mut self, operand: bool) -> Parsed {
        self.enter(Rule::Relation)?;
        let mut left = self.calculation(1)?;
        while let Some(function) = self.relational_operator().filter(|_| !operand) {
            let operator = self.take();
            let right = self.relation(true)?;
            left = self.operator(function, operator, 1, [left, right])?;
        }
        self.leave(Rule::Relation);
        Ok(left)
    }

    pub(super) fn relational_operator(&self) -> Option<&'static str> {
        Some(match self.kind() {
            Kind::Less => "_<_",
            Kind::LessEqual => "_<=_",
            Kind::Greater => "_>_",
            Kind::GreaterEqual => "_>=_",
            Kind::EqualEqual => "_==_",
            Kind::NotEqual => "_!=_",
            Kind::In => "@in",
            _ => return None,
        })
    }

    /// Operators that bind at least as tightly as `tightness`: 1 for `+` and `-`, 2 for `*`, `/`
    /// and `%`.
    pub(super) fn calculation(&mut self, tightness: u8) -> Parsed {
        self.enter(Rule::Calculation)?;
        let mut left = self.unary()?;
        loop {
            let (function, binds) = match self.kind() {
                Kind::Plus => ("_+_", 1),
                Kind::Minus => ("_-_", 1),
                Kind::Star => ("_*_", 2),
                Kind::Slash => ("_/_", 2),
                Kind::Percent => ("_%_", 2),
                _ => break,
            };
            if binds < tightness {
                break;
            }
            let operator = self.take();
            let right = self.calculation(binds + 1)?;
            left = self.operator(function, operator, 1, [left, right])?;
        }
        self.leave(Rule::Calculation);
        Ok(left)
    }

    pub(super) fn unary(&mut self) -> Parsed {
        let (kind, function) = match self.kind() {
            Kind::Exclamation => (Kind::Exclamation, "!_"),
            Kind::Minus if !self.at_signed_number() => (Kind::Minus, "-_"),
            _ => return self.member(),
        };
        let first = self.take();
        let mut odd = true;
        while self.accept(kind).is_some() {
            odd = !odd;
        }
        let operand = self.member()?;
        if odd {
            self.operator(function, first, 0, [operand])
        } else {
            Ok(operand)
        }
    }

    pub(super) fn at_signed_number(&self) -> bool {
        self.kind() == Kind::Minus && matches!(self.peek(1).kind, Kind::Int | Kind::Double)
    }
}
