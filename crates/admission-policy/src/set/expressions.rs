//! Compiling the expressions of one policy, each in the environment that the API server gives it.

use std::sync::Arc;

use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::json::Path;
use admission_cel::program::Program;
use admission_cel::types::Type;

use super::decode::Faults;
use super::types::declare_objects;
use crate::pass::declare;

/// What the validations of a policy without `variables` may refer to, for expressions that are tried
/// outside of a policy. The slots of the variables are those of [`Input::in_order`].
///
/// [`Input::in_order`]: crate::pass::Input::in_order
pub fn validation_environment(has_params: bool) -> Environment {
    Expressions::new(KUBERNETES_MINOR, has_params, false).full
}

/// The environments of one policy. `variables` are declared one by one, so that each sees those
/// before it.
pub(super) struct Expressions {
    /// Match conditions, which have no `variables`.
    conditions: Environment,
    /// Everything else but messages.
    full: Environment,
    /// `messageExpression`: without the authorizer.
    messages: Environment,
}

impl Expressions {
    /// Environments for a policy in Kubernetes 1.`minor`. `variables` exists only in policies that have some, and in
    /// mutating policies always.
    pub(super) fn new(minor: u8, has_params: bool, has_variables: bool) -> Self {
        let mut base = Environment::new(minor);
        declare_objects(&mut base);
        let mut conditions = base.clone();
        declare(&mut conditions, has_params, true);
        let mut full = conditions.clone();
        let mut messages = base;
        declare(&mut messages, has_params, false);
        if has_variables {
            full.declare_policy_variables();
            messages.declare_policy_variables();
        }
        Self {
            conditions,
            full,
            messages,
        }
    }

    /// Compiles a match condition.
    pub(super) fn condition(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        compile(&self.conditions, source, &[Type::Bool], path, faults)
    }

    /// Compiles a variable and declares it for what follows. One that does not compile is declared
    /// as `dyn`, so that its fault is not reported again wherever it is used.
    pub(super) fn variable(
        &mut self,
        name: &str,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        let program = compile(&self.full, source, &[], path, faults);
        let declared = program
            .as_ref()
            .map_or(Type::Dyn, |program| variable_type(program.result_type()));
        self.full.declare_policy_variable(name, declared.clone());
        self.messages.declare_policy_variable(name, declared);
        program
    }

    /// Compiles a validation.
    pub(super) fn validation(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        compile(&self.full, source, &[Type::Bool], path, faults)
    }

    /// Compiles a `messageExpression`.
    pub(super) fn message(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        compile(&self.messages, source, &[Type::String], path, faults)
    }

    /// Compiles the `valueExpression` of an audit annotation.
    pub(super) fn annotation(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        let allowed = [Type::String, Type::Null];
        compile(&self.full, source, &allowed, path, faults)
    }

    /// Allows the types of mutations from here on. Variables do not have them.
    pub(super) fn begin_mutations(&mut self) {
        self.full.declare_mutation_types();
    }

    /// Compiles a `jsonPatch`.
    pub(super) fn json_patch(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        let allowed = [Type::list(Type::Object("JSONPatch".into()))];
        compile(&self.full, source, &allowed, path, faults)
    }

    /// Compiles an `applyConfiguration`.
    pub(super) fn apply_configuration(
        &self,
        source: &str,
        path: Path,
        faults: &mut Faults<'_>,
    ) -> Option<Program> {
        let allowed = [Type::Object("Object".into())];
        compile(&self.full, source, &allowed, path, faults)
    }
}

/// Compiles an expression whose result must be of one of the `allowed` types; none: of any.
fn compile(
    environment: &Environment,
    source: &str,
    allowed: &[Type],
    path: Path,
    faults: &mut Faults<'_>,
) -> Option<Program> {
    let program = match environment.compile(source) {
        Ok(program) => program,
        Err(errors) => {
            if errors.errors.is_empty() {
                faults.add(path.clone(), "cannot be compiled");
            }
            for error in errors.errors {
                faults.add_inside(path.clone(), Some(error.start), error.message);
            }
            return None;
        }
    };
    let found = program.result_type();
    if allowed.is_empty() || allowed.contains(found) {
        return Some(program);
    }
    let reason = match allowed {
        [only] => format!(
            "must evaluate to {} but got {}",
            go_name(only),
            go_name(found)
        ),
        several => {
            let names: Vec<String> = several.iter().map(go_name).collect();
            format!(
                "must evaluate to one of [{}] but got {}",
                names.join(" "),
                go_name(found)
            )
        }
    };
    faults.add(path, reason);
    None
}

/// A type as cel-go's `Type.String` prints it. It differs from the checker's messages for `null`.
fn go_name(named: &Type) -> String {
    match named {
        Type::Null => "null_type".to_owned(),
        Type::List(item) => format!("list({})", go_name(item)),
        Type::Map(key, value) => format!("map({}, {})", go_name(key), go_name(value)),
        Type::Optional(item) => format!("optional_type({})", go_name(item)),
        other => other.to_string(),
    }
}

/// The type under which a variable is declared: what the API server cannot express as a declared
/// field becomes `dyn` (`convertCelTypeToDeclType` in `pkg/admission/plugin/cel/composition.go`).
fn variable_type(inferred: &Type) -> Type {
    match inferred {
        Type::Null
        | Type::Bool
        | Type::Int
        | Type::Uint
        | Type::Double
        | Type::String
        | Type::Bytes
        | Type::Duration
        | Type::Timestamp => inferred.clone(),
        Type::List(item) => Type::List(Arc::new(variable_type(item))),
        Type::Map(key, value) => {
            Type::Map(Arc::new(variable_type(key)), Arc::new(variable_type(value)))
        }
        _ => Type::Dyn,
    }
}
