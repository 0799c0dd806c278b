use std::io::{Error, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::Lines;
use crate::evidence::digest::Digest;
use crate::evidence::record::Entry;
use crate::evidence::writer::{Notice, Notices};

/// How many bytes of what it breaks at a pipe still takes.
const BROKEN_OFF: usize = 5;

/// A pipe that can break, in the middle of a line.
#[derive(Clone, Default)]
struct Pipe {
    is_broken: Arc<AtomicBool>,
    is_torn: Arc<AtomicBool>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.is_broken.load(Ordering::SeqCst) {
            let is_first = !self.is_torn.swap(true, Ordering::SeqCst);
            let part = bytes.get(..BROKEN_OFF).filter(|_| is_first);
            let part = part.ok_or_else(|| Error::other("broken"))?;
            return self.bytes.lock().unwrap().write(part);
        }
        self.bytes.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.bytes.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let whole = text.lines().filter(|line| line.len() != BROKEN_OFF);
        whole
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn start(pipe: &Pipe) -> Lines {
    let notices = Notices::new(|notice| match notice {
        Notice::Start { .. } => br#""start""#.to_vec(),
        Notice::Stop { .. } => br#""stop""#.to_vec(),
        Notice::Gap(gap) => format!("{{\"gap\":{}}}", gap.count).into_bytes(),
        Notice::CrossLink(_) => Vec::new(),
    });
    Lines::start(pipe.clone(), notices).unwrap()
}

fn entry(text: &str) -> Entry {
    let bytes = format!("\"{text}\"").into_bytes();
    Entry {
        leaf: Digest::of_leaf(&bytes),
        bytes,
    }
}

fn records(pipe: &Pipe) -> Vec<String> {
    pipe.lines()
        .iter()
        .map(|line| line["record"].to_string())
        .collect()
}

#[tokio::test]
async fn each_line_has_its_number_and_the_hash_of_its_record() {
    let pipe = Pipe::default();
    let lines = start(&pipe);
    lines.append(entry("a")).await.unwrap();
    lines.enqueue(entry("b")).unwrap();
    lines.close().await;
    assert_eq!(
        records(&pipe),
        [r#""start""#, r#""a""#, r#""b""#, r#""stop""#]
    );
    for (number, line) in pipe.lines().iter().enumerate() {
        assert_eq!(line["number"], number);
        let leaf = Digest::of_leaf(line["record"].to_string().as_bytes());
        assert_eq!(line["leaf"], leaf.to_string());
    }
}

#[tokio::test]
async fn what_is_lost_is_told_as_soon_as_something_can_be_written() {
    let pipe = Pipe::default();
    let lines = start(&pipe);
    lines.append(entry("a")).await.unwrap();
    pipe.is_broken.store(true, Ordering::SeqCst);
    assert!(lines.append(entry("b")).await.is_err());
    assert!(lines.append(entry("c")).await.is_err());
    pipe.is_broken.store(false, Ordering::SeqCst);
    lines.append(entry("d")).await.unwrap();
    lines.append(entry("e")).await.unwrap();
    assert_eq!(
        records(&pipe),
        [r#""start""#, r#""a""#, r#"{"gap":2}"#, r#""d""#, r#""e""#]
    );
}
