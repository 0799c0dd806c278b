//! What passes over one call remember of the policy's variables.
//!
//! A variable has the same value in every pass of a call, unless it asks the authorizer and the pass
//! has none. So it is evaluated once per call, and each pass charges what evaluating it anew would
//! have cost: its own cost, and that of the variables that it read and that the pass had not read
//! before.

use std::cell::Cell;

use admission_cel::error::EvaluationError;
use admission_cel::value::Value;
use bumpalo::Bump;

/// A variable's value, or its error.
pub(super) type VariableValue<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// What the passes of one call share. Lives in the arena, which drops nothing: it holds no memory
/// of its own.
pub(super) struct Memory<'a> {
    variables: &'a [Cell<Option<Remembered<'a>>>],
    unknowns: Cell<Option<&'a Unknown<'a>>>,
    /// What the variable that is being evaluated has read so far; `None` outside of variables.
    reading: Cell<Option<Reading<'a>>>,
}

/// The result of evaluating a variable.
#[derive(Clone, Copy)]
pub(super) struct Remembered<'a> {
    pub(super) value: VariableValue<'a>,
    /// What it cost without the variables that it read.
    pub(super) own_cost: u64,
    pub(super) reading: Reading<'a>,
}

impl<'a> Remembered<'a> {
    /// A value that was not evaluated.
    pub(super) fn without_cost(value: VariableValue<'a>) -> Self {
        Self {
            value,
            own_cost: 0,
            reading: Reading::default(),
        }
    }
}

/// What a variable read.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading<'a> {
    /// Whether it, or a variable that it read, read the authorizer.
    pub(super) authorizer: bool,
    /// Which variables it read.
    variables: Option<&'a Read<'a>>,
}

struct Read<'a> {
    index: usize,
    earlier: Option<&'a Read<'a>>,
}

/// Something that an expression asked for and nobody knows.
#[derive(Clone, Copy)]
pub(super) struct Unknown<'a> {
    /// What an error says that comes from it.
    pub(super) mark: &'a str,
    /// What the reader is told.
    pub(super) why: &'a str,
    earlier: Option<&'a Unknown<'a>>,
}

impl<'a> Memory<'a> {
    /// Of this many variables, none yet evaluated.
    pub(super) fn new(variables: usize, arena: &'a Bump) -> &'a Self {
        arena.alloc(Self {
            variables: arena.alloc_slice_fill_with(variables, |_| Cell::new(None)),
            unknowns: Cell::new(None),
            reading: Cell::new(None),
        })
    }

    /// What is known of a variable.
    pub(super) fn get(&self, index: usize) -> Option<Remembered<'a>> {
        self.variables.get(index)?.get()
    }

    pub(super) fn set(&self, index: usize, remembered: Remembered<'a>) {
        if let Some(variable) = self.variables.get(index) {
            variable.set(Some(remembered));
        }
    }

    /// Notes that the variable which is being evaluated reads another one.
    pub(super) fn note_variable(&self, index: usize, arena: &'a Bump) {
        if let Some(mut reading) = self.reading.get()
            && !reading.reads(index)
        {
            reading.variables = Some(arena.alloc(Read {
                index,
                earlier: reading.variables,
            }));
            self.reading.set(Some(reading));
        }
    }

    /// Notes that the variable which is being evaluated depends on the authorizer.
    pub(super) fn note_authorizer(&self) {
        if let Some(mut reading) = self.reading.get() {
            reading.authorizer = true;
            self.reading.set(Some(reading));
        }
    }

    /// Evaluates a variable, and says what it read.
    pub(super) fn read_by<R>(&self, evaluate: impl FnOnce() -> R) -> (R, Reading<'a>) {
        let outer = self.reading.replace(Some(Reading::default()));
        let result = evaluate();
        let inner = self.reading.replace(outer).unwrap_or_default();
        (result, inner)
    }

    /// Notes something that nobody knows.
    #[cold]
    pub(super) fn note_unknown(&self, mark: &str, why: &str, arena: &'a Bump) {
        self.unknowns.set(Some(arena.alloc(Unknown {
            mark: arena.alloc_str(mark),
            why: arena.alloc_str(why),
            earlier: self.unknowns.get(),
        })));
    }

    /// What nobody knows and an error came from, judging by its text: an error of a variable holds
    /// the text of what it came from.
    pub(super) fn unknown_in(&self, text: &str) -> Option<&'a Unknown<'a>> {
        std::iter::successors(self.unknowns.get(), |unknown| unknown.earlier)
            .find(|unknown| text.contains(unknown.mark))
    }
}

impl Reading<'_> {
    /// The variables that were read.
    pub(super) fn variables(&self) -> impl Iterator<Item = usize> {
        std::iter::successors(self.variables, |read| read.earlier).map(|read| read.index)
    }

    fn reads(&self, index: usize) -> bool {
        self.variables().any(|read| read == index)
    }
}
