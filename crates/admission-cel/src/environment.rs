//! What an expression may refer to: variables, object types and the functions of a Kubernetes
//! version.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::CompileErrors;
use crate::program::Program;
use crate::types::Type;

/// The Kubernetes minor version (1.x) whose dialect is spoken by default.
pub const KUBERNETES_MINOR: u8 = 36;

/// The declarations an expression is compiled against. Cheap to clone and extend: a policy's
/// `variables` grow one by one.
#[derive(Clone, Debug)]
pub struct Environment {
    pub(crate) minor: u8,
    pub(crate) variables: Vec<(String, Type)>,
    pub(crate) policy_variables: Option<Vec<(String, Type)>>,
    pub(crate) objects: HashMap<Arc<str>, ObjectType>,
    pub(crate) mutation_types: bool,
}

/// An object type with declared fields.
#[derive(Clone, Debug)]
pub struct ObjectType {
    /// Fully qualified name, such as `kubernetes.AdmissionRequest`.
    pub name: Arc<str>,
    /// Names and types of its fields.
    pub fields: Vec<(String, Type)>,
}

impl Environment {
    /// The functions that API servers of Kubernetes 1.`minor` offer to admission policies, and no
    /// variables.
    pub fn new(minor: u8) -> Self {
        Self {
            minor,
            variables: Vec::new(),
            policy_variables: None,
            objects: HashMap::new(),
            mutation_types: false,
        }
    }

    /// Declares a variable and returns its slot: the number by which an
    /// [`Activation`](crate::program::Activation) is asked for it.
    pub fn declare(&mut self, name: &str, declared: Type) -> usize {
        self.variables.push((name.to_owned(), declared));
        self.variables.len() - 1
    }

    /// Declares an object type.
    pub fn declare_object(&mut self, object: ObjectType) {
        self.objects.insert(Arc::clone(&object.name), object);
    }

    /// Declares the `variables` map of a policy, empty at first.
    pub fn declare_policy_variables(&mut self) {
        self.policy_variables.get_or_insert_default();
    }

    /// Declares `variables.<name>`, whose expression has this type, and returns its index among the
    /// policy's variables.
    ///
    /// Objects, optionals and the types of libraries are forgotten: such a variable is `dyn`
    /// (`convertCelTypeToDeclType` of `pkg/admission/plugin/cel/composition.go`).
    pub fn declare_policy_variable(&mut self, name: &str, inferred: Type) -> usize {
        let variables = self.policy_variables.get_or_insert_default();
        variables.push((name.to_owned(), declarable(inferred)));
        variables.len() - 1
    }

    /// Allows the types of mutations: `JSONPatch{…}` and, with fields of any name, `Object{…}`,
    /// `Object.spec{…}` and so on.
    pub fn declare_mutation_types(&mut self) {
        self.mutation_types = true;
    }

    /// Parses and checks an expression, and gives the type of its result. Constants are not folded
    /// and patterns not compiled, so that [`Environment::compile`] may still refuse it: the API
    /// server looks at the type first.
    ///
    /// # Errors
    /// As those of [`Environment::compile`], but for what comes after the check.
    pub fn check(&self, source: &str) -> Result<Type, CompileErrors> {
        let tree = crate::parse::parse(source)?;
        let checked = crate::check::check(self, source, &tree)?;
        Ok(checked.result.unwrap_or(Type::Dyn))
    }

    /// Parses, checks and compiles an expression.
    ///
    /// # Errors
    /// Everything that is wrong with it, in cel-go's words for type and declaration errors.
    pub fn compile(&self, source: &str) -> Result<Program, CompileErrors> {
        let tree = crate::parse::parse(source)?;
        let checked = crate::check::check(self, source, &tree)?;
        crate::compile::compile(self, source, &tree, &checked)
    }
}

fn declarable(inferred: Type) -> Type {
    match inferred {
        Type::List(item) => Type::list(declarable((*item).clone())),
        Type::Map(key, value) => {
            Type::map(declarable((*key).clone()), declarable((*value).clone()))
        }
        Type::Null
        | Type::Bool
        | Type::Int
        | Type::Uint
        | Type::Double
        | Type::String
        | Type::Bytes
        | Type::Duration
        | Type::Timestamp => inferred,
        _ => Type::Dyn,
    }
}
