use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};
use std::thread;

use super::*;
use crate::settings::Sources;

fn settings(folder: &Path, more: &[(&str, &str)]) -> Settings {
    let url = format!("sqlite://{}/trunkline.db", folder.display());
    let mut variables = BTreeMap::from([("TRUNKLINE__DATABASE__URL".to_owned(), url)]);
    variables.extend(
        more.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    Settings::load(&Sources {
        variables,
        ..Sources::default()
    })
    .unwrap()
}

fn exposed(secrets: &Secrets) -> (String, String) {
    let key = secrets.key_ring.current().to_setting();
    (
        key.expose_secret().to_owned(),
        secrets.jwt_secret.expose_secret().to_owned(),
    )
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn secrets_are_made_once_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&folder.path().join("new"), &[]);
    let first = Secrets::load(&settings).unwrap();
    let second = Secrets::load(&settings).unwrap();
    assert_eq!(exposed(&first), exposed(&second));
    assert_eq!(mode(&path_for(&settings)), 0o600);
    let left: Vec<_> = fs::read_dir(folder.path().join("new")).unwrap().collect();
    assert_eq!(left.len(), 1, "no draft stays behind");
}

#[test]
fn replicas_that_start_at_once_share_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    let barrier = Arc::new(Barrier::new(8));
    let replicas: Vec<_> = (0..8)
        .map(|_| {
            let (settings, barrier) = (settings.clone(), barrier.clone());
            thread::spawn(move || {
                barrier.wait();
                exposed(&Secrets::load(&settings).unwrap())
            })
        })
        .collect();
    let mut all: Vec<_> = replicas
        .into_iter()
        .map(|replica| replica.join().unwrap())
        .collect();
    all.dedup();
    assert_eq!(all.len(), 1);
}

#[test]
fn what_is_configured_wins_and_the_rest_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "an0ther-secret-of-more-than-32-characters";
    let settings = settings(
        folder.path(),
        &[("TRUNKLINE__SECURITY__JWT_SECRET", secret)],
    );
    let secrets = Secrets::load(&settings).unwrap();
    assert_eq!(secrets.jwt_secret.expose_secret(), secret);
    assert!(!secrets.key_ring.current().id().is_empty());
}

#[test]
fn production_makes_nothing_up_and_names_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let production = ("TRUNKLINE_ENV", "production");
    let key = MasterKey::generate().to_setting();
    let keys = ("TRUNKLINE__SECURITY__MASTER_KEYS", key.expose_secret());

    let none = settings(folder.path(), &[production]);
    let error = Secrets::load(&none).unwrap_err().to_string();
    assert!(error.contains("security.master_keys"), "{error}");
    let half = settings(folder.path(), &[production, keys]);
    let error = Secrets::load(&half).unwrap_err().to_string();
    assert!(error.contains("TRUNKLINE__SECURITY__JWT_SECRET"), "{error}");
    assert!(!path_for(&none).exists());
}

#[test]
fn a_file_that_others_may_read_is_taken_away_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    Secrets::load(&settings).unwrap();
    let path = path_for(&settings);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    Secrets::load(&settings).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_damaged_file_is_named_but_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    fs::write(
        path_for(&settings),
        "master_keys = [\"k1:c2VjcmV0\"]\njwt_secret = \"hush\"\n",
    )
    .unwrap();
    let error = Secrets::load(&settings).unwrap_err().to_string();
    assert!(
        error.contains("secrets.toml") && error.contains("damaged"),
        "{error}"
    );
    assert!(
        !error.contains("c2VjcmV0") && !error.contains("hush"),
        "{error}"
    );
}
