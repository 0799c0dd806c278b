//! Logs to test with.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cattlegrid::evidence::key::SigningKeys;
use cattlegrid::evidence::storage::{Local, Remote, Storage};
use cattlegrid::evidence::verify::{Expectations, Report, verify};
use cattlegrid::evidence::writer::{Log, Notice, Notices, Settings};
use object_store::memory::InMemory;
use serde_json::{Value, json};
use transparency_log::{Checkpoint, SigningKey};

pub const NAME: &str = "example.com/evidence";

pub fn keys(seeds: &[u8]) -> SigningKeys {
    let key = |seed: &u8| SigningKey::from_seed(NAME, [*seed; 32]).unwrap();
    SigningKeys::given(seeds.iter().map(key).collect()).unwrap()
}

/// The verifier key of a seed, as text.
pub fn verifier(seed: u8) -> String {
    let key = SigningKey::from_seed(NAME, [seed; 32]).unwrap();
    key.verifier().to_string()
}

pub fn settings(replica: &str) -> Settings {
    Settings {
        linger: Duration::from_millis(1),
        clock: || UNIX_EPOCH + Duration::from_secs(1_795_395_255),
        ..Settings::new(replica)
    }
}

/// Records as docs/evidence/record-v1.md has them, with what verification reads of them.
pub fn notices() -> Notices {
    let head = |head: &Checkpoint| {
        let (origin, root) = (&head.origin, head.root.to_string());
        json!({"origin": origin, "root": root, "size": head.size})
    };
    Notices::new(move |notice| {
        let record: Value = match notice {
            Notice::Start { resumes } => {
                json!({"start": {"resumes": resumes.map(head)}, "type": "start"})
            }
            Notice::Stop { next, .. } => json!({"stop": {"next": next}, "type": "stop"}),
            Notice::Gap(gap) => {
                json!({"gap": {"cause": "storage", "count": gap.count}, "type": "gap"})
            }
            Notice::CrossLink(seen) => {
                let logs: Vec<Value> = seen.iter().map(|seen| head(&seen.head)).collect();
                json!({"crossLink": {"logs": logs}, "type": "cross-link"})
            }
        };
        record.to_string().into_bytes()
    })
}

pub fn memory() -> Arc<dyn Storage> {
    Arc::new(Remote::new(Arc::new(InMemory::new()), "evidence"))
}

pub fn directory() -> (Arc<dyn Storage>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (Arc::new(Local::new(directory.path())), directory)
}

pub async fn open(storage: &Arc<dyn Storage>, replica: &str) -> Log {
    open_with(storage, keys(&[1]), settings(replica)).await
}

pub async fn open_with(storage: &Arc<dyn Storage>, keys: SigningKeys, settings: Settings) -> Log {
    Log::open(Arc::clone(storage), keys, settings, notices())
        .await
        .unwrap()
}

/// A record that tells its number.
pub fn record(number: usize) -> Vec<u8> {
    // Of different lengths, some of them long.
    let more = if number.is_multiple_of(50) { 3000 } else { 0 };
    let text = "x".repeat(number * 7 % 40 + more);
    format!(r#"{{"number":{number},"text":"{text}"}}"#).into_bytes()
}

pub async fn check(storage: &Arc<dyn Storage>) -> Report {
    check_with(storage, Expectations::default()).await
}

pub async fn check_with(storage: &Arc<dyn Storage>, expected: Expectations) -> Report {
    verify(&**storage, &expected).await.unwrap()
}

/// Everything that was found, a line each.
pub fn found(report: &Report) -> Vec<String> {
    report
        .all_findings()
        .map(|finding| format!("{} {}: {}", finding.kind, finding.path, finding.message))
        .collect()
}

/// Verifies and expects nothing to be found.
#[track_caller]
pub fn holds(report: &Report) {
    assert_eq!(found(report), [""; 0]);
}
