//! What must not happen in front of customers, checked before the first request.
//!
//! In production each of these ends the program with a sentence that names the setting; elsewhere
//! it is at most a warning, so that a developer gets going without any setting at all. (That no
//! secret is made up in production is for [`crate::secrets`] to see to.)

use std::path::PathBuf;

use channels::KeyRing;
use db::Db;

use crate::error::Error;
use crate::secrets;
use crate::settings::{BaseUrl, Environment, Settings};
use crate::sqlite_file::{self, Held};

/// Why the service doesn't start in production.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "server.public_url is {0}, and with TRUNKLINE_ENV=production it must begin with https://: \
         Twilio sends customers' texts there"
    )]
    Unencrypted(String),
    #[error(
        "server.public_url isn't set, and with TRUNKLINE_ENV=production it must be the https:// \
         URL by which Twilio reaches this service: set TRUNKLINE__SERVER__PUBLIC_URL"
    )]
    NoPublicUrl,
    #[error(
        "{setting} is {seconds}, and with TRUNKLINE_ENV=production it must be {least} or more: \
         Twilio's list runs behind, and a text that isn't in it yet would be sent twice"
    )]
    Hasty {
        setting: &'static str,
        seconds: u16,
        least: u16,
    },
    #[error(
        "database.url: another process serves from the SQLite file {}; stop it, or give each \
         process a database of its own, or move to PostgreSQL", .0.display()
    )]
    Shared(PathBuf),
    #[error(
        "security.master_keys lacks {}, under which credentials in this database are sealed: put \
         the key back, after the current one; `trunkline keys rotate` makes it superfluous",
        .0.join(", ")
    )]
    LostKeys(Vec<String>),
}

/// What can be told from the settings alone.
pub(crate) fn check_settings(settings: &Settings) -> Result<(), Error> {
    secrets::check_configured(settings)?;
    match &settings.server.public_url {
        Some(url) => check_public_url(url, &settings.environment)?,
        None if settings.environment.is_production() => return Err(Refusal::NoPublicUrl.into()),
        None => {}
    }
    check_settling(settings)?;
    Ok(())
}

/// Shorter times are for tests, whose Twilio has no list that runs behind.
fn check_settling(settings: &Settings) -> Result<(), Refusal> {
    let queue = &settings.queue;
    let (after, again) = (queue.settle_after_seconds, queue.settle_again_seconds);
    for (setting, seconds, least) in [
        ("queue.settle_after_seconds", after.get(), 60),
        ("queue.settle_again_seconds", again.get(), 20),
    ] {
        if settings.environment.is_production() && seconds < least {
            return Err(Refusal::Hasty {
                setting,
                seconds,
                least,
            });
        }
    }
    Ok(())
}

/// Twilio's webhooks have to travel encrypted.
fn check_public_url(url: &BaseUrl, environment: &Environment) -> Result<(), Refusal> {
    if environment.is_production() && !url.is_https() {
        return Err(Refusal::Unencrypted(url.as_str().to_owned()));
    }
    Ok(())
}

/// Two processes on one SQLite file wait for each other with every write.
pub(crate) fn hold_sqlite_file(settings: &Settings) -> Result<Option<Held>, Error> {
    let Some(file) = settings.database.url.sqlite_file() else {
        return Ok(None);
    };
    let held = sqlite_file::hold(&file)?;
    if held.is_none() {
        if settings.environment.is_production() {
            return Err(Refusal::Shared(file).into());
        }
        tracing::warn!(
            file = %file.display(),
            "another process serves from this SQLite file: they will wait for each other"
        );
    }
    Ok(held)
}

/// Without its key a channel can neither send nor tell a genuine webhook.
pub(crate) async fn check_keys(
    db: &Db,
    keys: &KeyRing,
    environment: &Environment,
) -> Result<(), Error> {
    let sealed_under = channels::sealed_key_ids(db.read()).await?;
    let lost: Vec<String> = sealed_under
        .into_iter()
        .filter(|id| keys.get(id).is_none())
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    if environment.is_production() {
        return Err(Refusal::LostKeys(lost).into());
    }
    tracing::error!(
        keys = lost.join(", "),
        "credentials in this database are sealed under keys that security.master_keys and the \
         secrets file lack: their channels can neither send nor receive"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;
    use crate::settings::Sources;

    fn production(folder: &Path, more: &[(&str, &str)]) -> Settings {
        let url = format!("sqlite://{}/trunkline.db", folder.display());
        let all = [
            ("TRUNKLINE_ENV", "production"),
            ("TRUNKLINE__DATABASE__URL", url.as_str()),
        ];
        let all = all.iter().chain(more);
        let variables: BTreeMap<_, _> = all
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Settings::load(&Sources {
            variables,
            ..Sources::default()
        })
        .unwrap()
    }

    #[test]
    fn only_production_insists_on_an_encrypted_public_url() {
        let folder = Path::new("nowhere");
        let keys = format!("k1:{}", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let secrets = [
            ("TRUNKLINE__SECURITY__MASTER_KEYS", keys.as_str()),
            (
                "TRUNKLINE__SECURITY__JWT_SECRET",
                "0123456789abcdefghijklmnopqrstuv",
            ),
        ];
        let with_url = |url| {
            let [keys, jwt] = secrets;
            let settings = production(folder, &[keys, jwt, ("TRUNKLINE__SERVER__PUBLIC_URL", url)]);
            check_settings(&settings).map_err(|error| error.to_string())
        };
        with_url("https://sms.example.com").unwrap();
        for url in ["", "http://sms.example.com"] {
            let refusal = with_url(url).unwrap_err();
            assert!(refusal.starts_with("server.public_url"), "{refusal}");
        }
        check_settings(&Settings::built_in().unwrap()).unwrap();
    }

    #[test]
    fn production_refuses_to_settle_sooner_than_twilios_list_allows() {
        let asked = |more: &[(&str, &str)]| {
            check_settling(&production(Path::new("nowhere"), more)).map_err(|no| no.to_string())
        };
        asked(&[]).unwrap();
        for (variable, seconds, setting) in [
            ("SETTLE_AFTER_SECONDS", "59", "queue.settle_after_seconds"),
            ("SETTLE_AGAIN_SECONDS", "19", "queue.settle_again_seconds"),
        ] {
            let variable = format!("TRUNKLINE__QUEUE__{variable}");
            let refusal = asked(&[(variable.as_str(), seconds)]).unwrap_err();
            assert!(refusal.starts_with(setting), "{refusal}");
        }
    }

    #[test]
    fn production_refuses_a_sqlite_file_that_another_process_holds() {
        let folder = tempfile::tempdir().unwrap();
        let settings = production(folder.path(), &[]);
        let _other = hold_sqlite_file(&settings).unwrap();
        let refusal = hold_sqlite_file(&settings).unwrap_err().to_string();
        assert!(refusal.starts_with("database.url"), "{refusal}");
        let settings = Settings {
            environment: Environment::Development,
            ..settings
        };
        assert!(
            hold_sqlite_file(&settings).unwrap().is_none(),
            "a developer may go on"
        );
    }
}
