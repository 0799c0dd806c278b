//! Reading arguments and allocating results.

use super::quantity::Quantity;
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::{List, Timestamp, Value};

/// What a function gives.
pub(super) type Outcome<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// The argument at `position`, scalars of input objects in their own variants.
#[inline]
pub(super) fn value<'a>(arguments: &[Value<'a>], position: usize) -> Outcome<'a> {
    arguments
        .get(position)
        .map(|argument| argument.plain())
        .ok_or(EvaluationError::NoSuchOverload)
}

macro_rules! reader {
    ($name:ident, $result:ty, $pattern:pat => $read:expr) => {
        /// The argument at `position`, which must be of this type.
        #[inline]
        pub(super) fn $name<'a>(
            arguments: &[Value<'a>],
            position: usize,
        ) -> Result<$result, EvaluationError<'a>> {
            match value(arguments, position)? {
                $pattern => Ok($read),
                _ => Err(EvaluationError::NoSuchOverload),
            }
        }
    };
}

reader!(string, &'a str, Value::String(text) => text);
reader!(flag, bool, Value::Bool(flag) => flag);
reader!(int, i64, Value::Int(integer) => integer);
reader!(bytes, &'a [u8], Value::Bytes(bytes) => bytes);
reader!(duration, i64, Value::Duration(nanoseconds) => nanoseconds);
reader!(timestamp, Timestamp, Value::Timestamp(timestamp) => timestamp);
reader!(quantity, &'a Quantity<'a>, Value::Quantity(quantity) => quantity);

/// The list at `position`.
pub(super) fn list<'a>(
    arguments: &[Value<'a>],
    position: usize,
) -> Result<List<'a>, EvaluationError<'a>> {
    value(arguments, position)?
        .as_list()
        .ok_or(EvaluationError::NoSuchOverload)
}

/// The most that one call may allocate. cel-go bounds results by cost alone, and cost does not
/// cover every one of them (`replace`, `flatten`, `+` of lists): what is larger than this would
/// have been paid for with the whole limit of an expression, had it been read once.
const CALL_BYTES_MAX: usize = 32 << 20;
/// The most that all calls over one arena may allocate together, input included.
const ARENA_BYTES_MAX: usize = 512 << 20;

impl<'a> Scope<'a, '_> {
    /// Checks that a result of `bytes` bytes may be allocated. To be called before building it.
    ///
    /// # Errors
    /// [`EvaluationError::CostLimitExceeded`].
    pub(super) fn reserve(&self, bytes: usize) -> Result<(), EvaluationError<'a>> {
        let total = self.arena.allocated_bytes().saturating_add(bytes);
        if bytes > CALL_BYTES_MAX || total > ARENA_BYTES_MAX {
            return Err(EvaluationError::CostLimitExceeded);
        }
        Ok(())
    }

    /// A string in the arena.
    pub(super) fn text(&self, text: &str) -> Outcome<'a> {
        self.reserve(text.len())?;
        Ok(Value::String(self.arena.alloc_str(text)))
    }

    /// A list in the arena.
    pub(super) fn list(&self, items: &[Value<'a>]) -> Outcome<'a> {
        self.reserve(items.len().saturating_mul(size_of::<Value<'a>>()))?;
        Ok(Value::List(self.arena.alloc_slice_copy(items)))
    }

    /// A list of strings in the arena; the strings must live there already.
    pub(super) fn list_of_text(
        &self,
        count: usize,
        texts: impl Iterator<Item = &'a str>,
    ) -> Outcome<'a> {
        self.reserve(count.saturating_mul(size_of::<Value<'a>>()))?;
        let mut items = bumpalo::collections::Vec::with_capacity_in(count, self.arena);
        items.extend(texts.map(Value::String));
        Ok(Value::List(items.into_bump_slice()))
    }

    /// Fails with a text of its own.
    pub(super) fn fail<T>(&self, text: impl std::fmt::Display) -> Result<T, EvaluationError<'a>> {
        EvaluationError::message(self.arena, text)
    }
}
