//! Our side of `cargo xtask bench cel`: answers `<milliseconds> <case>` on standard input with
//! `<evaluations> <nanoseconds of CPU> <allocations>` on standard output, so that both sides can be
//! measured in turns. `list` answers with the names of all cases. The other side is
//! `tests/oracle/bench.go`.

mod cases;
mod measure;
mod policies;
mod repository;

use std::io::{BufRead, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use cases::Cases;
use repository::Repository;

fn main() -> Result<()> {
    let directory = std::env::args_os()
        .nth(1)
        .context("name the repository's directory")?;
    let repository = Repository::read(directory.as_ref())?;
    let cases = Cases::compile(&repository)?;
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line == "list" {
            writeln!(output, "{}", cases.names().join(" "))?;
        } else {
            let Some((milliseconds, name)) = line.split_once(' ') else {
                bail!("`{line}` is not `<milliseconds> <case>`")
            };
            let duration = Duration::from_millis(milliseconds.parse()?);
            let measured = cases.run(name, duration)?;
            writeln!(
                output,
                "{} {} {}",
                measured.evaluations, measured.cpu_nanoseconds, measured.allocations
            )?;
        }
        output.flush()?;
    }
    Ok(())
}
