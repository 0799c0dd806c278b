//! Whatever is done to the files of a log is detected and named.

use std::sync::{Arc, OnceLock};

use cattlegrid::evidence::storage::Storage;
use cattlegrid::evidence::verify::{Expectations, Report};
use cattlegrid::evidence::writer::StopReason;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use transparency_log::tile::{self, Content};
use transparency_log::{Checkpoint, Hash, SigningKey, Tile, Tree, bundle};

use crate::snapshot::{Files, Snapshot};
use crate::support::*;

const LOG: &str = "one/20261123T005415000Z/";
const OTHER_LOG: &str = "two/20261123T005415000Z/";

/// How many records the tampered log has.
const RECORDS: usize = 700;

/// Two replicas' logs as they were written.
struct Written {
    files: Files,
    /// Every head of the first log, the oldest first.
    heads: Vec<Vec<u8>>,
    /// Every announcement of a commit.
    intents: Vec<Vec<u8>>,
}

fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| on_a_runtime(write()))
}

fn on_a_runtime<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run)
}

async fn write() -> Written {
    let snapshot = Arc::new(Snapshot::default());
    let storage: Arc<dyn Storage> = Arc::<Snapshot>::clone(&snapshot);
    let (one, two) = (open(&storage, "one").await, open(&storage, "two").await);
    let mut number = 0;
    for commit in [1, 2, 250, 1, 256, 100, 90].into_iter().cycle() {
        let records = (number..RECORDS.min(number + commit)).map(record);
        let appended = records.map(|record| one.append(record));
        futures::future::join_all(appended).await;
        two.append(record(number)).await.unwrap();
        number += commit;
        if number >= RECORDS {
            break;
        }
    }
    one.close(StopReason::Signal).await.unwrap();
    two.close(StopReason::Signal).await.unwrap();
    Written {
        heads: snapshot.versions(&format!("{LOG}checkpoint")),
        intents: snapshot.versions(&format!("{LOG}intent")),
        files: snapshot.files(),
    }
}

/// What somebody does to the first log. Which file, record or bit is chosen later, by what there is.
#[derive(Clone, Debug)]
enum Mutation {
    FlipBit(Index, Index),
    CutOff(Index, Index),
    Lengthen(Index, Vec<u8>),
    Delete(Index),
    SwapFiles(Index, Index),
    SwapRecords(Index, Index, Index),
    RemoveRecord(Index, Index),
    RepeatRecord(Index, Index),
    InsertRecord(Index, Index),
    /// A record, and every hash over it, without the key.
    RewriteRecord(Index, bool),
    AddFile(Index),
    /// A file of the other log in its place.
    TakeFromOtherLog(Index),
    RollBackHead(Index),
    ReplayIntent(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), index()).prop_map(|(a, b)| Mutation::FlipBit(a, b)),
        2 => (index(), index()).prop_map(|(a, b)| Mutation::CutOff(a, b)),
        1 => (index(), prop::collection::vec(any::<u8>(), 1..40))
            .prop_map(|(a, b)| Mutation::Lengthen(a, b)),
        2 => index().prop_map(Mutation::Delete),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::SwapFiles(a, b)),
        2 => (index(), index(), index()).prop_map(|(a, b, c)| Mutation::SwapRecords(a, b, c)),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::RemoveRecord(a, b)),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::RepeatRecord(a, b)),
        1 => (index(), index()).prop_map(|(a, b)| Mutation::InsertRecord(a, b)),
        1 => (index(), any::<bool>()).prop_map(|(a, b)| Mutation::RewriteRecord(a, b)),
        1 => index().prop_map(Mutation::AddFile),
        1 => index().prop_map(Mutation::TakeFromOtherLog),
        1 => index().prop_map(Mutation::RollBackHead),
        1 => index().prop_map(Mutation::ReplayIntent),
    ]
}

/// The files of the log that somebody touched, and records, if it is about some.
type Named = (Vec<String>, Option<u64>);

