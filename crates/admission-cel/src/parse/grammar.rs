//! Tokens to syntax tree, by the grammar rules of cel-go's `parser/gen/CEL.g4` and with the positions
//! that its `parser/parser.go` records.

use super::DEPTH_MAX;
use super::lexer::{Kind, Token};
use super::{literal, macros};
use crate::ast::{Element, Expr, ExprId, ExprKind, Literal, MapEntry, StructField};
use crate::error::{Collector, Place};

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
    Some(tree)
}

/// An error was reported; there is no going on.
struct Stop;

type Parsed<T = Expr> = Result<T, Stop>;

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
            _ => format!("'{}'", self.text(token)),
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
        Ok(Expr {
            id: self.id(height)?,
            position,
            span,
            kind,
        })
    }

    /// A literal or name: one token, possibly after a sign or leading dot.
    fn leaf(&mut self, position: u32, token: Token, start: u32, kind: ExprKind) -> Parsed {
        self.node(position, (start, token.end), 0, kind)
    }

    fn operator(
        &mut self,
        function: &str,
        place: Token,
        nests: u16,
        arguments: Vec<Expr>,
    ) -> Parsed {
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

    // Rules, from the loosest to the tightest.

    fn expression(&mut self) -> Parsed {
        self.enter(Rule::Expression)?;
        let mut expr = self.logic(true)?;
        if let Some(question) = self.accept(Kind::Question) {
            expr = self.conditional(expr, question)?;
        }
        self.leave(Rule::Expression);
        Ok(expr)
    }

    #[inline(never)]
    fn conditional(&mut self, condition: Expr, question: Token) -> Parsed {
        let when_true = self.logic(true)?;
        self.expect(Kind::Colon, "':' and what holds otherwise")?;
        let when_false = self.expression()?;
        self.operator("_?_:_", question, 1, vec![condition, when_true, when_false])
    }

    /// `a || b || …` of `a && b && …` of relations.
    fn logic(&mut self, or: bool) -> Parsed {
        let (kind, function) = if or {
            (Kind::Or, "_||_")
        } else {
            (Kind::And, "_&&_")
        };
        let first = self.logic_term(or)?;
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

    fn logic_term(&mut self, or: bool) -> Parsed {
        if or {
            self.logic(false)
        } else {
            self.relation(false)
        }
    }

    /// A chain as a balanced tree, split where `balancedTree` of cel-go's `parser/helper.go` splits
    /// it; so chains of any length nest little.
    fn balance(
        &mut self,
        function: &str,
        terms: &mut impl Iterator<Item = Expr>,
        operators: &[Token],
    ) -> Parsed {
        let Some((before, [operator, after @ ..])) =
            operators.split_at_checked(operators.len() / 2)
        else {
            return terms.next().ok_or(Stop);
        };
        let left = self.balance(function, terms, before)?;
        let right = self.balance(function, terms, after)?;
        self.operator(function, *operator, 0, vec![left, right])
    }

    fn relation(&mut self, operand: bool) -> Parsed {
        self.enter(Rule::Relation)?;
        let mut left = self.calculation(1)?;
        while !operand {
            let function = match self.kind() {
                Kind::Less => "_<_",
                Kind::LessEqual => "_<=_",
                Kind::Greater => "_>_",
                Kind::GreaterEqual => "_>=_",
                Kind::EqualEqual => "_==_",
                Kind::NotEqual => "_!=_",
                Kind::In => "@in",
                _ => break,
            };
            let operator = self.take();
            let right = self.relation(true)?;
            left = self.operator(function, operator, 1, vec![left, right])?;
        }
        self.leave(Rule::Relation);
        Ok(left)
    }

    /// Operators that bind at least as tightly as `tightness`: 1 for `+` and `-`, 2 for `*`, `/`
    /// and `%`.
    fn calculation(&mut self, tightness: u8) -> Parsed {
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
            left = self.operator(function, operator, 1, vec![left, right])?;
        }
        self.leave(Rule::Calculation);
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
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
            self.operator(function, first, 0, vec![operand])
        } else {
            Ok(operand)
        }
    }

    fn at_signed_number(&self) -> bool {
        self.kind() == Kind::Minus && matches!(self.peek(1).kind, Kind::Int | Kind::Double)
    }

    fn member(&mut self) -> Parsed {
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
    fn selection(&mut self, operand: Expr) -> Parsed {
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
            let operand = Box::new(operand);
            return self.node(dot.start, span, height, ExprKind::Select { operand, field });
        }
        let field = ExprKind::Literal(Literal::String(field));
        let field = self.leaf(name.start, name, name.start, field)?;
        let kind = ExprKind::Call {
            function: "_?._".to_owned(),
            target: None,
            arguments: vec![operand, field],
        };
        self.node(dot.start, span, height, kind)
    }

    fn reject_escaped(&mut self, place: Place) {
        self.errors.report(place, "unsupported syntax: '`'");
    }

    fn method(&mut self, target: Expr, name: Token) -> Parsed {
        let open = self.take();
        let arguments = self.arguments()?;
        let close = self.expect(Kind::RightParenthesis, "',' or ')'")?;
        let height = self.heights(arguments.iter().chain([&target])) + 1;
        let span = (target.span.0, close.end);
        let function = self.text(name).to_owned();
        self.call(function, Some(target), arguments, open, span, height)
    }

    #[inline(never)]
    fn index(&mut self, operand: Expr) -> Parsed {
        let open = self.take();
        let function = match self.accept(Kind::Question) {
            Some(_) => "_[?_]",
            None => "_[_]",
        };
        let index = self.expression()?;
        let close = self.expect(Kind::RightBracket, "']'")?;
        let mut expr = self.operator(function, open, 1, vec![operand, index])?;
        expr.span.1 = close.end;
        Ok(expr)
    }

    fn call(
        &mut self,
        function: String,
        target: Option<Expr>,
        arguments: Vec<Expr>,
        open: Token,
        span: (u32, u32),
        height: u16,
    ) -> Parsed {
        let kind = match macros::call(function, target, arguments) {
            Ok(kind) => kind,
            Err((place, message)) => {
                self.errors.report(place, message);
                REJECTED
            }
        };
        self.node(open.start, span, height, kind)
    }

    fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let mut arguments = Vec::new();
        if self.kind() == Kind::RightParenthesis {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.accept(Kind::Comma).is_none() {
                return Ok(arguments);
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        match self.kind() {
            Kind::Identifier => self.name(),
            Kind::Dot if self.peek(1).kind == Kind::Identifier => self.name(),
            Kind::LeftParenthesis => self.nested(),
            Kind::LeftBracket => self.list(),
            Kind::LeftBrace => self.map(),
            _ => self.literal(),
        }
    }

    fn nested(&mut self) -> Parsed {
        let open = self.take();
        let mut expr = self.expression()?;
        let close = self.expect(Kind::RightParenthesis, "')'")?;
        expr.span = (open.start, close.end);
        Ok(expr)
    }

    #[inline(never)]
    fn name(&mut self) -> Parsed {
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

    /// Whether a dotted name follows that a brace follows.
    fn at_struct(&self) -> bool {
        let mut ahead = usize::from(self.kind() == Kind::Dot);
        while self.peek(ahead).kind == Kind::Identifier {
            ahead += 1;
            match self.peek(ahead).kind {
                Kind::LeftBrace => return true,
                Kind::Dot => ahead += 1,
                _ => return false,
            }
        }
        false
    }

    fn structure(&mut self) -> Parsed {
        let start = self.peek(0).start;
        let mut type_name = String::new();
        while self.kind() != Kind::LeftBrace {
            let token = self.take();
            type_name.push_str(self.text(token));
        }
        let open = self.take();
        let fields = self.items(Kind::RightBrace, "',' or '}'", Self::field)?;
        let close = self.take();
        let height = self.heights(fields.iter().map(|field| &field.value));
        let kind = ExprKind::Struct { type_name, fields };
        self.node(open.start, (start, close.end), height, kind)
    }

    fn field(&mut self) -> Parsed<StructField> {
        let optional = self.accept(Kind::Question).is_some();
        let name = match self.kind() {
            Kind::Identifier | Kind::Escaped => self.take(),
            _ => return self.unexpected("the name of a field"),
        };
        if name.kind == Kind::Escaped {
            self.reject_escaped(name.place());
        }
        let colon = self.expect(Kind::Colon, "':'")?;
        let value = self.expression()?;
        Ok(StructField {
            id: self.id(0)?,
            position: colon.start,
            optional,
            name: self.text(name).to_owned(),
            value,
        })
    }

    fn list(&mut self) -> Parsed {
        let open = self.take();
        let elements = self.items(Kind::RightBracket, "',' or ']'", Self::element)?;
        let close = self.take();
        let height = self.heights(elements.iter().map(|element| &element.value));
        let kind = ExprKind::List(elements);
        self.node(open.start, (open.start, close.end), height, kind)
    }

    fn element(&mut self) -> Parsed<Element> {
        Ok(Element {
            optional: self.accept(Kind::Question).is_some(),
            value: self.expression()?,
        })
    }

    fn map(&mut self) -> Parsed {
        let open = self.take();
        let entries = self.items(Kind::RightBrace, "',' or '}'", Self::entry)?;
        let close = self.take();
        let height = self.heights(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
        let kind = ExprKind::Map(entries);
        self.node(open.start, (open.start, close.end), height, kind)
    }

    fn entry(&mut self) -> Parsed<MapEntry> {
        let optional = self.accept(Kind::Question).is_some();
        let key = self.expression()?;
        self.expect(Kind::Colon, "':' and a value")?;
        let value = self.expression()?;
        Ok(MapEntry {
            id: self.id(0)?,
            optional,
            key,
            value,
        })
    }

    /// Items separated by commas, up to but not including the closing token. One comma may follow
    /// the last item or, as cel-go's grammar has it, stand alone.
    fn items<T>(
        &mut self,
        close: Kind,
        expected: &str,
        item: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        if self.kind() == Kind::Comma && self.peek(1).kind == close {
            self.take();
        }
        while self.kind() != close {
            items.push(item(self)?);
            if self.accept(Kind::Comma).is_none() && self.kind() != close {
                return self.unexpected(expected);
            }
        }
        Ok(items)
    }

    #[inline(never)]
    fn literal(&mut self) -> Parsed {
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
