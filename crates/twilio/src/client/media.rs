//! Files of messages: their bytes are not at the API but at a host that it redirects to.

use bytes::Bytes;
use reqwest::header::LOCATION;
use reqwest::{Method, Response, StatusCode, Url};

use super::{CallError, Client, Credentials, account_path};

/// How often a file may be somewhere else than was said.
const REDIRECTS: usize = 3;

/// Where Twilio keeps files: these hosts and those below them.
const HOSTS: [&str; 2] = ["twilio.com", "twiliocdn.com"];

/// And this bucket, by the names of the service that has it.
const BUCKET_HOSTS: [&str; 2] = ["s3.amazonaws.com", "s3-external-1.amazonaws.com"];
const BUCKET: &str = "/media.twiliocdn.com/";

/// A file by the names that Twilio has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaAddress {
    message_sid: String,
    media_sid: String,
}

impl MediaAddress {
    /// Reads the URL of a webhook's `MediaUrl…`. Only its path counts, and only within the account
    /// that signed the webhook: whatever host it names, the credentials go to the API.
    #[must_use]
    pub fn read(url: &str, account_sid: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let path = url.path().trim_end_matches(".json");
        let mut parts = path.strip_prefix("/2010-04-01/Accounts/")?.split('/');
        let mut next = || parts.next();
        let (account, messages, message_sid) = (next()?, next()?, next()?);
        let (media, media_sid) = (next()?, next()?);
        let is_sid =
            |text: &str| text.len() == 34 && text.bytes().all(|b| b.is_ascii_alphanumeric());
        let fits = account == account_sid
            && (messages, media) == ("Messages", "Media")
            && is_sid(message_sid)
            && is_sid(media_sid)
            && next().is_none();
        fits.then(|| Self {
            message_sid: message_sid.to_owned(),
            media_sid: media_sid.to_owned(),
        })
    }

    /// The message that it came with.
    #[must_use]
    pub fn message_sid(&self) -> &str {
        &self.message_sid
    }

    /// `ME…`.
    #[must_use]
    pub fn media_sid(&self) -> &str {
        &self.media_sid
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct MediaBytes {
    response: Response,
}

impl MediaBytes {
    /// How many bytes it says it has.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// What comes next; nothing at its end.
    ///
    /// # Errors
    /// When the connection breaks or takes too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, CallError> {
        self.response.chunk().await.map_err(CallError::no_answer)
    }
}

impl Client {
    /// Opens a file. The credentials go to the API and to nobody else; of the hosts that it redirects
    /// to, only Twilio's are asked.
    ///
    /// # Errors
    /// [`CallError`]; one that is not there (any more, or yet) is a refusal with status 404.
    pub async fn open_media(
        &self,
        credentials: &Credentials,
        address: &MediaAddress,
    ) -> Result<MediaBytes, CallError> {
        let url = format!(
            "{}{}/Messages/{}/Media/{}",
            self.base_url,
            account_path(credentials),
            address.message_sid,
            address.media_sid
        );
        let mut current = Url::parse(&url).map_err(|_| CallError::Invalid("address of a file"))?;
        let mut request = self.authorized(Method::GET, &url, credentials);
        for _ in 0..=REDIRECTS {
            let response = request.send().await.map_err(CallError::from_transport)?;
            if !response.status().is_redirection() {
                let response = self.accepted(response, credentials).await?;
                return Ok(MediaBytes { response });
            }
            current = self.target(&current, &response)?;
            request = self.http.get(current.clone());
        }
        Err(elsewhere(Some(&current)))
    }

    fn target(&self, from: &Url, response: &Response) -> Result<Url, CallError> {
        let known = [
            StatusCode::MOVED_PERMANENTLY,
            StatusCode::FOUND,
            StatusCode::SEE_OTHER,
            StatusCode::TEMPORARY_REDIRECT,
            StatusCode::PERMANENT_REDIRECT,
        ];
        let location = response
            .headers()
            .get(LOCATION)
            .filter(|_| known.contains(&response.status()));
        let location = location.and_then(|value| value.to_str().ok());
        let url = location.and_then(|location| from.join(location).ok());
        match url {
            Some(url) if self.may_hold_media(&url) => Ok(url),
            url => Err(elsewhere(url.as_ref())),
        }
    }