impl Mutation {
    /// Does it. `None` if it would change nothing.
    fn apply(&self, files: &mut Files) -> Option<Named> {
        let paths: Vec<String> = files
            .keys()
            .filter(|path| path.starts_with(LOG))
            .cloned()
            .collect();
        let pick = |index: &Index| paths[index.index(paths.len())].clone();
        let before = files.clone();
        let named = match self {
            Self::FlipBit(file, bit) => {
                let path = pick(file);
                let bytes = files.get_mut(&path).unwrap();
                let bit = bit.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                (vec![path], None)
            }
            Self::CutOff(file, length) => {
                let path = pick(file);
                let bytes = files.get_mut(&path).unwrap();
                bytes.truncate(length.index(bytes.len()));
                (vec![path], None)
            }
            Self::Lengthen(file, more) => {
                let path = pick(file);
                files.get_mut(&path).unwrap().extend(more);
                (vec![path], None)
            }
            Self::Delete(file) => {
                let path = pick(file);
                files.remove(&path);
                (vec![path], None)
            }
            Self::SwapFiles(one, two) => {
                let (one, two) = (pick(one), pick(two));
                files.insert(one.clone(), before[&two].clone());
                files.insert(two.clone(), before[&one].clone());
                (vec![one, two], None)
            }
            Self::SwapRecords(file, one, two) => self.on_bundle(files, file, |records| {
                let (one, two) = (one.index(records.len()), two.index(records.len()));
                records.swap(one, two);
                one
            }),
            Self::RemoveRecord(file, at) => self.on_bundle(files, file, |records| {
                let at = at.index(records.len());
                records.remove(at);
                at
            }),
            Self::RepeatRecord(file, at) => self.on_bundle(files, file, |records| {
                let at = at.index(records.len());
                records.insert(at, records[at].clone());
                at + 1
            }),
            Self::InsertRecord(file, at) => self.on_bundle(files, file, |records| {
                let at = at.index(records.len() + 1);
                records.insert(at, b"{\"type\":\"decision\"}".to_vec());
                at
            }),
            Self::RewriteRecord(at, is_signed) => rewrite(files, at.index(RECORDS), *is_signed),
            Self::AddFile(name) => {
                let names = [
                    "note",
                    "tile/entries/002.p/255",
                    "tile/entries/003",
                    "tile/0/003.p/1",
                    "tile/1/001.p/1",
                    "tile/0/2",
                    "tile/0/002.tmp",
                    "checkpoint.bak",
                ];
                let path = format!("{LOG}{}", name.get(&names));
                files.insert(path.clone(), b"added".to_vec());
                (vec![path], None)
            }
            Self::TakeFromOtherLog(file) => {
                let others = files.keys().filter(|path| path.starts_with(OTHER_LOG));
                let others: Vec<String> = others.cloned().collect();
                let other = file.get(&others);
                let path = other.replace(OTHER_LOG, LOG);
                files.insert(path.clone(), before[other].clone());
                // A narrower tile of another log is not what was replaced here.
                (vec![path, format!("{LOG}key.pub")], None)
            }
            Self::RollBackHead(to) => {
                let heads = &written().heads;
                let path = format!("{LOG}checkpoint");
                let head = &heads[to.index(heads.len() - 1)];
                files.insert(path, head.clone());
                (Vec::new(), None)
            }
            Self::ReplayIntent(of) => {
                let intents = &written().intents;
                let path = format!("{LOG}intent");
                // The last one announces the head: it is there after a crash, too.
                let intent = &intents[of.index(intents.len() - 1)];
                files.insert(path.clone(), intent.clone());
                (vec![path], None)
            }
        };
        (*files != before).then_some(named)
    }

    fn on_bundle(
        &self,
        files: &mut Files,
        file: &Index,
        change: impl FnOnce(&mut Vec<Vec<u8>>) -> usize,
    ) -> Named {
        let bundles: Vec<String> = files
            .keys()
            .filter(|path| path.starts_with(&format!("{LOG}tile/entries/")))
            .cloned()
            .collect();
        let path = file.get(&bundles).clone();
        let records = bundle::entries(&files[&path]).unwrap();
        let mut records: Vec<Vec<u8>> = records.into_iter().map(<[u8]>::to_vec).collect();
        let at = change(&mut records);
        let mut bytes = Vec::new();
        for record in &records {
            bundle::push(&mut bytes, record).unwrap();
        }
        files.insert(path.clone(), bytes);
        let tile = Tile::from_path(path.strip_prefix(LOG).unwrap()).unwrap();
        (vec![path], Some(tile.leaves().start + at as u64))
    }
}

/// Alters a record and everything that follows from it; with a key of its own, also the head.
fn rewrite(files: &mut Files, at: usize, is_signed: bool) -> Named {
    let size = RECORDS as u64 + 2;
    let mut records: Vec<Vec<u8>> = Vec::new();
    for index in 0.. {
        let Some(tile) = tile::tile_of(Content::Entries, index, size) else {
            break;
        };
        let bytes = &files[&format!("{LOG}{tile}")];
        records.extend(
            bundle::entries(bytes)
                .unwrap()
                .into_iter()
                .map(<[u8]>::to_vec),
        );
    }
    let last = records[at].last_mut().unwrap();
    *last = last.wrapping_add(1);
    let (mut tree, mut tiles) = (Tree::new(), Vec::new());
    for record in &records {
        tree.push(Hash::leaf(record), &mut tiles);
    }
    tiles.extend(tree.partial_tiles_since(0));
    for (number, records) in records.chunks(256).enumerate() {
        let tile = tile::tile_of(Content::Entries, number as u64, size).unwrap();
        let mut bytes = Vec::new();
        for record in records {
            bundle::push(&mut bytes, record).unwrap();
        }
        tiles.push((tile, bytes));
    }
    for (tile, bytes) in tiles {
        assert!(files.insert(format!("{LOG}{tile}"), bytes).is_some());
    }
    if is_signed {
        let path = format!("{LOG}checkpoint");
        let (head, _) = Checkpoint::parse(&files[&path]).unwrap();
        let head = Checkpoint {
            root: tree.root(),
            ..head
        };
        let key = SigningKey::from_seed(&head.origin, [99; 32]).unwrap();
        files.insert(path, head.sign(&[key]).into_bytes());
    }
    (vec![format!("{LOG}checkpoint")], None)
}

