//! Literal format strings, `'…'.format([…])`: whether the clauses suit the arguments, after
//! cel-go's `ext/formatting.go`.

use super::{Checked, Reference, place};
use crate::ast::{Element, Expr, ExprId, ExprKind, Literal};
use crate::error::{Collector, Place};
use crate::types::Type;

/// Checks a call of `format` on a literal with a list literal.
pub(super) fn validate(expr: &Expr, checked: &Checked, errors: &mut Collector) {
    let Some((format, elements)) = parts(expr, checked) else {
        return;
    };
    let mut clauses = Clauses {
        rest: format.as_bytes(),
        requested: 0,
        elements,
        checked,
    };
    if let Err(problem) = clauses.check() {
        let at = problem.at.unwrap_or_else(|| place(expr));
        return errors.report(at, problem.message);
    }
    if elements.len() > clauses.requested {
        errors.report(
            place(expr),
            format!(
                "too many arguments supplied to string.format (expected {}, got {})",
                clauses.requested,
                elements.len()
            ),
        );
    }
}

fn parts<'e>(expr: &'e Expr, checked: &Checked) -> Option<(&'e str, &'e [Element])> {
    let ExprKind::Call {
        function,
        target: Some(target),
        arguments,
    } = &expr.kind
    else {
        return None;
    };
    let Some(Reference::Overloads(overloads)) = checked.reference(expr.id) else {
        return None;
    };
    let formats = function == "format" && overloads.iter().any(|one| one.id == "string_format");
    match (&target.kind, arguments.as_slice()) {
        (ExprKind::Literal(Literal::String(format)), [list]) if formats => match &list.kind {
            ExprKind::List(elements) => Some((format, elements)),
            _ => None,
        },
        _ => None,
    }
}

struct Problem {
    /// The argument that does not suit; otherwise it is the format string.
    at: Option<Place>,
    message: String,
}

impl Problem {
    fn of_string(message: impl Into<String>) -> Self {
        Self {
            at: None,
            message: message.into(),
        }
    }
}

struct Clauses<'c> {
    rest: &'c [u8],
    requested: usize,
    elements: &'c [Element],
    checked: &'c Checked,
}

impl Clauses<'_> {
    fn check(&mut self) -> Result<(), Problem> {
        while let Some((first, rest)) = self.rest.split_first() {
            self.rest = rest;
            if *first != b'%' {
                continue;
            }
            match rest.split_first() {
                Some((b'%', rest)) => self.rest = rest,
                _ => self.clause()?,
            }
        }
        Ok(())
    }

    fn clause(&mut self) -> Result<(), Problem> {
        let index = self.requested;
        self.requested += 1;
        if self.rest.is_empty() {
            return Err(Problem::of_string("unexpected end of string"));
        }
        let Some(element) = self.elements.get(index) else {
            return Err(Problem::of_string(format!("index {index} out of range")));
        };
        let clause = self.letter().map_err(|message| {
            Problem::of_string(format!("could not parse formatting clause: {message}"))
        })?;
        self.suits(clause, &element.value)
            .map_err(|(at, message)| Problem {
                at: Some(at),
                message: format!("error during formatting: {message}"),
            })
    }

    /// The letter of a clause, after its precision.
    fn letter(&mut self) -> Result<u8, String> {
        if let Some((b'.', rest)) = self.rest.split_first() {
            self.rest = rest;
            self.precision()
                .map_err(|message| format!("error while parsing precision: {message}"))?;
        }
        match self.rest.split_first() {
            Some((letter @ (b's' | b'd' | b'f' | b'e' | b'b' | b'x' | b'X' | b'o'), rest)) => {
                self.rest = rest;
                Ok(*letter)
            }
            Some((other, _)) => Err(format!(
                "unrecognized formatting clause \"{}\"",
                char::from(*other)
            )),
            None => Err("could not find end of precision specifier".to_owned()),
        }
    }

    fn precision(&mut self) -> Result<(), String> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (digits, rest) = self
            .rest
            .split_at_checked(length.count())
            .unwrap_or_default();
        if rest.is_empty() {
            return Err("could not find end of precision specifier".to_owned());
        }
        self.rest = rest;
        let digits = String::from_utf8_lossy(digits);
        let problem = match digits.parse::<i64>() {
            Ok(_) => return Ok(()),
            Err(_) if digits.is_empty() => "invalid syntax",
            Err(_) => "value out of range",
        };
        Err(format!(
            "error while converting precision to integer: strconv.Atoi: parsing \"{digits}\": \
             {problem}"
        ))
    }

    fn suits(&self, clause: u8, argument: &Expr) -> Result<(), (Place, String)> {
        let (accepts, wanted): (fn(&Type) -> bool, &str) = match clause {
            b's' => return self.printable(argument),
            b'd' => (is_integer, "decimal clause can only be used on integers"),
            b'f' => (
                is_double_or_string,
                "fixed-point clause can only be used on doubles",
            ),
            b'e' => (
                is_double_or_string,
                "scientific clause can only be used on doubles",
            ),
            b'b' => (
                |inferred| is_integer(inferred) || *inferred == Type::Bool,
                "only integers and bools can be formatted as binary",
            ),
            b'o' => (is_integer, "octal clause can only be used on integers"),
            _ => (
                |inferred| is_integer(inferred) || matches!(inferred, Type::String | Type::Bytes),
                "only integers, byte buffers, and strings can be formatted as hex",
            ),
        };
        let inferred = self.type_of(argument.id);
        if *inferred == Type::Dyn || accepts(inferred) {
            return Ok(());
        }
        Err((
            place(argument),
            format!("{wanted}, was given {}", inferred.name()),
        ))
    }

    fn printable(&self, argument: &Expr) -> Result<(), (Place, String)> {
        let inferred = self.type_of(argument.id);
        if matches!(
            inferred,
            Type::Error | Type::Optional(_) | Type::Object(_) | Type::Parameter(_)
        ) || matches!(inferred, Type::Opaque(_) if *inferred != Type::TYPE)
        {
            return Err((
                place(argument),
                format!(
                    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, \
                     lists, types, durations, and timestamps, was given {}",
                    inferred.name()
                ),
            ));
        }
        match &argument.kind {
            ExprKind::List(elements) => elements
                .iter()
                .try_for_each(|element| self.printable(&element.value)),
            ExprKind::Map(entries) => entries.iter().try_for_each(|entry| {
                self.printable(&entry.key)?;
                self.printable(&entry.value)
            }),
            _ => Ok(()),
        }
    }

    fn type_of(&self, id: ExprId) -> &Type {
        self.checked.type_of(id).unwrap_or(&Type::Dyn)
    }
}

fn is_integer(inferred: &Type) -> bool {
    matches!(inferred, Type::Int | Type::Uint)
}

fn is_double_or_string(inferred: &Type) -> bool {
    matches!(inferred, Type::Double | Type::String)
}
