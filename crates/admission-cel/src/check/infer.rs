//! Type parameters and what they turn out to be, after cel-go's `checker/types.go`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::types::Type;

/// Steps of inference after which an expression is given up. Far beyond what expressions need, since
/// types can double with each of a few nested macros.
const STEPS_MAX: u64 = 5_000_000;

/// How large a type may become, in nodes.
const TYPE_NODES_MAX: u32 = 5_000;

/// How deep types and their substitutions may nest.
const DEPTH_MAX: u16 = 1_000;

/// The bindings of type parameters.
#[derive(Debug)]
pub(super) struct Inference {
    bindings: HashMap<Arc<str>, Type>,
    /// What bindings were before, to take back the ones of an overload that does not fit.
    journal: Vec<(Arc<str>, Option<Type>)>,
    variables: u64,
    steps: u64,
    exhausted: bool,
}

impl Inference {
    pub(super) fn new() -> Self {
        Self {
            bindings: HashMap::new(),
            journal: Vec::new(),
            variables: 0,
            steps: STEPS_MAX,
            exhausted: false,
        }
    }

    /// Whether the types became too large to go on; what was inferred since is meaningless.
    pub(super) fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// How many type parameters were made.
    pub(super) fn variables(&self) -> u64 {
        self.variables
    }

    /// Whether another node may be checked. Macros that copy their targets, one after the other,
    /// double how many there are.
    pub(super) fn visit(&mut self) -> bool {
        self.step(0)
    }

    /// A type parameter of which nothing is known.
    pub(super) fn fresh(&mut self) -> Type {
        let number = self.variables;
        self.variables += 1;
        Type::Parameter(format!("_var{number}").into())
    }

    /// Whether `from` may stand where `to` is wanted, binding type parameters of both if so.
    pub(super) fn assignable(&mut self, to: &Type, from: &Type) -> bool {
        self.tentatively(|inference| inference.unify(to, from, 0))
    }

    /// [`Inference::assignable`] for the arguments of an overload, in cel-go's order of operands.
    pub(super) fn arguments_fit(&mut self, arguments: &[Type], parameters: &[Type]) -> bool {
        arguments.len() == parameters.len()
            && self.tentatively(|inference| {
                arguments
                    .iter()
                    .zip(parameters)
                    .all(|(argument, parameter)| inference.unify(argument, parameter, 0))
            })
    }

    fn tentatively(&mut self, attempt: impl FnOnce(&mut Self) -> bool) -> bool {
        let mark = self.journal.len();
        let fits = attempt(self);
        if !fits {
            for (name, before) in self.journal.drain(mark..).rev() {
                match before {
                    Some(before) => self.bindings.insert(name, before),
                    None => self.bindings.remove(&name),
                };
            }
        }
        fits
    }

    /// The type with bound parameters replaced, and unbound ones by `dyn` if `to_dyn`.
    pub(super) fn substitute(&mut self, subject: &Type, to_dyn: bool) -> Type {
        let mut nodes = TYPE_NODES_MAX;
        self.replace(subject, to_dyn, &mut nodes, 0)
    }

    fn replace(&mut self, subject: &Type, to_dyn: bool, nodes: &mut u32, depth: u16) -> Type {
        *nodes = nodes.saturating_sub(1);
        if *nodes == 0 || !self.step(depth) {
            self.exhausted = true;
            return Type::Error;
        }
        let mut inside = |inner: &Type| Arc::new(self.replace(inner, to_dyn, nodes, depth + 1));
        match subject {
            Type::List(item) => Type::List(inside(item)),
            Type::Map(key, value) => Type::Map(inside(key), inside(value)),
            Type::Optional(item) => Type::Optional(inside(item)),
            Type::Type(item) => Type::Type(inside(item)),
            Type::Parameter(name) => match self.bindings.get(name).cloned() {
                Some(bound) => self.replace(&bound, to_dyn, nodes, depth + 1),
                None if to_dyn => Type::Dyn,
                None => subject.clone(),
            },
            _ => subject.clone(),
        }
    }

    fn step(&mut self, depth: u16) -> bool {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || depth > DEPTH_MAX {
            self.exhausted = true;
        }
        !self.exhausted
    }

