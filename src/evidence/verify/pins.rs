//! Keys that logs must be signed by.

use anyhow::Context as _;
use transparency_log::VerifierKey;
use transparency_log::key::SIGNING_KEY_PREFIX;

/// Keys from elsewhere.
#[derive(Debug, Default)]
pub struct Pins(Vec<VerifierKey>);

impl Pins {
    /// Reads verifier keys, and files with one a line. A private key is not shown, and refused.
    pub fn read(texts: &[String]) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        for text in texts {
            refuse_private(text, "--key")?;
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
                        refuse_private(line, text)?;
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

/// Whoever gives the wrong half may have given it to others, too.
fn refuse_private(text: &str, place: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        !text.starts_with(SIGNING_KEY_PREFIX),
        "`{place}` has the private half of a key, which only signs. Give the verifier key, the other half \
         that `cattlegrid evidence keygen` printed. If the private half was shared, consider it \
         disclosed: make a new key, and rotate"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use transparency_log::SigningKey;

    use super::*;

    #[test]
    fn a_private_key_is_refused_and_not_shown() {
        let secret = SigningKey::from_seed("log", [7; 32]).unwrap().to_text();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{secret}\n")).unwrap();
        for given in [secret.as_str(), file.path().to_str().unwrap()] {
            let error = format!("{:#}", Pins::read(&[given.to_owned()]).unwrap_err());
            assert!(error.contains("has the private half of a key"), "{error}");
            assert!(!error.contains(&secret), "{error}");
        }
    }
}
