//! A bucket as a store: objects are created with `If-None-Match` and replaced with `If-Match`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::path::Path;
use object_store::{
    ClientConfigKey, Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig,
    UpdateVersion,
};

use super::{Claim, Listed, Storage, StorageError, Stored, Version};

/// How long one request may take, and one with all its repetitions: an admission review is answered
/// within five seconds, or not at all.
const REQUEST_TIMEOUT: &str = "3s";
const RETRY_TIMEOUT: Duration = Duration::from_secs(4);
/// How often a request is repeated.
const RETRIES_MAX: usize = 2;
/// How many objects are written at a time.
const PARALLEL_MAX: usize = 8;

/// A prefix in a bucket.
#[derive(Clone, Debug)]
pub struct Remote {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl Remote {
    /// The store of `s3://bucket/prefix`. Region, endpoint and credentials come from the usual
    /// variables (`AWS_REGION`, `AWS_ENDPOINT_URL`, …), the web identity or the instance.
    ///
    /// # Errors
    /// The URL has no bucket, or the settings contradict each other.
    pub fn s3(url: &str) -> Result<Self, StorageError> {
        let wrong = |reason: String| StorageError::Url {
            url: url.to_owned(),
            reason,
        };
        let rest = url.strip_prefix("s3://").unwrap_or(url);
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(wrong("it names no bucket".to_owned()));
        }
        let retry = RetryConfig {
            max_retries: RETRIES_MAX,
            retry_timeout: RETRY_TIMEOUT,
            ..RetryConfig::default()
        };
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_retry(retry)
            .with_config(
                AmazonS3ConfigKey::Client(ClientConfigKey::Timeout),
                REQUEST_TIMEOUT,
            )
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self::new(Arc::new(store), prefix))
    }

    /// What lies below a prefix of a store.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        Self {
            store,
            prefix: prefix.trim_matches('/').to_owned(),
        }
    }

    fn full(&self, path: &str) -> String {
        match (self.prefix.as_str(), path) {
            ("", path) => path.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, path) => format!("{prefix}/{path}"),
        }
    }

    fn path(&self, action: &'static str, path: &str) -> Result<Path, StorageError> {
        let full = self.full(path);
        Path::parse(&full).map_err(|source| StorageError::Remote {
            action,
            path: full,
            reason: source.to_string(),
        })
    }

    /// A path of a listing, relative to the store.
    fn relative(&self, path: &Path) -> String {
        let path = path.as_ref();
        let rest = path.strip_prefix(&self.prefix).unwrap_or(path);
        rest.trim_start_matches('/').to_owned()
    }

    async fn put(&self, path: &str, bytes: &[u8], mode: PutMode) -> Result<Version, Error> {
        let options = PutOptions::from(mode);
        let location = Path::parse(self.full(path))?;
        let put = self
            .store
            .put_opts(&location, bytes.to_vec().into(), options)
            .await?;
        Ok(Version(UpdateVersion {
            e_tag: put.e_tag,
            version: put.version,
        }))
    }

    async fn create_one(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        match self.put(path, bytes, PutMode::Create).await {
            Ok(_) => Ok(()),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                // A request that was repeated may have come through the first time.
                match self.read(path).await? {
                    Some(there) if there.bytes == bytes => Ok(()),
                    _ => Err(StorageError::Conflict {
                        path: path.to_owned(),
                    }),
                }
            }
            Err(cause) => Err(self.error("create", path, &cause)),
        }
    }

    fn error(&self, action: &'static str, path: &str, cause: &Error) -> StorageError {
        let mut reason = cause.to_string();
        let mut source = std::error::Error::source(cause);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !reason.contains(&text) {
                reason = format!("{reason}: {text}");
            }
            source = cause.source();
        }
        StorageError::Remote {
            action,
            path: self.full(path),
            reason,
        }
    }
}

#[async_trait]
impl Storage for Remote {
    async fn claim(&self, _: &str) -> Result<Claim, StorageError> {
        Ok(Claim { _lock: None })
    }

    async fn read(&self, path: &str) -> Result<Option<Stored>, StorageError> {
        let result = match self.store.get(&self.path("read", path)?).await {
            Ok(result) => result,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(cause) => return Err(self.error("read", path, &cause)),
        };
        let version = Version(UpdateVersion {
            e_tag: result.meta.e_tag.clone(),
            version: result.meta.version.clone(),
        });
        let bytes = result
            .bytes()
            .await
            .map_err(|cause| self.error("read", path, &cause))?;
        Ok(Some(Stored {
            bytes: bytes.to_vec(),
            version,
        }))
    }

    async fn create(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError> {
        // Bundles before all else: what is in them can be finished, what is not is lost.
        let (bundles, tiles): (Vec<_>, Vec<_>) = files
            .iter()
            .partition(|(path, _)| path.contains("/tile/entries/"));
        for files in [bundles, tiles] {
            let mut writes = Vec::new();
            for (path, bytes) in files {
                writes.push(self.create_one(path, bytes));
            }
            let mut writes = futures::stream::iter(writes).buffer_unordered(PARALLEL_MAX);
            while let Some(result) = writes.next().await {
                result?;
            }
        }
        Ok(())
    }

    async fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        before: Option<&Version>,
    ) -> Result<Version, StorageError> {
        let mode = match before {
            None => PutMode::Create,
            Some(Version(version)) => PutMode::Update(version.clone()),
        };
        match self.put(path, bytes, mode).await {
            Ok(version) => Ok(version),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => {
                match self.read(path).await? {
                    Some(there) if there.bytes == bytes => Ok(there.version),
                    _ => Err(StorageError::Conflict {
                        path: path.to_owned(),
                    }),
                }
            }
            Err(cause) => Err(self.error("replace", path, &cause)),
        }
    }

    async fn delete(&self, paths: &[String]) -> Result<(), StorageError> {
        for path in paths {
            match self.store.delete(&self.path("delete", path)?).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(cause) => return Err(self.error("delete", path, &cause)),
            }
        }
        Ok(())
    }

    async fn list(&self, below: &str) -> Result<Vec<Listed>, StorageError> {
        let prefix = self.path("list", below)?;
        let objects = self.store.list(Some(&prefix)).try_collect::<Vec<_>>().await;
        let objects = objects.map_err(|cause| self.error("list", below, &cause))?;
        let mut listed: Vec<Listed> = objects
            .into_iter()
            .map(|object| Listed {
                path: self.relative(&object.location),
                bytes: object.size,
            })
            .collect();
        listed.sort();
        Ok(listed)
    }

    async fn directories(&self, of: &str) -> Result<Vec<String>, StorageError> {
        let prefix = self.path("list", of)?;
        let result = self.store.list_with_delimiter(Some(&prefix)).await;
        let result = result.map_err(|cause| self.error("list", of, &cause))?;
        let mut names: Vec<String> = result
            .common_prefixes
            .iter()
            .filter_map(|path| path.filename().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }
}
