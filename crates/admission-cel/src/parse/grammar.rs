//! Tokens to syntax tree, by the grammar rules of cel-go's `parser/gen/CEL.g4` and with the positions
//! that its `parser/parser.go` records.

use super::DEPTH_MAX;
use super::lexer::{Kind, Token, abridged};
use crate::ast::{Expr, ExprId, ExprKind, Literal};
use crate::error::Collector;

mod aggregates;
mod members;
mod operators;

/// The tree, or nothing when a syntax error was reported.
pub(super) fn tree(source: &str, tokens: Vec<Token>, errors: &mut Collector) -> Option<Expr> {
    let mut parser = Parser {
        source,
        tokens,
        next: 0,
        heights: Vec::new(),
        rules: Rules::default(),
        errors,
    };
    let tree = parser.expression().ok()?;
    parser.expect(Kind::End, "the end of the expression").ok()?;
    Some(*tree)
}

/// An error was reported; there is no going on.
struct Stop;

/// Boxed, so that the frames of the recursion stay small.
type Parsed<T = Box<Expr>> = Result<T, Stop>;

/// How deep the grammar's recursive rules are nested, as cel-go's recursion listener counts them.
#[derive(Default)]
struct Rules {
    expression: u16,
    relation: u16,
    calculation: u16,
}

#[derive(Clone, Copy)]
enum Rule {
    Expression,
    Relation,
    Calculation,
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    next: usize,
    /// For each node, how many of the nodes below it and itself nest in cel-go's visitor.
    heights: Vec<u16>,
    rules: Rules,
    errors: &'s mut Collector,
}

/// Words that cannot be names, besides those that are tokens of their own.
const RESERVED: [&str; 17] = [
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
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Stands for what was reported, so that parsing can go on.
const REJECTED: ExprKind = ExprKind::Literal(Literal::Null);

impl Parser<'_> {
    // Tokens.

    fn peek(&self, ahead: usize) -> Token {
        let last = Token {
            kind: Kind::End,
            start: self.source.len() as u32,
            end: self.source.len() as u32,
        };
        self.tokens.get(self.next + ahead).copied().unwrap_or(last)
    }

    fn kind(&self) -> Kind {
        self.peek(0).kind
    }

    fn take(&mut self) -> Token {
        let token = self.peek(0);
        self.next += 1;
        token
    }

    fn accept(&mut self, kind: Kind) -> Option<Token> {
        (self.kind() == kind).then(|| self.take())
    }

    fn expect(&mut self, kind: Kind, expected: &str) -> Parsed<Token> {
        match self.accept(kind) {
            Some(token) => Ok(token),
            None => self.unexpected(expected),
        }
    }

    fn text(&self, token: Token) -> &str {
        self.source
            .get(token.start as usize..token.end as usize)
            .unwrap_or("")
    }

    // Errors.

    fn unexpected<T>(&mut self, expected: &str) -> Parsed<T> {
        let token = self.peek(0);
        let found = match token.kind {
            Kind::End => "the end".to_owned(),
            _ => format!("'{}'", abridged(self.text(token))),
        };
        let message = format!("Syntax error: found {found} but expected {expected}");
        self.errors.report(token.place(), message);
        Err(Stop)
    }

    fn enter(&mut self, rule: Rule) -> Parsed<()> {
        let depth = self.depth(rule);
        *depth += 1;
        if *depth > DEPTH_MAX {
            self.errors
                .report_whole(format!("expression recursion limit exceeded: {DEPTH_MAX}"));
            return Err(Stop);
        }
        Ok(())
    }

    fn leave(&mut self, rule: Rule) {
        *self.depth(rule) -= 1;
    }

    fn depth(&mut self, rule: Rule) -> &mut u16 {
        match rule {
            Rule::Expression => &mut self.rules.expression,
            Rule::Relation => &mut self.rules.relation,
            Rule::Calculation => &mut self.rules.calculation,
        }
    }

    // Nodes.

    fn height(&self, expr: &Expr) -> u16 {
        self.heights.get(expr.id as usize).copied().unwrap_or(0)
    }

    fn heights<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> u16 {
        exprs
            .into_iter()
            .map(|expr| self.height(expr))
            .max()
            .unwrap_or(0)
    }

    fn id(&mut self, height: u16) -> Parsed<ExprId> {
        if height > DEPTH_MAX {
            self.errors.report_whole("max recursion depth exceeded");
            return Err(Stop);
        }
        self.heights.push(height);
        Ok((self.heights.len() - 1) as ExprId)
    }

    fn node(&mut self, position: u32, span: (u32, u32), height: u16, kind: ExprKind) -> Parsed {
        Ok(Box::new(Expr {
            id: self.id(height)?,
            position,
            span,
            kind,
        }))
    }

    /// A literal or name: one token, possibly after a sign or leading dot.
    fn leaf(&mut self, position: u32, token: Token, start: u32, kind: ExprKind) -> Parsed {
        self.node(position, (start, token.end), 0, kind)
    }

    #[inline(never)]
    fn operator(
        &mut self,
        function: &str,
        place: Token,
        nests: u16,
        operands: impl IntoIterator<Item = Box<Expr>>,
    ) -> Parsed {
        let arguments: Vec<Expr> = operands.into_iter().map(|operand| *operand).collect();
        let height = self.heights(&arguments) + nests;
        let start = arguments.first().map_or(place.start, |first| first.span.0);
        let end = arguments.last().map_or(place.end, |last| last.span.1);
        let kind = ExprKind::Call {
            function: function.to_owned(),
            target: None,
            arguments,
        };
        self.node(place.start, (start.min(place.start), end), height, kind)
    }
}
