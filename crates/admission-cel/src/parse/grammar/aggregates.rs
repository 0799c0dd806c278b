//! Lists, maps and messages.

use super::{Parsed, Parser};
use crate::ast::{Element, ExprKind, MapEntry, StructField};
use crate::parse::lexer::Kind;

impl Parser<'_> {
    /// Whether a dotted name follows that a brace follows.
    pub(super) fn at_struct(&self) -> bool {
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

    pub(super) fn structure(&mut self) -> Parsed {
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

    pub(super) fn field(&mut self) -> Parsed<StructField> {
        let optional = self.accept(Kind::Question).is_some();
        let name = match self.kind() {
            Kind::Identifier | Kind::Escaped => self.take(),
            _ => return self.unexpected("the name of a field"),
        };
        if name.kind == Kind::Escaped {
            self.reject_escaped(name.place());
        }
        let colon = self.expect(Kind::Colon, "':'")?;
        let value = *self.expression()?;
        Ok(StructField {
            id: self.id(0)?,
            position: colon.start,
            optional,
            name: self.text(name).to_owned(),
            value,
        })
    }

    pub(super) fn list(&mut self) -> Parsed {
        let open = self.take();
        let elements = self.items(Kind::RightBracket, "',' or ']'", Self::element)?;
        let close = self.take();
        let height = self.heights(elements.iter().map(|element| &element.value));
        let kind = ExprKind::List(elements);
        self.node(open.start, (open.start, close.end), height, kind)
    }

    pub(super) fn element(&mut self) -> Parsed<Element> {
        Ok(Element {
            optional: self.accept(Kind::Question).is_some(),
            value: *self.expression()?,
        })
    }

    pub(super) fn map(&mut self) -> Parsed {
        let open = self.take();
        let entries = self.items(Kind::RightBrace, "',' or '}'", Self::entry)?;
        let close = self.take();
        let height = self.heights(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
        let kind = ExprKind::Map(entries);
        self.node(open.start, (open.start, close.end), height, kind)
    }

    pub(super) fn entry(&mut self) -> Parsed<MapEntry> {
        let optional = self.accept(Kind::Question).is_some();
        let key = *self.expression()?;
        self.expect(Kind::Colon, "':' and a value")?;
        let value = *self.expression()?;
        Ok(MapEntry {
            id: self.id(0)?,
            optional,
            key,
            value,
        })
    }

    /// Items separated by commas, up to but not including the closing token. One comma may follow
    /// the last item or, as cel-go's grammar has it, stand alone.
    pub(super) fn items<T>(
        &mut self,
        close: Kind,
        expected: &str,
        item: fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        if self.accept(Kind::Comma).is_some() && self.kind() != close {
            return self.unexpected("the closing bracket");
        }
        while self.kind() != close {
            items.push(item(self)?);
            if self.accept(Kind::Comma).is_none() && self.kind() != close {
                return self.unexpected(expected);
            }
        }
        Ok(items)
    }
}
