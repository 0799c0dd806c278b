//! Standard output, which may be a pipe that nobody reads to its end.

use std::io::{self, ErrorKind, Stdout, Write};

/// A writer that takes no offence when nobody reads on: whoever closes a pipe has read enough.
pub struct WhileRead<W>(W);

/// Standard output.
pub fn output() -> WhileRead<Stdout> {
    WhileRead(io::stdout())
}

impl<W: Write> Write for WhileRead<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
