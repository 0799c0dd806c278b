//! The macros over lists and maps. cel-go expands them to comprehensions; the costs are those of
//! the expanded parts (`parser/macro.go`, `ext/comprehensions.go`, `ext/lists.go`), and an error
//! does not end a macro early, since it does not end a comprehension.

use bumpalo::collections::Vec as ArenaVec;

use super::access::rewrapped;
use super::construct::LIST_CREATION;
use super::insertion::{Duplicate, MapUnderConstruction};
use super::panics::counting_panics;
use super::range::Items;
use super::walk::Condition;
use super::{Attempt, Evaluated, Interpreter, apply, attempt};
use crate::compile::node::{ListMacro, MapMacro, Node, Quantifier, QuantifierKind, Range, SortBy};
use crate::error::EvaluationError;
use crate::library::go_text;
use crate::value::{MapValue, Value};

/// Reading the accumulator.
const ACCUMULATOR: u64 = 1;
/// `@not_strictly_false(accumulator)` before each element of `all`.
const ALL_CONDITION: u64 = 2;
/// `@not_strictly_false(!accumulator)` before each element of `exists`.
const EXISTS_CONDITION: u64 = 3;
/// A call of the expansion: `accumulator + …`, `accumulator == 1`, `cel.@mapInsert(…)`.
const CALL: u64 = 1;

/// What `sortBy` calls with the list and the keys.
const SORT: &str = "@sortByAssociatedKeys";

