//! Reading logs: what every document about them is made from. Logs are verified first, and records
//! are compared with the tree once more as they are read; nothing else enters a document.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Args;
use transparency_log::tile::{self, Content, FULL_WIDTH};
use transparency_log::{Hash, Tile, bundle};

use super::digest::Digest;
use super::record::{Record, RecordError};
use super::storage::{self, Storage};
use super::verify::{self, Expectations, LogReport, Report};
use super::writer::epoch;

/// Which logs, and what is known of them from elsewhere.
#[derive(Debug, Args)]
pub struct LogArguments {
    /// A store of logs, one replica's logs or one log (a directory, `file://…`, `s3://…`)
    #[arg(value_name = "URL")]
    pub url: String,
    /// What is known of them from elsewhere.
    #[command(flatten)]
    pub expected: ExpectationArguments,
}

/// What is known of logs from elsewhere.
#[derive(Clone, Debug, Args)]
pub struct ExpectationArguments {
    /// Verifier key, or file with verifier keys, that every log must be signed by
    #[arg(long, value_name = "VKEY")]
    key: Vec<String>,
    /// A head of one of these logs from another time or place
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Logs opened before this time (`20261123T005415123Z`, or a date `20261123`) may be gone
    #[arg(long, value_name = "TIME", value_parser = retained_from)]
    retained_from: Option<SystemTime>,
}

fn retained_from(text: &str) -> Result<SystemTime, String> {
    let whole = match text.len() {
        8 => format!("{text}T000000000Z"),
        _ => text.to_owned(),
    };
    epoch::parse(&whole).ok_or_else(|| "give a date such as `20261123`".to_owned())
}

impl ExpectationArguments {
    /// Whether anything is known.
    pub fn is_given(&self) -> bool {
        !(self.key.is_empty() && self.checkpoint.is_empty()) || self.retained_from.is_some()
    }

    /// Reads the files that they name.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn read(&self) -> anyhow::Result<Expectations> {
        let mut expected = Expectations::default()
            .pin(&self.key)?
            .retained_from(self.retained_from);
        for path in &self.checkpoint {
            let note = std::fs::read(path)
                .with_context(|| format!("the checkpoint `{}` cannot be read", path.display()))?;
            expected = expected.head(&path.display().to_string(), note)?;
        }
        Ok(expected)
    }
}

/// How often a bundle is looked for that a writer replaces meanwhile.
const READINGS_MAX: usize = 5;

/// Verified logs.
#[derive(Debug)]
pub struct Reading {
    pub(super) storage: Arc<dyn Storage>,
    /// What the verification says. Records of a log whose tree could not be recomputed, and those that
    /// do not fit it, are not read: a document says so and tells the findings.
    pub report: Report,
}

/// One record, and where it is.
#[derive(Debug)]
pub struct Located<'l> {
    /// Its log.
    pub log: &'l LogReport,
    /// Its position there, from 0.
    pub number: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// Its bytes.
    pub entry: &'l [u8],
    /// What it says; or why this program cannot read it, which speaks against neither log nor record.
    pub record: Result<Record<'static>, RecordError>,
}

impl Reading {
    /// Verifies the logs that the arguments name.
    ///
    /// # Errors
    /// The store could not be read, or has no log.
    pub async fn open(arguments: &LogArguments) -> anyhow::Result<Self> {
        Self::verified(&arguments.url, &arguments.expected.read()?).await
    }

    /// Verifies the logs of a store.
    ///
    /// # Errors
    /// The store could not be read, or has no log.
    pub async fn verified(url: &str, expected: &Expectations) -> anyhow::Result<Self> {
        let storage = storage::open(url)?;
        let report = verify::verify(&*storage, expected).await?;
        anyhow::ensure!(
            !report.logs.is_empty() || !report.holds(),
            "there is no log in `{url}`"
        );
        Ok(Self { storage, report })
    }

    /// Shows every record under the logs' heads, log by log, each in its order. At most one bundle
    /// (256 records) is in memory at a time.
    ///
    /// # Errors
    /// The store could not be read or changed meanwhile, or `each` fails.
    pub async fn each(
        &self,
        mut each: impl FnMut(Located<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for log in &self.report.logs {
            let size = log.leaves.len() as u64;
            for index in 0..size.div_ceil(u64::from(FULL_WIDTH)) {
                let Some(tile) = tile::tile_of(Content::Entries, index, size) else {
                    continue;
                };
                // What the verification found missing or altered, it has told.
                let is_told = !log.findings.is_empty();
                let Some((path, bytes)) = self.bundle(log, tile).await? else {
                    anyhow::ensure!(is_told, "`{}` is gone", log.path(&tile.path()));
                    continue;
                };
                let entries = match bundle::entries(&bytes) {
                    Err(_) if is_told => continue,
                    entries => entries?,
                };
                let first = tile.leaves().start;
                let leaves = log.leaves.get(usize::try_from(first)?..).unwrap_or(&[]);
                anyhow::ensure!(
                    is_told || entries.len() >= usize::from(tile.width()),
                    "`{path}` was cut off meanwhile"
                );
                for ((entry, leaf), number) in entries.into_iter().zip(leaves).zip(first..) {
                    if Hash::leaf(entry) != *leaf {
                        anyhow::ensure!(is_told, "`{path}` changed meanwhile");
                        continue;
                    }
                    each(Located {
                        log,
                        number,
                        leaf: Digest::of_leaf(entry),
                        entry,
                        record: Record::read(entry),
                    })?;
                }
            }
        }
        Ok(())
    }

    /// A bundle's bytes and where they are: in its own file or, where the log's writer went on
    /// meanwhile, in the wider one that replaced it.
    async fn bundle(
        &self,
        log: &LogReport,
        tile: Tile,
    ) -> anyhow::Result<Option<(String, Vec<u8>)>> {
        let mut path = log.path(&tile.path());
        for _ in 0..READINGS_MAX {
            if let Some(stored) = self.storage.read(&path).await? {
                return Ok(Some((path, stored.bytes)));
            }
            let listed = self.storage.list(&log.path("tile/entries")).await?;
            let below = log.path("");
            let wider = listed.iter().filter_map(|file| {
                let tile = Tile::from_path(file.path.strip_prefix(&below)?)?;
                Some((tile, &file.path))
            });
            let wider = wider
                .filter(|(other, _)| other.index() == tile.index() && other.width() > tile.width());
            match wider.max_by_key(|(other, _)| other.width()) {
                Some((_, other)) => path.clone_from(other),
                None => break,
            }
        }
        Ok(None)
    }
}
