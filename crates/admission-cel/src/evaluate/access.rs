//! Selection of fields, keys and indexes, after cel-go's `interpreter/attributes.go`.

use bumpalo::Bump;

use super::construct::PATCH;
use super::walk::{Condition, End};
use super::{Evaluated, Interpreter, Key, attempt};
use crate::compile::node::{Attribute, Conditional, Has, Node, QualifierKey, Root};
use crate::error::EvaluationError;
use crate::escape::unescape;
use crate::json::Json;
use crate::library::scalar_text;
use crate::program::policy_variables;
use crate::value::{MapValue, StructValue, Value, runtime_name};

/// A value on its way through a chain of selections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub value: Value<'a>,
    /// Whether something optional was met: every later step is then optional.
    pub optional: bool,
    /// Whether an optional step found nothing; the chain ends there.
    pub absent: bool,
    /// Whether the value is the content of an optional, and nothing was selected from it.
    pub entered: bool,
}

impl<'a> Found<'a> {
    /// A chain's start: an optional is entered, which makes the chain optional.
    pub fn start(value: Value<'a>) -> Self {
        match value {
            Value::Optional(None) => Self {
                value,
                optional: true,
                absent: true,
                entered: false,
            },
            Value::Optional(Some(inner)) => Self {
                value: flattened(*inner),
                optional: true,
                absent: false,
                entered: true,
            },
            _ => Self {
                value,
                optional: false,
                absent: false,
                entered: false,
            },
        }
    }

