//! `cattlegrid policy eval`: what the API server makes of one expression.
//!
//! The expression is compiled in the environment of a validation and evaluated over what the files
//! say. What nobody said is unknown, never empty: an expression that reads it fails, and is told
//! which flag supplies it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use admission_cel::environment::Environment;
use admission_cel::program::{COST_MAX_PER_CALL, Evaluator, Program};
use admission_cel::result;
use admission_policy::set::validation_environment;
use anyhow::{Context as _, Result};
use bumpalo::Bump;
use clap::Args;

mod batch;
mod inputs;
mod place;
mod request;
mod text;
mod variables;

use inputs::Files;
use variables::{Offline, Variables};

/// There is a value.
const EXIT_VALUE: u8 = 0;
/// The expression does not compile, or fails.
const EXIT_NO_VALUE: u8 = 1;

/// What `policy eval` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The CEL expression
    #[arg(
        long,
        value_name = "CEL",
        required_unless_present = "batch",
        allow_hyphen_values = true
    )]
    expression: Option<String>,
    /// YAML or JSON file with `object`, exactly as admission would see it, and maybe its Namespace;
    /// `-` is standard input
    #[arg(short = 'f', long = "filename", value_name = "OBJECT")]
    file: Option<PathBuf>,
    /// YAML or JSON file with `params`
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// File with `request`: an AdmissionReview, an AdmissionRequest or some members of one; its
    /// `oldObject` too, and its `object` without -f [default: the object's creation]
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// YAML or JSON file with `namespaceObject` [default: the Namespace beside the object]
    #[arg(long, value_name = "FILE")]
    namespace_object: Option<PathBuf>,
    /// Read lines `{"expr": …, "object": …, "params": …}` from standard input and answer each with
    /// the same object and its "type", "cost" and "value", "error" or "compile_error"
    #[arg(long, conflicts_with_all = ["expression", "file", "params", "request", "namespace_object"])]
    batch: bool,
}

/// Evaluates and prints. Exit code 0 when there is a value, 1 when the expression does not compile
/// or fails. A batch ends with 0 when every line could be read, otherwise with 2.
///
/// # Errors
/// When an input cannot be used, or the output cannot be written.
pub fn run(arguments: &Arguments, coloured: bool, output: &mut dyn Write) -> Result<ExitCode> {
    let Some(expression) = &arguments.expression else {
        return batch::run(&mut std::io::stdin().lock(), output);
    };
    let arena = Bump::new();
    let files = Files {
        object: arguments.file.as_deref(),
        params: arguments.params.as_deref(),
        request: arguments.request.as_deref(),
        namespace: arguments.namespace_object.as_deref(),
    };
    let variables = Variables::new(files.read(&arena)?);
    let environment = validation_environment(true);
    let renderer = text::Renderer::new(expression, coloured);
    let program = match environment.compile(expression) {
        Ok(program) => program,
        Err(mut errors) => {
            if environment.check(expression).is_ok() {
                // What the API server says of what fails after the check.
                for error in &mut errors.errors {
                    error
                        .message
                        .insert_str(0, "program instantiation failed: ");
                }
            }
            eprintln!("{}", renderer.compile_errors(&errors));
            return Ok(ExitCode::from(EXIT_NO_VALUE));
        }
    };
    match evaluate(&environment, &program, &variables, &arena) {
        Ok(report) => {
            writeln!(output, "{report}").context("the output cannot be written")?;
            Ok(ExitCode::from(EXIT_VALUE))
        }
        Err(failure) => {
            eprintln!("{}", renderer.failure(&failure));
            Ok(ExitCode::from(EXIT_NO_VALUE))
        }
    }
}

fn evaluate<'a>(
    environment: &Environment,
    program: &'a Program,
    variables: &Variables<'a>,
    arena: &'a Bump,
) -> Result<String, text::Failure> {
    let evaluator = Evaluator {
        arena,
        activation: variables,
        authorizer: &Offline,
        cost_max: COST_MAX_PER_CALL,
    };
    let outcome = program.evaluate(&evaluator);
    let cost = outcome.cost;
    match outcome.value {
        Ok(value) => {
            let type_name = value.type_name();
            Ok(format!(
                "value: {}\ntype: {type_name}\ncost: {cost}",
                result::text(value)
            ))
        }
        Err(error) => {
            let unknown = variables.unknown_read();
            let message = error.to_string();
            let place = place::failing(environment, program.source(), &evaluator, &message);
            Err(text::Failure {
                message,
                place,
                cost,
                unknown,
            })
        }
    }
}
