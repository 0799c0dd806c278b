use object_store::memory::InMemory;

use super::*;

fn stores() -> (Vec<Arc<dyn Storage>>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let local = Local::new(directory.path().join("new/store"));
    let remote = Remote::new(Arc::new(InMemory::new()), "some/prefix/");
    (vec![Arc::new(local), Arc::new(remote)], directory)
}

fn file(path: &str, bytes: &str) -> (String, Vec<u8>) {
    (path.to_owned(), bytes.as_bytes().to_vec())
}

#[tokio::test]
async fn a_file_is_created_once_and_never_overwritten() {
    let (stores, _directory) = stores();
    for store in stores {
        let files = [
            file("r/e/tile/entries/000.p/1", "one"),
            file("r/e/tile/0/000.p/1", "two"),
        ];
        store.create(&files).await.unwrap();
        store.create(&files).await.unwrap();
        let conflict = store.create(&[file("r/e/tile/0/000.p/1", "other")]).await;
        assert!(
            matches!(conflict, Err(StorageError::Conflict { .. })),
            "{store:?}"
        );
        let read = store.read("r/e/tile/0/000.p/1").await.unwrap().unwrap();
        assert_eq!(read.bytes, b"two");
        assert!(store.read("r/e/tile/0/000").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn files_are_listed_replaced_and_deleted() {
    let (stores, _directory) = stores();
    for store in stores {
        assert_eq!(store.list("").await.unwrap(), []);
        let first = store.replace("r/e/checkpoint", b"1", None).await.unwrap();
        store
            .replace("r/e/checkpoint", b"22", Some(&first))
            .await
            .unwrap();
        store
            .create(&[file("r/e/tile/0/000.p/1", "two")])
            .await
            .unwrap();
        let paths: Vec<String> = store
            .list("r/e")
            .await
            .unwrap()
            .into_iter()
            .map(|l| l.path)
            .collect();
        assert_eq!(paths, ["r/e/checkpoint", "r/e/tile/0/000.p/1"]);
        assert_eq!(store.directories("").await.unwrap(), ["r"]);
        assert!(
            store
                .directories("r")
                .await
                .unwrap()
                .contains(&"e".to_owned())
        );
        let gone = ["r/e/tile/0/000.p/1".to_owned(), "r/e/no".to_owned()];
        store.delete(&gone).await.unwrap();
        let left = store.list("r/e").await.unwrap();
        assert_eq!(
            left,
            [Listed {
                path: "r/e/checkpoint".to_owned(),
                bytes: 2
            }]
        );
    }
}

#[tokio::test]
async fn a_bucket_replaces_only_what_was_read() {
    let store = Remote::new(Arc::new(InMemory::new()), "");
    let first = store.replace("r/e/checkpoint", b"1", None).await.unwrap();
    store
        .replace("r/e/checkpoint", b"2", Some(&first))
        .await
        .unwrap();
    for before in [None, Some(&first)] {
        let conflict = store.replace("r/e/checkpoint", b"3", before).await;
        assert!(matches!(conflict, Err(StorageError::Conflict { .. })));
        // What is there already is as good as written.
        store.replace("r/e/checkpoint", b"2", before).await.unwrap();
    }
}

#[tokio::test]
async fn a_directory_has_one_writer_for_each_replica() {
    let directory = tempfile::tempdir().unwrap();
    let store = Local::new(directory.path());
    let claim = store.claim("one").await.unwrap();
    store.claim("two").await.unwrap();
    let second = store.claim("one").await.unwrap_err();
    assert!(
        second
            .to_string()
            .contains("another process writes the logs"),
        "{second}"
    );
    drop(claim);
    store.claim("one").await.unwrap();
}

#[test]
fn a_url_of_no_store_is_refused_with_what_to_give() {
    for (url, reason) in [
        ("", "it is empty"),
        ("file://relative", "the directory's path is not absolute"),
        ("s3:///prefix", "it names no bucket"),
        ("ftp://host", "its scheme is not known"),
        ("gs:/bucket/prefix", "it looks like a URL without `//`"),
        ("s3:bucket", "it looks like a URL without `//`"),
    ] {
        let error = open(url).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(error.contains("file:///directory"), "{error}");
    }
}
