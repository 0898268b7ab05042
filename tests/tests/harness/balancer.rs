//! One address for several replicas, as a load balancer gives them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Passes each connection on to the next of its servers that takes it.
pub(crate) struct Balancer {
    address: SocketAddr,
    servers: Arc<Mutex<Vec<String>>>,
}

impl Balancer {
    /// One without servers as yet: they are told its address before they have their own.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let servers = Arc::<Mutex<Vec<String>>>::default();
        let turn = AtomicUsize::new(0);
        let known = Arc::clone(&servers);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut order = known.lock().unwrap().clone();
                let first = turn.fetch_add(1, Ordering::Relaxed) % Ord::max(order.len(), 1);
                order.rotate_left(first);
                tokio::spawn(pass(client, order));
            }
        });
        Self { address, servers }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, to these.
    pub(crate) fn send_to<'a>(&self, urls: impl IntoIterator<Item = &'a str>) {
        let addresses = urls
            .into_iter()
            .map(|url| url.trim_start_matches("http://").to_owned());
        *self.servers.lock().unwrap() = addresses.collect();
    }
}

async fn pass(mut client: TcpStream, servers: Vec<String>) {
    for server in servers {
        if let Ok(mut server) = TcpStream::connect(server).await {
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
