//! A directory as a store. `object_store` has one too, but it neither syncs to disk nor replaces a
//! file on a condition.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;

use super::{Claim, Commit, Listed, Replacement, Storage, StorageError, Stored, Version};

/// Held by a replica's one writer.
const LOCK: &str = "lock";
/// How often a held lock is asked for again, and after how long: its last holder may be about to end,
/// and a child that was forked while the file was open holds it until it runs its own program.
const CLAIMS_MAX: usize = 20;
const CLAIM_AGAIN_MILLISECONDS: u64 = 50;
/// Where files lie until they are whole.
const WRITING: &str = "writing";

/// A directory.
#[derive(Clone, Debug)]
pub struct Local {
    root: PathBuf,
}

impl Local {
    /// The store in this directory, which need not exist before something is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Runs what blocks where it may.
    async fn blocking<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let store = self.clone();
        let task = tokio::task::spawn_blocking(move || run(&store));
        task.await.map_err(|_| StorageError::Local {
            action: "finish work on",
            path: self.root.clone(),
            source: ErrorKind::Interrupted.into(),
        })?
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where the files of a path's replica lie until they are whole.
    fn writing(&self, path: &str) -> PathBuf {
        let replica = path.split('/').next().unwrap_or_default();
        self.root.join(replica).join(WRITING)
    }

