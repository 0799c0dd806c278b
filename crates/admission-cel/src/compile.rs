//! Checked syntax tree to executable form.

use std::collections::BTreeSet;

use bumpalo::Bump;

use crate::ast::{Expr, ExprId, ExprKind, Literal};
use crate::check::{self, Checked, Reference};
use crate::environment::Environment;
use crate::error::{CompileError, CompileErrors};
use crate::escape::unescape;
use crate::program::Program;
use crate::types::Type;
use crate::value::Constant;

mod calls;
mod fold;
mod macros;
pub(crate) mod node;

use node::{Attribute, Element, Entry, Field, Has, Node, Qualifier, QualifierKey, Root, Struct};

/// Compiles a checked expression: slots resolved, constants folded, literal patterns compiled.
///
/// # Errors
/// What fails while folding constants or checking literals.
pub fn compile(
    environment: &Environment,
    source: &str,
    tree: &Expr,
    checked: &Checked,
) -> Result<Program, CompileErrors> {
    let mut compiler = Compiler {
        environment,
        source,
        checked,
        arena: Bump::new(),
        scope: Vec::new(),
        locals: 0,
        whole_variables: 0,
        read_variables: BTreeSet::new(),
    };
    let root = compiler.node(tree).map_err(|error| CompileErrors {
        source: source.to_owned(),
        errors: vec![*error],
    })?;
    Ok(Program {
        source: source.to_owned(),
        result_type: checked.result.clone().unwrap_or(Type::Dyn),
        root,
        locals: compiler.locals,
        policy_variables: (compiler.whole_variables == 0)
            .then(|| compiler.read_variables.into_iter().collect()),
    })
}

type Compiled<T> = Result<T, Box<CompileError>>;

struct Compiler<'e> {
    environment: &'e Environment,
    source: &'e str,
    checked: &'e Checked,
    /// For values that exist while constants are folded.
    arena: Bump,
    /// The macro variables in scope; the position is the slot.
    scope: Vec<&'e str>,
    /// The most that were in scope at once.
    locals: usize,
    /// How often `variables` stands where no name of one follows.
    whole_variables: usize,
    /// The policy variables that are named.
    read_variables: BTreeSet<usize>,
}

