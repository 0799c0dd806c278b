//! Keys that logs must be signed by.

use anyhow::Context as _;
use transparency_log::VerifierKey;

/// Keys from elsewhere.
#[derive(Debug, Default)]
pub struct Pins(Vec<VerifierKey>);

impl Pins {
    /// Reads verifier keys, and files with one a line.
    pub fn read(texts: &[String]) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        for text in texts {
            match VerifierKey::parse(text) {
                Ok(key) => keys.push(key),
                Err(error) if text.contains('+') => {
                    return Err(error).with_context(|| format!("`{text}` is no verifier key"));
                }
                Err(_) => {
                    let lines = std::fs::read_to_string(text).with_context(|| {
                        format!("`{text}` is no verifier key, and no file with some")
                    })?;
                    for line in lines.lines() {
                        let key = VerifierKey::parse(line);
                        keys.push(key.with_context(|| format!("`{text}` has no verifier key"))?);
                    }
                }
            }
        }
        Ok(Self(keys))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, under the names that they were given with.
    pub fn all(&self) -> &[VerifierKey] {
        &self.0
    }

    /// Those that may sign a log with this origin, under its name.
    pub fn of_log(&self, origin: &str) -> Vec<VerifierKey> {
        let may_sign = |key: &&VerifierKey| {
            let rest = origin.strip_prefix(key.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let pinned = self.0.iter().filter(may_sign);
        pinned.filter_map(|key| key.named(origin).ok()).collect()
    }
}