    fn claim_now(&self, replica: &str) -> Result<Claim, StorageError> {
        let directory = self.path(replica);
        create_directory(&directory)?;
        let path = directory.join(LOCK);
        let lock = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(error("create", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StorageError::Locked { path }),
            Err(TryLockError::Error(source)) => return Err(error("lock", &path)(source)),
        }
        // What a process left that was killed; nobody counts on it.
        let writing = directory.join(WRITING);
        match fs::remove_dir_all(&writing) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                return Err(error("remove", &writing)(cause));
            }
            _ => {}
        }
        Ok(Claim { _lock: Some(lock) })
    }

    fn read_now(&self, path: &str) -> Result<Option<Stored>, StorageError> {
        let path = self.path(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(Stored {
                bytes,
                version: Version::none(),
            })),
            // Where a directory should be, a file lies.
            Err(cause)
                if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(cause) => Err(error("read", &path)(cause)),
        }
    }

    fn create_now(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError> {
        let missing = self.missing(files)?;
        self.put_in_place(self.write_whole(&missing)?)
    }

    fn replace_now(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        self.put_in_place(self.write_whole(&[(path, bytes)])?)
    }

    /// The contents of all files are made durable at the same time: disks take many flushes as fast
    /// as one. Their names follow in the order that counts.
    fn commit_now(&self, commit: &Commit) -> Result<(), StorageError> {
        let Commit {
            intent,
            files,
            head,
        } = commit;
        let mut all = vec![contents(intent)];
        all.extend(self.missing(files)?);
        all.push(contents(head));
        let mut files = self.write_whole(&all)?;
        let head = files.split_off(files.len() - 1);
        let rest = files.split_off(1);
        [files, rest, head]
            .into_iter()
            .try_for_each(|step| self.put_in_place(step))
    }

    /// The files that are not there yet; one that is there and different is a conflict.
    fn missing<'f>(
        &self,
        files: &'f [(String, Vec<u8>)],
    ) -> Result<Vec<(&'f str, &'f [u8])>, StorageError> {
        let mut missing = Vec::new();
        for (path, bytes) in files {
            match self.read_now(path)? {
                Some(there) if there.bytes == *bytes => {}
                Some(_) => return Err(StorageError::Conflict { path: path.clone() }),
                None => missing.push((path.as_str(), bytes.as_slice())),
            }
        }
        Ok(missing)
    }

    /// Files with all their bytes on disk, beside where they belong.
    fn write_whole(&self, files: &[(&str, &[u8])]) -> Result<Vec<Unfinished>, StorageError> {
        let mut unfinished = Vec::new();
        for (number, (path, bytes)) in files.iter().enumerate() {
            let directory = self.writing(path);
            fs::create_dir_all(&directory).map_err(error("create", &directory))?;
            let temporary = directory.join(number.to_string());
            let mut file = File::create(&temporary).map_err(error("create", &temporary))?;
            file.write_all(bytes).map_err(error("write", &temporary))?;
            let path = self.path(path);
            unfinished.push(Unfinished {
                file,
                temporary,
                path,
            });
        }
        at_once(
            &unfinished,
            |Unfinished {
                 file, temporary, ..
             }| { file.sync_all().map_err(error("sync", temporary)) },
        )?;
        Ok(unfinished)
    }

    /// Gives files their names, in this order, and makes the names durable.
    fn put_in_place(&self, files: Vec<Unfinished>) -> Result<(), StorageError> {
        let mut directories = BTreeSet::new();
        for Unfinished {
            temporary, path, ..
        } in files
        {
            if let Some(directory) = path.parent() {
                create_directory(directory)?;
                directories.insert(directory.to_owned());
            }
            fs::rename(&temporary, &path).map_err(error("put in place", &path))?;
        }
        let directories: Vec<PathBuf> = directories.into_iter().collect();
        at_once(&directories, |directory| sync(directory))
    }

    fn list_now(&self, below: &str) -> Result<Vec<Listed>, StorageError> {
        let mut found = Vec::new();
        let mut waiting = vec![below.to_owned()];
        while let Some(directory) = waiting.pop() {
            for (name, kind) in self.entries(&directory)? {
                let path = joined(&directory, &name);
                if kind.is_dir() {
                    waiting.push(path);
                } else {
                    let bytes = kind.len();
                    found.push(Listed { path, bytes });
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Names and metadata of what lies in a directory; nothing if there is none.
    fn entries(&self, directory: &str) -> Result<Vec<(String, fs::Metadata)>, StorageError> {
        let path = self.path(directory);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(error("list", &path)(cause)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(error("list", &path))?;
            match entry.metadata() {
                Ok(metadata) => {
                    // A name that is no text is none of ours, whatever it is printed as.
                    found.push((entry.file_name().to_string_lossy().into_owned(), metadata));
                }
                // It went while we were looking.
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(error("list", &entry.path())(cause)),
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl Storage for Local {
    async fn claim(&self, replica: &str) -> Result<Claim, StorageError> {
        let replica = replica.to_owned();
        for _ in 1..CLAIMS_MAX {
            let replica = replica.clone();
            match self.blocking(move |store| store.claim_now(&replica)).await {
                Err(StorageError::Locked { .. }) => {}
                claimed => return claimed,
            }
            tokio::time::sleep(Duration::from_millis(CLAIM_AGAIN_MILLISECONDS)).await;
        }
        self.blocking(move |store| store.claim_now(&replica)).await
    }

    async fn read(&self, path: &str) -> Result<Option<Stored>, StorageError> {
        let path = path.to_owned();
        self.blocking(move |store| store.read_now(&path)).await
    }

    async fn create(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError> {
        let files = files.to_vec();
        self.blocking(move |store| store.create_now(&files)).await
    }

    async fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        _: Option<&Version>,
    ) -> Result<Version, StorageError> {
        // The lock keeps others away: there is no other version.
        let (path, bytes) = (path.to_owned(), bytes.to_vec());
        self.blocking(move |store| store.replace_now(&path, &bytes))
            .await?;
        Ok(Version::none())
    }

    async fn commit(&self, commit: Commit) -> Result<(Version, Version), StorageError> {
        self.blocking(move |store| store.commit_now(&commit))
            .await?;
        Ok((Version::none(), Version::none()))
    }

    async fn delete(&self, paths: &[String]) -> Result<(), StorageError> {
        let paths = paths.to_vec();
        self.blocking(move |store| {
            for path in &paths {
                let path = store.path(path);
                match fs::remove_file(&path) {
                    Err(cause) if cause.kind() != ErrorKind::NotFound => {
                        return Err(error("delete", &path)(cause));
                    }
                    _ => remove_if_empty(path.parent()),
                }
            }
            Ok(())
        })
        .await
    }

    async fn list(&self, below: &str) -> Result<Vec<Listed>, StorageError> {
        let below = below.to_owned();
        self.blocking(move |store| store.list_now(&below)).await
    }

    async fn directories(&self, of: &str) -> Result<Vec<String>, StorageError> {
        let of = of.to_owned();
        self.blocking(move |store| {
            let entries = store.entries(&of)?;
            let directories = entries.into_iter().filter(|(_, kind)| kind.is_dir());
            let mut names: Vec<String> = directories.map(|(name, _)| name).collect();
            names.sort();
            Ok(names)
        })
        .await
    }
}

fn contents(file: &Replacement) -> (&str, &[u8]) {
    (&file.path, &file.bytes)
}

/// A file that has not its name yet.
#[derive(Debug)]
struct Unfinished {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
}

/// Does what waits for the disk for all items at the same time.
fn at_once<T: Sync>(
    items: &[T],
    each: impl Fn(&T) -> Result<(), StorageError> + Sync,
) -> Result<(), StorageError> {
    let Some((last, others)) = items.split_last() else {
        return Ok(());
    };
    thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|item| scope.spawn(|| each(item)))
            .collect();
        let mut result = each(last);
        for other in others {
            result = result.and(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        result
    })
}

/// Creates a directory, and makes its name durable, and those of its parents.
fn create_directory(path: &Path) -> Result<(), StorageError> {
    if path.is_dir() || path.as_os_str().is_empty() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_directory(parent)?;
    }
    match fs::create_dir(path) {
        Err(cause) if cause.kind() != ErrorKind::AlreadyExists => Err(error("create", path)(cause)),
        _ => path.parent().map_or(Ok(()), sync),
    }
}

/// Makes the names in a directory durable.
fn sync(directory: &Path) -> Result<(), StorageError> {
    let directory = match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    };
    let file = File::open(directory).map_err(error("open", directory))?;
    file.sync_all().map_err(error("sync", directory))
}

/// The directory of partial tiles goes with the last of them.
fn remove_if_empty(directory: Option<&Path>) {
    if let Some(directory) = directory
        && directory
            .extension()
            .is_some_and(|extension| extension == "p")
    {
        let _ = fs::remove_dir(directory);
    }
}

fn joined(directory: &str, name: &str) -> String {
    match directory.is_empty() {
        true => name.to_owned(),
        false => format!("{directory}/{name}"),
    }
}

fn error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> StorageError + use<'a> {
    move |source| StorageError::Local {
        action,
        path: path.to_owned(),
        source,
    }
}
