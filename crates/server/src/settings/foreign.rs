//! Environment names that people bring along from elsewhere.
//!
//! In development they are understood, as the weakest layer after the defaults, and a warning
//! names the right setting. Anywhere else they only cause that warning: on a server a stray
//! `PORT` or a forgotten Twilio account must not decide anything.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use secrecy::SecretString;
use url::Url;

use super::{Environment, Layer};

/// What means the public URL, the most telling first.
const PUBLIC_URL: [&str; 4] = ["WEBHOOK_URL", "BACKEND_URL", "API_URL", "BASE_URL"];
/// What together means a channel.
const TWILIO: [&str; 4] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_PHONE_NUMBER",
    "TWILIO_TEST_MODE",
];

/// A channel for the first tenant, as the foreign names describe it.
#[derive(Clone, Debug)]
pub(crate) struct ForeignChannel {
    pub(crate) account_sid: String,
    pub(crate) auth_token: SecretString,
    pub(crate) phone_number: String,
    /// `TWILIO_TEST_MODE`: where it comes from it means a trial account, whose texts reach verified
    /// numbers only and begin with a sentence of Twilio's; not Twilio's test credentials.
    pub(crate) test_mode: bool,
}

/// What the foreign names say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foreign {
    pub(crate) channel: Option<ForeignChannel>,
    /// What to tell the operator once there is a log.
    pub(crate) warnings: Vec<String>,
}

/// One of our settings under a foreign name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) key: &'static str,
    pub(super) variable: &'static str,
    pub(super) value: String,
}

/// The settings that foreign names stand for; `bind` gives the address that goes with `PORT`.
///
/// What makes no sense as such a setting is left alone: these names belong to somebody else.
pub(super) fn aliases(variables: &BTreeMap<String, String>, bind: &str) -> Vec<Alias> {
    let port = variables
        .get("PORT")
        .and_then(|port| port.trim().parse().ok());
    let address = bind
        .parse()
        .ok()
        .zip(port)
        .map(|(mut address, port): (SocketAddr, u16)| {
            address.set_port(port);
            address.to_string()
        });
    let bind = address.map(|value| Alias {
        key: "server.bind",
        variable: "PORT",
        value,
    });
    let public_url = PUBLIC_URL.into_iter().find_map(|variable| {
        let value = origin_of(variables.get(variable)?)?;
        Some(Alias {
            key: "server.public_url",
            variable,
            value,
        })
    });
    bind.into_iter().chain(public_url).collect()
}

/// Scheme, host and port: such variables often go on with the path of one route.
fn origin_of(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web.then(|| url.origin().ascii_serialization())
}

/// Turns aliases into a layer.
pub(super) fn layer(aliases: &[Alias]) -> Layer {
    Layer::of(
        aliases
            .iter()
            .map(|alias| (alias.key, alias.variable, alias.value.as_str())),
    )
}

/// What there is to say about foreign names: `used` are the aliases that were not overridden.
pub(super) fn read(
    variables: &BTreeMap<String, String>,
    environment: &Environment,
    used: &[Alias],
) -> Foreign {
    let set = |name: &&str| {
        variables
            .get(*name)
            .is_some_and(|value| !value.trim().is_empty())
    };
    if !environment.is_development() {
        let names = ["PORT"]
            .into_iter()
            .chain(PUBLIC_URL)
            .chain(TWILIO)
            .filter(set);
        return Foreign {
            channel: None,
            warnings: names.map(ignored).collect(),
        };
    }
    let mut warnings: Vec<String> = used.iter().map(understood).collect();
    let channel = channel(variables);
    if channel.is_some() {
        warnings.push(
            "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER are understood as a \
             channel of the first tenant, in development only; connect channels by POST \
             /api/v1/channels instead"
                .to_owned(),
        );
    } else if TWILIO.iter().any(set) {
        warnings.push(
            "TWILIO_… variables are set, but not all of TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and \
             TWILIO_PHONE_NUMBER: they are ignored; connect channels by POST /api/v1/channels"
                .to_owned(),
        );
    }
    Foreign { channel, warnings }
}

fn channel(variables: &BTreeMap<String, String>) -> Option<ForeignChannel> {
    let get = |name: &str| {
        variables
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    };
    let test_mode = get("TWILIO_TEST_MODE").unwrap_or_default().to_lowercase();
    Some(ForeignChannel {
        account_sid: get("TWILIO_ACCOUNT_SID")?.to_owned(),
        auth_token: get("TWILIO_AUTH_TOKEN")?.into(),
        phone_number: get("TWILIO_PHONE_NUMBER")?.to_owned(),
        test_mode: matches!(test_mode.as_str(), "1" | "true" | "yes" | "on"),
    })
}

fn understood(alias: &Alias) -> String {
    let Alias {
        key,
        variable,
        value,
    } = alias;
    format!(
        "{variable} is understood as {key} = {value}, in development only; set {} instead",
        own_variable(key)
    )
}

fn ignored(name: &str) -> String {
    match name {
        "PORT" => format!(
            "PORT is ignored; set {} instead",
            own_variable("server.bind")
        ),
        name if PUBLIC_URL.contains(&name) => {
            format!(
                "{name} is ignored; set {} instead",
                own_variable("server.public_url")
            )
        }
        name => format!("{name} is ignored; connect channels by POST /api/v1/channels instead"),
    }
}

/// The environment variable of a setting.
pub(crate) fn own_variable(key: &str) -> String {
    format!("TRUNKLINE__{}", key.replace('.', "__").to_uppercase())
}
