//! What other programs are told about the command line: completions for shells and man pages, both
//! from the definition that parses it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use clap_complete::Shell;
use clap_mangen::Man;

const UNWRITABLE: &str = "the output cannot be written";

/// What `completions` is asked for.
#[derive(Args, Clone, Debug)]
pub struct Completions {
    /// Shell that the script is for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// What `man` is asked for.
#[derive(Args, Clone, Debug)]
pub struct ManPages {
    /// Directory that gets one page for each command [default: the first page on standard output]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Prints the completions of a command for a shell.
///
/// # Errors
/// When the output cannot be written.
pub fn completions(
    arguments: &Completions,
    mut command: clap::Command,
    output: &mut dyn Write,
) -> Result<()> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    output.write_all(&script).context(UNWRITABLE)
}

/// Prints the first man page of a command, or writes all of them into a directory.
///
/// # Errors
/// When they cannot be written.
pub fn man(arguments: &ManPages, command: clap::Command, output: &mut dyn Write) -> Result<()> {
    match &arguments.directory {
        Some(directory) => write_all(directory, command)
            .with_context(|| format!("{}: man pages cannot be written", directory.display())),
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            output.write_all(&page).context(UNWRITABLE)
        }
    }
}

fn write_all(directory: &Path, command: clap::Command) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(command, directory)
}
