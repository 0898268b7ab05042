//! A store in a bucket, on an S3-compatible server that is not ours.
#![cfg(test)]

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use media::{Spooled, Store, StoreError};
use object_store::aws::AmazonS3Builder;
use test_s3::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};

fn bucket(server: &Server, secret: &str) -> Store {
    let bucket = AmazonS3Builder::new()
        .with_endpoint(server.url())
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_bucket_name(BUCKET)
        .with_access_key_id(ACCESS_KEY)
        .with_secret_access_key(secret)
        .with_retry(object_store::RetryConfig {
            max_retries: 0,
            ..Default::default()
        })
        .build()
        .unwrap();
    Store::bucket(bucket, "some/prefix")
}

async fn spooled(store: &Store, bytes: &[u8]) -> Spooled {
    let mut spool = store.spool(u64::MAX).unwrap();
    spool.write(bytes).await.unwrap();
    spool.finish().await.unwrap()
}

async fn read(store: &Store, key: &str, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let piece = store.get(key, range).await.unwrap();
    let pieces: Vec<_> = piece.bytes.try_collect().await.unwrap();
    pieces.concat()
}

#[tokio::test]
async fn files_of_any_length_come_back_as_they_were() {
    let server = Server::start().await.unwrap();
    let store = bucket(&server, SECRET_KEY);
    for length in [0, 1, 5_242_880, 12_345_678] {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let key = format!("tenant/{length}");
        let file = spooled(&store, &bytes).await;
        store.put(&key, "video/mp4", &file).await.unwrap();
        assert!(read(&store, &key, None).await == bytes, "{length} bytes");
    }
    let part = read(&store, "tenant/12345678", Some(12_345_670..99_999_999)).await;
    assert_eq!(part.len(), 8);
    let kept: Vec<String> = store
        .kept_before(DateTime::<Utc>::MAX_UTC)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(kept.len(), 4);
    for key in kept {
        store.delete(&key).await.unwrap();
        store.delete(&key).await.unwrap();
        let gone = store.get(&key, None).await;
        assert!(matches!(gone, Err(StoreError::NotFound)));
    }
    assert_eq!(server.files().unwrap(), 0);
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_the_secret() {
    let server = Server::start().await.unwrap();
    let wrong = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYWRONGKEY00";
    let shut = bucket(&server, wrong);
    let file = spooled(&shut, b"x").await;
    let error = shut.put("a", "text/plain", &file).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    let told = format!("{error:?} {error}");
    assert!(
        !told.contains(wrong) && !told.contains(SECRET_KEY),
        "{told}"
    );
    server.stop();
    let gone = bucket(&server, SECRET_KEY);
    let error = gone.get("a", None).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
    assert_eq!(server.files().unwrap(), 0);
}

#[tokio::test]
async fn a_bucket_belongs_to_who_came_first() {
    let server = Server::start().await.unwrap();
    let store = bucket(&server, SECRET_KEY);
    let (one, two) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    for who in [one, two, one] {
        assert_eq!(store.claim(who).await.unwrap(), one.to_string());
    }
    assert!(store.has("installation").await.unwrap());
    assert!(!store.has("tenant/none").await.unwrap());
}