fn verified(files: Files, newest: Option<&[u8]>) -> Report {
    let mut expected = Expectations::default();
    if let Some(newest) = newest {
        expected = expected.head("the newest head", newest.to_vec()).unwrap();
    }
    on_a_runtime(check_with(&Snapshot::of(files), expected))
}

#[test]
fn what_nobody_touched_holds() {
    let written = written();
    let report = verified(
        written.files.clone(),
        written.heads.last().map(Vec::as_slice),
    );
    holds(&report);
    assert_eq!(report.logs[0].size(), RECORDS as u64 + 2);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_mutation_is_detected_and_named(mutation in mutation()) {
        let written = written();
        let mut files = written.files.clone();
        let named = mutation.apply(&mut files);
        prop_assume!(named.is_some());
        let (paths, record) = named.unwrap();
        let report = verified(files.clone(), None);
        prop_assert!(!report.holds(), "not detected");
        let findings: Vec<_> = report.all_findings().collect();
        let is_named = paths.is_empty()
            || findings.iter().any(|finding| paths.contains(&finding.path));
        prop_assert!(is_named, "not named: {:?}", found(&report));
        if let Some(record) = record {
            let about = findings.iter().any(|finding| {
                finding.records.as_ref().is_some_and(|records| records.contains(&record))
            });
            prop_assert!(about, "record {} is not named: {:?}", record, found(&report));
        }
        if let Mutation::RollBackHead(_) = mutation {
            let report = verified(files, written.heads.last().map(Vec::as_slice));
            let is_rolled_back = found(&report).iter().any(|f| f.starts_with("rolled-back"));
            prop_assert!(is_rolled_back, "{:?}", found(&report));
        }
    }
}

/// What the findings say, word for word.
#[test]
fn findings_say_what_happened() {
    let bundle = format!("{LOG}tile/entries/001");
    let cases: Vec<(Mutation, String)> = vec![
        (
            Mutation::AddFile(index(0)),
            format!("added {LOG}note: is no file of a log"),
        ),
        (
            Mutation::AddFile(index(2)),
            format!(
                "added {LOG}tile/entries/003: is beyond the head's 702 records, and no commit \
                 announced it: somebody put it there, or the head was set back"
            ),
        ),
    ];
    for (mutation, expected) in cases {
        let mut files = written().files.clone();
        mutation.apply(&mut files).unwrap();
        assert_eq!(found(&verified(files, None)), [expected]);
    }
    let changed = |change: fn(&mut Vec<Vec<u8>>)| {
        let mut files = written().files.clone();
        let records = bundle::entries(&files[&bundle]).unwrap();
        let mut records: Vec<Vec<u8>> = records.into_iter().map(<[u8]>::to_vec).collect();
        change(&mut records);
        let mut bytes = Vec::new();
        for record in &records {
            bundle::push(&mut bytes, record).unwrap();
        }
        files.insert(bundle.clone(), bytes);
        found(&verified(files, None))
    };
    let line = |kind: &str, message: &str| format!("{kind} {bundle}: {message}");
    assert_eq!(
        changed(|records| records.swap(3, 7)),
        [line(
            "reordered",
            "records 259, 263 are there in another order"
        )]
    );
    assert_eq!(
        changed(|records| drop(records.remove(3))),
        [line("removed", "record 259 is missing from the bundle")]
    );
    assert_eq!(
        changed(|records| records.insert(3, b"{}".to_vec())),
        [line("added", "somebody put record 259 into the bundle")]
    );
    assert_eq!(
        changed(|records| records[3][0] ^= 1),
        [line("altered", "record 259 is not what was written")]
    );
}

/// The index that picks this one of eight.
fn index(of: usize) -> Index {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    loop {
        let index = any::<Index>().new_tree(&mut runner).unwrap().current();
        if index.index(8) == of {
            return index;
        }
    }
}