    /// The result of the chain.
    #[inline]
    pub fn finish(self, arena: &'a Bump) -> Evaluated<'a> {
        if self.absent {
            return Ok(Value::Optional(None));
        }
        if !self.optional {
            return self.value.read();
        }
        Ok(Value::Optional(Some(arena.alloc(self.content(arena)))))
    }

    /// The value, as cel-go has it after it took it out of an optional.
    fn content(self, arena: &'a Bump) -> Value<'a> {
        if self.entered {
            converted(arena, self.value)
        } else {
            self.value
        }
    }
}

/// cel-go takes the native value out of an optional, which also unwraps optionals within it.
pub(super) fn flattened(value: Value<'_>) -> Value<'_> {
    match value {
        // The native value of a type is its name.
        Value::Type(named) => Value::String(runtime_name(named)),
        Value::Optional(Some(inner)) => flattened(*inner),
        Value::Optional(None) => Value::Null,
        other => other,
    }
}

/// Whether a chain starts with a choice; cel-go makes one of `optMap` and `optFlatMap` too.
pub(super) fn is_choice(root: &Root) -> bool {
    match root {
        Root::Conditional(_) => true,
        Root::Value(node) => matches!(node, Node::OptionalMacro(_)),
        _ => false,
    }
}

/// An optional as it comes out of a chain or a choice, where cel-go unwraps it and wraps it again.
pub(super) fn rewrapped<'a>(arena: &'a Bump, value: Value<'a>) -> Evaluated<'a> {
    match value {
        Value::Optional(Some(Value::Optional(_) | Value::Type(_))) => {
            Found::start(value).finish(arena)
        }
        Value::Optional(Some(inner)) if is_converted(*inner) => {
            let content = converted(arena, *inner);
            Ok(Value::Optional(Some(arena.alloc(content))))
        }
        other => Ok(other),
    }
}

/// Whether [`converted`] changes a value.
fn is_converted(value: Value<'_>) -> bool {
    match value {
        Value::Struct(object) => object.type_name != PATCH,
        Value::Failure(_)
        | Value::Authorizer(_)
        | Value::Variables
        | Value::Quantity(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::Url(_)
        | Value::Semver(_) => true,
        _ => false,
    }
}

/// The content of an optional that is wrapped again: a failure where it is a value of a library, of
/// which cel-go cannot make a value again, and a map where it is an object under construction.
pub(super) fn converted<'a>(arena: &'a Bump, value: Value<'a>) -> Value<'a> {
    let native = match value {
        Value::Failure(_) => "*errors.errorString",
        Value::Quantity(_) => "*resource.Quantity",
        Value::Ip(_) => "netip.Addr",
        Value::Cidr(_) => "netip.Prefix",
        Value::Url(_) => "*url.URL",
        Value::Semver(_) => "semver.Version",
        Value::Struct(object) if object.type_name != PATCH => return as_map(arena, object),
        // These have no native value.
        Value::Authorizer(_) | Value::Variables => return Value::Failure("no such overload"),
        _ => return value,
    };
    let text = scalar_text(value);
    let text =
        bumpalo::format!(in arena, "unsupported conversion to ref.Val: ({}){}", native, text);
    Value::Failure(text.into_bump_str())
}

/// An object under construction without the names of its types.
fn as_map<'a>(arena: &'a Bump, object: &StructValue<'a>) -> Value<'a> {
    let entries: Vec<(Value<'a>, Value<'a>)> = object
        .fields
        .iter()
        .map(|(name, value)| match value {
            Value::Struct(inner) if inner.type_name != PATCH => {
                (Value::String(name), as_map(arena, inner))
            }
            other => (Value::String(name), *other),
        })
        .collect();
    Value::Map(MapValue::new(arena, &entries))
}

impl<'a> Interpreter<'a, '_> {
    /// Evaluates a chain as an expression. A choice has no cost of its own.
    #[inline(never)]
    pub fn attribute(&mut self, attribute: &'a Attribute) -> Evaluated<'a> {
        if let Some(value) = self.whole_policy_variable(attribute) {
            self.meter.charge_steps(2)?;
            return value;
        }
        let walk = self.walk(attribute);
        if walk.end == End::Node {
            self.meter.charge_steps(walk.steps + 1)?;
            return Ok(Value::Json(walk.node));
        }
        self.any_attribute(attribute)
    }

    fn any_attribute(&mut self, attribute: &'a Attribute) -> Evaluated<'a> {
        let result = self.resolve_to_value(attribute);
        if is_choice(&attribute.root) {
            return result;
        }
        self.charged(1, result)
    }

    fn resolve_to_value(&mut self, attribute: &'a Attribute) -> Evaluated<'a> {
        let arena = self.arena();
        match (&attribute.root, attribute.qualifiers.as_slice()) {
            (Root::Conditional(choice), []) => self.choice(choice),
            (_, []) => {
                let value = self.root(attribute)?;
                // Nothing is selected: no need to wrap an optional again, unless that shows.
                rewrapped(arena, value)
            }
            _ => self.resolve(attribute)?.finish(arena),
        }
    }

    /// A choice from which nothing is selected.
    fn choice(&mut self, choice: &'a Conditional) -> Evaluated<'a> {
        let branch = self.branch(choice)?;
        let found = match (&branch.root, branch.qualifiers.as_slice()) {
            (Root::Value(node), []) if !is_choice(&branch.root) => match self.eval(node)? {
                value @ Value::Optional(_) => Found::start(value),
                value => return value.read(),
            },
            _ => self.resolve(branch)?,
        };
        found.finish(self.arena())
    }

    fn branch(&mut self, choice: &'a Conditional) -> Result<&'a Attribute, EvaluationError<'a>> {
        match self.condition(&choice.condition)? {
            Condition::True => Ok(&choice.then),
            Condition::False => Ok(&choice.otherwise),
            Condition::Other => EvaluationError::no_such_overload(),
            Condition::Failed(error) => Err(error),
        }
    }

    /// Follows a chain.
    pub fn resolve(&mut self, attribute: &'a Attribute) -> Result<Found<'a>, EvaluationError<'a>> {
        let walk = self.walk(attribute);
        if walk.end == End::Unknown {
            return self.resolve_any(attribute);
        }
        self.meter.charge_steps(walk.steps)?;
        Ok(Found {
            value: Value::Json(walk.node),
            optional: walk.end != End::Node,
            absent: walk.end == End::Absent,
            entered: false,
        })
    }

    fn resolve_any(&mut self, attribute: &'a Attribute) -> Result<Found<'a>, EvaluationError<'a>> {
        let mut found = match &attribute.root {
            Root::Conditional(choice) => {
                let branch = self.branch(choice)?;
                self.resolve(branch)?
            }
            _ => Found::start(self.root(attribute)?),
        };
        for qualifier in &attribute.qualifiers {
            if found.absent {
                return Ok(found);
            }
            if qualifier.tested && !found.optional {
                found = Found::start(self.is_present(found, &qualifier.key)?);
                continue;
            }
            found.optional |= qualifier.optional;
            found = self.step(found, &qualifier.key)?;
        }
        Ok(found)
    }

    fn root(&mut self, attribute: &'a Attribute) -> Evaluated<'a> {
        match &attribute.root {
            Root::Variable { slot, name } => self
                .evaluator
                .activation
                .variable(*slot)
                .ok_or(EvaluationError::NoSuchAttribute(name)),
            Root::Local(slot) => self.local(*slot),
            Root::PolicyVariables => Ok(Value::Variables),
            Root::Value(Node::OptionalMacro(optional)) => self.chosen_by_optional_macro(optional),
            Root::Value(node) => self.eval(node),
            Root::Conditional(_) => EvaluationError::no_such_overload(),
        }
    }

    fn local(&mut self, slot: usize) -> Evaluated<'a> {
        let Some(local) = self.locals.get_mut(slot) else {
            return EvaluationError::no_such_overload();
        };
        let value = local.value;
        let pending = std::mem::take(&mut local.pending_cost);
        if pending > 0 {
            self.meter.charge(pending)?;
        }
        value.read()
    }

    /// One selection. It costs 1 unless it is optional and finds nothing.
    fn step(
        &mut self,
        found: Found<'a>,
        key: &'a QualifierKey,
    ) -> Result<Found<'a>, EvaluationError<'a>> {
        let value = found.content(self.arena());
        let selected = self.select(value, key, found.optional);
        if !found.optional || matches!(selected, Ok(Some(_))) {
            self.meter.charge(1)?;
        }
        Ok(match selected? {
            Some(value) => Found {
                value,
                entered: false,
                ..found
            },
            None => Found {
                absent: true,
                ..found
            },
        })
    }

    /// Selects from a value; nothing found is an error unless `presence` is tested.
    pub fn select(
        &mut self,
        value: Value<'a>,
        key: &'a QualifierKey,
        presence: bool,
    ) -> Result<Option<Value<'a>>, EvaluationError<'a>> {
        value.read()?;
        let key = match key {
            QualifierKey::Field(name) => {
                // By far the most frequent case.
                if let Value::Json(Json::Object(object)) = value {
                    return match object.get(name) {
                        Some(member) => Ok(Some(Value::Json(member))),
                        None if presence => Ok(None),
                        None => Err(EvaluationError::NoSuchKey(name)),
                    };
                }
                Key::String(name)
            }
            QualifierKey::ObjectField(name) => {
                return object_field(self.arena(), value, name, presence);
            }
            QualifierKey::PolicyVariable(index) => return self.policy_variable(*index).map(Some),
            QualifierKey::Constant(constant) => Key::new(self.arena(), constant.value())?,
            QualifierKey::Computed(node) => {
                let value = self.computed_key(node)?;
                if reads_input(node) {
                    Key::of_input(self.arena(), value)?
                } else {
                    Key::new(self.arena(), value)?
                }
            }
        };
        if let (Value::Variables, Key::String(name)) = (value, key) {
            return match self.policy_variable_index(name) {
                Some(index) => self.policy_variable(index).map(Some),
                None if presence => Ok(None),
                None => Err(EvaluationError::NoSuchKey(name)),
            };
        }
        if let Value::Variables = value {
            return EvaluationError::no_such_overload();
        }
        lookup(self.arena(), value, key, presence)
    }

    /// A chain used as a key is resolved without the cost of an expression.
    fn computed_key(&mut self, node: &'a Node) -> Evaluated<'a> {
        match node {
            Node::Attribute(attribute) => self.resolve_to_value(attribute),
            _ => self.eval(node),
        }
    }

    /// Which policy variable a name stands for.
    pub(super) fn policy_variable_index(&self, name: &str) -> Option<usize> {
        let name = unescape(name)?;
        policy_variables(self.evaluator.activation)
            .filter(|(_, variable)| *variable == name)
            .map(|(index, _)| index)
            .last()
    }

    pub(super) fn policy_variable(&mut self, index: usize) -> Evaluated<'a> {
        let (value, cost) = self.evaluator.activation.policy_variable(index);
        self.variables_cost = self.variables_cost.saturating_add(cost);
        *value
    }

    /// `has(operand.field)`: no cost besides its selections.
    #[inline(never)]
    pub fn has(&mut self, has: &'a Has) -> Evaluated<'a> {
        let walk = self.walk(&has.operand);
        if let (End::Node, Json::Object(object), QualifierKey::Field(name)) =
            (walk.end, walk.node, &has.key)
        {
            self.meter.charge_steps(walk.steps + 1)?;
            return Ok(Value::Bool(object.get(name).is_some()));
        }
        let present = self.has_any(has);
        if is_choice(&has.operand.root) {
            // Elsewhere this cancels the cost of the chain; a choice has none.
            let present = attempt(present)?;
            self.meter.take_back_one()?;
            return present;
        }
        present
    }

    fn has_any(&mut self, has: &'a Has) -> Evaluated<'a> {
        let found = self.resolve(&has.operand)?;
        if found.absent {
            return Ok(Value::Bool(false));
        }
        self.is_present(found, &has.key)
    }

    fn is_present(&mut self, found: Found<'a>, key: &'a QualifierKey) -> Evaluated<'a> {
        let value = found.content(self.arena());
        let selected = self.select(value, key, true);
        if !found.optional || matches!(selected, Ok(Some(_))) {
            self.meter.charge(1)?;
        }
        Ok(Value::Bool(selected?.is_some()))
    }
}

/// Whether a node selects from a variable of the environment and does nothing else.
fn reads_input(node: &Node) -> bool {
    matches!(node, Node::Attribute(attribute) if starts_at_input(attribute))
}

fn starts_at_input(attribute: &Attribute) -> bool {
    match &attribute.root {
        Root::Variable { .. } => true,
        Root::Conditional(choice) => {
            starts_at_input(&choice.then) && starts_at_input(&choice.otherwise)
        }
        _ => false,
    }
}

/// Looks a key up in a value; nothing found is an error unless `presence` is tested. What is no
/// container has no keys.
pub(crate) fn lookup<'a>(
    arena: &'a Bump,
    value: Value<'a>,
    key: Key<'a>,
    presence: bool,
) -> Result<Option<Value<'a>>, EvaluationError<'a>> {
    if let Some(map) = value.as_map() {
        let found = match key {
            Key::String(name) => map.get_str(name),
            other => map.get(other.value()),
        };
        if let Some(value) = found {
            return value.read().map(Some);
        }
        if presence {
            return Ok(None);
        }
        return Err(key.missing(arena));
    }
    if let Some(list) = value.as_list() {
        let index = key.index(arena)?;
        let found = usize::try_from(index)
            .ok()
            .and_then(|index| list.get(index));
        if found.is_some() || presence {
            return Ok(found);
        }
        return Err(EvaluationError::IndexOutOfBounds(index));
    }
    match (value, key) {
        (Value::Struct(object), Key::String(name)) if object.type_name == PATCH => {
            patch_field(object, name, presence)
        }
        _ if presence => Ok(None),
        _ => Err(key.missing(arena)),
    }
}

/// A field of an object under construction, which is a map from there on; one that is not set is null
/// (`mutation/dynamic/objects.go` of `k8s.io/apiserver/pkg/cel`). Where the checker does not know that
/// it is one, it has no fields.
fn object_field<'a>(
    arena: &'a Bump,
    value: Value<'a>,
    name: &str,
    presence: bool,
) -> Result<Option<Value<'a>>, EvaluationError<'a>> {
    let map = match value {
        Value::Struct(object) => as_map(arena, object).as_map(),
        other => other.as_map(),
    };
    let Some(map) = map else {
        if presence {
            return Ok(None);
        }
        return EvaluationError::message(arena, format_args!("cannot get field \"{name}\""));
    };
    let set = map.get_str(name).map(|value| converted(arena, value));
    Ok(set.or((!presence).then_some(Value::Null)))
}

/// A field of a patch (`mutation/jsonpatch.go` there): text that is not set is empty.
fn patch_field<'a>(
    patch: &'a StructValue<'a>,
    name: &str,
    presence: bool,
) -> Result<Option<Value<'a>>, EvaluationError<'a>> {
    let set = patch.fields.iter().find(|(field, _)| *field == name);
    let is_text = name != "value";
    Ok(match set {
        // Empty text counts as absent.
        Some((_, value)) if presence && is_text && value.as_str() == Some("") => None,
        Some((_, value)) => Some(*value),
        None if presence => None,
        None if is_text => Some(Value::String("")),
        None => Some(Value::Null),
    })
}
