//! One of the two programs that are measured in turns.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A running program. It ends with this process, since its input ends.
pub(crate) struct Side {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What one evaluation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Of CPU, on average.
    pub(crate) nanoseconds: f64,
    /// On the heap.
    pub(crate) allocations: u64,
}

impl Side {
    /// Starts a program.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {command:?}"))?;
        let answers = process.stdout.take().context("the program has no output")?;
        Ok(Self {
            questions: process.stdin.take(),
            process,
            answers: BufReader::new(answers),
        })
    }

    /// The names of its cases.
    ///
    /// # Errors
    /// The program ended.
    pub(crate) fn names(&mut self) -> Result<Vec<String>> {
        let answer = self.ask("list")?;
        Ok(answer.split_whitespace().map(str::to_owned).collect())
    }

    /// Measures one case for so long.
    ///
    /// # Errors
    /// The program ended, since it lacks the case or the case fails.
    pub(crate) fn measure(&mut self, name: &str, milliseconds: u32) -> Result<Sample> {
        let answer = self.ask(&format!("{milliseconds} {name}"))?;
        sample(&answer).with_context(|| format!("`{answer}` is no measurement of `{name}`"))
    }

    fn ask(&mut self, question: &str) -> Result<String> {
        let questions = self.questions.as_mut().context("the program ended")?;
        writeln!(questions, "{question}")?;
        questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("no answer to `{question}`; what is wrong is printed above");
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.process.wait();
    }
}

/// Reads `<evaluations> <nanoseconds> <allocations of one evaluation>`.
fn sample(answer: &str) -> Option<Sample> {
    let mut numbers = answer.split(' ').map(str::parse::<u64>);
    let evaluations = numbers
        .next()?
        .ok()
        .filter(|evaluations| *evaluations > 0)?;
    let nanoseconds = numbers.next()?.ok()?;
    Some(Sample {
        nanoseconds: nanoseconds as f64 / evaluations as f64,
        allocations: numbers.next()?.ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_is_evaluations_nanoseconds_and_allocations() {
        let sample = sample("4 1000 2").unwrap();
        assert_eq!((sample.nanoseconds, sample.allocations), (250.0, 2));
    }

    #[test]
    fn anything_else_is_none() {
        for answer in ["", "0 1 1", "4 x 1", "4 1000"] {
            assert!(super::sample(answer).is_none(), "{answer}");
        }
    }
}
