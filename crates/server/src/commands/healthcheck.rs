//! `trunkline healthcheck`: for containers, whose image holds no other HTTP client.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::Error;
use crate::settings::Settings;

const PATIENCE: Duration = Duration::from_secs(3);

/// Fails unless `GET /healthz` is answered with 200.
pub(super) fn run(settings: &Settings) -> Result<(), Error> {
    let address = reachable(settings.server.bind);
    match ask(address) {
        Ok(200) => Ok(()),
        Ok(status) => Err(Error::Unhealthy {
            address,
            answer: format!("it answers {status}"),
        }),
        Err(error) => Err(Error::Unhealthy {
            address,
            answer: error.to_string(),
        }),
    }
}

/// Who listens on all addresses is reached by the loopback one.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

fn ask(address: SocketAddr) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    // In one piece: who answers after the first may hang up before the next.
    stream.write_all(request.as_bytes())?;
    // "HTTP/1.1 200": nothing after it matters.
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    std::str::from_utf8(&start)
        .ok()
        .and_then(|start| start.strip_prefix("HTTP/1.1 "))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "this is no HTTP server"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answering(answer: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 256]).unwrap() > 0);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    #[test]
    fn the_status_is_read_from_the_answer() {
        assert_eq!(ask(answering("HTTP/1.1 200 OK\r\n\r\n")).unwrap(), 200);
        assert_eq!(ask(answering("HTTP/1.1 503 Away\r\n\r\n")).unwrap(), 503);
    }

    #[test]
    fn what_is_no_http_server_or_not_there_is_no_good_sign() {
        assert!(ask(answering("SSH-2.0-OpenSSH_9.2\r\n")).is_err());
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert!(ask(free).is_err());
    }

    #[test]
    fn who_listens_everywhere_is_asked_by_loopback() {
        assert_eq!(
            reachable("0.0.0.0:80".parse().unwrap()).to_string(),
            "127.0.0.1:80"
        );
        assert_eq!(
            reachable("[::]:80".parse().unwrap()).to_string(),
            "[::1]:80"
        );
        assert_eq!(
            reachable("10.0.0.5:80".parse().unwrap()).to_string(),
            "10.0.0.5:80"
        );
    }
}
