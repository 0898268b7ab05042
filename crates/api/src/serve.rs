//! The HTTP server.

use std::any::Any;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{HttpServer, web};
use socket2::SockRef;

use crate::routes;
use crate::state::State;

/// How many threads each worker has for what would hold it up: hashing, and writing files. Whatever is
/// over waits; each thread keeps some of the memory that it had.
const BLOCKING: usize = 8;

/// How the server runs.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads that answer.
    pub workers: usize,
    /// How long requests in flight may take to finish once the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            workers,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

/// How long a client may take to send a request's head: who sends a byte a minute holds a
/// connection and nothing more.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: longer than proxies usually do (60 s), since the one that
/// closes first never sends a request into a closing connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may leave what it was sent untaken.
const DEAF: Duration = Duration::from_secs(60);

/// A server on a listener that is already bound, so that its address is known before it starts.
/// `page` adds what is served besides the API, and is asked last.
/// It runs once it is awaited (or spawned); stop it by its handle, for it listens to no signals.
///
/// # Errors
/// When the operating system won't have the listener served.
pub fn serve(
    listener: TcpListener,
    state: web::Data<State>,
    options: Options,
    page: fn(&mut web::ServiceConfig),
) -> io::Result<Server> {
    let app = move || {
        // It is called on each thread that answers.
        db::home::settle();
        routes::app(state.clone(), page)
    };
    let server = HttpServer::new(app)
        .workers(options.workers)
        .on_connect(|connection, _| give_up_on_the_deaf(connection))
        .worker_max_blocking_threads(BLOCKING)
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}

/// A reader that takes nothing is let go: what it was sent waits in the kernel, and nobody else would
/// notice.
fn give_up_on_the_deaf(connection: &dyn Any) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        // Where the kernel won't, it gives up by itself after a quarter of an hour.
        let _ = SockRef::from(stream).set_tcp_user_timeout(Some(DEAF));
    }
}

#[cfg(test)]
mod tests;