    /// `internalIsAssignable`
    fn unify(&mut self, first: &Type, second: &Type, depth: u16) -> bool {
        if !self.step(depth) {
            return false;
        }
        if let Type::Parameter(name) = second {
            match self.bind(first, second, name, depth) {
                Binding::Fits => return true,
                Binding::Conflicts => return false,
                Binding::Cyclic => {}
            }
        }
        if let Type::Parameter(name) = first {
            return matches!(self.bind(second, first, name, depth), Binding::Fits);
        }
        if is_dyn_or_error(first) || is_dyn_or_error(second) {
            return true;
        }
        if *first == Type::Null {
            return nullable(second);
        }
        if *second == Type::Null {
            return nullable(first);
        }
        match (first, second) {
            (Type::List(first), Type::List(second))
            | (Type::Optional(first), Type::Optional(second)) => {
                self.unify(first, second, depth + 1)
            }
            (Type::Map(key1, value1), Type::Map(key2, value2)) => {
                self.unify(key1, key2, depth + 1) && self.unify(value1, value2, depth + 1)
            }
            _ if is_type(first) => is_type(second),
            _ => same_name(first, second),
        }
    }

    /// `isValidTypeSubstitution`: whether the parameter may be `candidate`.
    fn bind(&mut self, candidate: &Type, parameter: &Type, name: &Arc<str>, depth: u16) -> Binding {
        if candidate == parameter {
            return Binding::Fits;
        }
        let Some(bound) = self.bindings.get(name).cloned() else {
            if !self.free_of(candidate, parameter, depth) {
                return Binding::Cyclic;
            }
            self.set(name, candidate.clone());
            return Binding::Fits;
        };
        if *candidate == bound {
            return Binding::Fits;
        }
        if !self.unify(candidate, &bound, depth + 1) {
            return Binding::Conflicts;
        }
        let general = most_general(candidate, &bound);
        if self.free_of(&general, parameter, depth) {
            self.set(name, general);
        }
        Binding::Fits
    }

    fn set(&mut self, name: &Arc<str>, bound: Type) {
        let before = self.bindings.insert(Arc::clone(name), bound);
        self.journal.push((Arc::clone(name), before));
    }

    /// `notReferencedIn`: whether the parameter does not occur in the type.
    fn free_of(&mut self, within: &Type, parameter: &Type, depth: u16) -> bool {
        if !self.step(depth) || within == parameter {
            return false;
        }
        match within {
            Type::Parameter(name) => match self.bindings.get(name).cloned() {
                Some(bound) => self.free_of(&bound, parameter, depth + 1),
                None => true,
            },
            Type::List(inner) | Type::Optional(inner) | Type::Type(inner) => {
                self.free_of(inner, parameter, depth + 1)
            }
            Type::Map(key, value) => {
                self.free_of(key, parameter, depth + 1) && self.free_of(value, parameter, depth + 1)
            }
            _ => true,
        }
    }
}

enum Binding {
    Fits,
    /// The parameter is already another type.
    Conflicts,
    /// The parameter would contain itself.
    Cyclic,
}

/// Whether a type says nothing, since it is only known at run time or its expression is wrong.
pub(super) fn is_dyn_or_error(subject: &Type) -> bool {
    matches!(subject, Type::Dyn | Type::Error)
}

/// Whether a type is that of types.
pub(super) fn is_type(subject: &Type) -> bool {
    matches!(subject, Type::Type(_)) || *subject == Type::TYPE
}

/// Whether a library's type is opaque to cel-go too. The others are objects whose fields it does not
/// know.
pub(super) fn is_abstract(name: &str) -> bool {
    matches!(name, "net.IP" | "net.CIDR" | "optional_type" | "type")
}

fn nullable(subject: &Type) -> bool {
    match subject {
        Type::Null
        | Type::Duration
        | Type::Timestamp
        | Type::Optional(_)
        | Type::Object(_)
        | Type::Opaque(_) => *subject != Type::TYPE,
        _ => false,
    }
}

fn same_name(first: &Type, second: &Type) -> bool {
    let simple = |subject: &Type| {
        !matches!(
            subject,
            Type::List(_) | Type::Map(..) | Type::Optional(_) | Type::Type(_)
        )
    };
    simple(first) && simple(second) && first.name() == second.name()
}

/// The more general of two types that unify.
pub(super) fn most_general(first: &Type, second: &Type) -> Type {
    if no_more_specific(first, second) {
        first.clone()
    } else {
        second.clone()
    }
}

/// `isEqualOrLessSpecific`
fn no_more_specific(first: &Type, second: &Type) -> bool {
    match (first, second) {
        (Type::Dyn | Type::Parameter(_), _) => true,
        (_, Type::Dyn | Type::Parameter(_)) => false,
        (Type::List(first), Type::List(second))
        | (Type::Optional(first), Type::Optional(second)) => no_more_specific(first, second),
        (Type::Map(key1, value1), Type::Map(key2, value2)) => {
            no_more_specific(key1, key2) && no_more_specific(value1, value2)
        }
        _ if is_type(first) => is_type(second),
        _ => first == second,
    }
}
