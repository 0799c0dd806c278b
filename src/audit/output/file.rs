//! A file that is there as a whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

/// A file being written: beside its place until it is whole.
pub struct OutputFile {
    place: PathBuf,
    writer: Writer,
}

enum Writer {
    /// A regular file, which takes its place at the end.
    Whole(BufWriter<NamedTempFile>),
    /// A pipe or a device, which nothing can take the place of.
    Through(BufWriter<File>),
}

impl OutputFile {
    /// Begins a file.
    ///
    /// # Errors
    /// When its directory does not exist or cannot be written to, or it is a directory itself.
    pub fn create(place: &Path) -> Result<Self> {
        // Through a link, so that what it points to is replaced and not the link.
        let place = std::fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        let writer = match std::fs::metadata(&place) {
            Ok(found) if found.is_dir() => {
                bail!("{}: is a directory; name a file", place.display())
            }
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(&place);
                let file = file.with_context(|| cannot_be_written(&place))?;
                Writer::Through(BufWriter::new(file))
            }
            _ => Writer::Whole(BufWriter::new(beside(&place)?)),
        };
        Ok(Self { place, writer })
    }

    /// Where it is until it is whole; `None` where it is written through.
    pub fn partial(&self) -> Option<PathBuf> {
        match &self.writer {
            Writer::Whole(writer) => Some(writer.get_ref().path().to_owned()),
            Writer::Through(_) => None,
        }
    }

    /// Puts the file where it belongs.
    ///
    /// # Errors
    /// When that fails; what was there before is still there then.
    pub fn keep(self) -> Result<()> {
        let context = || cannot_be_written(&self.place);
        match self.writer {
            Writer::Through(mut writer) => writer.flush().with_context(context),
            Writer::Whole(writer) => {
                let file = writer.into_inner().map_err(io::IntoInnerError::into_error);
                let file = file.with_context(context)?;
                let kept = file.persist(&self.place).map_err(|error| error.error);
                kept.map(drop).with_context(context)
            }
        }
    }

    /// The beginning of an error message.
    pub fn cannot_be_written(&self) -> String {
        cannot_be_written(&self.place)
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Writer::Whole(writer) => writer.write(bytes),
            Writer::Through(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Whole(writer) => writer.flush(),
            Writer::Through(writer) => writer.flush(),
        }
    }
}

/// A hidden neighbour: on the same file system, so that it can be renamed.
fn beside(place: &Path) -> Result<NamedTempFile> {
    let directory = match place.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => bail!("{}: is no name of a file", place.display()),
    };
    if !directory.is_dir() {
        bail!(
            "{}: there is no directory {}; make it first",
            place.display(),
            directory.display()
        );
    }
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let mut builder = tempfile::Builder::new();
    let prefix = format!(".{name}.");
    builder.prefix(&prefix).suffix(".partial");
    readable_by_others(&mut builder);
    builder
        .tempfile_in(directory)
        .with_context(|| cannot_be_written(place))
}

/// Temporary files are their owner's alone; a report is as any file that the user makes.
#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_builder: &mut tempfile::Builder<'_, '_>) {}

fn cannot_be_written(place: &Path) -> String {
    format!("{}: cannot be written", place.display())
}
