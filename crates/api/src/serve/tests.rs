use std::net::TcpListener;

use actix_web::web;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::fixture::App;

async fn talk(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[actix_web::test]
async fn it_answers_on_the_listener_it_is_given_until_it_is_stopped() {
    let app = App::sqlite().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let options = Options {
        workers: 1,
        shutdown_timeout: std::time::Duration::from_secs(1),
    };
    let state = web::Data::clone(&app.state);
    let server = serve(listener, state, options, |_| {}).unwrap();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);

    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(
        talk(address, &get("/healthz"))
            .await
            .starts_with("HTTP/1.1 200 OK")
    );
    let missing = talk(address, &get("/api/v1/nowhere")).await;
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    assert!(missing.contains("application/problem+json"), "{missing}");

    let head = get("/healthz").replace("GET", "HEAD");
    let answer = talk(address, &head).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.ends_with("\r\n\r\n"),
        "a body came with it: {answer}"
    );

    handle.stop(true).await;
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
