//! Source text to tokens, by the lexer rules of cel-go's `parser/gen/CEL.g4`.

use crate::error::{Collector, Place};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Identifier,
    /// An identifier in backticks, which the dialect does not have.
    Escaped,
    True,
    False,
    Null,
    In,
    EqualEqual,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParenthesis,
    RightParenthesis,
    Dot,
    Comma,
    Minus,
    Exclamation,
    Question,
    Colon,
    Plus,
    Star,
    Slash,
    Percent,
    End,
}

/// A token and its byte range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Token {
    pub(super) fn place(self) -> Place {
        Place {
            start: self.start,
            end: self.end,
        }
    }
}

/// The tokens of a source text, ending with [`Kind::End`]. What is no token is reported and left
/// out.
pub(super) fn tokens(source: &str, errors: &mut Collector) -> Vec<Token> {
    let mut lexer = Lexer {
        source,
        bytes: source.as_bytes(),
    };
    let mut tokens = Vec::with_capacity(source.len() / 3 + 1);
    let mut at = 0;
    loop {
        at = lexer.skip_blank(at);
        if at >= source.len() {
            break;
        }
        match lexer.token(at) {
            Ok((kind, end)) => {
                tokens.push(token(kind, at, end));
                at = end;
            }
            Err(failed) => at = lexer.reject(at, failed, errors),
        }
    }
    tokens.push(token(Kind::End, source.len(), source.len()));
    tokens
}

/// Sources are at most [`super::CODE_POINTS_MAX`] long, so offsets fit.
fn token(kind: Kind, start: usize, end: usize) -> Token {
    Token {
        kind,
        start: start as u32,
        end: end as u32,
    }
}

struct Lexer<'s> {
    source: &'s str,
    bytes: &'s [u8],
}

/// A token's end, or the offset of the character that no token continues with.
type Scan = Result<usize, usize>;

