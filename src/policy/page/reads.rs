//! Which fields of `params` expressions read, found in their syntax trees.
//!
//! Variables and the elements of lists are followed to what they come from: `variables.profile` with
//! `params.spec.profiles[?name]` behind it reads `spec.profiles.*`. Where a path ends in a choice or
//! a computation, everything that goes into it is read.

use std::collections::{BTreeMap, BTreeSet};

use admission_cel::ast::{Expr, ExprKind, Literal, Macro, MacroKind};
use admission_cel::parse::parse;

/// A step from an object or list into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A field.
    Key(String),
    /// Whichever element.
    Any,
}

/// The steps from `params` to something that is read.
pub(super) type Read = Vec<Step>;

/// What the expressions read, the variables (name and expression, in order) that they use included.
/// Of an object and its fields, the fields are told.
pub(super) fn of(variables: &[(&str, &str)], sources: &[&str]) -> Vec<Read> {
    let mut reader = Reader::default();
    for (name, source) in variables {
        let variable = reader.variable(source);
        reader.variables.insert((*name).to_owned(), variable);
    }
    for source in sources {
        reader.expression(source);
    }
    let reads: BTreeSet<Read> = reader.reads.into_iter().map(without_elements).collect();
    let is_prefix = |read: &Read| {
        reads
            .iter()
            .any(|other| other.len() > read.len() && other.starts_with(read))
    };
    let told = reads
        .iter()
        .filter(|read| !read.is_empty() && !is_prefix(read));
    told.cloned().collect()
}

/// Whoever reads the elements of a list reads the list.
fn without_elements(mut read: Read) -> Read {
    while read.last() == Some(&Step::Any) {
        read.pop();
    }
    read
}

/// A variable: what it stands for, if that is a part of `params`, and what computing it reads.
#[derive(Clone, Debug, Default)]
struct Variable {
    path: Option<Read>,
    reads: BTreeSet<Read>,
}

#[derive(Debug, Default)]
struct Reader {
    variables: BTreeMap<String, Variable>,
    locals: Vec<(String, Option<Read>)>,
    reads: BTreeSet<Read>,
}

impl Reader {
    fn variable(&mut self, source: &str) -> Variable {
        let before = std::mem::take(&mut self.reads);
        let path = parse(source).ok().and_then(|tree| self.path(&tree));
        Variable {
            path,
            reads: std::mem::replace(&mut self.reads, before),
        }
    }

    fn expression(&mut self, source: &str) {
        if let Ok(tree) = parse(source) {
            self.read(&tree);
        }
    }

    /// Notes what an expression stands for as read.
    fn read(&mut self, expression: &Expr) {
        if let Some(path) = self.path(expression) {
            self.reads.insert(path);
        }
    }

