//! The keys that logs are signed with: read, made, and given the name of a log.
//! docs/evidence/log-v1.md, "Keys".

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use clap::Args;
use thiserror::Error;
use transparency_log::key::{KEY_BYTES, KeyError};
use transparency_log::{SigningKey, VerifierKey};

/// The name of keys that nobody named otherwise.
pub const DEFAULT_NAME: &str = "cattlegrid.dev/evidence";

/// The most keys that sign one log: an old one, a new one, and room.
const KEYS_MAX: usize = 4;

/// Why there are no keys to sign with.
#[derive(Debug, Error)]
pub enum SigningKeysError {
    /// The file cannot be read.
    #[error("the signing key `{}` cannot be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It holds something else. The text is not shown: it may be a secret.
    #[error(
        "`{}` is no signing key: {source}. `cattlegrid evidence keygen` makes one",
        path.display()
    )]
    Parse {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// Two names would make two origins.
    #[error("the signing keys have different names, `{0}` and `{1}`; keys of one log share one")]
    Names(String, String),
    /// The same key twice, or too many.
    #[error("a log is signed by 1 to {KEYS_MAX} different keys")]
    Number,
    /// The system gave no random bytes.
    #[error("no key can be made: the system has no randomness")]
    Randomness,
}

/// What a server signs its logs with.
#[derive(Debug)]
pub struct SigningKeys {
    name: String,
    keys: Vec<SigningKey>,
    is_ephemeral: bool,
}

impl SigningKeys {
    /// Keys from files, each with one key as `evidence keygen` writes it.
    ///
    /// # Errors
    /// A file cannot be read or holds no key, or the keys do not go together.
    pub fn read(paths: &[PathBuf]) -> Result<Self, SigningKeysError> {
        let mut keys = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(path).map_err(|source| SigningKeysError::Read {
                path: path.clone(),
                source,
            })?;
            let key = SigningKey::parse(text.trim()).map_err(|source| SigningKeysError::Parse {
                path: path.clone(),
                source,
            })?;
            keys.push(key);
        }
        Self::given(keys)
    }

    /// These keys.
    ///
    /// # Errors
    /// They do not go together.
    pub fn given(keys: Vec<SigningKey>) -> Result<Self, SigningKeysError> {
        let name = match keys.first() {
            Some(first) if keys.len() <= KEYS_MAX => first.verifier().name().to_owned(),
            _ => return Err(SigningKeysError::Number),
        };
        for (number, key) in keys.iter().enumerate() {
            if key.verifier().name() != name {
                let other = key.verifier().name().to_owned();
                return Err(SigningKeysError::Names(name, other));
            }
            let mut before = keys.iter().take(number);
            if before.any(|before| before.verifier() == key.verifier()) {
                return Err(SigningKeysError::Number);
            }
        }
        Ok(Self {
            name,
            keys,
            is_ephemeral: false,
        })
    }

    /// A key that ends with the process.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn ephemeral() -> Result<Self, SigningKeysError> {
        let key = generate(DEFAULT_NAME).map_err(|_| SigningKeysError::Randomness)?;
        Ok(Self {
            name: DEFAULT_NAME.to_owned(),
            keys: vec![key],
            is_ephemeral: true,
        })
    }

    /// Begins the origins of the logs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether they end with the process.
    pub fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }

    /// The verifier keys as text, under the name that all origins begin with.
    pub fn verifiers(&self) -> Vec<String> {
        let keys = self.keys.iter();
        keys.map(|key| key.verifier().to_string()).collect()
    }

    /// The keys under a log's origin.
    ///
    /// # Errors
    /// The origin cannot be a key's name.
    pub fn of_log(&self, origin: &str) -> Result<Vec<SigningKey>, KeyError> {
        self.keys.iter().map(|key| key.named(origin)).collect()
    }
}

/// The text of a log's `key.pub`.
pub fn public_file(keys: &[SigningKey]) -> String {
    keys.iter()
        .map(|key| format!("{}\n", key.verifier()))
        .collect()
}

/// Reads a log's `key.pub`. `None` if it is not exactly what [`public_file`] writes for keys of one
/// name.
pub fn read_public_file(bytes: &[u8]) -> Option<Vec<VerifierKey>> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let keys = text.split('\n').map(VerifierKey::parse);
    let keys: Vec<VerifierKey> = keys.collect::<Result<_, _>>().ok()?;
    let name = keys.first()?.name();
    (keys.len() <= KEYS_MAX && keys.iter().all(|key| key.name() == name)).then_some(keys)
}

