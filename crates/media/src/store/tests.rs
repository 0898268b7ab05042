//! A store in a folder. The same on a bucket: `tests/s3.rs`.

use chrono::TimeZone;

use super::*;

async fn spooled(store: &Store, bytes: &[u8]) -> Spooled {
    let mut spool = store.spool(u64::MAX).unwrap();
    spool.write(bytes).await.unwrap();
    spool.finish().await.unwrap()
}

async fn read(store: &Store, key: &str, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    all(store.get(key, range).await.unwrap()).await
}

async fn all(piece: Piece) -> Vec<u8> {
    let pieces: Vec<Bytes> = piece.bytes.try_collect().await.unwrap();
    pieces.concat()
}

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(&format!("file://{}", folder.path().join("media").display())).unwrap()
}

#[tokio::test]
async fn a_file_of_any_length_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    for length in [0, 1, 262_143, 262_144, 262_145, 524_288, 5_242_881] {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let key = format!("tenant/{length}");
        let file = spooled(&store, &bytes).await;
        store.put(&key, "video/mp4", &file).await.unwrap();
        assert!(read(&store, &key, None).await == bytes, "{length} bytes");
    }
    let part = store
        .get("tenant/5242881", Some(5_242_870..9_999_999))
        .await
        .unwrap();
    assert_eq!(
        (part.range.clone(), part.size),
        (5_242_870..5_242_881, 5_242_881)
    );
    assert_eq!(all(part).await.len(), 11);
}

#[tokio::test]
async fn what_was_removed_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    store
        .put_bytes("a/b", "text/plain", b"x".to_vec())
        .await
        .unwrap();
    store.delete("a/b").await.unwrap();
    store.delete("a/b").await.unwrap();
    assert!(matches!(
        store.get("a/b", None).await,
        Err(StoreError::NotFound)
    ));
}

#[tokio::test]
async fn old_files_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    store
        .put_bytes("a/b", "text/plain", b"x".to_vec())
        .await
        .unwrap();
    let old: Vec<_> = store.kept_before(DateTime::UNIX_EPOCH).collect().await;
    assert!(old.is_empty());
    let all: Vec<_> = store
        .kept_before(DateTime::<Utc>::MAX_UTC)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(all, ["a/b"]);
}

#[tokio::test]
async fn a_store_belongs_to_who_came_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for who in [one, two, one] {
        assert_eq!(store.claim(who).await.unwrap(), one.to_string());
    }
}

#[tokio::test]
async fn what_was_never_whole_is_removed_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    store
        .put_bytes("a/b", "text/plain", b"x".to_vec())
        .await
        .unwrap();
    let kept = folder.path().join("media/kept");
    for name in ["a/c#1", "a/d#12", "a/e#", "a/f#g"] {
        std::fs::write(kept.join(name), b"half").unwrap();
    }
    let listed: Vec<_> = store.kept_before(DateTime::<Utc>::MAX_UTC).collect().await;
    assert!(listed.iter().flatten().all(|key| !key.contains("#1")));
    store.remove_staged(DateTime::UNIX_EPOCH).await.unwrap();
    assert!(kept.join("a/c#1").exists());
    store
        .remove_staged(Utc.timestamp_opt(4_000_000_000, 0).unwrap())
        .await
        .unwrap();
    for (name, there) in [
        ("a/b", true),
        ("a/c#1", false),
        ("a/d#12", false),
        ("a/e#", true),
        ("a/f#g", true),
    ] {
        assert_eq!(kept.join(name).exists(), there, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    store(&folder);
    for name in ["media", "media/kept", "media/coming"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}

#[test]
fn a_url_of_another_kind_is_refused() {
    for url in ["", "data/media", "s3://", "gs://bucket"] {
        assert!(matches!(Store::open(url), Err(OpenError::Url)), "{url}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Store::open(&format!("file://{}", file.path().display())).unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }));
}