impl<'e> Compiler<'e> {
    fn reference(&self, id: ExprId) -> Option<&'e Reference> {
        self.checked.references.get(id as usize)?.as_ref()
    }

    fn type_of(&self, id: ExprId) -> Option<&'e Type> {
        self.checked.types.get(id as usize)?.as_ref()
    }

    /// An error at an expression.
    fn error<T>(&self, at: &Expr, message: impl Into<String>) -> Compiled<T> {
        let (start, end) = (at.span.0 as usize, at.span.1 as usize);
        let before = self.source.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Err(Box::new(CompileError {
            message: message.into(),
            start,
            end,
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }))
    }

    fn node(&mut self, expr: &'e Expr) -> Compiled<Node> {
        if let Some(Reference::Type(named)) = self.reference(expr.id) {
            return Ok(Node::Constant(Constant::Type(named.clone())));
        }
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Node::Constant(constant(literal))),
            ExprKind::Ident(name) => self.name(expr, name),
            ExprKind::Select { operand, field } => match self.reference(expr.id) {
                Some(Reference::UndefinedType) => {
                    let name = check::qualified_name(expr).unwrap_or_default();
                    self.undefined_type(expr, name.trim_start_matches('.'))
                }
                Some(Reference::Variable(slot)) => self.qualified_name(*slot),
                _ => self.select(operand, field, false),
            },
            ExprKind::Has { operand, field } => {
                let key = self.object_field_key(operand, field);
                let operand = self.node(operand)?.into_attribute();
                let key = key.unwrap_or_else(|| self.field_key(&operand, field));
                Ok(Node::Has(Box::new(Has { operand, key })))
            }
            ExprKind::Call {
                target, arguments, ..
            } => self.call(expr, target.as_deref(), arguments),
            ExprKind::List(elements) => {
                let elements = elements
                    .iter()
                    .map(|element| {
                        Ok(Element {
                            optional: element.optional,
                            value: self.node(&element.value)?,
                        })
                    })
                    .collect::<Compiled<Vec<_>>>()?;
                Ok(fold::list(elements))
            }
            ExprKind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|entry| {
                        Ok(Entry {
                            optional: entry.optional,
                            key: self.node(&entry.key)?,
                            value: self.node(&entry.value)?,
                        })
                    })
                    .collect::<Compiled<Vec<_>>>()?;
                Ok(fold::map(entries))
            }
            ExprKind::Struct { type_name, fields } => {
                let type_name = match self.reference(expr.id) {
                    Some(Reference::Struct(Type::Object(name))) => name,
                    _ => type_name.as_str(),
                };
                let fields = fields
                    .iter()
                    .map(|field| {
                        Ok(Field {
                            optional: field.optional,
                            name: field.name.as_str().into(),
                            value: self.node(&field.value)?,
                        })
                    })
                    .collect::<Compiled<_>>()?;
                Ok(Node::Struct(Box::new(Struct {
                    type_name: type_name.into(),
                    fields,
                })))
            }
            ExprKind::Macro(call) => self.macro_call(expr, call),
        }
    }

    pub(super) fn undefined_type<T>(&self, expr: &Expr, name: &str) -> Compiled<T> {
        self.error(expr, format!("reference to undefined type: {name}"))
    }

    fn is_type(&self, expr: &Expr) -> bool {
        self.type_of(expr.id)
            .is_some_and(|found| matches!(found, Type::Type(_)) || *found == Type::TYPE)
    }

    /// A variable with dots in its name, such as `authorizer.requestResource`.
    fn qualified_name(&self, slot: usize) -> Compiled<Node> {
        let name = self.environment.variables.get(slot);
        Ok(Node::Attribute(Box::new(Attribute {
            root: Root::Variable {
                slot,
                name: name.map_or("", |(name, _)| name.as_str()).into(),
            },
            qualifiers: Vec::new(),
        })))
    }

    fn name(&mut self, expr: &Expr, name: &str) -> Compiled<Node> {
        let root = match self.reference(expr.id) {
            Some(Reference::Variable(slot)) => Root::Variable {
                slot: *slot,
                name: name.trim_start_matches('.').into(),
            },
            Some(Reference::PolicyVariables) => {
                self.whole_variables += 1;
                Root::PolicyVariables
            }
            Some(Reference::UndefinedType) => {
                return self.undefined_type(expr, name.trim_start_matches('.'));
            }
            // cel-go looks for a type of that name (`planCheckedIdent` in `interpreter/planner.go`).
            Some(Reference::Local) if self.is_type(expr) => {
                return self.undefined_type(expr, name);
            }
            _ => match self.scope.iter().rposition(|local| *local == name) {
                Some(slot) => Root::Local(slot),
                None => {
                    return self.error(
                        expr,
                        format!("undeclared reference to '{name}' (in container '')"),
                    );
                }
            },
        };
        Ok(Node::Attribute(Box::new(Attribute {
            root,
            qualifiers: Vec::new(),
        })))
    }

    fn select(&mut self, operand: &'e Expr, field: &str, optional: bool) -> Compiled<Node> {
        let key = self.object_field_key(operand, field).filter(|_| !optional);
        let mut attribute = self.node(operand)?.into_attribute();
        let key = key.unwrap_or_else(|| self.field_key(&attribute, field));
        attribute.qualifiers.push(Qualifier {
            optional,
            tested: false,
            key,
        });
        Ok(Node::Attribute(Box::new(attribute)))
    }

    fn object_field_key(&self, operand: &Expr, field: &str) -> Option<QualifierKey> {
        match self.type_of(operand.id)? {
            Type::Object(name) if check::is_dynamic_object(name) => {
                Some(QualifierKey::ObjectField(field.into()))
            }
            _ => None,
        }
    }

    fn field_key(&mut self, operand: &Attribute, field: &str) -> QualifierKey {
        if matches!(operand.root, Root::PolicyVariables)
            && operand.qualifiers.is_empty()
            && let Some(variables) = &self.environment.policy_variables
            && let Some(looked_up) = unescape(field)
            && let Some(index) = variables.iter().rposition(|(name, _)| *name == looked_up)
        {
            self.whole_variables -= 1;
            self.read_variables.insert(index);
            return QualifierKey::PolicyVariable(index);
        }
        QualifierKey::Field(field.into())
    }
}

fn constant(literal: &Literal) -> Constant {
    match literal {
        Literal::Null => Constant::Null,
        Literal::Bool(flag) => Constant::Bool(*flag),
        Literal::Int(integer) => Constant::Int(*integer),
        Literal::Uint(integer) => Constant::Uint(*integer),
        Literal::Double(number) => Constant::Double(*number),
        Literal::String(text) => Constant::String(text.as_str().into()),
        Literal::Bytes(bytes) => Constant::Bytes(bytes.as_slice().into()),
    }
}
