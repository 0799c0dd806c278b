//! The lines of a log, one at a time: a log may be larger than any memory.

use std::io::{self, BufRead, Read as _};

/// An event holds an object twice at most, and no object is larger than 1.5 MiB or so; a longer line
/// is no event, and must not be kept in memory.
pub const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A line of a log.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// Without its end.
    pub bytes: Vec<u8>,
    /// Whether its end was there: of the last line of a log that is written to, it may not be.
    pub is_ended: bool,
}

/// Reads lines.
pub struct Lines<R> {
    reader: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// The lines of what `reader` reads.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    /// The next line that is not blank.
    ///
    /// # Errors
    /// What cannot be read, or a line that is too long.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = (&mut self.reader).take(LINE_BYTES_MAX);
            let length = limited.read_until(b'\n', &mut bytes)?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            let is_ended = bytes.last() == Some(&b'\n');
            if !is_ended && limited.limit() == 0 {
                let problem = format!("line {} is longer than {LINE_BYTES_MAX} bytes", self.number);
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            return Ok(Some(Line {
                number: self.number,
                bytes,
                is_ended,
            }));
        }
    }

    /// The next document: a line, or an object over several, as `jq` and `kubectl` print it.
    ///
    /// # Errors
    /// What cannot be read, or what is too long.
    pub fn next_document(&mut self) -> io::Result<Option<Line>> {
        match self.next_line()? {
            Some(line) if line.bytes.trim_ascii() == b"{" => Ok(Some(Line {
                bytes: [line.bytes.as_slice(), b"\n", &self.rest()?].concat(),
                ..line
            })),
            line => Ok(line),
        }
    }

    /// Everything that is left, up to the same limit.
    fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.reader).take(LINE_BYTES_MAX);
        limited.read_to_end(&mut bytes)?;
        if limited.limit() == 0 {
            let problem = format!(
                "an object of more than {LINE_BYTES_MAX} bytes; write one event a line instead"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_does_and_the_last_may_be_cut_off() {
        let mut lines = Lines::new(&b"a\r\n\n  \nb\nc"[..]);
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            let text = String::from_utf8(line.bytes).unwrap();
            seen.push((line.number, text, line.is_ended));
        }
        let expected = [(1, "a", true), (4, "b", true), (5, "c", false)];
        assert_eq!(
            seen,
            expected.map(|(number, text, is_ended)| (number, text.to_owned(), is_ended))
        );
    }
}
