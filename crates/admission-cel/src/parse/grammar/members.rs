//! Names, calls, selections, indexing and literals.

use super::{Parsed, Parser, REJECTED, RESERVED};
use crate::ast::{Expr, ExprKind, Literal};
use crate::error::Place;
use crate::parse::lexer::{Kind, Token};
use crate::parse::{literal, macros};

impl Parser<'_> {
    pub(super) fn member(&mut self) -> Parsed {
        let mut expr = self.primary()?;
        loop {
            expr = match self.kind() {
                Kind::Dot => self.selection(expr)?,
                Kind::LeftBracket => self.index(expr)?,
                _ => return Ok(expr),
            };
        }
    }

    #[inline(never)]
    pub(super) fn selection(&mut self, operand: Box<Expr>) -> Parsed {
        let dot = self.take();
        let optional = self.accept(Kind::Question).is_some();
        let name = match self.kind() {
            Kind::Identifier | Kind::Escaped => self.take(),
            _ => return self.unexpected("the name of a field or method"),
        };
        if name.kind == Kind::Escaped {
            self.reject_escaped(name.place());
        } else if !optional && self.kind() == Kind::LeftParenthesis {
            return self.method(operand, name);
        }
        let field = self.text(name).to_owned();
        let span = (operand.span.0, name.end);
        let height = self.height(&operand) + 1;
        if !optional {
            return self.node(dot.start, span, height, ExprKind::Select { operand, field });
        }
        let field = ExprKind::Literal(Literal::String(field));
        let field = self.leaf(name.start, name, name.start, field)?;
        let kind = ExprKind::Call {
            function: "_?._".to_owned(),
            target: None,
            arguments: vec![*operand, *field],
        };
        self.node(dot.start, span, height, kind)
    }

    pub(super) fn reject_escaped(&mut self, place: Place) {
        self.errors.report(place, "unsupported syntax: '`'");
    }

    pub(super) fn method(&mut self, target: Box<Expr>, name: Token) -> Parsed {
        let open = self.take();
        let arguments = self.arguments()?;
        let close = self.expect(Kind::RightParenthesis, "',' or ')'")?;
        let height = self.heights(arguments.iter().chain([&*target])) + 1;
        let span = (target.span.0, close.end);
        let function = self.text(name).to_owned();
        self.call(function, Some(target), arguments, open, span, height)
    }

    #[inline(never)]
    pub(super) fn index(&mut self, operand: Box<Expr>) -> Parsed {
        let open = self.take();
        let function = match self.accept(Kind::Question) {
            Some(_) => "_[?_]",
            None => "_[_]",
        };
        let index = self.expression()?;
        let close = self.expect(Kind::RightBracket, "']'")?;
        let mut expr = self.operator(function, open, 1, [operand, index])?;
        expr.span.1 = close.end;
        Ok(expr)
    }

    pub(super) fn call(
        &mut self,
        function: String,
        target: Option<Box<Expr>>,
        arguments: Vec<Expr>,
        open: Token,
        span: (u32, u32),
        height: u16,
    ) -> Parsed {
        match macros::call(function, target, arguments) {
            Ok(kind) => self.node(open.start, span, height, kind),
            Err((place, message)) => {
                self.errors.report(place, message);
                self.node(place.start, span, height, REJECTED)
            }
        }
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let mut arguments = Vec::new();
        if self.kind() == Kind::RightParenthesis {
            return Ok(arguments);
        }
        loop {
            arguments.push(*self.expression()?);
            if self.accept(Kind::Comma).is_none() {
                return Ok(arguments);
            }
        }
    }

    pub(super) fn primary(&mut self) -> Parsed {
        match self.kind() {
            Kind::Identifier => self.name(),
            Kind::Dot if self.peek(1).kind == Kind::Identifier => self.name(),
            Kind::LeftParenthesis => self.nested(),
            Kind::LeftBracket => self.list(),
            Kind::LeftBrace => self.map(),
            _ => self.literal(),
        }
    }

    pub(super) fn nested(&mut self) -> Parsed {
        let open = self.take();
        let mut expr = self.expression()?;
        let close = self.expect(Kind::RightParenthesis, "')'")?;
        expr.span = (open.start, close.end);
        Ok(expr)
    }

    #[inline(never)]
    pub(super) fn name(&mut self) -> Parsed {
        if self.at_struct() {
            return self.structure();
        }
        let start = self.peek(0).start;
        let dot = self.accept(Kind::Dot).map_or("", |_| ".");
        let token = self.take();
        let name = format!("{dot}{}", self.text(token));
        let reserved = RESERVED.contains(&self.text(token));
        if reserved {
            let message = format!("reserved identifier: {}", self.text(token));
            let place = Place {
                start,
                end: token.end,
            };
            self.errors.report(place, message);
        }
        if self.kind() != Kind::LeftParenthesis {
            let kind = if reserved {
                REJECTED
            } else {
                ExprKind::Ident(name)
            };
            return self.leaf(token.start, token, start, kind);
        }
        let open = self.take();
        let arguments = self.arguments()?;
        let close = self.expect(Kind::RightParenthesis, "',' or ')'")?;
        let height = self.heights(&arguments);
        self.call(name, None, arguments, open, (start, close.end), height)
    }

    #[inline(never)]
    pub(super) fn literal(&mut self) -> Parsed {
        let start = self.peek(0).start;
        let negative = self.at_signed_number();
        if negative {
            self.take();
        }
        let token = self.peek(0);
        let text = self.text(token);
        let value = match token.kind {
            Kind::Int => literal::int(text, negative).map(Literal::Int),
            Kind::Uint => literal::uint(text).map(Literal::Uint),
            Kind::Double => literal::double(text, negative).map(Literal::Double),
            Kind::String => literal::string(text).map(Literal::String),
            Kind::Bytes => literal::bytes(text).map(Literal::Bytes),
            Kind::True => Ok(Literal::Bool(true)),
            Kind::False => Ok(Literal::Bool(false)),
            Kind::Null => Ok(Literal::Null),
            _ => {
                // A dot that no name follows, or a minus sign that no number follows: it is the next
                // token that is reported.
                if let Kind::Dot | Kind::Minus = token.kind {
                    self.take();
                }
                return self.unexpected("a value");
            }
        };
        self.take();
        let value = value.unwrap_or_else(|problem| {
            let place = Place {
                start,
                end: token.end,
            };
            self.errors.report(place, problem);
            Literal::Null
        });
        self.leaf(start, token, start, ExprKind::Literal(value))
    }
}