fn generate(name: &str) -> anyhow::Result<SigningKey> {
    let mut seed = [0; KEY_BYTES];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    SigningKey::from_seed(name, seed).with_context(|| format!("`{name}` cannot be a key's name"))
}

/// What `evidence keygen` is given.
#[derive(Debug, Args)]
pub struct KeygenArguments {
    /// Where the signing key goes, readable by its owner alone; must not exist yet. Without it the
    /// key is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Begins the origin of every log that the key signs
    #[arg(long, value_name = "NAME", default_value = DEFAULT_NAME)]
    name: String,
}

/// Makes a signing key. With a file, the verifier key goes to `output`; without one, the signing key
/// does, and the verifier key to `messages`.
///
/// # Errors
/// The name cannot be a key's, or the file exists or cannot be written.
pub fn keygen(
    arguments: &KeygenArguments,
    output: &mut dyn Write,
    messages: &mut dyn Write,
) -> anyhow::Result<()> {
    let key = generate(&arguments.name)?;
    let verifier = key.verifier().to_string();
    match &arguments.out {
        Some(path) => {
            write_secret(path, &key.to_text())?;
            writeln!(output, "{verifier}")?;
        }
        None => {
            writeln!(output, "{}", key.to_text())?;
            writeln!(messages, "verifier key: {verifier}")?;
        }
    }
    Ok(())
}

fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || {
        let mut options = File::options();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    let path = path.display();
    write().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow::anyhow!(
            "`{path}` exists already, and may be the key of a log: give --out another name, or move the \
             file away"
        ),
        _ => anyhow::Error::new(error).context(format!("the key cannot be written to `{path}`")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(out: Option<PathBuf>) -> KeygenArguments {
        KeygenArguments {
            out,
            name: "example.com/evidence".to_owned(),
        }
    }

    #[test]
    fn a_key_that_was_made_can_be_read_and_only_by_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let (mut output, mut messages) = (Vec::new(), Vec::new());
        keygen(&arguments(Some(path.clone())), &mut output, &mut messages).unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let keys = SigningKeys::read(std::slice::from_ref(&path)).unwrap();
        assert_eq!(keys.name(), "example.com/evidence");
        let printed = String::from_utf8(output).unwrap();
        let verifier = VerifierKey::parse(printed.trim_end()).unwrap();
        let of_log = keys.of_log("example.com/evidence/r/e").unwrap();
        assert_eq!(of_log[0].verifier().public(), verifier.public());
        let again = keygen(&arguments(Some(path)), &mut Vec::new(), &mut Vec::new());
        let error = again.expect_err("a key was overwritten").to_string();
        assert!(
            error.ends_with("give --out another name, or move the file away"),
            "{error}"
        );
    }

    #[test]
    fn without_a_file_the_signing_key_is_all_that_is_printed() {
        let (mut output, mut messages) = (Vec::new(), Vec::new());
        keygen(&arguments(None), &mut output, &mut messages).unwrap();
        let output = String::from_utf8(output).unwrap();
        let key = SigningKey::parse(output.trim_end()).unwrap();
        let messages = String::from_utf8(messages).unwrap();
        assert_eq!(messages, format!("verifier key: {}\n", key.verifier()));
    }

    #[test]
    fn an_error_does_not_show_the_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        std::fs::write(&path, "PRIVATE+KEY+name+00000000+c2VjcmV0").unwrap();
        let error = SigningKeys::read(&[path]).unwrap_err().to_string();
        assert!(!error.contains("c2VjcmV0"), "{error}");
        assert!(error.contains("evidence keygen"), "{error}");
    }

    #[test]
    fn keys_that_do_not_go_together_are_refused() {
        let key = |name, seed| SigningKey::from_seed(name, [seed; KEY_BYTES]).unwrap();
        assert!(SigningKeys::given(vec![]).is_err());
        assert!(SigningKeys::given(vec![key("a", 1), key("a", 1)]).is_err());
        assert!(SigningKeys::given(vec![key("a", 1), key("b", 2)]).is_err());
        assert!(SigningKeys::given(vec![key("a", 1), key("a", 2)]).is_ok());
    }

    #[test]
    fn a_public_file_is_read_in_its_one_form() {
        let keys = [1, 2].map(|seed| SigningKey::from_seed("log", [seed; KEY_BYTES]).unwrap());
        let file = public_file(&keys);
        assert_eq!(read_public_file(file.as_bytes()).unwrap().len(), 2);
        for bit in 0..file.len() * 8 {
            let mut altered = file.clone().into_bytes();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read_public_file(&altered), None, "bit {bit}");
        }
        assert_eq!(read_public_file(b""), None);
        assert_eq!(read_public_file(file.trim_end().as_bytes()), None);
    }
}