    fn read_all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) {
        for expression in expressions {
            self.read(expression);
        }
    }

    /// The part of `params` that an expression stands for; what it reads on the way is noted.
    fn path(&mut self, expression: &Expr) -> Option<Read> {
        match &expression.kind {
            ExprKind::Ident(name) => self.name(name),
            ExprKind::Select { operand, field } => self.field(operand, field),
            ExprKind::Has { operand, field } => {
                let path = self.field(operand, field)?;
                self.reads.insert(path);
                None
            }
            ExprKind::Call {
                function,
                target,
                arguments,
            } => self.call(function, target.as_deref(), arguments),
            ExprKind::Macro(call) => self.over(call),
            ExprKind::Literal(_)
            | ExprKind::List(_)
            | ExprKind::Map(_)
            | ExprKind::Struct { .. } => {
                self.read_all(expression.children());
                None
            }
        }
    }

    fn name(&self, name: &str) -> Option<Read> {
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        match local {
            Some((_, path)) => path.clone(),
            None => (name == "params").then(Vec::new),
        }
    }

    fn field(&mut self, operand: &Expr, field: &str) -> Option<Read> {
        if matches!(&operand.kind, ExprKind::Ident(name) if name == "variables") {
            let variable = self.variables.get(field)?;
            self.reads.extend(variable.reads.iter().cloned());
            return variable.path.clone();
        }
        self.path(operand)
            .map(|path| with(path, Step::Key(field.to_owned())))
    }

    fn call(&mut self, function: &str, target: Option<&Expr>, arguments: &[Expr]) -> Option<Read> {
        match (function, target, arguments) {
            ("_?._" | "_[_]" | "_[?_]", None, [operand, index]) => match &index.kind {
                ExprKind::Literal(Literal::String(field)) => self.field(operand, field),
                _ => {
                    self.read(index);
                    self.path(operand).map(|path| with(path, Step::Any))
                }
            },
            ("orValue" | "or", Some(target), [other]) => {
                self.read(other);
                self.path(target)
            }
            ("value", Some(target), []) => self.path(target),
            ("_?_:_", None, [condition, then, otherwise]) => {
                self.read(condition);
                match (self.path(then), self.path(otherwise)) {
                    (Some(one), Some(other)) => {
                        self.reads.extend([one, other]);
                        None
                    }
                    (one, other) => one.or(other),
                }
            }
            (_, target, arguments) => {
                self.read_all(target.into_iter().chain(arguments));
                None
            }
        }
    }

    fn over(&mut self, call: &Macro) -> Option<Read> {
        let target = self.path(&call.target);
        let element = target.clone().map(|path| with(path, Step::Any));
        let count = self.locals.len();
        match (&call.variable2, call.kind) {
            (_, MacroKind::OptMap | MacroKind::OptFlatMap) => {
                self.locals.push((call.variable.clone(), target.clone()));
            }
            (Some(value), _) => {
                self.locals.push((call.variable.clone(), None));
                self.locals.push((value.clone(), element));
            }
            (None, _) => self.locals.push((call.variable.clone(), element)),
        }
        self.read_all(&call.predicate);
        let transformed = call.transform.as_ref().and_then(|part| self.path(part));
        self.locals.truncate(count);
        match call.kind {
            MacroKind::OptMap | MacroKind::OptFlatMap => return transformed,
            MacroKind::Filter | MacroKind::SortBy => return target,
            _ => {}
        }
        self.reads.extend(target);
        self.reads.extend(transformed);
        None
    }
}

fn with(mut path: Read, step: Step) -> Read {
    path.push(step);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)], sources: &[&str]) -> Vec<String> {
        let text = |read: &Read| {
            let steps = read.iter().map(|step| match step {
                Step::Key(key) => key.as_str(),
                Step::Any => "*",
            });
            steps.collect::<Vec<_>>().join(".")
        };
        of(variables, sources).iter().map(text).collect()
    }

    #[test]
    fn fields_are_found_however_they_are_written() {
        for (source, expected) in [
            ("object.spec == 1", vec![]),
            ("params.spec.a > 1", vec!["spec.a"]),
            ("params.?spec.?a.orValue(1) > 1", vec!["spec.a"]),
            ("has(params.spec.a) && params.spec.a.b", vec!["spec.a.b"]),
            ("params['spec']['a'] == 1", vec!["spec.a"]),
            (
                "params.spec.m[?object.x].?y.orValue(0) > 1",
                vec!["spec.m.*.y"],
            ),
            (
                "params.spec.l.exists(e, e.name == 'a')",
                vec!["spec.l.*.name"],
            ),
            ("object.l.all(e, e in params.spec.l)", vec!["spec.l"]),
            (
                "params.spec.l.filter(e, e.a).map(e, e.b).size() > 0",
                vec!["spec.l.*.a", "spec.l.*.b"],
            ),
            ("params.spec.m.all(k, v, v.a == k)", vec!["spec.m.*.a"]),
            (
                "params.spec.?a.optMap(v, v.b).orValue(0) == 1",
                vec!["spec.a.b"],
            ),
            (
                "(object.x ? params.spec.a : params.spec.b) == 1",
                vec!["spec.a", "spec.b"],
            ),
            ("object.l.all(params, params.x)", vec![]),
        ] {
            assert_eq!(told(&[], &[source]), expected, "{source}");
        }
    }

    #[test]
    fn variables_are_followed_as_far_as_they_are_used() {
        let variables = [
            ("name", "object.?label.orValue(params.spec.default)"),
            (
                "profile",
                "params.spec.profiles[?variables.name].orValue({})",
            ),
            ("unused", "params.spec.unused"),
        ];
        assert_eq!(
            told(&variables, &["variables.profile.?limits.orValue({}) == {}"]),
            ["spec.default", "spec.profiles.*.limits"]
        );
        assert!(told(&variables, &["true"]).is_empty());
    }
}
