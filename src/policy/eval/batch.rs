//! Many expressions from standard input, a JSON object a line, for programs: editors, tests, and
//! comparisons with the API server. One broken line never hides another.

use std::io::{BufRead, ErrorKind, Read as _, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::error::{CompileErrors, EvaluationError};
use admission_cel::json::{Entry, Json, Object};
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, VariableValue};
use admission_cel::result;
use admission_cel::types::Type;
use admission_cel::value::Value;
use anyhow::{Context as _, Result};
use bumpalo::Bump;

use super::variables::Offline;

/// Every line could be read.
const EXIT_DONE: u8 = 0;
/// Some line could not.
const EXIT_BROKEN_LINE: u8 = 2;

/// A line of more than this is not read. Objects of Kubernetes are at most 1.5 MiB.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The variables of a line, in the order of their slots.
const VARIABLES: [&str; 2] = ["object", "params"];

/// Members that an answer adds; those of the question give way.
const ANSWERED: [&str; 6] = [
    "type",
    "cost",
    "value",
    "error",
    "compile_error",
    "input_error",
];

/// Answers each line of the input.
pub(super) fn run(input: &mut dyn BufRead, output: &mut dyn Write) -> Result<ExitCode> {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    for variable in VARIABLES {
        environment.declare(variable, Type::Dyn);
    }
    let mut all_read = true;
    let mut number = 0_usize;
    while let Some(line) = next_line(input).context("standard input cannot be read")? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let arena = Bump::new();
        let answer = answer(&environment, &line, number, &arena);
        all_read &= !matches!(answer.outcome, Answered::Unreadable(_));
        let written = writeln!(output, "{}", answer.text()?).and_then(|()| output.flush());
        match written {
            // The reader has what it wanted.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            written => written.context("the output cannot be written")?,
        }
    }
    Ok(ExitCode::from(if all_read {
        EXIT_DONE
    } else {
        EXIT_BROKEN_LINE
    }))
}

/// The next line without its end; of a line that is too long, one byte too many.
fn next_line(input: &mut dyn BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    (&mut *input)
        .take(LINE_BYTES_MAX + 1)
        .read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 > LINE_BYTES_MAX {
        input.skip_until(b'\n')?;
    }
    Ok(Some(line))
}

/// The answer to one line.
struct Answer<'a> {
    asked: Asked<'a>,
    outcome: Answered,
}

/// What was asked, as far as it could be read.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// As written.
    line: &'a str,
    members: &'a [Entry<'a>],
}

/// What came out.
enum Answered {
    /// The line is at fault, not the expression.
    Unreadable(String),
    CompileError(String),
    Error {
        message: String,
        type_name: String,
        cost: u64,
    },
    Value {
        text: String,
        type_name: String,
        cost: u64,
    },
}

fn answer<'a>(
    environment: &Environment,
    line: &'a [u8],
    number: usize,
    arena: &'a Bump,
) -> Answer<'a> {
    let unreadable = |asked, reason| Answer {
        asked,
        outcome: Answered::Unreadable(format!("line {number}: {reason}")),
    };
    let nothing = Asked {
        line: "",
        members: &[],
    };
    if line.len() as u64 > LINE_BYTES_MAX {
        return unreadable(nothing, format!("longer than {LINE_BYTES_MAX} bytes"));
    }
    let object = match Json::parse(line, arena) {
        Ok(Json::Object(object)) => *object,
        Ok(_) => {
            let reason = "must be an object such as `{\"expr\": \"1 + 1\"}`".to_owned();
            return unreadable(nothing, reason);
        }
        Err(error) => return unreadable(nothing, error.to_string()),
    };
    let asked = Asked {
        line: std::str::from_utf8(line).unwrap_or_default(),
        members: object.entries(),
    };
    let Some(expression) = object.get("expr").and_then(Json::as_str) else {
        return unreadable(asked, "`expr` must be a string".to_owned());
    };
    // A fault of ours in one line is told there; the others are answered.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        evaluate(environment, expression, object)
    }))
    .unwrap_or_else(|_| Answered::Error {
        message: "internal error: the evaluation panicked".to_owned(),
        type_name: "error".to_owned(),
        cost: 0,
    });
    Answer { asked, outcome }
}

fn evaluate(environment: &Environment, expression: &str, line: Object<'_>) -> Answered {
    let program = match environment.compile(expression) {
        Ok(program) => program,
        Err(errors) => return Answered::CompileError(refusal(environment, expression, &errors)),
    };
    let arena = Bump::new();
    let evaluator = Evaluator {
        arena: &arena,
        activation: &Line(line),
        authorizer: &Offline,
        cost_max: COST_MAX_PER_CALL,
    };
    let outcome = program.evaluate(&evaluator);
    let cost = outcome.cost;
    match outcome.value {
        Ok(value) => Answered::Value {
            text: result::text(value),
            type_name: value.type_name().to_owned(),
            cost,
        },
        Err(error) => Answered::Error {
            message: error.to_string(),
            type_name: program.result_type().to_string(),
            cost,
        },
    }
}

/// Why an expression does not compile. What fails after the check, while constants are folded, has no
/// place in cel-go.
fn refusal(environment: &Environment, expression: &str, errors: &CompileErrors) -> String {
    match errors.errors.first() {
        Some(first) if environment.check(expression).is_ok() => first.message.clone(),
        _ => errors.to_string(),
    }
}

impl Answer<'_> {
    /// One line of JSON: what was asked, then what came out.
    fn text(&self) -> serde_json::Result<String> {
        let mut text = self.asked.opening()?;
        let (type_name, cost, member, told) = match &self.outcome {
            Answered::Unreadable(reason) => (None, 0, "input_error", reason),
            Answered::CompileError(errors) => (None, 0, "compile_error", errors),
            Answered::Error {
                message,
                type_name,
                cost,
            } => (Some(type_name), *cost, "error", message),
            Answered::Value {
                text,
                type_name,
                cost,
            } => (Some(type_name), *cost, "value", text),
        };
        text.push_str("\"type\":");
        text.push_str(&serde_json::to_string(&type_name)?);
        text.push_str(&format!(",\"cost\":{cost},\"{member}\":"));
        text.push_str(&serde_json::to_string(told)?);
        text.push('}');
        Ok(text)
    }
}

impl Asked<'_> {
    /// The object up to where members are added: as written, so that numbers of any size come back,
    /// unless it has members that an answer replaces.
    fn opening(&self) -> serde_json::Result<String> {
        let is_replaced = |entry: &&Entry<'_>| ANSWERED.contains(&entry.key);
        let written = self.line.trim().strip_suffix('}');
        if let (Some(written), None) = (written, self.members.iter().find(is_replaced)) {
            let separator = if self.members.is_empty() { "" } else { "," };
            return Ok(format!("{}{separator}", written.trim_end()));
        }
        let mut text = String::from("{");
        for entry in self.members.iter().filter(|entry| !is_replaced(entry)) {
            let (key, value) = (
                serde_json::to_string(entry.key)?,
                serde_json::to_string(&entry.value)?,
            );
            text.push_str(&format!("{key}:{value},"));
        }
        Ok(text)
    }
}

/// The variables of a line; absent ones are null.
struct Line<'a>(Object<'a>);

impl<'a> Activation<'a> for Line<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        let name = VARIABLES.get(slot)?;
        Some(self.0.get(name).map_or(Value::Null, Value::Json))
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        // None is declared, so nothing compiles that asks for one.
        (&Err(EvaluationError::NoSuchAttribute("variables")), 0)
    }
}
