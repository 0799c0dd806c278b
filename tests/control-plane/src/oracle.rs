//! The oracle: kube-apiserver's own CEL code, asked line by line. Its README in
//! `tests/oracle` describes questions and answers.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::binaries::cache_directory;
use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{GoProgram, lock_directory};
use crate::workspace::oracle_directory;

/// A running oracle. It ends with this process, since its input ends.
#[derive(Debug)]
pub struct Oracle {
    conversation: Mutex<Conversation>,
}

#[derive(Debug)]
struct Conversation {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Builds the oracle if it is missing or its sources changed, and starts it.
    ///
    /// # Errors
    /// Go is missing, the build failed, or the program does not start.
    pub fn start() -> Result<Self, ControlPlaneError> {
        let program = build()?;
        let mut process = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(io_error("start", &program))?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(ControlPlaneError::Oracle(
                "has no standard input or output".to_owned(),
            ));
        };
        let answers = BufReader::new(answers);
        let conversation = Conversation {
            process,
            questions: Some(questions),
            answers,
        };
        Ok(Self {
            conversation: Mutex::new(conversation),
        })
    }

    /// Asks one question and waits for its answer.
    ///
    /// # Errors
    /// The program ended, or what it answers is not JSON. A question that it
    /// refuses has an answer with `input_error`.
    pub fn ask(&self, question: &Value) -> Result<Value, ControlPlaneError> {
        let mut conversation = self
            .conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        conversation.ask(question)
    }
}

impl Conversation {
    fn ask(&mut self, question: &Value) -> Result<Value, ControlPlaneError> {
        let broken =
            |error: std::io::Error| ControlPlaneError::Oracle(format!("broke off: {error}"));
        if let Some(questions) = &mut self.questions {
            // `Value` prints without line breaks.
            writeln!(questions, "{question}").map_err(broken)?;
            questions.flush().map_err(broken)?;
        }
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(broken)?;
        serde_json::from_str(&line)
            .map_err(|error| ControlPlaneError::Oracle(format!("answered `{line}`: {error}")))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.process.wait();
    }
}

/// Builds the oracle if it is missing or its sources changed, and says where it is.
///
/// # Errors
/// Go is missing, or the build failed.
pub fn build() -> Result<PathBuf, ControlPlaneError> {
    let cache = cache_directory();
    let _lock = lock_directory(&cache, &mut std::io::stderr())?;
    go_program().build(&cache)
}

fn go_program() -> GoProgram {
    GoProgram {
        name: "oracle",
        module: oracle_directory(),
        package: ".",
        linker_flags: "-s -w".to_owned(),
        alternative: "",
    }
}
