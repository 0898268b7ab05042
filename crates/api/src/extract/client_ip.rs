//! Where a request comes from, as far as that can be believed.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use ipnet::IpNet;

use super::state;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// An entry that is no address and no network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither an address nor a network like 10.0.0.0/8")]
pub struct BadProxy(pub String);

impl TrustedProxies {
    /// Reads addresses (`10.0.0.1`) and networks (`10.0.0.0/8`).
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, BadProxy> {
        let network = |entry: &S| {
            let entry = entry.as_ref().trim();
            entry
                .parse::<IpNet>()
                .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| BadProxy(entry.to_owned()))
        };
        entries
            .iter()
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The client's address: the peer of the connection, or what trusted proxies say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// Reads the chain of proxies from our end, as far as it is trusted: what stands before the
    /// last trusted proxy may have been made up by the client.
    #[must_use]
    pub fn of(request: &HttpRequest, trusted: &TrustedProxies) -> Self {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let mut client = peer.to_canonical();
        let named: Vec<&str> = request
            .headers()
            .get_all(FORWARDED_FOR)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in named.into_iter().rev() {
            if !trusted.trusts(client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        Self(client)
    }
}

impl FromRequest for ClientIp {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trusted = state(request).map(|state| state.settings.trusted_proxies.clone());
        ready(Ok(Self::of(request, &trusted.unwrap_or_default())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, forwarded: &str) -> String {
        let trusted = TrustedProxies::parse(&["10.0.0.0/8", "192.0.2.7"]).unwrap();
        let request = TestRequest::get()
            .peer_addr(format!("{peer}:4711").parse().unwrap())
            .insert_header((FORWARDED_FOR, forwarded))
            .to_http_request();
        ClientIp::of(&request, &trusted).0.to_string()
    }

    #[test]
    fn a_stranger_can_not_say_who_they_are() {
        assert_eq!(client("203.0.113.9", "198.51.100.1"), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed() {
        assert_eq!(client("10.1.2.3", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn only_the_trusted_end_of_the_chain_is_believed() {
        assert_eq!(
            client("10.1.2.3", "1.1.1.1, 198.51.100.1, 192.0.2.7"),
            "198.51.100.1"
        );
        assert_eq!(client("10.1.2.3", "1.1.1.1, nonsense"), "10.1.2.3");
    }

    #[test]
    fn an_entry_that_is_no_network_is_refused() {
        assert!(TrustedProxies::parse(&["10.0.0.0/8", "proxy.example"]).is_err());
    }
}