    /// Whether a host is Twilio's; of a stand-in, whether it is on the stand-in's own.
    fn may_hold_media(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let base = Url::parse(&self.base_url).ok();
        let base = base
            .as_ref()
            .and_then(|base| base.host_str())
            .unwrap_or_default();
        if !is_below(base, "twilio.com") {
            return host == base && matches!(url.scheme(), "http" | "https");
        }
        let twilio = HOSTS.iter().any(|known| is_below(host, known));
        let bucket = BUCKET_HOSTS.contains(&host) && url.path().starts_with(BUCKET);
        url.scheme() == "https" && url.port().is_none() && (twilio || bucket)
    }
}

/// The host alone: what stands behind it may be a key to the file.
fn elsewhere(url: Option<&Url>) -> CallError {
    let host = url.and_then(Url::host_str).unwrap_or("no address");
    CallError::Elsewhere(host.to_owned())
}

fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{DEFAULT_BASE_URL, Timeouts};

    const ACCOUNT: &str = "AC00000000000000000000000000000001";
    const MESSAGE: &str = "MM00000000000000000000000000000001";
    const MEDIA: &str = "ME00000000000000000000000000000001";

    fn read(url: &str) -> Option<MediaAddress> {
        MediaAddress::read(url, ACCOUNT)
    }

    #[test]
    fn only_a_file_of_the_account_has_an_address() {
        let path = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{MEDIA}");
        for host in [
            "https://api.twilio.com",
            "http://169.254.169.254",
            "https://evil.example",
        ] {
            let address = read(&format!("{host}{path}")).unwrap();
            assert_eq!(
                (address.message_sid(), address.media_sid()),
                (MESSAGE, MEDIA)
            );
        }
        let other = path.replace(ACCOUNT, "AC00000000000000000000000000000002");
        for bad in [
            "",
            "not a url",
            "https://api.twilio.com/",
            &format!("https://api.twilio.com{other}"),
            &format!("https://api.twilio.com{path}/../../../Keys"),
            &format!("https://api.twilio.com{path}/more"),
            &format!(
                "https://api.twilio.com{}",
                path.replace("Media", "Feedback")
            ),
            &format!("https://api.twilio.com{}", path.replace(MEDIA, "..")),
            &format!("https://api.twilio.com{}", path.replace(MEDIA, "ME%2f")),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    fn client(base: &str) -> Client {
        Client::new(base.parse().unwrap(), Timeouts::default()).unwrap()
    }

    fn leads_to(base: &str, url: &str) -> bool {
        client(base).may_hold_media(&url.parse().unwrap())
    }

    #[test]
    fn twilio_keeps_files_at_its_own_hosts() {
        for good in [
            "https://mms.twiliocdn.com/AC1/x",
            "https://media.twiliocdn.com/x?Expires=1",
            "https://api.twilio.com/x",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/x",
        ] {
            assert!(leads_to(DEFAULT_BASE_URL, good), "{good}");
        }
        for bad in [
            "http://mms.twiliocdn.com/x",
            "https://mms.twiliocdn.com:8443/x",
            "https://user@mms.twiliocdn.com/x",
            "https://eviltwiliocdn.com/x",
            "https://twiliocdn.com.evil.example/x",
            "https://s3-external-1.amazonaws.com/other/x",
            "https://169.254.169.254/latest/meta-data",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://localhost/x",
            "ftp://mms.twiliocdn.com/x",
        ] {
            assert!(!leads_to(DEFAULT_BASE_URL, bad), "{bad}");
        }
    }

    #[test]
    fn a_stand_in_keeps_files_on_its_own_host() {
        let base = "http://127.0.0.1:4010";
        assert!(leads_to(base, "http://127.0.0.1:4011/x"));
        assert!(!leads_to(base, "http://127.0.0.2:4011/x"));
        assert!(!leads_to(base, "http://localhost:4011/x"));
        assert!(!leads_to(base, "https://mms.twiliocdn.com/x"));
    }
}
