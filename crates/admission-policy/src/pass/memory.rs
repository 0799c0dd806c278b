//! What the policies of a set remember of one request, object and parameter object.
//!
//! A variable has the same value in every pass, unless it asks the authorizer and the pass has none;
//! and variables of different policies that say the same have the same value, too. So each is
//! evaluated once, and each pass charges what evaluating it anew would have cost: its own cost, and
//! that of the variables that it read and that the pass had not read before. Match conditions are
//! remembered likewise.
//!
//! Variables and conditions go by their numbers here, which are the same in all policies of a set.

use std::cell::Cell;

use admission_cel::error::EvaluationError;
use admission_cel::json::Json;
use admission_cel::program::VariableValue;
use bumpalo::Bump;

use crate::set::SharedCounts;

/// What passes share. Lives in the arena, which drops nothing: it holds no memory of its own.
pub struct Memory<'a> {
    variables: &'a [Slot<'a>],
    conditions: &'a [Cell<Option<KnownCondition>>],
    unknowns: Cell<Option<&'a Unknown<'a>>>,
    /// What the variable that is being evaluated has read so far; `None` outside of variables.
    reading: Cell<Option<Reading<'a>>>,
    /// Tells evaluations of variables apart; that of the one which is being evaluated, or 0.
    reader: Cell<u32>,
    /// How many have been evaluated.
    readers: Cell<u32>,
}

/// What is known of one variable.
#[derive(Default)]
struct Slot<'a> {
    remembered: Cell<Option<&'a Remembered<'a>>>,
    /// Which evaluation of a variable noted last that it reads this one.
    noted_by: Cell<u32>,
}

/// What a match condition gave, and what that cost.
#[derive(Clone, Copy)]
pub(crate) struct KnownCondition {
    pub(crate) excludes: bool,
    pub(crate) cost: u64,
}

/// The result of evaluating a variable.
pub(super) struct Remembered<'a> {
    pub(super) value: VariableValue<'a>,
    /// What it cost without the variables that it read.
    pub(super) own_cost: u64,
    pub(super) reading: Reading<'a>,
}

impl Remembered<'_> {
    /// What a variable is while it is being evaluated.
    pub(super) const READS_ITSELF: Self = Self {
        value: Err(EvaluationError::Message("a variable cannot read itself")),
        own_cost: 0,
        reading: Reading {
            authorizer: false,
            variables: None,
        },
    };
}

/// What a variable read.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading<'a> {
    /// Whether it, or a variable that it read, read the authorizer.
    pub(super) authorizer: bool,
    /// Which variables it read, some of them perhaps several times.
    variables: Option<&'a Read<'a>>,
}

struct Read<'a> {
    number: usize,
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
    /// Nothing yet is evaluated.
    pub fn new(counts: SharedCounts, arena: &'a Bump) -> &'a Self {
        arena.alloc(Self {
            variables: arena.alloc_slice_fill_default(counts.variables),
            conditions: arena.alloc_slice_fill_with(counts.conditions, |_| Cell::new(None)),
            unknowns: Cell::new(None),
            reading: Cell::new(None),
            reader: Cell::new(0),
            readers: Cell::new(0),
        })
    }

    /// How many variables there are.
    pub(super) fn variables(&self) -> usize {
        self.variables.len()
    }

    /// What is known of a variable.
    pub(super) fn get(&self, number: usize) -> Option<&'a Remembered<'a>> {
        self.variables.get(number)?.remembered.get()
    }

    pub(super) fn set(&self, number: usize, remembered: &'a Remembered<'a>) {
        if let Some(variable) = self.variables.get(number) {
            variable.remembered.set(Some(remembered));
        }
    }

    /// What is known of a match condition.
    pub(crate) fn condition(&self, number: usize) -> Option<KnownCondition> {
        self.conditions.get(number)?.get()
    }

    pub(crate) fn set_condition(&self, number: usize, known: KnownCondition) {
        if let Some(condition) = self.conditions.get(number) {
            condition.set(Some(known));
        }
    }

    /// Notes that the variable which is being evaluated reads another one.
    #[inline]
    pub(super) fn note_variable(&self, number: usize, arena: &'a Bump) {
        let reader = self.reader.get();
        if reader != 0
            && let Some(variable) = self.variables.get(number)
            && variable.noted_by.replace(reader) != reader
            && let Some(mut reading) = self.reading.get()
        {
            reading.variables = Some(arena.alloc(Read {
                number,
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
        self.readers.update(|readers| readers.wrapping_add(1));
        let outer_reader = self.reader.replace(self.readers.get());
        let outer = self.reading.replace(Some(Reading::default()));
        let result = evaluate();
        let inner = self.reading.replace(outer).unwrap_or_default();
        self.reader.set(outer_reader);
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
    /// The variables that were read; one that was also read on the way may come twice.
    pub(super) fn variables(&self) -> impl Iterator<Item = usize> {
        std::iter::successors(self.variables, |read| read.earlier).map(|read| read.number)
    }
}

/// The memories of a request, one for each object and parameter object that it is judged with:
/// mutations make new objects, and bindings have parameters of their own.
pub struct Memories<'a> {
    counts: SharedCounts,
    known: Vec<(Subject<'a>, &'a Memory<'a>)>,
}

/// The nodes themselves: what they hold need not be compared.
type Subject<'a> = [Option<&'a Json<'a>>; 2];

impl<'a> Memories<'a> {
    /// Nothing is remembered yet.
    pub fn new(counts: SharedCounts) -> Self {
        Self {
            counts,
            known: Vec::new(),
        }
    }

    /// What is remembered of an object and a parameter object.
    pub fn of(
        &mut self,
        object: Option<&'a Json<'a>>,
        param: Option<&'a Json<'a>>,
        arena: &'a Bump,
    ) -> &'a Memory<'a> {
        let wanted = [object, param];
        let is_same = |subject: &Subject<'a>| {
            let address = |node: &Option<&'a Json<'a>>| node.map(std::ptr::from_ref);
            subject.iter().map(address).eq(wanted.iter().map(address))
        };
        let mut newest_first = self.known.iter().rev();
        if let Some((_, memory)) = newest_first.find(|(subject, _)| is_same(subject)) {
            return memory;
        }
        let memory = Memory::new(self.counts, arena);
        self.known.push((wanted, memory));
        memory
    }
}