impl<'a> Interpreter<'a, '_> {
    /// Evaluates what a macro goes through.
    pub fn items(&mut self, range: &'a Range) -> Result<Items<'a>, EvaluationError<'a>> {
        let target = self.eval(&range.target)?;
        let activation = self.evaluator.activation;
        Items::new(self.arena(), activation, target, range.value_slot.is_some())
    }

    /// Binds the variables of a macro to the item at a position.
    ///
    /// # Errors
    /// Those that end the evaluation, of items that have to be evaluated.
    #[inline]
    pub fn bind(
        &mut self,
        range: &Range,
        items: Items<'a>,
        position: usize,
    ) -> Result<(), EvaluationError<'a>> {
        if let Items::Variables(indexes) = items {
            return self.bind_policy_variable(range, indexes.get(position).copied());
        }
        match range.value_slot {
            Some(value_slot) => {
                if let Some((key, value)) = items.pair(position) {
                    self.set_local(range.slot, key);
                    self.set_local(value_slot, value);
                }
            }
            None => {
                if let Items::List(crate::value::List::Json(nodes)) = items {
                    if let Some(node) = nodes.get(position) {
                        self.set_local(range.slot, Value::Json(node));
                    }
                } else if let Some(item) = items.single(position) {
                    self.set_local(range.slot, item);
                }
            }
        }
        Ok(())
    }

    /// Binds the value of a policy variable, or its error; and what is found by that value.
    #[cold]
    fn bind_policy_variable(
        &mut self,
        range: &Range,
        index: Option<usize>,
    ) -> Result<(), EvaluationError<'a>> {
        let item = self.policy_variable(index.unwrap_or(usize::MAX));
        let item = self.bindable(item)?;
        self.set_local(range.slot, item);
        if let Some(value_slot) = range.value_slot {
            let found = match item.plain() {
                Value::String(name) => match self.policy_variable_index(name) {
                    Some(index) => self.policy_variable(index),
                    None => Err(EvaluationError::NoSuchKey(name)),
                },
                _ => EvaluationError::no_such_overload(),
            };
            let found = self.bindable(found)?;
            self.set_local(value_slot, found);
        }
        Ok(())
    }

    /// What a macro's variable is bound to: an error shows when it is read.
    fn bindable(&self, item: Evaluated<'a>) -> Evaluated<'a> {
        Ok(attempt(item)?.unwrap_or_else(|error| {
            let text = bumpalo::format!(in self.arena(), "{}", error);
            Value::Failure(text.into_bump_str())
        }))
    }

    /// What the first variable of a macro is bound to.
    fn bound(&self, range: &Range) -> Value<'a> {
        let local = self.locals.get(range.slot);
        local.map_or(Value::Null, |local| local.value)
    }

    #[inline(never)]
    pub fn quantifier(&mut self, node: &'a Quantifier) -> Evaluated<'a> {
        let items = self.items(&node.range)?;
        match node.kind {
            QuantifierKind::All => self.short_circuit(node, items, false, ALL_CONDITION),
            QuantifierKind::Exists => self.short_circuit(node, items, true, EXISTS_CONDITION),
            QuantifierKind::ExistsOne => self.exists_one(node, items),
        }
    }

    /// `all` and `exists`: one decisive element decides, whatever the others are.
    fn short_circuit(
        &mut self,
        node: &'a Quantifier,
        items: Items<'a>,
        decisive: bool,
        condition_cost: u64,
    ) -> Evaluated<'a> {
        let mut error = None;
        for position in 0..items.len() {
            self.bind(&node.range, items, position)?;
            self.meter.charge(condition_cost + ACCUMULATOR)?;
            let flag = match self.condition(&node.predicate)? {
                Condition::True => true,
                Condition::False => false,
                Condition::Other => {
                    error = error.or(Some(EvaluationError::NoSuchOverload));
                    continue;
                }
                Condition::Failed(failed) => {
                    error = error.or(Some(failed));
                    continue;
                }
            };
            if flag == decisive {
                // The condition is tested once more if there is another element, which is bound.
                if position + 1 < items.len() {
                    if let Items::Variables(_) = items {
                        self.bind(&node.range, items, position + 1)?;
                    }
                    self.meter.charge(condition_cost)?;
                }
                return self.charged(ACCUMULATOR, Ok(Value::Bool(decisive)));
            }
        }
        self.charged(ACCUMULATOR, error.map_or(Ok(Value::Bool(!decisive)), Err))
    }

    fn exists_one(&mut self, node: &'a Quantifier, items: Items<'a>) -> Evaluated<'a> {
        let mut count: Result<u64, EvaluationError<'a>> = Ok(0);
        for position in 0..items.len() {
            self.bind(&node.range, items, position)?;
            if self.keeps(&node.predicate, &mut count)? {
                self.meter.charge(ACCUMULATOR + CALL)?;
                count = count.map(|count| count + 1);
            }
        }
        self.charged(
            ACCUMULATOR + CALL,
            count.map(|count| Value::Bool(count == 1)),
        )
    }

    /// Whether a predicate lets an element through. Its error becomes the accumulator's, and
    /// replaces an earlier one (`predicate ? … : accumulator`).
    fn keeps<T>(
        &mut self,
        predicate: &'a Node,
        accumulator: &mut Result<T, EvaluationError<'a>>,
    ) -> Result<bool, EvaluationError<'a>> {
        match self.condition(predicate)? {
            Condition::True => return Ok(true),
            Condition::False => {}
            Condition::Other => *accumulator = EvaluationError::no_such_overload(),
            Condition::Failed(error) => *accumulator = Err(error),
        }
        Ok(false)
    }

    #[inline(never)]
    pub fn list_macro(&mut self, node: &'a ListMacro) -> Evaluated<'a> {
        let items = self.items(&node.range)?;
        let arena = self.arena();
        let mut kept = Ok(ArenaVec::new_in(arena));
        for position in 0..items.len() {
            self.bind(&node.range, items, position)?;
            if let Some(predicate) = &node.predicate
                && !self.keeps(predicate, &mut kept)?
            {
                continue;
            }
            let value = self.transformed(node)?;
            match (&mut kept, value) {
                (Ok(values), Ok(value)) => values.push(value),
                (Ok(_), Err(error)) => kept = Err(error),
                (Err(_), _) => {}
            }
        }
        self.charged(
            ACCUMULATOR,
            kept.map(|values| Value::List(values.into_bump_slice())),
        )
    }

    /// `accumulator + [transform]`
    fn transformed(&mut self, node: &'a ListMacro) -> Attempt<'a, Value<'a>> {
        self.meter.charge(ACCUMULATOR)?;
        let (value, creation) = match &node.transform {
            // cel-go has folded `[constant]`.
            Some(Node::Constant(constant)) => (Ok(constant.value()), 0),
            Some(transform) => (self.attempt(transform)?, LIST_CREATION),
            None => {
                self.meter.charge(1)?;
                let item = match self.bound(&node.range) {
                    item @ Value::Json(_) => Ok(item),
                    item => rewrapped(self.arena(), item).and_then(Value::read),
                };
                (item, LIST_CREATION)
            }
        };
        self.meter.charge(creation + CALL)?;
        Ok(value)
    }

    #[inline(never)]
    pub fn map_macro(&mut self, node: &'a MapMacro) -> Evaluated<'a> {
        let items = self.items(&node.range)?;
        let mut kept = Ok(MapUnderConstruction::default());
        for position in 0..items.len() {
            self.bind(&node.range, items, position)?;
            if let Some(predicate) = &node.predicate
                && !self.keeps(predicate, &mut kept)?
            {
                continue;
            }
            self.meter.charge(ACCUMULATOR)?;
            if !node.entries {
                // A call of three arguments stops at the first that fails: the accumulator.
                if kept.is_err() {
                    continue;
                }
                self.meter.charge(1)?;
            }
            let value = self.attempt(&node.transform)?;
            self.meter.charge(CALL)?;
            if let Ok(map) = &mut kept {
                let key = self.bound(&node.range);
                if let Err(error) = self.insert(map, node, key, value) {
                    kept = Err(error);
                }
            }
        }
        let arena = self.arena();
        self.charged(
            ACCUMULATOR,
            kept.map(|map| Value::Map(MapValue::new(arena, &map.entries))),
        )
    }

    /// `cel.@mapInsert`
    fn insert(
        &self,
        map: &mut MapUnderConstruction<'a>,
        node: &MapMacro,
        key: Value<'a>,
        value: Evaluated<'a>,
    ) -> Result<(), EvaluationError<'a>> {
        let value = value?;
        let inserted = if node.entries {
            let Some(entries) = value.as_map() else {
                return EvaluationError::no_such_overload();
            };
            entries
                .iter()
                .try_for_each(|(key, value)| map.insert(key, value))
        } else {
            map.insert(key, value)
        };
        inserted.or_else(|Duplicate(key)| {
            EvaluationError::message(
                self.arena(),
                format_args!("insert failed: key {} already exists", go_text(key)),
            )
        })
    }

    /// Expanded by cel-go to a binding of the input, of which `map` makes the keys.
    #[inline(never)]
    pub fn sort_by(&mut self, node: &'a SortBy) -> Evaluated<'a> {
        let input = self.attempt(&node.target)?;
        // The binding is read twice: as the list, and as what `map` goes through.
        self.meter.charge(2)?;
        let keys = match input {
            Ok(input) => attempt(self.sort_keys(node, input))?,
            Err(error) => Err(error),
        };
        let arguments = [input.unwrap_or(Value::Null), keys.unwrap_or(Value::Null)];
        let failed = keys.is_err().then_some(1);
        if let Some(panic) =
            counting_panics(self.arena(), SORT, &node.candidates, &arguments, failed)
        {
            return Err(panic);
        }
        let (result, cost) = apply(SORT, &node.candidates, self.scope(), &arguments);
        self.meter.charge(cost)?;
        input?;
        keys?;
        result
    }

    fn sort_keys(&mut self, node: &'a SortBy, input: Value<'a>) -> Evaluated<'a> {
        let items = Items::new(self.arena(), self.evaluator.activation, input, false)?;
        let mut keys = Ok(ArenaVec::new_in(self.arena()));
        for position in 0..items.len() {
            self.set_local(node.slot, items.single(position).unwrap_or(Value::Null));
            self.meter.charge(ACCUMULATOR)?;
            let (key, creation) = match &node.key {
                Node::Constant(constant) => (Ok(constant.value()), 0),
                other => (self.attempt(other)?, LIST_CREATION),
            };
            self.meter.charge(creation + CALL)?;
            match (&mut keys, key) {
                (Ok(keys), Ok(key)) => keys.push(key),
                (Ok(_), Err(error)) => keys = Err(error),
                (Err(_), _) => {}
            }
        }
        self.charged(
            ACCUMULATOR,
            keys.map(|keys| Value::List(keys.into_bump_slice())),
        )
    }
}