impl Lexer<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.bytes.get(at..).unwrap_or(&[])
    }

    fn skip_while(&self, mut at: usize, accept: impl Fn(u8) -> bool) -> usize {
        while self.byte(at).is_some_and(&accept) {
            at += 1;
        }
        at
    }

    fn skip_blank(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_while(at, |byte| {
                matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\x0c')
            });
            if !self.rest(at).starts_with(b"//") {
                return at;
            }
            at = self.skip_while(at, |byte| byte != b'\n');
        }
    }

    fn token(&self, at: usize) -> Result<(Kind, usize), usize> {
        let Some(first) = self.byte(at) else {
            return Err(at);
        };
        match first {
            b'"' | b'\'' => self.quoted(at, false).map(|end| (Kind::String, end)),
            b'`' => self.escaped_identifier(at).map(|end| (Kind::Escaped, end)),
            b'0'..=b'9' => Ok(self.number(at)),
            b'.' if self.byte(at + 1).is_some_and(|byte| byte.is_ascii_digit()) => {
                Ok((Kind::Double, self.fraction(at).unwrap_or(at + 1)))
            }
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                Ok(self.prefixed(at).unwrap_or_else(|| self.word(at)))
            }
            _ => self.operator(at).ok_or(at),
        }
    }

    fn operator(&self, at: usize) -> Option<(Kind, usize)> {
        let two = match self.rest(at).get(..2) {
            Some(b"==") => Some(Kind::EqualEqual),
            Some(b"!=") => Some(Kind::NotEqual),
            Some(b"<=") => Some(Kind::LessEqual),
            Some(b">=") => Some(Kind::GreaterEqual),
            Some(b"&&") => Some(Kind::And),
            Some(b"||") => Some(Kind::Or),
            _ => None,
        };
        if let Some(kind) = two {
            return Some((kind, at + 2));
        }
        let one = match self.byte(at)? {
            b'<' => Kind::Less,
            b'>' => Kind::Greater,
            b'[' => Kind::LeftBracket,
            b']' => Kind::RightBracket,
            b'{' => Kind::LeftBrace,
            b'}' => Kind::RightBrace,
            b'(' => Kind::LeftParenthesis,
            b')' => Kind::RightParenthesis,
            b'.' => Kind::Dot,
            b',' => Kind::Comma,
            b'-' => Kind::Minus,
            b'!' => Kind::Exclamation,
            b'?' => Kind::Question,
            b':' => Kind::Colon,
            b'+' => Kind::Plus,
            b'*' => Kind::Star,
            b'/' => Kind::Slash,
            b'%' => Kind::Percent,
            _ => return None,
        };
        Some((one, at + 1))
    }

    fn word(&self, at: usize) -> (Kind, usize) {
        let end = self.skip_while(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let kind = match self.bytes.get(at..end) {
            Some(b"true") => Kind::True,
            Some(b"false") => Kind::False,
            Some(b"null") => Kind::Null,
            Some(b"in") => Kind::In,
            _ => Kind::Identifier,
        };
        (kind, end)
    }

    /// A literal that begins with a letter: `r"…"`, `b"…"`, `br"…"`.
    fn prefixed(&self, at: usize) -> Option<(Kind, usize)> {
        let is = |at: usize, letter: u8| {
            self.byte(at)
                .is_some_and(|byte| byte.eq_ignore_ascii_case(&letter))
        };
        let bytes = is(at, b'b');
        let raw_at = if bytes { at + 1 } else { at };
        let raw = is(raw_at, b'r');
        let quote_at = if raw { raw_at + 1 } else { raw_at };
        let end = self.quoted(quote_at, raw).ok()?;
        Some((if bytes { Kind::Bytes } else { Kind::String }, end))
    }

    fn quoted(&self, at: usize, raw: bool) -> Scan {
        let quote = match self.byte(at) {
            Some(quote @ (b'"' | b'\'')) => quote,
            _ => return Err(at),
        };
        if self.rest(at).starts_with(&[quote; 3]) {
            // Without its end, the quotes are an empty string and the beginning of another.
            return self.until_triple(at + 3, quote, raw).or(Ok(at + 2));
        }
        let mut at = at + 1;
        loop {
            match self.byte(at) {
                Some(byte) if byte == quote => return Ok(at + 1),
                None | Some(b'\n' | b'\r') => return Err(at),
                Some(b'\\') if !raw => at = self.escape(at)?,
                Some(_) => at += 1,
            }
        }
    }

    fn until_triple(&self, mut at: usize, quote: u8, raw: bool) -> Scan {
        loop {
            match self.byte(at) {
                None => return Err(at),
                Some(_) if self.rest(at).starts_with(&[quote; 3]) => return Ok(at + 3),
                Some(b'\\') if !raw => at = self.escape(at)?,
                Some(_) => at += 1,
            }
        }
    }

    /// The end of the escape sequence that begins at a backslash.
    fn escape(&self, at: usize) -> Scan {
        let digits = |count: usize, accept: fn(&u8) -> bool| {
            let from = at + 2;
            match self.bytes.get(from..from + count) {
                Some(digits) if digits.iter().all(accept) => Ok(from + count),
                _ => Err(at),
            }
        };
        match self.byte(at + 1) {
            Some(
                b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`',
            ) => Ok(at + 2),
            Some(b'x' | b'X') => digits(2, u8::is_ascii_hexdigit),
            Some(b'u') => digits(4, u8::is_ascii_hexdigit),
            Some(b'U') => digits(8, u8::is_ascii_hexdigit),
            Some(b'0'..=b'3') => digits(2, |digit| matches!(digit, b'0'..=b'7')),
            _ => Err(at),
        }
    }

    fn escaped_identifier(&self, at: usize) -> Scan {
        let end = self.skip_while(at + 1, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b' ')
        });
        match self.byte(end) {
            Some(b'`') if end > at + 1 => Ok(end + 1),
            _ => Err(end),
        }
    }

    fn digits(&self, at: usize) -> usize {
        self.skip_while(at, |byte| byte.is_ascii_digit())
    }

    fn number(&self, at: usize) -> (Kind, usize) {
        if self.rest(at).starts_with(b"0x") {
            let end = self.skip_while(at + 2, |byte| byte.is_ascii_hexdigit());
            if end > at + 2 {
                return self.with_unsigned_suffix(end);
            }
        }
        let end = self.digits(at);
        if let Some(end) = self.fraction(end) {
            return (Kind::Double, end);
        }
        match self.exponent(end) {
            Some(end) => (Kind::Double, end),
            None => self.with_unsigned_suffix(end),
        }
    }

    fn with_unsigned_suffix(&self, end: usize) -> (Kind, usize) {
        match self.byte(end) {
            Some(b'u' | b'U') => (Kind::Uint, end + 1),
            _ => (Kind::Int, end),
        }
    }

    /// `.5e3`: the end, if there is a point with digits after it.
    fn fraction(&self, at: usize) -> Option<usize> {
        let end = self.digits(at + 1);
        if self.byte(at) != Some(b'.') || end == at + 1 {
            return None;
        }
        Some(self.exponent(end).unwrap_or(end))
    }

    /// `e-3`: the end, if there is an exponent.
    fn exponent(&self, at: usize) -> Option<usize> {
        if !matches!(self.byte(at), Some(b'e' | b'E')) {
            return None;
        }
        let from = match self.byte(at + 1) {
            Some(b'+' | b'-') => at + 2,
            _ => at + 1,
        };
        let end = self.digits(from);
        (end > from).then_some(end)
    }

    /// Reports what is no token and returns where to go on: after the character that failed.
    fn reject(&mut self, at: usize, failed: usize, errors: &mut Collector) -> usize {
        let mut end = failed.min(self.source.len());
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        let next = self.source.get(end..).and_then(|rest| rest.chars().next());
        let end = end + next.map_or(0, char::len_utf8);
        let text = self.source.get(at..end).unwrap_or("");
        errors.report(
            Place {
                start: at as u32,
                end: end as u32,
            },
            format!(
                "Syntax error: cannot read '{}' as a literal, name or operator",
                abridged(text)
            ),
        );
        end.max(at + 1)
    }
}

/// The beginning of a text, for a message.
pub(super) fn abridged(text: &str) -> String {
    const SHOWN_MAX: usize = 40;
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}
